//! `device` and `ciba`.

use oauth_proto_world::Endpoint;
use oauth_proto_world::PollAnswer;

use super::run::Running;
use super::run::SECRET;
use super::run::at;
use super::run::serve;

#[test]
fn a_device_shows_its_code_and_waits_for_the_tokens() {
    let server = serve(|provider| {
        provider.settings.device.interval = Some(1);
        provider.settings.device.polls = vec![PollAnswer::Pending];
    });
    let words = ["device", "--client-id", "app", "--scope", "mail"];
    let mut running = Running::start_on(&at(&server, &words), true);
    let line = running.line();
    assert_eq!(line["interval"], 1);
    assert!(line["user_code"].is_string());
    assert!(
        line["verification_uri"]
            .as_str()
            .unwrap()
            .starts_with(server.issuer())
    );
    assert!(line["expires_in"].as_u64().unwrap() > 1700);
    let ended = running.end();
    assert_eq!(ended.result(0)["scope"], "mail");
    assert_eq!(
        ended.errors.matches("Waiting for the user, ").count(),
        2,
        "{}",
        ended.errors
    );
    server.with(|provider| {
        assert_eq!(provider.log().with(Endpoint::Token).len(), 2);
        assert_eq!(provider.complaints(), [""; 0]);
    });
}

#[test]
fn a_device_that_is_denied_is_refused() {
    let server = serve(|provider| {
        provider.settings.device.interval = Some(1);
        provider.settings.device.polls = vec![PollAnswer::Denied];
    });
    let mut running = Running::start(&at(&server, &["device", "--client-id", "app"]));
    running.line();
    let ended = running.end();
    assert_eq!(ended.result(1)["error"], "access_denied");
    assert!(
        !ended.errors.contains("Waiting"),
        "no terminal, no progress"
    );
}

#[test]
fn a_user_who_does_not_decide_is_no_answer() {
    let server = serve(|provider| {
        provider.settings.device.interval = Some(1);
        provider.settings.device.lifetime = 1;
    });
    let mut running = Running::start(&at(&server, &["device", "--client-id", "app"]));
    running.line();
    assert_eq!(running.end().result(4)["failed"], "no_answer");
}

#[test]
fn a_user_elsewhere_is_asked() {
    let server = serve(|provider| provider.settings.backchannel.interval = Some(1));
    let words = ["ciba", "--client-id", "service", "--client-secret", SECRET];
    let hint = [
        "--login-hint",
        "ada@id.example",
        "--binding-message",
        "W4SCT",
        "--scope",
        "mail",
    ];
    let mut running = Running::start(&at(&server, &[&words[..], &hint].concat()));
    let line = running.line();
    assert!(line["auth_req_id"].is_string());
    assert_eq!(line["interval"], 1);
    assert_eq!(running.end().result(0)["scope"], "mail");

    let ended = Running::start(&at(&server, &words)).end();
    assert_eq!(ended.result(2)["failed"], "usage");
}
