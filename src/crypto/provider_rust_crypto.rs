//! The capability in Rust alone: the RustCrypto and dalek libraries, with every algorithm that the
//! crate has a name for (RFC 7518 §3.1, §4.1, §5.1), and `RSA-SHA1` signatures (RFC 5849 §3.4.3).
//!
//! The feature `rust-crypto`: for WebAssembly, for Miri, and where there is no C compiler. It is slower
//! than AWS-LC, most of all with RSA.
//!
//! # RSA and time
//!
//! The library `rsa` carries RUSTSEC-2023-0071: the time of an operation with a private key told an
//! observer on the network something of the key (the Marvin attack). Its version 0.10, used here,
//! blinds base, exponent and modulus of each such operation, here with entropy of [`System`], and its
//! authors take the leak for closed; the work on constant time goes on. Who decrypts or signs by RSA
//! where others can measure it, and has the choice, takes AWS-LC. Verification has no secret.
//!
//! Signatures by ECDSA and EdDSA are deterministic (RFC 6979, RFC 8032), those by ML-DSA hedged.

use std::sync::Arc;

use ::rsa::rand_core::TryCryptoRng;
use ::rsa::rand_core::TryRng;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha1::Digest;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha384;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::hash::Hash;
use crate::crypto::key::DecryptionKey;
use crate::crypto::key::KeyKind;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PublicKey;
use crate::crypto::key::SigningKey;
use crate::crypto::key::VerifyingKey;
use crate::crypto::provider_system::System;

mod agreement;
mod generation;
mod public_half;
mod rsa;
mod signatures;
mod symmetric;

/// RustCrypto and dalek. Entropy and SHA-2 are those of [`System`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RustCrypto;

impl RustCrypto {
    /// The capability. Stateless; nothing is installed anywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Crypto for RustCrypto {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        System.fill(bytes)
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System.sha256(bytes)
    }

    fn digest(&self, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => Ok(Sha1::digest(bytes).to_vec()),
            Hash::Sha256 | Hash::Sha384 | Hash::Sha512 => System.digest(hash, bytes),
        }
    }

    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => mac::<Hmac<Sha1>>(key, message),
            Hash::Sha256 => mac::<Hmac<Sha256>>(key, message),
            Hash::Sha384 => mac::<Hmac<Sha384>>(key, message),
            Hash::Sha512 => mac::<Hmac<Sha512>>(key, message),
        }
    }

    fn verifying_key(&self, key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
        match key {
            PublicKey::Rsa { .. } => rsa::verifying_key(key),
            _ => signatures::verifying_key(key),
        }
    }

    fn signing_key(&self, key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match key.public {
            PublicKey::Rsa { .. } => rsa::signing_key(key),
            _ => signatures::signing_key(key),
        }
    }

    fn decryption_key(&self, key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
        match key.public {
            PublicKey::Rsa { .. } => rsa::decryption_key(key),
            _ => agreement::decryption_key(key),
        }
    }

    fn rsa_oaep_encrypt(
        &self,
        key: &PublicKey,
        hash: Hash,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        rsa::encrypt(key, hash, plaintext)
    }

    fn generate(&self, kind: KeyKind) -> Result<PrivateKey, CryptoError> {
        generation::generate(kind)
    }

    fn public_half(&self, kind: KeyKind, private: &[u8]) -> Result<PublicKey, CryptoError> {
        public_half::public_half(kind, private)
    }

    fn aes_wrap(&self, wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        symmetric::wrap(wrapping_key, key)
    }

    fn aes_unwrap(
        &self,
        wrapping_key: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        symmetric::unwrap(wrapping_key, wrapped)
    }

    fn aes_gcm_seal(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        symmetric::gcm_seal(key, nonce, aad, plaintext)
    }

    fn aes_gcm_open(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        symmetric::gcm_open(key, nonce, aad, sealed)
    }

    fn aes_cbc_encrypt(
        &self,
        key: &[u8],
        iv: &[u8; 16],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        symmetric::cbc_encrypt(key, iv, plaintext)
    }

    fn aes_cbc_decrypt(
        &self,
        key: &[u8],
        iv: &[u8; 16],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        symmetric::cbc_decrypt(key, iv, ciphertext)
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    // RFC 2104 §3: a key of any length will do.
    let mac = <M as KeyInit>::new_from_slice(key);
    let mac = mac.map_err(|_| CryptoError::Key("not a key of HMAC"))?;
    Ok(mac.chain_update(message).finalize().into_bytes().to_vec())
}

/// The entropy of [`System`] in the form that the libraries draw from.
struct Entropy;

impl TryRng for Entropy {
    type Error = NoEntropy;

    fn try_next_u32(&mut self) -> Result<u32, NoEntropy> {
        let mut bytes = [0; 4];
        System.fill(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoEntropy> {
        let mut bytes = [0; 8];
        System.fill(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        System.fill(bytes)
    }
}

impl TryCryptoRng for Entropy {}
