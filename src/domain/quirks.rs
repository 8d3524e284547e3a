//! Quirks: deviations of real servers that a client tolerates by name, and findings, which say when
//! something was tolerated.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

use crate::domain::hooks::HookPoint;

/// One tolerated deviation. Single-purpose, off unless a client is given it
/// ([`Client::with_quirks`](crate::domain::client::Client::with_quirks)).
///
/// Each is known by a stable name, in records too, and has a [`link`](Self::link) to a page about the
/// deviation. Wherever one makes a difference that is a [`Finding`]. One that [`weakens`](Self::weakens) is
/// in no policy: it is asked for by name.
///
/// ```
/// use oauth_proto::domain::quirks::{Quirk, Quirks};
///
/// let quirks: Quirks = ["comma-scope", "missing-token-type"]
///     .into_iter()
///     .map(str::parse::<Quirk>)
///     .collect::<Result<_, _>>()?;
/// assert!(quirks.has(Quirk::CommaScope));
/// # Ok::<(), oauth_proto::domain::quirks::UnknownQuirk>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The token endpoint answers in `application/x-www-form-urlencoded` instead of JSON
    /// (RFC 6749 §5.1 wants `application/json`). GitHub without an `Accept` header does, early
    /// Facebook did, as `text/plain`.
    FormTokenResponse,
    /// The server reads HTTP Basic credentials without form-decoding them
    /// (against RFC 6749 §2.3.1). oxAuth did.
    RawBasicCredentials,
    /// The device authorization response names `verification_uri` as `verification_url`
    /// (against RFC 8628 §3.2). Google does.
    VerificationUrl,
    /// The server of OAuth 1.0a confirms the callback in another case than `true` (RFC 5849 §2.1), such as
    /// `True`, which is how Python writes it. The provider of Authlib does.
    CallbackConfirmedCase,
    /// The server of OAuth 1.0a does not confirm the callback by that word (RFC 5849 §2.1). `TripIt` says
    /// nothing, Mautic says `1`. The verification code is demanded all the same, so that no user is given to
    /// another.
    ///
    /// **Weakens**: nothing says that the server is one of 1.0a, which binds the callback to the request.
    CallbackUnconfirmed,
    /// The server of OAuth 1.0a gives credentials as a JSON object instead of a form (RFC 5849 §2.1). Kuaipan
    /// did.
    JsonCredentials,
    /// The token response names `expires_in` as `expires` (against RFC 6749 §5.1). Early Facebook did.
    ExpiresMember,
    /// An `expires_in` of 0 says that the access token does not end (RFC 6749 §5.1 has the lifetime
    /// there). Mailchimp does.
    ///
    /// **Weakens**: a token that has ended is used until the server refuses it.
    ZeroExpiresIn,
    /// The tokens of a user are members of `authed_user` (RFC 6749 §5.1 has them at the top level). They
    /// are taken where there is no access token at the top level. Slack does.
    AuthedUser,
    /// The tokens are members of `body` (RFC 6749 §5.1 has them at the top level), and are taken where
    /// there is no access token at the top level. Withings does.
    BodyMember,
    /// The tokens are members of the only object in the array `data` (RFC 6749 §5.1 has them at the top
    /// level), and are taken where there is no access token at the top level. Instagram does.
    DataMember,
    /// The token response has `accessToken` for `access_token`, and so on (against RFC 6749 §5.1).
    /// plentymarkets does.
    CamelCaseTokens,
    /// The token response has no `token_type`, which is REQUIRED (RFC 6749 §5.1). The token is taken for a
    /// bearer token. Weibo, Douban and Instagram do.
    MissingTokenType,
    /// `token_type` says whom the token is of, and the token is a bearer token: `Application Access Token`
    /// and `User Access Token` of eBay, `bot` and `user` of Slack. No other name is tolerated.
    OwnTokenType,
    /// The granted scope is a list with commas, where RFC 6749 §3.3 has spaces. GitHub and Slack do.
    CommaScope,
    /// The granted scope is a JSON array, where RFC 6749 §5.1 has a string. Twitch does.
    ScopeList,
    /// The authorization endpoint wants the scope as a list with commas, where RFC 6749 §3.3 has spaces.
    /// Weibo and Strava do.
    CommaScopeRequest,
    /// The token endpoint says no by a list `errors`, of which the first `errorType` and `message` are
    /// what `error` and `error_description` should have been (RFC 6749 §5.2). Fitbit does.
    ErrorList,
    /// The token endpoint wants JSON instead of a form (against RFC 6749 §3.2). Atlassian does.
    JsonTokenRequest,
    /// The API takes the access token in the query alone (RFC 6750 §2.3). Weibo does.
    ///
    /// **Weakens**: addresses are logged, kept in histories and passed on, and the token with them.
    TokenInQuery,
    /// The API takes the access token in the form that is the body (RFC 6750 §2.2). A request that is no
    /// such form has it in the header. Slack did.
    ///
    /// **Weakens**: a server or proxy that logs forms gives the token away.
    TokenInForm,
    /// In a query or a form the API knows the access token as `oauth_token` (RFC 6750 §2.2 and §2.3 have
    /// `access_token`). Servers of draft 10, such as Foursquare, do.
    OauthTokenParameter,
    /// In a query or a form the API knows the access token as `token` (RFC 6750 §2.2 and §2.3 have
    /// `access_token`). Slack does.
    TokenParameter,
    /// The API wants the header `Authorization: OAuth …` (RFC 6750 §2.1 has `Bearer`). Yandex does.
    OauthScheme,
    /// The API wants to be told the client in a header `Client-Id`, beside the token. Twitch does.
    ClientIdHeader,
    /// The API refuses a token by status 403 with an empty body and no challenge (RFC 6750 §3 has 401 and
    /// `invalid_token`), as Spring Security does where nobody says otherwise. It is taken for such a
    /// refusal, so that the token is renewed.
    EmptyForbidden,
}

