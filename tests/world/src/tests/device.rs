//! Devices: their codes, and what polls for them are answered.

use super::*;
use crate::Consent;
use crate::PollAnswer;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn device(provider: &mut Provider, form: &Form) -> Response<Vec<u8>> {
    provider.handle(NOW, &post("/device_authorization", form))
}

/// The device code of the client `app`.
fn device_code(provider: &mut Provider) -> String {
    let form = Form::new(&[("client_id", "app"), ("scope", "mail profile")]);
    let response = device(provider, &form);
    assert_eq!(response.status(), 200, "{response:?}");
    text(&json(&response), "device_code").to_owned()
}

fn poll_form(code: &str) -> Form {
    Form::new(&[
        ("grant_type", GRANT),
        ("client_id", "app"),
        ("device_code", code),
    ])
}

fn poll(provider: &mut Provider, now: u64, code: &str) -> Value {
    json(&provider.handle(now, &post("/token", &poll_form(code))))
}

#[test]
fn the_answer_has_every_member_and_leaves_out_what_is_turned_off() {
    let mut provider = provider();
    let form = Form::new(&[("client_id", "app")]);
    let answer = json(&device(&mut provider, &form));
    let code = text(&answer, "user_code");
    assert_eq!((code.len(), code.find('-')), (9, Some(4)), "{code}");
    assert_eq!(answer["verification_uri"], "https://id.example/device");
    assert_eq!(
        answer["verification_uri_complete"],
        format!("https://id.example/device?user_code={code}")
    );
    assert_eq!(answer["expires_in"], 1800);
    assert_eq!(answer["interval"], 5);
    provider.settings.device.interval = None;
    provider.settings.device.complete = false;
    let answer = json(&device(&mut provider, &form));
    assert!(answer["interval"].is_null() && answer["verification_uri_complete"].is_null());
    assert_no_complaint(&provider);
}

#[test]
fn polls_are_answered_in_turn_and_then_as_the_user_says() {
    let mut provider = provider();
    provider.settings.device.polls = vec![PollAnswer::Pending, PollAnswer::SlowDown];
    provider.settings.consent = Consent::Only(vec!["mail".into()]);
    let code = device_code(&mut provider);
    let pending = poll(&mut provider, NOW + 5, &code);
    assert_eq!(pending["error"], "authorization_pending");
    let slow = poll(&mut provider, NOW + 10, &code);
    assert_eq!(slow["error"], "slow_down");
    let tokens = poll(&mut provider, NOW + 20, &code);
    assert_eq!(tokens["scope"], "mail");
    assert!(provider.honours(NOW + 20, text(&tokens, "access_token")));
    let again = poll(&mut provider, NOW + 30, &code);
    assert_eq!(again["error"], "invalid_grant");
    assert_no_complaint(&provider);
}

#[test]
fn the_ends_that_are_no_fault() {
    for (consent, polls, error) in [
        (Consent::Denied, vec![], "access_denied"),
        (Consent::All, vec![PollAnswer::Denied], "access_denied"),
        (Consent::All, vec![PollAnswer::Expired], "expired_token"),
    ] {
        let mut provider = provider();
        provider.settings.consent = consent;
        provider.settings.device.polls = polls;
        let code = device_code(&mut provider);
        assert_eq!(poll(&mut provider, NOW + 5, &code)["error"], error);
        let after = poll(&mut provider, NOW + 10, &code);
        assert_eq!(after["error"], "invalid_grant");
        assert_no_complaint(&provider);
    }
}

#[test]
fn an_impatient_client_is_told_so() {
    let mut provider = provider();
    let code = device_code(&mut provider);
    let early = poll(&mut provider, NOW + 4, &code);
    assert_eq!(early["error"], "slow_down");
    assert_complaint(&provider, "1 s too early");
    // The interval is 10 s from then on.
    assert_eq!(
        poll(&mut provider, NOW + 13, &code)["error"],
        "slow_down",
        "9 s"
    );
    assert!(poll(&mut provider, NOW + 28, &code)["error"].is_null());
}

#[test]
fn careless_polls_are_refused() {
    let code_of = |provider: &mut Provider| device_code(provider);
    for (change, now, error, about) in [
        (
            ("device_code", ""),
            NOW + 5,
            "invalid_request",
            "device_code",
        ),
        (
            ("client_id", "poster"),
            NOW + 5,
            "invalid_grant",
            "another client's",
        ),
        (
            ("client_id", "app"),
            NOW + 1800,
            "expired_token",
            "after the expiry",
        ),
    ] {
        let mut provider = provider();
        let code = code_of(&mut provider);
        let mut form = poll_form(&code).without(change.0);
        if !change.1.is_empty() {
            form = form.and(change.0, change.1);
        }
        if change.1 == "poster" {
            form = form.and("client_secret", "secret");
        }
        let answer = json(&provider.handle(now, &post("/token", &form)));
        assert_eq!(answer["error"], error);
        assert_complaint(&provider, about);
    }
    let mut provider = provider();
    let unknown = poll(&mut provider, NOW, "unknown");
    assert_eq!(unknown["error"], "invalid_grant");
}

#[test]
fn careless_requests_are_refused() {
    let good = Form::new(&[("client_id", "app"), ("scope", "mail")]);
    for (form, about) in [
        (good.clone().without("client_id"), "authentication"),
        (good.clone().set("scope", "a  b"), "malformed"),
        (good.clone().and("resource", "x"), "absolute URI"),
        (good.clone().and("authorization_details", "{}"), "array"),
        (good.clone().and("client_id", "app"), "twice"),
    ] {
        let mut provider = provider();
        assert!(device(&mut provider, &form).status().is_client_error());
        assert_complaint(&provider, about);
    }
}
