//! Waiting for a user (RFC 8628 section 3.4 and 3.5) on the provider in memory: answers of every kind, lost
//! answers, another process. Deadlines and clocks are in `polling_time.rs`.

#![cfg(test)]

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::device::DeviceAuthorizationRequest;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::poll::Poll;
use oauth_proto::endpoint::poll::Polled;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Consent;
use oauth_proto_world::Delivery;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::PollAnswer;
use oauth_proto_world::Provider;

use crate::common::device::ISSUER;
use crate::common::device::client;
use crate::common::device::polls;
use crate::common::device::waiting;
use crate::common::patience::Patience;
use crate::common::patience::START;

mod common {
    pub(crate) mod device;
    pub(crate) mod patience;
}

fn code(error: &Error) -> &str {
    match error {
        Error::Refused(refusal) => refusal.code().map_or("(none)", |code| code.as_str()),
        other => panic!("{other}"),
    }
}

#[test]
fn a_user_signs_in_on_another_device() {
    use PollAnswer::Pending;
    use PollAnswer::SlowDown;

    let (mut provider, client, pending) = waiting(&[Pending, Pending, SlowDown, Pending]);
    let mut patience = Patience::new(&mut provider);
    let tokens = patience.run(client.poll(pending).unwrap()).unwrap();
    assert_eq!(patience.waits, [5, 5, 5, 10, 10]);
    assert_eq!(polls(&provider), [5, 10, 15, 25, 35]);
    assert_eq!(tokens.scope().as_str(), "mail profile");
    assert_eq!(tokens.received_at(), UnixTime::from_secs(START + 35));
    assert!(tokens.refresh_token().is_some());
    assert_eq!(tokens.client_id(), "tv");
    let asked = provider.log().requests_to("/device_authorization")[0].json();
    for poll in provider.log().with(Endpoint::Token) {
        let form = poll.form();
        let expected = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", asked["device_code"].as_str().unwrap()),
            ("client_id", "tv"),
        ];
        assert_eq!(form.iter().collect::<Vec<_>>(), expected);
    }
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn another_process_goes_on_with_it() {
    let (mut provider, client, pending) = waiting(&[]);
    let stored = serde_json::to_string(&pending).unwrap();
    drop((client, pending));
    let client = common::device::client(&mut provider, "tv");
    let pending: PendingDevice = serde_json::from_str(&stored).unwrap();
    let mut patience = Patience::new(&mut provider);
    patience.now += 600;
    patience.run(client.poll(pending).unwrap()).unwrap();
    assert_eq!(patience.waits, [5]);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn resources_and_parameters_travel_with_each_poll() {
    let (mut provider, client, _) = waiting(&[]);
    let api = "https://id.example/api";
    let request = DeviceAuthorizationRequest::new(["mail"]).resource(api);
    let call = client.device(request).unwrap();
    let pending = Patience::new(&mut provider).run(call).unwrap();
    let polling = client.poll(pending.clone()).unwrap();
    let polling = polling.parameter("code_verifier", "x y");
    let tokens = Patience::new(&mut provider).run(polling).unwrap();
    assert_eq!(tokens.resource(), [api]);
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.value("resource"), Some(api));
    assert_eq!(form.value("code_verifier"), Some("x y"));
    assert_eq!(provider.complaints(), [""; 0]);

    for name in [
        "grant_type",
        "device_code",
        "auth_req_id",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "resource",
    ] {
        let polling = client.poll(pending.clone()).unwrap().parameter(name, "x");
        let mut patience = Patience::new(&mut provider);
        let error = patience.run(polling).unwrap_err();
        assert!(matches!(
            error,
            Error::Misuse(Misuse::ProtocolParameter(own)) if own == name
        ));
        assert_eq!(patience.waits, [0; 0], "said before the first wait");
    }
}

#[test]
fn what_waits_for_one_client_is_no_others() {
    let (mut provider, _, pending) = waiting(&[]);
    let radio = client(&mut provider, "radio");
    let mut elsewhere = Provider::new("https://id2.example");
    elsewhere.register(ClientRecord::public("tv"));
    let discover = Discover::new("https://id2.example").unwrap();
    let metadata = Patience::new(&mut elsewhere).run(discover).unwrap();
    let twin = Client::new(metadata, "tv", Authentication::None).unwrap();
    for other in [radio, twin] {
        let error = other.poll(pending.clone()).unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::OtherClient { .. })));
    }
}

