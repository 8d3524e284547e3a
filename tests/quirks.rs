//! The deviations that a client tolerates by name: recorded answers of real servers, each read with its
//! quirks and refused, or read otherwise, without them; and what is sent with a quirk.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::time::Duration;

use http::Response;
use http::header;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::policy::Policy;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Findings;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::amended;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::exchanges::Exchange;
use crate::grants::code;
use crate::grants::read;
use crate::grants::verdict;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "quirks/exchanges.rs"]
mod exchanges;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/grants.rs"]
mod grants;
#[path = "kit/returned.rs"]
mod returned;

/// One recorded answer of a token endpoint, and what is to become of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    about: String,
    origin: Origin,
    source: String,
    quirks: Quirks,
    #[serde(default = "ok")]
    status: u16,
    content_type: Option<String>,
    body: String,
    tokens: Option<Expected>,
    #[serde(default)]
    acted: Vec<Quirk>,
    refused: Option<Value>,
    violates: Option<String>,
    #[serde(default)]
    malformed: bool,
}

/// How a record came about.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    /// What a server answered when it was asked for this record.
    Captured,
    /// What was seen on the wire, as the source reports it.
    Reported,
    /// What the source says or shows; values that it leaves out are filled in.
    Documented,
    /// No server is known that does so.
    MadeUp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
    scope: Option<String>,
}

fn ok() -> u16 {
    200
}

impl Recorded {
    fn all() -> Vec<Self> {
        let text = include_str!("vectors/quirks/token_responses.json");
        serde_json::from_str(text).unwrap()
    }

