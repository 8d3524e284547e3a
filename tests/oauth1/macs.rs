//! A capability with the hashes and MACs of OAuth 1.0a, whatever the features, and with known entropy.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::provider_system::System;
use sha1::Sha1;
use sha2::Digest;
use sha2::Sha256;
use sha2::Sha512;

/// Entropy that is known and never the same twice.
#[derive(Debug, Default)]
pub(crate) struct Macs(AtomicU8);

impl Crypto for Macs {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System::new().sha256(bytes)
    }

    fn digest(&self, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => Ok(Sha1::digest(bytes).to_vec()),
            Hash::Sha256 => Ok(Sha256::digest(bytes).to_vec()),
            Hash::Sha512 => Ok(Sha512::digest(bytes).to_vec()),
            _ => Err(CryptoError::Unsupported("this hash")),
        }
    }

    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => Ok(mac::<Hmac<Sha1>>(key, message)),
            Hash::Sha256 => Ok(mac::<Hmac<Sha256>>(key, message)),
            Hash::Sha512 => Ok(mac::<Hmac<Sha512>>(key, message)),
            _ => Err(CryptoError::Unsupported("this hash")),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
