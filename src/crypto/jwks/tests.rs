//! Sets of keys. Known answers are in `tests/jose.rs`.

use std::sync::Arc;

use super::*;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::jws::Unsigned;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PublicKey;
use crate::crypto::key::VerifyingKey;
use crate::crypto::signer::Signed;
use crate::crypto::signer::Signer;

/// Takes any key on Ed25519 but one of zeros, and a signature that is the key.
#[derive(Debug)]
struct Plain;

#[derive(Debug)]
struct PlainKey(Vec<u8>);

impl Crypto for Plain {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy::new())
    }

    fn sha256(&self, _: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    fn verifying_key(&self, key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
        match key {
            PublicKey::Okp { x, .. } if x.iter().any(|byte| *byte != 0) => {
                Ok(Arc::new(PlainKey(x.clone())))
            }
            _ => Err(CryptoError::Key("zero")),
        }
    }
}

impl VerifyingKey for PlainKey {
    fn verify(&self, _: Algorithm, _: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        (signature == self.0)
            .then_some(())
            .ok_or(CryptoError::Rejected)
    }
}

fn key(byte: u8, curve: OkpCurve) -> Jwk {
    let x = vec![byte; 32];
    Jwk::new(PublicKey::Okp { curve, x })
}

fn signing(byte: u8) -> Jwk {
    key(byte, OkpCurve::Ed25519)
}

fn signed(kid: Option<&str>, by: u8) -> String {
    let signer = Signer::remote("key", Algorithm::EdDsa);
    let signer = match kid {
        Some(kid) => signer.with_kid(kid),
        None => signer,
    };
    match signer.sign(&Unsigned::new("{}")).unwrap() {
        Signed::Remote(input) => input.compact(&[by; 32]),
        Signed::Compact(_) => panic!("the key is elsewhere"),
    }
}

fn verify(set: &JwkSet, text: &str) -> Result<(), JwsFault> {
    let jws = Jws::parse(text)?;
    set.verify(jws, Algorithm::EdDsa).map(|_| ())
}

#[test]
fn what_cannot_be_used_is_passed_over() {
    let [good, zero] = [signing(1), signing(0)].map(|jwk| jwk.to_json());
    let enc = key(2, OkpCurve::X25519).to_json();
    let private = good.replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
    let json = format!(
        r#"{{"x":1,"keys":[{good},{zero},{enc},{private},{{"kty":"oct","k":"AA"}},{{"kty":"new"}},{{}},1,null]}}"#
    );
    let set = JwkSet::parse(&Plain, json.as_bytes()).unwrap();
    assert_eq!((set.len(), set.skipped()), (2, 7));
    assert_eq!(set.select(Algorithm::EdDsa, None).count(), 1);
    let encrypting = set.select_encryption(KeyManagement::EcdhEs, None);
    assert_eq!(encrypting.count(), 1);

    let again = JwkSet::parse(&Plain, set.to_json().as_bytes()).unwrap();
    assert_eq!(
        again.keys().collect::<Vec<_>>(),
        set.keys().collect::<Vec<_>>()
    );
    assert_eq!(again.skipped(), 0);
}

#[test]
#[cfg_attr(miri, ignore = "takes long where every step is watched")]
fn what_is_no_set_is_refused() {
    let parse = |json: &str| JwkSet::parse(&Plain, json.as_bytes()).map(|_| ());
    assert_eq!(parse("{}"), Err(SetFault::NoKeys));
    assert_eq!(parse(r#"{"keys":{}}"#), Err(SetFault::NoKeys));
    assert_eq!(parse(r#"{"keys":null}"#), Err(SetFault::NoKeys));
    assert!(matches!(parse("[]"), Err(SetFault::Json(_))));
    assert!(matches!(
        parse(r#"{"keys":[],"keys":[]}"#),
        Err(SetFault::Json(_))
    ));
    assert_eq!(parse(r#"{"keys":[]}"#), Ok(()));
    let many = |count: usize| format!(r#"{{"keys":[{}0]}}"#, "0,".repeat(count - 1));
    assert_eq!(parse(&many(MAX_KEYS)), Ok(()));
    assert_eq!(parse(&many(MAX_KEYS + 1)), Err(SetFault::TooMany));
}

#[test]
fn the_name_chooses_the_key() {
    let set = JwkSet::new(
        &Plain,
        [
            signing(1).with_kid("b"),
            signing(2).with_kid("a"),
            signing(3),
            signing(4).with_kid("b"),
            signing(5).with_kid("c").for_encryption(),
        ],
    );
    assert_eq!(set.unwrap_err(), KeyFault::Unfit);
    let keys = [("b", 1), ("a", 2), ("b", 4)].map(|(kid, byte)| signing(byte).with_kid(kid));
    let set = JwkSet::new(&Plain, keys.into_iter().chain([signing(3)])).unwrap();

    for (kid, by) in [
        (Some("a"), 2),
        (Some("b"), 1),
        (Some("b"), 4),
        (None, 3),
        (None, 1),
    ] {
        assert_eq!(verify(&set, &signed(kid, by)), Ok(()), "{kid:?} {by}");
    }
    for (kid, by) in [(Some("a"), 1), (Some("b"), 2), (None, 9)] {
        assert_eq!(verify(&set, &signed(kid, by)), Err(JwsFault::Signature));
    }
    for kid in ["", "c", "A", "bb"] {
        assert_eq!(verify(&set, &signed(Some(kid), 3)), Err(JwsFault::NoKey));
    }
    let jws = signed(Some("a"), 2);
    let other = set.verify(Jws::parse(&jws).unwrap(), Algorithm::Ed25519);
    assert!(matches!(other, Err(JwsFault::Algorithm { .. })));
    assert_eq!(verify(&JwkSet::default(), &jws), Err(JwsFault::NoKey));
}

#[test]
fn few_are_tried_where_no_name_says_which() {
    let keys = (1..=20).map(signing);
    let set = JwkSet::new(&Plain, keys).unwrap();
    assert_eq!(verify(&set, &signed(None, 16)), Ok(()));
    assert_eq!(verify(&set, &signed(None, 17)), Err(JwsFault::Signature));
}

#[test]
#[cfg_attr(miri, ignore = "takes long where every step is watched")]
fn a_large_set_is_searched_by_name() {
    let keys = (0..1000_u32).map(|at| signing(7).with_kid(format!("key-{at}")));
    let set = JwkSet::new(&Plain, keys).unwrap();
    for at in 0..1000 {
        let kid = format!("key-{at}");
        let found: Vec<_> = set.select(Algorithm::EdDsa, Some(&kid)).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].jwk().unwrap().kid(), Some(&*kid));
    }
}
