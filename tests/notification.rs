//! Pings and pushes (CIBA Core 1.0 section 10.2, 10.3 and 12), from the provider in memory and from
//! strangers.

#![cfg(test)]

use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::notification;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Consent;
use oauth_proto_world::DeliveryMode;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::patience::Patience;
use crate::common::patience::START;

mod common {
    pub(crate) mod patience;
}

const NOW: UnixTime = UnixTime::from_secs(START);

/// A provider, its client, and a request that waits.
fn waiting(mode: DeliveryMode) -> (Provider, Client, PendingBackchannel) {
    let mut provider = Provider::new("https://id.example");
    provider.settings.backchannel.mode = mode;
    provider.register(ClientRecord::basic("shop", "s3cret"));
    let discover = Discover::new("https://id.example").unwrap();
    let metadata = Patience::new(&mut provider).run(discover).unwrap();
    let authentication = Authentication::client_secret_basic("s3cret");
    let client = Client::new(metadata, "shop", authentication).unwrap();
    let pending = ask(&mut provider, &client);
    (provider, client, pending)
}

fn ask(provider: &mut Provider, client: &Client) -> PendingBackchannel {
    let request = BackchannelAuthenticationRequest::new(["payments"])
        .login_hint("ada@id.example")
        .with_notification();
    let call = client.backchannel(request).unwrap();
    Patience::new(provider).run(call).unwrap()
}

/// What a handler of pings answers, and the outcome.
fn ping(
    pending: Option<&PendingBackchannel>,
    now: UnixTime,
    request: &Request<Vec<u8>>,
) -> (u16, Result<(), Error>) {
    let outcome = Notification::parse(request)
        .and_then(|notification| notification.ping(now, pending).map(drop));
    (answered(&outcome), outcome)
}

fn push(
    client: &Client,
    pending: Option<&PendingBackchannel>,
    request: &Request<Vec<u8>>,
) -> (u16, Result<Tokens, Error>) {
    let outcome = Notification::parse(request)
        .and_then(|notification| notification.push(client, NOW, pending));
    (answered(&outcome), outcome)
}

/// The status, with a challenge where one is due and no body anywhere.
fn answered<T>(outcome: &Result<T, Error>) -> u16 {
    let answer = notification::answer(outcome);
    assert!(answer.body().is_empty());
    let challenge = answer.headers().get("www-authenticate");
    assert_eq!(challenge.is_some(), answer.status() == 401);
    answer.status().as_u16()
}

fn id(outcome: Result<(), Error>) -> &'static str {
    let error = outcome.unwrap_err();
    error.check().unwrap_or_else(|| panic!("{error}")).id()
}

/// The request with other members in its body.
fn edited(request: &Request<Vec<u8>>, edit: impl FnOnce(&mut Value)) -> Request<Vec<u8>> {
    let mut body: Value = serde_json::from_slice(request.body()).unwrap();
    edit(&mut body);
    with_body(request, &body.to_string())
}

fn with_body(request: &Request<Vec<u8>>, body: &str) -> Request<Vec<u8>> {
    request.clone().map(|_| body.as_bytes().to_vec())
}

