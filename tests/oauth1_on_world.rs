//! OAuth 1.0a on the provider in memory (RFC 5849 §2): every method with a secret in every place, the user's
//! no, sessions, redirects, and a server that misbehaves.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::sync::Arc;

use http::Request;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::flow::call::Call;
use oauth_proto::oauth1::body_hash::BodyHash;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::Denial;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::run::run;
use crate::macs::Macs;

#[cfg(test)]
mod common {
    pub(crate) mod moment;
    pub(crate) mod run;
}
#[cfg(test)]
#[path = "oauth1/macs.rs"]
mod macs;

const SERVER: &str = "https://photos.example.net";
const CALLBACK: &str = "https://printer.example.com/ready?tab=1";

fn client_by(method: SignatureMethod) -> Client {
    let server = [
        (metadata::Endpoint::TemporaryCredential, "initiate"),
        (metadata::Endpoint::Authorization, "authorize"),
        (metadata::Endpoint::Token, "token"),
    ]
    .into_iter()
    .try_fold(
        Metadata::without_issuer(UriPolicy::default()),
        |server, (endpoint, path)| {
            server.with_endpoint(endpoint, &format!("{SERVER}/oauth1/{path}"))
        },
    )
    .unwrap();
    Client::new(server, "dpf43f3p2l4k3l03", method)
        .and_then(|client| client.with_callback(CALLBACK))
        .unwrap()
        .with_crypto(Arc::new(Macs::default()))
}

fn client() -> Client {
    client_by(SignatureMethod::hmac_sha1("kd94hf93k423kf44"))
}

fn sign_in(provider: &mut Provider, client: &Client) -> Result<TokenCredentials, Error> {
    let (url, pending) = run(provider, NOW, client.authorize()?)?;
    let landing = Browser::new().visit(provider, NOW.as_secs(), url.as_str());
    run(provider, NOW, client.resume(NOW, pending, &landing.url)?)
}

fn post(body: &str, content_type: &str) -> Request<Vec<u8>> {
    Request::post(format!("{SERVER}/oauth1/api/photos?size=a%20b&size=%C3%A9"))
        .header("content-type", content_type)
        .body(body.as_bytes().to_vec())
        .unwrap()
}

#[test]
fn every_method_in_every_place() {
    let secret = "kd94hf93k423kf44";
    for method in [
        SignatureMethod::hmac_sha1(secret),
        SignatureMethod::hmac_sha256(secret),
        SignatureMethod::hmac_sha512(secret),
        SignatureMethod::plaintext(secret),
    ] {
        for placement in [Placement::Header, Placement::Body, Placement::Query] {
            let mut provider = Provider::new(SERVER);
            let client = client_by(method.clone())
                .with_placement(placement)
                .danger_secrets_in_query();
            let credentials = sign_in(&mut provider, &client).unwrap();
            assert_eq!(
                credentials.parameter("user_id").as_deref(),
                Some("248289761001")
            );
            assert!(credentials.findings().is_empty());
            let call = post("x=1+2&x=%2B&y", "application/x-www-form-urlencoded");
            let answer = run(&mut provider, NOW, client.call(&credentials, call).unwrap()).unwrap();
            assert_eq!(answer.status(), 200);
            let seen: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!(seen["token"], credentials.token().expose());
            assert!(seen["body"].as_str().unwrap().starts_with("x=1+2&x=%2B&y"));
            assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
        }
    }
}

#[test]
fn two_legs_and_other_bodies() {
    let mut provider = Provider::new(SERVER);
    provider.oauth1.settings.body_hash = true;
    let client = client().with_body_hash(BodyHash::OfMethod);
    let call = client.call_as_client(post("{\"a\":1}", "application/json"));
    let answer = run(&mut provider, NOW, call).unwrap();
    let seen: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        (&seen["token"], &seen["body"]),
        (&serde_json::Value::Null, &"{\"a\":1}".into())
    );
    let without = client.with_body_hash(BodyHash::Off);
    let call = without.call_as_client(post("{\"a\":1}", "application/json"));
    assert!(matches!(
        run(&mut provider, NOW, call),
        Err(Error::Refused(_))
    ));
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn the_user_says_no() {
    for (denial, is_refusal) in [
        (Denial::Denied, true),
        (Denial::Problem, true),
        (Denial::Silent, false),
    ] {
        let mut provider = Provider::new(SERVER);
        provider.oauth1.settings.denial = Some(denial);
        let error = sign_in(&mut provider, &client()).unwrap_err();
        assert_eq!(error.remedy(), Remedy::SignInAgain, "{denial:?}: {error}");
        assert_eq!(matches!(error, Error::Refused(_)), is_refusal, "{error}");
        assert_eq!(provider.log().requests_to("/oauth1/token").len(), 0);
    }
}

