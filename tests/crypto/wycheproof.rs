//! Cases of the Wycheproof project (C2SP, under the Apache License 2.0), those that touch JOSE: from
//! each set a few of every kind of case, keys taken apart into the members of a JWK.
//!
//! What is `valid` is accepted, what is `invalid` refused. What is `acceptable`, either would be right
//! of: the one that is taken here stands at the test.

use std::collections::BTreeMap;

use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PrivateKey;
use oauth_proto::crypto::key::PrivatePart;
use oauth_proto::crypto::key::PublicKey;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::hex;
use crate::providers;

#[derive(Deserialize)]
struct Group {
    tests: Vec<Case>,
    /// What all cases of the group have in common: the key.
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Case {
    id: u32,
    note: String,
    result: Expected,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Valid,
    Invalid,
    Acceptable,
}

impl Case {
    fn bytes(&self, name: &str) -> Vec<u8> {
        hex(&self.fields[name])
    }

    fn secret(&self, name: &str) -> Zeroizing<Vec<u8>> {
        self.bytes(name).into()
    }

    /// Nothing else than what is expected came out, and no other error than one of these.
    fn expect<T: PartialEq + std::fmt::Debug>(
        &self,
        by: &dyn std::fmt::Debug,
        outcome: Result<T, CryptoError>,
        value: T,
    ) {
        let case = format!("case {}, {}, by {by:?}", self.id, self.note);
        match (self.result, outcome) {
            (Expected::Valid, outcome) => assert_eq!(outcome, Ok(value), "{case}"),
            (_, Err(CryptoError::Rejected | CryptoError::Key(_))) => {}
            (_, outcome) => panic!("{outcome:?}: {case}"),
        }
    }
}

fn cases(text: &str) -> Vec<Case> {
    let groups: Vec<Group> = serde_json::from_str(text).unwrap();
    let cases = groups.into_iter().flat_map(|group| {
        let fields = group.fields;
        group.tests.into_iter().map(move |mut case| {
            case.fields.extend(fields.clone());
            case
        })
    });
    cases.collect()
}

fn verify(text: &str, algorithm: Algorithm, key: impl Fn(&Case) -> PublicKey) {
    for case in cases(text) {
        let (message, signature) = (case.bytes("msg"), case.bytes("sig"));
        for provider in providers() {
            let prepared = provider.verifying_key(&key(&case));
            let verified = prepared.and_then(|key| key.verify(algorithm, &message, &signature));
            case.expect(&provider, verified, ());
        }
    }
}

#[test]
fn ecdsa() {
    for (text, algorithm, curve) in [
        (
            include_str!("wycheproof/es256.json"),
            Algorithm::Es256,
            EcCurve::P256,
        ),
        (
            include_str!("wycheproof/es256k.json"),
            Algorithm::Es256k,
            EcCurve::Secp256k1,
        ),
        (
            include_str!("wycheproof/es384.json"),
            Algorithm::Es384,
            EcCurve::P384,
        ),
        (
            include_str!("wycheproof/es512.json"),
            Algorithm::Es512,
            EcCurve::P521,
        ),
    ] {
        verify(text, algorithm, |case| PublicKey::Ec {
            curve,
            x: case.bytes("x"),
            y: case.bytes("y"),
        });
    }
}

#[test]
fn eddsa() {
    let text = include_str!("wycheproof/ed25519.json");
    for algorithm in [Algorithm::Ed25519, Algorithm::EdDsa] {
        verify(text, algorithm, |case| PublicKey::Okp {
            curve: OkpCurve::Ed25519,
            x: case.bytes("x"),
        });
    }
}

/// A signature whose encoding lacks the parameters is `acceptable` to Wycheproof, and refused here.
#[test]
fn rsa() {
    for (text, algorithm) in [
        (include_str!("wycheproof/rs256.json"), Algorithm::Rs256),
        (include_str!("wycheproof/rs384.json"), Algorithm::Rs384),
        (include_str!("wycheproof/rs512.json"), Algorithm::Rs512),
        (include_str!("wycheproof/ps256.json"), Algorithm::Ps256),
        (include_str!("wycheproof/ps384.json"), Algorithm::Ps384),
        (include_str!("wycheproof/ps512.json"), Algorithm::Ps512),
    ] {
        verify(text, algorithm, |case| PublicKey::Rsa {
            n: case.bytes("n"),
            e: case.bytes("e"),
        });
    }
}

#[test]
fn ml_dsa() {
    for (text, algorithm) in [
        (
            include_str!("wycheproof/ml_dsa_44.json"),
            Algorithm::MlDsa44,
        ),
        (
            include_str!("wycheproof/ml_dsa_65.json"),
            Algorithm::MlDsa65,
        ),
        (
            include_str!("wycheproof/ml_dsa_87.json"),
            Algorithm::MlDsa87,
        ),
    ] {
        verify(text, algorithm, |case| PublicKey::Akp {
            algorithm,
            public: case.bytes("public"),
        });
    }
}

#[test]
fn rsa_oaep() {
    for (text, hash) in [
        (include_str!("wycheproof/oaep_sha1.json"), Hash::Sha1),
        (include_str!("wycheproof/oaep_sha256.json"), Hash::Sha256),
        (include_str!("wycheproof/oaep_sha384.json"), Hash::Sha384),
        (include_str!("wycheproof/oaep_sha512.json"), Hash::Sha512),
    ] {
        for case in cases(text) {
            let public = PublicKey::Rsa {
                n: case.bytes("n"),
                e: case.bytes("e"),
            };
            let private = PrivatePart::Rsa {
                d: case.secret("d"),
                p: case.secret("p"),
                q: case.secret("q"),
                dp: case.secret("dp"),
                dq: case.secret("dq"),
                qi: case.secret("qi"),
            };
            let key = PrivateKey::new(public, private);
            for provider in providers() {
                let decrypter = provider.decryption_key(&key).unwrap();
                let opened = decrypter.rsa_oaep(hash, &case.bytes("ct"));
                case.expect(&provider, opened, case.secret("msg"));
            }
        }
    }
}

#[test]
fn ecdh() {
    for (text, curve) in [
        (
            include_str!("wycheproof/ecdh_secp256r1.json"),
            EcCurve::P256,
        ),
        (
            include_str!("wycheproof/ecdh_secp384r1.json"),
            EcCurve::P384,
        ),
        (
            include_str!("wycheproof/ecdh_secp521r1.json"),
            EcCurve::P521,
        ),
    ] {
        for case in cases(text) {
            let point = |x, y| PublicKey::Ec {
                curve,
                x: case.bytes(x),
                y: case.bytes(y),
            };
            let private = PrivatePart::Octets(case.secret("private"));
            let own = PrivateKey::new(point("own_x", "own_y"), private);
            for provider in providers() {
                let own = provider.decryption_key(&own).unwrap();
                let shared = own.agree(&point("x", "y"));
                case.expect(&provider, shared, case.secret("shared"));
            }
        }
    }
}

/// A public key on the twist or not reduced is `acceptable` to Wycheproof, and taken here as RFC 7748 §5
/// has it; one that leads to zero is refused.
#[test]
fn x25519() {
    for mut case in cases(include_str!("wycheproof/x25519.json")) {
        let point = |x| PublicKey::Okp {
            curve: OkpCurve::X25519,
            x: case.bytes(x),
        };
        let (public, peer) = (point("own"), point("public"));
        let private = PrivatePart::Octets(case.secret("private"));
        let own = PrivateKey::new(public, private);
        let shared = case.secret("shared");
        case.result = if shared.iter().all(|byte| *byte == 0) {
            Expected::Invalid
        } else {
            Expected::Valid
        };
        for provider in providers() {
            let own = provider.decryption_key(&own).unwrap();
            case.expect(&provider, own.agree(&peer), shared.clone());
        }
    }
}

#[test]
fn hmac() {
    for (text, hash) in [
        (include_str!("wycheproof/hmac_sha1.json"), Hash::Sha1),
        (include_str!("wycheproof/hmac_sha256.json"), Hash::Sha256),
        (include_str!("wycheproof/hmac_sha384.json"), Hash::Sha384),
        (include_str!("wycheproof/hmac_sha512.json"), Hash::Sha512),
    ] {
        for case in cases(text) {
            for provider in providers() {
                let mac = provider.hmac(hash, &case.bytes("key"), &case.bytes("msg"));
                let same = mac.unwrap() == case.bytes("tag");
                let expected = case.result == Expected::Valid;
                assert_eq!(same, expected, "{} {}", case.id, case.note);
            }
        }
    }
}

/// A key of eight bytes is `acceptable` to Wycheproof, and refused here: RFC 3394 §2.2.1 begins with two
/// blocks.
#[test]
fn aes_wrap() {
    for case in cases(include_str!("wycheproof/aes_wrap.json")) {
        let (kek, key, wrapped) = (case.bytes("key"), case.secret("msg"), case.bytes("ct"));
        for provider in providers() {
            if case.result == Expected::Valid {
                assert_eq!(provider.aes_wrap(&kek, &key).as_ref(), Ok(&wrapped));
            }
            let unwrapped = provider.aes_unwrap(&kek, &wrapped);
            case.expect(&provider, unwrapped, key.clone());
        }
    }
}

#[test]
fn aes_gcm() {
    for case in cases(include_str!("wycheproof/aes_gcm.json")) {
        let (key, aad, text) = (case.bytes("key"), case.bytes("aad"), case.secret("msg"));
        let nonce = case.bytes("iv").try_into().unwrap();
        let sealed = [case.bytes("ct"), case.bytes("tag")].concat();
        for provider in providers() {
            if case.result == Expected::Valid {
                let made = provider.aes_gcm_seal(&key, &nonce, &aad, &text);
                assert_eq!(made.as_ref(), Ok(&sealed));
            }
            let opened = provider.aes_gcm_open(&key, &nonce, &aad, &sealed);
            case.expect(&provider, opened, text.clone());
        }
    }
}

#[test]
fn aes_cbc() {
    for case in cases(include_str!("wycheproof/aes_cbc.json")) {
        let (key, text, ciphertext) = (case.bytes("key"), case.secret("msg"), case.bytes("ct"));
        let iv = case.bytes("iv").try_into().unwrap();
        for provider in providers() {
            if case.result == Expected::Valid {
                let made = provider.aes_cbc_encrypt(&key, &iv, &text);
                assert_eq!(made.as_ref(), Ok(&ciphertext));
            }
            let opened = provider.aes_cbc_decrypt(&key, &iv, &ciphertext);
            case.expect(&provider, opened, text.clone());
        }
    }
}
