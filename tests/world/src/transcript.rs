//! An exchange as a person would want to read it, with every secret masked.

use std::fmt;

use http::HeaderMap;

use crate::log::Exchange;
use crate::mutation::Delivery;
use crate::parameters::Parameters;

/// Names whose values are secrets, wherever they stand.
const SECRET: [&str; 22] = [
    "access_token",
    "actor_token",
    "assertion",
    "auth_req_id",
    "client_assertion",
    "client_notification_token",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "id_token_hint",
    "logout_token",
    "oauth_signature",
    "oauth_token_secret",
    "oauth_verifier",
    "password",
    "refresh_token",
    "registration_access_token",
    "subject_token",
    "ticket",
    "token",
];

/// Headers that say something about the protocol.
const HEADERS: [&str; 11] = [
    "accept",
    "authorization",
    "content-type",
    "cookie",
    "dpop",
    "dpop-nonce",
    "location",
    "retry-after",
    "set-cookie",
    "www-authenticate",
    "cache-control",
];

/// The longest body that is shown, in bytes.
const SHOWN: usize = 8192;

pub(crate) fn write(exchange: &Exchange, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let request = &exchange.request;
    let uri = request.uri();
    let target = uri.to_string();
    let target = target.split('?').next().unwrap_or_default();
    writeln!(f, "→ {} {target}", request.method())?;
    if let Some(query) = uri.query() {
        parameters(&Parameters::lossy(query), f)?;
    }
    headers(request.headers(), f)?;
    body(request.headers(), request.body(), f)?;
    let response = &exchange.response;
    let fate = match Delivery::of(response) {
        Delivery::Lost => " (never arrives)",
        Delivery::Cut(_) => " (cut short)",
        _ => "",
    };
    writeln!(f, "← {}{fate}", response.status())?;
    headers(response.headers(), f)?;
    body(response.headers(), response.body(), f)
}

fn headers(headers: &HeaderMap, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        match name.as_str() {
            "location" => {
                let cut = value.find(['?', '#']).unwrap_or(value.len());
                let (url, rest) = value.split_at(cut);
                writeln!(f, "    location: {url}")?;
                parameters(&Parameters::lossy(rest.trim_start_matches(['?', '#'])), f)?;
            }
            "authorization" => {
                let (scheme, secret) = value.split_once(' ').unwrap_or(("", &value));
                writeln!(f, "    authorization: {scheme} {}", mask(secret))?;
            }
            "cookie" | "set-cookie" | "dpop" => writeln!(f, "    {name}: {}", mask(&value))?,
            shown if HEADERS.contains(&shown) => writeln!(f, "    {name}: {value}")?,
            _ => {}
        }
    }
    Ok(())
}

fn parameters(parameters: &Parameters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (name, value) in parameters.iter() {
        writeln!(f, "      {name} = {}", masked(name, value))?;
    }
    Ok(())
}

fn body(headers: &HeaderMap, body: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let kind = headers.get("content-type").map(http::HeaderValue::as_bytes);
    let kind = String::from_utf8_lossy(kind.unwrap_or_default()).to_ascii_lowercase();
    let (kind, _) = kind.split_once(';').unwrap_or((&kind, ""));
    match (std::str::from_utf8(body), kind) {
        (_, _) if body.is_empty() => Ok(()),
        (Ok(text), "application/x-www-form-urlencoded") => parameters(&Parameters::lossy(text), f),
        (Ok(text), "application/json") if text.len() <= SHOWN => {
            for line in json(text).lines() {
                writeln!(f, "      {line}")?;
            }
            Ok(())
        }
        // What is neither form nor JSON may hold a secret anywhere.
        _ => writeln!(f, "      ({} bytes of {kind})", body.len()),
    }
}

fn masked(name: &str, value: &str) -> String {
    if SECRET.contains(&name) {
        mask(value)
    } else {
        value.to_owned()
    }
}

/// The first four characters, if there is more than twice as much.
fn mask(secret: &str) -> String {
    let start: String = secret.chars().take(4).collect();
    let start = if secret.len() > 8 { &start } else { "" };
    format!("{start}…")
}

/// JSON text laid out, strings under secret names masked. It is read token by token and not as a
/// value, so that what is wrong with it remains to be seen.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut name = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        match first {
            '{' | '[' => {
                depth += 1;
                out.push(first);
                let empty = rest.trim_start().starts_with(['}', ']']);
                if !empty {
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !out.ends_with(['{', '[']) {
                    line(&mut out, depth);
                }
                out.push(first);
            }
            ',' => {
                out.push(first);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' if rest.trim_start().starts_with(':') => {
                name = token.trim_matches('"').to_owned();
                out.push_str(token);
            }
            '"' if SECRET.contains(&name.as_str()) => {
                let secret = mask(token.trim_matches('"'));
                out.extend(["\"", &secret, "\""]);
            }
            _ if first.is_whitespace() => {}
            _ => out.push_str(token),
        }
    }
    out
}

/// The length of the string that the text begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    // Deep nesting is shown, but not as a triangle.
    out.push_str(&"  ".repeat(depth.min(16)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_masked_even_if_it_is_wrong() {
        let text = r#"{"access_token":"abcdefghijk","expires_in":1e400,"scope":"a \"b","scope":[],"x":{"code":"short"}"#;
        let expected = "{\n  \"access_token\": \"abcd…\",\n  \"expires_in\": 1e400,\n  \
                        \"scope\": \"a \\\"b\",\n  \"scope\": [],\n  \"x\": {\n    \"code\": \"…\"\n  }";
        assert_eq!(json(text), expected);
        assert_eq!(json("\"open"), "\"open");
    }

    #[test]
    fn a_secret_shows_four_characters_at_most() {
        assert_eq!(mask("abcdefghi"), "abcd…");
        assert_eq!(mask("abcdefgh"), "…");
        assert_eq!(masked("client_secret", "éééééé"), "éééé…");
        assert_eq!(masked("scope", "openid"), "openid");
        for name in SECRET {
            assert_eq!(masked(name, "abcdefghi"), "abcd…");
        }
        assert_eq!(masked("id_token_hint", "abcdefghi"), "abcd…");
    }
}
