//! `device` and `ciba`.

use oauth_proto_world::DeliveryMode;
use oauth_proto_world::Endpoint;
use oauth_proto_world::PollAnswer;

use super::run::Running;
use super::run::SECRET;
use super::run::at;
use super::run::notify;
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

#[test]
fn a_ping_ends_the_waiting() {
    let server = serve(|provider| {
        provider.settings.backchannel.mode = DeliveryMode::Ping;
        // Who asks without a ping asks too early.
        provider.settings.backchannel.interval = Some(600);
    });
    let mut running = Running::start(&at(&server, &PINGED));
    let line = running.line();
    let address = line["ping_listen"].as_str().unwrap();
    let id = line["auth_req_id"].as_str().unwrap();

    let ping = server.with(|provider| provider.ping(id)).unwrap();
    let body = String::from_utf8(ping.body().clone()).unwrap();
    let token = ping.headers()["authorization"].to_str().unwrap();
    for (stranger, status) in [
        (notify(address, "Bearer x", &body), "401 Unauthorized"),
        (notify(address, token, "{}"), "400 Bad Request"),
        (
            notify(address, token, r#"{"auth_req_id":"x"}"#),
            "400 Bad Request",
        ),
    ] {
        assert_eq!(stranger, format!("HTTP/1.1 {status}"));
    }
    server.with(|provider| assert!(provider.log().with(Endpoint::Token).is_empty()));

    let good = notify(address, token, &body);
    assert_eq!(good, "HTTP/1.1 204 No Content");
    let ended = running.end();
    assert_eq!(ended.result(0)["scope"], "mail");
    let refused = "a notification that is not about this request was refused";
    assert_eq!(ended.errors.matches(refused).count(), 3);
    server.with(|provider| {
        assert_eq!(provider.log().with(Endpoint::Token).len(), 1);
        assert_eq!(provider.complaints(), [""; 0]);
    });
}

#[test]
fn a_ping_that_does_not_come_is_no_answer() {
    let server = serve(|provider| {
        provider.settings.backchannel.mode = DeliveryMode::Ping;
        provider.settings.backchannel.lifetime = 1;
    });
    let mut running = Running::start(&at(&server, &PINGED));
    running.line();
    assert_eq!(running.end().result(4)["failed"], "no_answer");
}

const PINGED: [&str; 11] = [
    "ciba",
    "--client-id",
    "service",
    "--client-secret",
    SECRET,
    "--login-hint",
    "ada@id.example",
    "--scope",
    "mail",
    "--ping-listen",
    "127.0.0.1:0",
];
