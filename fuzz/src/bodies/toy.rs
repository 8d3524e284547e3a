//! A capability without cryptography: fast, and easy to write a seed for. What
//! it makes is a digest of everything that goes in, so that nothing verifies but what was made.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::PublicKey;
use oauth_proto::crypto::key::VerifyingKey;
use oauth_proto::crypto::provider_system::System;
use zeroize::Zeroizing;

static DRAWN: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub(crate) struct Toy;

impl Crypto for Toy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        // No two draws are the same, as a key that stands in for another must be another.
        let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
        for (at, chunk) in (0_u8..=u8::MAX).cycle().zip(bytes.chunks_mut(32)) {
            let digest = self.digest_of(&[&drawn.to_be_bytes(), &[at]]);
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
        Ok(())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System::new().sha256(bytes)
    }

    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut mac = self.digest_of(&[key, message]);
        mac.resize(hash.len(), 0);
        Ok(mac)
    }

    fn verifying_key(&self, key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
        key.check()?;
        Ok(Arc::new(ToyKey(key.clone())))
    }

    fn aes_wrap(&self, wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.aes_gcm_seal(wrapping_key, &[0; 12], b"wrap", key)
    }

    fn aes_unwrap(
        &self,
        wrapping_key: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        self.aes_gcm_open(wrapping_key, &[0; 12], b"wrap", wrapped)
    }

    fn aes_gcm_seal(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let tag = self.digest_of(&[key, nonce, aad, plaintext]);
        Ok([plaintext, &tag[..16]].concat())
    }

    fn aes_gcm_open(
        &self,
        key: &[u8],
        nonce: &[u8; 12],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let length = sealed.len().checked_sub(16).ok_or(CryptoError::Rejected)?;
        let plaintext = &sealed[..length];
        if self.aes_gcm_seal(key, nonce, aad, plaintext)? != sealed {
            return Err(CryptoError::Rejected);
        }
        Ok(Zeroizing::new(plaintext.to_vec()))
    }

    fn aes_cbc_encrypt(
        &self,
        _: &[u8],
        _: &[u8; 16],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        Ok(plaintext.to_vec())
    }

    fn aes_cbc_decrypt(
        &self,
        _: &[u8],
        _: &[u8; 16],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Ok(Zeroizing::new(ciphertext.to_vec()))
    }
}

impl Toy {
    /// The digest of the parts and of their lengths.
    fn digest_of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut whole = Vec::new();
        for part in parts {
            whole.extend(part.len().to_be_bytes());
            whole.extend_from_slice(part);
        }
        self.sha256(&whole).to_vec()
    }
}

/// A signature is the digest of the key and the message.
#[derive(Debug)]
struct ToyKey(PublicKey);

impl VerifyingKey for ToyKey {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let expected = Toy.digest_of(&[self.0.thumbprint().as_bytes(), message]);
        if expected == signature {
            Ok(())
        } else {
            Err(CryptoError::Rejected)
        }
    }
}
