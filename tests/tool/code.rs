//! `code` and `refresh`.

use std::io::ErrorKind;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use oauth_proto_world::Change;
use oauth_proto_world::Consent;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Server;
use serde_json::Value;
use serde_json::json;

use super::run::Ended;
use super::run::Running;
use super::run::SECRET;
use super::run::at;
use super::run::get;
use super::run::run;
use super::run::serve;
use super::run::visit;

const APP: [&str; 3] = ["code", "--client-id", "app"];

fn start(server: &Server, rest: &[&str]) -> (Running, String) {
    let words = [&APP[..], rest].concat();
    let mut running = Running::start(&at(server, &words));
    let line = running.line();
    let url = line["authorization_url"].as_str().unwrap().to_owned();
    assert_eq!(line, json!({ "authorization_url": url }));
    (running, url)
}

/// A sign-in whose user visits the URL and lands at the listener.
fn sign_in(server: &Server, rest: &[&str]) -> Ended {
    let (running, url) = start(server, &[&["--no-browser"], rest].concat());
    let landing = visit(server, &url);
    assert_eq!(get(&landing.url), "HTTP/1.1 200 OK");
    running.end()
}

#[test]
fn the_browser_lands_at_the_listener_and_the_tokens_are_the_result() {
    let server = serve(|_| {});
    let ended = sign_in(&server, &["--scope", "mail", "--scope", "calendar"]);
    let tokens = ended.result(0);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "mail calendar");
    assert_eq!(tokens["expires_in"], 3600);
    assert!(tokens["refresh_token"].is_string());
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0]));
    assert_eq!(ended.errors, "");
}

#[test]
fn a_pushed_request_leaves_a_reference_in_the_url() {
    let server = serve(|_| {});
    let words = ["--no-browser", "--par", "--scope", "mail"];
    let (running, url) = start(&server, &words);
    assert!(
        url.contains("request_uri=") && !url.contains("scope="),
        "{url}"
    );
    assert_eq!(get(&visit(&server, &url).url), "HTTP/1.1 200 OK");
    assert_eq!(running.end().result(0)["scope"], "mail");
}

#[test]
fn what_is_not_the_callback_ends_nothing() {
    let server = serve(|_| {});
    let (running, url) = start(&server, &["--no-browser"]);
    let landing = visit(&server, &url).url;
    let (address, _) = landing.split_once('?').unwrap();
    for (target, status) in [
        (
            format!("{address}?code=x&state=wrong"),
            "HTTP/1.1 400 Bad Request",
        ),
        (format!("{address}?code=x"), "HTTP/1.1 400 Bad Request"),
        (format!("{address}?%ff"), "HTTP/1.1 400 Bad Request"),
        (address.to_owned(), "HTTP/1.1 404 Not Found"),
        (
            address.replace("/callback", "/favicon.ico"),
            "HTTP/1.1 404 Not Found",
        ),
        (
            landing.replace("/callback", "/other"),
            "HTTP/1.1 404 Not Found",
        ),
    ] {
        assert_eq!(get(&target), status, "{target}");
    }
    assert_eq!(get(&landing), "HTTP/1.1 200 OK");
    let ended = running.end();
    ended.result(0);
    assert_eq!(
        ended.errors.matches("was ignored").count(),
        3,
        "{}",
        ended.errors
    );
}

/// None of them ends the tool, or keeps the browser out for longer than a request may take.
#[test]
fn callers_who_mean_ill_do_not_keep_the_browser_out() {
    let server = serve(|_| {});
    let (running, url) = start(&server, &["--no-browser"]);
    let landing = visit(&server, &url).url;
    let address = landing.strip_prefix("http://").unwrap();
    let (address, _) = address.split_once('/').unwrap();

    // More lines of headers than any browser sends.
    let mut flood = TcpStream::connect(address).unwrap();
    let lines: String = (0..200).map(|at| format!("x-{at}: 1\r\n")).collect();
    let request = format!("GET /callback?code=x HTTP/1.1\r\n{lines}\r\n");
    flood.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    drop(flood.read_to_end(&mut answer));
    assert_eq!(answer, b"");

    // More callers than are heard at a time, who never end their requests and are never silent for long.
    let callers: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut first = callers[0].try_clone().unwrap();
    let (stop, stopped) = mpsc::channel::<()>();
    let drips = thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
            for mut caller in &callers {
                drop(caller.write_all(b"x"));
            }
        }
    });
    let patience = Some(Duration::from_secs(30));
    first.set_read_timeout(patience).unwrap();
    let cut = first.read(&mut [0; 1]);
    let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
    assert!(!cut.is_err_and(|error| kinds.contains(&error.kind())));
    assert_eq!(get(&landing), "HTTP/1.1 200 OK");
    drop(stop);
    drips.join().unwrap();
    running.end().result(0);
}

#[test]
fn a_callback_comes_by_standard_input() {
    let server = serve(|_| {});
    let uri = "https://app.example/callback";
    let words = ["--callback", "stdin", "--redirect-uri", uri];
    let (mut running, url) = start(&server, &words);
    let landing = visit(&server, &url).url;
    assert!(landing.starts_with(uri));
    running.say(&format!("{landing}\r\n"));
    running.end().result(0);

    let (running, _) = start(&server, &words);
    let ended = running.end();
    assert_eq!(ended.result(4)["failed"], "no_answer");
}

