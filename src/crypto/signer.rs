//! Who signs: a private key in this process, a shared secret, or a key elsewhere (RFC 7515 §5.1).

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jws::Unsigned;
use crate::crypto::key::SigningKey;
use crate::crypto::private_jwk::Material;
use crate::crypto::private_jwk::PrivateJwk;
use crate::crypto::private_jwk::mac_key_len;
use crate::crypto::signing::SigningInput;
use crate::crypto::verifier::mac;

/// A key to sign with, its algorithm, and its name for the other side. Cheap to clone.
///
/// With a key in this process a signature is made at once; with a remote key (KMS, HSM, TPM, another
/// program) a [`SigningInput`] comes out, and the caller brings the signature.
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::jws::Unsigned;
/// use oauth_proto::crypto::signer::Signed;
/// use oauth_proto::crypto::signer::Signer;
///
/// let signer = Signer::remote("projects/7/keys/2", Algorithm::Es256).with_kid("2026-11");
/// let unsigned = Unsigned::new(r#"{"iss":"app"}"#).with_type("JWT");
/// let Signed::Remote(input) = signer.sign(&unsigned)? else {
///     unreachable!("the key is elsewhere")
/// };
/// assert_eq!(input.key(), "projects/7/keys/2");
/// let text = input.compact(&[0; 64]);
/// assert!(text.starts_with("eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjIwMjYtMTEifQ."));
/// # Ok::<(), oauth_proto::crypto::CryptoError>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    how: How,
    algorithm: Algorithm,
    kid: Option<Arc<str>>,
    public: Option<Arc<Jwk>>,
}

#[derive(Clone)]
enum How {
    Local(Arc<dyn SigningKey>),
    Shared(Arc<dyn Crypto>, Arc<Zeroizing<Vec<u8>>>),
    Remote(Arc<str>),
}

/// What came of signing.
#[derive(Clone)]
#[non_exhaustive]
pub enum Signed {
    /// The compact serialisation.
    Compact(String),
    /// What a remote key is to sign; [`SigningInput::compact`] completes it.
    Remote(SigningInput),
}

impl Signer {
    /// A private or symmetric key in this process. `kid` is the key's own.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Length`] where a symmetric key is shorter than the hash, [`KeyFault::Unfit`] where
    /// the key is not for `algorithm`, [`KeyFault::Crypto`] where the capability refuses it.
    pub fn new(
        crypto: &Arc<dyn Crypto>,
        key: &PrivateJwk,
        algorithm: Algorithm,
    ) -> Result<Self, KeyFault> {
        if !key.can_sign(algorithm) {
            return Err(match &key.material {
                Material::Symmetric(key)
                    if algorithm.is_mac() && key.len() < mac_key_len(algorithm) =>
                {
                    KeyFault::Length
                }
                _ => KeyFault::Unfit,
            });
        }
        let how = match &key.material {
            Material::Pair(pair) => How::Local(crypto.signing_key(pair)?),
            Material::Symmetric(key) => How::Shared(crypto.clone(), Arc::new(key.clone())),
        };
        Ok(Self {
            how,
            algorithm,
            kid: key.kid().map(Arc::from),
            public: key.public().map(Arc::new),
        })
    }

    /// A shared secret for HMAC: the UTF-8 of a password, as registered at both sides.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where `algorithm` is no HMAC; [`KeyFault::Length`] where the secret has
    /// fewer bytes than the hash gives (RFC 7518 §3.2).
    pub fn secret(
        crypto: Arc<dyn Crypto>,
        secret: &Secret,
        algorithm: Algorithm,
    ) -> Result<Self, KeyFault> {
        Self::shared(crypto, secret, algorithm, mac_key_len(algorithm))
    }

