//! Documents that break a rule, and answers that are no document.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::endpoint::Operation;

use super::NAMED;
use super::NOW;
use super::fetch;
use super::parse;
use super::with;
use crate::answer::json;

/// The id of the check that failed, or the fault of what cannot be read.
fn verdict<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(malformed)) => {
            assert_eq!(malformed.endpoint, Endpoint::Metadata);
            malformed.fault.to_string()
        }
        Err(Error::Refused(refusal)) => {
            assert_eq!(refusal.endpoint(), Endpoint::Metadata);
            format!("refused at {}", refusal.status().unwrap())
        }
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn documents_that_break_a_rule() {
    for (name, document, expected) in [
        ("nothing", String::new(), "not JSON at"),
        ("an array", "[]".into(), "not a JSON object"),
        ("no issuer", "{}".into(), "METADATA-ISSUER-MISSING"),
        (
            "null issuer",
            r#"{"issuer":null}"#.into(),
            "METADATA-ISSUER-MISSING",
        ),
        (
            "issuer a number",
            r#"{"issuer":1}"#.into(),
            "expected a string",
        ),
        (
            "empty issuer",
            r#"{"issuer":""}"#.into(),
            "METADATA-ENDPOINT",
        ),
        (
            "issuer twice",
            with(r#","issuer":"https://server.example.com""#),
            "duplicate",
        ),
        (
            "issuer twice, once escaped",
            with(r#","\u0069ssuer":"https://evil.example""#),
            "duplicate",
        ),
        (
            "endpoint twice",
            with(r#","token_endpoint":"https://a.example","token_endpoint":"https://b.example""#),
            "duplicate",
        ),
        (
            "endpoint a number",
            with(r#","token_endpoint":7"#),
            "expected a string",
        ),
        (
            "endpoint an object",
            with(r#","token_endpoint":{}"#),
            "expected a string",
        ),
        (
            "endpoint an array",
            with(r#","token_endpoint":["https://a.example"]"#),
            "expected a string",
        ),
        (
            "promise a text",
            with(r#","authorization_response_iss_parameter_supported":"true""#),
            "expected true or false",
        ),
        (
            "promise a number",
            with(r#","authorization_response_iss_parameter_supported":1"#),
            "expected true or false",
        ),
        (
            "aliases an array",
            with(r#","mtls_endpoint_aliases":[]"#),
            "expected an object",
        ),
        (
            "an alias without TLS",
            with(r#","mtls_endpoint_aliases":{"token_endpoint":"http://mtls.example.com/t"}"#),
            "METADATA-ENDPOINT",
        ),
        (
            "a number beyond a double",
            with(r#","x":1e400"#),
            "a JSON string or number",
        ),
        (
            "too deep",
            with(&format!(r#","x":{}{}"#, "[".repeat(32), "]".repeat(32))),
            "JSON nested",
        ),
        (
            "a byte order mark",
            format!("\u{feff}{}", with("")),
            "not JSON at",
        ),
        ("bytes behind", format!("{}x", with("")), "not JSON at"),
    ] {
        let verdict = verdict(parse(&document));
        assert!(verdict.starts_with(expected), "{name}: {verdict}");
    }
}

/// RFC 8414 §2: "a URL that uses the "https" scheme and has no query or fragment components".
#[test]
fn issuers_that_are_none() {
    for issuer in [
        "http://server.example.com",
        "https://server.example.com?",
        "https://server.example.com?a=b",
        "https://server.example.com#",
        "https://me@server.example.com",
        "server.example.com",
        "https://",
        "https:server.example.com",
        "https://server.example.com/a b",
        "https://server.example.com/\\u0000",
        "file:///etc/passwd",
        "urn:example:server",
    ] {
        let document = format!(r#"{{"issuer":"{issuer}"}}"#);
        assert_eq!(verdict(parse(&document)), "METADATA-ENDPOINT", "{issuer}");
    }
}

#[test]
fn no_endpoint_escapes_the_policy() {
    for (_, member) in NAMED {
        for address in [
            "http://server.example.com/x",
            "https://server.example.com/x#",
            "https://me:pw@server.example.com/x",
            "/x",
            "",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://169.254.169.254/latest",
            "http://localhost/x",
            "http://127.0.0.1/x",
        ] {
            let document = with(&format!(r#","{member}":"{address}""#));
            assert_eq!(
                verdict(parse(&document)),
                "METADATA-ENDPOINT",
                "{member} {address}"
            );
        }
    }
    let policy = UriPolicy::danger_http_on_loopback();
    let loopback = with(r#","token_endpoint":"http://127.0.0.1:8080/token""#);
    assert!(Metadata::parse(loopback.as_bytes(), policy).is_ok());
    let elsewhere = with(r#","token_endpoint":"http://127.0.0.1.evil.example/token""#);
    assert!(Metadata::parse(elsewhere.as_bytes(), policy).is_err());
}

/// The fault and the address are told, so that a configuration can be mended.
#[test]
fn the_fault_of_an_endpoint_is_told() {
    let document = with(r#","token_endpoint":"http://server.example.com/t#x""#);
    match parse(&document) {
        Err(Error::Violation(violation)) => assert_eq!(
            violation.to_string(),
            "METADATA-ENDPOINT (RFC 8414 section 2): expected a `token_endpoint` without these \
             faults: the URI is not https, has a fragment, received http://server.example.com/t#x"
        ),
        other => panic!("{other:?}"),
    }
}

/// "The "issuer" value returned MUST be identical" (RFC 8414 §3.3): byte for byte.
#[test]
fn another_issuer_is_refused() {
    let request = fetch("https://server.example.com");
    for issuer in [
        "https://server.example.com/",
        "https://Server.example.com",
        "https://server.example.com:443",
        "https://server.example.com.",
        "https://server.example.com/tenant",
        "https://server.example.comINVALID",
        "HTTPS://server.example.com",
        "https://evil.example",
    ] {
        let document = format!(r#"{{"issuer":"{issuer}"}}"#);
        match request.response(NOW, &json(200, &document)) {
            Err(Error::Violation(violation)) => {
                assert_eq!(violation.check().id(), "METADATA-ISSUER");
                let expected = Compared::Text("https://server.example.com".to_owned());
                assert_eq!(violation.expected_value(), &expected);
                let received = Compared::Text(issuer.to_owned());
                assert_eq!(violation.received_value(), &received);
            }
            other => panic!("{issuer}: {other:?}"),
        }
    }
    let with_slash = fetch("https://server.example.com/");
    let without = verdict(with_slash.response(NOW, &json(200, &with(""))));
    assert_eq!(without, "METADATA-ISSUER");
}

#[test]
fn answers_that_are_no_document() {
    let request = fetch("https://server.example.com");
    let large = with(&format!(",\"x\":\"{}\"", "x".repeat(1 << 20)));
    for (name, status, body, expected) in [
        ("a redirect", 302, with(""), "RESPONSE-REDIRECT"),
        ("not modified", 304, String::new(), "RESPONSE-REDIRECT"),
        ("switching", 101, String::new(), "RESPONSE-STATUS"),
        ("too large", 200, large, "RESPONSE-SIZE"),
        (
            "a server's fault",
            500,
            with(""),
            "refused at 500 Internal Server Error",
        ),
        (
            "a proxy's page",
            502,
            "<html>".into(),
            "refused at 502 Bad Gateway",
        ),
        (
            "overloaded",
            503,
            String::new(),
            "refused at 503 Service Unavailable",
        ),
        (
            "no content",
            204,
            String::new(),
            "not JSON at line 1, column 0",
        ),
        ("text", 200, "hello".into(), "not JSON at line 1, column 1"),
        (
            "an error in 200",
            200,
            r#"{"error":"x"}"#.into(),
            "METADATA-ISSUER-MISSING",
        ),
    ] {
        assert_eq!(
            verdict(request.response(NOW, &json(status, &body))),
            expected,
            "{name}"
        );
    }
    let error = request.response(NOW, &json(503, "")).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Retry);
}
