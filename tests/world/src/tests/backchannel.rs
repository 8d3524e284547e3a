//! Backchannel authentication: who the user is, the three modes, and notifications.

use super::*;
use crate::Consent;
use crate::DeliveryMode;

const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

fn good() -> Form {
    Form::new(&[
        ("client_id", "poster"),
        ("client_secret", "secret"),
        ("scope", "mail profile"),
        ("login_hint", "ada@id.example"),
        ("client_notification_token", TOKEN),
    ])
}

fn ask(provider: &mut Provider, form: &Form) -> Value {
    json(&provider.handle(NOW, &post("/bc-authorize", form)))
}

fn poll(provider: &mut Provider, now: u64, id: &str) -> Value {
    let form = Form::new(&[
        ("grant_type", "urn:openid:params:grant-type:ciba"),
        ("client_id", "poster"),
        ("client_secret", "secret"),
        ("auth_req_id", id),
    ]);
    json(&provider.handle(now, &post("/token", &form)))
}

#[test]
fn a_request_is_polled_for() {
    let mut provider = provider();
    let answer = ask(&mut provider, &good().and("requested_expiry", "60"));
    assert_eq!(
        (&answer["expires_in"], &answer["interval"]),
        (&60.into(), &5.into())
    );
    let tokens = poll(&mut provider, NOW + 5, text(&answer, "auth_req_id"));
    assert!(provider.honours(NOW + 5, text(&tokens, "access_token")));
    assert_no_complaint(&provider);
}

#[test]
fn what_a_user_or_a_provider_objects_to_is_no_fault() {
    for (form, code, error) in [
        (good().set("login_hint", "eve"), None, "unknown_user_id"),
        (
            good()
                .without("login_hint")
                .and("login_hint_token", "expired"),
            None,
            "expired_login_hint_token",
        ),
        (good(), Some("1234"), "missing_user_code"),
        (
            good().and("user_code", "4321"),
            Some("1234"),
            "invalid_user_code",
        ),
        (
            good().and("binding_message", &"x".repeat(65)),
            None,
            "invalid_binding_message",
        ),
    ] {
        let mut provider = provider();
        provider.settings.backchannel.user_code = code.map(ToOwned::to_owned);
        assert_eq!(ask(&mut provider, &form)["error"], error);
        assert_no_complaint(&provider);
    }
    let mut provider = provider();
    provider.settings.backchannel.user_code = Some("1234".to_owned());
    let form = good()
        .and("user_code", "1234")
        .and("binding_message", "W4SCT");
    assert!(ask(&mut provider, &form)["error"].is_null());
}

#[test]
fn careless_requests_are_refused() {
    for (form, about) in [
        (good().without("login_hint"), "0 hints"),
        (good().and("login_hint_token", "x"), "2 hints"),
        (
            good().without("login_hint").and("id_token_hint", "x"),
            "ID token",
        ),
        (good().and("requested_expiry", "0"), "requested_expiry"),
        (good().and("requested_expiry", "1.5"), "requested_expiry"),
        (good().and("binding_message", "a\nb"), "controls"),
        (
            good().set("client_notification_token", "short"),
            "malformed",
        ),
        (
            good().set("client_notification_token", &"x".repeat(1025)),
            "malformed",
        ),
        (good().without("client_notification_token"), "missing"),
        (
            good().set("client_id", "app").without("client_secret"),
            "public client",
        ),
    ] {
        let mut provider = provider();
        provider.settings.backchannel.mode = DeliveryMode::Ping;
        assert!(ask(&mut provider, &form)["error"].is_string());
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_ping_invites_a_poll() {
    let mut provider = provider();
    provider.settings.backchannel.mode = DeliveryMode::Ping;
    let id = text(&ask(&mut provider, &good()), "auth_req_id").to_owned();
    let ping = provider.ping(&id).unwrap();
    assert_eq!(ping.headers()["authorization"], format!("Bearer {TOKEN}"));
    let body: Value = serde_json::from_slice(ping.body()).unwrap();
    assert_eq!(body, serde_json::json!({"auth_req_id": id}));
    assert!(poll(&mut provider, NOW + 1, &id)["access_token"].is_string());
    assert_no_complaint(&provider);
    assert!(provider.ping("unknown").is_none());
}

#[test]
fn a_push_brings_tokens_or_a_no() {
    for (consent, error) in [
        (Consent::All, Value::Null),
        (Consent::Denied, "access_denied".into()),
    ] {
        let mut provider = provider();
        provider.settings.consent = consent;
        provider.settings.backchannel.mode = DeliveryMode::Push;
        let answer = ask(&mut provider, &good());
        assert!(answer["interval"].is_null());
        let id = text(&answer, "auth_req_id").to_owned();
        let push = provider.push(NOW + 9, &id).unwrap();
        let body: Value = serde_json::from_slice(push.body()).unwrap();
        assert_eq!(body["auth_req_id"], id);
        assert_eq!(body["error"], error);
        assert_eq!(body["access_token"].is_string(), error.is_null());
        assert_no_complaint(&provider);
        assert_eq!(
            poll(&mut provider, NOW + 9, &id)["error"],
            "unauthorized_client"
        );
        assert_complaint(&provider, "registered for push");
    }
}
