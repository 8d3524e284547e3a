//! `oauth1`.

use oauth_proto_world::Server;
use serde_json::Value;

use super::run::Running;
use super::run::run_words;
use super::run::serve;
use super::run::visit;

const SECRET: &str = "kd94hf93k423kf44";

/// The arguments for the wing of OAuth 1.0a.
fn at(server: &Server, rest: &[&str]) -> Vec<String> {
    let url = |path: &str| format!("{}/oauth1/{path}", server.issuer());
    let words = [
        "oauth1",
        "--allow-http-loopback",
        "--authorization-endpoint",
        &url("authorize"),
        "--token-endpoint",
        &url("token"),
        "--client-id",
        "dpf43f3p2l4k3l03",
        "--client-secret",
        SECRET,
    ];
    let words = words.iter().chain(rest);
    words.map(|&word| word.to_owned()).collect()
}

fn ask(server: &Server) -> String {
    format!("{}/oauth1/initiate", server.issuer())
}

fn run(server: &Server, rest: &[&str]) -> super::run::Ended {
    Running::start(&at(server, rest)).end()
}

#[test]
fn three_legs_one_at_a_time() {
    let server = serve(|_| {});
    let callback = "http://127.0.0.1:1/callback";
    for (method, placement) in [
        ("HMAC-SHA1", "header"),
        ("HMAC-SHA512", "body"),
        ("HMAC-SHA256", "query"),
        ("PLAINTEXT", "header"),
    ] {
        let signing = ["--signature-method", method, "--placement", placement];
        let asked = [
            "request-token",
            "--request-token-endpoint",
            &ask(&server),
            "--callback",
            callback,
        ];
        let asked = run(&server, &[&asked[..], &signing].concat());
        let asked = asked.result(0);
        let landing = visit(&server, asked["authorization_url"].as_str().unwrap());
        let pending = asked["pending"].to_string();
        let redeem = [
            "access-token",
            "--pending",
            &pending,
            "--returned",
            &landing.url,
        ];
        let redeemed = run(&server, &[&redeem[..], &signing].concat());
        let credentials = redeemed.result(0)["credentials"].clone();
        assert_eq!(credentials["members"]["user_id"], "248289761001");

        let (credentials, url) = (
            credentials.to_string(),
            format!("{}/oauth1/api/me?a=b", server.issuer()),
        );
        let call = [
            "call",
            "--credentials",
            &credentials,
            &url,
            "--data",
            "x=1",
            "--header",
        ];
        let form = ["content-type: application/x-www-form-urlencoded"];
        let called = run(&server, &[&call[..], &form, &signing].concat());
        assert_eq!(called.result(0)["status"], 200);
        assert_eq!(called.result(0)["body"]["path"], "/oauth1/api/me");
    }
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0]));
}

#[test]
fn a_user_signs_in_by_the_code_that_is_shown() {
    let server = serve(|_| {});
    let mut running = Running::start(&at(
        &server,
        &[
            "authorize",
            "--request-token-endpoint",
            &ask(&server),
            "--no-browser",
        ],
    ));
    let url = running.line()["authorization_url"]
        .as_str()
        .unwrap()
        .to_owned();
    visit(&server, &url);
    let token = url.split_once("oauth_token=").unwrap().1.to_owned();
    let code = server.with(|provider| provider.oauth1.verifier(&token).unwrap().to_owned());
    running.say(&format!("{code}\n"));
    let ended = running.end();
    assert!(matches!(ended.result(0)["credentials"], Value::Object(_)));
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0]));
}

#[test]
fn refusals_and_wrong_usage() {
    let server = serve(|provider| provider.oauth1.settings.consumer_secret = "another".into());
    let ask = ask(&server);
    let refused = run(
        &server,
        &["request-token", "--request-token-endpoint", &ask],
    );
    assert_eq!(refused.result(1)["error"], "signature_invalid");
    assert_eq!(refused.result(1)["status"], 401);
    assert!(!refused.output.contains(SECRET) && !refused.errors.contains(SECRET));
    let broken = run(
        &server,
        &["access-token", "--pending", "{}", "--verifier", "v"],
    );
    assert_eq!(broken.status, 2);
    let keyless = [
        "request-token",
        "--request-token-endpoint",
        &ask,
        "--signature-method",
        "RSA-SHA256",
    ];
    assert_eq!(run(&server, &keyless).status, 2);
    let nobody = ["oauth1", "call", "https://api.example/"];
    assert_eq!(run_words(&nobody).status, 2);
}
