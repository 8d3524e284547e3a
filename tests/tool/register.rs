//! `register`, and the life of a registration.

use std::fs;

use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Server;
use serde_json::Value;
use serde_json::json;

use super::run::Running;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;

const CALLBACK: &str = "https://app.example/callback";

fn registrar() -> Server {
    serve(|provider| {
        provider.settings.registration.open = true;
        provider.settings.registration.managed = true;
        provider.settings.registration.rotated = true;
    })
}

/// A file for what a command printed, which ends with the test.
struct Kept(std::path::PathBuf);

impl Kept {
    fn new(name: &str) -> Self {
        let name = format!("oauth-proto-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn keep(&self, text: &str) -> String {
        fs::write(&self.0, text).unwrap();
        format!("@{}", self.0.display())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

fn managed(action: &str, registration: &str, rest: &[&str]) -> super::run::Ended {
    let words = ["register", "--allow-http-loopback", action, registration];
    run_words(&[&words, rest].concat())
}

#[test]
fn a_client_is_registered_and_the_tool_can_be_it() {
    let server = registrar();
    let words = [
        "register",
        "--redirect-uri",
        CALLBACK,
        "--redirect-uri",
        "https://app.example/other",
        "--client-name",
        "App",
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "client_credentials",
        "--response-type",
        "code",
        "--scope",
        "mail calendar",
        "--auth",
        "client_secret_post",
        "--software-statement",
        "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        "--param",
        "software_id=4NRB1",
        "--metadata",
        r#"{"contacts":["a@app.example"],"client_name":"no","require_pushed_authorization_requests":true}"#,
    ];
    let ended = run(&at(&server, &words));
    let line = ended.result(0);
    for (name, value) in [
        (
            "redirect_uris",
            json!([CALLBACK, "https://app.example/other"]),
        ),
        ("client_name", json!("App")),
        (
            "grant_types",
            json!(["authorization_code", "client_credentials"]),
        ),
        ("response_types", json!(["code"])),
        ("scope", json!("mail calendar")),
        ("token_endpoint_auth_method", json!("client_secret_post")),
        ("software_statement", json!("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")),
        ("software_id", json!("4NRB1")),
        ("contacts", json!(["a@app.example"])),
        ("require_pushed_authorization_requests", json!(true)),
        ("client_secret_expires_at", json!(0)),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert_eq!(line.get("differences"), None);
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0]));
    let id = line["client_id"].as_str().unwrap();
    let secret = line["client_secret"].as_str().unwrap();
    let words = [
        "client-credentials",
        "--client-id",
        id,
        "--client-secret",
        secret,
        "--auth",
        "client_secret_post",
        "--scope",
        "mail",
    ];
    assert_eq!(run(&at(&server, &words)).result(0)["scope"], "mail");
}

#[test]
fn a_registration_is_read_changed_and_ended() {
    let server = registrar();
    let file = Kept::new("registration");
    let words = [
        "register",
        "--redirect-uri",
        CALLBACK,
        "--scope",
        "mail",
        "--software-statement",
        "a.b.c",
    ];
    let first = run(&at(&server, &words));
    let given = file.keep(&first.output);
    let same = managed("--read", &given, &[]);
    assert_eq!(same.result(0), first.result(0));

    let words = ["--client-name", "New", "--param", "software_id=x"];
    let second = managed("--update", &given, &words);
    let line = second.result(0);
    assert_eq!(line["client_name"], "New");
    assert_eq!(line["software_id"], "x");
    for name in ["client_id", "redirect_uris", "scope", "software_statement"] {
        assert_eq!(line[name], first.result(0)[name], "{name}");
    }
    for rotated in ["client_secret", "registration_access_token"] {
        assert_ne!(line[rotated], first.result(0)[rotated], "{rotated}");
    }
    assert_eq!(managed("--read", &given, &[]).result(1)["status"], 401);

    // From standard input, as another command left it there.
    let words = ["register", "--allow-http-loopback", "--delete", "@-"];
    let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
    let mut running = Running::start(&words);
    running.say(&second.output);
    let ended = running.end();
    let gone = json!({"client_id": line["client_id"], "deleted": true});
    assert_eq!(*ended.result(0), gone);
    let ended = managed("--read", &line.to_string(), &[]);
    assert_eq!(ended.result(1)["error"], "invalid_token");
}

#[test]
fn an_initial_access_token_opens_the_door() {
    let server = registrar();
    server.with(|provider| {
        provider.settings.registration.initial_access_token = Some("1nitial".to_owned());
    });
    let words = ["register", "--redirect-uri", CALLBACK, "--auth", "none"];
    let refused = run(&at(&server, &words));
    assert_eq!(refused.result(1)["error"], "invalid_token");
    assert_eq!(refused.result(1)["endpoint"], "registration_endpoint");
    let file = Kept::new("initial");
    let token = file.keep("1nitial\n");
    let words = [&words[..], &["--initial-access-token", &token, "--verbose"]].concat();
    let ended = run(&at(&server, &words));
    let line = ended.result(0);
    assert_eq!(line["token_endpoint_auth_method"], "none");
    assert_eq!(line.get("client_secret"), None);
    let token = line["registration_access_token"].as_str().unwrap();
    assert!(!ended.errors.contains("1nitial") && !ended.errors.contains(token));
}

#[test]
fn what_was_registered_otherwise_is_told() {
    let server = registrar();
    server.with(|provider| {
        let other = Change::member("scope", Edit::Set("mail".into()));
        provider.mutate(Mutation::new(Endpoint::Registration, other));
    });
    let words = ["register", "--redirect-uri", CALLBACK, "--scope", "mail x"];
    let ended = run(&at(&server, &words));
    let difference = json!({"member": "scope", "asked": "mail x", "registered": "mail"});
    assert_eq!(ended.result(0)["differences"], json!([difference]));
    // It does not become a member of what is registered next.
    let ended = managed("--update", &ended.output, &[]);
    assert_eq!(ended.result(0).get("differences"), None);
    server.with(|provider| {
        let sent = provider.log().to_string();
        assert!(!sent.contains("differences"), "{sent}");
    });
}

#[test]
fn a_server_that_breaks_a_rule_is_three() {
    for (name, value, check) in [
        ("client_id", Value::from(""), "REGISTRATION-CLIENT-ID"),
        (
            "registration_client_uri",
            "http://evil.example/".into(),
            "REGISTRATION-CLIENT-URI",
        ),
    ] {
        let server = registrar();
        server.with(|provider| {
            let broken = Change::member(name, Edit::Set(value));
            provider.mutate(Mutation::new(Endpoint::Registration, broken));
        });
        let ended = run(&at(&server, &["register", "--redirect-uri", CALLBACK]));
        assert_eq!(ended.result(3)["check"], check);
    }
}

#[test]
fn wrong_usage_is_refused_before_anything_is_sent() {
    let server = registrar();
    let registered = r#"{"client_id":"x","registration_access_token":"t","registration_client_uri":"https://id.example/x"}"#;
    for (words, part) in [
        (vec!["--param", "client_id=x"], "client_id"),
        (vec!["--scope", "a", "--param", "scope=b"], "given twice"),
        (vec!["--param", "a=b", "--param", "a=c"], "given twice"),
        (vec!["--redirect-uri", "http://192.0.2.1/"], "redirect URI"),
        (vec!["--metadata", "[]"], "no JSON object"),
        (vec!["--metadata", "@/no/such/file"], "/no/such/file"),
        (vec!["--read", "{}"], "no result of this command"),
        (vec!["--read", r#"{"client_id":"x"}"#], "manage"),
        (
            vec!["--read", registered, "--delete", registered],
            "cannot be used with",
        ),
        (
            vec!["--read", registered, "--client-name", "x"],
            "take no client metadata",
        ),
        (
            vec!["--delete", registered, "--param", "a=b"],
            "take no client metadata",
        ),
        (
            vec!["--update", registered, "--software-statement", "x"],
            "cannot be used with",
        ),
    ] {
        let ended = run(&at(&server, &[&["register"], &words[..]].concat()));
        let line = ended.result(2);
        let message = line["message"].as_str().unwrap();
        assert!(message.contains(part), "{words:?}: {message}");
    }
    server.with(|provider| {
        let log = provider.log().to_string();
        assert!(!log.contains("POST"), "{log}");
    });
}
