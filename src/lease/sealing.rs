//! Encryption at rest: what stands between a store's bytes and whoever reads the disk.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;

/// Seals what a store keeps, and opens it again. [`Aes256Gcm`] is one; a key management service behind
/// this trait is another.
pub trait Sealing: Send + Sync {
    /// Encrypts and authenticates `plaintext`, bound to `context`, which is no secret.
    ///
    /// # Errors
    ///
    /// Where it cannot. Nothing is stored then.
    fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError>;

    /// The plaintext of what was sealed for this `context`.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where it was sealed under another key or for another context, or
    /// was altered.
    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
}

/// AES-256-GCM by a [`Crypto`] capability (NIST SP 800-38D).
///
/// What is sealed is a random nonce of 12 bytes, the ciphertext, and a tag of 16. The nonces allow for
/// 2³² seals under one key (section 8.3). It does not show that an older sealed text was put back.
pub struct Aes256Gcm {
    crypto: Arc<dyn Crypto>,
    key: Zeroizing<[u8; 32]>,
}

impl Aes256Gcm {
    /// Seals with `key`: 32 bytes of entropy, kept elsewhere than the store.
    #[must_use]
    pub fn new(crypto: Arc<dyn Crypto>, key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        Self { crypto, key }
    }
}

impl Sealing for Aes256Gcm {
    fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = [0; 12];
        self.crypto.fill(&mut nonce)?;
        let sealed = self
            .crypto
            .aes_gcm_seal(&*self.key, &nonce, context, plaintext)?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (nonce, sealed) = sealed.split_first_chunk().ok_or(CryptoError::Rejected)?;
        self.crypto.aes_gcm_open(&*self.key, nonce, context, sealed)
    }
}

impl fmt::Debug for Aes256Gcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aes256Gcm(…)")
    }
}