impl Quirk {
    /// Every quirk.
    pub const ALL: [Self; 26] = [
        Self::FormTokenResponse,
        Self::RawBasicCredentials,
        Self::VerificationUrl,
        Self::CallbackConfirmedCase,
        Self::CallbackUnconfirmed,
        Self::JsonCredentials,
        Self::ExpiresMember,
        Self::ZeroExpiresIn,
        Self::AuthedUser,
        Self::BodyMember,
        Self::DataMember,
        Self::CamelCaseTokens,
        Self::MissingTokenType,
        Self::OwnTokenType,
        Self::CommaScope,
        Self::ScopeList,
        Self::CommaScopeRequest,
        Self::ErrorList,
        Self::JsonTokenRequest,
        Self::TokenInQuery,
        Self::TokenInForm,
        Self::OauthTokenParameter,
        Self::TokenParameter,
        Self::OauthScheme,
        Self::ClientIdHeader,
        Self::EmptyForbidden,
    ];

    /// The quirk's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FormTokenResponse => "form-token-response",
            Self::RawBasicCredentials => "raw-basic-credentials",
            Self::VerificationUrl => "verification-url",
            Self::CallbackConfirmedCase => "callback-confirmed-case",
            Self::CallbackUnconfirmed => "callback-unconfirmed",
            Self::JsonCredentials => "json-credentials",
            Self::ExpiresMember => "expires-member",
            Self::ZeroExpiresIn => "zero-expires-in",
            Self::AuthedUser => "authed-user",
            Self::BodyMember => "body-member",
            Self::DataMember => "data-member",
            Self::CamelCaseTokens => "camel-case-tokens",
            Self::MissingTokenType => "missing-token-type",
            Self::OwnTokenType => "own-token-type",
            Self::CommaScope => "comma-scope",
            Self::ScopeList => "scope-list",
            Self::CommaScopeRequest => "comma-scope-request",
            Self::ErrorList => "error-list",
            Self::JsonTokenRequest => "json-token-request",
            Self::TokenInQuery => "token-in-query",
            Self::TokenInForm => "token-in-form",
            Self::OauthTokenParameter => "oauth-token-parameter",
            Self::TokenParameter => "token-parameter",
            Self::OauthScheme => "oauth-scheme",
            Self::ClientIdHeader => "client-id-header",
            Self::EmptyForbidden => "empty-forbidden",
        }
    }

    /// The quirk of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quirk| quirk.name() == name)
    }

    /// Whether security is less with it: a policy does not bring it.
    #[must_use]
    pub const fn weakens(self) -> bool {
        matches!(
            self,
            Self::CallbackUnconfirmed
                | Self::ZeroExpiresIn
                | Self::TokenInQuery
                | Self::TokenInForm
        )
    }

    /// A page about a server that deviates so, or its source.
    #[must_use]
    pub const fn link(self) -> &'static str {
        match self {
            Self::FormTokenResponse | Self::CommaScope => {
                "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"
            }
            Self::RawBasicCredentials => "https://github.com/GluuFederation/oxAuth/issues/677",
            Self::VerificationUrl => {
                "https://developers.google.com/identity/protocols/oauth2/limited-input-device"
            }
            Self::CallbackConfirmedCase => {
                "https://github.com/authlib/authlib/blob/main/authlib/oauth1/rfc5849/authorization_server.py"
            }
            Self::CallbackUnconfirmed => "https://github.com/tripit/api/issues/255",
            Self::JsonCredentials => "https://github.com/requests/requests-oauthlib/pull/135",
            Self::ExpiresMember => {
                "https://developers.facebook.com/docs/facebook-login/guides/access-tokens"
            }
            Self::ZeroExpiresIn => {
                "https://developer.mailchimp.com/documentation/mailchimp/guides/how-to-use-oauth2/"
            }
            Self::AuthedUser | Self::OwnTokenType => {
                "https://docs.slack.dev/reference/methods/oauth.v2.access"
            }
            Self::BodyMember => {
                "https://developer.withings.com/developer-guide/v3/integration-guide/public-health-data-api/get-access/oauth-web-flow/"
            }
            Self::DataMember => {
                "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"
            }
            Self::CamelCaseTokens => {
                "https://developers-legacy.plentymarkets.com/rest-doc/authentication/details"
            }
            Self::MissingTokenType => "http://open.weibo.com/wiki/2/oauth2/access_token/en",
            Self::ScopeList => "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
            Self::CommaScopeRequest => "https://developers.strava.com/docs/authentication/",
            Self::ErrorList => {
                "https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-messages"
            }
            Self::JsonTokenRequest => {
                "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/"
            }
            Self::TokenInQuery => "http://open.weibo.com/wiki/2/account/get_uid/en",
            Self::TokenInForm | Self::TokenParameter => "https://docs.slack.dev/apis/web-api/",
            Self::OauthTokenParameter => {
                "https://docs.foursquare.com/developer/reference/v2-authentication"
            }
            Self::OauthScheme => "https://yandex.com/dev/id/doc/en/user-information",
            Self::ClientIdHeader => "https://dev.twitch.tv/docs/api/guide/",
            Self::EmptyForbidden => {
                "https://github.com/spring-projects/spring-security/issues/15424"
            }
        }
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(name: &str) -> Result<Self, UnknownQuirk> {
        Self::named(name).ok_or(UnknownQuirk)
    }
}

