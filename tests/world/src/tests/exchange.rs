//! Token exchange: what may be exchanged for what.

use super::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

fn uri(name: &str) -> String {
    format!("urn:ietf:params:oauth:token-type:{name}")
}

fn form(token: &str, kind: &str) -> Form {
    Form::new(&[("grant_type", GRANT), ("client_id", "app")])
        .and("subject_token", token)
        .and("subject_token_type", &uri(kind))
}

fn ask(provider: &mut Provider, form: &Form) -> Value {
    json(&provider.handle(NOW, &post("/token", form)))
}

#[test]
fn each_kind_is_exchanged_as_what_it_is() {
    let mut provider = provider();
    provider.settings.assertions = vec!["e30.e30.".to_owned(), "<a>?</a>".to_owned()];
    let tokens = sign_in(&mut provider);
    for (token, kind) in [
        (text(&tokens, "access_token"), "access_token"),
        (text(&tokens, "refresh_token"), "refresh_token"),
        ("e30.e30.", "jwt"),
        ("e30.e30.", "id_token"),
        ("PGE-PzwvYT4", "saml2"),
    ] {
        let answer = ask(&mut provider, &form(token, kind));
        assert_eq!(answer["issued_token_type"], uri("access_token"), "{kind}");
        assert_eq!(answer["scope"], "mail profile");
        assert!(provider.honours(NOW, text(&answer, "access_token")));
    }
    let crossed = form(text(&tokens, "access_token"), "refresh_token");
    assert_eq!(ask(&mut provider, &crossed)["error"], "invalid_request");
    assert_no_complaint(&provider);
}

#[test]
fn each_kind_is_issued_as_what_it_is() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let good = form(text(&tokens, "access_token"), "access_token").and("scope", "mail");
    for (kind, token_type) in [
        ("access_token", "Bearer"),
        ("jwt", "Bearer"),
        ("refresh_token", "N_A"),
        ("id_token", "N_A"),
        ("saml2", "N_A"),
    ] {
        let form = good.clone().and("requested_token_type", &uri(kind));
        let answer = ask(&mut provider, &form);
        assert_eq!(answer["issued_token_type"], uri(kind));
        assert_eq!(answer["token_type"], token_type);
    }
    let odd = good.and("requested_token_type", "urn:example:odd");
    assert_eq!(ask(&mut provider, &odd)["error"], "invalid_request");
    assert_no_complaint(&provider);
}

#[test]
fn more_than_the_subject_has_is_refused() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let good = form(text(&tokens, "access_token"), "access_token");
    let answer = ask(&mut provider, &good.clone().and("scope", "admin"));
    assert_eq!(answer["error"], "invalid_scope");
    let answer = ask(&mut provider, &good.clone().set("subject_token", "unknown"));
    assert_eq!(answer["error"], "invalid_request");
    assert_no_complaint(&provider);
    for (form, about) in [
        (
            good.clone().and("actor_token_type", &uri("jwt")),
            "actor_token_type without actor_token",
        ),
        (
            good.clone().and("actor_token", "e30.e30."),
            "actor_token_type is missing",
        ),
        (
            good.without("subject_token_type"),
            "subject_token_type is missing",
        ),
    ] {
        let mut provider = provider.clone();
        ask(&mut provider, &form);
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_refresh_token_is_its_clients_own() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let form = form(text(&tokens, "refresh_token"), "refresh_token")
        .set("client_id", "poster")
        .and("client_secret", "secret");
    assert_eq!(ask(&mut provider, &form)["error"], "invalid_request");
    assert_complaint(&provider, "another client's");
}
