//! Cryptography as one capability, handed to the client, and JOSE upon it.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`algorithm`] | signature and MAC algorithm names (RFC 7518 §3.1) |
//! | [`compact`] | compact texts and their headers (RFC 7515 §7.1, RFC 7516 §7.1) |
//! | [`decrypter`] | who decrypts: a private or a shared key |
//! | [`encrypter`] | who is encrypted to, and how |
//! | [`hash`] | hash functions by name |
//! | [`jwe`] | encrypted texts (RFC 7516) |
//! | [`jwk`] | a public key as JSON, and its thumbprint (RFC 7517, RFC 7638) |
//! | [`jwks`] | a set of public keys (RFC 7517 §5) |
//! | [`jws`] | signed texts (RFC 7515) |
//! | [`jwt`] | claims, read and written (RFC 7519) |
//! | [`key`] | keys as a capability takes them and prepares them |
//! | [`key_management`] | encryption algorithm names (RFC 7518 §4.1, §5.1) |
//! | [`pkcs8`] | private keys in PEM and DER (RFC 5958) |
//! | [`private_jwk`] | a private or symmetric key as JSON (RFC 7517) |
//! | `provider_aws_lc` | the fast capability: AWS-LC (feature `aws-lc-rs`) |
//! | `provider_rust_crypto` | the capability in Rust alone: RustCrypto (feature `rust-crypto`) |
//! | [`provider_system`] | the least capability: the operating system's entropy, digests in software |
//! | [`signer`] | who signs: a key here, or a key elsewhere |
//! | [`signing`] | what a key outside this process is asked to sign |
//! | [`verifier`] | who verifies: a public key, or a shared secret |
//!
//! # Why no JOSE library
//!
//! The structures are a thin layer of our own. No general library has these three together: a signature
//! that is made elsewhere, step by step and without a runtime; encryption beside signatures; keys
//! that are parsed once and verify at the speed of the primitive. And none is as strict as a client must be
//! that reads what an attacker may have written. The rules the layer keeps:
//!
//! - The algorithm is pinned by the caller before a key is chosen; `none`, `RSA1_5` and `PBES2-…` have
//!   no name that could be asked for (RFC 8725 §3.1, §3.2).
//! - A key is used for what its kind, curve, `use`, `key_ops` and `alg` allow, and a symmetric key never
//!   comes from a set that a peer publishes.
//! - `crit`, `b64` and `zip` are refused, `jku`, `x5u` and `x5c` never followed.
//! - One text, one meaning: strict base64url, strict JSON, exactly three or five parts.
//! - Everything is bounded: texts, headers, sets, keys to try.
//! - A MAC or tag is compared in constant time, and a tag is verified before any padding is looked at.

use std::fmt::Debug;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::hash::Hash;
use crate::crypto::key::DecryptionKey;
use crate::crypto::key::KeyKind;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PublicKey;
use crate::crypto::key::SigningKey;
use crate::crypto::key::VerifyingKey;

#[cfg(all(
    feature = "aws-lc-rs",
    not(all(target_arch = "wasm32", target_os = "unknown"))
))]
use crate::crypto::provider_aws_lc::AwsLc as Best;
#[cfg(all(
    feature = "rust-crypto",
    any(
        not(feature = "aws-lc-rs"),
        all(target_arch = "wasm32", target_os = "unknown")
    )
))]
use crate::crypto::provider_rust_crypto::RustCrypto as Best;
#[cfg(not(any(
    feature = "rust-crypto",
    all(
        feature = "aws-lc-rs",
        not(all(target_arch = "wasm32", target_os = "unknown"))
    )
)))]
use crate::crypto::provider_system::System as Best;

pub mod algorithm;
pub mod compact;
pub mod decrypter;
pub mod encrypter;
pub mod hash;
pub mod jwe;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod key;
mod key_check;
pub mod key_management;
pub mod pkcs8;
pub mod private_jwk;
#[cfg(all(
    feature = "aws-lc-rs",
    not(all(target_arch = "wasm32", target_os = "unknown"))
))]
pub mod provider_aws_lc;
#[cfg(feature = "rust-crypto")]
pub mod provider_rust_crypto;
pub mod provider_system;
pub mod signer;
pub mod signing;
pub mod verifier;

/// What the protocol needs of cryptography: primitives only. The structures upon them (JWS, JWE, JWK)
/// are in the other rooms of this floor, the same for every implementation.
///
/// A client holds one behind an [`Arc`]; the default is [`default_provider`]. Tests inject one whose
/// entropy is known, and every request becomes a known answer.
///
/// Only [`fill`](Self::fill) and [`sha256`](Self::sha256) must be there. A capability that lacks
/// another says [`CryptoError::Unsupported`], and what needs it is refused before anything is sent.
pub trait Crypto: Debug + Send + Sync {
    /// Fills `bytes` with entropy that an attacker cannot guess (RFC 6749 §10.10).
    ///
    /// Called once for all the secrets of one authorization request.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] where the source has none to give. Nothing is sent then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;

    /// SHA-256 of `bytes` (FIPS 180-4), as PKCE's `S256` wants it (RFC 7636 §4.2).
    fn sha256(&self, bytes: &[u8]) -> [u8; 32];

