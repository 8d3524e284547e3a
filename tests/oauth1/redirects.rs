//! Redirects: signed anew, within the origin alone.

use http::Method;
use http::Request;
use http::Response;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;

use crate::cast::NOW;
use crate::cast::client;
use crate::cast::made;
use crate::macs::Macs;

fn signed() -> SignedRequest {
    let form = Request::post("https://api.example/a/b?x=1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(b"y=2".to_vec())
        .unwrap();
    SignedRequest::new(&client(), form).danger_nonce("used", 7)
}

fn redirect(status: u16, location: &str) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("location", location)
        .body(Vec::new())
        .unwrap()
}

#[test]
fn a_redirect_within_the_origin_is_signed_anew() {
    for (status, location, address, method, body) in [
        (
            307,
            "/c?d=%20",
            "https://api.example/c?d=%20",
            Method::POST,
            "y=2",
        ),
        (
            308,
            "c#frag",
            "https://api.example/a/c",
            Method::POST,
            "y=2",
        ),
        (
            302,
            "https://API.example:443/c",
            "https://api.example/c",
            Method::GET,
            "",
        ),
        (301, "?z", "https://api.example/a/b?z", Method::GET, ""),
        (
            303,
            "//api.example/",
            "https://api.example/",
            Method::GET,
            "",
        ),
    ] {
        let next = signed().redirected(&redirect(status, location)).unwrap();
        let request = made(next.request(NOW).unwrap());
        assert_eq!(request.uri(), address);
        assert_eq!(request.method(), method);
        assert_eq!(request.body(), body.as_bytes());
        let has_type = request.headers().contains_key("content-type");
        assert_eq!(has_type, method == Method::POST);
        let received = ReceivedRequest::parse(&request).unwrap();
        assert_ne!(received.nonce(), Some("used"));
        assert_eq!(received.timestamp(), Some(NOW.as_secs()));
        received
            .verify(&Macs::default(), client().method(), "")
            .unwrap();
    }
}

#[test]
fn another_origin_gets_nothing() {
    for location in [
        "https://evil.example/",
        "//evil.example/a",
        "http://api.example/",
        "https://api.example:8443/",
        "https://api.example.evil.example/",
        "ftp://api.example/",
        "data:,x",
        "https://",
    ] {
        let error = signed().redirected(&redirect(302, location)).unwrap_err();
        assert!(matches!(error, Error::Violation(_)), "{location}");
        assert_eq!(
            error.check().unwrap().id(),
            "RESPONSE-REDIRECT",
            "{location}"
        );
    }
    assert!(signed().redirected(&redirect(200, "/c")).is_err());
    assert!(signed().redirected(&Response::new(Vec::new())).is_err());
    // An address with a password is none to sign.
    let next = signed()
        .redirected(&redirect(307, "https://me:pw@api.example/"))
        .unwrap();
    assert!(next.request(NOW).is_err());
}
