//! A protected resource: what is sent to it, and what its answer means (RFC 6750 §2.1 and §3).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::time::Duration;

use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::refusal::Refusal;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use serde_json::json;

use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;

/// Tokens as a token endpoint gives them.
fn tokens(access_token: &str, expires_in: u64) -> Tokens {
    tokens_of(&client(), access_token, expires_in)
}

fn tokens_of(client: &Client, access_token: &str, expires_in: u64) -> Tokens {
    let body = json!({
        "access_token": access_token,
        "token_type": "bEARER",
        "expires_in": expires_in
    });
    Grant::refresh_token(client, "R")
        .response(NOW, &json(200, &body.to_string()))
        .unwrap()
}

fn get(address: &str) -> Request<Vec<u8>> {
    Request::get(address).body(Vec::new()).unwrap()
}

fn call(request: Request<Vec<u8>>) -> ResourceRequest {
    ResourceRequest::new(&client(), &tokens("mF_9.B5f-4.1JqM", 3600), request)
}

/// The request of RFC 6750 §2.1, and nothing else changed in what is sent.
#[test]
fn the_token_goes_into_the_header_and_nowhere_else() {
    let request = Request::patch("https://server.example.com/resource?q=1%202")
        .header("accept", "text/plain")
        .header("x-own", "a")
        .header("x-own", "b")
        .body(b"access_token=other".to_vec())
        .unwrap();
    let sent = call(request.clone())
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    let mut expected = request.headers().clone();
    expected.insert(
        "authorization",
        HeaderValue::from_static("Bearer mF_9.B5f-4.1JqM"),
    );
    assert_eq!(sent.headers(), &expected);
    assert!(sent.headers()["authorization"].is_sensitive());
    assert_eq!(sent.method(), Method::PATCH);
    assert_eq!(sent.uri(), request.uri());
    assert_eq!(sent.body(), request.body());
}

#[test]
fn a_token_that_is_over_is_not_sent() {
    let call = call(get("https://api.example.com/"));
    for (waited, is_sent) in [(0, true), (3599, true), (3600, false), (u64::MAX, false)] {
        let later = NOW.saturating_add(Duration::from_secs(waited));
        match call.request(later) {
            Ok(_) => assert!(is_sent, "{waited}"),
            Err(error) => {
                assert!(!is_sent, "{waited}");
                assert!(matches!(error, Error::Expired(Expired::AccessToken { .. })));
            }
        }
    }
    let over = ResourceRequest::new(&client(), &tokens("a", 0), get("https://api.example.com/"));
    assert!(over.request(NOW).is_err());
}

#[test]
fn a_request_is_authorized_once() {
    for value in ["Bearer other", "Basic eDp5", ""] {
        let mut request = get("https://api.example.com/");
        let value = HeaderValue::from_static(value);
        request.headers_mut().insert("authorization", value);
        let error = call(request).request(NOW).unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::AlreadyAuthorized)));
    }
}

/// "Clients MUST always use TLS (https)" (RFC 6750 §5.3).
#[test]
fn a_token_travels_by_tls() {
    for bad in [
        "http://api.example.com/",
        "http://localhost/",
        "http://127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "https://me@api.example.com/",
        "ws://api.example.com/",
        "/relative",
        "*",
    ] {
        let error = call(get(bad)).request(NOW).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Address { .. })),
            "{bad}"
        );
        assert!(!format!("{error} {error:?}").contains("mF_9"));
    }
    let metadata = Metadata::without_issuer(UriPolicy::danger_http_on_loopback());
    let tolerant = Client::new(metadata, "id", Authentication::None).unwrap();
    let tokens = tokens_of(&tolerant, "a", 60);
    let at = |address| ResourceRequest::new(&tolerant, &tokens, get(address)).request(NOW);
    assert!(at("http://127.0.0.1:8080/").is_ok());
    assert!(at("http://127.0.0.1.evil.example/").is_err());
}

fn challenged(status: u16, lines: &[&str]) -> Response<Vec<u8>> {
    let mut response = json(status, "body");
    for line in lines {
        let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        response.headers_mut().append("www-authenticate", value);
    }
    response
}

