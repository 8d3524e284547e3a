//! Token type identifiers (RFC 8693 §3) and token type hints (RFC 7009 §2.1): which kind of token a
//! text is.

use std::fmt;

use crate::base::uri;
use crate::domain::refusal::Printable;

/// A token type identifier (RFC 8693 §3): a URI that says which kind of token a text is.
///
/// Read from its short name or from the URI itself; any other absolute URI is kept as it is.
///
/// ```
/// use oauth_proto::domain::token_type::TokenTypeIdentifier;
///
/// let saml = TokenTypeIdentifier::from("saml2");
/// assert_eq!(saml, TokenTypeIdentifier::Saml2);
/// assert_eq!(saml.as_str(), "urn:ietf:params:oauth:token-type:saml2");
/// assert_eq!(TokenTypeIdentifier::from(saml.as_str()).short_name(), Some("saml2"));
///
/// let other = TokenTypeIdentifier::from("urn:example:ticket");
/// assert_eq!(other.as_str(), "urn:example:ticket");
/// assert_eq!(other.short_name(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenTypeIdentifier {
    /// `access_token`: "an OAuth 2.0 access token issued by the given authorization server".
    AccessToken,
    /// `id_token`: an ID token (OpenID Connect Core 1.0 §2).
    IdToken,
    /// `jwt`: a JWT (RFC 7519 §9), whatever it is for.
    Jwt,
    /// `refresh_token`: "an OAuth 2.0 refresh token issued by the given authorization server".
    RefreshToken,
    /// `saml1`: "a base64url-encoded SAML 1.1 assertion".
    Saml1,
    /// `saml2`: "a base64url-encoded SAML 2.0 assertion".
    Saml2,
    /// "Other URIs MAY be used to indicate other token types."
    Other(String),
}

impl TokenTypeIdentifier {
    /// The URI, as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(uri) = self {
            return uri;
        }
        REGISTERED
            .iter()
            .find(|(own, _, _)| own == self)
            .map_or("", |(_, _, uri)| uri)
    }

    /// The last part of the URI of a registered type, such as `access_token`.
    #[must_use]
    pub fn short_name(&self) -> Option<&'static str> {
        REGISTERED
            .iter()
            .find(|(own, _, _)| own == self)
            .map(|(_, name, _)| *name)
    }

    /// From a peer, who sends URIs; none where `text` is none.
    pub(crate) fn of_uri(text: &str) -> Option<Self> {
        uri::is_absolute(text).then(|| Self::from(text))
    }

    /// Whether it can be sent: an identifier is a URI.
    pub(crate) fn is_uri(&self) -> bool {
        uri::is_absolute(self.as_str())
    }
}

/// RFC 8693 §3: "defined by this specification", and `jwt` of RFC 7519 §9.
static REGISTERED: [(TokenTypeIdentifier, &str, &str); 6] = [
    (
        TokenTypeIdentifier::AccessToken,
        "access_token",
        "urn:ietf:params:oauth:token-type:access_token",
    ),
    (
        TokenTypeIdentifier::IdToken,
        "id_token",
        "urn:ietf:params:oauth:token-type:id_token",
    ),
    (
        TokenTypeIdentifier::Jwt,
        "jwt",
        "urn:ietf:params:oauth:token-type:jwt",
    ),
    (
        TokenTypeIdentifier::RefreshToken,
        "refresh_token",
        "urn:ietf:params:oauth:token-type:refresh_token",
    ),
    (
        TokenTypeIdentifier::Saml1,
        "saml1",
        "urn:ietf:params:oauth:token-type:saml1",
    ),
    (
        TokenTypeIdentifier::Saml2,
        "saml2",
        "urn:ietf:params:oauth:token-type:saml2",
    ),
];

impl From<&str> for TokenTypeIdentifier {
    /// From a short name or a URI. What is neither is kept, and refused where it is to be sent.
    fn from(text: &str) -> Self {
        REGISTERED
            .iter()
            .find(|(_, name, uri)| *name == text || *uri == text)
            .map_or_else(|| Self::Other(text.to_owned()), |(own, _, _)| own.clone())
    }
}

impl fmt::Display for TokenTypeIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(self.as_str()).fmt(f)
    }
}

/// A token type hint (RFC 7009 §2.1, RFC 7662 §2.1): where the server looks first. It looks
/// everywhere else too, so that a wrong hint costs time and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenTypeHint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// Another one of the registry of token type hints, or of this server.
    Other(String),
}

impl TokenTypeHint {
    /// The hint as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Other(hint) => hint,
        }
    }
}

impl From<&str> for TokenTypeHint {
    fn from(text: &str) -> Self {
        match text {
            "access_token" => Self::AccessToken,
            "refresh_token" => Self::RefreshToken,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8693 §3.
    #[test]
    fn names_and_uris_stand_for_one_another() {
        for name in [
            "access_token",
            "refresh_token",
            "id_token",
            "saml1",
            "saml2",
            "jwt",
        ] {
            let uri = format!("urn:ietf:params:oauth:token-type:{name}");
            let identifier = TokenTypeIdentifier::from(name);
            assert_eq!(identifier.as_str(), uri);
            assert_eq!(identifier.to_string(), uri);
            assert_eq!(identifier.short_name(), Some(name));
            assert_eq!(TokenTypeIdentifier::from(uri.as_str()), identifier);
            assert!(identifier.is_uri());
        }
        assert_eq!(REGISTERED.len(), 6);
    }

    #[test]
    fn what_is_neither_a_name_nor_a_uri_is_known() {
        for text in ["", "saml3", "Access_Token", "token type", "urn:a b"] {
            let identifier = TokenTypeIdentifier::from(text);
            assert_eq!(identifier, TokenTypeIdentifier::Other(text.to_owned()));
            assert!(!identifier.is_uri(), "{text}");
        }
        assert!(TokenTypeIdentifier::from("urn:example:ticket").is_uri());
    }

    /// A short name is for people: a peer that sends one breaks the rule.
    #[test]
    fn a_peer_sends_uris() {
        let jwt = TokenTypeIdentifier::of_uri("urn:ietf:params:oauth:token-type:jwt");
        assert_eq!(jwt, Some(TokenTypeIdentifier::Jwt));
        assert_eq!(TokenTypeIdentifier::of_uri("jwt"), None);
        assert_eq!(TokenTypeIdentifier::of_uri(""), None);
    }

    #[test]
    fn hints_come_back() {
        for hint in ["access_token", "refresh_token", "pct"] {
            assert_eq!(TokenTypeHint::from(hint).as_str(), hint);
        }
        assert_eq!(
            TokenTypeHint::from("access_token"),
            TokenTypeHint::AccessToken
        );
    }
}
