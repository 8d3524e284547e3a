//! What a user's authorization is kept as, whichever version of the protocol gave it.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::base::json::Members;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::scope::Scope;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;
use crate::oauth1::credentials::TokenCredentials;
use crate::provider::failure::Failure;
use crate::provider::raw_token;
use crate::provider::raw_token::RawToken;
use crate::provider::record::Provider;

/// Tokens of OAuth 2, token credentials of OAuth 1.0a, or the text of a token response that another
/// program kept.
///
/// Serialises **with its secrets in clear**: whoever stores it seals it. `Debug` shows no secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there are two versions of the protocol, and one text"
)]
pub enum Token {
    /// Of OAuth 2.
    #[serde(rename = "oauth2")]
    OAuth2(Box<Tokens>),
    /// Of OAuth 1.0a.
    #[serde(rename = "oauth1")]
    OAuth1(Box<TokenCredentials>),
    /// The text of a token response.
    #[serde(rename = "raw", with = "secret::serde_text")]
    Raw(Secret),
}

impl Token {
    /// The tokens of OAuth 2.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        match self {
            Self::OAuth2(tokens) => Some(tokens),
            Self::OAuth1(_) | Self::Raw(_) => None,
        }
    }

    /// The token credentials of OAuth 1.0a.
    #[must_use]
    pub fn credentials(&self) -> Option<&TokenCredentials> {
        match self {
            Self::OAuth1(credentials) => Some(credentials),
            Self::OAuth2(_) | Self::Raw(_) => None,
        }
    }

    /// The token as the text of a token response: JSON for OAuth 2, a form for OAuth 1.0a, a raw one as it
    /// is. [`RawToken::parse`] reads it. An ID token is not in it.
    #[must_use]
    pub fn to_raw(&self) -> Secret {
        match self {
            Self::OAuth2(tokens) => raw_token::of_tokens(tokens),
            Self::OAuth1(credentials) => raw_token::of_credentials(credentials),
            Self::Raw(text) => text.clone(),
        }
    }

    /// A raw text read as what its provider gives; anything else as it is.
    ///
    /// # Errors
    ///
    /// [`Failure::NoToken`] where there is no token of the provider's version in it, or one that is no
    /// bearer token: the key that it is bound to is not in the text.
    pub(crate) fn read(self, provider: &Provider, received_at: UnixTime) -> Result<Self, Failure> {
        let none = || Failure::NoToken(provider.name().to_owned());
        let text = match self {
            Self::Raw(text) => text,
            Self::OAuth1(_) if provider.is_oauth1() => return Ok(self),
            Self::OAuth2(_) if !provider.is_oauth1() => return Ok(self),
            Self::OAuth1(_) | Self::OAuth2(_) => return Err(none()),
        };
        let raw = RawToken::parse(text.expose());
        let token = raw.token().cloned().ok_or_else(none)?;
        let (server, client) = provider.owner();
        if provider.is_oauth1() {
            let secret = raw.secret().cloned().ok_or_else(none)?;
            return Ok(Self::OAuth1(Box::new(TokenCredentials {
                v: Version,
                token,
                secret,
                received_at,
                server,
                consumer_key: client,
                members: Members::default(),
                findings: Vec::new(),
            })));
        }
        let is_bearer = raw
            .token_type()
            .is_none_or(|it| it.eq_ignore_ascii_case("Bearer"));
        if !is_bearer {
            return Err(none());
        }
        Ok(Self::OAuth2(Box::new(Tokens {
            v: Version,
            access_token: token,
            token_type: TokenType::Bearer,
            jkt: None,
            received_at,
            expires_at: raw.expires_in().map(|it| received_at.saturating_add(it)),
            refresh_token: raw.refresh_token().cloned(),
            id_token: None,
            requested_scope: provider.scope().into(),
            granted_scope: raw.scope().map(Scope::from),
            resource: Vec::new(),
            server,
            client_id: client,
            members: Members::default(),
            findings: Vec::new(),
        })))
    }
}

impl From<Tokens> for Token {
    fn from(tokens: Tokens) -> Self {
        Self::OAuth2(Box::new(tokens))
    }
}

impl From<TokenCredentials> for Token {
    fn from(credentials: TokenCredentials) -> Self {
        Self::OAuth1(Box::new(credentials))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OAuth2(tokens) => tokens.fmt(f),
            Self::OAuth1(credentials) => credentials.fmt(f),
            Self::Raw(text) => f.debug_tuple("Raw").field(text).finish(),
        }
    }
}
