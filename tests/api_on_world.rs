//! An API on the provider in memory, called with tokens that are renewed on the way: what is sent, what
//! is kept, and what comes back.

#![cfg(test)]

use std::sync::Arc;
use std::sync::Mutex;

use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::step_up::StepUp;
use oauth_proto::flow::Flow;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::holder::Holder;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::PollAnswer;
use oauth_proto_world::Provider;

use crate::cast::BASE;
use crate::cast::Played;
use crate::cast::at;
use crate::cast::play;
use crate::cast::signed_in;
use crate::common::confidential::confidential;
use crate::common::device::polls;
use crate::common::device::waiting;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::patience::Patience;
use crate::common::run::run;

mod common {
    pub(crate) mod app;
    pub(crate) mod confidential;
    pub(crate) mod device;
    #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod patience;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}
#[path = "calls/cast.rs"]
mod cast;
#[path = "calls/crowd.rs"]
mod crowd;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "calls/possession.rs"]
mod possession;
#[path = "calls/shared.rs"]
mod shared;

fn requests(provider: &Provider, endpoint: Endpoint) -> usize {
    provider.log().with(endpoint).len()
}

/// When the tokens are due, whatever the jitter, and not expired.
const DUE: UnixTime = at(3_000);

#[test]
fn fresh_tokens_go_as_they_are() {
    let (mut provider, _, api) = signed_in();
    let answer = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(requests(&provider, Endpoint::Token), 1);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn tokens_that_are_due_or_expired_are_renewed_first() {
    for now in [DUE, at(3_600), at(86_400)] {
        let (mut provider, _, api) = signed_in();
        let first = api.lease().tokens().unwrap();
        let answer = run(&mut provider, now, api.call(api.get("mail"))).unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(requests(&provider, Endpoint::Token), 2);
        assert_eq!(requests(&provider, Endpoint::Api), 1);
        let second = api.lease().tokens().unwrap();
        assert_ne!(second.refresh_token(), first.refresh_token());
        run(&mut provider, now, api.call(api.get("mail"))).unwrap();
        assert_eq!(requests(&provider, Endpoint::Token), 2);
    }
}

#[test]
fn a_token_that_still_works_is_used_where_it_cannot_be_renewed() {
    for change in [Change::Status(503), Change::error("invalid_client")] {
        let (mut provider, _, api) = signed_in();
        provider.mutate(Mutation::new(Endpoint::Token, change));
        let answered = run(&mut provider, DUE, api.call(api.get("mail")));
        assert_eq!(requests(&provider, Endpoint::Token), 2);
        assert_eq!(answered.unwrap().status(), 200);
        // The failure is remembered: the next call does not ask again.
        run(&mut provider, DUE, api.call(api.get("mail"))).unwrap();
        assert_eq!(requests(&provider, Endpoint::Token), 2);
    }
}

#[test]
fn an_expired_token_that_cannot_be_renewed_goes_nowhere() {
    let (mut provider, _, api) = signed_in();
    provider.settings.refresh.rotated = false;
    provider.mutate(Mutation::new(Endpoint::Token, Change::Status(503)).times(1));
    let late = at(4_000);
    let error = run(&mut provider, late, api.call(api.get("mail"))).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Retry);
    let error = run(&mut provider, late, api.call(api.get("mail"))).unwrap_err();
    let is_held_back = matches!(error, Error::Expired(Expired::HeldBack { until }) if until > late);
    assert!(is_held_back, "{error}");
    assert_eq!(requests(&provider, Endpoint::Api), 0);
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    let answer = run(&mut provider, at(4_001), api.call(api.get("mail"))).unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn a_dead_grant_is_told_and_remembered() {
    let (mut provider, _, api) = signed_in();
    provider.end_grants();
    for _ in 0..2 {
        let error = run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap_err();
        let Error::Refused(refusal) = &error else {
            panic!("{error}");
        };
        assert_eq!(refusal.code(), Some(&ErrorCode::InvalidGrant));
        assert_eq!(error.remedy(), Remedy::SignInAgain);
    }
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_request_sent_again() {
    let (mut provider, _, api) = signed_in();
    provider.end_access_tokens();
    let request = api.post("mail").json(&[1]);
    let answer = run(&mut provider, NOW, api.call(request)).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(requests(&provider, Endpoint::Api), 2);
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    let bodies = provider.log().with(Endpoint::Api);
    let bodies: Vec<_> = bodies.iter().map(|sent| sent.request.body()).collect();
    assert_eq!(bodies, [b"[1]", b"[1]"]);
    run(&mut provider, NOW, api.call(api.get("mail"))).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

/// The challenge of an API that takes no token at all.
fn refusing() -> Mutation {
    Mutation::new(Endpoint::Api, Change::Status(401)).and(Change::header(
        "www-authenticate",
        "Bearer error=\"invalid_token\"",
    ))
}

#[test]
fn a_second_refusal_is_final_and_the_renewed_tokens_are_kept() {
    let (mut provider, _, api) = signed_in();
    let first = api.lease().tokens().unwrap();
    provider.mutate(refusing());
    let error = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal) if refusal.status().unwrap() == 401));
    assert_eq!(requests(&provider, Endpoint::Api), 2);
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    let second = api.lease().tokens().unwrap();
    assert_ne!(second.refresh_token(), first.refresh_token());
    let refresh = second.refresh_token().unwrap();
    assert!(provider.honours(NOW.as_secs(), refresh.expose()));
}

