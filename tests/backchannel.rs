//! Backchannel authentication (CIBA Core 1.0): known answers for the request, good and bad responses,
//! what is kept, and polling on the provider in memory. Notifications are in `notification.rs`.

#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::flow::Flow;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::PollAnswer;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::patience::Patience;
use crate::common::patience::START;

mod common {
    pub(crate) mod patience;
}

const NOW: UnixTime = UnixTime::from_secs(START);

/// Of the examples in CIBA Core 1.0 section 7.
const AUTH_REQ_ID: &str = "1c266114-a1be-4252-8ad1-04986c5b9ac1";
const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

/// Entropy that is known: every byte is 7.
#[derive(Debug)]
struct Sevens;

impl Crypto for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.fill(7);
        Ok(())
    }

    fn sha256(&self, _bytes: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

/// No entropy at all.
#[derive(Debug)]
struct Empty;

impl Crypto for Empty {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy::new())
    }

    fn sha256(&self, _bytes: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

fn client() -> Client {
    let metadata = Metadata::new("https://id.example", UriPolicy::default())
        .and_then(|metadata| {
            let address = "https://id.example/bc-authorize";
            metadata.with_endpoint(Endpoint::BackchannelAuthentication, address)
        })
        .and_then(|metadata| metadata.with_endpoint(Endpoint::Token, "https://id.example/token"))
        .unwrap();
    let authentication = Authentication::client_secret_basic("s3cret");
    let client = Client::new(metadata, "shop", authentication).unwrap();
    client.with_crypto(Arc::new(Sevens))
}

fn payments() -> BackchannelAuthenticationRequest {
    BackchannelAuthenticationRequest::new(["payments"])
}

fn for_ada() -> BackchannelAuthenticationRequest {
    payments().login_hint("ada@id.example")
}

fn body(request: BackchannelAuthenticationRequest) -> String {
    let operation = BackchannelAuthentication::new(&client(), request).unwrap();
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://id.example/bc-authorize");
    assert_eq!(request.headers()["authorization"], "Basic c2hvcDpzM2NyZXQ=");
    String::from_utf8(request.body().clone()).unwrap()
}

fn refuse(request: BackchannelAuthenticationRequest) -> Error {
    client().backchannel(request).unwrap_err()
}

fn read(body: &Value) -> Result<PendingBackchannel, Error> {
    let request = for_ada()
        .resource("https://api.example")
        .client_notification_token(TOKEN);
    let response = Response::builder()
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .unwrap();
    BackchannelAuthentication::new(&client(), request)?.response(NOW, &response)
}

/// The example of CIBA Core 1.0 section 7.3.
fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut example = json!({"auth_req_id": AUTH_REQ_ID, "expires_in": 120, "interval": 2});
    match value.into() {
        Value::Object(_) => example.as_object_mut().unwrap().remove(name),
        value => Some(std::mem::replace(&mut example[name], value)),
    };
    example
}

fn without(name: &str) -> Value {
    with(name, json!({}))
}

#[test]
fn every_parameter_has_its_place() {
    assert_eq!(
        body(for_ada()),
        "scope=payments&login_hint=ada%40id.example"
    );
    let request = BackchannelAuthenticationRequest::new("payments accounts")
        .login_hint_token("eyJr.eyJz")
        .binding_message("W4 SCT")
        .user_code("1234")
        .acr_values("urn:x urn:y")
        .requested_expiry(Duration::from_millis(90_500))
        .client_notification_token(TOKEN)
        .resource("https://api.example")
        .authorization_details(&[AuthorizationDetail::new("x")])
        .parameter("request_context", "{}")
        .parameters(&[("audience", "a")]);
    assert_eq!(
        body(request),
        format!(
            "scope=payments%20accounts&resource=https%3A%2F%2Fapi.example\
             &authorization_details=%5B%7B%22type%22%3A%22x%22%7D%5D\
             &request_context=%7B%7D&audience=a\
             &login_hint_token=eyJr.eyJz&binding_message=W4%20SCT&user_code=1234\
             &acr_values=urn%3Ax%20urn%3Ay&requested_expiry=90\
             &client_notification_token={TOKEN}"
        )
    );
    let request = BackchannelAuthenticationRequest::new("").id_token_hint("a.b.c");
    assert_eq!(body(request), "id_token_hint=a.b.c");
}

