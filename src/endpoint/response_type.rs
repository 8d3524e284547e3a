//! Response types (RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Type Encoding Practices 1.0): what the
//! authorization endpoint is asked for.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// What the authorization endpoint is asked for: `code`, unless a request says otherwise.
///
/// Whatever is not a code travels through the browser and is final there. An access token that does
/// is seen by the browser's history, its extensions and every script of the page, and nothing proves
/// that it was given to this client: "clients SHOULD NOT use the implicit grant" (RFC 9700 §2.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseType {
    /// `code`: a code to redeem (RFC 6749 §4.1).
    #[default]
    Code,
    /// `code id_token`.
    CodeIdToken,
    /// `code id_token token`.
    CodeIdTokenToken,
    /// `code token`: a code to redeem, and an access token at once.
    CodeToken,
    /// `id_token`.
    IdToken,
    /// `id_token token`.
    IdTokenToken,
    /// `none`: nothing but the user's consent, for a grant that is used later.
    None,
    /// `token`: an access token at once (RFC 6749 §4.2).
    Token,
}

impl ResponseType {
    /// Every response type.
    pub const ALL: [Self; 8] = [
        Self::Code,
        Self::CodeIdToken,
        Self::CodeIdTokenToken,
        Self::CodeToken,
        Self::IdToken,
        Self::IdTokenToken,
        Self::None,
        Self::Token,
    ];

    /// The registered value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
            Self::CodeIdTokenToken => "code id_token token",
            Self::CodeToken => "code token",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::None => "none",
            Self::Token => "token",
        }
    }

    /// Whether a code comes back.
    #[must_use]
    pub const fn has_code(self) -> bool {
        matches!(
            self,
            Self::Code | Self::CodeIdToken | Self::CodeIdTokenToken | Self::CodeToken
        )
    }

    /// Whether an access token comes back through the browser.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(
            self,
            Self::CodeIdTokenToken | Self::CodeToken | Self::IdTokenToken | Self::Token
        )
    }

    /// Whether an ID token comes back through the browser.
    #[must_use]
    pub const fn has_id_token(self) -> bool {
        matches!(
            self,
            Self::CodeIdToken | Self::CodeIdTokenToken | Self::IdToken | Self::IdTokenToken
        )
    }

    pub(crate) fn is_code(&self) -> bool {
        *self == Self::Code
    }
}

/// The registered value.
impl Serialize for ResponseType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The registered value, its parts in the registered order.
impl<'de> Deserialize<'de> for ResponseType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::ALL
            .into_iter()
            .find(|own| own.as_str() == text)
            .ok_or_else(|| D::Error::custom("no response type that is registered"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_one_says_what_it_brings() {
        let brings = |own: ResponseType| (own.has_code(), own.has_id_token(), own.has_token());
        let table = [
            (ResponseType::Code, (true, false, false)),
            (ResponseType::CodeIdToken, (true, true, false)),
            (ResponseType::CodeIdTokenToken, (true, true, true)),
            (ResponseType::CodeToken, (true, false, true)),
            (ResponseType::IdToken, (false, true, false)),
            (ResponseType::IdTokenToken, (false, true, true)),
            (ResponseType::None, (false, false, false)),
            (ResponseType::Token, (false, false, true)),
        ];
        assert_eq!(table.map(|(own, _)| own), ResponseType::ALL);
        for (own, expected) in table {
            assert_eq!(brings(own), expected, "{own:?}");
        }
    }

    #[test]
    fn each_one_is_stored_by_its_registered_value() {
        for own in ResponseType::ALL {
            let stored = serde_json::to_string(&own).unwrap();
            assert_eq!(stored, format!("\"{}\"", own.as_str()));
            assert_eq!(serde_json::from_str::<ResponseType>(&stored).unwrap(), own);
        }
        for bad in ["\"\"", "\"token code\"", "\"Code\"", "null", "1"] {
            assert!(serde_json::from_str::<ResponseType>(bad).is_err(), "{bad}");
        }
    }
}
