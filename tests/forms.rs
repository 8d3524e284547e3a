//! The stored forms, version 1, byte for byte: what a release wrote, every later one reads. The files
//! under `vectors/stored/` never change; another form is another version, in files of its own.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::time::Duration;

use oauth_proto::base::base64url;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::pending::Pending;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::returned::returned;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/returned.rs"]
mod returned;

const PENDING_ORDINARY: &str = include_str!("vectors/stored/pending-v1-ordinary.json");
const PENDING_FULL: &str = include_str!("vectors/stored/pending-v1-full.json");
const PENDING_LEAST: &str = include_str!("vectors/stored/pending-v1-least.json");
const TOKENS_FULL: &str = include_str!("vectors/stored/tokens-v1-full.json");
const TOKENS_SIGNED_IN: &str = include_str!("vectors/stored/tokens-v1-signed-in.json");
const TOKENS_LEAST: &str = include_str!("vectors/stored/tokens-v1-least.json");

/// The client at a server that names no issuer.
fn without_issuer() -> Client {
    let metadata = ["authorize", "token"]
        .into_iter()
        .zip([Endpoint::Authorization, Endpoint::Token])
        .try_fold(
            Metadata::without_issuer(UriPolicy::default()),
            |metadata, (path, endpoint)| {
                metadata.with_endpoint(endpoint, &format!("https://server.example.com/{path}"))
            },
        )
        .unwrap();
    client_at(metadata, Authentication::None)
}

fn full_request() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("mail calendar")
        .redirect_uri("com.example.app:/callback")
        .danger_guessable_state("\"quoted\" & spaced")
        .nonce("n-0S6_WzA2Mj")
        .code_verifier("-".repeat(44))
        .resource("https://api.example.com/")
        .resource("urn:example:a")
        .lifetime(Duration::from_secs(24 * 60 * 60))
}

fn pending(client: &Client, request: AuthorizationRequest<'_>) -> Pending {
    client.authorize(NOW, request).unwrap().1
}

fn full_tokens() -> Tokens {
    let client = client();
    let request = AuthorizationRequest::new("mail calendar").resource("https://api.example.com/");
    let body = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bEARER","expires_in":3600,
        "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"calendar",
        "deep":{"list":[1,"é",true]},"example_parameter":"example_value","nothing":null}"#;
    Grant::authorization_code(&client, returned(&client, request, "C"))
        .response(NOW, &json(200, body))
        .unwrap()
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn what_is_pending_is_written_so() {
    let ordinary = pending(&client(), AuthorizationRequest::new("mail"));
    assert_eq!(written(&ordinary), PENDING_ORDINARY);
    assert_eq!(written(&pending(&client(), full_request())), PENDING_FULL);
    let least = AuthorizationRequest::new("")
        .danger_guessable_state("xyz")
        .danger_without_challenge();
    assert_eq!(written(&pending(&without_issuer(), least)), PENDING_LEAST);
}

#[test]
fn tokens_are_written_so() {
    assert_eq!(written(&full_tokens()), TOKENS_FULL);
    let least = Grant::refresh_token(&without_issuer(), "R")
        .response(
            NOW,
            &json(200, r#"{"access_token":"a","token_type":"Bearer"}"#),
        )
        .unwrap();
    // The refresh token that was used stays; without one this is the least there is.
    let least = written(&least).replace(r#""refresh_token":"R","#, "");
    assert_eq!(least, TOKENS_LEAST);
}

/// An ID token is stored as its text, which was verified before it was stored.
#[test]
fn who_signed_in_is_taken_up() {
    let tokens: Tokens = read(TOKENS_SIGNED_IN);
    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.sub(), "24400320");
    assert_eq!(id_token.aud(), ["s6BhdRkqt3"]);
    assert_eq!(id_token.exp().as_secs(), 1_800_003_600);
    assert_eq!(id_token.iat().as_secs(), 1_800_000_000);
    assert_eq!(written(&tokens), TOKENS_SIGNED_IN);
    let text = id_token.text().expose();
    for broken in ["", "e30", "e30.e30.c2ln", "e30.!.c2ln", "e30.W10.c2ln"] {
        let stored = TOKENS_SIGNED_IN.replace(text, broken);
        assert!(serde_json::from_str::<Tokens>(&stored).is_err(), "{broken}");
    }
    let payload = base64url::decode(text.split('.').nth(1).unwrap()).unwrap();
    for name in ["iss", "sub", "exp", "iat"] {
        let mut claims: Value = serde_json::from_slice(&payload).unwrap();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        let lacking = base64url::encode(claims.to_string().as_bytes());
        let stored = TOKENS_SIGNED_IN.replace(text, &format!("e30.{lacking}.c2ln"));
        let error = serde_json::from_str::<Tokens>(&stored).unwrap_err();
        let told = "what is stored is no ID token with `iss`, `sub`, `exp` and `iat`";
        assert!(error.to_string().starts_with(told), "{name}: {error}");
    }
}

/// The second half of a sign-in goes on from what was stored as from what was made.
#[test]
fn what_was_pending_is_taken_up() {
    for (name, client, stored, sent) in [
        (
            "ordinary",
            client(),
            PENDING_ORDINARY,
            "grant_type=authorization_code&code=C&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb\
             &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&client_id=s6BhdRkqt3",
        ),
        (
            "full",
            client(),
            PENDING_FULL,
            "grant_type=authorization_code&code=C&redirect_uri=com.example.app%3A%2Fcallback\
             &code_verifier=--------------------------------------------\
             &resource=https%3A%2F%2Fapi.example.com%2F&resource=urn%3Aexample%3Aa\
             &client_id=s6BhdRkqt3",
        ),
        (
            "least",
            without_issuer(),
            PENDING_LEAST,
            "grant_type=authorization_code&code=C&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb\
             &client_id=s6BhdRkqt3",
        ),
    ] {
        let pending: Pending = read(stored);
        assert_eq!(written(&pending), stored, "{name}");
        let callback = url::form_urlencoded::Serializer::new("code=C".to_owned())
            .append_pair("state", pending.state())
            .finish();
        let authorized = client
            .authorization_response(NOW, pending, &callback)
            .unwrap();
        let request = Grant::authorization_code(&client, authorized)
            .request(NOW)
            .and_then(Draft::into_request)
            .unwrap();
        assert_eq!(String::from_utf8_lossy(request.body()), sent, "{name}");
    }
}

#[test]
fn tokens_are_taken_up() {
    let tokens: Tokens = read(TOKENS_FULL);
    assert_eq!(tokens, full_tokens());
    assert_eq!(written(&tokens), TOKENS_FULL);
    assert_eq!(tokens.missing_scope().collect::<Vec<_>>(), ["mail"]);
    assert_eq!(tokens.member("nothing").unwrap(), Some(Value::Null));
    let request = Grant::refresh(&client(), &tokens)
        .and_then(|grant| grant.request(NOW))
        .and_then(Draft::into_request)
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(request.body()),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA\
         &resource=https%3A%2F%2Fapi.example.com%2F&client_id=s6BhdRkqt3"
    );

    let least: Tokens = read(TOKENS_LEAST);
    assert_eq!(written(&least), TOKENS_LEAST);
    assert_eq!((least.expires_at(), least.refresh_token()), (None, None));
    assert_eq!((least.issuer(), least.client_id()), (None, "s6BhdRkqt3"));
    assert!(least.scope().is_empty() && least.members().is_empty());
}

