//! Tokens and the key that they are bound to (RFC 9449 §6), to be kept together.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::version::Version;
use crate::crypto::Crypto;
use crate::crypto::jwk::KeyFault;
use crate::domain::dpop::DpopKey;
use crate::domain::error::Misuse;
use crate::domain::token::Tokens;

/// Tokens with the private key that they are bound to.
///
/// Tokens are stored without their key: a thief of the store has nothing. A program that has no better
/// place for the key keeps both as this, and gives that up: whoever reads it can use the tokens. It
/// serialises in a versioned form (`"v": 1`) **with all of its secrets in clear**.
///
/// `Debug` shows no secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundTokens {
    v: Version<1>,
    tokens: Tokens,
    /// A private JWK, as text.
    #[serde(with = "secret::serde_text")]
    key: Secret,
}

impl BoundTokens {
    /// Puts the private key beside the tokens that are bound to it: both are lost together.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherKey`] where the tokens are not bound to `key`, [`Misuse::KeyElsewhere`] where it is
    /// a remote one.
    pub fn danger_with_key(tokens: Tokens, key: &DpopKey) -> Result<Self, Misuse> {
        if tokens.bound_to() != Some(key.thumbprint()) {
            return Err(Misuse::OtherKey {
                what: "the access token",
                bound: tokens.bound_to().unwrap_or("none").to_owned(),
                own: key.thumbprint().to_owned(),
            });
        }
        Ok(Self {
            v: Version,
            tokens,
            key: key.to_private_json().ok_or(Misuse::KeyElsewhere)?,
        })
    }

    /// The tokens, and their key to be used again.
    ///
    /// # Errors
    ///
    /// [`KeyFault`]; [`KeyFault::Unfit`] where the tokens are not bound to the key.
    pub fn open(self, crypto: &Arc<dyn Crypto>) -> Result<(Tokens, DpopKey), KeyFault> {
        let key = DpopKey::parse(crypto, self.key.expose())?;
        if self.tokens.bound_to() != Some(key.thumbprint()) {
            return Err(KeyFault::Unfit);
        }
        Ok((self.tokens, key))
    }
}

impl fmt::Debug for BoundTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundTokens")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}
