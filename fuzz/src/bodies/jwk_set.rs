//! Invariant: whatever document is read as a set of keys, reading does not panic and takes time near
//! linear in its length. Of at most 1,024 keys each is used or counted as skipped; none that is used is
//! symmetric or has a private member, none is for nothing. A key is found by its name, among few where
//! no name is given, and fits what it is found for. Written and read again, the set is the same.
//!
//! Input: the document.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jwks::MAX_KEYS;
use oauth_proto::crypto::key_management::KeyManagement;
use serde_json::Map;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::toy::Toy;

const LIMIT: usize = 200_000;

/// Whether the document is a set with a key that can be used.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let document = Bytes::new(data).text(LIMIT);
    let set = match JwkSet::parse(&Toy, &document) {
        Ok(set) => set,
        Err(fault) => {
            assert!(!format!("{fault} {fault:?}").is_empty());
            return false;
        }
    };
    let read: Map<String, Value> = serde_json::from_slice(&document).expect("it was read");
    let written = read["keys"].as_array().expect("it was read");
    assert_eq!(set.len() + set.skipped(), written.len());
    assert!(written.len() <= MAX_KEYS);
    assert_eq!(set.keys().len(), set.len());

    for key in set.keys() {
        check_key(&set, key);
    }
    for algorithm in Algorithm::ALL {
        let fit = set.keys().filter(|key| key.can_verify(algorithm)).count();
        assert_eq!(set.select(algorithm, None).count(), fit);
        assert!(!algorithm.is_mac() || fit == 0);
    }
    let again = JwkSet::parse(&Toy, set.to_json().as_bytes()).expect("it was written");
    assert_eq!(again.skipped(), 0);
    assert!(again.keys().eq(set.keys()));
    !set.is_empty()
}

fn check_key(set: &JwkSet, key: &Jwk) {
    let json = key.to_json();
    let members: Map<String, Value> = serde_json::from_str(&json).expect("it was written");
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        assert!(!members.contains_key(private));
    }
    assert_eq!(key.thumbprint().len(), 43);

    let mut is_of_use = false;
    for algorithm in Algorithm::ALL {
        if key.can_verify(algorithm) {
            is_of_use = true;
            let mut found = set.select(algorithm, key.kid());
            assert!(found.any(|verifier| verifier.jwk() == Some(key)));
        }
    }
    for algorithm in KeyManagement::ALL {
        if key.can_encrypt(algorithm) {
            is_of_use = true;
            let mut found = set.select_encryption(algorithm, key.kid());
            assert!(found.any(|other| other == key));
        }
    }
    assert!(is_of_use);
}
