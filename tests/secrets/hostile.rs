//! What a hostile peer can make an error say: bounded, on one line, and without characters that turn
//! or hide the text around them.

use http::HeaderValue;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use serde_json::json;
use url::form_urlencoded;

use super::TOKENS;
use super::errors::told;
use super::plain;
use super::post;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;

/// Line ends, escape sequences of terminals, NUL, overrides of direction, invisible characters.
const HOSTILE: &str = "ok\r\n2026-01-01 INFO all is well\u{1b}[2J\u{0}\u{7f}\u{85}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{61c}\u{ad}\u{180e}\u{fff9}\u{e0041}\t";

/// Asserts that an error says little, and on one line.
fn is_tame(name: &str, error: &Error) {
    let shown = error.to_string();
    let is_foul = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(
                character,
                '\u{61c}' | '\u{ad}' | '\u{180e}' | '\u{fff9}' | '\u{e0041}'
            )
    };
    assert!(!shown.contains(is_foul), "{name}: {shown:?}");
    assert!(
        shown.chars().count() < 800,
        "{name}: {} characters",
        shown.chars().count()
    );
    // `Debug` escapes; it is bounded as well, alternate or not.
    let debug = format!("{error:?}");
    assert!(!debug.contains(is_foul), "{name}: {debug:?}");
    assert!(
        told(error).len() < 4_000,
        "{name}: {} bytes",
        told(error).len()
    );
}

/// The hostile text, and as much of it as an input may have.
fn texts(bound: usize) -> [String; 2] {
    [HOSTILE.to_owned(), HOSTILE.repeat(bound / HOSTILE.len())]
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[test]
fn callbacks() {
    for text in texts(10_000) {
        let text = text.as_str();
        let state = ("state", "s3cr3t-state");
        for (name, pairs) in [
            ("an issuer", vec![("iss", text), state]),
            ("an error", vec![("error", text), state]),
            (
                "a description",
                vec![
                    ("error", "access_denied"),
                    ("error_description", text),
                    state,
                ],
            ),
            (
                "a uri",
                vec![("error", "access_denied"), ("error_uri", text), state],
            ),
            ("a name twice", vec![(text, "1"), (text, "2")]),
        ] {
            let (_, pending) = post().authorize(NOW, plain()).unwrap();
            let error = post()
                .authorization_response(NOW, pending, &form(&pairs))
                .unwrap_err();
            is_tame(name, &error);
        }
    }
}

#[test]
fn token_responses() {
    for text in texts(500_000) {
        for (name, status, body) in [
            (
                "a token type",
                200,
                json!({"access_token": "a", "token_type": text}),
            ),
            ("an error", 400, json!({"error": text})),
            ("an error in 200", 200, json!({"error": text})),
            (
                "a description",
                400,
                json!({"error": "x", "error_description": text}),
            ),
            ("a uri", 400, json!({"error": "x", "error_uri": text})),
            (
                "a lifetime",
                200,
                json!({"access_token": "a", "token_type": "Bearer", "expires_in": text}),
            ),
        ] {
            let error = Grant::refresh_token(&client(), "R")
                .response(NOW, &json(status, &body.to_string()))
                .unwrap_err();
            is_tame(name, &error);
        }
        let name = serde_json::Value::from(text).to_string();
        let twice = format!("{{{name}:1,{name}:2}}");
        let error = Grant::refresh_token(&client(), "R")
            .response(NOW, &json(200, &twice))
            .unwrap_err();
        is_tame("a member twice", &error);
    }
}

#[test]
fn documents() {
    for text in texts(500_000) {
        for document in [
            json!({"issuer": text}),
            json!({"issuer": "https://server.example.com", "token_endpoint": text}),
            json!({"issuer": "https://server.example.com", "jwks_uri": format!("http://{text}")}),
        ] {
            let document = document.to_string();
            let error = Metadata::parse(document.as_bytes(), UriPolicy::default()).unwrap_err();
            is_tame("an address", &error);
        }
    }
}

#[test]
fn challenges() {
    let tokens = Grant::refresh_token(&client(), "R")
        .response(NOW, &json(200, TOKENS))
        .unwrap();
    for line in [
        format!("Bearer error=\"{}\"", "x".repeat(10_000)),
        format!(
            "Bearer error=x, error_description=\"{}\"",
            "\u{202e}\u{9b}\t".repeat(2_000)
        ),
    ] {
        let mut answer = json(401, "");
        let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        answer.headers_mut().insert("www-authenticate", value);
        let request = http::Request::get("https://api.example.com/").body(Vec::new());
        let error = ResourceRequest::new(&client(), &tokens, request.unwrap())
            .response(NOW, &answer)
            .unwrap_err();
        is_tame("a challenge", &error);
    }
}