/// By its name.
impl Serialize for Quirk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Quirk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// No quirk has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no quirk has this name")]
#[non_exhaustive]
pub struct UnknownQuirk;

/// A set of quirks, small and copied freely. Its serialised form is the list of their names.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks(u64);

impl Quirks {
    /// No deviation is tolerated.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Whether `quirk` is tolerated.
    #[must_use]
    pub const fn has(self, quirk: Quirk) -> bool {
        self.0 & quirk.bit() != 0
    }

    /// Whether nothing is tolerated.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The quirks of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The quirks in the set.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.into_iter().filter(move |quirk| self.has(*quirk))
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        Self(quirks.into_iter().fold(0, |set, quirk| set | quirk.bit()))
    }
}

impl Serialize for Quirks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Quirks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Quirk>::deserialize(deserializer).map(Self::from_iter)
    }
}

impl<const N: usize> From<[Quirk; N]> for Quirks {
    fn from(quirks: [Quirk; N]) -> Self {
        quirks.into_iter().collect()
    }
}

/// Something about a peer's message that is not as specified and did no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A quirk made the difference.
    Quirk(Quirk),
    /// A hook of the application may have made a difference.
    Hook(HookPoint),
    /// Headers of the application went along.
    ExtraHeaders,
    /// The answer was readable although its `Content-Type` says otherwise.
    MediaType,
    /// The answer was readable although its status is another 2xx than specified.
    Status(u16),
    /// `iss` came, and the client knows no issuer to compare it with.
    UncheckedIssuer,
    /// The user authenticated by another class than the `acr_values` asked for, which is allowed.
    AuthenticationContext,
    /// A metadata document of the same server could not be used. What the others say stands.
    UnusedMetadata {
        /// Where it was asked for.
        address: String,
        /// Why it could not be used.
        reason: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quirk(quirk) => write!(f, "tolerated: {quirk}"),
            Self::Hook(point) => write!(f, "a hook acts: {point}"),
            Self::ExtraHeaders => f.write_str("headers of the application went along"),
            Self::MediaType => {
                f.write_str("the answer was read although its Content-Type denies that it can be")
            }
            Self::Status(status) => write!(f, "status {status} instead of the specified one"),
            Self::UncheckedIssuer => f.write_str("`iss` came, and no issuer is known to compare"),
            Self::AuthenticationContext => f.write_str("`acr` is none of the `acr_values`"),
            Self::UnusedMetadata { address, reason } => {
                write!(f, "the metadata at {address} is not used: {reason}")
            }
        }
    }
}

/// What was tolerated of a protected resource, among the extensions of its `http::Response`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) const fn new(findings: Vec<Finding>) -> Self {
        Self(findings)
    }

    /// The findings, in no particular order.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_given() {
        assert_eq!(Quirks::none().iter().count(), 0);
        for quirk in Quirk::ALL {
            let set = Quirks::from([quirk]);
            assert!(set.has(quirk));
            assert_eq!(set.iter().collect::<Vec<_>>(), [quirk]);
        }
        let all: Quirks = Quirk::ALL.into_iter().collect();
        assert_eq!(all.iter().collect::<Vec<_>>(), Quirk::ALL);
    }

    #[test]
    fn a_quirk_is_known_by_its_name_and_has_a_link() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(quirk));
            assert!(quirk.link().starts_with("http"), "{quirk}");
        }
        assert_eq!("lax".parse::<Quirk>(), Err(UnknownQuirk));
        assert_eq!(Quirk::named(""), None);
    }

    #[test]
    fn a_set_is_stored_by_names() {
        let set = Quirks::from([Quirk::CommaScope, Quirk::AuthedUser]);
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["authed-user","comma-scope"]"#);
        assert_eq!(serde_json::from_str::<Quirks>(&text).unwrap(), set);
        assert!(serde_json::from_str::<Quirks>(r#"["lax"]"#).is_err());
    }
}
