//! Signed texts as attackers write them. Known answers are in `tests/jose.rs`.

use std::sync::Arc;

use super::*;
use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::NoEntropy;
use crate::crypto::hash::Hash;
use crate::crypto::signer::Signed;
use crate::crypto::signer::Signer;

/// A "MAC" of key, hash and message that anyone can read: enough to see what is compared with what.
#[derive(Debug)]
struct Plain;

impl Crypto for Plain {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy::new())
    }

    fn sha256(&self, _: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    fn hmac(&self, hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok([&[u8::try_from(hash.len()).unwrap()], key, message].concat())
    }
}

fn secret() -> Secret {
    Secret::new("0123456789abcdef0123456789abcdef")
}

fn verifier() -> Verifier {
    Verifier::secret(Arc::new(Plain), &secret())
}

fn signed(unsigned: &Unsigned) -> String {
    let signer = Signer::secret(Arc::new(Plain), &secret(), Algorithm::Hs256).unwrap();
    match signer.with_kid("k").sign(unsigned).unwrap() {
        Signed::Compact(text) => text,
        Signed::Remote(_) => panic!("the secret is here"),
    }
}

fn text(header: &str) -> String {
    let header = base64url::encode(header.as_bytes());
    format!("{header}.e30.AAAA")
}

#[test]
fn what_was_signed_is_verified() {
    let unsigned = Unsigned::new("{}").with_type("a").with_type("b");
    let text = signed(&unsigned.with_header("x", 1).with_header("alg", "none"));
    let jws = Jws::parse(&text).unwrap();
    assert_eq!(jws.header().kid(), Some("k"));
    let verified = jws.verify(Algorithm::Hs256, &verifier()).unwrap();
    assert_eq!(verified.payload(), b"{}");
    assert_eq!(verified.header().typ(), Some("b"));
    assert_eq!(verified.header().member("x"), Ok(Some(1)));
    assert!(verified.into_claims().unwrap().members().is_empty());
}

#[test]
fn the_algorithm_is_pinned() {
    let text = signed(&Unsigned::new("{}"));
    for expected in Algorithm::ALL {
        let outcome = Jws::parse(&text).unwrap().verify(expected, &verifier());
        match expected {
            Algorithm::Hs256 => assert!(outcome.is_ok()),
            _ => assert_eq!(
                outcome.unwrap_err(),
                JwsFault::Algorithm {
                    expected,
                    received: Algorithm::Hs256
                }
            ),
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes long where every step is watched")]
fn every_altered_byte_is_noticed() {
    let good = signed(&Unsigned::new(r#"{"sub":"a"}"#));
    for at in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        let bad = String::from_utf8(bad).unwrap();
        let outcome = Jws::parse(&bad).and_then(|jws| jws.verify(Algorithm::Hs256, &verifier()));
        assert!(outcome.is_err(), "{at}");
    }
    for at in 0..good.len() {
        let outcome = Jws::parse(&good[..at]);
        let outcome = outcome.and_then(|jws| jws.verify(Algorithm::Hs256, &verifier()));
        assert!(outcome.is_err(), "{at}");
    }
}

#[test]
fn a_short_secret_verifies_nothing_unless_named() {
    let short = Secret::new("short");
    let crypto: Arc<dyn Crypto> = Arc::new(Plain);
    let signer = Signer::secret(crypto.clone(), &short, Algorithm::Hs256);
    assert!(signer.is_err());
    let signer = Signer::danger_short_secret(crypto.clone(), &short, Algorithm::Hs256).unwrap();
    let Ok(Signed::Compact(text)) = signer.sign(&Unsigned::new("{}")) else {
        panic!("the secret is here")
    };
    let jws = Jws::parse(&text).unwrap();
    let strict = Verifier::secret(crypto.clone(), &short);
    let fault = jws.clone().verify(Algorithm::Hs256, &strict).unwrap_err();
    assert!(matches!(
        fault,
        JwsFault::Crypto(CryptoError::Unsupported(_))
    ));
    let lax = Verifier::danger_short_secret(crypto.clone(), &short);
    assert!(jws.clone().verify(Algorithm::Hs256, &lax).is_ok());
    let empty = Verifier::danger_short_secret(crypto, &Secret::new(""));
    assert!(jws.verify(Algorithm::Hs256, &empty).is_err());
}

#[test]
fn a_malformed_text_is_refused() {
    let fault = |text: &str| Jws::parse(text).unwrap_err();
    for text in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e"] {
        assert_eq!(fault(text), JwsFault::Parts, "{text}");
    }
    assert_eq!(fault(&"a".repeat(MAX_LEN + 1)), JwsFault::TooLong);
    let header = base64url::encode(br#"{"alg":"HS256"}"#);
    for rest in [
        "e30=.AAAA",
        "e30.AAA=",
        "e3 0.AAAA",
        "e30.AAAB\n",
        "e31.AAAA",
        "é.AAAA",
    ] {
        assert_eq!(
            fault(&format!("{header}.{rest}")),
            JwsFault::Encoding,
            "{rest}"
        );
    }
}

#[test]
fn an_algorithm_without_a_name_is_refused() {
    for name in [
        "none", "None", "", "HS1", "hs256", "RSA1_5", "dir", "HS256 ",
    ] {
        assert_eq!(
            Jws::parse(&text(&format!(r#"{{"alg":"{name}"}}"#))).unwrap_err(),
            JwsFault::Header(HeaderFault::Algorithm("alg")),
            "{name}"
        );
    }
    for (header, fault) in [
        ("{}", HeaderFault::Missing("alg")),
        (r#"{"alg":null}"#, HeaderFault::Member("alg")),
        (r#"{"alg":["HS256"]}"#, HeaderFault::Member("alg")),
        (r#"{"alg":"HS256","crit":["exp"]}"#, HeaderFault::Critical),
        (
            r#"{"alg":"HS256","b64":false}"#,
            HeaderFault::Refused("b64"),
        ),
    ] {
        let outcome = Jws::parse(&text(header)).unwrap_err();
        assert_eq!(outcome, JwsFault::Header(fault), "{header}");
    }
    let empty = format!("{}.e30.", base64url::encode(br#"{"alg":"none"}"#));
    assert!(Jws::parse(&empty).is_err());
}

#[test]
fn debug_shows_no_payload() {
    let unsigned = Unsigned::new(r#"{"hush":1}"#).with_header("hush", "hush2");
    let text = signed(&unsigned);
    let jws = Jws::parse(&text).unwrap();
    let verified = jws.clone().verify(Algorithm::Hs256, &verifier()).unwrap();
    let shown = format!("{unsigned:?} {jws:?} {verified:?} {:?}", verifier());
    assert!(
        !shown.contains("hush2") && !shown.contains("0123"),
        "{shown}"
    );
    assert!(!shown.contains("{\"hush"), "{shown}");
}