#[test]
fn a_server_without_a_token_endpoint_is_named_before_the_wait() {
    let (_, client, pending) = waiting(&[]);
    let metadata = Metadata::new(ISSUER, UriPolicy::default()).unwrap();
    let client_id = client.client_id();
    let client = Client::new(metadata, client_id, Authentication::None).unwrap();
    let error = client.poll(pending).unwrap_err();
    assert_eq!(error.to_string(), "the server names no token_endpoint");
}

#[test]
fn it_may_be_moved_to_another_thread() {
    fn check<T: Send + 'static>(_: T) {}
    let (_, client, pending) = waiting(&[]);
    check(client.poll(pending).unwrap());
}

#[test]
fn lost_answers_slow_it_down_and_do_not_end_it() {
    let (mut provider, client, pending) = waiting(&[PollAnswer::Pending; 4]);
    let lost = Change::Deliver(Delivery::Lost);
    provider.mutate(Mutation::new(Endpoint::Token, lost).after(1).times(2));
    let mut patience = Patience::new(&mut provider);
    patience.run(client.poll(pending).unwrap()).unwrap();
    assert_eq!(patience.waits, [5, 5, 10, 20, 5]);
    assert_eq!(provider.complaints(), [""; 0]);
}

/// The server spent the code and the answer was lost: one more poll, and the server says so.
#[test]
fn lost_tokens_end_it_with_the_next_poll() {
    let (mut provider, client, pending) = waiting(&[]);
    let lost = Change::Deliver(Delivery::Lost);
    provider.mutate(Mutation::new(Endpoint::Token, lost).times(1));
    let flow = client.poll(pending).unwrap();
    let error = Patience::new(&mut provider).run(flow).unwrap_err();
    assert_eq!(code(&error), "invalid_grant");
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    assert_eq!(polls(&provider), [5, 15]);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn answers_without_a_verdict_slow_it_down_too() {
    let html = |status| {
        Mutation::new(Endpoint::Token, Change::Status(status))
            .and(Change::body("<html>"))
            .and(Change::content_type("text/html"))
    };
    let after =
        |mutation: Mutation, value: &str| mutation.and(Change::header("retry-after", value));
    let error = |status, code: &str| {
        Mutation::new(Endpoint::Token, Change::error(code)).and(Change::Status(status))
    };
    for (mutation, expected) in [
        (html(503), [5, 10, 20, 5]),
        (html(500), [5, 10, 20, 5]),
        (html(408), [5, 10, 20, 5]),
        // A proxy that knows nothing of the grant.
        (html(403), [5, 10, 20, 5]),
        (html(404), [5, 10, 20, 5]),
        (error(400, "temporarily_unavailable"), [5, 10, 20, 5]),
        (error(500, "server_error"), [5, 10, 20, 5]),
        (after(html(503), "15"), [5, 15, 20, 5]),
        (after(html(429), "3600"), [5, 300, 300, 5]),
        (after(html(503), "soon"), [5, 10, 20, 5]),
        (
            after(html(503), "Fri, 31 Dec 1999 23:59:59 GMT"),
            [5, 10, 20, 5],
        ),
        // START + 60 s, 55 s after the first poll.
        (
            after(html(503), "Fri, 15 Jan 2027 08:01:00 GMT"),
            [5, 55, 20, 5],
        ),
        // Pending all the same, and no loss.
        (
            after(error(429, "authorization_pending"), "30"),
            [5, 30, 30, 5],
        ),
        (error(428, "authorization_pending"), [5, 5, 5, 5]),
        (error(403, "slow_down"), [5, 10, 15, 15]),
        // As GitHub says it.
        (error(200, "authorization_pending"), [5, 5, 5, 5]),
        (error(200, "slow_down"), [5, 10, 15, 15]),
    ] {
        let name = format!("{mutation:?}");
        let (mut provider, client, pending) = waiting(&[PollAnswer::Pending; 3]);
        provider.mutate(mutation.times(2));
        let mut patience = Patience::new(&mut provider);
        patience.run(client.poll(pending).unwrap()).unwrap();
        assert_eq!(patience.waits, expected, "{name}");
        assert_eq!(provider.complaints(), [""; 0], "{name}");
    }
}

#[test]
fn a_verdict_ends_it_and_no_poll_follows() {
    for answer in [PollAnswer::Denied, PollAnswer::Expired] {
        let (mut provider, client, pending) = waiting(&[PollAnswer::Pending, answer]);
        let flow = client.poll(pending).unwrap();
        let error = Patience::new(&mut provider).run(flow).unwrap_err();
        assert!(["access_denied", "expired_token"].contains(&code(&error)));
        assert_eq!(error.remedy(), Remedy::SignInAgain);
        assert_eq!(polls(&provider), [5, 10]);
    }
    for error in [
        "access_denied",
        "authorization_declined",
        "expired_token",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "unauthorized_client",
        "unsupported_grant_type",
    ] {
        for status in [400, 200] {
            let (mut provider, client, pending) = waiting(&[]);
            let mutation = Mutation::new(Endpoint::Token, Change::error(error));
            provider.mutate(mutation.and(Change::Status(status)));
            let flow = client.poll(pending).unwrap();
            let refused = Patience::new(&mut provider).run(flow).unwrap_err();
            assert_eq!(code(&refused), error);
            assert_eq!(polls(&provider), [5]);
        }
    }
    let (mut provider, client, pending) = waiting(&[]);
    provider.settings.consent = Consent::Denied;
    let flow = client.poll(pending).unwrap();
    let error = Patience::new(&mut provider).run(flow).unwrap_err();
    assert_eq!(code(&error), "access_denied");
}

#[test]
fn a_broken_rule_ends_it_and_no_poll_follows() {
    let change = |change| Mutation::new(Endpoint::Token, change);
    for (mutation, id) in [
        (
            change(Change::redirect("https://evil.example")),
            "RESPONSE-REDIRECT",
        ),
        (change(Change::Status(304)), "RESPONSE-REDIRECT"),
        (change(Change::FillTo((1 << 20) + 1)), "RESPONSE-SIZE"),
        (
            change(Change::member(
                "token_type",
                oauth_proto_world::Edit::Remove,
            )),
            "TOKEN-TYPE-MISSING",
        ),
        (
            change(Change::member(
                "access_token",
                oauth_proto_world::Edit::Remove,
            )),
            "TOKEN-ACCESS",
        ),
    ] {
        let (mut provider, client, pending) = waiting(&[]);
        provider.mutate(mutation);
        let flow = client.poll(pending).unwrap();
        let error = Patience::new(&mut provider).run(flow).unwrap_err();
        assert_eq!(error.check().unwrap().id(), id);
        assert_eq!(polls(&provider), [5]);
    }
    // A page with status 200 may have been the tokens: nobody knows, so the caller is told.
    let (mut provider, client, pending) = waiting(&[]);
    provider.mutate(change(Change::body("<html>")));
    let flow = client.poll(pending).unwrap();
    let error = Patience::new(&mut provider).run(flow).unwrap_err();
    assert!(matches!(error, Error::Malformed(_)));
    assert_eq!(polls(&provider), [5]);
}

#[test]
fn by_hand_each_answer_is_a_variant() {
    use std::time::Duration;

    let (_, client, pending) = waiting(&[]);
    let poll = Poll::device(&client, &pending).unwrap();
    let now = UnixTime::from_secs(START);
    let read = |status: u16, body: &str| {
        let response = Response::builder().status(status);
        let response = response.header("retry-after", "9").body(body.into());
        poll.response(now, &response.unwrap())
    };
    let after = Some(Duration::from_secs(9));
    assert!(matches!(
        read(400, r#"{"error":"authorization_pending"}"#),
        Ok(Polled::Pending { retry_after }) if retry_after == after
    ));
    assert!(matches!(
        read(400, r#"{"error":"slow_down"}"#),
        Ok(Polled::SlowDown { retry_after }) if retry_after == after
    ));
    match read(503, "busy") {
        Ok(Polled::Unavailable(refusal)) => assert_eq!(refusal.retry_after(now), after),
        other => panic!("{other:?}"),
    }
    match read(200, r#"{"access_token":"hush","token_type":"bearer"}"#) {
        Ok(polled @ Polled::Granted(_)) => assert!(!format!("{polled:?}").contains("hush")),
        other => panic!("{other:?}"),
    }
    assert!(format!("{poll:?}").starts_with("Poll { client_id: \"tv\""));
}
