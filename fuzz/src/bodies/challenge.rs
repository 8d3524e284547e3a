//! Invariant: whatever the `WWW-Authenticate` lines of a message hold, reading them does not panic,
//! takes time linear in their length, and gives at most 32 challenges of at most 64 parameters and no
//! more text than was read. Schemes and names are tokens in lower case, and no name stands twice in
//! one challenge. Written again, on a line each or all on one, with other quotes, cases, commas and
//! spaces, the challenges read as the same.
//!
//! Input: lines, each the value of one header.

use std::fmt::Write;

use http::HeaderMap;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use oauth_proto::base::challenge::Challenge;
use oauth_proto::base::challenge::challenges;

use crate::bodies::bytes::Bytes;

/// Beyond the 16 KiB that are read, so that the bound is met.
const LIMIT: usize = 20_000;

/// Bytes that are read of one message.
const READ: usize = 16 * 1024;

/// Whether there was a challenge and nothing else.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let text = Bytes::new(data).text(LIMIT);
    let headers = headers(text.split(|&byte| byte == b'\n'));
    let read = challenges(&headers);

    assert!(read.len() <= 32);
    assert_eq!(read.is_empty(), read.iter().next().is_none());
    let mut length = 0;
    for challenge in &read {
        check(challenge);
        length += length_of(challenge);
        let found = read.find(&challenge.scheme().to_ascii_uppercase());
        assert_eq!(found.map(Challenge::scheme), Some(challenge.scheme()));
    }
    // A byte that is no UTF-8 reads as U+FFFD, which takes three.
    let given: usize = headers.values().map(HeaderValue::len).sum();
    assert!(length <= 3 * given.min(READ));

    for written in [plain(&read), odd(&read)] {
        let headers = self::headers(written.iter().map(String::as_bytes));
        let length: usize = headers.values().map(HeaderValue::len).sum();
        if length <= READ {
            let again = challenges(&headers);
            assert!(!again.malformed(), "{written:?}");
            assert!(again.iter().eq(read.iter()), "{written:?}");
        }
    }
    !read.is_empty() && !read.malformed()
}

fn headers<'l>(lines: impl Iterator<Item = &'l [u8]>) -> HeaderMap {
    lines
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .map(|line| (WWW_AUTHENTICATE, line))
        .collect()
}

fn check(challenge: &Challenge) {
    assert!(is_token_in_lower_case(challenge.scheme()));
    let names: Vec<_> = challenge.parameters().map(|(name, _)| name).collect();
    assert!(names.len() <= 64);
    assert!(names.is_empty() || challenge.token68().is_none());
    for (at, (name, value)) in challenge.parameters().enumerate() {
        assert!(is_token_in_lower_case(name));
        assert!(!names[..at].contains(&name), "a name stands twice");
        let found = challenge.parameter(&name.to_ascii_uppercase());
        assert_eq!(found, Some(value));
        assert!(!value.contains(['\r', '\n', '\0']));
    }
}

fn length_of(challenge: &Challenge) -> usize {
    let parameters = challenge.parameters();
    challenge.scheme().len()
        + challenge.token68().map_or(0, str::len)
        + parameters
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>()
}

fn is_token_in_lower_case(text: &str) -> bool {
    is_token(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A line each, every value quoted.
fn plain<'c>(challenges: impl IntoIterator<Item = &'c Challenge>) -> Vec<String> {
    challenges
        .into_iter()
        .map(|challenge| {
            let mut line = challenge.scheme().to_owned();
            if let Some(token68) = challenge.token68() {
                line.push(' ');
                line.push_str(token68);
            }
            let parameters: Vec<_> = challenge
                .parameters()
                .map(|(name, value)| format!("{name}={}", quoted(value, "\"\\")))
                .collect();
            if !parameters.is_empty() {
                line.push(' ');
                line.push_str(&parameters.join(", "));
            }
            line
        })
        .collect()
}

/// All on one line, with empty elements, tabs, upper case, tokens where they will do, and backslashes
/// where none is needed.
fn odd<'c>(challenges: impl IntoIterator<Item = &'c Challenge>) -> Vec<String> {
    let mut line = String::from(",\t,");
    for challenge in challenges {
        let scheme = challenge.scheme().to_ascii_uppercase();
        let _ = write!(line, " {scheme}  {} ,", challenge.token68().unwrap_or(","));
        for (name, value) in challenge.parameters() {
            let name = name.to_ascii_uppercase();
            let value = if is_token(value) {
                value.to_owned()
            } else {
                quoted(value, "\"\\aeiou ,=")
            };
            let _ = write!(line, "{name}\t= {value}\t, ,");
        }
    }
    vec![line]
}

/// A quoted string (RFC 9110 section 5.6.4) with a backslash before each of `escaped`.
fn quoted(value: &str, escaped: &str) -> String {
    let mut text = String::from("\"");
    for character in value.chars() {
        if escaped.contains(character) {
            text.push('\\');
        }
        text.push(character);
    }
    text + "\""
}
