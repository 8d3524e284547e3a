//! Cases of the Wycheproof project (C2SP, under the Apache License 2.0): its JSON Web Signature,
//! Encryption and Key sets, of the first a few of every kind of case.
//!
//! What is `valid` is accepted, what is `invalid` refused. Where it is otherwise here, it stands in a
//! list with its reason.

use std::sync::Arc;

use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::verifier::Verifier;
use serde::Deserialize;
use serde_json::Value;

use crate::providers;

#[derive(Deserialize)]
struct Group {
    private: Option<Value>,
    public: Option<Value>,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: u32,
    note: String,
    result: String,
    text: String,
    plaintext: Option<String>,
}

/// What is done otherwise than the sets expect.
const SIGNED_OTHERWISE: [(u32, &str); 8] = [
    (346, "the key says PS256, the token PS384"),
    (347, "the key says `ES521`, which is no algorithm"),
    (350, "the key says PS256, the token PS384"),
    (351, "the key says `ES521`, which is no algorithm"),
    (367, "nothing is wrong with the text of the case"),
    (370, "nothing is wrong with the text of the case"),
    (372, "a foreign character in base64url is refused"),
    (373, "a foreign character in base64url is refused"),
];

/// A set that a peer publishes has no symmetric keys here, and keys are not tried for weak primes.
const SETS_OTHERWISE: [(u32, &str); 5] = [
    (2, "symmetric keys in a set"),
    (7, "an RSA key with primes of a known weak form"),
    (13, "symmetric keys in a set"),
    (14, "symmetric keys in a set"),
    (15, "symmetric keys in a set"),
];

const ENCRYPTED_OTHERWISE: [(u32, &str); 9] = [
    (100, "RSA1_5"),
    (101, "RSA1_5"),
    (102, "RSA1_5"),
    (103, "RSA1_5"),
    (104, "RSA1_5"),
    (105, "RSA1_5"),
    (112, "RSA1_5"),
    (128, "RSA1_5"),
    (135, "zip"),
];

/// Holds every case of a set to its result, or to the contrary where it is in `otherwise`.
fn hold(
    set: &str,
    otherwise: &[(u32, &str)],
    accepts: fn(&Arc<dyn Crypto>, &Group, &Case) -> bool,
) {
    let groups: Vec<Group> = serde_json::from_str(set).unwrap();
    for crypto in providers() {
        let mut met = 0;
        for group in &groups {
            for case in &group.tests {
                let reason = otherwise.iter().find(|(id, _)| *id == case.id);
                met += usize::from(reason.is_some());
                let expected = (case.result == "valid") != reason.is_some();
                let name = format!("case {}, {}, by {crypto:?}", case.id, case.note);
                assert_eq!(accepts(&crypto, group, case), expected, "{name}");
            }
        }
        assert_eq!(met, otherwise.len(), "every exception is one");
    }
}

#[test]
fn signatures() {
    let set = include_str!("wycheproof/jws.json");
    hold(set, &SIGNED_OTHERWISE, |crypto, group, case| {
        let Ok(jws) = Jws::parse(&case.text) else {
            return false;
        };
        let algorithm = jws.algorithm();
        let verifier = verifier(crypto, group);
        verifier.is_some_and(|verifier| jws.verify(algorithm, &verifier).is_ok())
    });
}

fn verifier(crypto: &Arc<dyn Crypto>, group: &Group) -> Option<Verifier> {
    if let Some(public) = &group.public {
        let jwk = Jwk::parse(&public.to_string()).ok()?;
        return Verifier::new(&**crypto, jwk).ok();
    }
    let key = PrivateJwk::parse(&group.private.as_ref()?.to_string()).ok()?;
    match key.public() {
        Some(public) => Verifier::new(&**crypto, public).ok(),
        None => Verifier::symmetric(Arc::clone(crypto), &key).ok(),
    }
}

#[test]
fn encryption() {
    let set = include_str!("wycheproof/jwe.json");
    hold(set, &ENCRYPTED_OTHERWISE, |crypto, group, case| {
        let Ok(jwe) = Jwe::parse(&case.text) else {
            return false;
        };
        let key = group.private.as_ref().unwrap().to_string();
        let Some(decrypter) = PrivateJwk::parse(&key)
            .and_then(|key| Decrypter::new(Arc::clone(crypto), &key))
            .ok()
        else {
            return false;
        };
        let (algorithm, encryption) = (jwe.algorithm(), jwe.encryption());
        match jwe.decrypt(algorithm, encryption, &decrypter) {
            Ok(decrypted) => {
                let digits = decrypted.plaintext().iter();
                let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(Some(digits), case.plaintext, "case {}", case.id);
                true
            }
            Err(_) => false,
        }
    });
}

#[test]
fn sets_of_keys() {
    let set = include_str!("wycheproof/jwk.json");
    hold(set, &SETS_OTHERWISE, |crypto, group, case| {
        let keys = group.public.as_ref().or(group.private.as_ref()).unwrap();
        let (Ok(set), Ok(jws)) = (
            JwkSet::parse(&**crypto, published(keys).as_bytes()),
            Jws::parse(&case.text),
        ) else {
            return false;
        };
        let algorithm = jws.algorithm();
        set.verify(jws, algorithm).is_ok()
    });
}

/// The set without the private members of its key pairs; one key alone is a set of one.
fn published(keys: &Value) -> String {
    let mut set = match keys.get("keys") {
        Some(_) => keys.clone(),
        None => serde_json::json!({ "keys": [keys] }),
    };
    for key in set["keys"].as_array_mut().unwrap() {
        if key["kty"] != "oct" {
            for name in ["d", "p", "q", "dp", "dq", "qi"] {
                key.as_object_mut().unwrap().remove(name);
            }
        }
    }
    set.to_string()
}