#[test]
fn a_ping_ends_the_waiting() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let notification = Notification::parse(&request).unwrap();
    assert_eq!(notification.auth_req_id(), pending.auth_req_id());
    let named = notification.ping(NOW, Some(&pending)).unwrap();
    assert_eq!(named.auth_req_id(), pending.auth_req_id());
    assert_eq!(ping(Some(&pending), NOW, &request).0, 204);

    let flow = client.poll_backchannel(pending).unwrap().pinged();
    let mut patience = Patience::new(&mut provider);
    let tokens = patience.run(flow).unwrap();
    assert_eq!(patience.waits, [0; 0]);
    assert_eq!(tokens.scope().as_str(), "payments");
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn a_ping_ends_a_wait_that_has_begun() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    let id = pending.auth_req_id().to_owned();
    let step = client
        .poll_backchannel(pending)
        .unwrap()
        .begin(NOW)
        .unwrap();
    let Step::Wait(_, paused) = step else {
        panic!("{step:?}");
    };
    provider.ping(&id).unwrap();
    let now = UnixTime::from_secs(START + 1);
    let step = paused.pinged(now).unwrap();
    let Step::Send(request, sent) = step else {
        panic!("{step:?}");
    };
    let response = provider.handle(START + 1, &request);
    assert!(matches!(sent.answer(now, &response), Ok(Step::Done(_))));
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn after_a_ping_that_was_wrong_the_interval_holds() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    provider.settings.backchannel.polls = vec![oauth_proto_world::PollAnswer::Pending; 2];
    let other = ask(&mut provider, &client);
    provider.ping(other.auth_req_id()).unwrap();
    let flow = client.poll_backchannel(other).unwrap().pinged();
    let mut patience = Patience::new(&mut provider);
    patience.run(flow).unwrap();
    assert_eq!(patience.waits, [5, 5]);
    // Too late, it is over.
    let late = pending.expires_at();
    let step = client.poll_backchannel(pending.clone()).unwrap().begin(NOW);
    let Ok(Step::Wait(_, paused)) = step else {
        panic!("{step:?}");
    };
    let error = paused.pinged(late).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Polling { .. })));
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let (status, outcome) = ping(Some(&pending), late, &request);
    assert_eq!(status, 400);
    assert!(matches!(
        outcome,
        Err(Error::Expired(Expired::Polling { .. }))
    ));
}

#[test]
fn a_bad_bearer_gets_a_401_and_nothing_else() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let good = request.headers()["authorization"].to_str().unwrap();
    let token = good.strip_prefix("Bearer ").unwrap();
    let bearing = |value: &str| {
        let mut request = request.clone();
        let value = value.parse().unwrap();
        request.headers_mut().insert("authorization", value);
        request
    };
    for good in [
        good.to_owned(),
        format!("bearer {token}"),
        format!("BEARER  {token} "),
    ] {
        assert_eq!(ping(Some(&pending), NOW, &bearing(&good)).0, 204, "{good}");
    }
    for bad in [
        format!("{good}1"),
        good[..good.len() - 1].to_owned(),
        good.to_ascii_uppercase(),
        format!("Basic {token}"),
        format!("DPoP {token}"),
        format!("Bearer x, {good}"),
        token.to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        String::new(),
    ] {
        let (status, outcome) = ping(Some(&pending), NOW, &bearing(&bad));
        assert_eq!(status, 401, "{bad}");
        let text = outcome.as_ref().unwrap_err().to_string();
        assert!(!text.contains(token), "{text}");
        assert_eq!(id(outcome), "CIBA-NOTIFICATION-TOKEN", "{bad}");
        let (status, outcome) = push(&client, Some(&pending), &bearing(&bad));
        assert_eq!(status, 401, "{bad}");
        assert_eq!(id(outcome.map(drop)), "CIBA-NOTIFICATION-TOKEN");
    }
    let mut twice = request.clone();
    let second = good.parse().unwrap();
    twice.headers_mut().append("authorization", second);
    assert_eq!(ping(Some(&pending), NOW, &twice).0, 401);
    let mut none = request.clone();
    none.headers_mut().remove("authorization");
    assert_eq!(ping(Some(&pending), NOW, &none).0, 401);
}

