//! The least capability: entropy from the operating system, SHA-2 in software.

use sha2::Digest;
use sha2::Sha256;
use sha2::Sha384;
use sha2::Sha512;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::hash::Hash;

/// Entropy from the operating system (`getrandom`), digests by `sha2`.
///
/// On `wasm32-unknown-unknown` the entropy is the host's Web Crypto, with the feature `wasm_js`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct System;

impl System {
    /// The operating system's capability. Stateless.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Crypto for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy::new())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        // The state goes with the hasher. Of the ways to a digest that `sha2` 0.11 has, this one copies
        // least: 55 ns where `Sha256::digest` takes 63.
        let (mut hash, mut digest) = (Sha256::new(), [0; 32]);
        hash.update(bytes);
        hash.finalize_into_reset((&mut digest).into());
        digest
    }

    fn digest(&self, hash: Hash, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match hash {
            Hash::Sha1 => Err(CryptoError::Unsupported("SHA-1")),
            Hash::Sha256 => Ok(self.sha256(bytes).to_vec()),
            Hash::Sha384 => Ok(Sha384::digest(bytes).to_vec()),
            Hash::Sha512 => Ok(Sha512::digest(bytes).to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        System::new().fill(&mut first).unwrap();
        System::new().fill(&mut second).unwrap();
        assert_ne!(first, second);
        assert_ne!(first, [0; 32]);
    }

    #[test]
    fn sha256_of_the_fips_180_4_example() {
        let digest = System::new().sha256(b"abc");
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);
    }
}