/// Stores that keep JSON as a value, and hand its members out in an order of their own.
#[test]
fn the_order_of_members_does_not_matter() {
    for stored in [PENDING_ORDINARY, PENDING_FULL, PENDING_LEAST] {
        let value: Value = read(stored);
        let pending: Pending = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(written(&pending), stored);
        assert_eq!(written(&read::<Pending>(&value.to_string())), stored);
        assert_eq!(serde_json::to_value(&pending).unwrap(), value);
    }
    for stored in [TOKENS_FULL, TOKENS_SIGNED_IN, TOKENS_LEAST] {
        let value: Value = read(stored);
        let tokens: Tokens = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(tokens, read::<Tokens>(&value.to_string()));
        assert_eq!(serde_json::to_value(&tokens).unwrap(), value);
    }
}

/// What cannot be read is refused, not guessed at: the message names the version that is known.
#[test]
fn another_version_is_refused_clearly() {
    for version in ["2", "0", "255", "18446744073709551615"] {
        let expected =
            format!("stored in version {version}, and only version 1 can be read at line 1");
        let of = |stored: &str| stored.replace(r#""v":1"#, &format!(r#""v":{version}"#));
        let told = refused::<Pending>(&of(PENDING_FULL));
        assert!(told.starts_with(&expected), "{told}");
        let told = refused::<Tokens>(&of(TOKENS_FULL));
        assert!(told.starts_with(&expected), "{told}");
    }
    for odd in [
        r#""v":"1""#,
        r#""v":-1"#,
        r#""v":1.0"#,
        r#""v":null"#,
        r#""v":1,"v":1"#,
    ] {
        refused::<Pending>(&PENDING_LEAST.replace(r#""v":1"#, odd));
        refused::<Tokens>(&TOKENS_LEAST.replace(r#""v":1"#, odd));
    }
    let without = |stored: &str| stored.replace(r#""v":1,"#, "");
    assert!(refused::<Pending>(&without(PENDING_LEAST)).contains("missing field `v`"));
    assert!(refused::<Tokens>(&without(TOKENS_LEAST)).contains("missing field `v`"));
}

fn refused<T: DeserializeOwned>(text: &str) -> String {
    match serde_json::from_str::<T>(text) {
        Ok(_) => panic!("read: {text}"),
        Err(error) => error.to_string(),
    }
}

/// A member that is not known may be one on which security rests.
#[test]
fn forms_with_members_too_many_or_too_few_are_refused() {
    let edited = |stored: &str, name: &str, value: Option<Value>| {
        let mut form: Value = read(stored);
        let members = form.as_object_mut().unwrap();
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        form.to_string()
    };
    for (name, value) in [
        ("dpop", Some(json!("key"))),
        ("state", None),
        ("state", Some(json!(""))),
        ("state", Some(json!("s".repeat(1025)))),
        ("state", Some(json!(7))),
        ("nonce", Some(json!("n".repeat(1025)))),
        ("verifier", Some(json!("short"))),
        ("verifier", Some(json!(""))),
        ("verifier", Some(json!("é".repeat(43)))),
        ("client", None),
        ("uri", None),
        ("exp", None),
        ("exp", Some(json!(-1))),
        ("exp", Some(json!("1800000900"))),
        ("resource", Some(json!("https://api.example.com/"))),
    ] {
        refused::<Pending>(&edited(PENDING_FULL, name, value));
    }
    for (name, value) in [
        ("cnf", Some(json!({}))),
        ("access_token", None),
        ("access_token", Some(json!(null))),
        ("token_type", None),
        ("token_type", Some(json!("mac"))),
        ("received_at", None),
        ("client_id", None),
        ("expires_at", Some(json!(-1))),
        ("members", Some(json!([]))),
    ] {
        refused::<Tokens>(&edited(TOKENS_FULL, name, value));
    }
}