#[test]
fn a_wrong_callback_is_a_broken_rule() {
    let server = serve(|_| {});
    let uri = "https://app.example/callback";
    let words = ["--callback", "stdin", "--redirect-uri", uri];
    for (change, check) in [
        (["state=", "state=x"], "CALLBACK-STATE"),
        (["iss=http", "iss=https"], "CALLBACK-ISS"),
        (["code=", "other="], "CALLBACK-CODE"),
    ] {
        let (mut running, url) = start(&server, &words);
        let landing = visit(&server, &url).url;
        running.say(&landing.replace(change[0], change[1]));
        let ended = running.end();
        let line = ended.result(3);
        assert_eq!(line["failed"], "violation");
        assert_eq!(line["check"], check, "{line}");
    }
    server.with(|provider| assert!(provider.log().with(Endpoint::Token).is_empty()));
}

#[test]
fn a_user_who_denies_is_a_refusal() {
    let server = serve(|provider| provider.settings.consent = Consent::Denied);
    let ended = sign_in(&server, &["--scope", "mail"]);
    let line = ended.result(1);
    assert_eq!(line["failed"], "refused");
    assert_eq!(line["error"], "access_denied");
    assert_eq!(line["remedy"], "sign_in_again");
}

#[test]
fn a_token_response_that_breaks_a_rule_is_named() {
    let server = serve(|provider| {
        let change = Change::body(r#"{"access_token":"x","token_type":"mac"}"#);
        provider.mutate(Mutation::new(Endpoint::Token, change));
    });
    let ended = sign_in(&server, &[]);
    let line = ended.result(3);
    assert_eq!(line["check"], "TOKEN-TYPE");
    assert_eq!(line["received"], "mac");
    assert!(line["section"].as_str().unwrap().starts_with("RFC 6749"));
}

#[test]
fn all_secrets_of_the_conversation_are_masked() {
    let server = serve(|_| {});
    let ended = sign_in(&server, &["--verbose", "--scope", "mail"]);
    let tokens = ended.result(0);
    let errors = &ended.errors;
    for shown in [
        "> POST http",
        "grant_type=authorization_code",
        "code=…",
        "< 200 OK",
    ] {
        assert!(errors.contains(shown), "{shown}: {errors}");
    }
    let posted = server.with(|provider| {
        let log = provider.log();
        log.with(Endpoint::Token)[0].form()
    });
    let secrets = [
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
        posted.value("code").unwrap(),
        posted.value("code_verifier").unwrap(),
    ];
    for secret in secrets {
        assert!(!errors.contains(secret), "{errors}");
    }
}

#[test]
fn each_way_to_authenticate_and_to_give_a_secret() {
    let server = serve(|_| {});
    let file = std::env::temp_dir().join(format!("oauth-tool-{}", std::process::id()));
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    for words in [
        ["service", "client_secret_basic"],
        ["poster", "client_secret_post"],
    ] {
        let secret = ["--client-secret-file", file];
        let client = [
            "code",
            "--client-id",
            words[0],
            "--auth",
            words[1],
            "--no-browser",
        ];
        let mut running = Running::start(&at(&server, &[&client[..], &secret].concat()));
        let line = running.line();
        let landing = visit(&server, line["authorization_url"].as_str().unwrap());
        get(&landing.url);
        let ended = running.end();
        let token = ended.result(0)["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();

        let words = [
            "refresh",
            "--refresh-token",
            &token,
            "--client-id",
            words[0],
            "--auth",
            words[1],
        ];
        let given = [&words[..], &["--client-secret", SECRET]].concat();
        run(&at(&server, &given)).result(0);
    }
    std::fs::remove_file(file).unwrap();
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0]));
}

#[test]
fn a_result_is_read_where_a_token_is_wanted() {
    let server = serve(|_| {});
    let ended = sign_in(&server, &["--scope", "mail calendar"]);
    let first: Value = ended.result(0).clone();
    let words = [
        "refresh",
        "--client-id",
        "app",
        "--refresh-token",
        "@-",
        "--scope",
        "mail",
    ];
    let mut running = Running::start(&at(&server, &words));
    running.say(&ended.output);
    let renewed = running.end();
    let tokens = renewed.result(0);
    assert_eq!(tokens["scope"], "mail");
    assert_ne!(tokens["access_token"], first["access_token"]);

    let words = [
        "refresh",
        "--client-id",
        "app",
        "--refresh-token",
        "no-such-token",
    ];
    let refused = run(&at(&server, &words));
    let line = refused.result(1);
    assert_eq!(line["error"], "invalid_grant");
    assert_eq!(line["status"], 400);
    assert_eq!(line["endpoint"], "token_endpoint");
    assert!(line["error_description"].is_string());
}

#[test]
fn details_are_asked_for_and_their_grant_is_told() {
    let server = serve(|_| {});
    let payment = r#"[{"type":"payment","amount":"10"}]"#;
    let ended = sign_in(&server, &["--authorization-details", payment]);
    let granted = &ended.result(0)["authorization_details"];
    assert_eq!(granted, &json!([{ "type": "payment", "amount": "10" }]));

    for bad in ["payment", "{}", r#"[{"amount":"10"}]"#] {
        let words = [&APP[..], &["--authorization-details", bad]].concat();
        assert_eq!(run(&at(&server, &words)).result(2)["failed"], "usage");
    }
}