#[test]
fn a_request_that_goes_once_is_not_sent_again() {
    let (mut provider, _, api) = signed_in();
    provider.end_access_tokens();
    let error = run(&mut provider, NOW, api.call(api.post("mail").once())).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Renew);
    assert_eq!(requests(&provider, Endpoint::Api), 1);
    // It is renewed for the next one.
    run(&mut provider, NOW, api.call(api.post("mail").once())).unwrap();
    assert_eq!(requests(&provider, Endpoint::Api), 2);
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

#[test]
fn a_refused_token_that_nothing_renews_is_the_apis_refusal() {
    let (mut provider, client, api) = signed_in();
    let mut stored = serde_json::to_value(api.lease().tokens()).unwrap();
    stored.as_object_mut().unwrap().remove("refresh_token");
    let tokens: Tokens = serde_json::from_value(stored).unwrap();
    let api = Api::new(&client, BASE, Lease::new(tokens)).unwrap();
    run(&mut provider, DUE, api.call(api.get("mail"))).unwrap();
    provider.end_access_tokens();
    let error = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal) if refusal.status().unwrap() == 401));
    assert_eq!(requests(&provider, Endpoint::Token), 1);
    let error = run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
}

#[test]
fn a_demand_for_more_is_data_for_another_sign_in() {
    let (mut provider, client, api) = signed_in();
    provider.settings.api_scopes = vec![("/api/admin".to_owned(), "admin".to_owned())];
    let error = run(&mut provider, NOW, api.call(api.get("admin"))).unwrap_err();
    let Error::Refused(refusal) = &error else {
        panic!("{error}");
    };
    let step_up = StepUp::from_refusal(refusal).unwrap().unwrap();
    assert_eq!(step_up.scope().as_str(), "admin");
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    let tokens = api.lease().tokens().unwrap();
    let request = step_up.authorization_request(tokens.scope());
    let (url, _) = client.authorize(NOW, request).unwrap();
    assert!(url.as_str().contains("scope=mail%20admin"), "{url:?}");
    assert_eq!(requests(&provider, Endpoint::Api), 1);
    assert_eq!(requests(&provider, Endpoint::Token), 1);

    provider.mutate(
        Mutation::new(Endpoint::Api, Change::Status(401)).and(Change::header(
            "www-authenticate",
            "Bearer error=\"insufficient_user_authentication\", max_age=\"5\"",
        )),
    );
    let Error::Refused(refusal) = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err()
    else {
        panic!("no demand");
    };
    let step_up = StepUp::from_refusal(&refusal).unwrap().unwrap();
    assert_eq!(step_up.max_age().unwrap().as_secs(), 5);
}