/// RFC 6750 section 3.1.
#[test]
fn the_challenge_says_what_was_wrong_with_the_token() {
    let (mut provider, _, pending) = waiting(DeliveryMode::Ping);
    let mut request = provider.ping(pending.auth_req_id()).unwrap();
    let challenge = |request: &Request<Vec<u8>>| {
        let answer = notification::answer(&ping(Some(&pending), NOW, request).1);
        answer.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let wrong = "Bearer x".parse().unwrap();
    request.headers_mut().insert("authorization", wrong);
    assert_eq!(challenge(&request), "Bearer error=\"invalid_token\"");
    request.headers_mut().remove("authorization");
    assert_eq!(challenge(&request), "Bearer");
}

#[test]
fn a_stranger_does_not_learn_what_waits() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let (status, outcome) = ping(None, NOW, &request);
    assert_eq!((status, id(outcome)), (401, "CIBA-NOTIFICATION-TOKEN"));
    let (status, outcome) = push(&client, None, &request);
    assert_eq!(
        (status, id(outcome.map(drop))),
        (401, "CIBA-NOTIFICATION-TOKEN")
    );
    // With a wrong token and with none, whatever waits, the answer is the same.
    let mut stranger = request.clone();
    for token in [Some("Bearer x"), None] {
        stranger.headers_mut().remove("authorization");
        if let Some(token) = token {
            let token = token.parse().unwrap();
            stranger.headers_mut().insert("authorization", token);
        }
        let [here, nowhere] = [Some(&pending), None].map(|pending| {
            let answer = notification::answer(&ping(pending, NOW, &stranger).1);
            (answer.status(), answer.headers().clone())
        });
        assert_eq!(here, nowhere, "{token:?}");
    }
    // Nor can anyone notify a client that expects no notifications.
    let mut stored = serde_json::to_value(&pending).unwrap();
    stored.as_object_mut().unwrap().remove("token");
    let polled: PendingBackchannel = serde_json::from_value(stored).unwrap();
    assert_eq!(ping(Some(&polled), NOW, &request).0, 401);
}

#[test]
fn a_notification_names_what_waits() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Ping);
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let name = |value: Value| edited(&request, |body| body["auth_req_id"] = value);
    for other in [
        json!(format!("{}1", pending.auth_req_id())),
        json!(pending.auth_req_id().to_uppercase()),
        json!(""),
    ] {
        let (status, outcome) = ping(Some(&pending), NOW, &name(other.clone()));
        assert_eq!(status, 400, "{other}");
        assert_eq!(id(outcome), "CIBA-NOTIFICATION-AUTH-REQ-ID");
        let (status, _) = push(&client, Some(&pending), &name(other));
        assert_eq!(status, 400);
    }
    let (status, outcome) = ping(Some(&pending), NOW, &with_body(&request, "{}"));
    assert_eq!(
        (status, id(outcome)),
        (400, "CIBA-NOTIFICATION-AUTH-REQ-ID")
    );
    // Clients ignore what they do not know.
    let more = edited(&request, |body| body["topic"] = json!("auth_completed"));
    assert_eq!(ping(Some(&pending), NOW, &more).0, 204);
}

#[test]
fn what_cannot_be_read_gets_a_400() {
    let (mut provider, _, pending) = waiting(DeliveryMode::Ping);
    let request = provider.ping(pending.auth_req_id()).unwrap();
    let own = pending.auth_req_id();
    for body in [
        String::new(),
        "[]".to_owned(),
        "auth_req_id=x".to_owned(),
        format!("{{\"auth_req_id\":\"{own}\",\"auth_req_id\":\"{own}\"}}"),
        format!("{{\"auth_req_id\":[\"{own}\"]}}"),
        r#"{"auth_req_id":null}"#.to_owned(),
        format!("\u{feff}{{\"auth_req_id\":\"{own}\"}}"),
        format!("{{\"auth_req_id\":\"{own}\"}}x"),
        "[".repeat(10_000),
    ] {
        let (status, outcome) = ping(Some(&pending), NOW, &with_body(&request, &body));
        assert_eq!(status, 400, "{body}");
        assert!(matches!(outcome, Err(Error::Malformed(_))), "{body}");
    }
    let long = format!("{{\"auth_req_id\":\"{own}\"}}{}", " ".repeat(1 << 20));
    let (status, outcome) = ping(Some(&pending), NOW, &with_body(&request, &long));
    assert_eq!((status, id(outcome)), (400, "RESPONSE-SIZE"));
}

