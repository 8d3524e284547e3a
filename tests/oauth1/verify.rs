//! The server's side: what is refused before and by the signature.

use http::Request;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::base_string::BaseStringFault;
use oauth_proto::oauth1::body_hash::BodyHash;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use oauth_proto::oauth1::verify::VerifyFault;

use crate::cast::NOW;
use crate::cast::made;
use crate::cast::stranger;
use crate::macs::Macs;

const GOOD: &str = "oauth_consumer_key=k&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1&oauth_nonce=n\
                    &oauth_signature=x";

fn fault(request: &Request<Vec<u8>>) -> Option<VerifyFault> {
    ReceivedRequest::parse(request).err()
}

fn by_query(query: &str) -> Request<Vec<u8>> {
    Request::get(format!("https://api.example/?{query}"))
        .body(Vec::new())
        .unwrap()
}

#[test]
fn requests_that_break_the_rules_are_refused_unverified() {
    assert_eq!(fault(&by_query(GOOD)), None);
    for (from, to, expected) in [
        (
            "oauth_consumer_key=k",
            "a=b",
            VerifyFault::Missing("oauth_consumer_key"),
        ),
        (
            "oauth_nonce=n",
            "oauth_nonce=",
            VerifyFault::Missing("oauth_nonce"),
        ),
        (
            "oauth_timestamp=1",
            "a=b",
            VerifyFault::Missing("oauth_timestamp"),
        ),
        (
            "oauth_signature=x",
            "a=b",
            VerifyFault::Missing("oauth_signature"),
        ),
        (
            "oauth_timestamp=1",
            "oauth_timestamp=0",
            VerifyFault::Timestamp,
        ),
        (
            "oauth_timestamp=1",
            "oauth_timestamp=-1",
            VerifyFault::Timestamp,
        ),
        (
            "oauth_timestamp=1",
            "oauth_timestamp=%2B1",
            VerifyFault::Timestamp,
        ),
        (
            "oauth_timestamp=1",
            "oauth_timestamp=1.5",
            VerifyFault::Timestamp,
        ),
        (
            "oauth_nonce=n",
            "oauth_nonce=n&oauth_nonce=n",
            VerifyFault::Repeated,
        ),
        (
            "oauth_nonce=n",
            "oauth_nonce=n&oauth_version=2.0",
            VerifyFault::Version,
        ),
        ("oauth_nonce=n", "oauth_nonce=%ff", VerifyFault::Form),
    ] {
        let request = by_query(&GOOD.replace(from, to));
        let fault = fault(&request).unwrap();
        assert_eq!(fault, expected);
        assert_eq!(fault.status(), 400);
    }
    let plain = "oauth_consumer_key=k&oauth_signature_method=PLAINTEXT&oauth_signature=s%26";
    assert_eq!(fault(&by_query(plain)), None, "neither timestamp nor nonce");
    let mut both = by_query(GOOD);
    let header = r#"OAuth oauth_consumer_key="k""#.parse().unwrap();
    both.headers_mut().insert("authorization", header);
    assert_eq!(fault(&both), Some(VerifyFault::Places));
    assert_eq!(
        fault(&by_query("a=b")),
        Some(VerifyFault::Missing("oauth_consumer_key"))
    );
}

#[test]
fn another_method_is_not_verified() {
    let method = SignatureMethod::hmac_sha1("s");
    let get = by_query("a=b");
    let request = made(
        SignedRequest::new(&stranger("k", method), get)
            .request(NOW)
            .unwrap(),
    );
    let received = ReceivedRequest::parse(&request).unwrap();
    for other in [
        SignatureMethod::hmac_sha256("s"),
        SignatureMethod::plaintext("s"),
        SignatureMethod::rsa_sha1(RsaKey::remote("k")),
    ] {
        assert_eq!(
            received.verify(&Macs::default(), &other, ""),
            Err(VerifyFault::Method)
        );
    }
    // A key pair is not verified by what it signs with.
    let query = GOOD.replace("HMAC-SHA1", "RSA-SHA256");
    let request = by_query(&query);
    let received = ReceivedRequest::parse(&request).unwrap();
    let own = SignatureMethod::rsa_sha256(RsaKey::remote("k"));
    assert_eq!(
        received.verify(&Macs::default(), &own, ""),
        Err(VerifyFault::Method)
    );
}

#[test]
fn secrets_themselves_are_not_taken_by_http() {
    let method = SignatureMethod::plaintext("s");
    let plain = "oauth_consumer_key=k&oauth_signature_method=PLAINTEXT&oauth_signature=s%26";
    let verdict = |address: &str| {
        let request = Request::get(format!("{address}?{plain}"))
            .body(Vec::new())
            .unwrap();
        let received = ReceivedRequest::parse(&request).unwrap();
        received.verify(&Macs::default(), &method, "")
    };
    assert_eq!(verdict("https://api.example/"), Ok(()));
    for address in ["http://api.example/", "http://localhost/", "/"] {
        assert_eq!(verdict(address), Err(VerifyFault::Http), "{address}");
    }
    assert_eq!(VerifyFault::Http.status(), 400);
    let request = Request::get(format!("http://localhost/?{plain}"))
        .body(Vec::new())
        .unwrap();
    let received = ReceivedRequest::parse(&request).unwrap();
    let by_name = received.danger_over_http();
    assert_eq!(by_name.verify(&Macs::default(), &method, ""), Ok(()));
}

#[test]
fn a_body_is_held_to_its_hash() {
    let client = stranger("k", SignatureMethod::hmac_sha1("s")).with_body_hash(BodyHash::OfMethod);
    let post = Request::post("https://api.example/")
        .header("content-type", "application/json")
        .body(b"{}".to_vec())
        .unwrap();
    let mut request = made(SignedRequest::new(&client, post).request(NOW).unwrap());
    let verdict = |request: &Request<Vec<u8>>, hash| {
        ReceivedRequest::parse(request)
            .unwrap()
            .verify_body_hash(&Macs::default(), hash)
    };
    assert_eq!(verdict(&request, Hash::Sha1), Ok(()));
    assert_eq!(verdict(&request, Hash::Sha256), Err(VerifyFault::BodyHash));
    request.body_mut().push(b' ');
    assert_eq!(verdict(&request, Hash::Sha1), Err(VerifyFault::BodyHash));
    assert_eq!(VerifyFault::BodyHash.status(), 401);
    assert_eq!(verdict(&by_query(GOOD), Hash::Sha1), Ok(()));
}

#[test]
fn a_request_without_a_base_string_is_not_verified() {
    let mut request = by_query(GOOD);
    request.headers_mut().insert("host", "a b".parse().unwrap());
    let received = ReceivedRequest::parse(&request).unwrap();
    let fault = VerifyFault::BaseString(BaseStringFault::Host);
    let verdict = received.verify(&Macs::default(), &SignatureMethod::hmac_sha1("s"), "");
    assert_eq!(verdict, Err(fault));
    assert_eq!(received.placement(), Placement::Query);
    assert_eq!(received.nonce(), Some("n"));
}
