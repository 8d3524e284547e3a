//! What a key outside this process (KMS, HSM, TPM, another program) is asked to sign:
//! the JWS Signing Input of RFC 7515 §5.1.

use std::fmt;

use crate::base::base64url;
use crate::crypto::algorithm::Algorithm;

/// One signature to be made by a remote key.
///
/// The answer is the raw signature as JWS has it: for ECDSA the two integers side by side
/// (RFC 7518 §3.4), not DER.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigningInput {
    key: String,
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl SigningInput {
    /// Asks the key that the caller knows as `key` to sign `bytes` with `algorithm`.
    #[must_use]
    pub fn new(key: impl Into<String>, algorithm: Algorithm, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            algorithm,
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
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
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
    /// Key and algorithm only: what is signed may name a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningInput")
            .field("key", &self.key)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
