//! Pushed authorization requests: what the endpoint takes, and what its references are good for.

use super::*;

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The reference to a request that was pushed.
fn push(provider: &mut Provider, form: &Form) -> String {
    let response = provider.handle(NOW, &post("/par", form));
    assert_eq!(response.status(), 201, "{response:?}");
    assert_eq!(json(&response)["expires_in"], 60);
    text(&json(&response), "request_uri").to_owned()
}

fn reference(uri: &str) -> Form {
    Form::new(&[("client_id", "app"), ("request_uri", uri)])
}

#[test]
fn a_pushed_request_is_answered_as_any_other() {
    let mut provider = provider();
    let uri = push(&mut provider, &Form::authorization());
    assert!(uri.starts_with(PREFIX));
    let landing = visit(&mut provider, &reference(&uri));
    assert_eq!(landing.value("state"), "xyz");
    let code = landing.value("code");
    let response = provider.handle(NOW, &post("/token", &Form::redemption(&code)));
    assert_eq!(json(&response)["scope"], "mail profile");
    assert_no_complaint(&provider);
}

#[test]
fn each_authentication_method_pushes() {
    let basic = "Basic d2ViK2FwcDpzJTI1JTNBJTJCJUMzJUE5KyUyRg==";
    let form = Form::authorization().set("client_id", "web app");
    let mut provider = provider();
    let mut request = post("/par", &form);
    let header = basic.parse().unwrap();
    request.headers_mut().insert("authorization", header);
    assert_eq!(provider.handle(NOW, &request).status(), 201);

    let form = form
        .set("client_id", "poster")
        .and("client_secret", "secret");
    assert_eq!(provider.handle(NOW, &post("/par", &form)).status(), 201);
    assert_no_complaint(&provider);
}

#[test]
fn a_push_that_is_wrong_is_refused() {
    let good = Form::authorization;
    let table = [
        (good().without("client_id"), "client_id is missing"),
        (good().set("client_id", "ghost"), ""),
        (
            good().set("client_id", "poster"),
            "none where client_secret_post",
        ),
        (
            good().and("request_uri", "urn:x"),
            "request_uri in a pushed",
        ),
        (
            good().set("redirect_uri", "https://evil.example/"),
            "not registered",
        ),
        (good().without("response_type"), "response_type is missing"),
        (
            good().without("code_challenge"),
            "code_challenge is missing",
        ),
        (good().and("state", "xyz"), "state comes twice"),
    ];
    for (form, about) in table {
        let mut provider = provider();
        let response = provider.handle(NOW, &post("/par", &form));
        assert!(response.status().is_client_error(), "{about}");
        if about.is_empty() {
            assert_no_complaint(&provider);
        } else {
            assert_complaint(&provider, about);
        }
    }
}

#[test]
fn a_reference_is_good_once_alone_in_time_and_for_its_client() {
    let mut provider = provider();
    let uri = push(&mut provider, &Form::authorization());
    let late = Browser::new().visit(&mut provider, NOW + 60, &reference(&uri).url());
    assert!(!late.is_home());
    assert_no_complaint(&provider);
    for (form, about) in [
        (
            reference(&uri).and("scope", "all"),
            "scope beside a request_uri",
        ),
        (
            reference(&uri).set("client_id", "poster"),
            "another client's",
        ),
        (reference(&format!("{PREFIX}1")), "no such request_uri"),
    ] {
        let mut provider = provider.clone();
        assert!(!visit(&mut provider, &form).is_home(), "{about}");
        assert_complaint(&provider, about);
    }
    assert!(visit(&mut provider, &reference(&uri)).is_home());
    assert!(!visit(&mut provider, &reference(&uri)).is_home());
    assert_complaint(&provider, "used before");
}

#[test]
fn a_server_may_take_pushed_requests_only() {
    let mut provider = provider();
    provider.settings.pushed_required = true;
    let path = "/.well-known/openid-configuration";
    let metadata = json(&provider.handle(NOW, &get(path, None)));
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    let uri = push(&mut provider, &Form::authorization());
    assert!(visit(&mut provider, &reference(&uri)).is_home());
    assert_no_complaint(&provider);
    let plain = Form::authorization().set("state", "other");
    assert!(!visit(&mut provider, &plain).is_home());
    assert_complaint(&provider, "was not pushed");
}
