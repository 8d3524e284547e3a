//! Invariant: pairs that are written as extra parameters of a request are read back equal and in their
//! order by `form_urlencoded`, from a URL and from a body, and only unreserved characters and
//! `%`, `=`, `&` are written; a name of the protocol is refused, whoever gives it. Pairs that another
//! writes into a callback, with `+` or `%20` for a space, as a URL, a path, a query, a fragment or a
//! body, are read back equal and in their order. What is accepted of any text is what
//! `form_urlencoded` reads in it.
//!
//! Input: a digit for the shape of the callback, then lines, each `NAME=VALUE` as they are, not
//! encoded.

use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use url::Url;
use url::form_urlencoded;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;

const LIMIT: usize = 5_000;

/// Whether the pairs came back from a callback.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let shape = input.choice(SHAPES);
    let text = input.text(LIMIT);
    let text = String::from_utf8_lossy(&text);
    let pairs: Vec<(&str, &str)> = text
        .lines()
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .collect();
    let client = fixture::client(Iss::Known);

    write_url(&client, &pairs);
    write_body(&client, &pairs);
    read_anything(&client, &text);
    read_written(&client, &pairs, shape)
}

/// What stands before the pairs of a callback.
const SHAPES: [&str; 6] = [
    "https://app.example/cb?",
    "/cb?",
    "?",
    "",
    "https://app.example/cb#",
    "#",
];

/// Parameters of the request that an extra may not name, and of the answer.
const OF_REQUEST: [&str; 28] = [
    "client_assertion_type",
    "code_verifier",
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "display",
    "max_age",
    "ui_locales",
    "claims_locales",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "authorization_details",
    "resource",
    "request",
    "request_uri",
    "registration",
    "dpop_jkt",
    "client_secret",
    "client_assertion",
];
const OF_GRANT: [&str; 15] = [
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "refresh_token",
    "scope",
    "resource",
    "authorization_details",
    "username",
    "password",
    "assertion",
];
const OF_ANSWER: [&str; 7] = [
    "code",
    "state",
    "iss",
    "error",
    "access_token",
    "id_token",
    "response",
];

fn names_one_of(pairs: &[(&str, &str)], names: &[&str]) -> bool {
    pairs.iter().any(|(name, _)| names.contains(name))
}

/// `pairs` are the last that `written` holds, after `before` others.
fn check_written(written: &str, before: usize, pairs: &[(&str, &str)]) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte);
    assert!(written.bytes().all(is_plain), "{written}");
    let read: Vec<_> = form_urlencoded::parse(written.as_bytes()).collect();
    assert_eq!(read.len(), before + pairs.len());
    for ((name, value), (own, text)) in read[before..].iter().zip(pairs) {
        assert_eq!((name.as_ref(), value.as_ref()), (*own, *text));
    }
}

fn write_url(client: &Client, pairs: &[(&str, &str)]) {
    let mut request = AuthorizationRequest::new(fixture::SCOPE);
    for (name, value) in pairs {
        request = request.parameter(*name, *value);
    }
    let outcome = client.authorize(NOW, request);
    if names_one_of(pairs, &OF_REQUEST) {
        assert!(is_protocol_parameter(outcome.as_ref().err()));
        return;
    }
    let (url, _) = outcome.expect("the pairs are no parameters of the protocol");
    let url = Url::parse(url.as_str()).expect("it is a URL");
    assert!(url.as_str().starts_with("https://id.example/authorize?"));
    assert_eq!(url.fragment(), None);
    // Response type, client, redirect URI, scope, state, challenge and its method.
    check_written(url.query().unwrap_or_default(), 7, pairs);
}

fn write_body(client: &Client, pairs: &[(&str, &str)]) {
    let pending = fixture::pending(Iss::Known, UnixTime::from_secs(u64::MAX));
    let callback = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={}", fixture::STATE);
    let mut flow = client
        .resume(NOW, pending, &callback)
        .expect("a good callback");
    for (name, value) in pairs {
        flow = flow.parameter(*name, *value);
    }
    let outcome = flow.begin(NOW);
    if names_one_of(pairs, &OF_GRANT) {
        assert!(is_protocol_parameter(outcome.as_ref().err()));
        return;
    }
    let Ok(Step::Send(request, _)) = outcome else {
        unreachable!("the pairs are no parameters of the protocol");
    };
    let request: Request<Vec<u8>> = request.into();
    let body = String::from_utf8(request.into_body()).expect("a form is text");
    // The client comes last; grant type, code, redirect URI, verifier and resource first.
    let body = body
        .strip_suffix("&client_id=s6BhdRkqt3")
        .expect("the client");
    check_written(body, 5, pairs);
}

fn is_protocol_parameter(error: Option<&Error>) -> bool {
    matches!(error, Some(Error::Misuse(Misuse::ProtocolParameter(_))))
}

/// What the answer to `received` says beside what the checks know; none where it is refused.
fn read(client: &Client, received: &str) -> Option<Vec<(String, String)>> {
    let pending = fixture::pending(Iss::Known, UnixTime::from_secs(u64::MAX));
    let response = client.authorization_response(NOW, pending, received).ok()?;
    Some(response.parameters().to_vec())
}

/// `text` as it is, in a callback that is good but for it.
fn read_anything(client: &Client, text: &str) {
    let received = format!("?code=c0de&state={}&{text}", fixture::STATE);
    let Some(read) = read(client, &received) else {
        return;
    };
    let received = received.trim_ascii();
    let query = received.split('#').next().unwrap_or_default();
    let expected: Vec<(String, String)> = form_urlencoded::parse(&query.as_bytes()[1..])
        .filter(|(name, _)| !["code", "state", "iss"].contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    assert_eq!(read, expected);
}

/// The pairs as others write them; whether they came back.
fn read_written(client: &Client, pairs: &[(&str, &str)], shape: &str) -> bool {
    let mut distinct: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let is_good = distinct.len() == pairs.len();
    if names_one_of(pairs, &OF_ANSWER) {
        return false;
    }
    let expected: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();

    let mut plus = form_urlencoded::Serializer::new(String::new());
    plus.extend_pairs(pairs);
    let plus = plus.finish();
    let all: String = pairs
        .iter()
        .map(|(name, value)| format!("{}={}&", every_byte(name), every_byte(value)))
        .collect();
    for written in [plus.replace('+', "%20"), plus, all] {
        let received = format!("{shape}{written}&code=c0de&state={}", fixture::STATE);
        let read = read(client, &received);
        assert_eq!(read.is_some(), is_good, "{received}");
        assert!(read.is_none_or(|read| read == expected), "{received}");
    }
    is_good
}

fn every_byte(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