    fn answer(&self) -> Response<Vec<u8>> {
        let mut answer = json(self.status, &self.body);
        if let Some(kind) = &self.content_type {
            answer
                .headers_mut()
                .insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        answer
    }
}

fn client_with(quirks: impl Into<Quirks>) -> Client {
    client().with_quirks(quirks).unwrap()
}

#[test]
fn every_recorded_answer_is_read() {
    for recorded in Recorded::all() {
        let about = &recorded.about;
        assert!(!recorded.source.is_empty(), "{about}");
        let outcome = read(&client_with(recorded.quirks), &recorded.answer());
        if let Some(expected) = &recorded.tokens {
            let tokens = outcome.unwrap_or_else(|error| panic!("{about}: {error}"));
            assert!(
                tokens.access_token().eq_text(&expected.access_token),
                "{about}"
            );
            let refresh = tokens
                .refresh_token()
                .map(|token| token.expose().to_owned());
            assert_eq!(refresh, expected.refresh_token, "{about}");
            let lifetime = expected.expires_in.map(Duration::from_secs);
            assert_eq!(tokens.expires_in(NOW), lifetime, "{about}");
            let scope = expected.scope.as_deref().unwrap_or("mail");
            assert_eq!(tokens.scope().as_str(), scope, "{about}");
            let acted: Vec<_> = recorded.acted.iter().copied().map(Finding::Quirk).collect();
            assert_eq!(tokens.findings(), acted, "{about}");
        } else if let Some(refused) = &recorded.refused {
            let Err(Error::Refused(refusal)) = outcome else {
                panic!("{about}: {outcome:?}");
            };
            let told = json!({
                "error": refusal.code().map(ErrorCode::as_str),
                "error_description": refusal.description(),
            });
            for (name, value) in refused.as_object().unwrap() {
                assert_eq!(told[name], *value, "{about}");
            }
            let acted: Vec<_> = recorded.acted.iter().copied().map(Finding::Quirk).collect();
            assert_eq!(refusal.findings(), acted, "{about}");
            // The body is the server's own.
            assert_eq!(refusal.body(), recorded.body.as_bytes(), "{about}");
        } else if let Some(check) = &recorded.violates {
            assert_eq!(verdict(&outcome), *check, "{about}");
        } else {
            assert!(recorded.malformed, "{about}");
            assert!(matches!(outcome, Err(Error::Malformed(_))), "{about}");
        }
    }
}

/// Without each of the quirks that act, the answer is refused or says something else.
#[test]
fn a_quirk_that_acts_is_needed() {
    for recorded in Recorded::all() {
        let with = read(&client_with(recorded.quirks), &recorded.answer());
        if recorded.refused.is_some() {
            continue;
        }
        for acting in &recorded.acted {
            let others = recorded.quirks.iter().filter(|quirk| quirk != acting);
            let others: Quirks = others.collect();
            match (&with, read(&client_with(others), &recorded.answer())) {
                (Ok(with), Ok(without)) => {
                    assert!(without != *with, "{}: {acting}", recorded.about);
                    assert!(!without.findings().contains(&Finding::Quirk(*acting)));
                }
                (Ok(_), Err(_)) => {}
                (Err(error), _) => panic!("{}: {error}", recorded.about),
            }
        }
    }
}

/// What each quirk does is shown by a record, of a server that is known to deviate so.
#[test]
fn every_quirk_has_a_record() {
    let answers = Recorded::all().into_iter();
    let answers = answers.map(|it| (it.origin, it.acted.into_iter().collect::<Quirks>()));
    let exchanges = Exchange::all().into_iter();
    let exchanges = exchanges.map(|it| (it.origin, it.quirks));
    let records: Vec<_> = answers.chain(exchanges).collect();
    for quirk in Quirk::ALL {
        let mut shown = records.iter().filter(|(_, acted)| acted.has(quirk));
        let is_known = shown.any(|(origin, _)| *origin != Origin::MadeUp);
        assert!(is_known, "{quirk}");
    }
}

/// A page about the server is linked, and not the rule that it breaks.
#[test]
fn every_quirk_links_to_where_the_deviation_is_documented() {
    for quirk in Quirk::ALL {
        let is_rule = quirk.link().contains("rfc-editor.org") || quirk.link().contains("ietf.org");
        assert!(!is_rule, "{quirk}");
    }
    for exchange in Exchange::all() {
        assert!(!exchange.source.is_empty(), "{}", exchange.about);
    }
}

/// What deviates in nothing is handed on as it came, not as a copy.
#[test]
fn what_is_right_is_not_copied() {
    let answer = json(200, r#"{"access_token":"a1", "token_type":"Bearer"}"#);
    let all: Quirks = Quirk::ALL.into_iter().collect();
    for quirks in [Quirks::none(), all] {
        let amended = amended::token_response(quirks, &answer);
        assert!(matches!(amended.response, std::borrow::Cow::Borrowed(_)));
        assert_eq!(amended.acted, []);
    }
}

/// A proof was sent: what names no type is a downgrade still.
#[cfg(feature = "aws-lc-rs")]
#[test]
fn a_missing_type_is_no_bound_token() {
    use oauth_proto::crypto::algorithm::Algorithm;
    use oauth_proto::domain::dpop::DpopKey;

    let crypto = oauth_proto::crypto::default_provider();
    let key = DpopKey::generate(&crypto, Algorithm::Es256).unwrap();
    let client = client_with([Quirk::MissingTokenType, Quirk::OwnTokenType]);
    let client = client.with_crypto(crypto).with_dpop(key);
    for body in [
        r#"{"access_token":"a1"}"#,
        r#"{"access_token":"a1","token_type":"bot"}"#,
    ] {
        let outcome = Grant::client_credentials(&client).response(NOW, &json(200, body));
        assert_eq!(verdict(&outcome), "DPOP-TOKEN-TYPE", "{body}");
    }
}

#[test]
fn a_client_has_its_own_quirks_and_those_of_the_policy_that_it_has_now() {
    let own = || [Quirk::CommaScopeRequest];
    let both: Quirks = own()
        .into_iter()
        .chain(Policy::compat().quirks().iter())
        .collect();
    let before = client_with(own()).with_policy(Policy::compat()).unwrap();
    assert_eq!(before.quirks(), both);
    let after = client_with([]).with_policy(Policy::compat()).unwrap();
    assert_eq!(after.with_quirks(own()).unwrap().quirks(), both);
    let strict = before.with_policy(Policy::strict()).unwrap();
    assert_eq!(strict.quirks(), Quirks::from(own()));
}

#[test]
fn a_policy_brings_no_quirk_that_weakens() {
    for policy in Policy::all() {
        assert!(policy.quirks().iter().all(|quirk| !quirk.weakens()));
    }
    assert!(Quirk::TokenInQuery.weakens());
}

#[test]
fn the_token_request_as_json() {
    let quirky = client_at(metadata(), Authentication::client_secret_post("s3c\"ret"));
    let quirky = quirky.with_quirks([Quirk::JsonTokenRequest]).unwrap();
    let draft = code(&quirky, "mail").request(NOW).unwrap();
    let request = draft.into_request().unwrap().into_http();
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["grant_type"], "authorization_code");
    assert_eq!(body["redirect_uri"], "https://client.example.com/cb");
    assert_eq!(body["client_secret"], "s3c\"ret");
    assert!(body["code_verifier"].is_string());

    let tokens = read(
        &quirky,
        &json(200, r#"{"access_token":"a","token_type":"bearer"}"#),
    );
    assert_eq!(
        tokens.unwrap().findings(),
        [Finding::Quirk(Quirk::JsonTokenRequest)]
    );
    // JSON has no name twice.
    let resources = ["https://a.example/", "https://b.example/"];
    let twice = Grant::client_credentials(&quirky).resource(resources);
    assert!(matches!(twice.request(NOW), Err(Error::Misuse(_))));
}

#[test]
fn raw_credentials_are_a_finding_where_they_differ() {
    let body = r#"{"access_token":"a","token_type":"bearer"}"#;
    for (secret, findings) in [
        ("plain", &[][..]),
        ("a+b", &[Finding::Quirk(Quirk::RawBasicCredentials)]),
    ] {
        let client = client_at(metadata(), Authentication::client_secret_basic(secret));
        let client = client.with_quirks([Quirk::RawBasicCredentials]).unwrap();
        let tokens = read(&client, &json(200, body)).unwrap();
        assert_eq!(tokens.findings(), findings, "{secret}");
    }
}

#[test]
fn the_scope_is_asked_for_with_commas() {
    let client = client_with([Quirk::CommaScopeRequest]);
    let (url, pending) = client.authorize(NOW, ["mail", "calendar"]).unwrap();
    let url = url.as_str();
    assert!(url.contains("scope=mail%2Ccalendar&"), "{url}");
    assert_eq!(pending.scope().as_str(), "mail calendar");
    let callback = format!("code=c0de&state={}", pending.state());
    let response = client.authorization_response(NOW, pending, &callback);
    assert_eq!(
        response.unwrap().findings(),
        [Finding::Quirk(Quirk::CommaScopeRequest)]
    );
}

/// What is sent to an API with these quirks, and what is told of it.
fn called(
    quirks: &[Quirk],
    request: http::Request<Vec<u8>>,
) -> (http::Request<Vec<u8>>, Vec<Finding>) {
    let client = client_with(quirks.iter().copied().collect::<Quirks>());
    let body = r#"{"access_token":"acc355","token_type":"Bearer"}"#;
    let tokens = read(&client, &json(200, body)).unwrap();
    let call = ResourceRequest::new(&client, &tokens, request);
    let sent = call
        .request(NOW)
        .unwrap()
        .into_request()
        .unwrap()
        .into_http();
    let answer = call.response(NOW, &json(200, "{}")).unwrap();
    let findings = answer.extensions().get::<Findings>();
    (
        sent,
        findings.map_or_else(Vec::new, |found| found.as_slice().to_vec()),
    )
}

fn get(address: &str) -> http::Request<Vec<u8>> {
    http::Request::get(address).body(Vec::new()).unwrap()
}

fn form(body: &str) -> http::Request<Vec<u8>> {
    http::Request::post("https://api.example/post")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

#[test]
fn an_api_takes_the_token_where_its_quirks_say() {
    use Quirk::OauthTokenParameter;
    use Quirk::TokenInForm;
    use Quirk::TokenInQuery;
    use Quirk::TokenParameter;

    for (quirks, request, uri, body, acted) in [
        (
            &[][..],
            get("https://api.example/me?a=1"),
            "/me?a=1",
            "",
            &[][..],
        ),
        (
            &[TokenInQuery],
            get("https://api.example/me?a=1"),
            "/me?a=1&access_token=acc355",
            "",
            &[TokenInQuery],
        ),
        (
            &[TokenInQuery, OauthTokenParameter],
            get("https://api.example/me"),
            "/me?oauth_token=acc355",
            "",
            &[TokenInQuery, OauthTokenParameter],
        ),
        (
            &[TokenInForm, TokenParameter],
            form("channel=C1"),
            "/post",
            "channel=C1&token=acc355",
            &[TokenInForm, TokenParameter],
        ),
        // No form to put it in: the header, and no parameter.
        (
            &[TokenInForm, TokenParameter],
            get("https://api.example/me"),
            "/me",
            "",
            &[],
        ),
        (
            &[OauthTokenParameter],
            get("https://api.example/me"),
            "/me",
            "",
            &[],
        ),
    ] {
        let (sent, findings) = called(quirks, request);
        assert_eq!(sent.uri().path_and_query().unwrap(), uri);
        assert_eq!(sent.body(), body.as_bytes());
        let is_in_header = sent.headers().contains_key(header::AUTHORIZATION);
        assert_eq!(is_in_header, acted.is_empty(), "{uri}");
        let acted: Vec<_> = acted.iter().copied().map(Finding::Quirk).collect();
        assert_eq!(findings, acted);
    }
}

#[test]
fn a_request_with_the_parameter_has_a_token_already() {
    let client = client_with([Quirk::TokenInQuery, Quirk::TokenParameter]);
    let body = r#"{"access_token":"acc355","token_type":"Bearer"}"#;
    let tokens = read(&client, &json(200, body)).unwrap();
    let call = ResourceRequest::new(&client, &tokens, get("https://api.example/me?token=x"));
    assert!(matches!(call.request(NOW), Err(Error::Misuse(_))));
}

#[test]
fn the_scheme_and_the_client_in_headers() {
    let (sent, findings) = called(&[Quirk::OauthScheme], get("https://api.example/me"));
    assert_eq!(sent.headers()[header::AUTHORIZATION], "OAuth acc355");
    assert!(sent.headers()[header::AUTHORIZATION].is_sensitive());
    assert_eq!(findings, [Finding::Quirk(Quirk::OauthScheme)]);

    let (sent, findings) = called(&[Quirk::ClientIdHeader], get("https://api.example/me"));
    assert_eq!(sent.headers()["client-id"], "s6BhdRkqt3");
    assert_eq!(findings, [Finding::Quirk(Quirk::ClientIdHeader)]);

    let mut own = get("https://api.example/me");
    own.headers_mut()
        .insert("client-id", "other".parse().unwrap());
    let (sent, findings) = called(&[Quirk::ClientIdHeader], own);
    assert_eq!(sent.headers()["client-id"], "other");
    assert_eq!(findings, []);
}

#[test]
fn an_empty_403_refuses_the_token() {
    let forbidden = |body: &str| {
        let answer = Response::builder().status(403);
        answer.body(body.as_bytes().to_vec()).unwrap()
    };
    let ask = |quirks: Quirks, answer: &Response<Vec<u8>>| {
        let client = client_with(quirks);
        let body = r#"{"access_token":"acc355","token_type":"Bearer"}"#;
        let tokens = read(&client, &json(200, body)).unwrap();
        let call = ResourceRequest::new(&client, &tokens, get("https://api.example/me"));
        call.response(NOW, answer)
    };
    let quirks = Quirks::from([Quirk::EmptyForbidden]);
    let Err(Error::Refused(refusal)) = ask(quirks, &forbidden(" \n")) else {
        panic!("the token is not refused");
    };
    assert_eq!(refusal.code(), Some(&ErrorCode::InvalidToken));
    let told = [Finding::Quirk(Quirk::EmptyForbidden)];
    assert_eq!(refusal.findings(), told);
    assert_eq!(ask(quirks, &forbidden("no")).unwrap().status(), 403);
    assert_eq!(ask(Quirks::none(), &forbidden("")).unwrap().status(), 403);
}
