//! `call`.

use oauth_proto_world::Endpoint;
use oauth_proto_world::Server;

use super::run::Running;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;

/// An access token of `app`, by way of a device.
fn token(server: &Server) -> String {
    let mut running = Running::start(&at(
        server,
        &["device", "--client-id", "app", "--scope", "mail"],
    ));
    running.line();
    let ended = running.end();
    ended.result(0)["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_resource_is_called_with_the_token() {
    let server = serve(|provider| {
        provider.settings.device.interval = Some(1);
        let rules = [("/api/calendar", "calendar")];
        provider.settings.api_scopes = rules
            .map(|(path, it)| (path.to_owned(), it.to_owned()))
            .to_vec();
    });
    let token = token(&server);
    let url = |path: &str| format!("{}/api{path}", server.issuer());
    let call = |path: &str, rest: &[&str]| {
        let url = url(path);
        let words = ["call", "--allow-http-loopback", "--token", &token, &url];
        run_words(&[&words[..], rest].concat())
    };
    let got = call("/me", &[]);
    let line = got.result(0);
    assert_eq!(line["status"], 200);
    assert_eq!(line["body"]["method"], "GET");
    assert_eq!(line["body"]["scope"], "mail");

    let posted = call("/me", &["--data", "x=1", "--header", "X-Trace: 7"]);
    assert_eq!(posted.result(0)["body"]["method"], "POST");
    assert_eq!(posted.result(0)["body"]["body"], "x=1");
    server.with(|provider| {
        let exchanges = provider.log().with(Endpoint::Api);
        assert_eq!(exchanges[1].header("x-trace"), Some("7"));
    });

    let refused = call("/calendar", &[]);
    assert_eq!(refused.result(1)["error"], "insufficient_scope");
    assert_eq!(refused.result(1)["status"], 403);

    let unknown = run(&at(&server, &["call", "--token", "x", &url("/me")]));
    assert_eq!(unknown.result(1)["error"], "invalid_token");
    assert_eq!(unknown.result(1)["status"], 401);

    let not_allowed = call("/me", &["--method", "DELETE"]);
    assert_eq!(not_allowed.result(1)["failed"], "refused");
    assert_eq!(not_allowed.result(1)["status"], 405);
}

#[test]
fn a_token_goes_nowhere_without_tls() {
    let ended = run_words(&["call", "--token", "x", "http://127.0.0.1:1/"]);
    assert_eq!(ended.result(2)["failed"], "usage");
    let ended = run_words(&[
        "call",
        "--token",
        "x",
        "--allow-http-loopback",
        "http://api.example/",
    ]);
    assert_eq!(ended.result(2)["failed"], "usage");
}

#[test]
fn nobody_there_is_no_answer() {
    let ended = run_words(&[
        "call",
        "--token",
        "x",
        "--allow-http-loopback",
        "http://127.0.0.1:1/",
    ]);
    assert_eq!(ended.result(4)["failed"], "no_answer");
}
