//! Help, and wrong usage.

use super::run::run_words;

#[test]
fn help_names_every_command_and_every_exit_status() {
    let ended = run_words(&["--help"]);
    assert_eq!(ended.status, 0);
    for word in [
        "discover",
        "code",
        "client-credentials",
        "password",
        "exchange",
        "jwt-bearer",
        "revoke",
        "introspect",
        "userinfo",
        "refresh",
        "device",
        "ciba",
        "par",
        "register",
        "logout-url",
        "token",
        "call",
        "--store",
        "--client-secret-env",
        "--allow-http-loopback",
        "Exit status:",
    ] {
        assert!(ended.output.contains(word), "{word}");
    }
    let lines = ended.output.lines();
    let long: Vec<_> = lines.filter(|line| line.chars().count() > 100).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn wrong_usage_is_two_and_says_what() {
    let code = ["code", "--issuer", "https://id.example"];
    let with = |rest: &[&'static str]| [&code[..], rest].concat();
    for (words, part) in [
        (vec![], "a command is needed"),
        (vec!["tokens"], "unrecognized subcommand"),
        (vec!["token"], "a command is needed"),
        (vec!["refresh"], "--refresh-token"),
        (vec!["code", "--param", "x"], "NAME=VALUE"),
        (with(&[]), "--client-id is needed"),
        (
            with(&["--client-id", "a", "--auth", "client_secret_post"]),
            "needs a client secret",
        ),
        (
            with(&["--client-id", "a", "--auth", "none", "--client-secret", "x"]),
            "takes no client secret",
        ),
        (
            with(&[
                "--client-id",
                "a",
                "--client-secret",
                "x",
                "--client-secret-env",
                "Y",
            ]),
            "is enough",
        ),
        (
            with(&[
                "--client-id",
                "a",
                "--client-secret-env",
                "NO_SUCH_VARIABLE",
            ]),
            "NO_SUCH_VARIABLE",
        ),
        (
            with(&["--client-id", "a", "--client-secret-file", "/no/such/file"]),
            "/no/such/file",
        ),
        (
            with(&["--client-id", "a", "--ca", "/no/such/file"]),
            "/no/such/file",
        ),
        (with(&["--client-id", "a", "--cert", "x"]), "--cert-key"),
        (
            with(&["--client-id", "a", "--callback", "stdin"]),
            "--redirect-uri",
        ),
        (
            with(&["--client-id", "a", "--redirect-uri", "https://app.example/"]),
            "--callback stdin",
        ),
        (
            with(&["--client-id", "a", "--redirect-uri", "http://192.0.2.1/"]),
            "loopback",
        ),
    ] {
        let ended = run_words(&words);
        let line = ended.result(2);
        assert_eq!(line["failed"], "usage", "{words:?}");
        let message = line["message"].as_str().unwrap();
        assert!(message.contains(part), "{words:?}: {message}");
        assert!(!ended.errors.is_empty(), "{words:?}");
    }
}

#[test]
fn an_extra_may_not_replace_a_parameter_of_the_protocol() {
    let ended = run_words(&[
        "refresh",
        "--token-endpoint",
        "https://id.example/token",
        "--client-id",
        "a",
        "--refresh-token",
        "x",
        "--param",
        "grant_type=password",
    ]);
    let message = ended.result(2)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("grant_type"), "{message}");
}
