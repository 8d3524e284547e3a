//! JSON Web Signature in its compact form (RFC 7515): read and verified, or written to be signed.
//!
//! ```text
//! text ── parse ──▶ Jws ── verify(algorithm, key) ──▶ Verified: header and payload
//!                    │ header only: what chooses a key
//!
//! Unsigned: header and payload ── Signer::sign ──▶ Signed::Compact, or Signed::Remote: a hole
//! ```

use std::fmt;

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value;

use crate::base::base64url;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::compact;
use crate::crypto::compact::Header;
use crate::crypto::compact::HeaderFault;
use crate::crypto::compact::MAX_LEN;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwt::Claims;
use crate::crypto::jwt::ClaimsFault;
use crate::crypto::verifier::Verifier;

/// A signed text that has been read and not yet verified. Its payload is out of reach.
#[derive(Clone)]
pub struct Jws<'a> {
    header: Header,
    algorithm: Algorithm,
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads the compact serialisation (RFC 7515 §7.1). Nothing is verified.
    ///
    /// # Errors
    ///
    /// Every fault of form; `none` and names that are not known are [`HeaderFault::Algorithm`].
    pub fn parse(text: &'a str) -> Result<Self, JwsFault> {
        if text.len() > MAX_LEN {
            return Err(JwsFault::TooLong);
        }
        let [header, payload, signature] = compact::split(text).ok_or(JwsFault::Parts)?;
        let signing_input = text
            .get(..header.len() + 1 + payload.len())
            .ok_or(JwsFault::Parts)?;
        let (header, algorithm) = Header::read(header, |object| {
            let name = compact::text(object, "alg")?;
            name.parse().map_err(|_| HeaderFault::Algorithm("alg"))
        })?;
        Ok(Self {
            header,
            algorithm,
            signing_input,
            payload: base64url::decode(payload).map_err(|_| JwsFault::Encoding)?,
            signature: base64url::decode(signature).map_err(|_| JwsFault::Encoding)?,
        })
    }

    /// The header. It is what chooses among keys, and nothing more until it is verified.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The algorithm that the header says. Whoever verifies knows which are allowed before.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The payload before anything is verified: anyone may have written it. Only to find out whom to
    /// ask for keys.
    #[must_use]
    pub fn danger_unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Verifies the signature by `algorithm`, pinned by the caller, with `key`.
    ///
    /// # Errors
    ///
    /// [`JwsFault::Algorithm`] where the header says another, [`JwsFault::Signature`] where the
    /// signature is not of this key, [`JwsFault::Crypto`] where the key does not fit.
    pub fn verify(self, algorithm: Algorithm, key: &Verifier) -> Result<Verified, JwsFault> {
        self.check(algorithm, key)?;
        Ok(self.into_verified(key))
    }

    /// As [`verify`](Self::verify), but keeps what is to be verified.
    pub(super) fn check(&self, algorithm: Algorithm, key: &Verifier) -> Result<(), JwsFault> {
        self.check_algorithm(algorithm)?;
        key.verify(algorithm, self.signing_input.as_bytes(), &self.signature)
            .map_err(|fault| match fault {
                CryptoError::Rejected => JwsFault::Signature,
                other => JwsFault::Crypto(other),
            })
    }

    /// RFC 8725 §3.1: the caller says which algorithm, and no other is used.
    pub(super) fn check_algorithm(&self, expected: Algorithm) -> Result<(), JwsFault> {
        if self.algorithm == expected {
            Ok(())
        } else {
            Err(JwsFault::Algorithm {
                expected,
                received: self.algorithm,
            })
        }
    }

    /// What `key` verified.
    pub(super) fn into_verified(self, key: &Verifier) -> Verified {
        let key_issuer = key.jwk().and_then(Jwk::issuer);
        Verified {
            header: self.header,
            algorithm: self.algorithm,
            payload: self.payload,
            key_issuer: key_issuer.map(str::to_owned),
        }
    }
}

/// Header and algorithm alone.
impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws")
            .field("algorithm", &self.algorithm)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What a verified signature covers.
#[derive(Clone)]
pub struct Verified {
    header: Header,
    algorithm: Algorithm,
    payload: Vec<u8>,
    key_issuer: Option<String>,
}

