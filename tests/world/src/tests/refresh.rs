//! Refresh tokens: rotation, reuse, grace, and requests for less.

use super::*;

fn refresh(provider: &mut Provider, now: u64, token: &str) -> Response<Vec<u8>> {
    provider.handle(now, &post("/token", &Form::refreshment(token)))
}

#[test]
fn a_replaced_token_used_again_ends_the_family() {
    let mut provider = provider();
    let first = sign_in(&mut provider);
    let old = text(&first, "refresh_token");
    let second = json(&refresh(&mut provider, NOW, old));
    let next = text(&second, "refresh_token");
    assert!(provider.honours(NOW, next) && !provider.honours(NOW, old));
    // Rotation alone ends no access token.
    assert!(provider.honours(NOW, text(&first, "access_token")));

    assert_eq!(
        json(&refresh(&mut provider, NOW, old))["error"],
        "invalid_grant"
    );
    assert_complaint(&provider, "replaced and used again");
    assert!(!provider.honours(NOW, next));
    assert!(!provider.honours(NOW, text(&second, "access_token")));
    // Whoever held the good one is told, but did nothing wrong.
    assert_eq!(
        json(&refresh(&mut provider, NOW, next))["error"],
        "invalid_grant"
    );
    assert_eq!(provider.complaints().len(), 1);
}

#[test]
fn without_reuse_detection_only_the_old_token_is_dead() {
    let mut provider = provider();
    provider.settings.refresh.reuse_detected = false;
    let first = sign_in(&mut provider);
    let old = text(&first, "refresh_token");
    let second = json(&refresh(&mut provider, NOW, old));
    assert_eq!(refresh(&mut provider, NOW, old).status(), 400);
    assert!(provider.honours(NOW, text(&second, "refresh_token")));
}

#[test]
fn within_the_grace_a_replaced_token_still_works() {
    let mut provider = provider();
    provider.settings.refresh.grace = 30;
    let first = sign_in(&mut provider);
    let old = text(&first, "refresh_token");
    refresh(&mut provider, NOW, old);
    assert_eq!(refresh(&mut provider, NOW + 29, old).status(), 200);
    assert_no_complaint(&provider);
    // The grace runs from the first replacement.
    assert_eq!(refresh(&mut provider, NOW + 30, old).status(), 400);
    assert_complaint(&provider, "replaced and used again");
}

#[test]
fn without_rotation_the_answer_holds_no_refresh_token() {
    let mut provider = provider();
    provider.settings.refresh.rotated = false;
    let first = sign_in(&mut provider);
    let token = text(&first, "refresh_token");
    for _ in 0..3 {
        let answer = json(&refresh(&mut provider, NOW, token));
        assert!(answer["refresh_token"].is_null());
        assert!(provider.honours(NOW, text(&answer, "access_token")));
    }
    assert_no_complaint(&provider);
}

#[test]
fn a_refresh_may_ask_for_less_but_not_for_more() {
    let mut provider = provider();
    let first = sign_in(&mut provider);
    let token = text(&first, "refresh_token");
    let more = Form::refreshment(token).and("scope", "mail admin");
    let response = provider.handle(NOW, &post("/token", &more));
    assert_eq!(json(&response)["error"], "invalid_scope");
    assert_complaint(&provider, "admin was not granted");
    assert!(provider.honours(NOW, token));

    let less = Form::refreshment(token).and("scope", "mail");
    let second = json(&provider.handle(NOW, &post("/token", &less)));
    assert_eq!(second["scope"], "mail");
    // "the refresh token issued … scope MUST be identical to that of the refresh token included"
    let third = json(&refresh(&mut provider, NOW, text(&second, "refresh_token")));
    assert_eq!(third["scope"], "mail profile");
}

#[test]
fn a_token_is_its_clients_own() {
    let mut provider = provider();
    let first = sign_in(&mut provider);
    let token = text(&first, "refresh_token");
    let form = Form::refreshment(token).set("client_id", "poster");
    let response = provider.handle(NOW, &post("/token", &form.and("client_secret", "secret")));
    assert_eq!(json(&response)["error"], "invalid_grant");
    assert_complaint(&provider, "another client's");
    assert!(provider.honours(NOW, token));
}

#[test]
fn a_grant_that_was_ended_refreshes_no_more() {
    let mut provider = provider();
    let first = sign_in(&mut provider);
    let (access, token) = (text(&first, "access_token"), text(&first, "refresh_token"));
    provider.end_access_tokens();
    assert!(!provider.honours(NOW, access) && provider.honours(NOW, token));
    provider.end_grants();
    assert!(!provider.honours(NOW, token));
    assert_eq!(refresh(&mut provider, NOW, token).status(), 400);
    assert_eq!(refresh(&mut provider, NOW, "unknown").status(), 400);
    assert_no_complaint(&provider);
}

#[test]
fn resources_are_cut_down_within_what_was_granted() {
    let mut provider = provider();
    let (a, b) = ("https://id.example/api/a", "https://id.example/api/b");
    let form = Form::authorization().and("resource", a).and("resource", b);
    let code = visit(&mut provider, &form).value("code");
    let redemption = Form::redemption(&code).and("resource", a);
    let first = json(&provider.handle(NOW, &post("/token", &redemption)));
    let token = text(&first, "access_token");
    assert_eq!(
        provider.handle(NOW, &get("/api/a/1", Some(token))).status(),
        200
    );
    for other in ["/api/b", "/api/ab", "/api"] {
        let response = provider.handle(NOW, &get(other, Some(token)));
        assert_eq!(response.status(), 401, "{other}");
    }
    let form = Form::refreshment(text(&first, "refresh_token"));
    let other = form.clone().and("resource", "https://id.example/api/c");
    let response = provider.handle(NOW, &post("/token", &other));
    assert_eq!(json(&response)["error"], "invalid_target");
    let second = json(&provider.handle(NOW, &post("/token", &form.and("resource", b))));
    let token = text(&second, "access_token");
    assert_eq!(
        provider.handle(NOW, &get("/api/b", Some(token))).status(),
        200
    );
    assert_no_complaint(&provider);
}
