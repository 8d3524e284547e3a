//! Calling a protected resource on the provider in memory (RFC 6750): what is sent, what is handed
//! back, and when the token stays at home.

use std::time::Duration;

use http::HeaderValue;
use http::Method;
use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::ExpiresIn;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::wire::assert_clean;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
    pub(crate) mod wire;
}

const API: &str = "https://id.example/api/mail";

#[test]
fn the_request_goes_out_as_it_is_with_the_token_in_its_header() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let request = Request::builder()
        .method(Method::POST)
        .uri("https://id.example/api/mail?folder=a%20b&x")
        .header("content-type", "text/plain")
        .header("x-many", "1")
        .header("x-many", "2")
        .body(b"Dear Ada".to_vec())
        .unwrap();
    let before = provider.log().len();
    let response = run(&mut provider, NOW, client.call(&tokens, request.clone())).unwrap();
    assert_eq!(provider.log().len(), before + 1);

    let sent = &provider.log().last().unwrap().request;
    assert_eq!(sent.method(), request.method());
    assert_eq!(sent.uri(), request.uri());
    assert_eq!(sent.body(), request.body());
    let bearer = format!("Bearer {}", tokens.access_token().expose());
    let mut expected = request.headers().clone();
    expected.insert("authorization", HeaderValue::from_str(&bearer).unwrap());
    assert_eq!(sent.headers(), &expected);
    assert!(sent.headers()["authorization"].is_sensitive());

    assert_eq!(response.status(), 200);
    let answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(answer["body"], "Dear Ada");
    assert_eq!(answer["scope"], "mail");
}

#[test]
fn the_answer_is_handed_back_as_it_is() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let change = |change| Mutation::new(At::Api, change);
    let challenge = |value: &str| change(Change::header("www-authenticate", value));
    let table = [
        ("ok", change(Change::Status(200))),
        ("no content", change(Change::Status(204))),
        (
            "redirect",
            change(Change::redirect("https://evil.example/")),
        ),
        ("not found", change(Change::Status(404))),
        ("forbidden without a challenge", change(Change::Status(403))),
        ("unavailable", change(Change::Status(503))),
        ("no JSON", change(Change::body(b"\xff\0<".as_slice()))),
        ("long", change(Change::FillTo(3 << 20))),
        (
            "OAuth error without a challenge",
            change(Change::error("invalid_token")),
        ),
        (
            "challenge without an error",
            challenge("Bearer realm=\"api\"").and(Change::Status(401)),
        ),
        (
            "another scheme's error",
            challenge("Basic error=\"invalid_token\"").and(Change::Status(401)),
        ),
    ];
    for (name, mutation) in table {
        provider.behave();
        provider.mutate(mutation);
        let before = provider.log().len();
        let response = run(&mut provider, NOW, client.call(&tokens, get(API))).unwrap();
        let answered = &provider.log().last().unwrap().response;
        assert_eq!(response.status(), answered.status(), "{name}");
        assert_eq!(response.headers(), answered.headers(), "{name}");
        assert_eq!(response.body(), answered.body(), "{name}");
        assert_eq!(provider.log().len(), before + 1, "{name}");
    }
    assert_clean(&provider);
}

#[test]
fn a_refusal_of_the_token_is_an_error() {
    type Spoil = fn(&mut Provider);
    let ended: Spoil = Provider::end_access_tokens;
    let scope: Spoil = |provider| {
        let rule = ("/api/mail".to_owned(), "admin".to_owned());
        provider.settings.api_scopes.push(rule);
    };
    let odd: Spoil = |provider| {
        let value = "Basic realm=\"a, b\", bEARER scope=x , ERROR=invalid_token";
        let challenge = Change::header("www-authenticate", value);
        provider.mutate(Mutation::new(At::Api, challenge).and(Change::Status(401)));
    };
    let request: Spoil = |provider| {
        let challenge = Change::header("www-authenticate", "Bearer error=\"invalid_request\"");
        provider.mutate(Mutation::new(At::Api, challenge).and(Change::Status(400)));
    };
    let table = [
        ("ended", ended, "invalid_token", 401, Remedy::Renew),
        (
            "scope",
            scope,
            "insufficient_scope",
            403,
            Remedy::SignInAgain,
        ),
        ("odd challenge", odd, "invalid_token", 401, Remedy::Renew),
        (
            "request",
            request,
            "invalid_request",
            400,
            Remedy::FixConfiguration,
        ),
    ];
    for (name, spoil, code, status, remedy) in table {
        let (mut provider, client) = public(ISSUER);
        let tokens = tokens(&mut provider, &client, ["mail"]);
        spoil(&mut provider);
        let error = run(&mut provider, NOW, client.call(&tokens, get(API))).unwrap_err();
        assert_eq!(error.remedy(), remedy, "{name}");
        let Error::Refused(refusal) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code, "{name}");
        assert_eq!(refusal.status().unwrap(), status, "{name}");
        assert_eq!(refusal.endpoint(), Endpoint::Resource, "{name}");
        assert!(refusal.headers().contains_key("www-authenticate"), "{name}");
        assert_eq!(provider.log().requests_to("/api/mail").len(), 1, "{name}");
        assert_clean(&provider);
    }
}

