//! A server that repeats what it was sent: its text is within reach, and is not printed.

use http::HeaderValue;
use http::Response;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use serde_json::json;

use super::MARK;
use super::TOKENS;
use super::basic;
use super::errors::told;
use super::plain;
use super::post;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::returned::returned;

const VERIFIER: &str = "s3cr3t-verifier-s3cr3t-verifier-s3cr3t-verifier";

/// An answer of the token endpoint that holds `secret` in each of its texts.
fn echo(secret: &str) -> Response<Vec<u8>> {
    let body = json!({
        "error": format!("bad {secret}"),
        "error_description": format!("the value '{secret}' is unknown"),
        "error_uri": format!("https://id.example/errors?of={secret}"),
    });
    json(400, &body.to_string())
}

/// Holds that an error has the secret and tells nothing of it.
fn keeps(secret: &str, error: &Error) {
    assert!(secret.contains(MARK));
    let told = told(error);
    assert!(!told.contains(MARK), "{told}");
    assert!(told.contains("repeats a secret of the request"), "{told}");
    let Error::Refused(refusal) = error else {
        panic!("{told}");
    };
    assert!(refusal.description().unwrap().contains(secret));
}

#[test]
fn the_token_endpoint() {
    for client in [post(), basic()] {
        let request = plain().code_verifier(VERIFIER);
        let code = Grant::authorization_code(&client, returned(&client, request, "s3cr3t-code"));
        let refresh = Grant::refresh_token(&client, "s3cr3t-refresh");
        let subject = SecurityToken::new("s3cr3t-subject", "access_token");
        let actor = SecurityToken::new("s3cr3t-actor", "access_token");
        let exchange = TokenExchange::new(&client, subject).actor(actor);
        // The last one is the client's own secret.
        for secret in ["s3cr3t-code", VERIFIER, MARK] {
            keeps(secret, &code.response(NOW, &echo(secret)).unwrap_err());
        }
        for secret in ["s3cr3t-refresh", MARK] {
            keeps(secret, &refresh.response(NOW, &echo(secret)).unwrap_err());
        }
        for secret in ["s3cr3t-subject", "s3cr3t-actor", MARK] {
            keeps(secret, &exchange.response(NOW, &echo(secret)).unwrap_err());
        }
    }
}

#[test]
fn a_resource() {
    let refresh = Grant::refresh_token(&post(), "s3cr3t-refresh");
    let tokens = refresh.response(NOW, &json(200, TOKENS)).unwrap();
    let mut answer = Response::new(Vec::new());
    let challenge = "Bearer error=\"invalid_token\", error_description=\"s3cr3t-access is over\"";
    let value = HeaderValue::from_static(challenge);
    answer.headers_mut().insert("www-authenticate", value);
    let call = ResourceRequest::new(&post(), &tokens, http::Request::new(Vec::new()));
    keeps("s3cr3t-access", &call.response(NOW, &answer).unwrap_err());

    let metadata = metadata()
        .with_endpoint(Endpoint::Userinfo, "https://server.example.com/userinfo")
        .unwrap();
    let client = client_at(metadata, Authentication::None);
    let userinfo = UserinfoRequest::new(&client, &tokens).unwrap();
    for answer in [answer, echo("s3cr3t-access")] {
        let error = userinfo.response(NOW, &answer).unwrap_err();
        keeps("s3cr3t-access", &error);
    }
}

#[test]
fn a_pushed_request() {
    let metadata = metadata()
        .with_endpoint(
            Endpoint::PushedAuthorizationRequest,
            "https://server.example.com/par",
        )
        .unwrap();
    let client = client_at(metadata, Authentication::client_secret_post(MARK));
    let (pushed, _) = client.pushed_authorization_request(NOW, plain()).unwrap();
    keeps(MARK, &pushed.response(NOW, &echo(MARK)).unwrap_err());
}

/// What is told stays told where nothing is repeated, and a registered code in any case.
#[test]
fn what_is_no_echo_is_shown() {
    let grant = Grant::refresh_token(&post(), "s3cr3t-refresh");
    let answer = |description: &str| {
        let body = json!({"error": "invalid_grant", "error_description": description});
        json(400, &body.to_string())
    };
    let shown = |description| {
        let error = grant.response(NOW, &answer(description)).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        shown("the token is over"),
        "the token_endpoint refused: invalid_grant (the token is over), status 400"
    );
    assert_eq!(
        shown("s3cr3t-refresh is over"),
        "the token_endpoint refused: invalid_grant, and repeats a secret of the request, status 400"
    );
    // One that is too short to be a secret is in every text.
    let short = Grant::refresh_token(&post(), "e");
    let error = short.response(NOW, &answer("over")).unwrap_err();
    assert!(error.to_string().contains("(over)"), "{error}");
}
