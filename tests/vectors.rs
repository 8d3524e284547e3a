//! The cases of `vectors/oauth2.json`: what another library makes of an input, and what this crate
//! makes of it. Where one accepts what the other refuses, the row says why.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::collections::BTreeMap;

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use url::form_urlencoded;

use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::returned::returned;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/returned.rs"]
mod returned;

/// The clock of the observed library.
const THEN: UnixTime = UnixTime::from_secs(1000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    /// Groups of the source that other tests hold, or that are not offered.
    elsewhere: BTreeMap<String, String>,
    token_responses: Vec<TokenResponse>,
    authorization_code_responses: Vec<Callback>,
    error_codes: Vec<Code>,
    authorization_urls: Vec<Address>,
    token_request_bodies: Vec<Body>,
    pkce: Vec<Pkce>,
    bearer_placement: Vec<Bearer>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/oauth2.json")).unwrap()
}

/// Asserts that the verdict is the row's own, and explained where it is not the library's.
fn compare(name: &str, actual: &Value, ours: &Value, theirs: &str, why: Option<&str>) {
    assert_eq!(actual, ours, "{name}");
    let accepts = ["accepted", "url", "authorization"]
        .iter()
        .any(|kind| ours.get(kind).is_some());
    if accepts != (theirs == "accepted") {
        assert!(why.is_some_and(|why| !why.is_empty()), "{name}: why?");
    }
}

fn of_error(error: Error) -> Value {
    match error {
        Error::Violation(violation) => json!({"check": violation.check().id()}),
        Error::Malformed(malformed) => json!({"malformed": malformed.fault.to_string()}),
        Error::Refused(refusal) => {
            let mut parts = Map::new();
            put(&mut parts, "code", refusal.code().map(ErrorCode::as_str));
            put(&mut parts, "description", refusal.description());
            put(&mut parts, "uri", refusal.uri());
            json!({"refused": parts})
        }
        Error::Expired(_) => json!({"expired": true}),
        Error::Misuse(misuse) => json!({"misuse": match misuse {
            Misuse::Address { .. } => "Address",
            Misuse::Parameter { .. } => "Parameter",
            Misuse::ProtocolParameter(_) => "ProtocolParameter",
            _ => "another",
        }}),
        other => json!({"other": other.to_string()}),
    }
}

