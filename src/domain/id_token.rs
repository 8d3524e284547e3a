//! An ID token (OpenID Connect Core 1.0 §2) that was verified: who signed in.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::base64url;
use crate::base::json::JsonFault;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::crypto::jwt::Audience;
use crate::crypto::jwt::Claims;

/// A verified ID token. There is no other kind: claims are reachable only once every check passed.
///
/// A user is `iss` and `sub` together: no other claim names one for good, an e-mail address least of
/// all (OpenID Connect Core 1.0 §5.7). A clone shares what is in it.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    shared: Arc<Shared>,
}

#[derive(PartialEq)]
struct Shared {
    text: Secret,
    claims: Claims,
}

impl IdToken {
    /// From claims that were verified: `iss`, `sub`, `exp` and `iat` are there (§2).
    pub(crate) fn new(text: String, claims: Claims) -> Self {
        let text = Secret::from(text);
        let shared = Arc::new(Shared { text, claims });
        Self { shared }
    }

    /// From the text that a verified one was stored as.
    fn stored(text: String) -> Option<Self> {
        let payload = base64url::decode(text.split('.').nth(1)?).ok()?;
        let claims = Claims::parse(payload).ok()?;
        let is_named = claims.issuer().is_some() && claims.subject().is_some();
        let is_dated = claims.expires_at().is_some() && claims.issued_at().is_some();
        (is_named && is_dated).then(|| Self::new(text, claims))
    }

    /// The signed text, without an encryption that was around it: what an `id_token_hint` is made of.
    #[must_use]
    pub fn text(&self) -> &Secret {
        &self.shared.text
    }

    /// `iss`: who says it.
    #[must_use]
    pub fn iss(&self) -> &str {
        self.shared.claims.issuer().unwrap_or_default()
    }

    /// `sub`: who signed in, as the issuer knows them.
    #[must_use]
    pub fn sub(&self) -> &str {
        self.shared.claims.subject().unwrap_or_default()
    }

    /// `aud`: whom it is meant for; this client among them.
    #[must_use]
    pub fn aud(&self) -> &[String] {
        self.shared.claims.audience().map_or(&[], Audience::names)
    }

    /// `exp`: when it is no longer to be accepted. A session may last longer.
    #[must_use]
    pub fn exp(&self) -> UnixTime {
        self.shared.claims.expires_at().unwrap_or(UnixTime::EPOCH)
    }

    /// `iat`: when it was made.
    #[must_use]
    pub fn iat(&self) -> UnixTime {
        self.shared.claims.issued_at().unwrap_or(UnixTime::EPOCH)
    }

    /// `auth_time`: when the user last authenticated.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        let seconds: f64 = self.shared.claims.member("auth_time").ok().flatten()?;
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        Some(UnixTime::from_secs(since.as_secs()))
    }

    /// `acr`: how, as a class.
    #[must_use]
    pub fn acr(&self) -> Option<String> {
        self.shared.claims.member("acr").ok().flatten()
    }

    /// `amr`: how, as methods (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> Vec<String> {
        self.shared
            .claims
            .member("amr")
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// `sid`: the session at the provider, for logout.
    #[must_use]
    pub fn sid(&self) -> Option<String> {
        self.shared.claims.member("sid").ok().flatten()
    }

    /// Any other claim, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where it is there and is no `T`.
    pub fn claim<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, JsonFault> {
        self.shared.claims.member(name)
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.shared.claims
    }
}

/// As an `id_token_hint`, which is the text that was signed.
impl<'a> From<&'a IdToken> for Cow<'a, str> {
    fn from(id_token: &'a IdToken) -> Self {
        Cow::Borrowed(id_token.shared.text.expose())
    }
}

/// As an `id_token_hint` that is kept.
impl From<&IdToken> for Secret {
    fn from(id_token: &IdToken) -> Self {
        id_token.shared.text.clone()
    }
}

/// `#[serde(with = "stored")]` for a field that is an ID token that was verified: its text. The type has
/// no form of its own, so that nothing becomes one by being read.
pub(crate) mod stored {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serialize;
    use serde::Serializer;
    use serde::de::Error as _;

    use super::IdToken;

    pub(crate) fn serialize<S: Serializer>(
        id_token: &Option<IdToken>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = id_token.as_ref().map(|own| own.shared.text.expose());
        text.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<IdToken>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let id_token = IdToken::stored(text);
        id_token.map(Some).ok_or_else(|| {
            D::Error::custom("what is stored is no ID token with `iss`, `sub`, `exp` and `iat`")
        })
    }
}

/// Issuer alone: the rest is about a person.
impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("iss", &self.iss())
            .finish_non_exhaustive()
    }
}
