//! `code --response-mode`: by what way the response comes to the listener, and by which it cannot.

use serde_json::json;

use super::answers::signing;
use super::run::Running;
use super::run::at;
use super::run::get;
use super::run::post;
use super::run::run;
use super::run::visit;

const WHO: [&str; 6] = [
    "code",
    "--client-id",
    "who",
    "--no-browser",
    "--scope",
    "openid",
];

#[test]
fn a_signed_response_reaches_the_listener() {
    let server = signing(|_| {});
    for mode in ["jwt", "query.jwt"] {
        let words = [
            &WHO[..],
            &["--id-token-alg", "EdDSA", "--response-mode", mode],
        ]
        .concat();
        let mut running = Running::start(&at(&server, &words));
        let url = running.line()["authorization_url"].clone();
        let landing = visit(&server, url.as_str().unwrap()).url;
        let (address, query) = landing.split_once('?').unwrap();
        assert!(query.starts_with("response=") && !query.contains('&'));

        let (_, claims) = query.split_once('.').unwrap();
        for stranger in [format!("response=e30.{claims}"), "response=x".to_owned()] {
            let status = get(&format!("{address}?{stranger}"));
            assert_eq!(status, "HTTP/1.1 400 Bad Request", "{stranger}");
        }
        assert_eq!(get(&landing), "HTTP/1.1 200 OK");
        let ended = running.end();
        assert_eq!(ended.result(0)["id_token_claims"]["aud"], json!("who"));
    }
}

#[test]
fn a_signed_response_that_was_changed_is_refused() {
    let server = signing(|_| {});
    let words = [&WHO[..], &["--response-mode", "jwt"]].concat();
    let mut running = Running::start(&at(&server, &words));
    let url = running.line()["authorization_url"].clone();
    let landing = visit(&server, url.as_str().unwrap()).url;
    let (signed, _) = landing.rsplit_once('.').unwrap();
    assert_eq!(get(&format!("{signed}.AAAA")), "HTTP/1.1 200 OK");
    assert_eq!(running.end().result(3)["check"], "JWT-SIGNATURE");
}

#[test]
fn a_form_is_posted_to_the_listener() {
    let server = signing(|_| {});
    for mode in ["form_post", "form_post.jwt"] {
        let words = [&WHO[..], &["--response-mode", mode]].concat();
        let mut running = Running::start(&at(&server, &words));
        let url = running.line()["authorization_url"].clone();
        let landing = visit(&server, url.as_str().unwrap());
        let form = landing.body.unwrap();
        assert_eq!(
            post(&landing.url, "code=x&state=y"),
            "HTTP/1.1 400 Bad Request"
        );
        assert_eq!(post(&landing.url, &form), "HTTP/1.1 200 OK");
        assert!(
            running.end().result(0)["access_token"].is_string(),
            "{mode}"
        );
    }
}

#[test]
fn no_listener_waits_for_a_fragment() {
    let server = signing(|_| {});
    for way in [
        &["--response-mode", "fragment"][..],
        &["--response-mode", "fragment.jwt"],
        &["--response-type", "code id_token"],
        &["--response-type", "code id_token", "--response-mode", "jwt"],
    ] {
        let ended = run(&at(&server, &[&WHO[..], way].concat()));
        assert_eq!(ended.status, 2, "{way:?}");
        let told = format!("{}{}", ended.output, ended.errors);
        assert!(told.contains("--callback stdin"), "{told}");
    }
}
