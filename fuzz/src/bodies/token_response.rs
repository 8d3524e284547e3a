//! Invariant: whatever the token endpoint answers, reading it does not panic and takes time linear in
//! its length. Tokens come out only of a 2xx answer of at most 1 MiB whose members, each of them once,
//! are an access token of one printable character or more, the type Bearer in any case, and no error;
//! what comes out is what the members say, and a refresh token stays when none comes. Written and read
//! again, the tokens are equal. What is printed of the tokens or of the error is the same whatever the
//! secrets in the body are.
//!
//! Input: a digit each for the request, the status and the content type, then the body.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::domain::scope::Scope;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use serde_json::Value;
use url::form_urlencoded;

use crate::bodies::answers::seconds;
use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;
use crate::bodies::secrets;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = (1 << 20) + 1000;

/// Members that are no secrets, and are printed.
pub(crate) const PUBLIC: [&str; 6] = [
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "scope",
    "token_type",
];

const OLD_REFRESH_TOKEN: &str = "tGzv3JOkF0XG5Qx2TlKWIA";

/// Whether tokens came out.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let request = input.choice([
        Request::Code,
        Request::CodeWithFormAnswer,
        Request::Refresh,
        Request::RefreshWithFormAnswer,
    ]);
    let status = input.choice([200, 201, 204, 400, 401, 429, 500, 503, 302, 100, 299, 999]);
    let content_types = input.choice([
        &["application/json"][..],
        &["application/json;charset=UTF-8"],
        &["application/x-www-form-urlencoded"],
        &["text/html"],
        &[],
        &["application/json", "text/plain"],
    ]);
    let body = input.text(LIMIT);

    let outcome = read(request, &response(status, content_types, &body));
    let said = describe(&outcome);
    let other = other_secrets(&body);
    let other = read(request, &response(status, content_types, &other));
    assert_eq!(describe(&other), said, "it tells of a secret");
    let Ok(tokens) = outcome else {
        return false;
    };

    assert!((200..300).contains(&status));
    assert!(body.len() <= 1 << 20);
    check(&tokens, &members(&body), request.is_refresh());
    let written = serde_json::to_string(&tokens).expect("they can be written");
    let again: Tokens = serde_json::from_str(&written).expect("they can be read again");
    // What was tolerated is not stored.
    assert_eq!(serde_json::to_string(&again).ok(), Some(written));
    assert_eq!(again.members(), tokens.members());
    if tokens.findings().is_empty() {
        assert!(again == tokens);
    }
    true
}

#[derive(Clone, Copy)]
enum Request {
    Code,
    CodeWithFormAnswer,
    Refresh,
    RefreshWithFormAnswer,
}

impl Request {
    const fn is_refresh(self) -> bool {
        matches!(self, Self::Refresh | Self::RefreshWithFormAnswer)
    }
}

fn read(request: Request, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
    static CODE: LazyLock<[Grant; 2]> = LazyLock::new(|| QUIRKS.map(exchange));
    static REFRESH: LazyLock<[Grant; 2]> = LazyLock::new(|| QUIRKS.map(refresh));
    const QUIRKS: [Option<Quirk>; 2] = [None, Some(Quirk::FormTokenResponse)];
    let [code, code_with_form] = &*CODE;
    let [refresh, refresh_with_form] = &*REFRESH;
    match request {
        Request::Code => code.response(NOW, response),
        Request::CodeWithFormAnswer => code_with_form.response(NOW, response),
        Request::Refresh => refresh.response(NOW, response),
        Request::RefreshWithFormAnswer => refresh_with_form.response(NOW, response),
    }
}

fn client(quirk: Option<Quirk>) -> Client {
    fixture::client(Iss::Known)
        .with_quirks(quirk.into_iter().collect::<Quirks>())
        .expect("a client")
}

fn exchange(quirk: Option<Quirk>) -> Grant {
    let client = client(quirk);
    let pending = fixture::pending(Iss::Known, UnixTime::from_secs(u64::MAX));
    let callback = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={}", fixture::STATE);
    let response = client
        .authorization_response(NOW, pending, &callback)
        .expect("a good callback");
    Grant::authorization_code(&client, response)
}