fn put(parts: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    let value = value.filter(|value| !value.is_empty());
    parts.extend(value.map(|value| (name.to_owned(), Value::from(value))));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenResponse {
    name: String,
    body: String,
    requested_scope: String,
    #[serde(default)]
    quirks: Vec<String>,
    theirs: String,
    ours: Value,
    why: Option<String>,
}

#[test]
fn token_responses() {
    for row in vectors().token_responses {
        let quirks = Quirk::ALL
            .into_iter()
            .filter(|quirk| row.quirks.iter().any(|own| own == quirk.name()));
        let client = client().with_quirks(quirks.collect::<Quirks>()).unwrap();
        let asked = AuthorizationRequest::new(row.requested_scope.as_str());
        let grant = Grant::authorization_code(&client, returned(&client, asked, "c"));
        let actual = match grant.response(THEN, &json(200, &row.body)) {
            Ok(tokens) => of_tokens(&tokens, row.ours["accepted"].get("scope").is_some()),
            Err(error) => of_error(error),
        };
        compare(
            &row.name,
            &actual,
            &row.ours,
            &row.theirs,
            row.why.as_deref(),
        );
    }
}

/// What was accepted, with the scope where the row tells it: an empty one is told too.
fn of_tokens(tokens: &Tokens, with_scope: bool) -> Value {
    let mut parts = Map::new();
    put(
        &mut parts,
        "access_token",
        Some(tokens.access_token().expose()),
    );
    put(
        &mut parts,
        "refresh_token",
        tokens.refresh_token().map(Secret::expose),
    );
    if let Some(end) = tokens.expires_at() {
        parts.insert("expires_at".to_owned(), end.as_secs().into());
    }
    if with_scope || !tokens.scope().is_empty() {
        parts.insert("scope".to_owned(), tokens.scope().as_str().into());
    }
    let joined = |scope: Vec<&str>| scope.join(" ");
    put(
        &mut parts,
        "missing",
        Some(&joined(tokens.missing_scope().collect())),
    );
    put(
        &mut parts,
        "extra",
        Some(&joined(tokens.extra_scope().collect())),
    );
    if !tokens.members().is_empty() {
        parts.insert("members".to_owned(), tokens.members().to_value().into());
    }
    json!({"accepted": parts})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    name: String,
    received: String,
    state: String,
    theirs: String,
    ours: Value,
    why: Option<String>,
}

#[test]
fn authorization_code_responses() {
    for row in vectors().authorization_code_responses {
        let client = client();
        let asked = AuthorizationRequest::new("").danger_guessable_state(row.state.as_str());
        let (_, pending) = client.authorize(THEN, asked).unwrap();
        let actual = match client.authorization_response(THEN, pending, &row.received) {
            Ok(authorized) => {
                let grant = Grant::authorization_code(&client, authorized);
                let request = grant.request(THEN).and_then(Draft::into_request).unwrap();
                let mut sent = form_urlencoded::parse(request.body());
                let (_, code) = sent.find(|(name, _)| name == "code").unwrap();
                json!({"accepted": {"code": code}})
            }
            Err(error) => of_error(error),
        };
        compare(
            &row.name,
            &actual,
            &row.ours,
            &row.theirs,
            row.why.as_deref(),
        );
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
    status: u16,
    registered: bool,
    remedy: String,
}

#[test]
fn error_codes() {
    for row in vectors().error_codes {
        let body = json!({"error": row.code}).to_string();
        let error = Grant::refresh_token(&client(), "r")
            .response(THEN, &json(row.status, &body))
            .unwrap_err();
        assert_eq!(format!("{:?}", error.remedy()), row.remedy, "{}", row.code);
        let mut parts = Map::new();
        put(&mut parts, "code", Some(&row.code));
        let code = ErrorCode::from(row.code.as_str());
        assert_eq!(
            !matches!(code, ErrorCode::Other(_)),
            row.registered,
            "{code}"
        );
        assert_eq!(of_error(error), json!({"refused": parts}));
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    name: String,
    endpoint: String,
    scope: String,
    state: Option<String>,
    redirect_uri: Option<String>,
    extras: BTreeMap<String, String>,
    theirs: String,
    ours: Value,
    why: Option<String>,
}

#[test]
fn authorization_urls() {
    for row in vectors().authorization_urls {
        let actual = match url_of(&row) {
            Ok(url) => json!({"url": url}),
            Err(error) => of_error(error),
        };
        compare(
            &row.name,
            &actual,
            &row.ours,
            &row.theirs,
            row.why.as_deref(),
        );
    }
}

fn url_of(row: &Address) -> Result<String, Error> {
    let metadata = Metadata::new(ISSUER, UriPolicy::default())?
        .with_endpoint(Endpoint::Authorization, &row.endpoint)?;
    let mut asked = AuthorizationRequest::new(row.scope.as_str())
        .parameters(&row.extras)
        .danger_without_challenge();
    if let Some(state) = &row.state {
        asked = asked.danger_guessable_state(state);
    }
    if let Some(redirect_uri) = &row.redirect_uri {
        asked = asked.redirect_uri(redirect_uri);
    }
    let client = client_at(metadata, Authentication::None);
    client.authorize(THEN, asked).map(|(url, _)| url.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    grant: BTreeMap<String, String>,
    authentication: String,
    scope: Option<String>,
    #[serde(default)]
    extras: BTreeMap<String, String>,
    theirs: String,
    ours: Value,
    why: Option<String>,
}

#[test]
fn token_request_bodies() {
    for row in vectors().token_request_bodies {
        let actual = match body_of(&row) {
            Ok(body) => json!({"body": body}),
            Err(error) => of_error(error),
        };
        assert_eq!(actual, row.ours, "{}", row.name);
        // The same parameters in any order, or a reason.
        let sorted = |body: &str| {
            let mut pairs: Vec<_> = form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect();
            pairs.sort();
            pairs
        };
        if let Some(ours) = row.ours["body"].as_str().filter(|_| row.why.is_none()) {
            assert_eq!(sorted(ours), sorted(&row.theirs), "{}", row.name);
        }
    }
}

fn body_of(row: &Body) -> Result<String, Error> {
    let authentication = match row.authentication.as_str() {
        "client_secret_basic" => Authentication::client_secret_basic("s"),
        "client_secret_post" => Authentication::client_secret_post("s"),
        _ => Authentication::None,
    };
    let client = Client::new(metadata(), "cid", authentication)?
        .with_redirect_uri("https://client.example.com/cb")?;
    let mut grant = match row.grant.get("code") {
        Some(code) => {
            let asked = AuthorizationRequest::new("").danger_without_challenge();
            Grant::authorization_code(&client, returned(&client, asked, code))
        }
        None => Grant::refresh_token(&client, row.grant["refresh_token"].as_str()),
    };
    if let Some(scope) = &row.scope {
        grant = grant.scope(scope.as_str());
    }
    let request = grant
        .parameters(&row.extras)
        .request(THEN)?
        .into_request()?;
    Ok(String::from_utf8(request.body().clone()).unwrap())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pkce {
    name: String,
    verifier: String,
    method: String,
    ours: Value,
    #[serde(rename = "why")]
    _why: Option<String>,
}

#[test]
fn pkce() {
    for row in vectors().pkce {
        let mut asked = AuthorizationRequest::new("").code_verifier(row.verifier.as_str());
        if row.method == "plain" {
            asked = asked.danger_plain_challenge();
        }
        let actual = match client().authorize(THEN, asked) {
            Ok((url, _)) => {
                let url = url::Url::parse(url.as_str()).unwrap();
                let sent: BTreeMap<_, _> = url.query_pairs().collect();
                assert_eq!(sent["code_challenge_method"], row.method);
                json!({"challenge": sent["code_challenge"]})
            }
            Err(error) => of_error(error),
        };
        assert_eq!(actual, row.ours, "{}", row.name);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bearer {
    name: String,
    token: Value,
    uri: String,
    theirs: String,
    ours: Value,
    why: Option<String>,
}

#[test]
fn bearer_placement() {
    for row in vectors().bearer_placement {
        let actual = match placed(&row) {
            Ok(authorization) => json!({"authorization": authorization}),
            Err(error) => of_error(error),
        };
        compare(
            &row.name,
            &actual,
            &row.ours,
            &row.theirs,
            row.why.as_deref(),
        );
    }
}

fn placed(row: &Bearer) -> Result<String, Error> {
    let client = client();
    let tokens =
        Grant::refresh_token(&client, "r").response(THEN, &json(200, &row.token.to_string()))?;
    let request = http::Request::get(&row.uri).body(Vec::new()).unwrap();
    let request = ResourceRequest::new(&client, &tokens, request)
        .request(THEN)?
        .into_request()?;
    assert_eq!(request.uri(), row.uri.as_str());
    assert!(request.body().is_empty());
    let value = request.headers()["authorization"].to_str().unwrap();
    Ok(value.to_owned())
}

/// Nothing is left out in silence: every group of the source is a test or has its reason.
#[test]
fn groups_that_are_elsewhere_are_named() {
    let vectors = vectors();
    for group in ["implicit_responses", "revocation_requests", "mac_tokens"] {
        assert!(vectors.elsewhere.contains_key(group), "{group}");
    }
    assert!(vectors.elsewhere.values().all(|reason| !reason.is_empty()));
}
