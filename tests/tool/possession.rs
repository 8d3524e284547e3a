//! `--dpop` and `--dpop-key`: tokens that are bound to a key.

use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Server;
use serde_json::json;

use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;
use super::signing::File;
use super::signing::generated;
use crate::jose::JOSE;

fn demanding() -> Server {
    serve(|provider| {
        provider.jose = Some(JOSE);
        provider.settings.dpop = DpopSettings {
            taken: true,
            required: true,
            server_nonces: true,
            api_nonces: true,
            odd_challenges: false,
        };
        provider.register(ClientRecord::basic("prover", "hush"));
    })
}

const ASK: [&str; 5] = [
    "client-credentials",
    "--client-id",
    "prover",
    "--client-secret",
    "hush",
];

#[test]
fn tokens_are_bound_to_a_key_that_is_made_or_kept() {
    let file = File::new("dpop.json", &generated("EdDSA").to_string());
    for more in [
        vec!["--dpop"],
        vec!["--dpop-key", file.path()],
        vec!["--dpop", "--dpop-key", file.path(), "--verbose"],
    ] {
        let server = demanding();
        let ended = run(&at(&server, &[ASK.as_slice(), &more].concat()));
        assert_eq!(ended.result(0)["token_type"], "DPoP");
        assert!(!ended.errors.contains("eyJ"), "{}", ended.errors);
        server.with(|provider| assert_eq!(provider.complaints(), [""; 0], "{}", provider.log()));
    }
}

/// RFC 9449 section 5.1.
#[test]
fn a_new_key_is_one_that_the_server_takes() {
    let file = File::new("listed.json", &generated("ES256").to_string());
    for (listed, algorithm) in [
        (json!(["ES384", "ES256"]), Some("ES256")),
        (json!(["none", "ES384"]), Some("ES384")),
        (json!(["X"]), None),
    ] {
        let server = demanding();
        server.with(|provider| {
            let listed = Edit::set(listed);
            let name = "dpop_signing_alg_values_supported".to_owned();
            let change = Change::Member(name, listed);
            provider.mutate(Mutation::new(Endpoint::Metadata, change));
        });
        let ended = run(&at(&server, &[&ASK[..], &["--dpop"]].concat()));
        let kept = run(&at(
            &server,
            &[&ASK[..], &["--dpop-key", file.path()]].concat(),
        ));
        assert_eq!(kept.status == 0, algorithm == Some("ES256"));
        match algorithm {
            Some(_) => assert_eq!(ended.result(0)["token_type"], "DPoP"),
            None => {
                let message = ended.result(2)["message"].as_str().unwrap();
                assert!(
                    message.contains("ES256") && message.contains("by X"),
                    "{message}"
                );
            }
        }
    }
}

#[test]
fn a_resource_is_called_with_the_key_of_the_token() {
    let file = File::new("call.json", &generated("ES256").to_string());
    let other = File::new("other.json", &generated("ES256").to_string());
    let server = demanding();
    let ended = run(&at(
        &server,
        &[&ASK[..], &["--dpop-key", file.path()]].concat(),
    ));
    let token = ended.result(0)["access_token"].as_str().unwrap();
    let url = server.with(|provider| provider.url("/api/mail"));
    let call = |more: &[&str]| {
        run(&at(
            &server,
            &[&["call", &url, "--token", token], more].concat(),
        ))
    };
    let ended = call(&["--dpop-key", file.path()]);
    assert_eq!(ended.result(0)["status"], 200);
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0], "{}", provider.log()));
    // With another key, with a new one, and as a bearer token it does no good.
    assert_ne!(call(&["--dpop-key", other.path()]).status, 0);
    assert_ne!(call(&["--dpop"]).status, 0);
    assert_ne!(call(&[]).status, 0);
}

#[test]
fn what_is_no_key_of_a_proof_is_refused() {
    let fixed = ["--token-endpoint", "https://id.example/"];
    let file = File::new("mac.json", r#"{"kty":"oct","k":"AAAA"}"#);
    for more in [["--dpop-key", file.path()], ["--dpop-key", "/nowhere"]] {
        run_words(&[&ASK[..], &fixed, &more].concat()).result(2);
    }
}
