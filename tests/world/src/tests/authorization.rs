//! What the authorization endpoint refuses, where the refusal goes, and whether it is a complaint.

use super::*;

#[test]
fn a_request_that_cannot_be_trusted_is_refused_on_a_page() {
    let good = Form::authorization;
    let table = [
        (good().without("client_id"), "client_id is missing"),
        (good().set("client_id", "ghost"), "no client ghost"),
        (good().and("client_id", "app"), "client_id comes twice"),
        (good().without("redirect_uri"), "redirect_uri is missing"),
        (
            good().and("redirect_uri", CALLBACK),
            "redirect_uri comes twice",
        ),
        (
            good().set("redirect_uri", "https://app.example/callback/"),
            "not registered",
        ),
        (
            good().set("redirect_uri", "https://APP.example/callback"),
            "not registered",
        ),
        (
            good().set("redirect_uri", "https://app.example/callback?a=b"),
            "not registered",
        ),
        (
            good().set("redirect_uri", "https://app.example/callback#a"),
            "not registered",
        ),
        (good().and("state", "xyz"), "state comes twice"),
        (
            good().and("x_custom", "1").and("x_custom", "2"),
            "x_custom comes twice",
        ),
        (good().set("state", ""), "state without a value"),
        (
            good().and("client_secret", "secret"),
            "client_secret in a URL",
        ),
        (good().and("access_token", "abc"), "access_token in a URL"),
        (
            good().and("code_verifier", VERIFIER),
            "code_verifier in a URL",
        ),
    ];
    for (form, about) in table {
        let mut provider = provider();
        let landing = visit(&mut provider, &form);
        let page = landing.page.unwrap();
        assert_eq!(page.status(), 400, "{about}");
        assert!(landing.url.starts_with(ISSUER));
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_redirect_uri_with_a_fragment_is_refused_even_if_it_is_registered() {
    let uri = "https://app.example/callback#a";
    let mut provider = Provider::new(ISSUER).with(ClientRecord::public("app").redirect(uri));
    let landing = visit(
        &mut provider,
        &Form::authorization().set("redirect_uri", uri),
    );
    assert!(!landing.is_home());
    assert_complaint(&provider, "not registered");
}

#[test]
fn a_fault_of_the_request_goes_back_to_the_client() {
    let good = Form::authorization;
    let table = [
        (
            good().without("response_type"),
            "invalid_request",
            "response_type is missing",
        ),
        (
            good().without("state"),
            "invalid_request",
            "state is missing",
        ),
        (
            good().without("code_challenge"),
            "invalid_request",
            "code_challenge is missing",
        ),
        (
            good().without("code_challenge_method"),
            "invalid_request",
            "not S256",
        ),
        (
            good().set("code_challenge_method", "plain"),
            "invalid_request",
            "not S256",
        ),
        (
            good().set("code_challenge_method", "s256"),
            "invalid_request",
            "not S256",
        ),
        (
            good().set("code_challenge", &CHALLENGE[1..]),
            "invalid_request",
            "not base64url",
        ),
        (
            good().set("code_challenge", &CHALLENGE.replace('-', "+")),
            "invalid_request",
            "not base64url",
        ),
        (
            good().set("scope", "mail  profile"),
            "invalid_scope",
            "malformed",
        ),
        (good().set("scope", " mail"), "invalid_scope", "malformed"),
        (
            good().set("scope", "mail mail"),
            "invalid_scope",
            "malformed",
        ),
        (good().set("scope", "ma\"il"), "invalid_scope", "malformed"),
        (
            good().set("scope", "mail,profile\n"),
            "invalid_scope",
            "malformed",
        ),
        (good().and("resource", "/api"), "invalid_target", "absolute"),
        (
            good().and("resource", "https://id.example/api#a"),
            "invalid_target",
            "absolute",
        ),
        (
            good().and("authorization_details", "{}"),
            "invalid_authorization_details",
            "array",
        ),
        (
            good().and("authorization_details", "[{}]"),
            "invalid_authorization_details",
            "type",
        ),
        (
            good().and("authorization_details", "[]"),
            "invalid_authorization_details",
            "array",
        ),
        (
            good().and("authorization_details", "x"),
            "invalid_authorization_details",
            "array",
        ),
        (
            good().and("response_mode", "carrier_pigeon"),
            "invalid_request",
            "response_mode",
        ),
        (
            good().and("display", "hologram"),
            "invalid_request",
            "display",
        ),
        (good().and("max_age", "-1"), "invalid_request", "max_age"),
        (good().and("claims", "[]"), "invalid_request", "claims"),
        (
            good().and("prompt", "none login"),
            "invalid_request",
            "prompt=none",
        ),
        (
            good().and("prompt", "later"),
            "invalid_request",
            "no prompt later",
        ),
    ];
    for (form, error, about) in table {
        let mut provider = provider();
        let landing = visit(&mut provider, &form);
        assert!(landing.is_home(), "{about}");
        assert_eq!(landing.value("error"), error, "{about}");
        assert_eq!(landing.value("code"), "");
        assert_eq!(landing.value("iss"), ISSUER);
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_refusal_that_a_correct_client_can_meet_is_no_complaint() {
    let good = Form::authorization;
    for (form, error) in [
        (
            good().set("response_type", "token"),
            "unsupported_response_type",
        ),
        (good().and("request", "e30.e30."), "request_not_supported"),
        (
            good().and("request_uri", "urn:x"),
            "request_uri_not_supported",
        ),
        (good().set("scope", "admin"), "invalid_scope"),
    ] {
        let mut provider = Provider::new(ISSUER);
        let client = ClientRecord::public("app").redirect(CALLBACK);
        provider.register(client.scope("mail profile"));
        let landing = visit(&mut provider, &form);
        assert_eq!(landing.value("error"), error);
        assert_eq!(landing.value("state"), "xyz");
        assert_no_complaint(&provider);
    }
}

#[test]
fn state_nonce_and_challenge_serve_once() {
    let first = Form::authorization().and("nonce", "n");
    let fresh = |name: &str| {
        let mut other = first.clone();
        for (name_of, value) in [
            ("state", "s2"),
            ("nonce", "n2"),
            ("code_challenge", VERIFIER),
        ] {
            if name_of != name {
                other = other.set(name_of, value);
            }
        }
        other
    };
    for name in ["state", "nonce", "code_challenge"] {
        let mut provider = provider();
        assert_eq!(visit(&mut provider, &first).value("error"), "");
        // A reload is no fault of the client.
        assert_eq!(visit(&mut provider, &first).value("error"), "");
        assert_no_complaint(&provider);
        let landing = visit(&mut provider, &fresh(name));
        assert_eq!(landing.value("error"), "invalid_request");
        assert_complaint(&provider, &format!("{name} was used before"));
    }
}

#[test]
fn pkce_and_state_are_demanded_only_if_the_settings_say_so() {
    let bare = Form::authorization()
        .without("code_challenge")
        .without("code_challenge_method")
        .without("state");
    let mut provider = provider();
    provider.settings.pkce_required = false;
    provider.settings.state_required = false;
    let landing = visit(&mut provider, &bare);
    assert_eq!(landing.query().names(), ["code", "iss"]);
    let redemption = Form::redemption(&landing.value("code"));
    let response = provider.handle(NOW, &post("/token", &redemption));
    assert_eq!(json(&response)["error"], "invalid_grant");
    assert_complaint(&provider, "code_verifier without a code_challenge");
    let redemption = redemption.without("code_verifier");
    assert_eq!(
        provider.handle(NOW, &post("/token", &redemption)).status(),
        200
    );
}

#[test]
fn the_request_may_be_posted_as_a_form() {
    let mut provider = provider();
    let response = provider.handle(NOW, &post("/authorize", &Form::authorization()));
    assert_eq!(response.status(), 302);
    assert_no_complaint(&provider);
    let mut request = post("/authorize", &Form::authorization());
    *request.method_mut() = http::Method::PUT;
    assert_eq!(provider.handle(NOW, &request).status(), 405);
    assert_complaint(&provider, "no PUT here");
}

#[test]
fn a_request_for_another_server_is_misdirected() {
    let good = format!("/authorize?{}", Form::authorization().text());
    for (target, host) in [
        (format!("https://other.example{good}"), None),
        (format!("http://id.example{good}"), None),
        (format!("https://a@id.example{good}"), None),
        (format!("https://id.example:8443{good}"), None),
        (format!("https://id.example{good}"), Some("other.example")),
        (good.clone(), Some("other.example")),
        (good.clone(), None),
    ] {
        let mut provider = provider();
        let mut request = Request::get(&target);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let request = request.body(Vec::new()).unwrap();
        assert_eq!(provider.handle(NOW, &request).status(), 421, "{target}");
        assert_complaint(&provider, " is not ");
    }
    let request = Request::get(&good).header("host", "id.example");
    let request = request.body(Vec::new()).unwrap();
    assert_eq!(provider().handle(NOW, &request).status(), 302);
}

#[test]
fn iss_is_sent_and_advertised_separately() {
    let mut provider = provider();
    provider.settings.iss_sent = false;
    let landing = visit(&mut provider, &Form::authorization());
    assert_eq!(landing.query().names(), ["code", "state"]);
    let url = "/.well-known/oauth-authorization-server";
    let advertised = "authorization_response_iss_parameter_supported";
    assert_eq!(
        json(&provider.handle(NOW, &get(url, None)))[advertised],
        true
    );
    provider.settings.iss_advertised = false;
    assert!(json(&provider.handle(NOW, &get(url, None)))[advertised].is_null());
}