fn refresh(quirk: Option<Quirk>) -> Grant {
    Grant::refresh_token(&client(quirk), OLD_REFRESH_TOKEN)
        .scope(fixture::SCOPE)
        .resource(["https://api.example"])
}

fn response(status: u16, content_types: &[&'static str], body: &[u8]) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    for content_type in content_types {
        let value = HeaderValue::from_static(content_type);
        response.headers_mut().append(CONTENT_TYPE, value);
    }
    response
}

fn describe(outcome: &Result<Tokens, Error>) -> String {
    match outcome {
        Ok(tokens) => format!("{tokens:?} {:?}", tokens.findings()),
        Err(error) => format!("{error} {error:?}"),
    }
}

fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

fn other_secrets(body: &[u8]) -> Vec<u8> {
    if is_json(body) {
        secrets::other_in_json(body, &PUBLIC)
    } else {
        secrets::other_in_form(body, |name| !PUBLIC.contains(&name))
    }
}

/// Members with a meaning of their own.
const KNOWN: [&str; 5] = [
    "access_token",
    "expires_in",
    "refresh_token",
    "scope",
    "token_type",
];

/// What the body says, read by others than the crate; where it has a meaning, `null` says nothing.
fn members(body: &[u8]) -> BTreeMap<String, Value> {
    if is_json(body) {
        let members: BTreeMap<String, Value> = serde_json::from_slice(body).expect("it is JSON");
        members
            .into_iter()
            .filter(|(name, value)| !value.is_null() || !KNOWN.contains(&name.as_str()))
            .collect()
    } else {
        form_urlencoded::parse(body.trim_ascii())
            .map(|(name, value)| (name.into_owned(), Value::from(value)))
            .collect()
    }
}

/// The tokens are what the members say.
fn check(tokens: &Tokens, members: &BTreeMap<String, Value>, is_refresh: bool) {
    let text = |name: &str| {
        members
            .get(name)
            .map(|value| value.as_str().expect("it is a text"))
    };
    let secret = |name| text(name).filter(|text| !text.is_empty());
    let expose = |secret: Option<&Secret>| secret.map(|secret| secret.expose().to_owned());

    assert!(text("token_type").is_some_and(|name| name.eq_ignore_ascii_case("bearer")));
    assert!(
        members
            .get("error")
            .is_none_or(|error| error.is_null() || error == "")
    );
    let access_token = tokens.access_token().expose();
    assert_eq!(Some(access_token), secret("access_token"));
    assert!(access_token.bytes().all(|byte| byte.is_ascii_graphic()));
    let old = is_refresh.then_some(OLD_REFRESH_TOKEN);
    assert_eq!(
        expose(tokens.refresh_token()).as_deref(),
        secret("refresh_token").or(old)
    );
    let asked = Scope::from(fixture::SCOPE);
    assert!(*tokens.requested_scope() == asked);
    let granted = text("scope").map_or(asked, Scope::from);
    assert_eq!(tokens.scope().as_str(), granted.as_str());
    assert!(tokens.missing_scope().all(|token| !granted.contains(token)));

    assert_eq!(tokens.received_at(), NOW);
    assert_eq!(
        tokens.expires_at().is_some(),
        members.contains_key("expires_in")
    );
    if let Some(seconds) = members.get("expires_in").and_then(seconds) {
        let end = NOW.saturating_add(Duration::from_secs(seconds));
        assert_eq!(tokens.expires_at(), Some(end));
    }
    assert_eq!(tokens.has_expired(NOW), tokens.expires_at() == Some(NOW));
    assert_eq!(tokens.issuer(), Some(fixture::ISSUER));
    assert_eq!(tokens.client_id(), fixture::CLIENT_ID);
    assert_eq!(tokens.resource(), ["https://api.example"]);

    let others = members
        .iter()
        .filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    let others: serde_json::Map<_, _> = others
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    assert_eq!(tokens.members().to_value(), others);
}
