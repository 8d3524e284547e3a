//! A proof as a resource server reads it (RFC 9449 §4.3): the examples, and each check at its edges. Each
//! check by its id is in `verdicts/possession.rs`.

use std::time::Duration;

use http::HeaderMap;
use http::Method;
use http::Uri;
use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::domain::dpop_proof::DpopProof;
use oauth_proto::domain::dpop_proof::ExpectedProof;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::replay_window::ReplayWindow;
use oauth_proto::endpoint::resource::ResourceRequest;
use serde_json::Value;
use serde_json::json;

use crate::bound::stored;
use crate::cast::NOW;
use crate::keys::ED25519;
use crate::keys::secret;
use crate::keys::signer;
use crate::proofs::THUMBPRINT;
use crate::proofs::client;

/// RFC 9449 §5.
const EXAMPLE: &str = "\
    eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUk\
    lDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUw\
    Q2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6I\
    mh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A\
    0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

fn headers(proofs: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for proof in proofs {
        headers.append("dpop", proof.parse().unwrap());
    }
    headers
}

fn validate(
    expected: &ExpectedProof<'_>,
    now: UnixTime,
    headers: &HeaderMap,
) -> Result<DpopProof, &'static str> {
    let crypto = crypto::default_provider();
    let read = expected.validate(&*crypto, now, headers);
    read.map_err(|violation| violation.check().id())
}

#[test]
fn the_example_for_a_token_request_is_taken() {
    let address = Uri::from_static("https://server.example.com/token");
    let expected = ExpectedProof::new(&Method::POST, &address);
    let made = UnixTime::from_secs(1_562_262_616);
    let proof = validate(&expected, made, &headers(&[EXAMPLE])).unwrap();
    assert_eq!(proof.jti(), "-BwC3ESc6acc2lTc");
    assert_eq!(
        proof.thumbprint(),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
    assert_eq!(proof.issued_at(), made);
    // It was for no access token, and is of its time alone.
    let bound = expected.clone().access_token("t", proof.thumbprint());
    assert_eq!(
        validate(&bound, made, &headers(&[EXAMPLE])).unwrap_err(),
        "DPOP-PROOF-ATH"
    );
    assert_eq!(
        validate(&expected, NOW, &headers(&[EXAMPLE])).unwrap_err(),
        "DPOP-PROOF-IAT"
    );
}

/// What this crate sends, it takes.
#[test]
fn a_client_of_this_crate_is_understood() {
    let own = client();
    let grant = Grant::refresh_token(&own, "R");
    let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
    let expected = ExpectedProof::new(request.method(), request.uri());
    assert!(validate(&expected, NOW, request.headers()).is_ok());

    let call = http::Request::post("https://rs.example/a?b=c").body(Vec::new());
    let call = ResourceRequest::new(&own, &stored(), call.unwrap());
    let request = call.request(NOW).and_then(Draft::into_request).unwrap();
    let tokens = stored();
    let token = tokens.access_token().expose();
    let expected =
        ExpectedProof::new(request.method(), request.uri()).access_token(token, THUMBPRINT);
    let proof = validate(&expected, NOW, request.headers()).unwrap();
    assert_eq!(proof.thumbprint(), THUMBPRINT);
}

fn claims() -> Value {
    json!({"jti": "1", "htm": "GET", "htu": "https://rs.example/a", "iat": NOW.as_secs()})
}

fn proof(claims: &Value) -> String {
    let signer = signer(ED25519, Algorithm::EdDsa).without_kid();
    let unsigned = Unsigned::new(claims.to_string()).with_type("dpop+jwt");
    let unsigned = unsigned.with_jwk(signer.public().unwrap());
    let Ok(Signed::Compact(text)) = signer.sign(&unsigned) else {
        panic!("the key is here");
    };
    text
}

fn judge(claims: &Value) -> Result<DpopProof, &'static str> {
    let address = Uri::from_static("https://rs.example/a?b=c");
    let expected = ExpectedProof::new(&Method::GET, &address);
    validate(&expected, NOW, &headers(&[&proof(claims)]))
}

