//! The revocation endpoint.

use super::*;

fn revoke(provider: &mut Provider, token: &str) -> Response<Vec<u8>> {
    let form = Form::new(&[("client_id", "app"), ("token", token)]);
    provider.handle(NOW, &post("/revoke", &form))
}

#[test]
fn a_refresh_token_takes_everything_with_it() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    let response = revoke(&mut provider, refresh);
    assert_eq!(response.status(), 200);
    assert!(response.body().is_empty());
    assert!(!provider.honours(NOW, access) && !provider.honours(NOW, refresh));
    assert_eq!(revoke(&mut provider, refresh).status(), 200);
    assert_eq!(revoke(&mut provider, "unknown").status(), 200);
    assert_no_complaint(&provider);
}

#[test]
fn an_access_token_goes_alone() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    revoke(&mut provider, access);
    assert!(!provider.honours(NOW, access) && provider.honours(NOW, refresh));
    assert_no_complaint(&provider);
}

#[test]
fn another_clients_token_stays() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let token = text(&tokens, "access_token");
    let form = Form::new(&[
        ("client_id", "poster"),
        ("client_secret", "secret"),
        ("token", token),
    ]);
    let response = provider.handle(NOW, &post("/revoke", &form));
    assert_eq!(json(&response)["error"], "unauthorized_client");
    assert!(provider.honours(NOW, token));
    assert_complaint(&provider, "another client's");
}

#[test]
fn a_client_that_does_not_authenticate_revokes_nothing() {
    let mut provider = provider();
    let form = Form::new(&[
        ("client_id", "poster"),
        ("client_secret", "wrong"),
        ("token", "t"),
    ]);
    let response = provider.handle(NOW, &post("/revoke", &form));
    assert_eq!(response.status(), 401);
    assert_no_complaint(&provider);
    revoke(&mut provider, "");
    assert_complaint(&provider, "token without a value");
}
