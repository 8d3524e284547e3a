//! What stops a sign-in: the server's no, a response that belongs elsewhere, time, the program's own
//! mistakes. Wherever the response is rejected, no code leaves (RFC 6749 section 10, RFC 9207,
//! RFC 9700 section 4.4).

use std::time::Duration;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Consent;
use oauth_proto_world::Parameters;
use oauth_proto_world::Provider;
use oauth_proto_world::Settings;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::parties::discovered;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::common::wire::assert_clean;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
    pub(crate) mod wire;
}

#[test]
fn a_no_at_the_authorization_endpoint_is_the_end() {
    type Set = fn(&mut Settings);
    let denied: Set = |settings| settings.consent = Consent::Denied;
    let away: Set = |settings| settings.consent = Consent::NeedsLogin;
    let asking: Set = |settings| settings.interactive = true;
    let unchanged: Set = |_| {};
    let mail = AuthorizationRequest::new(["mail"]);
    let table = [
        ("denied", denied, mail.clone(), "access_denied"),
        ("away", away, mail.clone().prompt("none"), "login_required"),
        (
            "asking",
            asking,
            mail.clone().prompt("none"),
            "login_required",
        ),
        (
            "not for us",
            unchanged,
            AuthorizationRequest::new(["admin"]),
            "invalid_scope",
        ),
    ];
    for (name, set, request, code) in table {
        let record = ClientRecord::public("app").scope("mail");
        let (mut provider, client) = parties(ISSUER, record, Authentication::None);
        set(&mut provider.settings);
        let (pending, landing) = send_user(&mut provider, &client, request);
        let Err(Error::Refused(refusal)) = client.resume(NOW, pending, &landing.url) else {
            panic!("{name}: not refused");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code, "{name}");
        assert_eq!(refusal.endpoint(), Endpoint::Authorization, "{name}");
        assert_eq!(refusal.status(), None, "{name}");
        assert!(refusal.description().is_some(), "{name}");
        assert_no_code_left(&provider);
        assert_clean(&provider);
    }
}

#[test]
fn a_user_who_denies_on_the_page_can_sign_in_again() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.interactive = true;
    let (url, pending) = client.authorize(NOW, ["mail"]).unwrap();
    let denying = Browser { denies: true };
    let landing = denying.visit(&mut provider, NOW.as_secs(), url.as_str());
    let error = client.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    assert_no_code_left(&provider);

    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    run(&mut provider, NOW, flow).unwrap();
    assert_clean(&provider);
}

#[test]
fn a_promised_iss_that_is_missing_stops() {
    let mut provider = Provider::new(ISSUER).with(ClientRecord::public("app").redirect(CALLBACK));
    provider.settings.iss_sent = false;
    let client = discovered(&mut provider, "app", Authentication::None);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let error = client.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(error.check().unwrap().id(), "CALLBACK-ISS-MISSING");
    assert_no_code_left(&provider);
}

/// The mix-up attack (RFC 9700 section 4.4): the user is at an attacker's server, which passes the
/// request on to the honest one; the code of the honest one must not reach the attacker.
#[test]
fn a_response_of_another_issuer_stops() {
    let (mut honest, _) = public(ISSUER);
    let (evil, client) = public("https://evil.example");
    let (url, pending) = client.authorize(NOW, ["mail"]).unwrap();
    let passed_on = url.as_str().replace("https://evil.example", ISSUER);
    let landing = Browser::new().visit(&mut honest, NOW.as_secs(), &passed_on);
    assert_eq!(landing.value("state"), pending.state());
    let error = client.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(
        error.to_string(),
        "CALLBACK-ISS (RFC 9207 section 2.4): expected https://evil.example, received https://id.example"
    );
    assert_eq!(error.remedy(), Remedy::Report);
    assert_no_code_left(&honest);
    assert_no_code_left(&evil);
}

#[test]
fn a_response_of_another_tab_stops() {
    let (mut provider, client) = public(ISSUER);
    let (first, _) = send_user(&mut provider, &client, ["mail"]);
    let (_, landing) = send_user(&mut provider, &client, ["mail"]);
    let error = client.resume(NOW, first, &landing.url).unwrap_err();
    assert_eq!(error.check().unwrap().id(), "CALLBACK-STATE");
    assert_no_code_left(&provider);
    assert_clean(&provider);
}

/// A program that keeps the pending request and meets the same callback twice: each flow sends the
/// code once, and the server refuses the second.
#[test]
fn a_second_delivery_of_one_callback_is_refused_by_the_server() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let stored = serde_json::to_string(&pending).unwrap();
    let mut outcomes = Vec::new();
    for delivery in 1..=2 {
        let pending: Pending = serde_json::from_str(&stored).unwrap();
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        outcomes.push(run(&mut provider, NOW, flow));
        assert_eq!(provider.log().requests_to("/token").len(), delivery);
    }
    let Some(Err(Error::Refused(refusal))) = outcomes.pop() else {
        panic!("the second delivery was not refused");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_grant");
    assert_eq!(provider.complaints(), ["Token: the code was used before"]);
    // RFC 6749 section 4.1.2: the server revokes what the first delivery got.
    let first = outcomes.pop().unwrap().unwrap().into_tokens();
    assert!(!provider.honours(NOW.as_secs(), first.access_token().expose()));
}

