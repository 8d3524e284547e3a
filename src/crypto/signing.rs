//! What a key outside this process (KMS, HSM, TPM, another program) is asked to sign: the JWS Signing Input
//! of RFC 7515 §5.1, or the signature base string of RFC 5849 §3.4.1.

use std::fmt;

use crate::base::base64url;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::SigningKey;
use crate::crypto::key::VerifyingKey;

/// One signature to be made by a remote key.
///
/// The answer is the raw signature as JWS has it: for ECDSA the two integers side by side
/// (RFC 7518 §3.4), not DER.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigningInput {
    key: String,
    scheme: Scheme,
    bytes: Vec<u8>,
}

impl SigningInput {
    /// Asks the key that the caller knows as `key` to sign `bytes` by `scheme`: an [`Algorithm`] of JWS, or
    /// what JOSE does not have.
    #[must_use]
    pub fn new(
        key: impl Into<String>,
        scheme: impl Into<Scheme>,
        bytes: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            key: key.into(),
            scheme: scheme.into(),
            bytes: bytes.into(),
        }
    }

    /// The caller's own name for the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How to sign.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The compact serialisation with this signature (RFC 7515 §7.1).
    ///
    /// Bytes of a signing input that are no text, as none of this crate's are, come out as U+FFFD.
    #[must_use]
    pub fn compact(&self, signature: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(&self.bytes).into_owned();
        text.push('.');
        base64url::encode_into(signature, &mut text);
        text
    }

    /// The bytes to sign. They are not hashed yet.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for SigningInput {
    /// Key and scheme only: what is signed may name a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningInput")
            .field("key", &self.key)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// A signature algorithm of JWS.
    Jws(Algorithm),
    /// RSASSA-PKCS1-v1_5 with SHA-1: `RSA-SHA1` of OAuth 1.0a (RFC 5849 §3.4.3), and nothing of JOSE.
    RsaSha1,
}

impl Scheme {
    /// The signature that `key`, a key of this process, makes over `bytes`.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::sign`] and [`SigningKey::sign_rsa_sha1`].
    pub fn sign(self, key: &dyn SigningKey, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Jws(algorithm) => key.sign(algorithm, bytes),
            Self::RsaSha1 => key.sign_rsa_sha1(bytes),
        }
    }

    /// Whether `signature` over `bytes` is that of `key`.
    ///
    /// # Errors
    ///
    /// Those of [`VerifyingKey::verify`] and [`VerifyingKey::verify_rsa_sha1`].
    pub fn verify(
        self,
        key: &dyn VerifyingKey,
        bytes: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match self {
            Self::Jws(algorithm) => key.verify(algorithm, bytes, signature),
            Self::RsaSha1 => key.verify_rsa_sha1(bytes, signature),
        }
    }
}

impl From<Algorithm> for Scheme {
    fn from(algorithm: Algorithm) -> Self {
        Self::Jws(algorithm)
    }
}

impl PartialEq<Algorithm> for Scheme {
    fn eq(&self, algorithm: &Algorithm) -> bool {
        *self == Self::Jws(*algorithm)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jws(algorithm) => algorithm.fmt(f),
            Self::RsaSha1 => f.write_str("RSA-SHA1"),
        }
    }
}
