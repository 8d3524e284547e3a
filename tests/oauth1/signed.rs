//! Signed requests: what is covered, what is left alone, what is not signed at all.

use std::sync::Arc;

use http::Request;
use oauth_proto::crypto::CryptoError;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::endpoint::Operation;
use oauth_proto::flow::Flow;
use oauth_proto::oauth1::body_hash::BodyHash;
use oauth_proto::oauth1::method::OwnMethod;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;

use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_by;
use crate::cast::made;
use crate::cast::token;
use crate::macs::Macs;

const API: &str = "https://api.example/photos?b=2";

fn post(content_type: &str, body: &[u8]) -> Request<Vec<u8>> {
    Request::post(API)
        .header("content-type", content_type)
        .body(body.to_vec())
        .unwrap()
}

fn refusal(signed: &SignedRequest) -> String {
    match signed.request(NOW) {
        Err(Error::Misuse(misuse)) => misuse.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bodies_that_are_no_forms_are_left_alone() {
    for (content_type, body) in [
        ("application/json", &br#"{"a":1}"#[..]),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\n\r\na=b\r\n--x--",
        ),
        ("application/octet-stream", b"\x00\xff\xfe&a=%zz"),
        ("text/plain", b"a=b"),
    ] {
        for placement in [Placement::Header, Placement::Query] {
            let signed =
                SignedRequest::new(&client(), post(content_type, body)).placement(placement);
            let request = made(signed.request(NOW).unwrap());
            assert_eq!(request.body(), body);
            assert_eq!(request.headers()["content-type"], content_type);
            let received = ReceivedRequest::parse(&request).unwrap();
            assert!(received.parameter("oauth_body_hash").is_none());
            assert!(!received.base_string().unwrap().contains("a%3D"));
        }
        let signed = SignedRequest::new(&client(), post(content_type, body));
        let text = refusal(&signed.placement(Placement::Body));
        assert!(text.contains("no form"), "{text}");
    }
}

#[test]
fn placements_keep_what_is_there() {
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let at = |placement| {
        let signed = SignedRequest::new(&client(), post(form, b"x=%20+y&x"));
        made(signed.placement(placement).request(NOW).unwrap())
    };
    let header = at(Placement::Header);
    assert_eq!(
        (header.uri().to_string(), &header.body()[..]),
        (API.into(), &b"x=%20+y&x"[..])
    );
    assert!(header.headers()["authorization"].is_sensitive());
    let body = at(Placement::Body);
    assert_eq!(body.uri(), API);
    assert!(
        body.body()
            .starts_with(b"x=%20+y&x&oauth_consumer_key=dpf43f3p2l4k3l03&")
    );
    assert_eq!(body.headers()["content-type"], form);
    assert!(!body.headers().contains_key("authorization"));
    let query = at(Placement::Query);
    assert!(
        query
            .uri()
            .to_string()
            .starts_with(&format!("{API}&oauth_consumer_key=dpf"))
    );
    assert_eq!(query.body(), b"x=%20+y&x");

    let bare = Request::get("https://api.example")
        .body(Vec::new())
        .unwrap();
    let bare = SignedRequest::new(&client(), bare).placement(Placement::Query);
    let bare = made(bare.request(NOW).unwrap()).uri().to_string();
    assert!(
        bare.starts_with("https://api.example/?oauth_consumer_key="),
        "{bare}"
    );

    let empty = Request::post(API).body(Vec::new()).unwrap();
    let empty = SignedRequest::new(&client(), empty).placement(Placement::Body);
    let empty = made(empty.request(NOW).unwrap());
    assert_eq!(
        empty.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert!(empty.body().starts_with(b"oauth_consumer_key="));
}

#[test]
fn requests_that_cannot_be_signed() {
    let get = |uri: &str| Request::get(uri).body(Vec::new()).unwrap();
    let signed = |request| SignedRequest::new(&client(), request);
    let mut authorized = get(API);
    authorized
        .headers_mut()
        .insert("authorization", "Bearer x".parse().unwrap());
    let text = refusal(&signed(authorized));
    assert!(text.contains("already carries"), "{text}");
    for uri in [
        "https://api.example/?oauth_token=x",
        "https://api.example/?oauth%5Fnonce=x",
        "https://api.example/?oauth_signature=x",
        "https://api.example/?a=b&oauth%5Fsignature=x",
    ] {
        let text = refusal(&signed(get(uri)));
        assert!(text.contains("already carries"), "{text}");
    }
    let form = "application/x-www-form-urlencoded";
    for body in [&b"oauth_verifier=x"[..], b"oauth_signature=x"] {
        let text = refusal(&signed(post(form, body)));
        assert!(text.contains("already carries"), "{text}");
    }
    let text = refusal(&signed(post(form, b"a=%")));
    assert!(text.contains("cannot be signed"), "{text}");
    let text = refusal(&signed(get("https://api.example/?a=%g0")));
    assert!(
        text.contains("two hexadecimal") || text.contains("not read alike"),
        "{text}"
    );
    for uri in [
        "http://api.example/",
        "/photos",
        "https://me:pw@api.example/",
        "ftp://api.example/",
    ] {
        assert!(
            refusal(&signed(get(uri))).contains("may not be used"),
            "{uri}"
        );
    }
    let text = refusal(&signed(get(API)).placement(Placement::Body));
    assert!(text.contains("GET"), "{text}");
    let mut hosts = get(API);
    hosts
        .headers_mut()
        .append("host", "a.example".parse().unwrap());
    hosts
        .headers_mut()
        .append("host", "b.example".parse().unwrap());
    assert!(refusal(&signed(hosts)).contains("host"));
}

#[test]
fn http_is_for_signatures_and_by_name() {
    let get = Request::get("http://api.example/")
        .body(Vec::new())
        .unwrap();
    let signed = SignedRequest::new(&client(), get.clone());
    assert!(signed.request(NOW).is_err());
    assert!(signed.danger_over_http().request(NOW).is_ok());
    let plain = client_by(SignatureMethod::plaintext("s"));
    let plain = SignedRequest::new(&plain, get).danger_over_http();
    assert!(refusal(&plain).contains("https"));
}

#[test]
fn secrets_themselves_stand_in_no_address() {
    let get = || Request::get(API).body(Vec::new()).unwrap();
    let plain = client_by(SignatureMethod::plaintext("s"));
    let in_query = |client| SignedRequest::new(client, get()).placement(Placement::Query);
    let text = refusal(&in_query(&plain));
    assert!(text.contains("PLAINTEXT"), "{text}");
    let in_flow = plain.clone().with_placement(Placement::Query);
    let Err(Error::Misuse(Misuse::Parameter { name, .. })) =
        in_flow.authorize().unwrap().begin(NOW)
    else {
        panic!("the secrets stand in the address");
    };
    assert_eq!(name, "oauth_signature");
    assert!(in_query(&client()).request(NOW).is_ok());
    assert_eq!(in_flow.relaxations().count(), 0);
    let by_name = in_flow.danger_secrets_in_query();
    assert!(by_name.authorize().unwrap().begin(NOW).is_ok());
    let relaxations = by_name.relaxations().map(|one| one.to_string());
    assert_eq!(relaxations.collect::<Vec<_>>(), ["secrets-in-query"]);
}

#[test]
fn further_parameters_are_signed_and_placed_with_the_others() {
    let get = || Request::get(API).body(Vec::new()).unwrap();
    let signed = SignedRequest::new(&client(), get())
        .parameter("oauth_hd", "a b")
        .unwrap();
    let request = made(signed.request(NOW).unwrap());
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.parameter("oauth_hd"), Some("a b"));
    assert!(
        received
            .base_string()
            .unwrap()
            .contains("oauth_hd%3Da%2520b")
    );
    for name in ["x_auth_mode", "oauth_signature", "oauth_timestamp", "realm"] {
        let refused = SignedRequest::new(&client(), get()).parameter(name, "x");
        assert!(matches!(
            refused,
            Err(Error::Misuse(Misuse::ProtocolParameter(_)))
        ));
    }
    assert!(signed.parameter("oauth_hd", "again").is_err());
}

#[test]
fn every_nonce_is_drawn_and_every_version_is_optional() {
    let get = || Request::get(API).body(Vec::new()).unwrap();
    let client = client().with_crypto(oauth_proto::crypto::default_provider());
    let plain = SignedRequest::new(&client, get());
    let nonce = |signed: &SignedRequest| {
        let method = signed.request(NOW);
        let Ok(draft) = method else {
            return None;
        };
        let request = made(draft);
        let received = ReceivedRequest::parse(&request).unwrap();
        Some(received.nonce().unwrap().to_owned())
    };
    if let (Some(one), Some(two)) = (nonce(&plain), nonce(&plain)) {
        assert_ne!(one, two);
        assert_eq!(one.len(), 24);
    }
    let without = SignedRequest::new(&crate::cast::client().without_version(), get());
    let request = made(without.request(NOW).unwrap());
    assert!(
        ReceivedRequest::parse(&request)
            .unwrap()
            .parameter("oauth_version")
            .is_none()
    );
}

#[test]
fn a_body_hash_is_off_on_or_by_name() {
    let json = || post("application/json", b"{\"a\":1}");
    let hash = |method, body_hash, request| {
        let client = client_by(method).with_body_hash(body_hash);
        let request = made(SignedRequest::new(&client, request).request(NOW).unwrap());
        let received = ReceivedRequest::parse(&request).unwrap();
        received.parameter("oauth_body_hash").map(str::to_owned)
    };
    let hmac = |hash: &str| match hash {
        "1" => SignatureMethod::hmac_sha1("s"),
        "256" => SignatureMethod::hmac_sha256("s"),
        _ => SignatureMethod::plaintext("s"),
    };
    assert_eq!(hash(hmac("1"), BodyHash::Off, json()), None);
    let length = |own: Option<String>| own.unwrap().len();
    assert_eq!(length(hash(hmac("1"), BodyHash::OfMethod, json())), 28);
    assert_eq!(length(hash(hmac("256"), BodyHash::OfMethod, json())), 44);
    assert_eq!(length(hash(hmac("plain"), BodyHash::OfMethod, json())), 28);
    let by_name = BodyHash::Of(oauth_proto::crypto::hash::Hash::Sha512);
    assert_eq!(length(hash(hmac("1"), by_name, json())), 88);
    let form = post("application/x-www-form-urlencoded", b"a=1");
    assert_eq!(hash(hmac("1"), BodyHash::OfMethod, form), None);
    let empty = Request::get(API).body(Vec::new()).unwrap();
    let sha1_of_nothing = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    assert_eq!(
        hash(hmac("1"), BodyHash::OfMethod, empty).as_deref(),
        Some(sha1_of_nothing)
    );
}

#[derive(Debug)]
struct Reversed;

impl OwnMethod for Reversed {
    fn name(&self) -> &str {
        "X-REVERSED"
    }

    fn sign(&self, base_string: &str, token_secret: &str) -> Result<String, CryptoError> {
        let tail: String = base_string.chars().rev().take(8).collect();
        Ok(format!("{tail}/{token_secret}"))
    }
}

#[test]
fn a_method_of_the_callers_own() {
    let method = SignatureMethod::own(Arc::new(Reversed));
    let client = client_by(method.clone());
    let get = Request::get(API).body(Vec::new()).unwrap();
    let signed = SignedRequest::new(&crate::cast::stranger("k", method.clone()), get.clone())
        .token(&token("k", "t", "ts"))
        .unwrap();
    let request = made(signed.request(NOW).unwrap());
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.signature_method(), "X-REVERSED");
    assert_eq!(received.parameter("oauth_signature"), Some("0.1D3%no/ts"));
    received.verify(&Macs::default(), &method, "ts").unwrap();
    // Credentials of another server are not sent to this one.
    let other = SignedRequest::new(&client, get).token(&token("k", "t", "ts"));
    assert!(matches!(
        other,
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
}