    /// The digest of `bytes`.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`].
    fn digest(&self, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha256 => Ok(self.sha256(bytes).to_vec()),
            _ => Err(CryptoError::Unsupported("this hash function")),
        }
    }

    /// HMAC of `message` under `key` (RFC 2104). Compare the result in constant time.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`].
    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let _ = (hash, key, message);
        Err(CryptoError::Unsupported("HMAC"))
    }

    /// Prepares a public key for verification. RSA below 2048 bits is refused.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`] where the kind of key is not known here, [`CryptoError::Key`]
    /// where it is known and this is none.
    fn verifying_key(&self, key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported("signatures"))
    }

    /// Prepares a private key for signing. RSA below 2048 bits is refused.
    ///
    /// # Errors
    ///
    /// As [`verifying_key`](Self::verifying_key); also [`CryptoError::Key`] where the halves do not
    /// fit.
    fn signing_key(&self, key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported("signatures"))
    }

    /// Prepares a private key for decryption or key agreement. RSA below 2048 bits is refused.
    ///
    /// # Errors
    ///
    /// As [`signing_key`](Self::signing_key).
    fn decryption_key(&self, key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported("public key encryption"))
    }

    /// Encrypts `plaintext` to an RSA key by RSAES-OAEP with `hash`, for MGF1 too (RFC 7518 §4.3).
    ///
    /// # Errors
    ///
    /// As [`verifying_key`](Self::verifying_key).
    fn rsa_oaep_encrypt(
        &self,
        key: &PublicKey,
        hash: Hash,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let _ = (key, hash, plaintext);
        Err(CryptoError::Unsupported("RSA-OAEP"))
    }

    /// Generates a key.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`], [`CryptoError::Entropy`].
    fn generate(&self, kind: KeyKind) -> Result<PrivateKey, CryptoError> {
        let _ = kind;
        Err(CryptoError::Unsupported("key generation"))
    }

    /// The public half of an EC key, an octet key pair or ML-DSA whose private half is `private`, as it
    /// stands in a [`PrivatePart::Octets`](key::PrivatePart::Octets): for keys that are stored without
    /// it (RFC 5958 §2).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`] where the kind of key is not known here, [`CryptoError::Key`]
    /// where `private` is none of its keys.
    fn public_half(&self, kind: KeyKind, private: &[u8]) -> Result<PublicKey, CryptoError> {
        let _ = (kind, private);
        Err(CryptoError::Unsupported("public halves"))
    }

    /// Wraps `key` under `wrapping_key` of 16, 24 or 32 bytes (RFC 3394).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`], [`CryptoError::Key`].
    fn aes_wrap(&self, wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let _ = (wrapping_key, key);
        Err(CryptoError::Unsupported("AES key wrap"))
    }

    /// Unwraps what [`aes_wrap`](Self::aes_wrap) wrapped.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where it was wrapped under another key or altered.
    fn aes_unwrap(
        &self,
        wrapping_key: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let _ = (wrapping_key, wrapped);
        Err(CryptoError::Unsupported("AES key wrap"))
    }

    /// Encrypts by AES-GCM under a `key` of 16, 24 or 32 bytes; the last 16 bytes are the tag
    /// (NIST SP 800-38D).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`], [`CryptoError::Key`].
    fn aes_gcm_seal(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let _ = (key, nonce, aad, plaintext);
        Err(CryptoError::Unsupported("AES-GCM"))
    }

    /// Decrypts what [`aes_gcm_seal`](Self::aes_gcm_seal) encrypted.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where anything was altered or the key is another.
    fn aes_gcm_open(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let _ = (key, nonce, aad, sealed);
        Err(CryptoError::Unsupported("AES-GCM"))
    }

    /// Encrypts by AES-CBC with PKCS #7 padding under a `key` of 16, 24 or 32 bytes. Unauthenticated:
    /// only a part of the `…CBC-HS…` algorithms (RFC 7518 §5.2).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`], [`CryptoError::Key`].
    fn aes_cbc_encrypt(
        &self,
        key: &[u8],
        iv: &[u8; 16],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let _ = (key, iv, plaintext);
        Err(CryptoError::Unsupported("AES-CBC"))
    }

    /// Decrypts what [`aes_cbc_encrypt`](Self::aes_cbc_encrypt) encrypted, after the tag was verified.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`], whatever is wrong.
    fn aes_cbc_decrypt(
        &self,
        key: &[u8],
        iv: &[u8; 16],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let _ = (key, iv, ciphertext);
        Err(CryptoError::Unsupported("AES-CBC"))
    }
}

/// The best capability among the features of this build: AWS-LC (`aws-lc-rs`), or else RustCrypto
/// (`rust-crypto`), or else [`System`](provider_system::System), which has entropy and digests only.
#[must_use]
pub fn default_provider() -> Arc<dyn Crypto> {
    Arc::new(Best::new())
}

/// Why a primitive gave no result. It tells nothing of keys and plaintexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The source of entropy gave none.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The capability lacks what is named.
    #[error("this build's cryptography has no {0}")]
    Unsupported(&'static str),
    /// A key is malformed, too weak, or its halves do not fit.
    #[error("the key cannot be used: {0}")]
    Key(&'static str),
    /// A signature, tag or ciphertext is not what the key would have made.
    #[error("the signature or ciphertext is not of this key")]
    Rejected,
}

/// The source of entropy gave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of entropy gave none")]
#[non_exhaustive]
pub struct NoEntropy;

impl NoEntropy {
    /// For implementations of [`Crypto::fill`].
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for NoEntropy {
    fn default() -> Self {
        Self::new()
    }
}