fn refused(response: &Response<Vec<u8>>) -> Option<Box<Refusal>> {
    match call(get("https://api.example.com/")).response(NOW, response) {
        Ok(handed_back) => {
            assert_eq!(handed_back.status(), response.status());
            assert_eq!(handed_back.headers(), response.headers());
            assert_eq!(handed_back.body(), response.body());
            None
        }
        Err(Error::Refused(refusal)) => Some(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

/// The second example of RFC 6750 §3.
#[test]
fn the_example_of_rfc_6750_section_3() {
    let response = challenged(
        401,
        &[
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
        ],
    );
    let refusal = refused(&response).unwrap();
    assert_eq!(refusal.endpoint(), Endpoint::Resource);
    assert_eq!(refusal.status(), Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refusal.code(), Some(&ErrorCode::InvalidToken));
    assert_eq!(refusal.description(), Some("The access token expired"));
    assert_eq!(refusal.uri(), None);
    assert_eq!(refusal.headers(), response.headers());
    assert_eq!(refusal.body(), b"body");
    assert_eq!(Error::from(*refusal).remedy(), Remedy::Renew);
}

#[test]
fn a_challenge_is_found_wherever_it_stands() {
    for (name, status, lines, code) in [
        (
            "alone",
            401,
            &[r#"Bearer error="invalid_token""#][..],
            "invalid_token",
        ),
        (
            "odd case",
            401,
            &[r#"bEARER ERROR="invalid_token""#],
            "invalid_token",
        ),
        (
            "unquoted",
            401,
            &["Bearer error=invalid_token"],
            "invalid_token",
        ),
        (
            "escaped",
            401,
            &[r#"Bearer error="invalid\_token""#],
            "invalid_token",
        ),
        (
            "spaces around =",
            401,
            &[r#"Bearer error = "invalid_token""#],
            "invalid_token",
        ),
        (
            "behind another in one line",
            401,
            &[r#"Basic realm="a, Bearer b", Bearer realm="x", error="invalid_token""#],
            "invalid_token",
        ),
        (
            "before another in one line",
            401,
            &[r#"Bearer error="invalid_token", Basic realm="x""#],
            "invalid_token",
        ),
        (
            "behind a token68",
            401,
            &[r#"Negotiate YWJj==, Bearer error="invalid_token""#],
            "invalid_token",
        ),
        (
            "in the second of two lines",
            401,
            &[r#"Basic realm="x""#, r#"Bearer error="invalid_token""#],
            "invalid_token",
        ),
        (
            "behind a Bearer challenge without an error",
            401,
            &[r#"Bearer realm="x""#, r#"Bearer error="invalid_token""#],
            "invalid_token",
        ),
        (
            "behind a malformed line",
            401,
            &["Bearer error=\"", r#"Bearer error="invalid_token""#],
            "invalid_token",
        ),
        (
            "insufficient scope",
            403,
            &[r#"Bearer error="insufficient_scope", scope="a b""#],
            "insufficient_scope",
        ),
        (
            "invalid request",
            400,
            &[r#"Bearer error="invalid_request""#],
            "invalid_request",
        ),
        (
            "step up (RFC 9470)",
            401,
            &[r#"Bearer error="insufficient_user_authentication", acr_values="x""#],
            "insufficient_user_authentication",
        ),
        ("a code of its own", 401, &[r#"Bearer error="x-y""#], "x-y"),
        (
            "whatever the status",
            200,
            &[r#"Bearer error="invalid_token""#],
            "invalid_token",
        ),
    ] {
        let refusal = refused(&challenged(status, lines)).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(refusal.code().map(ErrorCode::as_str), Some(code), "{name}");
        assert_eq!(refusal.status().unwrap().as_u16(), status, "{name}");
    }
}

#[test]
fn a_refusal_for_lack_of_scope_sends_the_user_again() {
    let response = challenged(
        403,
        &[r#"Bearer error="insufficient_scope", error_uri="https://api.example.com/e", scope="a""#],
    );
    let refusal = refused(&response).unwrap();
    assert_eq!(refusal.uri(), Some("https://api.example.com/e"));
    assert_eq!(Error::from(*refusal).remedy(), Remedy::SignInAgain);
}

/// The resource's own answers are its caller's to read, whatever their status and body.
#[test]
fn other_answers_are_handed_back() {
    for (name, status, lines) in [
        ("good", 200, &[][..]),
        ("empty", 204, &[]),
        ("a redirect, not followed", 302, &[]),
        ("401 without a challenge", 401, &[]),
        (
            "401 with a challenge without an error",
            401,
            &[r#"Bearer realm="example""#],
        ),
        ("401 with a bare scheme", 401, &["Bearer"]),
        (
            "401 of another scheme",
            401,
            &[r#"Basic realm="x", error="invalid_token""#],
        ),
        (
            "401 of a scheme that only begins so",
            401,
            &[r#"BearerX error="invalid_token""#],
        ),
        (
            "401 with an unreadable challenge",
            401,
            &["Bearer error=\"invalid_token"],
        ),
        ("an error twice", 401, &[r#"Bearer error="a", error="b""#]),
        (
            "an error within quotes of another",
            401,
            &[r#"Basic realm="Bearer error=x""#],
        ),
        ("403", 403, &[]),
        ("404", 404, &[]),
        ("429", 429, &[]),
        ("500", 500, &[]),
    ] {
        assert!(refused(&challenged(status, lines)).is_none(), "{name}");
    }
    let error_body = json(401, r#"{"error":"invalid_token"}"#);
    assert!(refused(&error_body).is_none());
    // The bound on answers of the protocol's own endpoints is not the API's.
    let large = Response::new(vec![b'x'; (1 << 20) + 1]);
    assert!(refused(&large).is_none());
}
