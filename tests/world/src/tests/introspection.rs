//! The introspection endpoint.

use super::*;

fn introspect(provider: &mut Provider, token: &str) -> Value {
    let form = Form::new(&[("client_id", "poster"), ("client_secret", "secret")]);
    let request = post("/introspect", &form.and("token", token));
    json(&provider.handle(NOW, &request))
}

#[test]
fn a_token_that_works_is_described() {
    let mut provider = provider();
    let resource = "https://id.example/api/a";
    let form = Form::authorization().and("resource", resource);
    let code = visit(&mut provider, &form).value("code");
    let tokens = json(&provider.handle(NOW, &post("/token", &Form::redemption(&code))));
    let access = introspect(&mut provider, text(&tokens, "access_token"));
    let expected = serde_json::json!({
        "active": true,
        "token_type": "Bearer",
        "exp": NOW + 3600,
        "iss": ISSUER,
        "sub": "248289761001",
        "client_id": "app",
        "username": "ada@id.example",
        "scope": "mail profile",
        "aud": resource,
    });
    assert_eq!(access, expected);
    let refresh = introspect(&mut provider, text(&tokens, "refresh_token"));
    assert_eq!(refresh["active"], true);
    assert!(refresh["exp"].is_null() && refresh["token_type"].is_null());
    assert_no_complaint(&provider);
}

#[test]
fn of_any_other_nothing_is_said() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    provider.end_grants();
    for token in [
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
        "unknown",
    ] {
        let answer = introspect(&mut provider, token);
        assert_eq!(answer, serde_json::json!({"active": false}), "{token}");
    }
    assert_no_complaint(&provider);
}

#[test]
fn a_public_client_may_not_ask() {
    let mut provider = provider();
    let form = Form::new(&[("client_id", "app"), ("token", "t")]);
    let response = provider.handle(NOW, &post("/introspect", &form));
    assert_eq!(json(&response)["error"], "unauthorized_client");
    assert_complaint(&provider, "may not ask");
}