#[test]
fn time_stops_a_sign_in() {
    // (lifetime of the pending request, seconds until the user is back, in time)
    for (lifetime, away, in_time) in [
        (900, 0, true),
        (900, 899, true),
        (900, 900, false),
        (900, 86_400, false),
        (1, 0, true),
        (1, 1, false),
    ] {
        let (mut provider, client) = public(ISSUER);
        provider.settings.code_lifetime = 100_000;
        let request = AuthorizationRequest::new(["mail"]).lifetime(Duration::from_secs(lifetime));
        let (pending, landing) = send_user(&mut provider, &client, request);
        let back = NOW.saturating_add(Duration::from_secs(away));
        match client.resume(back, pending, &landing.url) {
            Ok(flow) => {
                assert!(in_time, "{lifetime} {away}");
                run(&mut provider, back, flow).unwrap();
            }
            Err(Error::Expired(Expired::Pending { expired_at, now })) => {
                assert!(!in_time, "{lifetime} {away}");
                assert_eq!(expired_at.as_secs(), NOW.as_secs() + lifetime);
                assert_eq!(now, back);
                assert_no_code_left(&provider);
            }
            Err(other) => panic!("{other}"),
        }
        assert_clean(&provider);
    }
}

#[test]
fn a_no_at_the_token_endpoint_is_the_end() {
    let basic = || ClientRecord::basic("app", "s3cret");
    let right = || Authentication::client_secret_basic("s3cret");
    let wrong = Authentication::client_secret_basic("s3cret2");
    let table = [
        (
            "wrong secret",
            wrong,
            0,
            "invalid_client",
            401,
            Remedy::FixConfiguration,
        ),
        (
            "code too old",
            right(),
            60,
            "invalid_grant",
            400,
            Remedy::SignInAgain,
        ),
    ];
    for (name, authentication, later, code, status, remedy) in table {
        let (mut provider, client) = parties(ISSUER, basic(), authentication);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        let now = NOW.saturating_add(Duration::from_secs(later));
        let flow = client.resume(now, pending, &landing.url).unwrap();
        let error = run(&mut provider, now, flow).unwrap_err();
        assert_eq!(error.remedy(), remedy, "{name}");
        let Error::Refused(refusal) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code, "{name}");
        assert_eq!(refusal.status().unwrap(), status, "{name}");
        assert_eq!(refusal.endpoint(), Endpoint::Token, "{name}");
        let answer = &provider.log().last().unwrap().response;
        assert_eq!(refusal.headers(), answer.headers(), "{name}");
        assert_eq!(refusal.body(), answer.body(), "{name}");
        assert_eq!(provider.log().requests_to("/token").len(), 1, "{name}");
        assert_clean(&provider);
    }
}

#[test]
fn a_lost_answer_hands_the_failure_back_and_asks_once() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let failure = Box::new("the connection was cut");
    let address = std::ptr::from_ref(&*failure);
    let mut failure = Some(failure);
    let lost = drive::blocking(
        flow,
        || NOW,
        |request| {
            provider.handle(NOW.as_secs(), &request);
            Err(failure.take().unwrap())
        },
        |_| {},
    );
    let Err(DriveError::Transport(back)) = lost else {
        panic!("{lost:?}");
    };
    assert!(std::ptr::eq(&raw const *back, address));
    assert_eq!(provider.log().requests_to("/token").len(), 1);
    assert_clean(&provider);
}

#[test]
fn mistakes_of_the_program_send_nothing() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let stored = serde_json::to_string(&pending).unwrap();
    let again = || serde_json::from_str::<Pending>(&stored).unwrap();
    let metadata = client.metadata().clone();
    let other = Client::new(metadata, "other", Authentication::None).unwrap();
    let (_, elsewhere) = public("https://id2.example");
    let nowhere = Client::new(
        Metadata::new(ISSUER, client.metadata().uri_policy()).unwrap(),
        "app",
        Authentication::None,
    );
    for (name, stranger) in [("client", &other), ("issuer", &elsewhere)] {
        let error = stranger.resume(NOW, again(), &landing.url).unwrap_err();
        let is_other = matches!(error, Error::Misuse(Misuse::OtherClient { .. }));
        assert!(is_other, "{name}: {error}");
    }
    // A server without a token endpoint: the code stays here.
    let flow = nowhere.unwrap().resume(NOW, again(), &landing.url).unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    let missing = Unsupported::Endpoint(Endpoint::Token).to_string();
    assert_eq!(error.to_string(), missing);
    // An extra parameter that would replace one of the protocol's.
    for name in [
        "code",
        "redirect_uri",
        "client_id",
        "code_verifier",
        "scope",
    ] {
        let flow = client.resume(NOW, again(), &landing.url).unwrap();
        let error = run(&mut provider, NOW, flow.parameter(name, "x")).unwrap_err();
        let is_taken =
            matches!(&error, Error::Misuse(Misuse::ProtocolParameter(own)) if own == name);
        assert!(is_taken, "{name}: {error}");
    }
    assert_no_code_left(&provider);
    assert_clean(&provider);
}

/// What travels with the user can be read by anyone between: it must be of no use.
#[test]
fn no_secret_of_the_client_travels_with_the_user() {
    let record = ClientRecord::post("app", "s3cret-of-app");
    let authentication = Authentication::client_secret_post("s3cret-of-app");
    let (mut provider, client) = parties(ISSUER, record, authentication);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let stored = serde_json::to_value(&pending).unwrap();
    let verifier = stored["verifier"].as_str().unwrap();
    let front = provider.log().requests_to("/authorize")[0].request.uri();
    for seen in [front.to_string(), landing.url] {
        assert!(!seen.contains("s3cret-of-app"), "{seen}");
        assert!(!seen.contains(verifier), "{seen}");
    }
    let asked = Parameters::lossy(front.query().unwrap());
    assert_eq!(asked.value("code_challenge_method"), Some("S256"));
}

fn assert_no_code_left(provider: &Provider) {
    assert_eq!(provider.log().requests_to("/token").len(), 0);
}
