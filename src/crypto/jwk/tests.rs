//! Keys as peers publish them, and as attackers would.

use super::*;

/// RFC 7517 §A.1, the first key.
const EC: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "use":"enc","kid":"1"}"#;

/// RFC 8037 §A.2.
const OKP: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn with(json: &str, members: &str) -> String {
    format!("{},{members}}}", json.trim_end_matches('}'))
}

#[test]
fn what_was_written_is_read_again() {
    let key = Jwk::parse(EC).unwrap();
    assert_eq!(key.kid(), Some("1"));
    assert_eq!(Jwk::parse(&key.to_json()), Ok(key.clone()));
    let more = Jwk::parse(OKP)
        .unwrap()
        .with_kid("a\"b")
        .with_algorithm("EdDSA")
        .for_signatures();
    assert_eq!(Jwk::parse(&more.to_json()), Ok(more));
}

#[test]
fn unknown_members_are_ignored() {
    let json = with(OKP, r#""x5t":"a","ext":true,"iat":1"#);
    assert_eq!(Jwk::parse(&json), Jwk::parse(OKP));
}

#[test]
fn a_private_member_is_no_part_of_a_public_key() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        let json = with(EC, &format!(r#""{name}":"AAAA""#));
        assert_eq!(Jwk::parse(&json), Err(KeyFault::Private), "{name}");
    }
    let json = r#"{"kty":"oct"}"#;
    assert_eq!(Jwk::parse(json), Err(KeyFault::Private));
}

#[test]
fn a_malformed_key_is_refused() {
    let short = EC.replace("IFyM", "IFw");
    let long = EC.replace("IFyM", "IFyMAA");
    for (json, fault) in [
        ("{}", KeyFault::Missing("kty")),
        (r#"{"kty":1}"#, KeyFault::Member("kty")),
        (r#"{"kty":"ec"}"#, KeyFault::Kind),
        (r#"{"kty":"EC"}"#, KeyFault::Missing("crv")),
        (r#"{"kty":"EC","crv":"P-192"}"#, KeyFault::Curve),
        (r#"{"kty":"OKP","crv":"Ed448"}"#, KeyFault::Curve),
        (r#"{"kty":"EC","crv":"P-256"}"#, KeyFault::Missing("x")),
        (&short, KeyFault::Member("y")),
        (&long, KeyFault::Member("y")),
        (r#"{"kty":"RSA","n":"AQAB"}"#, KeyFault::Missing("e")),
        (
            r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#,
            KeyFault::Member("n"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB","e":"AA"}"#,
            KeyFault::Member("e"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB=","e":"AQAB"}"#,
            KeyFault::Member("n"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB","e":"AQAAAAAAAAAA"}"#,
            KeyFault::Member("e"),
        ),
        (r#"{"kty":"AKP","pub":"AA"}"#, KeyFault::Missing("alg")),
        (
            r#"{"kty":"AKP","alg":"ES256","pub":"AA"}"#,
            KeyFault::Member("alg"),
        ),
        (
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
            KeyFault::Member("pub"),
        ),
        (&with(OKP, r#""kid":1"#), KeyFault::Member("kid")),
        (&with(OKP, r#""use":null"#), KeyFault::Member("use")),
        (
            &with(OKP, r#""key_ops":"verify""#),
            KeyFault::Member("key_ops"),
        ),
        (&with(OKP, r#""alg":[]"#), KeyFault::Member("alg")),
        ("[]", KeyFault::Json(JsonFault::NotAnObject)),
    ] {
        assert_eq!(Jwk::parse(json), Err(fault), "{json}");
    }
    let duplicate = with(OKP, r#""kty":"OKP""#);
    assert!(matches!(Jwk::parse(&duplicate), Err(KeyFault::Json(_))));
    let large = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, "_".repeat(1400));
    assert_eq!(Jwk::parse(&large), Err(KeyFault::Member("n")));
}

#[test]
fn a_zero_before_a_modulus_changes_nothing() {
    let plain = Jwk::parse(r#"{"kty":"RSA","n":"____","e":"AQAB"}"#).unwrap();
    let padded = Jwk::parse(r#"{"kty":"RSA","n":"AP___w","e":"AQAB"}"#).unwrap();
    assert_eq!(plain, padded);
    assert_eq!(plain.thumbprint(), padded.thumbprint());
}

#[test]
fn a_key_fits_what_it_says() {
    let ec = |members: &str| {
        let json = EC.replace(r#""use":"enc","kid":"1""#, members);
        Jwk::parse(&json).unwrap()
    };
    let plain = ec(r#""kid":"2""#);
    for algorithm in Algorithm::ALL {
        let fits = algorithm == Algorithm::Es256;
        assert_eq!(plain.can_verify(algorithm), fits, "{algorithm}");
    }
    for algorithm in KeyManagement::ALL {
        let fits = algorithm.as_str().starts_with("ECDH-ES");
        assert_eq!(plain.can_encrypt(algorithm), fits, "{algorithm}");
    }
    for (members, verifies, encrypts) in [
        (r#""use":"sig""#, true, false),
        (r#""use":"enc""#, false, true),
        (r#""use":"tls""#, false, false),
        (r#""alg":"ES256""#, true, false),
        (r#""alg":"ES384""#, false, false),
        (r#""alg":"ECDH-ES""#, false, true),
        (r#""key_ops":["verify"]"#, true, false),
        (r#""key_ops":["sign"]"#, false, false),
        (r#""key_ops":["deriveBits"]"#, false, true),
        (r#""key_ops":[]"#, false, false),
        (r#""use":"sig","key_ops":["deriveKey"]"#, false, false),
    ] {
        let key = ec(members);
        assert_eq!(key.can_verify(Algorithm::Es256), verifies, "{members}");
        assert_eq!(
            key.can_encrypt(KeyManagement::EcdhEs),
            encrypts,
            "{members}"
        );
    }
}

#[test]
fn the_two_names_of_one_algorithm_are_one() {
    for name in ["EdDSA", "Ed25519"] {
        let key = Jwk::parse(OKP).unwrap().with_algorithm(name);
        assert!(key.can_verify(Algorithm::EdDsa));
        assert!(key.can_verify(Algorithm::Ed25519));
    }
    assert!(!Jwk::parse(OKP).unwrap().can_encrypt(KeyManagement::EcdhEs));
}
