//! The grants without a browser, and what is asked about tokens.

use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Server;
use serde_json::Value;

use super::run::Ended;
use super::run::Running;
use super::run::SECRET;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;

const SERVICE: [&str; 4] = ["--client-id", "service", "--client-secret", SECRET];

fn ask(server: &Server, rest: &[&str]) -> Ended {
    run(&at(server, &[rest, &SERVICE].concat()))
}

fn password(server: &Server, scope: &str) -> Value {
    let words = ["password", "--username", "ada@id.example", "--scope", scope];
    let file = ["--password-file", "-"];
    let words = [&words[..], &file, &SERVICE].concat();
    let mut running = Running::start(&at(server, &words));
    running.say(&server.with(|provider| provider.settings.password.clone()));
    let ended = running.end();
    ended.result(0).clone()
}

#[test]
fn a_service_gets_tokens_for_itself() {
    let server = serve(|_| {});
    let words = ["client-credentials", "--scope", "mail", "--resource"];
    let api = format!("{}/api", server.issuer());
    let other = "https://other.example/";
    let ended = ask(
        &server,
        &[&words[..], &[&api, "--resource", other]].concat(),
    );
    let tokens = ended.result(0);
    assert_eq!(tokens["scope"], "mail");
    assert_eq!(tokens["resource"], serde_json::json!([api, other]));
    let refused = ask(&server, &["client-credentials", "--scope", "admin"]);
    assert_eq!(refused.result(1)["error"], "invalid_scope");
    server.with(|provider| {
        let form = provider.log().with(Endpoint::Token)[0].form();
        assert_eq!(form.all("resource"), [api.as_str(), other]);
    });
}

#[test]
fn a_password_is_read_from_standard_input() {
    let server = serve(|_| {});
    assert!(password(&server, "mail")["refresh_token"].is_string());
    let words = ["password", "--username", "ada@id.example"];
    let ended = ask(&server, &words);
    assert!(
        ended.result(2)["message"]
            .as_str()
            .unwrap()
            .contains("--password-file")
    );
    let ended = ask(&server, &[&words[..], &["--password", "wrong"]].concat());
    assert_eq!(ended.result(1)["error"], "invalid_grant");
}

#[test]
fn an_assertion_becomes_tokens() {
    let server = serve(|provider| {
        provider.settings.assertions = vec!["e30.e30.c2ln".to_owned()];
    });
    ask(&server, &["jwt-bearer", "--assertion", "e30.e30.c2ln"]).result(0);
    let refused = ask(&server, &["jwt-bearer", "--assertion", "e30.e30.eA"]);
    assert_eq!(refused.result(1)["error"], "invalid_grant");
    ask(&server, &["jwt-bearer", "--assertion", ""]).result(2);
}

#[test]
fn a_token_is_exchanged() {
    let server = serve(|_| {});
    let tokens = password(&server, "mail calendar");
    let token = tokens["access_token"].as_str().unwrap();
    let words = ["exchange", "--subject-token", token, "--scope", "mail"];
    let more = ["--requested-token-type", "access_token"];
    let ended = ask(&server, &[&words[..], &more].concat());
    let line = ended.result(0);
    assert_eq!(
        line["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert_eq!(line["scope"], "mail");
    assert_ne!(line["access_token"], token);

    let refused = ask(&server, &["exchange", "--subject-token", "no-such-token"]);
    assert_eq!(refused.status, 1, "{refused:?}");
}

#[test]
fn a_token_is_introspected_and_revoked() {
    let server = serve(|_| {});
    let tokens = password(&server, "mail");
    let token = tokens["access_token"].as_str().unwrap();
    let active = ask(&server, &["introspect", "--token", token]);
    assert_eq!(active.result(0)["active"], true);
    assert_eq!(active.result(0)["scope"], "mail");
    assert!(active.result(0)["exp"].is_u64());

    let words = [
        "revoke",
        "--token",
        token,
        "--token-type-hint",
        "access_token",
    ];
    let revoked = ask(&server, &words);
    assert_eq!(*revoked.result(0), serde_json::json!({ "revoked": true }));
    let inactive = ask(&server, &["introspect", "--token", token]);
    assert_eq!(*inactive.result(0), serde_json::json!({ "active": false }));
}

#[test]
fn a_server_that_does_not_confirm_a_revocation_refuses_it() {
    let server = serve(|provider| {
        let change = Change::Status(400);
        let unsaid = Mutation::new(Endpoint::Revocation, change).and(Change::body("no"));
        provider.mutate(unsaid);
    });
    let ended = ask(&server, &["revoke", "--token", "x"]);
    assert_eq!(ended.result(1)["failed"], "refused");
    assert_eq!(ended.result(1)["status"], 400);
}

#[test]
fn the_user_is_the_one_that_is_known() {
    let server = serve(|provider| {
        provider.register(ClientRecord::basic("service", SECRET));
    });
    let tokens = password(&server, "profile");
    let token = tokens["access_token"].as_str().unwrap();
    let words = ["userinfo", "--token", token];
    for rest in [&[][..], &["--post"], &["--sub", "248289761001"]] {
        let ended = run(&at(&server, &[&words[..], rest].concat()));
        assert_eq!(ended.result(0)["sub"], "248289761001");
    }
    let ended = run(&at(&server, &[&words[..], &["--sub", "other"]].concat()));
    assert_eq!(ended.result(3)["check"], "USERINFO-SUB");
    let (userinfo, token) = ("--userinfo-endpoint", "--token-endpoint");
    let address = |path: &str| format!("{}{path}", server.issuer());
    let named = [userinfo, &address("/userinfo"), token, &address("/token")];
    let words = [&words[..], &named, &["--allow-http-loopback"]].concat();
    assert_eq!(run_words(&words).result(0)["sub"], "248289761001");

    let ended = run(&at(&server, &["userinfo", "--token", "x"]));
    assert_eq!(ended.result(1)["error"], "invalid_token");
}
