//! The examples of RFC 7515, 7516, 7517, 7520 and 8037 in `vectors/jose.json`, all of those in compact
//! form. What the crate refuses by rule is refused here by name.

use std::sync::Arc;

use oauth_proto::base::base64url;
use oauth_proto::crypto::compact::HeaderFault;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwe::JweFault;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use serde::Deserialize;
use serde_json::Value;

use crate::providers;

#[derive(Deserialize)]
struct Examples {
    keys: Vec<Key>,
    signed: Vec<SignedText>,
    encrypted: Vec<EncryptedText>,
}

#[derive(Deserialize)]
struct Key {
    source: String,
    key: Value,
}

#[derive(Deserialize)]
struct SignedText {
    source: String,
    alg: String,
    key: Value,
    payload: String,
    text: String,
    reproducible: bool,
}

#[derive(Deserialize)]
struct EncryptedText {
    source: String,
    alg: String,
    enc: String,
    key: Value,
    plaintext: String,
    text: String,
}

fn examples() -> Examples {
    serde_json::from_str(include_str!("../vectors/jose.json")).unwrap()
}

#[test]
fn keys_are_read_and_written() {
    let examples = examples();
    assert_eq!(examples.keys.len(), 12);
    for Key { source, key } in examples.keys {
        let json = key.to_string();
        let private = ["d", "k"].iter().any(|name| key.get(name).is_some());
        if private {
            assert_eq!(Jwk::parse(&json), Err(KeyFault::Private), "{source}");
            let read = PrivateJwk::parse(&json).unwrap();
            let written: Value = serde_json::from_str(read.to_private_json().expose()).unwrap();
            assert_eq!(written, key, "{source}");
        } else {
            let read = Jwk::parse(&json).unwrap();
            let written: Value = serde_json::from_str(&read.to_json()).unwrap();
            assert_eq!(written, key, "{source}");
        }
    }
}

#[test]
fn signed_texts_are_verified_and_made_again() {
    let examples = examples();
    assert_eq!(examples.signed.len(), 10);
    for crypto in providers() {
        for example in &examples.signed {
            let source = &example.source;
            let algorithm = example.alg.parse().unwrap();
            let key = PrivateJwk::parse(&example.key.to_string()).unwrap();
            let jws = Jws::parse(&example.text).unwrap();
            let verified = match key.public() {
                None => {
                    let verifier = Verifier::symmetric(Arc::clone(&crypto), &key).unwrap();
                    jws.verify(algorithm, &verifier)
                }
                Some(public) => {
                    let mut set = vec![public];
                    if let Some(kid) = jws.header().kid() {
                        assert_eq!(set[0].kid(), Some(kid), "{source}");
                    } else {
                        set[0] = Jwk::new(set[0].key().clone());
                    }
                    JwkSet::new(&*crypto, set).unwrap().verify(jws, algorithm)
                }
            };
            let payload = base64url::decode(&example.payload).unwrap();
            assert_eq!(verified.unwrap().payload(), payload, "{source}");

            if example.reproducible {
                let signer = Signer::new(&crypto, &key, algorithm).unwrap();
                match signer.sign(&Unsigned::new(payload)).unwrap() {
                    Signed::Compact(text) => assert_eq!(text, example.text, "{source}"),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn encrypted_texts_are_decrypted_but_for_those_that_are_refused() {
    let examples = examples();
    assert_eq!(examples.encrypted.len(), 13);
    for crypto in providers() {
        for example in &examples.encrypted {
            let source = &example.source;
            let parsed = Jwe::parse(&example.text);
            let refused = match source.as_str() {
                // RSA1_5 and PBES2.
                "RFC 7516 A.2" | "RFC 7520 §5.1" | "RFC 7520 §5.3" => {
                    Some(HeaderFault::Algorithm("alg"))
                }
                "RFC 7520 §5.9" => Some(HeaderFault::Refused("zip")),
                _ => None,
            };
            if let Some(fault) = refused {
                assert_eq!(parsed.unwrap_err(), JweFault::Header(fault), "{source}");
                continue;
            }
            let key = PrivateJwk::parse(&example.key.to_string()).unwrap();
            let decrypter = Decrypter::new(Arc::clone(&crypto), &key).unwrap();
            let algorithm = example.alg.parse().unwrap();
            let encryption = example.enc.parse().unwrap();
            let decrypted = parsed.unwrap().decrypt(algorithm, encryption, &decrypter);
            let plaintext = base64url::decode(&example.plaintext).unwrap();
            assert_eq!(decrypted.unwrap().plaintext(), plaintext, "{source}");
        }
    }
}