#[test]
fn the_claims_at_their_edges() {
    let id = "DPOP-PROOF-IAT";
    let now = NOW.as_secs();
    for (name, value, verdict) in [
        ("jti", json!(""), Some("DPOP-PROOF-JTI")),
        ("jti", json!("x".repeat(512)), None),
        ("jti", json!("x".repeat(513)), Some("DPOP-PROOF-JTI")),
        ("jti", json!(1), Some("DPOP-PROOF-FORM")),
        ("iat", json!(now - 60), None),
        ("iat", json!(now - 61), Some(id)),
        ("iat", json!(now + 60), None),
        ("iat", json!(now + 61), Some(id)),
        ("iat", json!("now"), Some("DPOP-PROOF-FORM")),
        ("htm", json!("get"), Some("DPOP-PROOF-HTM")),
        ("htm", json!(["GET"]), Some("DPOP-PROOF-FORM")),
        ("htu", json!("https://rs.example/a#b"), None),
        ("htu", json!("https://RS.example:443/a?x=y"), None),
        ("htu", json!("https://rs.example/%61"), None),
        (
            "htu",
            json!("https://rs.example/a/"),
            Some("DPOP-PROOF-HTU"),
        ),
        ("htu", json!("http://rs.example/a"), Some("DPOP-PROOF-HTU")),
        ("htu", json!("/a"), Some("DPOP-PROOF-HTU")),
        // Neither was asked for.
        ("nonce", json!("n"), None),
        ("ath", json!("h"), None),
    ] {
        let mut claims = claims();
        claims[name] = value.clone();
        assert_eq!(judge(&claims).err(), verdict, "{name}: {value}");
    }
    for (name, verdict) in [
        ("jti", "DPOP-PROOF-JTI"),
        ("iat", id),
        ("htm", "DPOP-PROOF-HTM"),
        ("htu", "DPOP-PROOF-HTU"),
    ] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(judge(&claims).unwrap_err(), verdict, "{name}");
    }
}

/// What is remembered of a proof may be forgotten at the moment it names, and not before.
#[test]
fn a_proof_is_refused_for_its_age_from_its_end_on() {
    let address = Uri::from_static("https://rs.example/a?b=c");
    let expected = ExpectedProof::new(&Method::GET, &address);
    let text = proof(&claims());
    let end = judge(&claims()).unwrap().expires_at();
    let last = UnixTime::from_secs(end.as_secs() - 1);
    assert!(validate(&expected, last, &headers(&[&text])).is_ok());
    let late = validate(&expected, end, &headers(&[&text]));
    assert_eq!(late.unwrap_err(), "DPOP-PROOF-IAT");
}

#[test]
fn a_window_is_no_wider_than_five_minutes() {
    let address = Uri::from_static("https://rs.example/a?b=c");
    let expected = ExpectedProof::new(&Method::GET, &address);
    let widest = expected.clone().window(Duration::from_secs(300)).unwrap();
    let text = proof(&claims());
    let at = |seconds| NOW.saturating_add(Duration::from_secs(seconds));
    let taken = validate(&widest, at(300), &headers(&[&text])).unwrap();
    assert_eq!(taken.expires_at(), at(301));
    let late = validate(&widest, at(301), &headers(&[&text]));
    assert_eq!(late.unwrap_err(), "DPOP-PROOF-IAT");
    for window in [Duration::from_millis(300_001), Duration::MAX] {
        let refused = expected.clone().window(window).unwrap_err();
        assert!(matches!(refused, Misuse::ClocksApart(own) if own == window));
    }
}

