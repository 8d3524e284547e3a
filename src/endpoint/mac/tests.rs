//! The header for a known nonce, and what is refused.

use super::*;
use crate::base::uri::UriPolicy;
use crate::crypto::default_provider;
use crate::domain::authentication::Authentication;
use crate::domain::metadata::Metadata;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn client() -> Client {
    let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
    Client::new(metadata, "app", Authentication::None).unwrap()
}

fn get(address: &str) -> http::Request<Vec<u8>> {
    http::Request::get(address).body(Vec::new()).unwrap()
}

fn token(id: &str) -> MacToken {
    MacToken::new(id, "489dks293j39", MacAlgorithm::HmacSha1, NOW)
}

/// A known answer of another implementation, by `hmac-sha-1`.
struct Vector {
    draft: MacDraft,
    token: &'static str,
    key: &'static str,
    uri: &'static str,
    method: &'static str,
    body: &'static str,
    ts: u64,
    nonce: &'static str,
    ext: &'static str,
    header: &'static str,
}

/// The examples of the drafts, as oauthlib tests them.
const VECTORS: [Vector; 4] = [
    Vector {
        draft: MacDraft::Draft00,
        token: "h480djs93hd8",
        key: "489dks293j39",
        uri: "http://example.com/resource/1?b=1&a=2",
        method: "GET",
        body: "",
        ts: 0,
        nonce: "264095:dj83hs9s",
        ext: "",
        header: r#"MAC id="h480djs93hd8", nonce="264095:dj83hs9s", mac="SLDJd4mg43cjQfElUs3Qub4L6xE=""#,
    },
    Vector {
        draft: MacDraft::Draft00,
        token: "jd93dh9dh39D",
        key: "8yfrufh348h",
        uri: "http://example.com/request",
        method: "POST",
        body: "hello=world%21",
        ts: 0,
        nonce: "273156:di3hvdf8",
        ext: "",
        header: r#"MAC id="jd93dh9dh39D", nonce="273156:di3hvdf8", bodyhash="k9kbtCIy0CkI3/FEfpS/oIDjk6k=", mac="W7bdMZbv9UWOTadASIQHagZyirA=""#,
    },
    Vector {
        draft: MacDraft::Draft00,
        token: "h480djs93hd8",
        key: "489dks293j39",
        uri: "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
        method: "GET",
        body: "Hello World!",
        ts: 0,
        nonce: "264095:7d8f3e4a",
        ext: "a,b,c",
        header: r#"MAC id="h480djs93hd8", nonce="264095:7d8f3e4a", bodyhash="Lve95gjOVATpfV8EL5X4nxwjKHE=", ext="a,b,c", mac="Z3C2DojEopRDIC88/imW8Ez853g=""#,
    },
    Vector {
        draft: MacDraft::Draft01,
        token: "token",
        key: "secret",
        uri: "https://example.com/path?query=world",
        method: "GET",
        body: "not=empty",
        ts: 123_456_789,
        nonce: "abc123",
        ext: "",
        header: r#"MAC id="token", ts="123456789", nonce="abc123", mac="Xuk+9oqaaKyhitkgh1CD0xrI6+s=""#,
    },
];

#[test]
fn known_answers() {
    let crypto = default_provider();
    if crypto.hmac(Hash::Sha1, b"k", b"m").is_err() {
        return;
    }
    for vector in VECTORS {
        let request = http::Request::builder()
            .method(vector.method)
            .uri(vector.uri)
            .body(vector.body.as_bytes().to_vec())
            .unwrap();
        let algorithm = MacAlgorithm::named("hmac-sha-1").unwrap();
        let token = MacToken::new(vector.token, vector.key, algorithm, NOW);
        let call = MacRequest::new(&client(), &token, vector.draft, request).ext(vector.ext);
        let now = UnixTime::from_secs(vector.ts);
        let header = call.authorization(&*crypto, now, vector.nonce).unwrap();
        assert_eq!(header, vector.header);
        assert!(header.is_sensitive());
    }
}

#[test]
fn each_request_has_a_nonce_of_its_own() {
    let crypto = default_provider();
    let old = MacToken::new(
        "t",
        "k",
        MacAlgorithm::HmacSha256,
        UnixTime::from_secs(1_799_999_000),
    );
    let call = MacRequest::new(
        &client(),
        &old,
        MacDraft::Draft00,
        get("https://api.example/"),
    );
    let [one, two] = [(); 2].map(|()| call.nonce(&*crypto, NOW).unwrap());
    assert!(one.starts_with("1000:") && one != two, "{one}");
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let already = http::Request::get("https://api.example/").header("authorization", "x");
    for (request, id, ext) in [
        (get("http://api.example/"), "t", ""),
        (already.body(Vec::new()).unwrap(), "t", ""),
        (get("https://api.example/"), "a\"b", ""),
        (get("https://api.example/"), "", ""),
        (get("https://api.example/"), "t", "a\\b"),
        (get("https://api.example/"), "t", "a\nb"),
    ] {
        let call = MacRequest::new(&client(), &token(id), MacDraft::Draft01, request).ext(ext);
        assert!(
            matches!(call.request(NOW), Err(Error::Misuse(_))),
            "{id} {ext}"
        );
    }
}

#[test]
fn a_token_response_of_the_type_mac() {
    let answer = |body: &str| Response::new(body.as_bytes().to_vec());
    let good =
        r#"{"access_token":"t","token_type":"MAC","mac_key":"k","mac_algorithm":"hmac-sha-256"}"#;
    let token = MacToken::read(NOW, &answer(good)).unwrap();
    assert!(token.access_token().eq_text("t") && token.mac_key().eq_text("k"));
    assert_eq!(token.algorithm(), MacAlgorithm::HmacSha256);
    assert_eq!(token.issued_at(), NOW);
    assert!(!format!("{token:?}").contains("\"k\""));
    for (bad, check) in [
        (
            r#"{"access_token":"t","mac_key":"k"}"#,
            Some("TOKEN-TYPE-MISSING"),
        ),
        (
            r#"{"access_token":"t","token_type":"bearer"}"#,
            Some("TOKEN-TYPE"),
        ),
        (
            r#"{"token_type":"mac","mac_key":"k"}"#,
            Some("TOKEN-ACCESS"),
        ),
        (r#"{"access_token":"t","token_type":"mac"}"#, None),
        (
            r#"{"access_token":"t","token_type":"mac","mac_key":"k","mac_algorithm":"md5"}"#,
            None,
        ),
        (r#"{"error":"invalid_grant"}"#, None),
    ] {
        let error = MacToken::read(NOW, &answer(bad)).unwrap_err();
        assert_eq!(error.check().map(Check::id), check, "{bad}");
    }
}

#[test]
fn a_challenge_refuses_the_credentials() {
    let call = MacRequest::new(
        &client(),
        &token("t"),
        MacDraft::Draft01,
        get("https://a.example/"),
    );
    let answer = |challenge: &str| {
        let answer = Response::builder().status(401);
        let answer = answer.header("www-authenticate", challenge);
        answer.body(Vec::new()).unwrap()
    };
    let error = call.response(NOW, &answer(r#"MAC error="The MAC credentials expired""#));
    let Err(Error::Refused(refusal)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.description(), Some("The MAC credentials expired"));
    assert!(call.response(NOW, &answer("MAC")).is_ok());
    assert!(call.response(NOW, &answer(r#"Basic realm="x""#)).is_ok());
}
