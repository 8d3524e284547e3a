//! No secret of OAuth 1.0a is shown, by the `Debug` of any public value.

use std::fmt::Debug;

use http::Request;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::callback::Callback;
use oauth_proto::oauth1::header::Authorization;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use oauth_proto::oauth1::token::TokenCredentialRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;

use crate::cast::NOW;
use crate::cast::client_by;
use crate::cast::form;
use crate::cast::made;
use crate::macs::Macs;

fn hides(value: impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn nothing_shows_a_secret() {
    let method = SignatureMethod::plaintext("s3cr3t1");
    hides(&method);
    hides(method.sign(&Macs::default(), "", "s3cr3t"));
    hides(RsaKey::remote("kms"));
    let client = client_by(method);
    hides(&client);
    let asked = TemporaryCredentialRequest::new(&client).unwrap();
    let asked = asked.parameter("oauth_x", "s3cr3t2").unwrap();
    hides(&asked);
    hides(asked.request(NOW));
    let answer = "oauth_token=s3cr3t3&oauth_token_secret=s3cr3t4&oauth_callback_confirmed=true";
    let (url, pending) = asked.response(NOW, &form(answer)).unwrap();
    hides(&url);
    hides(&pending);
    let received = "oauth_token=s3cr3t3&oauth_verifier=s3cr3t5&x=s3cr3t6";
    hides(Callback::parse(received));
    let response = client
        .authorization_response(NOW, pending, received)
        .unwrap();
    hides(&response);
    let asked = TokenCredentialRequest::new(&client, response).unwrap();
    hides(&asked);
    let answer = "oauth_token=s3cr3t7&oauth_token_secret=s3cr3t8&oauth_session_handle=s3cr3t9";
    let credentials = asked.response(NOW, &form(answer)).unwrap();
    hides(&credentials);
    hides(credentials.members());
    hides(client.refresh(&credentials));
    hides(TokenCredentialRequest::x_auth(&client, "s3cr3t", "s3cr3t"));
    let get = Request::get("https://photos.example.net/?k=s3cr3t")
        .body(Vec::new())
        .unwrap();
    let signed = SignedRequest::new(&client, get)
        .token(&credentials)
        .unwrap();
    hides(&signed);
    hides(signed.request(NOW));
    let request = made(signed.request(NOW).unwrap());
    hides(ReceivedRequest::parse(&request));
    hides(Authorization::parse(&request.headers()["authorization"]));
    assert!(request.headers()["authorization"].is_sensitive());
}

/// A server that repeats what it was sent.
#[test]
fn an_echo_is_not_shown() {
    let client = client_by(SignatureMethod::hmac_sha1("s3cr3t-of-client"));
    let asked = TokenCredentialRequest::x_auth(&client, "s3cr3t-ada", "s3cr3t-pass").unwrap();
    let asked = asked.parameter("oauth_x", "s3cr3t-own").unwrap();
    for echo in [
        "s3cr3t-own",
        "s3cr3t-of-client",
        "s3cr3t-ada",
        "s3cr3t-pass",
    ] {
        let body = format!("oauth_problem={echo}&oauth_problem_advice=got%20{echo}");
        let mut answer = form(&body);
        *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
        let error = asked.response(NOW, &answer).unwrap_err();
        hides(&error);
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}

#[test]
fn errors_show_no_secret() {
    let client = client_by(SignatureMethod::plaintext("s3cr3t"));
    let asked = TemporaryCredentialRequest::new(&client).unwrap();
    for body in [
        "oauth_token=s3cr3t&oauth_token=s3cr3t&oauth_token_secret=s3cr3t",
        "oauth_token=s3cr3t&oauth_callback_confirmed=true",
        "oauth_token_secret=s3cr3t",
        "s3cr3t%",
        "{\"oauth_token\":\"s3cr3t\"}",
    ] {
        let error = asked.response(NOW, &form(body)).unwrap_err();
        hides(&error);
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
    for received in [
        "oauth_token=s3cr3t",
        "oauth_token=a&oauth_verifier=s3cr3t&oauth_verifier=s3cr3t",
    ] {
        let answer = "oauth_token=t&oauth_token_secret=s3cr3t&oauth_callback_confirmed=true";
        let (_, pending) = asked.response(NOW, &form(answer)).unwrap();
        let error = client.resume(NOW, pending, received).unwrap_err();
        hides(&error);
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}
