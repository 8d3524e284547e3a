//! Content encryption (RFC 7518 §5): AES-GCM, and AES-CBC with HMAC.

use zeroize::Zeroizing;

use crate::base::secret::constant_time_eq;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::hash::Hash;
use crate::crypto::key_management::ContentEncryption;

/// How long the initialization vector is, in bytes (RFC 7518 §5.2.2.1, §5.3).
pub(in crate::crypto) const fn iv_len(encryption: ContentEncryption) -> usize {
    if mac_hash(encryption).is_some() {
        16
    } else {
        12
    }
}

/// How long the tag is, in bytes (RFC 7518 §5.2.3–5.2.5, §5.3).
pub(in crate::crypto) const fn tag_len(encryption: ContentEncryption) -> usize {
    match mac_hash(encryption) {
        Some(hash) => hash.len() / 2,
        None => 16,
    }
}

const fn mac_hash(encryption: ContentEncryption) -> Option<Hash> {
    match encryption {
        ContentEncryption::A128CbcHs256 => Some(Hash::Sha256),
        ContentEncryption::A192CbcHs384 => Some(Hash::Sha384),
        ContentEncryption::A256CbcHs512 => Some(Hash::Sha512),
        ContentEncryption::A128Gcm | ContentEncryption::A192Gcm | ContentEncryption::A256Gcm => {
            None
        }
    }
}

/// What is encrypted or decrypted, and by what.
#[derive(Clone, Copy)]
pub(in crate::crypto) struct Content<'a> {
    pub(in crate::crypto) encryption: ContentEncryption,
    pub(in crate::crypto) key: &'a [u8],
    pub(in crate::crypto) iv: &'a [u8],
    pub(in crate::crypto) aad: &'a [u8],
}

impl Content<'_> {
    /// Encrypts `plaintext`: the ciphertext and the tag.
    pub(in crate::crypto) fn seal(
        self,
        crypto: &dyn Crypto,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        match mac_hash(self.encryption) {
            Some(hash) => {
                let (mac_key, key) = self.halves()?;
                let iv = self.iv.try_into().map_err(|_| WRONG_IV)?;
                let ciphertext = crypto.aes_cbc_encrypt(key, iv, plaintext)?;
                let tag = self.tag(crypto, hash, mac_key, &ciphertext)?;
                Ok((ciphertext, tag))
            }
            None => {
                let nonce = self.iv.try_into().map_err(|_| WRONG_IV)?;
                let mut sealed = crypto.aes_gcm_seal(self.key, nonce, self.aad, plaintext)?;
                let tag = sealed.split_off(sealed.len().saturating_sub(16));
                Ok((sealed, tag))
            }
        }
    }

    /// Decrypts `ciphertext` after its tag was verified.
    pub(in crate::crypto) fn open(
        self,
        crypto: &dyn Crypto,
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match mac_hash(self.encryption) {
            Some(hash) => {
                let (mac_key, key) = self.halves()?;
                // RFC 7518 §5.2.2.2: the tag first, and nothing is decrypted where it does not fit.
                let expected = self.tag(crypto, hash, mac_key, ciphertext)?;
                if !constant_time_eq(&expected, tag) {
                    return Err(CryptoError::Rejected);
                }
                let iv = self.iv.try_into().map_err(|_| WRONG_IV)?;
                crypto.aes_cbc_decrypt(key, iv, ciphertext)
            }
            None => {
                let nonce = self.iv.try_into().map_err(|_| WRONG_IV)?;
                let sealed = [ciphertext, tag].concat();
                crypto.aes_gcm_open(self.key, nonce, self.aad, &sealed)
            }
        }
    }

    /// RFC 7518 §5.2.2.1: the first half of the key is for the MAC, the second for AES.
    fn halves(&self) -> Result<(&[u8], &[u8]), CryptoError> {
        let halves = self.key.split_at_checked(self.encryption.key_len() / 2);
        halves.ok_or(CryptoError::Key("not as long as the encryption has it"))
    }

    /// RFC 7518 §5.2.2.1: the MAC over A, IV, E and AL, its first half.
    fn tag(
        &self,
        crypto: &dyn Crypto,
        hash: Hash,
        mac_key: &[u8],
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        // AL is the length of A in bits.
        let bits = u64::try_from(self.aad.len()).unwrap_or(u64::MAX / 8) * 8;
        let message = [self.aad, self.iv, ciphertext, &bits.to_be_bytes()].concat();
        let mut tag = crypto.hmac(hash, mac_key, &message)?;
        tag.truncate(tag_len(self.encryption));
        Ok(tag)
    }
}

const WRONG_IV: CryptoError = CryptoError::Key("the initialization vector has another length");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_algorithms() {
        for (encryption, iv, tag) in [
            (ContentEncryption::A128CbcHs256, 16, 16),
            (ContentEncryption::A192CbcHs384, 16, 24),
            (ContentEncryption::A256CbcHs512, 16, 32),
            (ContentEncryption::A128Gcm, 12, 16),
            (ContentEncryption::A192Gcm, 12, 16),
            (ContentEncryption::A256Gcm, 12, 16),
        ] {
            assert_eq!((iv_len(encryption), tag_len(encryption)), (iv, tag));
        }
    }
}
