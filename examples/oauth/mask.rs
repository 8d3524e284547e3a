//! The conversation as `--verbose` shows it. What is shown is listed; whatever is not listed may be a
//! secret, and is masked.

use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::header;
use serde_json::Value;

use super::console::printable;

const MASK: &str = "…";

/// Headers that hold no secret.
const HEADERS: [&str; 14] = [
    "accept",
    "allow",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "host",
    "pragma",
    "retry-after",
    "server",
    "user-agent",
    "vary",
];

/// Parameters and members that hold no secret.
const NAMES: [&str; 38] = [
    "acr_values",
    "active",
    "audience",
    "client_assertion_type",
    "client_id",
    "client_name",
    "code_challenge_method",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "grant_type",
    "grant_types",
    "interval",
    "iss",
    "issued_token_type",
    "max_age",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "redirect_uris",
    "requested_expiry",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "response_types",
    "scope",
    "subject_token_type",
    "actor_token_type",
    "token_endpoint_auth_method",
    "token_type",
    "token_type_hint",
    "ui_locales",
    "verification_uri",
    "application_type",
    "client_id_issued_at",
    "client_secret_expires_at",
];

/// Whether the answer to it is a published document: metadata, without secrets.
pub(crate) fn is_public(request: &Request<Vec<u8>>) -> bool {
    request.uri().path().contains("/.well-known/")
}

pub(crate) fn request(request: &Request<Vec<u8>>) -> String {
    let uri = request.uri().to_string();
    let uri = match uri.split_once('?') {
        Some((address, query)) => format!("{address}?{}", form(query)),
        None => uri,
    };
    let mut lines = vec![format!("{} {uri}", request.method())];
    lines.extend(headers(request.headers()));
    lines.extend(body(request.headers(), request.body(), false));
    told(">", &lines)
}

pub(crate) fn response(response: &Response<Vec<u8>>, is_public: bool) -> String {
    let mut lines = vec![response.status().to_string()];
    lines.extend(headers(response.headers()));
    lines.extend(body(response.headers(), response.body(), is_public));
    told("<", &lines)
}

fn told(mark: &str, lines: &[String]) -> String {
    let lines = lines
        .iter()
        .map(|line| format!("{mark} {}\n", printable(line)));
    lines.chain(["\n".to_owned()]).collect()
}

fn headers(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        match name.as_str() {
            shown if HEADERS.contains(&shown) => format!("{name}: {text}"),
            // The scheme is none.
            "authorization" | "www-authenticate" => {
                let scheme = text.split(' ').next().unwrap_or_default();
                format!("{name}: {scheme} {MASK}")
            }
            _ => format!("{name}: {MASK}"),
        }
    })
}

fn body(headers: &HeaderMap, body: &[u8], is_public: bool) -> Vec<String> {
    if body.is_empty() {
        return Vec::new();
    }
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = String::from_utf8_lossy(kind.unwrap_or_default()).to_ascii_lowercase();
    let shown = if let Ok(json) = serde_json::from_slice::<Value>(body) {
        let json = if is_public { json } else { member("", json) };
        format!("{json:#}")
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        form(&String::from_utf8_lossy(body)).replace('&', "\n&")
    } else {
        format!("({} bytes)", body.len())
    };
    let lines = shown.lines().map(str::to_owned);
    std::iter::once(String::new()).chain(lines).collect()
}

/// A query or a form, in which each value is shown or masked by its name.
fn form(text: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if !NAMES.contains(&name) => format!("{name}={MASK}"),
        Some(_) => pair.to_owned(),
        None => MASK.to_owned(),
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

fn member(name: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = member(&name, value);
                (name, value)
            })
            .collect(),
        Value::Array(values) => values
            .into_iter()
            .map(|value| member(name, value))
            .collect(),
        Value::Null | Value::Bool(_) => value,
        shown if NAMES.contains(&name) => shown,
        _ => Value::from(MASK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_shown() {
        let made = Request::post("https://id.example/token?key=s3cret&scope=mail")
            .header("authorization", "Basic czNjcmV0")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("dpop", "s3cret")
            .body(b"grant_type=refresh_token&refresh_token=s3cret&s3cret".to_vec())
            .unwrap();
        assert_eq!(
            request(&made),
            "> POST https://id.example/token?key=…&scope=mail\n> authorization: Basic …\n\
             > content-type: application/x-www-form-urlencoded\n> dpop: …\n> \n\
             > grant_type=refresh_token\n> &refresh_token=…\n> &…\n\n"
        );
        let answer = Response::builder()
            .header("content-type", "application/json")
            .body(br#"{"access_token":"s3cret","scope":"a\u001b[2J","x":[{"y":1}]}"#.to_vec())
            .unwrap();
        let text = response(&answer, false);
        assert!(text.contains(r#""scope": "a\u001b[2J""#), "{text}");
        assert!(text.contains(r#""y": "…""#), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
        assert!(response(&answer, true).contains("s3cret"));
        let other = Response::new(b"s3cret".to_vec());
        assert!(response(&other, true).contains("(6 bytes)"));
    }
}
