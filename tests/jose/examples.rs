//! Examples that stand alone: thumbprints (RFC 7638 §3.1, RFC 8037 §A.3), key agreement (RFC 7518 §C,
//! RFC 8037 §A.6), claims (RFC 7519 §3.1) and a proof of possession (RFC 9449 §4.1).

use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::verifier::Verifier;

use crate::providers;

/// RFC 7638 §3.1.
#[test]
fn the_thumbprint_of_an_rsa_key() {
    let key = Jwk::parse(
        r#"{
      "kty": "RSA",
      "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      "e": "AQAB",
      "alg": "RS256",
      "kid": "2011-04-29"
     }"#,
    )
    .unwrap();
    assert_eq!(
        key.thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

/// RFC 8037 §A.3.
#[test]
fn the_thumbprint_of_an_okp_key() {
    let json = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_eq!(
        Jwk::parse(json).unwrap().thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

/// RFC 7519 §3.1 and §6.1 differ in the signature alone.
#[test]
fn claims_of_a_token() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let claims = Claims::parse(base64url::decode(payload).unwrap()).unwrap();
    assert_eq!(claims.issuer(), Some("joe"));
    assert_eq!(
        claims.expires_at(),
        Some(UnixTime::from_secs(1_300_819_380))
    );
    assert_eq!(claims.member("http://example.com/is_root"), Ok(Some(true)));
    // RFC 7519 §6.1.
    let unsecured = format!("eyJhbGciOiJub25lIn0.{payload}.");
    assert!(Jws::parse(&unsecured).is_err());
}

/// RFC 9449 §4.1, and the thumbprint that §6 gives for its key.
#[test]
fn a_proof_of_possession() {
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    for crypto in providers() {
        let jws = Jws::parse(proof).unwrap();
        assert!(jws.header().has_type("dpop+jwt"));
        let jwk = jws.header().jwk().unwrap().unwrap();
        assert_eq!(
            jwk.thumbprint(),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
        let verifier = Verifier::new(&*crypto, jwk).unwrap();
        let verified = jws.verify(Algorithm::Es256, &verifier).unwrap();
        let claims = verified.into_claims().unwrap();
        assert_eq!(claims.jti(), Some("-BwC3ESc6acc2lTc"));
        assert_eq!(claims.issued_at(), Some(UnixTime::from_secs(1_562_262_616)));
        let htu = claims.member::<String>("htu").unwrap();
        assert_eq!(htu.as_deref(), Some("https://server.example.com/token"));
    }
}

/// RFC 7518 §C: both sides find Z.
#[test]
fn an_agreement_on_p_256() {
    let alice = r#"{"kty":"EC","crv":"P-256",
        "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        "d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}"#;
    let bob = r#"{"kty":"EC","crv":"P-256",
        "x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    let shared = "nlbZHYFxNdNyg0KDv4QmnPsxbqPagGpI9tqneYz-kMQ";
    agree(alice, bob, shared);
    agree(bob, alice, shared);
}

/// RFC 8037 §A.6, whose numbers are those of RFC 7748 §6.1.
#[test]
fn an_agreement_on_x25519() {
    let ephemeral = r#"{"kty":"OKP","crv":"X25519",
        "x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
        "d":"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo"}"#;
    let bob = r#"{"kty":"OKP","crv":"X25519",
        "x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
        "d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}"#;
    let shared = "Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I";
    agree(ephemeral, bob, shared);
    agree(bob, ephemeral, shared);
}

fn agree(own: &str, peer: &str, shared: &str) {
    for crypto in providers() {
        let own = PrivateJwk::parse(own).unwrap();
        let peer = PrivateJwk::parse(peer).unwrap().public().unwrap();
        let key = crypto.decryption_key(own.private_key().unwrap()).unwrap();
        assert_eq!(base64url::encode(&key.agree(peer.key()).unwrap()), shared);
    }
}
