//! Response types other than `code`: where they come back, and with what.

use super::*;
use crate::Consent;

fn of_type(response_type: &str) -> Form {
    Form::authorization()
        .set("response_type", response_type)
        .without("code_challenge")
        .without("code_challenge_method")
}

fn generous() -> Provider {
    let mut provider = provider();
    let types = ["code", "token", "code token", "none"];
    provider.settings.response_types = types.map(ToOwned::to_owned).to_vec();
    provider
}

#[test]
fn a_token_comes_in_the_fragment() {
    let mut provider = generous();
    provider.settings.consent = Consent::Only(vec!["mail".to_owned()]);
    let landing = visit(&mut provider, &of_type("token"));
    assert!(landing.url.starts_with("https://app.example/callback#"));
    let names = [
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "state",
        "iss",
    ];
    assert_eq!(landing.query().names(), names);
    assert_eq!(landing.value("scope"), "mail");
    assert!(provider.honours(NOW, &landing.value("access_token")));
    assert_no_complaint(&provider);
}

#[test]
fn a_code_and_a_token_come_together() {
    let mut provider = generous();
    let form = Form::authorization().set("response_type", "token code");
    let landing = visit(&mut provider, &form);
    assert!(landing.url.starts_with("https://app.example/callback#"));
    assert!(provider.honours(NOW, &landing.value("access_token")));
    let redemption = Form::redemption(&landing.value("code"));
    assert_eq!(
        provider.handle(NOW, &post("/token", &redemption)).status(),
        200
    );
    assert_no_complaint(&provider);
}

#[test]
fn nothing_comes_in_the_query() {
    let mut provider = generous();
    let landing = visit(&mut provider, &of_type("none"));
    assert!(
        landing
            .url
            .starts_with("https://app.example/callback?state=xyz")
    );
    assert_eq!(landing.query().names(), ["state", "iss"]);
    assert_no_complaint(&provider);
}

#[test]
fn a_form_is_posted_and_an_error_travels_the_same_way() {
    for (consent, first) in [(Consent::All, "access_token"), (Consent::Denied, "error")] {
        let mut provider = generous();
        provider.settings.consent = consent;
        let posted = of_type("token").and("response_mode", "form_post");
        let landing = visit(&mut provider, &posted);
        assert!(landing.body.unwrap().starts_with(first));
        let landing = visit(&mut provider, &of_type("token").set("state", "other"));
        assert!(landing.url.contains(&format!("#{first}=")));
    }
}

#[test]
fn what_is_not_offered_is_refused() {
    for response_type in ["token", "code token", "none", "id_token", "code id_token"] {
        let landing = visit(&mut provider(), &of_type(response_type));
        assert_eq!(landing.value("error"), "unsupported_response_type");
    }
    let mut provider = generous();
    let in_query = of_type("token").and("response_mode", "query");
    assert_eq!(
        visit(&mut provider, &in_query).value("error"),
        "invalid_request"
    );
    assert_complaint(&provider, "an access token in a query");
}

#[test]
fn a_code_still_wants_a_challenge() {
    let mut provider = generous();
    let landing = visit(&mut provider, &of_type("code token"));
    assert_eq!(landing.value("error"), "invalid_request");
    assert_complaint(&provider, "code_challenge is missing");
}