#[test]
fn a_status_of_an_error_is_one_and_holds_the_answer() {
    let (mut provider, _, api) = signed_in();
    provider.mutate(
        Mutation::new(Endpoint::Api, Change::Status(422))
            .and(Change::header("x-fault", "7"))
            .and(Change::body("hush, the s3cret")),
    );
    let error = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err();
    let shown = format!("{error} {error:?}");
    let Error::Refused(refusal) = &error else {
        panic!("{error}");
    };
    assert_eq!(refusal.status().unwrap(), 422);
    assert_eq!(refusal.headers()["x-fault"], "7");
    assert_eq!(refusal.body(), b"hush, the s3cret");
    assert_eq!(error.remedy(), Remedy::ReadAnswer);
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(error.to_string().ends_with("status 422"), "{error}");

    let answer = run(
        &mut provider,
        NOW,
        api.call(api.get("mail").status_errors(false)),
    );
    assert_eq!(answer.unwrap().status(), 422);
    let api = api.with_status_errors(false);
    let answer = run(&mut provider, NOW, api.call(api.get("mail")));
    assert_eq!(answer.unwrap().status(), 422);
    let answer = run(
        &mut provider,
        NOW,
        api.call(api.get("mail").status_errors(true)),
    );
    answer.unwrap_err();
    provider.behave();
    provider.mutate(Mutation::new(Endpoint::Api, Change::Status(503)));
    let api = api.with_status_errors(true);
    let error = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Retry);
}

#[test]
fn an_answer_of_the_api_that_is_lost_loses_no_tokens() {
    let (mut provider, _, api) = signed_in();
    let first = api.lease().tokens().unwrap();
    let lost = play(&mut provider, at(4_000), api.call(api.get("mail")), &[1]);
    assert!(matches!(lost, Played::Lost), "{lost:?}");
    let second = api.lease().tokens().unwrap();
    assert_ne!(second.refresh_token(), first.refresh_token());
    assert_eq!(requests(&provider, Endpoint::Api), 1, "not sent again");
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

/// The refresh arrived and its answer did not: it is repeated once, and where the server knows its own
/// answer again the grant is alive.
#[test]
fn an_answer_of_the_server_that_is_lost_is_asked_for_once_more() {
    let (mut provider, _, api) = signed_in();
    provider.settings.refresh.grace = 60;
    let played = play(&mut provider, at(4_000), api.call(api.get("mail")), &[0]);
    let Played::Done(answer) = played else {
        panic!("{played:?}");
    };
    assert_eq!(answer.status(), 200);
    assert_eq!(requests(&provider, Endpoint::Token), 3);

    let (mut provider, _, api) = signed_in();
    let lost = play(&mut provider, at(4_000), api.call(api.get("mail")), &[0, 1]);
    assert!(matches!(lost, Played::Lost), "{lost:?}");
    assert_eq!(requests(&provider, Endpoint::Api), 0);

    let (mut provider, _, api) = signed_in();
    provider.settings.refresh.grace = 60;
    let played = play(&mut provider, DUE, api.call(api.get("mail")), &[0, 1]);
    assert!(matches!(played, Played::Done(_)), "{played:?}");
    assert_eq!(requests(&provider, Endpoint::Api), 1);
}

#[test]
fn new_tokens_are_told_of_before_they_are_used() {
    let (mut provider, client, api) = signed_in();
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    let holder = api.lease().clone().telling(move |tokens| {
        kept.lock().unwrap().push(tokens.clone());
    });
    let api = Api::new(&client, BASE, holder).unwrap();
    let lost = play(&mut provider, at(4_000), api.call(api.get("mail")), &[1]);
    assert!(matches!(lost, Played::Lost));
    let told = told.lock().unwrap().clone();
    assert_eq!(told, [api.lease().tokens().unwrap()]);
    let refresh = told[0].refresh_token().unwrap();
    assert!(provider.honours(at(4_000).as_secs(), refresh.expose()));
}

#[test]
fn a_token_goes_nowhere_but_to_its_api() {
    let (mut provider, _, api) = signed_in();
    let before = provider.log().requests_to("").len();
    for address in [
        "https://evil.example/api/mail",
        "http://id.example/api/mail",
        "https://id.example:444/api/mail",
        "https://id.example/api/../token",
        "https://id.example/api/%2e%2e/token",
        "https://id.example/apis/mail",
        "https://id.example@evil.example/api/mail",
    ] {
        let request = Request::get(address).body(Vec::new()).unwrap();
        let error = api.call(request).begin(NOW).unwrap_err();
        let is_misuse = matches!(
            error,
            Error::Misuse(Misuse::Elsewhere { .. } | Misuse::Path { .. })
        );
        assert!(is_misuse, "{address}: {error}");
    }
    for path in [
        "../token",
        "//evil.example",
        "https://evil.example",
        "%2e%2e/token",
    ] {
        let error = api.call(api.get(path)).begin(at(4_000)).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Path { .. })),
            "{error}"
        );
    }
    assert_eq!(provider.log().requests_to("").len(), before);
    let request = Request::get(format!("{BASE}/mail?x=../../y")).body(Vec::new());
    let answer = run(&mut provider, NOW, api.call(request.unwrap())).unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn tokens_of_another_client_are_refused() {
    let (_, _, api) = signed_in();
    let (_, other) = parties(ISSUER, ClientRecord::public("other"), Authentication::None);
    let api = Api::new(&other, BASE, api.lease().clone()).unwrap();
    let error = api.call(api.get("mail")).begin(NOW).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::OtherClient { .. })),
        "{error}"
    );
}