#[test]
fn a_user_who_is_asked_says_yes_or_no() {
    let mut provider = Provider::new(SERVER);
    provider.settings.interactive = true;
    let client = client();
    for denies in [false, true] {
        let (url, pending) = run(&mut provider, NOW, client.authorize().unwrap()).unwrap();
        let landing = Browser { denies }.visit(&mut provider, NOW.as_secs(), url.as_str());
        let outcome = client
            .resume(NOW, pending, &landing.url)
            .and_then(|flow| run(&mut provider, NOW, flow));
        assert_eq!(matches!(outcome, Err(Error::Refused(_))), denies);
        assert_eq!(outcome.is_ok(), !denies);
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn without_a_callback_the_user_brings_the_code() {
    let mut provider = Provider::new(SERVER);
    let client = client();
    let asked = TemporaryCredentialRequest::new(&client)
        .unwrap()
        .out_of_band();
    let (url, pending) = run(&mut provider, NOW, Call::new(asked)).unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    assert!(!landing.is_home());
    let code = provider
        .oauth1
        .verifier(pending.token())
        .unwrap()
        .to_owned();
    let flow = client.resume_out_of_band(NOW, pending, &code).unwrap();
    run(&mut provider, NOW, flow).unwrap();
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn a_verifier_is_worth_one_attempt() {
    let mut provider = Provider::new(SERVER);
    let client = client();
    let (_, pending) = run(&mut provider, NOW, client.authorize().unwrap()).unwrap();
    let flow = client.resume_out_of_band(NOW, pending, "guessed").unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    let Error::Refused(refusal) = error else {
        panic!("{error}");
    };
    assert_eq!(refusal.status().unwrap(), 401);
    assert!(
        refusal
            .description()
            .unwrap()
            .starts_with("verifier_invalid")
    );
}

#[test]
fn sessions_are_renewed() {
    let mut provider = Provider::new(SERVER);
    provider.oauth1.settings.sessions = true;
    let client = client();
    let first = sign_in(&mut provider, &client).unwrap();
    let second = run(&mut provider, NOW, client.refresh(&first).unwrap()).unwrap();
    assert!(second.token() != first.token());
    let call = |credentials| client.call(credentials, post("", "text/plain")).unwrap();
    run(&mut provider, NOW, call(&second)).unwrap();
    let error = run(&mut provider, NOW, call(&first)).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Renew, "{error}");
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn a_redirect_is_signed_anew() {
    let mut provider = Provider::new(SERVER);
    let client = client();
    let credentials = sign_in(&mut provider, &client).unwrap();
    let get = Request::get(format!("{SERVER}/oauth1/moved"))
        .body(Vec::new())
        .unwrap();
    let signed = SignedRequest::new(&client, get)
        .token(&credentials)
        .unwrap();
    let answer = run(&mut provider, NOW, Call::new(signed.clone())).unwrap();
    assert_eq!(answer.status(), 307);
    let next = signed.redirected(&answer).unwrap();
    let answer = run(&mut provider, NOW, Call::new(next)).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn the_same_request_is_not_sent_twice() {
    let mut provider = Provider::new(SERVER);
    let client = client();
    let signed = SignedRequest::new(&client, post("", "text/plain"));
    let fixed = signed.clone().danger_nonce("once", NOW.as_secs());
    run(&mut provider, NOW, Call::new(fixed.clone())).unwrap();
    assert!(run(&mut provider, NOW, Call::new(fixed)).is_err());
    for _ in 0..3 {
        run(&mut provider, NOW, Call::new(signed.clone())).unwrap();
    }
    let nonce = |signed: &SignedRequest| {
        let request = signed.request(NOW).unwrap().into_request().unwrap();
        request.headers()["authorization"].clone()
    };
    assert_ne!(nonce(&signed), nonce(&signed));
}

#[test]
fn a_server_that_misbehaves_ends_the_sign_in() {
    let spoil = |edit: (&str, Edit)| Change::Member(edit.0.into(), edit.1);
    for (change, id) in [
        (
            spoil(("oauth_callback_confirmed", Edit::set("false"))),
            "OAUTH1-CALLBACK-CONFIRMED",
        ),
        (
            spoil(("oauth_callback_confirmed", Edit::Remove)),
            "OAUTH1-CALLBACK-CONFIRMED",
        ),
        (
            spoil(("oauth_token", Edit::Remove)),
            "OAUTH1-CREDENTIALS-TOKEN",
        ),
        (
            spoil(("oauth_token", Edit::Twice)),
            "OAUTH1-CREDENTIALS-DUPLICATE",
        ),
        (
            spoil(("oauth_token_secret", Edit::Remove)),
            "OAUTH1-CREDENTIALS-SECRET",
        ),
        (
            Change::Body(b"<html>100%</html>".to_vec()),
            "OAUTH1-CREDENTIALS-FORM",
        ),
        (
            Change::Redirect("https://evil.example/".into()),
            "RESPONSE-REDIRECT",
        ),
        (Change::FillTo((1 << 20) + 1), "RESPONSE-SIZE"),
    ] {
        let mut provider = Provider::new(SERVER);
        provider.mutate(Mutation::new(Endpoint::OAuth1, change));
        let error = sign_in(&mut provider, &client()).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some(id), "{error}");
        assert_eq!(provider.log().len(), 1);
    }
    // The way back, spoilt.
    for (name, edit, id) in [
        ("oauth_token", Edit::append("x"), "OAUTH1-CALLBACK-TOKEN"),
        ("oauth_token", Edit::Remove, "OAUTH1-CALLBACK-TOKEN-MISSING"),
        ("oauth_verifier", Edit::Remove, "OAUTH1-CALLBACK-VERIFIER"),
        ("oauth_verifier", Edit::Twice, "OAUTH1-CALLBACK-DUPLICATE"),
        ("oauth_verifier", Edit::raw("%zz"), "OAUTH1-CALLBACK-FORM"),
    ] {
        let mut provider = Provider::new(SERVER);
        let client = client();
        let (url, pending) = run(&mut provider, NOW, client.authorize().unwrap()).unwrap();
        provider.mutate(Mutation::new(
            Endpoint::OAuth1,
            Change::Member(name.into(), edit),
        ));
        let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
        let error = client.resume(NOW, pending, &landing.url).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some(id), "{error}");
        assert_eq!(provider.log().requests_to("/oauth1/token").len(), 0);
    }
}
