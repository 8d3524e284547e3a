//! `--store` and `token`: tokens that are kept, renewed as they are used, listed and forgotten.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

use super::run::Ended;
use super::run::Running;
use super::run::SECRET;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;

/// A file of this test's own, removed with what stands beside it.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("oauth-proto-tool-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for name in [self.name().to_owned(), format!("{}.lock", self.name())] {
            drop(fs::remove_file(name));
        }
    }
}

fn device_server() -> Server {
    serve(|provider| provider.settings.device.interval = Some(1))
}

/// Signs a user of `app` in, and keeps the tokens.
fn sign_in(server: &Server, file: &File, grant: &str) -> Ended {
    let words = ["device", "--client-id", "app", "--scope", "mail"];
    let kept = ["--store", file.name(), "--grant", grant];
    let mut running = Running::start(&at(server, &[&words[..], &kept].concat()));
    running.line();
    running.end()
}

/// Tokens of `service` for itself, for a store that may be none.
fn sign_in_words(server: &Server, store: &str) -> Ended {
    let words = ["client-credentials", "--client-id", "service"];
    let rest = ["--client-secret", SECRET, "--store", store];
    run(&at(server, &[&words[..], &rest].concat()))
}

fn call(server: &Server, file: &File, rest: &[&str]) -> Ended {
    let url = format!("{}/api/me", server.issuer());
    let words = ["call", &url, "--client-id", "app", "--store", file.name()];
    run(&at(server, &[&words[..], rest].concat()))
}

fn token(file: &File, words: &[&str]) -> Ended {
    run_words(&[&["token"], words, &["--store", file.name()]].concat())
}

fn requests(server: &Server, endpoint: Endpoint) -> usize {
    server.with(|provider| provider.log().with(endpoint).len())
}

#[test]
fn tokens_are_kept_and_renewed_as_they_are_used() {
    let (server, file) = (device_server(), File::new());
    let signed_in = sign_in(&server, &file, "ada");
    let line = signed_in.result(0);
    assert_eq!(line["grant"], "ada");
    assert_eq!(line["scope"], "mail");
    for secret in ["access_token", "refresh_token"] {
        assert!(line.get(secret).is_none(), "{line}");
    }
    let first = token(&file, &["show", "--secrets"]).result(0).clone();
    let before = requests(&server, Endpoint::Token);

    let called = call(&server, &file, &["--grant", "ada"]);
    assert_eq!(called.result(0)["status"], 200);
    assert_eq!(requests(&server, Endpoint::Token), before);
    server.with(Provider::end_access_tokens);
    let called = call(&server, &file, &["--grant", "ada", "--data", "x"]);
    assert_eq!(called.result(0)["body"]["body"], "x");
    assert_eq!(requests(&server, Endpoint::Token), before + 1);
    let second = token(&file, &["show", "--secrets"]).result(0).clone();
    assert!(second["refresh_token"].is_string());
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    server.with(|provider| assert!(provider.complaints().is_empty()));

    // Nothing is kept under this name.
    let called = call(&server, &file, &[]);
    assert_eq!(called.result(2)["remedy"], "sign_in_again");
}

#[test]
fn what_is_kept_is_listed_shown_and_forgotten() {
    let (server, file) = (device_server(), File::new());
    assert_eq!(
        token(&file, &["list"]).result(0)["tokens"],
        serde_json::json!([])
    );
    for grant in ["ada", "bob"] {
        sign_in(&server, &file, grant).result(0);
    }
    let secrets: Vec<String> = ["ada", "bob"]
        .iter()
        .flat_map(|grant| {
            let shown = token(&file, &["show", "--secrets", "--grant", grant]);
            let line = shown.result(0).clone();
            ["access_token", "refresh_token"].map(|it| line[it].as_str().unwrap().to_owned())
        })
        .collect();
    let shown = token(&file, &["show", "--grant", "ada", "--client-id", "app"]);
    assert_eq!(shown.result(0)["issuer"], server.issuer());
    let listed = token(&file, &["list"]);
    let entries = listed.result(0)["tokens"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["grant"], "ada");
    assert_eq!(entries[0]["renewable"], true);
    assert_eq!(entries[0]["expired"], false);
    for secret in &secrets {
        assert!(!listed.output.contains(secret), "{}", listed.output);
        assert!(!shown.output.contains(secret), "{}", shown.output);
    }

    for words in [&["show"][..], &["forget"], &["forget", "--grant", "eve"]] {
        assert_eq!(token(&file, words).result(2)["failed"], "usage");
    }
    let forgotten = token(&file, &["forget", "--grant", "ada"]);
    assert_eq!(forgotten.result(0)["forgotten"], true);
    let listed = token(&file, &["list"]);
    assert_eq!(listed.result(0)["tokens"][0]["grant"], "bob");
    assert!(!fs::read_to_string(&file.0).unwrap().contains(&secrets[0]));
}

#[test]
fn a_store_is_named_once_and_is_one() {
    let server = device_server();
    let file = File::new();
    let both = call(&server, &file, &["--token", "x"]);
    assert_eq!(both.result(2)["failed"], "usage");
    let url = format!("{}/api/me", server.issuer());
    let neither = run(&at(&server, &["call", &url]));
    assert!(
        neither.result(2)["message"]
            .as_str()
            .unwrap()
            .contains("--store")
    );
    run_words(&["token", "list"]).result(2);
    run_words(&["token", "list", "--store", "https://x.example"]).result(2);
    let early = sign_in_words(&server, "redis://:open-sesame@x.example");
    let message = early.result(2)["message"].as_str().unwrap();
    let expected = match cfg!(feature = "redis") {
        true => "not encrypted",
        false => "only files",
    };
    assert!(message.contains(expected), "{message}");
    assert!(!early.output.contains("sesame"), "{}", early.output);
    assert_eq!(requests(&server, Endpoint::Token), 0);
    fs::write(&file.0, "no store").unwrap();
    let damaged = token(&file, &["list"]);
    assert!(
        damaged.result(2)["message"]
            .as_str()
            .unwrap()
            .contains("damaged")
    );
}

/// Tokens that cannot be kept are not lost: the line before the failure has them.
#[test]
fn tokens_that_cannot_be_kept_are_shown() {
    let server = device_server();
    let ended = sign_in_words(&server, "/no/such/folder/tokens.json");
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.lines[0]["access_token"].is_string(), "{ended:?}");
    assert_eq!(ended.lines[1]["failed"], "usage");
}

#[cfg(feature = "redis")]
#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn tokens_are_kept_in_redis() {
    let server = device_server();
    let store = std::env::var("OAUTH_PROTO_REDIS").unwrap();
    let kept = sign_in_words(&server, &store);
    assert!(kept.result(0).get("access_token").is_none(), "{kept:?}");
    let of_this_server = |command: &str| {
        let words = ["token", command, "--store", &store];
        run_words(&[&words[..], &["--issuer", server.issuer()]].concat())
    };
    assert_eq!(of_this_server("show").result(0)["client_id"], "service");
    assert_eq!(of_this_server("forget").result(0)["forgotten"], true);
    of_this_server("show").result(2);
}
