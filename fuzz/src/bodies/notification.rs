//! Invariant: whatever comes to the notification endpoint of a CIBA client, nothing panics, and the
//! time is linear in its length. It is good only where it bears the one token of what is pending, names
//! it, and comes in time; tokens come out only where the body is a good token response besides. The
//! answer has no body, and is 204 only where all that is so, or the server said no. To whoever bears
//! another token, or none, the answer is the same whether anything is pending or not. What is printed
//! holds nothing that was pending, and is the same whatever the secrets in the body are.
//!
//! Input: a digit for the time and the mode, a line for the `Authorization` header, then the body.

use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::notification;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;
use crate::bodies::secrets;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = (1 << 20) + 1000;

const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";
const AUTH_REQ_ID: &str = "1c266114-a1be-4252-8ad1-04986c5b9ac1";

/// Members that are printed.
const PUBLIC: [&str; 6] = [
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "scope",
    "token_type",
];

/// Whether the notification was good.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let (is_late, is_push) =
        input.choice([(false, false), (false, true), (true, false), (true, true)]);
    let authorization = input.line().unwrap_or_default();
    let body = input.text(LIMIT);
    let request = request(authorization, &body);
    let pending = pending(if is_late {
        NOW
    } else {
        NOW.saturating_add(std::time::Duration::from_secs(1))
    });

    let outcome = read(&request, Some(&pending), is_push);
    let said = describe(&outcome);
    for secret in [TOKEN, AUTH_REQ_ID] {
        let is_told = said.contains(secret) && !is_public(&body, secret);
        assert!(!is_told, "it tells what is pending: {said}");
    }
    let other = secrets::other_in_json(&body, &[&PUBLIC[..], &["auth_req_id"]].concat());
    let other = self::request(authorization, &other);
    let other = read(&other, Some(&pending), is_push);
    assert_eq!(describe(&other), said, "it tells of a secret");

    let answer = notification::answer(&outcome);
    assert!(answer.body().is_empty());
    let is_authentic = bears(authorization);
    if !is_authentic {
        let elsewhere = notification::answer(&read(&request, None, is_push));
        assert_eq!(shown(&answer), shown(&elsewhere), "it tells what waits");
        assert_ne!(answer.status(), StatusCode::NO_CONTENT);
    }
    let said_no = matches!(outcome, Err(Error::Refused(_)));
    let is_done = outcome.is_ok() || said_no;
    assert_eq!(answer.status() == StatusCode::NO_CONTENT, is_done);
    if is_done {
        assert!(is_authentic && !is_late);
        let members: Value = serde_json::from_slice(&body).expect("it is JSON");
        assert_eq!(members["auth_req_id"], AUTH_REQ_ID);
        assert!(is_push || !said_no, "a ping says neither yes nor no");
        if let Ok(Some(tokens)) = &outcome {
            let said = &members["access_token"];
            assert_eq!(
                tokens.access_token().expose(),
                said.as_str().expect("a text")
            );
            assert_eq!(tokens.client_id(), fixture::CLIENT_ID);
            assert_eq!(tokens.requested_scope().as_str(), fixture::SCOPE);
        }
    }
    outcome.is_ok()
}

/// The tokens of a push; none of a ping.
fn read(
    request: &Request<Vec<u8>>,
    pending: Option<&PendingBackchannel>,
    is_push: bool,
) -> Result<Option<Tokens>, Error> {
    let notification = Notification::parse(request)?;
    assert!(!format!("{notification:?}").contains(AUTH_REQ_ID));
    if is_push {
        let client = fixture::client(Iss::Known);
        notification.push(&client, NOW, pending).map(Some)
    } else {
        let named = notification.ping(NOW, pending)?;
        assert_eq!(named.auth_req_id(), notification.auth_req_id());
        Ok(None)
    }
}

fn request(authorization: &[u8], body: &[u8]) -> Request<Vec<u8>> {
    let mut request = Request::new(body.to_vec());
    if !authorization.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(authorization)
    {
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    request
}

fn pending(expires_at: UnixTime) -> PendingBackchannel {
    let stored = format!(
        r#"{{"v":1,"iss":"{}","client":"{}","id":"{AUTH_REQ_ID}","token":"{TOKEN}",
            "scope":"{}","interval":5,"exp":{expires_at}}}"#,
        fixture::ISSUER,
        fixture::CLIENT_ID,
        fixture::SCOPE
    );
    serde_json::from_str(&stored).expect("the stored form")
}

/// Whether the line is a bearer token's, and the token the one that is pending.
fn bears(authorization: &[u8]) -> bool {
    let Some((scheme, token)) = std::str::from_utf8(authorization)
        .ok()
        .and_then(|line| line.split_once(' '))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case("Bearer") && token.trim_matches(' ') == TOKEN
}

/// Whether the body says the secret where it is printed.
fn is_public(body: &[u8], secret: &str) -> bool {
    let members = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let of = |name: &&str| {
        members
            .get(name)
            .is_some_and(|it| it.to_string().contains(secret))
    };
    PUBLIC.iter().any(of)
        || members
            .as_object()
            .is_some_and(|members| members.keys().any(|name| name.contains(secret)))
}

fn shown(answer: &Response<Vec<u8>>) -> (StatusCode, &http::HeaderMap) {
    (answer.status(), answer.headers())
}

fn describe(outcome: &Result<Option<Tokens>, Error>) -> String {
    match outcome {
        Ok(tokens) => format!("{tokens:?}"),
        Err(error) => format!("{error} {error:?}"),
    }
}
