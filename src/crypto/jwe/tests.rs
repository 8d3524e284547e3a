//! Encrypted texts as attackers write them. Known answers are in `tests/jose.rs`.

use super::*;
use crate::crypto::key::EcCurve;

const EPK: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
    "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#;

fn text(header: &str, rest: &str) -> String {
    format!("{}.{rest}", base64url::encode(header.as_bytes()))
}

fn fault(header: &str, rest: &str) -> JweFault {
    Jwe::parse(&text(header, rest)).unwrap_err()
}

/// An encrypted key, a vector, a ciphertext and a tag of AES-GCM.
const GCM: &str = "AAAA.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn the_header_is_read() {
    let header = r#"{"alg":"A128KW","enc":"A128GCM","kid":"k","cty":"JWT"}"#;
    let text = text(header, GCM);
    let jwe = Jwe::parse(&text).unwrap();
    assert_eq!(jwe.algorithm(), KeyManagement::A128Kw);
    assert_eq!(jwe.encryption(), ContentEncryption::A128Gcm);
    assert_eq!(jwe.header().kid(), Some("k"));
    assert!(jwe.header().has_content_type("jwt"));
}

#[test]
fn the_parameters_of_an_agreement_are_read() {
    let header =
        format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{EPK}}}"#);
    let text = text(&header, GCM.trim_start_matches("AAAA"));
    let jwe = Jwe::parse(&text).unwrap();
    let Parameters::Agreement {
        ephemeral,
        party_u,
        party_v,
    } = jwe.parameters
    else {
        panic!("an agreement")
    };
    assert!(matches!(
        ephemeral,
        PublicKey::Ec {
            curve: EcCurve::P256,
            ..
        }
    ));
    assert_eq!((&*party_u, &*party_v), (&b"Alice"[..], &b"Bob"[..]));
}

#[test]
fn a_malformed_text_is_refused() {
    for text in ["", "a", "a.b.c", "a.b.c.d", "a.b.c.d.e.f"] {
        assert_eq!(Jwe::parse(text).unwrap_err(), JweFault::Parts, "{text}");
    }
    let long = "a".repeat(MAX_LEN + 1);
    assert_eq!(Jwe::parse(&long).unwrap_err(), JweFault::TooLong);
    let header = r#"{"alg":"A128KW","enc":"A128GCM"}"#;
    for at in 0..4 {
        let mut parts: Vec<&str> = GCM.split('.').collect();
        parts[at] = "A=";
        assert_eq!(fault(header, &parts.join(".")), JweFault::Encoding, "{at}");
    }
}

#[test]
fn a_part_of_another_length_is_refused() {
    let wrapped = r#"{"alg":"A128KW","enc":"A128GCM"}"#;
    let direct = r#"{"alg":"dir","enc":"A128GCM"}"#;
    let mac = r#"{"alg":"dir","enc":"A128CBC-HS256"}"#;
    for (header, rest) in [
        (wrapped, ".AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"),
        (wrapped, "AAAA.AAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"),
        (wrapped, "AAAA..AA.AAAAAAAAAAAAAAAAAAAAAA"),
        (wrapped, "AAAA.AAAAAAAAAAAAAAAA.AA."),
        (wrapped, "AAAA.AAAAAAAAAAAAAAAA.AA.AAAA"),
        (direct, GCM),
        (mac, ".AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        assert_eq!(fault(header, rest), JweFault::Length, "{header} {rest}");
    }
}

#[test]
fn a_header_that_is_not_understood_is_refused() {
    let epk_with_d = EPK.replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
    let agreement = |members: &str| format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM"{members}}}"#);
    let wrap = |members: &str| format!(r#"{{"alg":"A128GCMKW","enc":"A128GCM"{members}}}"#);
    for (header, expected) in [
        ("{}".to_owned(), HeaderFault::Missing("alg")),
        (r#"{"alg":"dir"}"#.to_owned(), HeaderFault::Missing("enc")),
        (
            r#"{"alg":"RSA1_5","enc":"A128GCM"}"#.to_owned(),
            HeaderFault::Algorithm("alg"),
        ),
        (
            r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM"}"#.to_owned(),
            HeaderFault::Algorithm("alg"),
        ),
        (
            r#"{"alg":"none","enc":"A128GCM"}"#.to_owned(),
            HeaderFault::Algorithm("alg"),
        ),
        (
            r#"{"alg":"dir","enc":"none"}"#.to_owned(),
            HeaderFault::Algorithm("enc"),
        ),
        (
            r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#.to_owned(),
            HeaderFault::Refused("zip"),
        ),
        (
            r#"{"alg":"dir","enc":"A128GCM","crit":["x"]}"#.to_owned(),
            HeaderFault::Critical,
        ),
        (agreement(""), HeaderFault::Missing("epk")),
        (agreement(r#","epk":"x""#), HeaderFault::Member("epk")),
        (
            agreement(&format!(r#","epk":{epk_with_d}"#)),
            HeaderFault::Member("epk"),
        ),
        (
            agreement(&format!(r#","epk":{EPK},"apu":"=""#)),
            HeaderFault::Member("apu"),
        ),
        (
            agreement(&format!(r#","epk":{EPK},"apv":null"#)),
            HeaderFault::Member("apv"),
        ),
        (wrap(""), HeaderFault::Missing("iv")),
        (
            wrap(r#","iv":"AAAA","tag":"AAAA""#),
            HeaderFault::Member("iv"),
        ),
        (
            wrap(r#","iv":"AAAAAAAAAAAAAAAA""#),
            HeaderFault::Missing("tag"),
        ),
        (
            wrap(r#","iv":"AAAAAAAAAAAAAAAA","tag":"AA""#),
            HeaderFault::Member("tag"),
        ),
    ] {
        assert_eq!(fault(&header, GCM), JweFault::Header(expected), "{header}");
    }
}
