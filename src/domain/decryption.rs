//! What a server encrypts to a client (OpenID Connect Core 1.0 §10.2): by a key of the client's own, or by
//! one that both derive from the client secret.

use zeroize::Zeroizing;

use crate::base::secret::Secret;
use crate::crypto::CryptoError;
use crate::crypto::decrypter::Decrypter;
use crate::crypto::hash::Hash;
use crate::crypto::jwe::Decrypted;
use crate::crypto::jwe::Jwe;
use crate::crypto::jwe::JweFault;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;
use crate::crypto::private_jwk::PrivateJwk;
use crate::domain::client::Client;

impl Client {
    /// Decrypts by these algorithms, pinned before a key is chosen, with the key that the header names,
    /// or with each that fits where it names none.
    pub(crate) fn decrypt(
        &self,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
        text: &str,
    ) -> Result<Decrypted, JweFault> {
        let jwe = Jwe::parse(text)?;
        let derived = self
            .derived_key(algorithm, encryption)
            .map_err(JweFault::Crypto)?;
        let kid = jwe.header().kid();
        let is_named = |key: &&Decrypter| kid.is_none() || key.kid().is_none() || key.kid() == kid;
        let keys = self.decryption_keys().iter().chain(&derived);
        let mut outcome = Err(JweFault::Decryption);
        for key in keys
            .filter(|key| key.fits(algorithm, encryption))
            .filter(is_named)
        {
            outcome = jwe.clone().decrypt(algorithm, encryption, key);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// "The symmetric encryption key is derived from the `client_secret` value by using [...] a
    /// truncated SHA-2 hash" (§10.2).
    fn derived_key(
        &self,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
    ) -> Result<Option<Decrypter>, CryptoError> {
        let (Some(length), Some(secret)) = (
            symmetric_length(algorithm, encryption),
            self.authentication().secret(),
        ) else {
            return Ok(None);
        };
        let hash = match length {
            ..=32 => Hash::Sha256,
            33..=48 => Hash::Sha384,
            _ => Hash::Sha512,
        };
        let digest = self
            .crypto()
            .digest(hash, Secret::expose(secret).as_bytes())?;
        let mut key = Zeroizing::new(digest);
        key.truncate(length);
        let key = PrivateJwk::symmetric(key);
        Ok(Decrypter::new(self.shared_crypto(), &key).ok())
    }
}

/// How long the shared key is, in bytes; none where the key is no shared one.
const fn symmetric_length(
    algorithm: KeyManagement,
    encryption: ContentEncryption,
) -> Option<usize> {
    match algorithm {
        KeyManagement::A128Kw | KeyManagement::A128GcmKw => Some(16),
        KeyManagement::A192Kw | KeyManagement::A192GcmKw => Some(24),
        KeyManagement::A256Kw | KeyManagement::A256GcmKw => Some(32),
        KeyManagement::Dir => Some(encryption.key_len()),
        _ => None,
    }
}
