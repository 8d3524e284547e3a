//! No secret is shown: not by the `Debug` of any public value, plain or alternate, nor by any error.
//! What a hostile peer can make an error say is in `secrets/hostile.rs`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Response;
use oauth_proto::base::json::Members;
use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::flow::sign_in::SignIn;
use serde_json::json;

use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::returned::returned;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "secrets/echoes.rs"]
mod echoes;
#[path = "secrets/errors.rs"]
mod errors;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "secrets/hostile.rs"]
mod hostile;
#[path = "kit/returned.rs"]
mod returned;

/// Every secret in here begins so.
const MARK: &str = "s3cr3t";

/// What the mark becomes in an HTTP Basic header.
fn encoded_mark() -> String {
    STANDARD.encode("s6BhdRkqt3:s3cr3t")
}

/// Asserts that `value`, which holds `exposed`, shows no secret in either form of `Debug`.
fn hides(name: &str, exposed: &str, value: &dyn Debug) {
    assert!(
        exposed.contains(MARK) || exposed.contains(&encoded_mark()),
        "{name} holds no secret to hide: {exposed}"
    );
    shows_none(name, &format!("{value:?}"));
    shows_none(name, &format!("{value:#?}"));
}

fn shows_none(name: &str, shown: &str) {
    for mark in [MARK, &encoded_mark()] {
        assert!(!shown.contains(mark), "{name} shows a secret: {shown}");
    }
}

/// A client whose secret is marked.
fn client(authentication: fn(&'static str) -> Authentication) -> Client {
    client_at(metadata(), authentication(MARK))
}

fn post() -> Client {
    client(Authentication::client_secret_post)
}

fn basic() -> Client {
    client(Authentication::client_secret_basic)
}

/// A request whose every value is marked, but what a URL or a log may show: the scope.
fn request() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("mail")
        .danger_guessable_state("s3cr3t-state")
        .nonce("s3cr3t-nonce")
        .code_verifier(format!("s3cr3t-verifier-{}", "v".repeat(43)))
        .login_hint("s3cr3t-user")
        .id_token_hint("s3cr3t-id-token")
        .claims(&json!({"id_token": {"sub": {"value": "s3cr3t-sub"}}}))
        .resource("https://api.example.com/s3cr3t-resource")
        .parameter("x", "s3cr3t-extra")
}

/// A request without what is shown on purpose.
fn plain() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("mail")
        .danger_guessable_state("s3cr3t-state")
        .nonce("s3cr3t-nonce")
        .code_verifier(format!("s3cr3t-verifier-{}", "v".repeat(43)))
}

const TOKENS: &str = r#"{"access_token":"s3cr3t-access","token_type":"Bearer","expires_in":60,
    "refresh_token":"s3cr3t-refresh","id_token":"s3cr3t-id","x":"s3cr3t-member",
    "y":{"z":["s3cr3t-deep"]}}"#;

fn body_of(request: &http::Request<Vec<u8>>) -> String {
    let headers = request.headers().values();
    let headers: String = headers.map(|value| value.to_str().unwrap()).collect();
    let body = String::from_utf8(request.body().clone()).unwrap();
    format!("{headers} {body} {}", request.uri())
}

#[test]
fn nouns() {
    hides("Secret", MARK, &Secret::from(MARK));
    hides("Option<Secret>", MARK, &Some(Secret::from(MARK)));
    for authentication in [
        Authentication::client_secret_basic(MARK),
        Authentication::client_secret_post(MARK),
    ] {
        hides("Authentication", MARK, &authentication);
        let client = client_at(metadata(), authentication);
        hides("Client", MARK, &client);
        let quirky = client.with_quirks([Quirk::RawBasicCredentials]).unwrap();
        hides("Client with raw credentials", MARK, &quirky);
    }
    let members: Members = serde_json::from_str(TOKENS).unwrap();
    let exposed = serde_json::to_string(&members).unwrap();
    hides("Members", &exposed, &members);
    let tokens = Grant::refresh_token(&post(), "R")
        .response(NOW, &json(200, TOKENS))
        .unwrap();
    let exposed = serde_json::to_string(&tokens).unwrap();
    assert_eq!(exposed.matches(MARK).count(), 5, "{exposed}");
    hides("Tokens", &exposed, &tokens);
    let input = SigningInput::new("key", Algorithm::Es256, "s3cr3t.input");
    hides("SigningInput", "s3cr3t.input", &input);
}

#[test]
fn the_way_there() {
    let (url, pending) = post().authorize(NOW, request()).unwrap();
    hides("AuthorizationUrl", url.as_str(), &url);
    let exposed = serde_json::to_string(&pending).unwrap();
    assert_eq!(exposed.matches(MARK).count(), 5, "{exposed}");
    hides("Pending", &exposed, &pending);
    hides("AuthorizationRequest", url.as_str(), &request());
    hides("plain challenge", MARK, &request().danger_plain_challenge());
}