#[test]
fn a_push_brings_the_tokens() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Push);
    let request = provider.push(START, pending.auth_req_id()).unwrap();
    let (status, outcome) = push(&client, Some(&pending), &request);
    let tokens = outcome.unwrap();
    assert_eq!(status, 204);
    assert!(provider.honours(START, tokens.access_token().expose()));
    assert_eq!(tokens.scope().as_str(), "payments");
    assert_eq!(tokens.issuer(), Some("https://id.example"));
    assert_eq!(tokens.expires_at(), Some(UnixTime::from_secs(START + 3600)));
    assert!(tokens.refresh_token().is_some());
    assert_eq!(tokens.members().names(), ["auth_req_id"]);
    assert_eq!(tokens.findings(), []);
    let mut plain = request.clone();
    plain.headers_mut().remove("content-type");
    let (_, outcome) = push(&client, Some(&pending), &plain);
    assert_eq!(outcome.unwrap().findings(), [Finding::MediaType]);
    let notification = Notification::parse(&request).unwrap();
    let text = format!("{notification:?}");
    assert!(!text.contains(tokens.access_token().expose()), "{text}");
    assert!(!text.contains(pending.auth_req_id()), "{text}");
}

#[test]
fn a_push_is_held_to_the_rules_of_a_token_response() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Push);
    let request = provider.push(START, pending.auth_req_id()).unwrap();
    for (name, value, check) in [
        ("access_token", Value::Null, "TOKEN-ACCESS"),
        ("access_token", json!(""), "TOKEN-ACCESS"),
        ("token_type", Value::Null, "TOKEN-TYPE-MISSING"),
        ("token_type", json!("mac"), "TOKEN-TYPE"),
        ("expires_in", json!(-1), "TOKEN-EXPIRES-IN"),
    ] {
        let bad = edited(&request, |body| body[name] = value);
        let (status, outcome) = push(&client, Some(&pending), &bad);
        assert_eq!((status, id(outcome.map(drop))), (400, check));
    }
    let narrower = edited(&request, |body| body["scope"] = json!("accounts"));
    let (_, outcome) = push(&client, Some(&pending), &narrower);
    let tokens = outcome.unwrap();
    assert_eq!(tokens.missing_scope().collect::<Vec<_>>(), ["payments"]);
    assert_eq!(tokens.extra_scope().collect::<Vec<_>>(), ["accounts"]);
}

/// CIBA Core 1.0 section 12.
#[test]
fn a_push_brings_a_no() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Push);
    provider.settings.consent = Consent::Denied;
    let request = provider.push(START, pending.auth_req_id()).unwrap();
    for code in ["access_denied", "expired_token", "transaction_failed"] {
        let request = edited(&request, |body| {
            body["error"] = json!(code);
            // Tokens beside an error are none.
            body["access_token"] = json!("a");
            body["token_type"] = json!("Bearer");
        });
        let (status, outcome) = push(&client, Some(&pending), &request);
        match outcome {
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal.code().unwrap().as_str(), code);
                assert_eq!(refusal.description(), Some("the user said no"));
                assert_eq!(refusal.status(), None);
            }
            other => panic!("{other:?}"),
        }
        // It was delivered, whatever it says.
        assert_eq!(status, 204);
    }
}

#[test]
fn a_push_is_for_the_client_that_asked() {
    let (mut provider, client, pending) = waiting(DeliveryMode::Push);
    let request = provider.push(START, pending.auth_req_id()).unwrap();
    let other = Client::new(client.metadata().clone(), "other", Authentication::None).unwrap();
    let (status, outcome) = push(&other, Some(&pending), &request);
    assert!(matches!(
        outcome,
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
    assert_eq!(status, 500);
    // Too late, it is not accepted.
    let late = Notification::parse(&request)
        .and_then(|push| push.push(&client, pending.expires_at(), Some(&pending)));
    assert_eq!(answered(&late), 400);
    assert!(matches!(late, Err(Error::Expired(Expired::Polling { .. }))));
}
