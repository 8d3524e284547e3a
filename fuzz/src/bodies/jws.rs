//! Invariant: whatever text is read as a signed token, reading does not panic and takes time linear in
//! its length. What is read is the one text of its header, payload and signature. It verifies only
//! where its signature was made with the key, by the algorithm that was pinned; `none` and what is
//! marked critical never do. Claims that come out are what the payload says, read by another reader,
//! and written again they are read as the same. Nothing of payload and signature is printed.
//!
//! Input: a digit. `0`: the text. `1`: header and payload in clear, on a line each; they are encoded
//! and signed with the key.

use std::sync::Arc;

use oauth_proto::base::base64url;
use oauth_proto::base::secret::Secret;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jws::JwsFault;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::verifier::Verifier;
use serde_json::Map;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::toy::Toy;

/// Beyond the 256 KiB that are read, so that the bound is met.
const LIMIT: usize = 300_000;

const KEY: &str = "a key as long as the longest hash that it is used with, and a bit";

/// Whether the text was verified and holds claims.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let is_signed_here = input.choice([false, true]);
    let text = if is_signed_here {
        let header = input.line().unwrap_or_default();
        signed(header, &input.text(LIMIT))
    } else {
        String::from_utf8_lossy(&input.text(LIMIT)).into_owned()
    };
    let jws = match Jws::parse(&text) {
        Ok(jws) => jws,
        Err(fault) => {
            assert!(!format!("{fault} {fault:?}").is_empty());
            return false;
        }
    };
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        unreachable!("{} parts", parts.len())
    };
    for part in [header, payload, signature] {
        let bytes = base64url::decode(part).expect("every part was read");
        assert_eq!(base64url::encode(&bytes), part);
    }
    check_header(&jws, header);

    let verifier = Verifier::secret(Arc::new(Toy), &Secret::new(KEY));
    let pinned = jws.algorithm();
    for other in Algorithm::ALL.into_iter().filter(|other| *other != pinned) {
        let outcome = jws.clone().verify(other, &verifier).map(|_| ());
        assert!(matches!(outcome, Err(JwsFault::Algorithm { .. })));
    }
    let Ok(verified) = jws.verify(pinned, &verifier) else {
        return false;
    };
    let signing_input = &text[..header.len() + 1 + payload.len()];
    let expected = mac(pinned, signing_input.as_bytes()).expect("only a MAC verifies here");
    assert_eq!(base64url::encode(&expected), signature);
    assert_eq!(base64url::encode(verified.payload()), payload);

    let bytes = verified.payload().to_vec();
    match verified.into_claims() {
        Ok(claims) => {
            check_claims(&claims, &bytes);
            true
        }
        Err(fault) => {
            assert!(!format!("{fault} {fault:?}").is_empty());
            false
        }
    }
}

fn signed(header: &[u8], payload: &[u8]) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header),
        base64url::encode(payload)
    );
    let named = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
    let algorithm = named.into_iter().find(|algorithm| {
        let name = algorithm.as_str().as_bytes();
        header.windows(name.len()).any(|window| window == name)
    });
    let mac = mac(algorithm.unwrap_or(Algorithm::Hs256), input.as_bytes());
    format!("{input}.{}", base64url::encode(&mac.unwrap_or_default()))
}

fn mac(algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
    let hash = match algorithm {
        Algorithm::Hs256 => Hash::Sha256,
        Algorithm::Hs384 => Hash::Sha384,
        Algorithm::Hs512 => Hash::Sha512,
        _ => return None,
    };
    Toy.hmac(hash, KEY.as_bytes(), message).ok()
}

fn check_header(jws: &Jws<'_>, encoded: &str) {
    let bytes = base64url::decode(encoded).expect("the header was read");
    let read: Map<String, Value> = serde_json::from_slice(&bytes).expect("the header was read");
    assert_eq!(read["alg"], jws.algorithm().as_str());
    for name in ["crit", "b64", "zip"] {
        assert!(!read.contains_key(name));
    }
    let header = jws.header();
    for (name, value) in [
        ("kid", header.kid()),
        ("typ", header.typ()),
        ("cty", header.cty()),
    ] {
        assert_eq!(read.get(name).and_then(Value::as_str), value);
        assert_eq!(read.contains_key(name), value.is_some());
    }
    if let Ok(Some(jwk)) = header.jwk() {
        assert!(!jwk.to_json().contains("\"d\":"));
    }
}

fn check_claims(claims: &Claims, payload: &[u8]) {
    let read: Map<String, Value> = serde_json::from_slice(payload).expect("the claims were read");
    assert_eq!(claims.members().to_value(), read);
    for (name, value) in [
        ("iss", claims.issuer()),
        ("sub", claims.subject()),
        ("jti", claims.jti()),
    ] {
        assert_eq!(read.get(name).and_then(Value::as_str), value);
        assert_eq!(read.contains_key(name), value.is_some());
    }
    for (name, value) in [
        ("exp", claims.expires_at()),
        ("nbf", claims.not_before()),
        ("iat", claims.issued_at()),
    ] {
        assert_eq!(read.contains_key(name), value.is_some());
        if let (Some(written), Some(value)) = (read.get(name).and_then(Value::as_u64), value) {
            assert_eq!(value.as_secs(), written);
        }
    }
    match (read.get("aud"), claims.audience()) {
        (None, None) => {}
        (Some(Value::String(one)), Some(audience)) => assert!(audience.is_only(one)),
        (Some(Value::Array(many)), Some(audience)) => {
            assert_eq!(many.len(), audience.names().len());
            for name in many {
                assert!(audience.contains(name.as_str().expect("a string")));
            }
        }
        (written, read) => unreachable!("{written:?} was read as {read:?}"),
    }
}
