//! The fast capability: AWS-LC by its Rust interface `aws-lc-rs`, with every algorithm that the crate
//! has a name for (RFC 7518 §3.1, §4.1, §5.1).
//!
//! The feature `aws-lc-rs`, which is on by default. It needs a C compiler; on
//! `wasm32-unknown-unknown`, for which AWS-LC is not made, the feature changes nothing.
//!
//! What it lacks: signing by `RSA-SHA1`, which the library only verifies.

use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::hmac;
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

mod encryption;
mod generation;
mod public_half;
mod signatures;
mod symmetric;

/// AWS-LC. Entropy and SHA-2 are those of [`System`]; keys are generated with AWS-LC's own generator.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsLc;

impl AwsLc {
    /// The capability. Stateless; nothing is installed anywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Crypto for AwsLc {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        System.fill(bytes)
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System.sha256(bytes)
    }

    fn digest(&self, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => {
                let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
                Ok(digest.as_ref().to_vec())
            }
            Hash::Sha256 | Hash::Sha384 | Hash::Sha512 => System.digest(hash, bytes),
        }
    }

    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let algorithm = match hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha384 => hmac::HMAC_SHA384,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        let key = hmac::Key::new(algorithm, key);
        Ok(hmac::sign(&key, message).as_ref().to_vec())
    }

    fn verifying_key(&self, key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
        signatures::verifying_key(key)
    }

    fn signing_key(&self, key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
        signatures::signing_key(key)
    }

    fn decryption_key(&self, key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
        encryption::decryption_key(key)
    }

    fn rsa_oaep_encrypt(
        &self,
        key: &PublicKey,
        hash: Hash,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        encryption::rsa_oaep(key, hash, plaintext)
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