#[test]
fn an_expired_token_stays_at_home() {
    // (expires_in, seconds since it came, whether it is sent)
    for (expires_in, later, is_sent) in [
        (ExpiresIn::Number, 0, true),
        (ExpiresIn::Number, 3_599, true),
        (ExpiresIn::Number, 3_600, false),
        (ExpiresIn::Text, 3_599, true),
        (ExpiresIn::Text, 86_400, false),
        (ExpiresIn::Absent, 3_599, true),
        (ExpiresIn::Absent, 3_600, true),
    ] {
        let (mut provider, client) = public(ISSUER);
        provider.settings.expires_in = expires_in;
        let tokens = tokens(&mut provider, &client, ["mail"]);
        let now = NOW.saturating_add(Duration::from_secs(later));
        let result = run(&mut provider, now, client.call(&tokens, get(API)));
        let sent = provider.log().requests_to("/api/mail").len();
        assert_eq!(sent, usize::from(is_sent), "{expires_in:?} {later}");
        let Err(error) = result else {
            assert!(is_sent, "{expires_in:?} {later}");
            continue;
        };
        assert_eq!(error.remedy(), Remedy::Renew);
        if let Error::Expired(Expired::AccessToken {
            expired_at,
            now: at,
        }) = error
        {
            assert!(!is_sent, "{expires_in:?} {later}");
            assert_eq!(Some(expired_at), tokens.expires_at());
            assert_eq!(at, now);
        }
        assert_clean(&provider);
    }
    // A clock that was set back does not end a token.
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    run(
        &mut provider,
        UnixTime::EPOCH,
        client.call(&tokens, get(API)),
    )
    .unwrap();
}

#[test]
fn an_unprotected_address_gets_no_token() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    for address in [
        "http://id.example/api/mail",
        "http://127.0.0.1:8080/api/mail",
        "http://localhost/api/mail",
        "ftp://id.example/api/mail",
        "https://ada@id.example/api/mail",
        "/api/mail",
        "*",
    ] {
        let error = run(&mut provider, NOW, client.call(&tokens, get(address))).unwrap_err();
        let is_address = matches!(error, Error::Misuse(Misuse::Address { .. }));
        assert!(is_address, "{address}: {error}");
    }
    assert_eq!(provider.log().len(), before);
}

#[test]
fn http_on_loopback_is_a_named_policy() {
    let mut provider = Provider::new("http://127.0.0.1:8080");
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = Metadata::new(provider.issuer(), policy).unwrap();
    let client = Client::new(metadata, "app", Authentication::None).unwrap();
    let (mut other, its_client) = public(ISSUER);
    let tokens = tokens(&mut other, &its_client, ["mail"]);
    let tokens = given_to(&tokens, provider.issuer(), "app");
    let call = |address| client.call(&tokens, get(address));
    // The server does not know the token: it is sent, and refused.
    let error = run(&mut provider, NOW, call("http://127.0.0.1:8080/api")).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    let error = run(&mut provider, NOW, call("http://id.example/api")).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Address { .. })));
    assert_eq!(provider.log().len(), 1);
}

#[test]
fn tokens_of_another_client_or_issuer_stay_at_home() {
    let (mut provider, client) = public(ISSUER);
    let own = tokens(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    for (issuer, client_id) in [
        ("https://other.example", client.client_id()),
        (ISSUER, "another-app"),
    ] {
        let foreign = given_to(&own, issuer, client_id);
        let error = run(&mut provider, NOW, client.call(&foreign, get(API))).unwrap_err();
        let Error::Misuse(Misuse::OtherClient { what, owner, .. }) = error else {
            panic!("{error}");
        };
        assert_eq!(what, "the access token");
        assert_eq!(owner, format!("`{client_id}` at {issuer}"));
        assert_eq!(provider.log().len(), before);
    }
    run(&mut provider, NOW, client.call(&own, get(API))).unwrap();
}

/// The same tokens, stored as if another issuer had given them to another client.
#[expect(clippy::panic, reason = "a test fails by a panic, in its helpers too")]
fn given_to(tokens: &Tokens, issuer: &str, client_id: &str) -> Tokens {
    let mut stored = serde_json::to_value(tokens).unwrap_or_default();
    stored["issuer"] = issuer.into();
    stored["client_id"] = client_id.into();
    serde_json::from_value(stored).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn a_request_that_is_authorized_already_is_not_sent() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    let mut request = get(API);
    let other = HeaderValue::from_static("Bearer other");
    request.headers_mut().insert("authorization", other);
    let error = run(&mut provider, NOW, client.call(&tokens, request)).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::AlreadyAuthorized)));
    assert_eq!(provider.log().len(), before);
}

/// A stored token that no server gave this crate: one that did is refused as it comes (`TOKEN-ACCESS`).
#[test]
fn a_token_that_would_break_its_header_is_not_sent() {
    for token in ["a b", "a\r\nx: y", "a\u{e9}", "a\0", "\t"] {
        let (mut provider, client) = public(ISSUER);
        let good = tokens(&mut provider, &client, ["mail"]);
        let mut stored = serde_json::to_value(&good).unwrap();
        stored["access_token"] = token.into();
        let spoilt = serde_json::from_value(stored).unwrap();
        let before = provider.log().len();
        let error = run(&mut provider, NOW, client.call(&spoilt, get(API))).unwrap_err();
        let is_kept = matches!(error, Error::Misuse(Misuse::AccessTokenCharacters));
        assert!(is_kept, "{token:?}: {error}");
        assert_eq!(provider.log().len(), before);
    }
}

#[test]
fn a_token_for_one_resource_is_good_there() {
    let (mut provider, client) = public(ISSUER);
    let request = AuthorizationRequest::new(["mail"]).resource(API);
    let tokens = tokens(&mut provider, &client, request);
    run(&mut provider, NOW, client.call(&tokens, get(API))).unwrap();
    let elsewhere = get("https://id.example/api/calendar");
    let error = run(&mut provider, NOW, client.call(&tokens, elsewhere)).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert_clean(&provider);
}

fn get(address: &str) -> Request<Vec<u8>> {
    let address = address.parse().unwrap_or_default();
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = address;
    request
}
