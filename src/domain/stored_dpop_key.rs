//! The key of a DPoP client in a form that can be stored (RFC 9449 §4): apart from the tokens, which are
//! of no use to whoever has them alone.

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

/// A private [`DpopKey`], to be kept in a place of its own.
///
/// It serialises in a versioned form (`"v": 1`) **with the private key in clear**: whoever stores it seals
/// it, or keeps it where nobody else reads. For tokens and key together there is
/// [`BoundTokens`](crate::domain::bound_tokens::BoundTokens).
///
/// `Debug` shows no secret.
///
/// ```
/// # #[cfg(feature = "aws-lc-rs")]
/// # {
/// use oauth_proto::crypto;
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::domain::dpop::DpopKey;
/// use oauth_proto::domain::stored_dpop_key::StoredDpopKey;
///
/// let crypto = crypto::default_provider();
/// let key = DpopKey::generate(&crypto, Algorithm::Es256)?;
/// let kept = serde_json::to_string(&StoredDpopKey::danger_in_clear(&key)?)?;
///
/// let again: StoredDpopKey = serde_json::from_str(&kept)?;
/// assert_eq!(again.open(&crypto)?.thumbprint(), key.thumbprint());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredDpopKey {
    v: Version<1>,
    /// A private JWK with its `alg`, as text.
    #[serde(with = "secret::serde_text")]
    key: Secret,
}

impl StoredDpopKey {
    /// Takes the private key out of `key`: who reads what is stored can use every token that is bound to it.
    ///
    /// # Errors
    ///
    /// [`Misuse::KeyElsewhere`] where it is a remote one.
    pub fn danger_in_clear(key: &DpopKey) -> Result<Self, Misuse> {
        Ok(Self {
            v: Version,
            key: key.to_private_json().ok_or(Misuse::KeyElsewhere)?,
        })
    }

    /// The key, to be used again.
    ///
    /// # Errors
    ///
    /// [`KeyFault`] where it is none.
    pub fn open(self, crypto: &Arc<dyn Crypto>) -> Result<DpopKey, KeyFault> {
        DpopKey::parse(crypto, self.key.expose())
    }
}

impl fmt::Debug for StoredDpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredDpopKey").finish_non_exhaustive()
    }
}
