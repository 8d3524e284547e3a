//! No error shows a secret: of every kind, made by inputs whose every value is marked.

use std::error;
use std::time::Duration;

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::flow::discover::Discover;
use serde_json::json;

use super::MARK;
use super::TOKENS;
use super::plain;
use super::post;
use super::shows_none;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;

/// Everything that an error tells, by itself and by its sources.
pub(super) fn told(error: &Error) -> String {
    let mut told = format!("{error} {error:?} {error:#?}");
    let mut source = error::Error::source(error);
    while let Some(inner) = source {
        told.push_str(&format!(" {inner} {inner:?}"));
        source = inner.source();
    }
    told
}

fn refused(request: AuthorizationRequest<'_>) -> Error {
    post().authorize(NOW, request).unwrap_err()
}

fn callback(received: &str) -> Error {
    assert!(received.contains(MARK));
    let (_, pending) = post().authorize(NOW, plain()).unwrap();
    post()
        .authorization_response(NOW, pending, received)
        .unwrap_err()
}

fn token(answer: &Response<Vec<u8>>) -> Error {
    let body = String::from_utf8_lossy(answer.body());
    assert!(body.contains(MARK), "{body}");
    Grant::refresh_token(&post(), "s3cr3t-refresh")
        .response(NOW, answer)
        .unwrap_err()
}

#[test]
fn violations() {
    for (id, received) in [
        (
            "CALLBACK-SIZE",
            format!("code=s3cr3t&x={}", "s3cr3t".repeat(20_000)),
        ),
        (
            "CALLBACK-FORM",
            "code=s3cr3t%zz&state=s3cr3t-state".to_owned(),
        ),
        (
            "CALLBACK-DUPLICATE",
            "code=s3cr3t-a&code=s3cr3t-b".to_owned(),
        ),
        (
            "CALLBACK-ISS",
            "code=s3cr3t&state=s3cr3t-state&iss=https://evil.example".to_owned(),
        ),
        ("CALLBACK-STATE-MISSING", "code=s3cr3t".to_owned()),
        (
            "CALLBACK-STATE",
            "code=s3cr3t&state=s3cr3t-other".to_owned(),
        ),
        (
            "CALLBACK-RESPONSE-TYPE",
            "state=s3cr3t-state&access_token=s3cr3t".to_owned(),
        ),
        ("CALLBACK-CODE", "state=s3cr3t-state".to_owned()),
    ] {
        let error = callback(&received);
        assert_eq!(error.check().unwrap().id(), id);
        shows_none(id, &told(&error));
    }
    let without = |from: &str, to: &str| TOKENS.replace(from, to);
    for (id, status, body) in [
        ("RESPONSE-SIZE", 200, "s3cr3t".repeat(200_000)),
        ("RESPONSE-REDIRECT", 302, TOKENS.to_owned()),
        ("RESPONSE-STATUS", 103, TOKENS.to_owned()),
        ("TOKEN-ACCESS", 200, without("access_token", "accessToken")),
        (
            "TOKEN-TYPE-MISSING",
            200,
            without("token_type", "tokenType"),
        ),
        ("TOKEN-TYPE", 200, without("Bearer", "mac")),
        ("TOKEN-EXPIRES-IN", 200, without(":60", ":-1")),
    ] {
        let error = token(&json(status, &body));
        assert_eq!(error.check().unwrap().id(), id);
        shows_none(id, &told(&error));
    }
}