#[test]
fn a_proof_is_taken_once() {
    let first = judge(&claims()).unwrap();
    let mut window = ReplayWindow::with_capacity(1);
    window.take_proof(NOW, &first).unwrap();
    let again = window.take_proof(NOW, &first).unwrap_err();
    assert_eq!(again.check(), Some(Check::DpopProofReplayed));
    // Nobody crowds it out, however many proofs they send and however late these end.
    let mut later = claims();
    later["jti"] = json!("2");
    later["iat"] = json!(NOW.as_secs() + 60);
    let other = judge(&later).unwrap();
    for _ in 0..2 {
        let full = window.take_proof(NOW, &other).unwrap_err();
        assert!(matches!(full, Error::WindowFull));
        assert_eq!(full.remedy(), Remedy::Retry);
    }
    let again = window.take_proof(NOW, &first).unwrap_err();
    assert_eq!(again.check(), Some(Check::DpopProofReplayed));
    window.take_proof(first.expires_at(), &other).unwrap();
}

#[test]
fn there_is_one_proof_and_it_is_a_jwt() {
    let address = Uri::from_static("https://rs.example/a");
    let expected = ExpectedProof::new(&Method::GET, &address);
    let proof = proof(&claims());
    let header = "DPOP-PROOF-HEADER";
    for (proofs, verdict) in [
        (&[][..], header),
        (&[proof.as_str(), proof.as_str()][..], header),
        (&[""][..], "DPOP-PROOF-FORM"),
        (&["a.b"][..], "DPOP-PROOF-FORM"),
        (&[format!("{proof}.x").as_str()][..], "DPOP-PROOF-FORM"),
        (
            &[format!("{proof}, {proof}").as_str()][..],
            "DPOP-PROOF-FORM",
        ),
    ] {
        let judged = validate(&expected, NOW, &headers(proofs));
        assert_eq!(judged.unwrap_err(), verdict, "{proofs:?}");
    }
}

/// Header members that an attacker chooses: the key, its kind, the algorithm.
#[test]
fn the_key_is_public_asymmetric_and_fits() {
    let address = Uri::from_static("https://rs.example/a");
    let expected = ExpectedProof::new(&Method::GET, &address);
    let good = proof(&claims());
    let (_, rest) = good.split_once('.').unwrap();
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    for (header, verdict) in [
        (
            json!({"typ": "dpop+jwt", "alg": "none", "jwk": jwk}),
            "DPOP-PROOF-FORM",
        ),
        (
            json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}),
            "DPOP-PROOF-ALG",
        ),
        (
            json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}),
            "DPOP-PROOF-JWK",
        ),
        (json!({"typ": "dpop+jwt", "alg": "EdDSA"}), "DPOP-PROOF-JWK"),
        (
            json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": "k"}),
            "DPOP-PROOF-JWK",
        ),
        (
            json!({"typ": "dpop+jwt", "alg": "EdDSA",
                "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x, "d": d}}),
            "DPOP-PROOF-JWK",
        ),
        (
            json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": {"kty": "oct", "k": "AAAA"}}),
            "DPOP-PROOF-JWK",
        ),
        (json!({"alg": "EdDSA", "jwk": jwk}), "DPOP-PROOF-TYP"),
        (
            json!({"typ": "JWT", "alg": "EdDSA", "jwk": jwk}),
            "DPOP-PROOF-TYP",
        ),
        // The header is signed as well.
        (
            json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk, "x": 1}),
            "DPOP-PROOF-SIGNATURE",
        ),
    ] {
        let forged = format!(
            "{}.{rest}",
            base64url::encode(header.to_string().as_bytes())
        );
        let judged = validate(&expected, NOW, &headers(&[&forged]));
        assert_eq!(judged.unwrap_err(), verdict, "{header}");
    }
    // A MAC is none even where the caller names it.
    let mac = Unsigned::new(claims().to_string()).with_type("dpop+jwt");
    let Ok(Signed::Compact(mac)) = secret(Algorithm::Hs256).sign(&mac) else {
        panic!("the key is here");
    };
    let lenient = expected.clone().algorithms(&[Algorithm::Hs256]);
    let judged = validate(&lenient, NOW, &headers(&[&mac]));
    assert_eq!(judged.unwrap_err(), "DPOP-PROOF-ALG");
}