#[test]
fn the_way_back() {
    let received = "https://client.example.com/cb?code=s3cr3t-code&state=s3cr3t-state&x=s3cr3t-x";
    hides("Callback", received, &Callback::parse(received).unwrap());
    let (_, pending) = post().authorize(NOW, plain()).unwrap();
    let authorized = post()
        .authorization_response(NOW, pending, received)
        .unwrap();
    let (_, value) = &authorized.parameters()[0];
    assert_eq!(value, "s3cr3t-x");
    hides("AuthorizationResponse", received, &authorized);
}

#[test]
fn operations_and_requests() {
    for client in [post(), basic()] {
        let code = || {
            Grant::authorization_code(&client, returned(&client, plain(), "s3cr3t-code"))
                .parameter("x", "s3cr3t-extra")
        };
        let refresh = || Grant::refresh_token(&client, "s3cr3t-refresh").parameter("x", "s3cr3t");
        for (name, grant) in [("code", code()), ("refresh", refresh())] {
            let draft = grant.request(NOW).unwrap();
            let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
            let exposed = body_of(&request);
            hides(name, &exposed, &grant);
            hides("Draft", &exposed, &draft);
            hides("Request", &exposed, &request);
            assert_eq!(format!("{request:?}"), "POST https://server.example.com");
        }
    }
    let tokens = Grant::refresh_token(&post(), "R")
        .response(NOW, &json(200, TOKENS))
        .unwrap();
    let request = http::Request::post("https://api.example.com/s3cr3t?q=s3cr3t")
        .header("x-key", "s3cr3t-key")
        .body(b"s3cr3t-body".to_vec())
        .unwrap();
    let call = ResourceRequest::new(&post(), &tokens, request);
    let sent = call.request(NOW).and_then(Draft::into_request).unwrap();
    hides("ResourceRequest", &body_of(&sent), &call);
    hides("a resource's Request", &body_of(&sent), &sent);
    assert_eq!(format!("{sent:?}"), "POST https://api.example.com");
    // Those who print the request inside see at least no header that this crate set.
    assert!(!format!("{:?}", sent.headers()).contains("s3cr3t-access"));

    let input = SigningInput::new("key", Algorithm::Es256, "s3cr3t.input");
    let draft = Draft::new(sent.into_http()).with_signed_body(0, input);
    hides("Draft with a hole", MARK, &draft);
}

/// An operation that a remote key has to sign.
struct Signed;

impl Operation for Signed {
    type Output = String;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let request = http::Request::post("https://server.example.com/s3cr3t")
            .body(b"s3cr3t".to_vec())
            .unwrap();
        let input = SigningInput::new("key", Algorithm::Es256, "s3cr3t.input");
        Ok(Draft::new(request).with_signed_body(0, input))
    }

    fn response(&self, _now: UnixTime, _response: &Response<Vec<u8>>) -> Result<String, Error> {
        Ok("s3cr3t-output".to_owned())
    }
}

#[test]
fn flows_and_steps() {
    let client = post();
    let sign_in = || SignIn::new(&client, returned(&client, plain(), "s3cr3t-code"));
    hides("SignIn", MARK, &sign_in());
    let step = sign_in().begin(NOW).unwrap();
    hides("Step::Send", MARK, &step);
    let Step::Send(request, sent) = step else {
        unreachable!("a sign-in begins with a request");
    };
    hides("Request", &body_of(&request), &request);
    hides("Sent", MARK, &sent);
    let step = sent.answer(NOW, &json(200, TOKENS)).unwrap();
    hides("Step::Done", MARK, &step);
    let Step::Done(signed_in) = step else {
        unreachable!("one answer is enough");
    };
    hides(
        "SignedIn",
        signed_in.tokens().access_token().expose(),
        &signed_in,
    );

    hides("Call", MARK, &Call::new(Signed));
    let step = Call::new(Signed).begin(NOW).unwrap();
    hides("Step::Sign", MARK, &step);
    let Step::Sign(input, signing) = step else {
        unreachable!("the draft has a hole");
    };
    hides("SigningInput", MARK, &input);
    hides("Signing", MARK, &signing);
    let step = signing.signed(NOW, b"s3cr3t-signature").unwrap();
    hides("Step::Send of what was signed", MARK, &step);

    let error = DriveError::<String>::Protocol(client.authorize(NOW, "openid").unwrap_err());
    shows_none("DriveError", &format!("{error} {error:?} {error:#?}"));
}