/// What stands in the place of a number may be anything, a token as well.
#[test]
fn structures_in_the_place_of_seconds() {
    let metadata = [
        Endpoint::DeviceAuthorization,
        Endpoint::BackchannelAuthentication,
        Endpoint::PushedAuthorizationRequest,
    ]
    .into_iter()
    .try_fold(metadata(), |metadata, endpoint| {
        metadata.with_endpoint(endpoint, "https://server.example.com/more")
    })
    .unwrap();
    let client = client_at(metadata, Authentication::None);
    let device = DeviceAuthorization::new(&client, "mail").unwrap();
    let hint = BackchannelAuthenticationRequest::new("mail").login_hint("ada");
    let backchannel = BackchannelAuthentication::new(&client, hint).unwrap();
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    for seconds in [r#"{"access_token":"s3cr3t"}"#, r#"["s3cr3t"]"#] {
        let with = |good: &str, name: &str| json(200, &format!(r#"{{{good}"{name}":{seconds}}}"#));
        let lifetime = with(
            r#""access_token":"a","token_type":"Bearer","request_uri":"urn:x:y","#,
            "expires_in",
        );
        let interval = with("", "interval");
        for (id, error) in [
            ("TOKEN-EXPIRES-IN", token(&lifetime)),
            (
                "DEVICE-EXPIRES-IN",
                device.response(NOW, &lifetime).unwrap_err(),
            ),
            (
                "DEVICE-INTERVAL",
                device.response(NOW, &interval).unwrap_err(),
            ),
            (
                "CIBA-EXPIRES-IN",
                backchannel.response(NOW, &lifetime).unwrap_err(),
            ),
            (
                "CIBA-INTERVAL",
                backchannel.response(NOW, &interval).unwrap_err(),
            ),
            (
                "PUSHED-EXPIRES-IN",
                pushed.response(NOW, &lifetime).unwrap_err(),
            ),
        ] {
            assert_eq!(error.check().unwrap().id(), id);
            shows_none(id, &told(&error));
        }
    }
}

#[test]
fn what_cannot_be_read() {
    for body in [
        "s3cr3t",
        "{\"access_token\":\"s3cr3t",
        "{\"access_token\":\"s3cr3t\",}",
        "{\"access_token\":\"s3cr3t\"}s3cr3t",
        "{\"access_token\":\"s3cr3t\",\"access_token\":\"s3cr3t\"}",
        "{\"access_token\":{\"s3cr3t\":1},\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"s3cr3t\\ud800\"}",
        "{\"x\":[\"s3cr3t\",1e400]}",
        "{\"access_token\":\"a\",\"token_type\":[\"s3cr3t\"]}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"refresh_token\":[\"s3cr3t\"]}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"scope\":[\"s3cr3t\"]}",
        "\"s3cr3t\"",
        "[\"s3cr3t\"]",
    ] {
        let error = token(&json(200, body));
        assert!(matches!(error, Error::Malformed(_)), "{error:?}");
        shows_none(body, &told(&error));
    }
    let document = br#"{"issuer":"https://server.example.com","jwks_uri":{"x":"s3cr3t"}}"#;
    let error = Metadata::parse(document, UriPolicy::default()).unwrap_err();
    shows_none("metadata", &told(&error));
}

/// The server's own words are shown. What lies beside them is not: headers, and the rest of the body.
#[test]
fn refusals() {
    let mut answer = json(
        400,
        r#"{"error":"invalid_grant","error_description":"no","refresh_token":"s3cr3t"}"#,
    );
    answer
        .headers_mut()
        .insert("set-cookie", "session=s3cr3t".parse().unwrap());
    let error = token(&answer);
    shows_none("a refusal", &told(&error));
    let Error::Refused(refusal) = error else {
        unreachable!("it has an error code");
    };
    assert_eq!(refusal.headers()["set-cookie"], "session=s3cr3t");
    assert!(String::from_utf8_lossy(refusal.body()).contains(MARK));

    let error = callback("error=access_denied&state=s3cr3t-state&code=s3cr3t&x=s3cr3t");
    assert!(matches!(error, Error::Refused(_)));
    shows_none("a refusal through the browser", &told(&error));
}

#[test]
fn misuses() {
    let new = || AuthorizationRequest::new("mail");
    let tokens = Grant::refresh_token(&post(), "s3cr3t")
        .response(NOW, &json(200, TOKENS))
        .unwrap();
    let other = Client::new(metadata(), "other", Authentication::None).unwrap();
    let get = |address: &str| {
        http::Request::get(address)
            .body(b"s3cr3t".to_vec())
            .unwrap()
    };
    let mut authorized = get("https://api.example.com/");
    let header = "Bearer s3cr3t".parse().unwrap();
    authorized.headers_mut().insert("authorization", header);
    let call = |request| ResourceRequest::new(&post(), &tokens, request).request(NOW);
    let policy = UriPolicy::default();
    for (name, error) in [
        ("state", refused(new().state("s3cr3t\n"))),
        ("nonce", refused(new().nonce("s3cr3t\n"))),
        ("code_verifier", refused(new().code_verifier("s3cr3t"))),
        ("prompt", refused(new().prompt("none s3cr3t"))),
        ("resource", refused(new().resource("s3cr3t"))),
        (
            "redirect URI",
            refused(new().redirect_uri("https://me:s3cr3t@client.example.com/cb")),
        ),
        (
            "redirect URI with a key",
            refused(new().redirect_uri("http://client.example.com/cb?key=s3cr3t")),
        ),
        (
            "issuer",
            Metadata::new("https://me:s3cr3t@server.example.com", policy).unwrap_err(),
        ),
        (
            "endpoint",
            metadata()
                .with_endpoint(Endpoint::Token, "http://server.example.com/t?key=s3cr3t")
                .unwrap_err(),
        ),
        (
            "issuer to discover",
            Discover::new("https://server.example.com?key=s3cr3t").unwrap_err(),
        ),
        ("an extra", refused(new().parameter("state", "s3cr3t"))),
        (
            "extras",
            refused(new().parameters(&json!({"a": {"b": "s3cr3t"}}))),
        ),
        (
            "lifetime",
            refused(
                new()
                    .danger_guessable_state("s3cr3t")
                    .lifetime(Duration::ZERO),
            ),
        ),
        (
            "openid",
            refused(AuthorizationRequest::new("openid").danger_guessable_state("s3cr3t")),
        ),
        (
            "client secret",
            Client::new(
                metadata(),
                "id",
                Authentication::client_secret_basic("s3cr3t\n"),
            )
            .unwrap_err(),
        ),
        (
            "an extra of a grant",
            Grant::refresh_token(&post(), "s3cr3t")
                .parameter("code", "s3cr3t")
                .request(NOW)
                .unwrap_err(),
        ),
        (
            "another's tokens",
            Grant::refresh(&other, &tokens).unwrap_err(),
        ),
        ("authorized already", call(authorized).unwrap_err()),
        (
            "plain http",
            call(get("http://api.example.com/?q=s3cr3t")).unwrap_err(),
        ),
    ] {
        shows_none(name, &told(&error));
    }
}

#[test]
fn what_is_over() {
    let later = NOW.saturating_add(Duration::from_secs(24 * 60 * 60));
    let client = client_at(metadata(), Authentication::client_secret_post(MARK));
    let (_, pending) = client.authorize(NOW, plain()).unwrap();
    let error = client
        .authorization_response(later, pending, "code=s3cr3t")
        .unwrap_err();
    shows_none("a pending request", &told(&error));
    let tokens = Grant::refresh_token(&client, "s3cr3t")
        .response(NOW, &json(200, TOKENS))
        .unwrap();
    let request = http::Request::get("https://api.example.com/s3cr3t").body(Vec::new());
    let error = ResourceRequest::new(&client, &tokens, request.unwrap())
        .request(later)
        .unwrap_err();
    shows_none("a token", &told(&error));
}
