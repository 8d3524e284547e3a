//! `--id-token-alg` and what else says how answers are read, `--policy`, and verified claims in results.

use std::env;
use std::fs;
use std::process;

use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;
use serde_json::Value;
use serde_json::json;

use super::run::Ended;
use super::run::Running;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;
use super::run::visit;
use crate::jose::JOSE;

/// A server that signs.
pub(crate) fn signing(more: impl FnOnce(&mut Provider)) -> Server {
    serve(|provider| {
        provider.jose = Some(JOSE);
        provider.settings.identity.keys = vec![json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2027",
            "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })];
        let redirect_uri = "http://127.0.0.1/callback";
        provider.register(ClientRecord::public("who").redirect(redirect_uri));
        more(provider);
    })
}

fn sign_in(server: &Server, more: &[&str]) -> Ended {
    let fixed = [
        "code",
        "--client-id",
        "who",
        "--callback",
        "stdin",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--scope",
        "openid",
    ];
    let mut running = Running::start(&at(server, &[fixed.as_slice(), more].concat()));
    let line = running.line();
    let landing = visit(server, line["authorization_url"].as_str().unwrap());
    running.say(&format!("{}\n", landing.url));
    running.end()
}

fn access_token(server: &Server) -> String {
    let tokens = sign_in(server, &["--id-token-alg", "EdDSA"]);
    let token = tokens.result(0)["access_token"].as_str();
    token.unwrap().to_owned()
}

#[test]
fn a_sign_in_tells_who_it_was() {
    let server = signing(|_| {});
    let ended = sign_in(&server, &["--id-token-alg", "EdDSA"]);
    let result = ended.result(0);
    assert_eq!(result["id_token_claims"]["aud"], "who");
    assert!(result["id_token_claims"]["sub"].is_string());
    assert_eq!(result["id_token"].as_str().unwrap().split('.').count(), 3);
}

#[test]
fn an_algorithm_that_was_not_agreed_is_a_violation() {
    let server = signing(|_| {});
    let ended = sign_in(&server, &["--id-token-alg", "PS256"]);
    assert_eq!(ended.result(3)["check"], "JWT-ALG");
    let ended = sign_in(&server, &["--id-token-enc", "RSA-OAEP-256:A256GCM"]);
    assert_eq!(ended.result(3)["check"], "JWT-ENCRYPTION");
}

#[test]
fn a_user_elsewhere_is_told_too() {
    let server = signing(|provider| {
        provider.settings.device.interval = Some(1);
    });
    let words = ["device", "--client-id", "who", "--scope", "openid"];
    let ended = run(&at(&server, &words));
    assert_eq!(ended.lines[1]["id_token_claims"]["aud"], "who");
}

/// The server's keys are out of reach: the tokens are handed out, nobody is signed in, and a code is not spent.
#[test]
fn what_lacks_keys_is_not_lost() {
    let server = signing(|provider| {
        provider.settings.device.interval = Some(1);
        provider.mutate(Mutation::new(Endpoint::Jwks, Change::Status(503)));
    });
    let words = ["device", "--client-id", "who", "--scope", "openid"];
    let ended = run(&at(&server, &words));
    assert_eq!(ended.status, 4);
    let failure = &ended.lines[1];
    assert_eq!(failure["failed"], "no_answer");
    assert!(failure["tokens"]["access_token"].is_string());
    assert!(failure["tokens"]["id_token_claims"].is_null());

    let ended = sign_in(&server, &["--id-token-alg", "EdDSA"]);
    let failure = ended.result(1);
    assert_eq!(failure["endpoint"], "jwks_uri");
    assert_eq!(
        (&failure["status"], &failure["remedy"]),
        (&json!(503), &json!("retry"))
    );
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains("could not be fetched"), "{message}");
    server.with(|provider| assert_eq!(provider.log().with(Endpoint::Token).len(), 1));
}

#[test]
fn signed_userinfo_is_verified() {
    let server = signing(|provider| provider.settings.identity.userinfo_signed = true);
    let token = access_token(&server);
    let ask = |algorithm| {
        let fixed = ["userinfo", "--client-id", "who", "--token", &token];
        let words = [fixed.as_slice(), &["--userinfo-alg", algorithm]].concat();
        run(&at(&server, &words))
    };
    assert!(ask("EdDSA").result(0)["sub"].is_string());
    assert_eq!(ask("ES256").result(3)["check"], "JWT-ALG");
}

#[test]
fn an_answer_in_clear_is_not_the_encrypted_one_that_was_agreed() {
    let server = signing(|provider| provider.settings.identity.userinfo_signed = true);
    let token = access_token(&server);
    let agreed = ["--userinfo-alg", "EdDSA", "--userinfo-enc", "ECDH-ES"];
    let ask = ["userinfo", "--client-id", "who", "--token", &token];
    let ended = run(&at(&server, &[ask.as_slice(), &agreed].concat()));
    assert_eq!(ended.result(3)["check"], "JWT-ENCRYPTION");
    // Nothing else is asked for, and this server has no such answer.
    let agreed = ["--introspection-enc", "ECDH-ES"];
    let ask = ["introspect", "--client-id", "who", "--token", &token];
    let ended = run(&at(&server, &[ask.as_slice(), &agreed].concat()));
    assert_eq!(ended.result(1)["status"], 406);
}

#[test]
fn a_policy_is_named_and_held() {
    let fixed = ["client-credentials", "--client-id", "x", "--token-endpoint"];
    let words = [fixed.as_slice(), &["https://id.example/", "--policy"]].concat();
    run_words(&[words.as_slice(), &["lax"]].concat()).result(2);
    let ended = run_words(&[words.as_slice(), &["fapi2_security"]].concat());
    let told: &Value = ended.result(2);
    assert!(
        told["message"]
            .as_str()
            .unwrap()
            .contains("private_key_jwt")
    );
    let server = serve(|_| {});
    let words = ["device", "--client-id", "app", "--policy", "compat"];
    assert!(run(&at(&server, &words)).lines[1]["access_token"].is_string());
}

#[test]
fn what_is_no_algorithm_is_refused() {
    let path = env::temp_dir().join(format!("oauth-proto-{}-decrypt.json", process::id()));
    fs::write(&path, "{}").unwrap();
    let fixed = ["client-credentials", "--client-id", "x", "--token-endpoint"];
    for more in [
        ["--id-token-alg", "none"],
        ["--id-token-enc", "RSA1_5"],
        ["--id-token-enc", "dir:none"],
        ["--userinfo-alg", "x"],
        ["--userinfo-enc", "RSA1_5"],
        ["--introspection-alg", "x"],
        ["--introspection-enc", "dir:none"],
        ["--authorization-response-alg", "x"],
        ["--authorization-response-enc", "x"],
        ["--decrypt-key", path.to_str().unwrap()],
    ] {
        let words = [fixed.as_slice(), &["https://id.example/"], &more].concat();
        run_words(&words).result(2);
    }
    drop(fs::remove_file(&path));
}