#[test]
fn there_is_one_hint() {
    let hints = |request| match refuse(request) {
        Error::Misuse(Misuse::Hints(count)) => count,
        other => panic!("{other}"),
    };
    assert_eq!(hints(payments()), 0);
    assert_eq!(hints(for_ada().login_hint_token("t")), 2);
    assert_eq!(hints(for_ada().id_token_hint("t")), 2);
    assert_eq!(hints(for_ada().id_token_hint("t").login_hint_token("t")), 3);
    // The same hint once more is another value of it.
    assert_eq!(
        body(for_ada().login_hint("eve")),
        "scope=payments&login_hint=eve"
    );
}

#[test]
fn what_may_not_be_asked_for_is_refused_before_anything_is_sent() {
    let of = |scope: &str| BackchannelAuthenticationRequest::new(scope);
    assert!(matches!(
        refuse(of("openid payments").login_hint("ada")),
        Error::Unsupported(Unsupported::OpenId)
    ));
    assert!(matches!(
        refuse(of("a\\b").login_hint("ada")),
        Error::Misuse(Misuse::Scope(_))
    ));
    for (request, name) in [
        (payments().login_hint(""), "login_hint"),
        (for_ada().binding_message(""), "binding_message"),
        (for_ada().binding_message("a\u{1b}[2J"), "binding_message"),
        (for_ada().user_code(""), "user_code"),
        (for_ada().acr_values(""), "acr_values"),
        (for_ada().resource("api"), "resource"),
    ] {
        match refuse(request) {
            Error::Misuse(Misuse::Parameter { name: own, .. }) => assert_eq!(own, name),
            other => panic!("{name}: {other}"),
        }
    }
    for seconds in [0.0, 0.5, 86_401.0] {
        let expiry = Duration::from_secs_f64(seconds);
        assert!(matches!(
            refuse(for_ada().requested_expiry(expiry)),
            Error::Misuse(Misuse::Lifetime(own)) if own == expiry
        ));
    }
    for name in [
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "resource",
        "authorization_details",
        "client_notification_token",
        "acr_values",
        "login_hint_token",
        "id_token_hint",
        "login_hint",
        "binding_message",
        "user_code",
        "requested_expiry",
        "request",
    ] {
        match refuse(for_ada().parameter(name, "x")) {
            Error::Misuse(Misuse::ProtocolParameter(own)) => assert_eq!(own, name),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_notification_token_is_drawn_or_long_enough() {
    // 32 bytes of 7 in base64url.
    let drawn = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    assert!(body(for_ada().with_notification()).ends_with(drawn));
    let again = client().with_crypto(Arc::new(Empty));
    let error = again
        .backchannel(for_ada().with_notification())
        .unwrap_err();
    assert!(matches!(error, Error::Crypto(_)));
    // Nothing is drawn for poll mode.
    assert!(again.backchannel(for_ada()).is_ok());

    let characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/==";
    for good in [&"x".repeat(22), &"x".repeat(1024), characters] {
        let encoded = body(for_ada().client_notification_token(good));
        assert!(encoded.contains("client_notification_token="), "{good}");
    }
    for bad in [
        "",
        "short",
        &"x".repeat(21),
        &"x".repeat(1025),
        &"=".repeat(22),
        &format!("{}=", "x".repeat(21)),
        &format!("{}=x", "x".repeat(22)),
        &format!("{} ", "x".repeat(22)),
        &format!("{}\r\n", "x".repeat(22)),
        &format!("{}é", "x".repeat(22)),
    ] {
        assert!(
            matches!(
                refuse(for_ada().client_notification_token(bad)),
                Error::Misuse(Misuse::Parameter {
                    name: "client_notification_token",
                    ..
                })
            ),
            "{bad}"
        );
    }
}

#[test]
fn the_response_of_ciba_core_section_7_3() {
    let pending = read(&with("tenant", "blue")).unwrap();
    assert_eq!(pending.auth_req_id(), AUTH_REQ_ID);
    assert_eq!(pending.expires_at(), UnixTime::from_secs(START + 120));
    assert_eq!(pending.interval(), Duration::from_secs(2));
    assert_eq!(pending.issuer(), Some("https://id.example"));
    assert_eq!(pending.client_id(), "shop");
    assert_eq!(pending.scope().as_str(), "payments");
    assert_eq!(pending.resource(), ["https://api.example"]);
    assert_eq!(pending.members().names(), ["tenant"]);
    let unsaid = read(&with("unsaid", Value::Null)).unwrap();
    assert_eq!(unsaid.members().names(), ["unsaid"]);
    assert_eq!(pending.findings(), []);
    for (body, interval) in [
        (without("interval"), 5),
        (with("interval", 0), 5),
        (with("interval", "31"), 31),
    ] {
        assert_eq!(read(&body).unwrap().interval().as_secs(), interval);
    }
    let longest = read(&with("expires_in", u64::MAX)).unwrap();
    assert_eq!(longest.expires_at().since(NOW).as_secs(), 24 * 60 * 60);
}

#[test]
fn what_breaks_a_rule_trips_its_check() {
    for (body, id) in [
        (without("auth_req_id"), "CIBA-AUTH-REQ-ID"),
        (with("auth_req_id", ""), "CIBA-AUTH-REQ-ID"),
        (with("auth_req_id", Value::Null), "CIBA-AUTH-REQ-ID"),
        (without("expires_in"), "CIBA-EXPIRES-IN"),
        (with("expires_in", 0), "CIBA-EXPIRES-IN"),
        (with("expires_in", -1), "CIBA-EXPIRES-IN"),
        (with("expires_in", "2 min"), "CIBA-EXPIRES-IN"),
        (with("interval", -1), "CIBA-INTERVAL"),
        (with("interval", 0.5), "CIBA-INTERVAL"),
    ] {
        let error = read(&body).unwrap_err();
        assert_eq!(error.check().unwrap().id(), id, "{body}");
        assert!(!error.to_string().contains(AUTH_REQ_ID));
    }
    assert!(matches!(
        read(&with("auth_req_id", 1)),
        Err(Error::Malformed(_))
    ));
    match read(&json!({"error": "unknown_user_id"})) {
        Err(Error::Refused(refusal)) => {
            assert_eq!(refusal.endpoint(), Endpoint::BackchannelAuthentication);
            assert_eq!(refusal.code().unwrap().as_str(), "unknown_user_id");
        }
        other => panic!("{other:?}"),
    }
    let operation = BackchannelAuthentication::new(&client(), for_ada()).unwrap();
    let response = Response::builder()
        .status(202)
        .body(without("interval").to_string().into());
    let pending = operation.response(NOW, &response.unwrap()).unwrap();
    assert_eq!(
        pending.findings(),
        [Finding::Status(202), Finding::MediaType]
    );
}

#[test]
fn the_golden_form_of_version_1() {
    let stored = r#"{"v":1,"iss":"https://id.example","client":"shop","id":"1c266114-a1be-4252-8ad1-04986c5b9ac1","token":"8d67dc78-7faa-4d41-aabd-67707b374255","scope":"payments","resource":["https://api.example"],"interval":2,"exp":1800000120}"#;
    let pending = read(&with("interval", 2)).unwrap();
    assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
    let back: PendingBackchannel = serde_json::from_str(stored).unwrap();
    assert_eq!(back.auth_req_id(), AUTH_REQ_ID);
    assert_eq!(serde_json::to_string(&back).unwrap(), stored);
    let good = r#"{"v":1,"client":"c","id":"i","interval":5,"exp":9}"#;
    assert!(serde_json::from_str::<PendingBackchannel>(good).is_ok());
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""id":"i","#, ""),
        (r#""id":"i""#, r#""id":1"#),
        (r#""exp":9"#, r#""exp":9,"dpop":"k""#),
        (r#""interval":5"#, r#""interval":-5"#),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        assert!(
            serde_json::from_str::<PendingBackchannel>(&bad).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn nothing_prints_a_secret() {
    let request = for_ada()
        .user_code("hush-1")
        .binding_message("hush-2")
        .parameter("x", "hush-3")
        .client_notification_token(TOKEN);
    let operation = BackchannelAuthentication::new(&client(), request.clone()).unwrap();
    let pending = read(&with("interval", 2)).unwrap();
    let polling = client().poll_backchannel(pending.clone()).unwrap();
    for text in [
        format!("{request:?}"),
        format!("{operation:?}"),
        format!("{pending:?}"),
        format!("{polling:?}"),
        format!("{:?}", polling.begin(NOW).unwrap()),
    ] {
        for secret in ["hush", "ada", TOKEN, AUTH_REQ_ID] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

fn shop(provider: &mut Provider) -> Client {
    provider.register(ClientRecord::basic("shop", "s3cret"));
    let discover = Discover::new("https://id.example").unwrap();
    let metadata = Patience::new(provider).run(discover).unwrap();
    Client::new(
        metadata,
        "shop",
        Authentication::client_secret_basic("s3cret"),
    )
    .unwrap()
}

#[test]
fn a_user_elsewhere_agrees() {
    let mut provider = Provider::new("https://id.example");
    provider.settings.backchannel.polls = vec![PollAnswer::Pending, PollAnswer::SlowDown];
    provider.settings.backchannel.user_code = Some("1234".to_owned());
    let client = shop(&mut provider);
    let request = for_ada().user_code("1234").binding_message("W4SCT");
    let call = client.backchannel(request).unwrap();
    let pending = Patience::new(&mut provider).run(call).unwrap();
    // Another process goes on with it.
    let stored = serde_json::to_string(&pending).unwrap();
    let pending: PendingBackchannel = serde_json::from_str(&stored).unwrap();
    let mut patience = Patience::new(&mut provider);
    let flow = client.poll_backchannel(pending.clone()).unwrap();
    let tokens = patience.run(flow).unwrap();
    assert_eq!(patience.waits, [5, 5, 10]);
    assert_eq!(tokens.scope().as_str(), "payments");
    let form = provider.log().last().unwrap().form();
    let expected = [
        ("grant_type", "urn:openid:params:grant-type:ciba"),
        ("auth_req_id", pending.auth_req_id()),
    ];
    assert_eq!(form.iter().collect::<Vec<_>>(), expected);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn every_objection_of_the_server_is_a_refusal() {
    for (request, code) in [
        (payments().login_hint("eve"), "unknown_user_id"),
        (
            payments().login_hint_token("expired"),
            "expired_login_hint_token",
        ),
        (for_ada(), "missing_user_code"),
        (for_ada().user_code("4321"), "invalid_user_code"),
        (
            for_ada().user_code("1234").binding_message("x".repeat(65)),
            "invalid_binding_message",
        ),
    ] {
        let mut provider = Provider::new("https://id.example");
        provider.settings.backchannel.user_code = Some("1234".to_owned());
        let client = shop(&mut provider);
        let call = client.backchannel(request).unwrap();
        match Patience::new(&mut provider).run(call) {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.code().unwrap().as_str(), code),
            other => panic!("{code}: {other:?}"),
        }
        assert_eq!(provider.complaints(), [""; 0]);
    }
}

#[test]
fn a_verdict_ends_it_and_what_waits_is_its_clients_own() {
    for (answer, code) in [
        (PollAnswer::Denied, "access_denied"),
        (PollAnswer::Expired, "expired_token"),
    ] {
        let mut provider = Provider::new("https://id.example");
        provider.settings.backchannel.polls = vec![PollAnswer::Pending, answer];
        let client = shop(&mut provider);
        let call = client.backchannel(for_ada()).unwrap();
        let pending = Patience::new(&mut provider).run(call).unwrap();
        let stranger = Client::new(
            client.metadata().clone(),
            "stranger",
            Authentication::client_secret_basic("s3cret"),
        );
        let error = stranger.unwrap().poll_backchannel(pending.clone());
        assert!(matches!(
            error.unwrap_err(),
            Error::Misuse(Misuse::OtherClient { .. })
        ));
        let flow = client.poll_backchannel(pending).unwrap();
        match Patience::new(&mut provider).run(flow) {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.code().unwrap().as_str(), code),
            other => panic!("{code}: {other:?}"),
        }
        assert_eq!(provider.log().requests_to("/token").len(), 2);
    }
}
