//! Invariant: whatever the `WWW-Authenticate` lines of a message hold, reading them does not panic,
//! takes time linear in their length, and gives at most 32 challenges of at most 64 parameters and no
//! more text than was read. Schemes and names are tokens in lower case, and no name stands twice in
//! one challenge. Written again, on a line each or all on one, with other quotes, cases, commas and
//! spaces, the challenges read as the same. What a resource demands by them is bounded, holds what a
//! scope may hold, and becomes a request; where they say that its metadata lie is at its own origin.
//!
//! Input: lines, each the value of one header.

use std::fmt::Write;

use http::HeaderMap;
use http::HeaderValue;
use http::Response;
use http::header::WWW_AUTHENTICATE;
use oauth_proto::base::challenge::Challenge;
use oauth_proto::base::challenge::Challenges;
use oauth_proto::base::challenge::challenges;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::scope::Scope;
use oauth_proto::endpoint::resource_metadata::ResourceMetadataRequest;
use oauth_proto::endpoint::resource_metadata::challenged_scope;
use oauth_proto::endpoint::step_up::StepUp;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;
use crate::bodies::metadata::check_address;

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

    check_demand(&headers);
    check_place(&read);
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

/// A demand for another sign-in (RFC 9470, RFC 6750 section 3.1).
fn check_demand(headers: &HeaderMap) {
    let mut response = Response::new(());
    response.headers_mut().clone_from(headers);
    let Ok(Some(step_up)) = StepUp::from_response(&response) else {
        return;
    };
    let values = step_up.acr_values().unwrap_or_default();
    assert!(values.len() <= 2048 && !values.contains(|c: char| c.is_control() || !c.is_ascii()));
    assert!(step_up.scope().as_str().len() <= 2048);
    let previous = Scope::from(fixture::SCOPE);
    let request = step_up.authorization_request(&previous);
    let outcome = fixture::client(Iss::Known).authorize(NOW, request);
    // Identity waits, and `openid` with it.
    assert_eq!(outcome.is_ok(), !step_up.scope().contains("openid"));
}

/// Where the resource's metadata lie, and the scope that it asks for (RFC 9728 section 5.1).
fn check_place(read: &Challenges) {
    let resource = "https://api.example/v1";
    let request = ResourceMetadataRequest::challenged(resource, read, UriPolicy::default());
    if let Ok(request) = request {
        check_address(request.address(), false);
        assert_eq!(request.address().origin(), request.resource().origin());
    }
    if let Ok(Some(scope)) = challenged_scope(read) {
        assert!(!scope.is_empty());
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        assert!(scope.iter().all(|token| token.bytes().all(is_plain)));
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
