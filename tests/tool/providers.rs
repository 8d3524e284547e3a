//! `providers`, `--provider` and `--quirk`.

use serde_json::Value;

use super::run::run;
use super::run::run_words;
use super::run::serve;

#[test]
fn providers_are_listed_and_shown() {
    let listed = run_words(&["providers", "list"]);
    let listed = listed.result(0);
    let listed = listed["providers"].as_array().unwrap();
    assert!(listed.len() > 30);
    for one in listed {
        let name = one["name"].as_str().unwrap();
        let shown = run_words(&["providers", "show", name]);
        let shown = shown.result(0);
        assert_eq!(shown["name"], name);
        assert!(shown["link"].is_string() && shown["checked"].is_string());
        assert!(shown["endpoints"].is_object() || shown["issuer"].is_string());
    }
}

#[test]
fn a_provider_is_shown_with_its_variables_filled() {
    let show = ["providers", "show", "auth0-management"];
    let open = run_words(&show);
    let open = open.result(0);
    assert_eq!(open["issuer"], "https://{tenant}/");
    assert_eq!(open["variables"], serde_json::json!(["tenant"]));
    let filled = run_words(&[&show[..], &["--set", "tenant=acme.eu"]].concat());
    let filled = filled.result(0);
    assert_eq!(filled["issuer"], "https://acme.eu.auth0.com/");
    assert_eq!(filled["api"], "https://acme.eu.auth0.com/api/v2/");
    assert_eq!(
        filled["parameters"]["audience"],
        "https://acme.eu.auth0.com/api/v2/"
    );

    let twitter = run_words(&["providers", "show", "twitter-1.0a"]);
    let twitter = twitter.result(0);
    assert_eq!(twitter["oauth"], "1.0a");
    let asked = &twitter["endpoints"]["temporary_credential_endpoint"];
    assert_eq!(asked, "https://api.x.com/oauth/request_token");
    let slack = run_words(&["providers", "show", "slack"]);
    let slack = slack.result(0);
    let quirks: Vec<&Value> = slack["quirks"].as_array().unwrap().iter().collect();
    assert!(quirks.iter().any(|quirk| quirk["name"] == "authed-user"));
}

#[test]
fn what_no_provider_has_is_wrong_usage() {
    for (words, part) in [
        (
            &["providers", "show", "myspace"][..],
            "oauth providers list",
        ),
        (
            &["discover", "--provider", "myspace"],
            "oauth providers list",
        ),
        (
            &["discover", "--provider", "keycloak"],
            "`host` has no value",
        ),
        (
            &[
                "discover",
                "--provider",
                "keycloak",
                "--set",
                "host=a/b",
                "--set",
                "realm=r",
            ],
            "`host` cannot have this value",
        ),
        (
            &["discover", "--provider", "google", "--set", "host=a"],
            "no such variable",
        ),
        (&["discover", "--set", "host=a"], "--set is for"),
        (&["discover", "--quirk", "lax"], "comma-scope"),
    ] {
        let ended = run_words(words);
        assert_eq!(ended.status, 2, "{words:?}");
        let told = ended.result(2)["message"].to_string();
        assert!(told.contains(part), "{words:?}: {told}");
    }
}

/// The options of the command line stand before those of the provider.
#[test]
fn a_provider_stands_where_options_do_not() {
    let server = serve(|_| {});
    let token = format!("{}/token", server.issuer());
    let ended = run_words(&[
        "client-credentials",
        "--allow-http-loopback",
        "--provider",
        "spotify",
        "--token-endpoint",
        &token,
        "--client-id",
        "service",
        "--client-secret",
        super::run::SECRET,
        "--scope",
        "mail",
    ]);
    assert_eq!(ended.result(0)["scope"], "mail");
    // Its way to authenticate is the provider's first.
    let ended = run_words(&[
        "client-credentials",
        "--allow-http-loopback",
        "--provider",
        "github",
        "--token-endpoint",
        &token,
        "--client-id",
        "poster",
        "--client-secret",
        super::run::SECRET,
        "--scope",
        "mail",
    ]);
    assert_eq!(ended.result(0)["token_type"], "Bearer");
}

#[test]
fn a_quirk_is_tolerated_and_told() {
    let server = serve(|_| {});
    let words = |rest: &[&str]| super::run::at(&server, rest);
    let service = [
        "--client-id",
        "service",
        "--client-secret",
        super::run::SECRET,
    ];
    let asked = [&["client-credentials", "--scope", "mail"][..], &service].concat();
    let plain = run(&words(&asked));
    assert!(plain.result(0).get("findings").is_none());

    // The secret has characters that are sent otherwise: the server refuses, as it is none that deviates.
    let raw = run(&words(
        &[&asked[..], &["--quirk", "raw-basic-credentials"]].concat(),
    ));
    assert_eq!(raw.status, 1);

    let token = plain.result(0)["access_token"].as_str().unwrap().to_owned();
    let resource = format!("{}/api", server.issuer());
    let call = [
        "call",
        "--token",
        &token,
        &resource,
        "--allow-http-loopback",
    ];
    let in_query = [&call[..], &["--quirk", "token-in-query", "--verbose"]].concat();
    let called = run_words(&in_query);
    assert!(called.errors.contains("access_token="), "{}", called.errors);
    assert!(
        !called.errors.contains("Authorization: Bearer"),
        "{}",
        called.errors
    );
}