#[test]
fn what_is_forgotten_is_gone_until_the_next_sign_in() {
    let (mut provider, _, api) = signed_in();
    let tokens = api.lease().tokens().unwrap();
    api.lease().forget(NOW);
    let error = run(&mut provider, NOW, api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
    api.lease().sign_in(NOW, tokens);
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
}

#[test]
fn a_client_gets_its_own_tokens_by_the_first_call() {
    let (mut provider, client) = confidential();
    let grant = Grant::client_credentials(&client).scope("mail");
    let lease = Lease::obtained_by(Renewal::grant(grant));
    let api = Api::new(&client, BASE, lease).unwrap();
    for now in [NOW, NOW, at(4_000)] {
        run(&mut provider, now, api.call(api.get("mail"))).unwrap();
    }
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

#[test]
fn a_user_on_another_device_is_waited_for_by_the_first_call() {
    let (mut provider, client, pending) = waiting(&[PollAnswer::Pending, PollAnswer::Pending]);
    let lease = Lease::obtained_by(Renewal::device(pending));
    let api = Api::new(&client, BASE, lease).unwrap();
    let mut patience = Patience::new(&mut provider);
    let answer = patience.run(api.call(api.get("mail"))).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(patience.waits, [5, 5, 5]);
    assert_eq!(polls(&provider), [5, 10, 15]);
}

#[test]
fn nothing_shows_a_secret() {
    let (mut provider, _, api) = signed_in();
    let tokens = api.lease().tokens().unwrap();
    let call = api.call(api.get("s3cret").json(&["s3cret"]));
    let request = api.get("s3cret");
    let mut shown = format!("{api:?} {:?} {call:?} {request:?}", api.lease());
    let step = call.begin(at(4_000)).unwrap();
    shown += &format!("{step:?}");
    for secret in [tokens.access_token(), tokens.refresh_token().unwrap()] {
        assert!(!shown.contains(secret.expose()), "{shown}");
    }
    assert!(!shown.contains("s3cret"), "{shown}");
    drop(step);
    let holder: Holder = api.lease().clone();
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
    assert_eq!(holder.tokens(), api.lease().tokens());
}