impl Verified {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The algorithm it was verified by.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// For whose tokens alone the key is that it was verified with, where the key says so
    /// ([`Jwk::issuer`]). Whoever verifies by hand holds the claims to it.
    #[must_use]
    pub fn key_issuer(&self) -> Option<&str> {
        self.key_issuer.as_deref()
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, without a copy.
    #[must_use]
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// The payload as claims (RFC 7519 §4).
    ///
    /// # Errors
    ///
    /// [`ClaimsFault`].
    pub fn into_claims(self) -> Result<Claims, ClaimsFault> {
        Claims::parse(self.payload)
    }
}

/// Header and algorithm alone.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Header and payload that are to be signed. `alg` and `kid` come from who signs.
#[derive(Clone)]
pub struct Unsigned {
    header: Vec<(&'static str, Value)>,
    payload: Vec<u8>,
}

impl Unsigned {
    /// What signs `payload`.
    #[must_use]
    pub fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            header: Vec::new(),
            payload: payload.into(),
        }
    }

    /// With the media type of the whole (RFC 7515 §4.1.9).
    #[must_use]
    pub fn with_type(self, typ: impl Into<String>) -> Self {
        self.with_header("typ", typ.into())
    }

    /// With the public key in the header (RFC 7515 §4.1.3): the key alone, not what is said of it.
    #[must_use]
    pub fn with_jwk(self, jwk: &Jwk) -> Self {
        self.with_header("jwk", jwk.key().to_value())
    }

    /// With one more member, which takes the place of one with the same name.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.header.retain(|(other, _)| *other != name);
        self.header.push((name, value.into()));
        self
    }

    /// The JWS Signing Input (RFC 7515 §5.1) for a key with this algorithm and name.
    pub(super) fn signing_input(&self, algorithm: Algorithm, kid: Option<&str>) -> String {
        let header = OutgoingHeader {
            algorithm: algorithm.as_str(),
            kid,
            others: &self.header,
        };
        // A map of names to values cannot fail.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        // The signature is appended later: 88 characters for P-256, 342 for RSA of 2048 bits.
        let mut text = String::with_capacity((header.len() + self.payload.len()) * 4 / 3 + 360);
        base64url::encode_into(&header, &mut text);
        text.push('.');
        base64url::encode_into(&self.payload, &mut text);
        text
    }
}

/// Names of header members alone.
impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.header.iter().map(|(name, _)| name);
        f.write_str("Unsigned")?;
        f.debug_list().entries(names).finish()
    }
}

struct OutgoingHeader<'a> {
    algorithm: &'a str,
    kid: Option<&'a str>,
    others: &'a [(&'static str, Value)],
}

impl Serialize for OutgoingHeader<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("alg", self.algorithm)?;
        for (name, value) in self.others {
            if !matches!(*name, "alg" | "kid") {
                map.serialize_entry(name, value)?;
            }
        }
        if let Some(kid) = self.kid {
            map.serialize_entry("kid", kid)?;
        }
        map.end()
    }
}

/// Why a signed text is refused. It tells nothing of what stands in it but names of algorithms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsFault {
    /// Longer than [`MAX_LEN`].
    #[error("longer than {MAX_LEN} bytes")]
    TooLong,
    /// Not three parts (RFC 7515 §7.1).
    #[error("not three parts with a dot between them")]
    Parts,
    /// Payload or signature are not base64url.
    #[error("payload or signature are not base64url")]
    Encoding,
    /// The header is refused.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// Signed by another algorithm than the one that was agreed upon.
    #[error("signed by {received}, not by {expected}")]
    Algorithm {
        /// What was agreed upon.
        expected: Algorithm,
        /// What the header says.
        received: Algorithm,
    },
    /// No key of the set fits the algorithm and the `kid`.
    #[error("no key fits the algorithm and the `kid`")]
    NoKey,
    /// The signature is of none of the keys.
    #[error("the signature is not of this key")]
    Signature,
    /// The key or the capability cannot verify it.
    #[error(transparent)]
    Crypto(CryptoError),
}

#[cfg(test)]
mod tests;