    /// As [`secret`](Self::secret), but a secret of any length but none will do: one that can be
    /// guessed from a signature lets anyone sign.
    ///
    /// # Errors
    ///
    /// As [`secret`](Self::secret); [`KeyFault::Length`] where the secret is empty.
    pub fn danger_short_secret(
        crypto: Arc<dyn Crypto>,
        secret: &Secret,
        algorithm: Algorithm,
    ) -> Result<Self, KeyFault> {
        Self::shared(crypto, secret, algorithm, 1)
    }

    fn shared(
        crypto: Arc<dyn Crypto>,
        secret: &Secret,
        algorithm: Algorithm,
        least: usize,
    ) -> Result<Self, KeyFault> {
        if !algorithm.is_mac() {
            return Err(KeyFault::Unfit);
        }
        if secret.len() < least {
            return Err(KeyFault::Length);
        }
        let secret = Zeroizing::new(secret.expose().as_bytes().to_vec());
        Ok(Self {
            how: How::Shared(crypto, Arc::new(secret)),
            algorithm,
            kid: None,
            public: None,
        })
    }

    /// A key elsewhere that the caller knows as `key`.
    #[must_use]
    pub fn remote(key: impl Into<Arc<str>>, algorithm: Algorithm) -> Self {
        Self {
            how: How::Remote(key.into()),
            algorithm,
            kid: None,
            public: None,
        }
    }

    /// With the name that the other side knows the key by: the `kid` of the header.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<Arc<str>>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Without a `kid` in the header, where the key itself stands there.
    #[must_use]
    pub fn without_kid(mut self) -> Self {
        self.kid = None;
        self
    }

    /// With the public half of a remote key, where it is to stand in a header. Its `kid` is taken
    /// where none was said.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the key is not for the algorithm.
    pub fn with_public(mut self, public: Jwk) -> Result<Self, KeyFault> {
        if !public.can_verify(self.algorithm) {
            return Err(KeyFault::Unfit);
        }
        if self.kid.is_none() {
            self.kid = public.kid().map(Arc::from);
        }
        self.public = Some(Arc::new(public));
        Ok(self)
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name that the other side knows the key by.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public half, where there is one and it is known.
    #[must_use]
    pub fn public(&self) -> Option<&Jwk> {
        self.public.as_deref()
    }

    /// Whether the signature is made elsewhere.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.how, How::Remote(_))
    }

    /// Whether it signs by a secret that is shorter than its HMAC demands (RFC 7518 §3.2).
    pub(crate) fn has_short_secret(&self) -> bool {
        let least = mac_key_len(self.algorithm);
        matches!(&self.how, How::Shared(_, secret) if secret.len() < least)
    }

    /// Signs, or says what is to be signed elsewhere. `alg` and `kid` of the header are this key's.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Entropy`], [`CryptoError::Unsupported`].
    pub fn sign(&self, unsigned: &Unsigned) -> Result<Signed, CryptoError> {
        let text = unsigned.signing_input(self.algorithm, self.kid());
        let signature = match &self.how {
            How::Local(key) => key.sign(self.algorithm, text.as_bytes())?,
            How::Shared(crypto, secret) => mac(&**crypto, self.algorithm, secret, text.as_bytes())?,
            How::Remote(key) => {
                let input = SigningInput::new(&**key, self.algorithm, text);
                return Ok(Signed::Remote(input));
            }
        };
        Ok(Signed::Compact(completed(text, &signature)))
    }
}

/// The algorithm and public names alone.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Signer");
        if let How::Remote(key) = &self.how {
            debug.field("remote", key);
        }
        debug
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// What is signed may name a user, and whoever holds it may use it.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compact(_) => f.write_str("Compact(…)"),
            Self::Remote(input) => f.debug_tuple("Remote").field(input).finish(),
        }
    }
}

/// RFC 7515 §7.1: header "." payload "." signature.
pub(super) fn completed(mut signing_input: String, signature: &[u8]) -> String {
    signing_input.push('.');
    base64url::encode_into(signature, &mut signing_input);
    signing_input
}
