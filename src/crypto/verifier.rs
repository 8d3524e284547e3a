//! A key that is ready to verify, bound to what it says of its use (RFC 8725 §3.1).

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::secret::Secret;
use crate::base::secret::constant_time_eq;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;
use crate::crypto::jwk::Attributes;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jwk::Operation;
use crate::crypto::key::VerifyingKey;
use crate::crypto::private_jwk::Material;
use crate::crypto::private_jwk::PrivateJwk;
use crate::crypto::private_jwk::mac_key_len;

/// A key that verifies: a public key, parsed once, or a shared secret. Cheap to clone.
///
/// ```
/// # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))] {
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::jwk::Jwk;
/// use oauth_proto::crypto::verifier::Verifier;
///
/// let crypto = oauth_proto::crypto::default_provider();
/// let jwk = Jwk::parse(
///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// let verifier = Verifier::new(&*crypto, jwk)?;
/// assert!(verifier.verify(Algorithm::EdDsa, b"message", &[0; 64]).is_err());
/// # }
/// # Ok::<(), oauth_proto::crypto::jwk::KeyFault>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Kind);

#[derive(Clone)]
enum Kind {
    Public(Arc<Jwk>, Arc<dyn VerifyingKey>),
    Shared(Arc<Shared>),
}

struct Shared {
    crypto: Arc<dyn Crypto>,
    secret: Zeroizing<Vec<u8>>,
    attributes: Attributes,
    /// The least length in bytes is looked at.
    is_length_held: bool,
}

impl Verifier {
    /// Prepares a public key.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where it is for no signature at all, [`KeyFault::Crypto`] where the
    /// capability refuses it.
    pub fn new(crypto: &dyn Crypto, jwk: Jwk) -> Result<Self, KeyFault> {
        let verifies = |algorithm| jwk.can_verify(algorithm);
        if !Algorithm::ALL.into_iter().any(verifies) {
            return Err(KeyFault::Unfit);
        }
        let key = crypto.verifying_key(jwk.key())?;
        Ok(Self(Kind::Public(Arc::new(jwk), key)))
    }

    /// A shared secret for HMAC: the UTF-8 of a password, as registered at both sides.
    ///
    /// RFC 7518 §3.2 demands as many bytes as the hash gives; an algorithm for which there are fewer
    /// is refused when it is used.
    #[must_use]
    pub fn secret(crypto: Arc<dyn Crypto>, secret: &Secret) -> Self {
        Self::shared(crypto, secret, true)
    }

    /// As [`secret`](Self::secret), but a secret of any length but none will do: one that can be
    /// guessed lets anyone sign.
    #[must_use]
    pub fn danger_short_secret(crypto: Arc<dyn Crypto>, secret: &Secret) -> Self {
        Self::shared(crypto, secret, false)
    }

    /// A symmetric key for HMAC.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the key is not symmetric or is for no HMAC at all.
    pub fn symmetric(crypto: Arc<dyn Crypto>, jwk: &PrivateJwk) -> Result<Self, KeyFault> {
        let verifies = |algorithm| jwk.can_verify_mac(algorithm);
        match &jwk.material {
            Material::Symmetric(key) if Algorithm::ALL.into_iter().any(verifies) => {
                Ok(Self(Kind::Shared(Arc::new(Shared {
                    crypto,
                    secret: key.clone(),
                    attributes: jwk.attributes.clone(),
                    is_length_held: true,
                }))))
            }
            _ => Err(KeyFault::Unfit),
        }
    }

    fn shared(crypto: Arc<dyn Crypto>, secret: &Secret, is_length_held: bool) -> Self {
        Self(Kind::Shared(Arc::new(Shared {
            crypto,
            secret: Zeroizing::new(secret.expose().as_bytes().to_vec()),
            attributes: Attributes::default(),
            is_length_held,
        })))
    }

    /// The public key; none of a shared secret.
    #[must_use]
    pub fn jwk(&self) -> Option<&Jwk> {
        match &self.0 {
            Kind::Public(jwk, _) => Some(jwk),
            Kind::Shared(_) => None,
        }
    }

    /// Whether the key may verify with `algorithm`, by all that is said of it.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match &self.0 {
            Kind::Public(jwk, _) => jwk.can_verify(algorithm),
            Kind::Shared(shared) => {
                let least = if shared.is_length_held {
                    mac_key_len(algorithm)
                } else {
                    1
                };
                algorithm.is_mac()
                    && shared.secret.len() >= least
                    && shared.attributes.permit(algorithm, Operation::Verify)
            }
        }
    }

    /// Whether `signature` over `message` is this key's by `algorithm`, which was pinned before the
    /// key was chosen. A MAC is compared in constant time.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where it is not; [`CryptoError::Unsupported`] where the key does not
    /// [fit](Self::fits).
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        // RFC 8725 §3.1: what a key is for is checked "when the cryptographic operation is performed".
        if !self.fits(algorithm) {
            return Err(CryptoError::Unsupported("a key for this algorithm"));
        }
        match &self.0 {
            Kind::Public(_, key) => key.verify(algorithm, message, signature),
            Kind::Shared(shared) => {
                let mac = mac(&*shared.crypto, algorithm, &shared.secret, message)?;
                if constant_time_eq(&mac, signature) {
                    Ok(())
                } else {
                    Err(CryptoError::Rejected)
                }
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Public(jwk, _) => f.debug_tuple("Verifier").field(jwk).finish(),
            Kind::Shared(_) => f.write_str("Verifier(secret)"),
        }
    }
}

/// HMAC by its JOSE name (RFC 7518 §3.2).
pub(super) fn mac(
    crypto: &dyn Crypto,
    algorithm: Algorithm,
    secret: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let hash = match algorithm {
        Algorithm::Hs256 => Hash::Sha256,
        Algorithm::Hs384 => Hash::Sha384,
        Algorithm::Hs512 => Hash::Sha512,
        _ => return Err(CryptoError::Unsupported("a key for this algorithm")),
    };
    crypto.hmac(hash, secret, message)
}
