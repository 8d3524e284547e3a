//! JWE algorithm names: how the content encryption key is determined (RFC 7518 §4.1), and how the
//! content is encrypted (RFC 7518 §5.1).
//!
//! `RSA1_5` and the password-based `PBES2-…` are not here: what has no name cannot be negotiated. The
//! first is open to padding oracles (RFC 8725 §3.2), the second lets a peer choose how long we compute.

use std::fmt;
use std::str::FromStr;

use crate::crypto::algorithm::UnknownAlgorithm;

/// A key management algorithm by its registered `alg` name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyManagement {
    /// AES-128 key wrap with a shared key.
    A128Kw,
    /// AES-192 key wrap with a shared key.
    A192Kw,
    /// AES-256 key wrap with a shared key.
    A256Kw,
    /// AES-128-GCM key wrap with a shared key.
    A128GcmKw,
    /// AES-192-GCM key wrap with a shared key.
    A192GcmKw,
    /// AES-256-GCM key wrap with a shared key.
    A256GcmKw,
    /// The shared key encrypts the content directly.
    Dir,
    /// Ephemeral-static Diffie-Hellman; the agreed key encrypts the content directly.
    EcdhEs,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps by AES-128.
    EcdhEsA128Kw,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps by AES-192.
    EcdhEsA192Kw,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps by AES-256.
    EcdhEsA256Kw,
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1.
    RsaOaep,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256.
    RsaOaep256,
    /// RSAES-OAEP with SHA-384 and MGF1 with SHA-384.
    RsaOaep384,
    /// RSAES-OAEP with SHA-512 and MGF1 with SHA-512.
    RsaOaep512,
}

impl KeyManagement {
    /// Every algorithm, in the order of the variants.
    pub const ALL: [Self; 15] = [
        Self::A128Kw,
        Self::A192Kw,
        Self::A256Kw,
        Self::A128GcmKw,
        Self::A192GcmKw,
        Self::A256GcmKw,
        Self::Dir,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA192Kw,
        Self::EcdhEsA256Kw,
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::RsaOaep384,
        Self::RsaOaep512,
    ];

    /// The registered `alg` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128Kw => "A128KW",
            Self::A192Kw => "A192KW",
            Self::A256Kw => "A256KW",
            Self::A128GcmKw => "A128GCMKW",
            Self::A192GcmKw => "A192GCMKW",
            Self::A256GcmKw => "A256GCMKW",
            Self::Dir => "dir",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyManagement {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.as_str() == name)
            .ok_or(UnknownAlgorithm)
    }
}

/// A content encryption algorithm by its registered `enc` name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-128-CBC with HMAC-SHA-256.
    A128CbcHs256,
    /// AES-192-CBC with HMAC-SHA-384.
    A192CbcHs384,
    /// AES-256-CBC with HMAC-SHA-512.
    A256CbcHs512,
    /// AES-128-GCM.
    A128Gcm,
    /// AES-192-GCM.
    A192Gcm,
    /// AES-256-GCM.
    A256Gcm,
}

impl ContentEncryption {
    /// Every algorithm, in the order of the variants.
    pub const ALL: [Self; 6] = [
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
    ];

    /// The registered `enc` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// How long the content encryption key is, in bytes (RFC 7518 §5.2.2.1, §5.3).
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContentEncryption {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.as_str() == name)
            .ok_or(UnknownAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_are_case_sensitive() {
        for algorithm in KeyManagement::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
        }
        for algorithm in ContentEncryption::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            let lower = algorithm.as_str().to_lowercase();
            assert_eq!(lower.parse::<ContentEncryption>(), Err(UnknownAlgorithm));
        }
    }

    #[test]
    fn what_is_never_done_has_no_name() {
        for name in ["RSA1_5", "PBES2-HS256+A128KW", "none", "DIR"] {
            assert_eq!(name.parse::<KeyManagement>(), Err(UnknownAlgorithm));
        }
    }
}
