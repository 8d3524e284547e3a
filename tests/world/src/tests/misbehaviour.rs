//! Orders to misbehave are carried out, and every fault of the catalogue does something.

use std::collections::BTreeSet;

use crate::Change;
use crate::Edit;
use crate::Endpoint;
use crate::Mutation;
use crate::faults;
use crate::faults::Fault;

use super::*;

/// What a provider says in a sign-in: both documents, the authorization response, the tokens.
fn said(mutation: Option<Mutation>) -> [String; 4] {
    let mut provider = provider();
    let code = code(&mut provider.clone());
    if let Some(mutation) = mutation {
        provider.mutate(mutation);
    }
    let metadata = ["openid-configuration", "oauth-authorization-server"]
        .map(|name| provider.handle(NOW, &get(&format!("/.well-known/{name}"), None)));
    let landing = visit(&mut provider, &Form::authorization());
    let tokens = provider.handle(NOW, &post("/token", &Form::redemption(&code)));
    let [openid, oauth] = metadata.map(|response| format!("{response:?}"));
    [openid, oauth, landing.url, format!("{tokens:?}")]
}

/// Which of the four differ from what a well-behaved provider says.
fn spoilt(fault: &Fault) -> [bool; 4] {
    let (good, bad) = (said(None), said(Some(fault.mutation.clone())));
    std::array::from_fn(|index| good[index] != bad[index])
}

#[test]
fn every_fault_spoils_what_it_is_for_and_nothing_else() {
    let endpoints = [Endpoint::Metadata, Endpoint::Token];
    let any_json = endpoints.map(|endpoint| faults::any_json(endpoint, 1 << 16));
    let [envelope_of_metadata, envelope_of_token] = any_json;
    for (faults, expected) in [
        (faults::metadata(), [true, true, false, false]),
        (faults::authorization(), [false, false, true, false]),
        (faults::token(), [false, false, false, true]),
        (envelope_of_metadata, [true, true, false, false]),
        (envelope_of_token, [false, false, false, true]),
    ] {
        let mut names = BTreeSet::new();
        for fault in &faults {
            assert_eq!(spoilt(fault), expected, "{}", fault.name);
            assert!(names.insert(fault.name), "{} comes twice", fault.name);
        }
        let forms = faults.iter().map(|fault| format!("{:?}", fault.mutation));
        assert_eq!(forms.collect::<BTreeSet<_>>().len(), faults.len());
    }
}

#[test]
fn a_mutation_strikes_when_and_where_it_is_told() {
    let mut provider = provider();
    let strike = Mutation::new(Endpoint::Api, Change::Status(500))
        .after(1)
        .times(1);
    provider.mutate(strike);
    provider.mutate(Mutation::new(Endpoint::Any, Change::header("x-any", "1")));
    let tokens = sign_in(&mut provider);
    let request = get("/api/mail", Some(text(&tokens, "access_token")));
    let statuses: Vec<_> = (0..3)
        .map(|_| provider.handle(NOW, &request).status().as_u16())
        .collect();
    assert_eq!(statuses, [200, 500, 200]);
    assert!(
        provider
            .log()
            .exchanges()
            .iter()
            .all(|one| one.answered("x-any") == Some("1"))
    );
    provider.behave();
    assert!(
        !provider
            .handle(NOW, &request)
            .headers()
            .contains_key("x-any")
    );
    assert_no_complaint(&provider);
}

#[test]
fn the_provider_has_acted_before_its_answer_is_spoilt() {
    let mut provider = provider();
    let first = sign_in(&mut provider);
    provider.mutate(Mutation::new(Endpoint::Token, Change::Status(502)).times(1));
    let token = text(&first, "refresh_token");
    let request = post("/token", &Form::refreshment(token));
    assert_eq!(provider.handle(NOW, &request).status(), 502);
    assert!(!provider.honours(NOW, token));
}

#[test]
fn an_ordered_error_keeps_state_and_issuer() {
    let mut provider = provider();
    let error = Change::error("temporarily_unavailable");
    provider.mutate(Mutation::new(Endpoint::Authorization, error));
    let landing = visit(&mut provider, &Form::authorization());
    let mut names = landing.query().names().join(" ");
    assert_eq!(names, "state iss error error_description");
    provider.behave();
    let both = Change::member("error", Edit::set("access_denied"));
    provider.mutate(Mutation::new(Endpoint::Authorization, both));
    names = visit(&mut provider, &Form::authorization())
        .query()
        .names()
        .join(" ");
    assert_eq!(names, "code state iss error");
}

#[test]
fn the_browser_follows_a_redirect_away_and_no_loop() {
    let mut provider = provider();
    let away = Change::redirect("https://evil.example/?code=1");
    provider.mutate(Mutation::new(Endpoint::Authorization, away));
    let landing = visit(&mut provider, &Form::authorization());
    assert_eq!(landing.url, "https://evil.example/?code=1");
    provider.behave();
    let round = Change::redirect("/authorize");
    provider.mutate(Mutation::new(Endpoint::Authorization, round));
    provider.settings.fresh_required = false;
    let landing = visit(&mut provider, &Form::authorization());
    assert_eq!(landing.url, "https://id.example/authorize");
    assert!(!landing.is_home());
    assert_eq!(provider.log().len(), 11);
    let long = Form::authorization().and("x_long", &"a".repeat(70_000));
    assert_eq!(visit(&mut provider, &long).page.unwrap().status(), 414);
}

#[test]
fn what_http_cannot_carry_is_reported() {
    let mut provider = provider();
    let odd = Mutation::new(Endpoint::Jwks, Change::Status(99));
    provider.mutate(odd.and(Change::header("x-odd", "a\nb")));
    let response = provider.handle(NOW, &get("/jwks", None));
    assert_eq!(response.status(), 200);
    assert_eq!(
        provider.complaints(),
        [
            "world: no status 99 in HTTP",
            "world: no header `x-odd: a\nb` in HTTP"
        ]
    );
}
