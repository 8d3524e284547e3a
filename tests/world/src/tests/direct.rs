//! Grants that need no browser.

use super::*;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SAML2_BEARER: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

fn form(grant_type: &str) -> Form {
    let poster = [("client_id", "poster"), ("client_secret", "secret")];
    Form::new(&poster).and("grant_type", grant_type)
}

fn ask(provider: &mut Provider, form: &Form) -> Value {
    json(&provider.handle(NOW, &post("/token", form)))
}

#[test]
fn a_client_gets_tokens_for_itself_if_it_authenticates() {
    let mut provider = provider();
    let answer = ask(
        &mut provider,
        &form("client_credentials").and("scope", "mail"),
    );
    assert_eq!(answer["scope"], "mail");
    assert!(answer["refresh_token"].is_null());
    let token = text(&answer, "access_token");
    let seen = json(&provider.handle(NOW, &get("/api/mail", Some(token))));
    assert_eq!(seen["sub"], "poster");
    assert_no_complaint(&provider);

    let public = Form::new(&[("client_id", "app"), ("grant_type", "client_credentials")]);
    assert_eq!(ask(&mut provider, &public)["error"], "unauthorized_client");
    assert_complaint(&provider, "client_credentials of a public client");
}

#[test]
fn a_password_is_compared() {
    let mut provider = provider();
    let good = form("password")
        .and("username", "ada@id.example")
        .and("password", "open sesame");
    let answer = ask(&mut provider, &good);
    assert!(provider.honours(NOW, text(&answer, "refresh_token")));
    for (name, value) in [("username", "bob"), ("password", "open")] {
        let answer = ask(&mut provider, &good.clone().set(name, value));
        assert_eq!(answer["error"], "invalid_grant", "{name}");
    }
    assert_no_complaint(&provider);
    assert_eq!(
        ask(&mut provider, &good.without("password"))["error"],
        "invalid_request"
    );
    assert_complaint(&provider, "password is missing");
}

#[test]
fn assertions_are_known_or_not() {
    let mut provider = provider();
    provider.settings.assertions = vec!["e30.e30.".to_owned(), "<a>?</a>".to_owned()];
    for (grant_type, assertion, error) in [
        (JWT_BEARER, "e30.e30.", None),
        (JWT_BEARER, "e30.e30.e30", Some("invalid_grant")),
        (SAML2_BEARER, "PGE-PzwvYT4", None),
        (SAML2_BEARER, "PGI-", Some("invalid_grant")),
    ] {
        let answer = ask(&mut provider, &form(grant_type).and("assertion", assertion));
        assert_eq!(answer["error"].as_str(), error, "{assertion}");
        assert!(answer["refresh_token"].is_null());
    }
    assert_no_complaint(&provider);
    // The standard alphabet, and padding.
    for assertion in ["PGE+PzwvYT4", "PGE-PzwvYT4="] {
        let mut provider = provider.clone();
        ask(
            &mut provider,
            &form(SAML2_BEARER).and("assertion", assertion),
        );
        assert_complaint(&provider, "not base64url of XML");
    }
}

#[test]
fn a_grant_type_of_its_own_is_a_setting() {
    let mut provider = provider();
    let voucher = form("urn:example:voucher").and("voucher", "V1");
    assert_eq!(
        ask(&mut provider, &voucher)["error"],
        "unsupported_grant_type"
    );
    provider.settings.extension_grants = vec!["urn:example:voucher".to_owned()];
    let answer = ask(&mut provider, &voucher);
    assert!(provider.honours(NOW, text(&answer, "access_token")));
    assert_no_complaint(&provider);
}

#[test]
fn a_client_gets_no_more_than_its_scope() {
    let mut provider =
        Provider::new(ISSUER).with(ClientRecord::post("poster", "secret").scope("mail"));
    let answer = ask(
        &mut provider,
        &form("client_credentials").and("scope", "admin"),
    );
    assert_eq!(answer["error"], "invalid_scope");
    assert_no_complaint(&provider);
}
