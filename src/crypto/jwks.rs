//! A set of public keys (RFC 7517 §5), each prepared once to verify.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::crypto::Crypto;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jws::Jws;
use crate::crypto::jws::JwsFault;
use crate::crypto::jws::Verified;
use crate::crypto::key_management::KeyManagement;
use crate::crypto::verifier::Verifier;

/// The most keys that a set may have.
pub const MAX_KEYS: usize = 1024;

/// The most keys that are tried for one signature, where no `kid` says which.
pub const MAX_TRIES: usize = 16;

/// A set of public keys as a peer publishes it.
///
/// What cannot be used is passed over, as RFC 7517 §5 has it ("SHOULD ignore JWKs within a JWK Set
/// that use `kty` values that are not understood"), and counted: symmetric keys and keys with private
/// members as well, which nobody may trust once they are published.
///
/// ```
/// use oauth_proto::crypto::jwks::JwkSet;
///
/// let crypto = oauth_proto::crypto::default_provider();
/// let set = JwkSet::parse(&*crypto, br#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#)?;
/// assert_eq!((set.len(), set.skipped()), (0, 1));
/// # Ok::<(), oauth_proto::crypto::jwks::SetFault>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<Entry>,
    /// Positions in `keys` by `kid`, in order; keys without one are not there.
    by_kid: HashMap<String, Vec<usize>>,
    skipped: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    jwk: Jwk,
    /// None where the key is for encryption alone.
    verifier: Option<Verifier>,
}

impl JwkSet {
    /// Reads a set and prepares its keys with `crypto`.
    ///
    /// # Errors
    ///
    /// [`SetFault`] where it is no set at all. A set without a usable key is no fault here.
    pub fn parse(crypto: &dyn Crypto, json: &[u8]) -> Result<Self, SetFault> {
        let object = json::object(json)?;
        let keys = object.member("keys").ok_or(SetFault::NoKeys)?;
        let keys: Vec<&RawValue> = keys.parse().map_err(|_| SetFault::NoKeys)?;
        if keys.len() > MAX_KEYS {
            return Err(SetFault::TooMany);
        }
        let mut set = Self::default();
        for raw in keys {
            let read = Jwk::parse(raw.get()).and_then(|jwk| Entry::new(crypto, jwk));
            match read {
                Ok(entry) => set.keys.push(entry),
                Err(_) => set.skipped += 1,
            }
        }
        set.index();
        Ok(set)
    }

    /// A set of these keys, prepared with `crypto`.
    ///
    /// # Errors
    ///
    /// [`KeyFault`] of the first key that cannot be used.
    pub fn new(crypto: &dyn Crypto, keys: impl IntoIterator<Item = Jwk>) -> Result<Self, KeyFault> {
        let entries = keys.into_iter().map(|jwk| Entry::new(crypto, jwk));
        let mut set = Self {
            keys: entries.collect::<Result<_, _>>()?,
            ..Self::default()
        };
        set.index();
        Ok(set)
    }

    fn index(&mut self) {
        for (at, entry) in self.keys.iter().enumerate() {
            if let Some(kid) = entry.jwk.kid() {
                self.by_kid.entry(kid.to_owned()).or_default().push(at);
            }
        }
    }

    /// How many keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many were passed over.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The keys in the order of the set.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Jwk> {
        self.keys.iter().map(|entry| &entry.jwk)
    }

    /// The keys that may verify a signature by `algorithm` whose header names `kid`: those of that
    /// name, or all where the header names none.
    pub fn select(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> impl Iterator<Item = &Verifier> {
        self.named(kid)
            .filter_map(|entry| entry.verifier.as_ref())
            .filter(move |verifier| verifier.fits(algorithm))
    }

    /// The keys that one may encrypt to by `algorithm`: those named `kid`, or all.
    pub fn select_encryption(
        &self,
        algorithm: KeyManagement,
        kid: Option<&str>,
    ) -> impl Iterator<Item = &Jwk> {
        self.named(kid)
            .map(|entry| &entry.jwk)
            .filter(move |jwk| jwk.can_encrypt(algorithm))
    }

    fn named(&self, name: Option<&str>) -> impl Iterator<Item = &Entry> {
        let (named, all) = match name {
            Some(name) => (
                self.by_kid.get(name).map_or(&[][..], Vec::as_slice),
                &[][..],
            ),
            None => (&[][..], self.keys.as_slice()),
        };
        let named = named.iter().filter_map(|&at| self.keys.get(at));
        named.chain(all)
    }

    /// Verifies by `algorithm`, pinned by the caller, with the keys that [`select`](Self::select)
    /// gives for the header's `kid`, at most [`MAX_TRIES`] of them.
    ///
    /// # Errors
    ///
    /// [`JwsFault::NoKey`] where none fits: a newer set may have one. Else as
    /// [`Jws::verify`](crate::crypto::jws::Jws::verify).
    pub fn verify(&self, jws: Jws<'_>, algorithm: Algorithm) -> Result<Verified, JwsFault> {
        // The algorithm is pinned before a key is chosen.
        jws.check_algorithm(algorithm)?;
        let mut outcome = Err(JwsFault::NoKey);
        for key in self.select(algorithm, jws.header().kid()).take(MAX_TRIES) {
            outcome = jws.check(algorithm, key).map(|()| key);
            if outcome.is_ok() {
                break;
            }
        }
        outcome.map(|key| jws.into_verified(key))
    }

    /// The set as JSON, to be published or stored: the keys that can be used.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Keys<'a> {
            keys: Vec<&'a Jwk>,
        }
        let keys = self.keys().collect();
        // Maps of names to strings cannot fail.
        serde_json::to_string(&Keys { keys }).unwrap_or_default()
    }
}

impl Entry {
    fn new(crypto: &dyn Crypto, jwk: Jwk) -> Result<Self, KeyFault> {
        let verifier = match Verifier::new(crypto, jwk.clone()) {
            Ok(verifier) => Some(verifier),
            Err(KeyFault::Unfit) if encrypts(&jwk) => None,
            Err(fault) => return Err(fault),
        };
        Ok(Self { jwk, verifier })
    }
}

fn encrypts(jwk: &Jwk) -> bool {
    let mut all = KeyManagement::ALL.into_iter();
    all.any(|algorithm| jwk.can_encrypt(algorithm))
}

/// Why a text is no set of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetFault {
    /// Not a strict JSON object.
    #[error("the key set: {0}")]
    Json(#[from] JsonFault),
    /// RFC 7517 §5.1: there is no `keys`, or it is no array.
    #[error("the key set has no array `keys`")]
    NoKeys,
    /// More than [`MAX_KEYS`].
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooMany,
}

#[cfg(test)]
mod tests;
