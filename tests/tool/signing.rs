//! `--auth` by assertion, `--key`, `--jar`, and the command `jwk`.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process;

use oauth_proto_world::AuthMethod;
use oauth_proto_world::ClientRecord;
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

/// A file that only this test uses, gone at its end.
pub(super) struct File(PathBuf);

impl File {
    pub(super) fn new(name: &str, content: &str) -> Self {
        let name = format!("oauth-proto-{}-{name}", process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

pub(super) fn generated(alg: &str) -> Value {
    run_words(&["jwk", "generate", "--alg", alg])
        .result(0)
        .clone()
}

fn public(key: &File) -> Value {
    run_words(&["jwk", "public", "--key", key.path()])
        .result(0)
        .clone()
}

#[test]
fn a_key_is_generated_shown_and_named() {
    for (alg, kty) in [("ES256", "EC"), ("EdDSA", "OKP"), ("RS256", "RSA")] {
        let private = generated(alg);
        assert_eq!([&private["alg"], &private["kty"]], [alg, kty]);
        assert!(private["d"].is_string());
        let file = File::new(&format!("{alg}.json"), &private.to_string());
        let public = public(&file);
        assert_eq!(public["kid"], private["kid"]);
        assert_eq!(public.get("d"), None);
        let ended = run_words(&["jwk", "thumbprint", "--key", file.path()]);
        assert_eq!(ended.result(0)["thumbprint"], private["kid"]);
    }
    let ended = run_words(&["jwk", "generate", "--kid", "mine"]);
    assert_eq!(ended.result(0)["kid"], "mine");
    assert_eq!(ended.result(0)["alg"], "ES256");
}

/// RFC 8410 §10.3, RFC 7638 over the public half.
#[test]
fn a_key_in_pem_is_read() {
    let pem = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    let file = File::new("key.pem", pem);
    let words = [
        "jwk",
        "public",
        "--key",
        file.path(),
        "--kid",
        "1",
        "--alg",
        "EdDSA",
    ];
    let ended = run_words(&words);
    let expected = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE",
        "kid": "1",
        "alg": "EdDSA",
    });
    assert_eq!(*ended.result(0), expected);
}

#[test]
fn what_is_no_key_is_refused() {
    for (name, content) in [("a.json", "{}"), ("b.pem", "no key"), ("c.json", "")] {
        let file = File::new(name, content);
        run_words(&["jwk", "public", "--key", file.path()]).result(2);
    }
    run_words(&["jwk", "public"]).result(2);
    run_words(&["jwk", "generate", "--alg", "none"]).result(2);
    run_words(&["jwk", "generate", "--alg", "HS256"]).result(2);
}

/// The tokens that the tool gets for a client that signs.
fn client_credentials(record: ClientRecord, more: &[&str]) -> Ended {
    let server = serve(|provider| {
        provider.jose = Some(JOSE);
        provider.register(record);
    });
    let words = [
        ["client-credentials", "--client-id", "signer"].as_slice(),
        more,
    ]
    .concat();
    let ended = run(&at(&server, &words));
    server.with(|provider| assert_eq!(provider.complaints(), [""; 0], "{}", provider.log()));
    ended
}

#[test]
fn a_client_authenticates_by_its_key() {
    let file = File::new("auth.json", &generated("ES256").to_string());
    let jwks = json!({"keys": [public(&file)]});
    let record = || ClientRecord::by("signer", AuthMethod::PrivateKeyJwt).jwks(jwks.clone());
    for more in [
        vec!["--key", file.path()],
        vec!["--auth", "private_key_jwt", "--key", file.path()],
        vec!["--key", file.path(), "--alg", "ES256", "--verbose"],
    ] {
        let ended = client_credentials(record(), &more);
        assert!(ended.result(0)["access_token"].is_string());
        // The assertion is good for a minute.
        assert!(!ended.errors.contains("eyJ"), "{}", ended.errors);
    }
}

#[test]
fn a_client_authenticates_by_an_hmac_of_its_secret() {
    let secret = "a secret of thirty-two characters";
    let record = ClientRecord {
        secret: Some(secret.to_owned()),
        ..ClientRecord::by("signer", AuthMethod::ClientSecretJwt)
    };
    let more = ["--auth", "client_secret_jwt", "--client-secret", secret];
    assert!(client_credentials(record, &more).result(0)["access_token"].is_string());
}

#[test]
fn what_a_method_needs_is_said() {
    let file = File::new("needs.json", &generated("ES256").to_string());
    for words in [
        vec!["--auth", "private_key_jwt"],
        vec!["--auth", "tls_client_auth"],
        vec!["--auth", "self_signed_tls_client_auth"],
        vec!["--auth", "client_secret_jwt"],
        vec!["--auth", "client_secret_jwt", "--client-secret", "short"],
        vec![
            "--auth",
            "private_key_jwt",
            "--key",
            file.path(),
            "--alg",
            "RS256",
        ],
        vec!["--jar"],
        vec!["--key", file.path(), "--jar-encrypt"],
        vec!["--key", file.path(), "--jar", "--jar-encrypt"],
    ] {
        let fixed = ["client-credentials", "--client-id", "x", "--token-endpoint"];
        let words = [fixed.as_slice(), &["https://id.example/"], &words].concat();
        run_words(&words).result(2);
    }
}

#[test]
fn a_user_signs_in_by_a_signed_request() {
    let file = File::new("jar.json", &generated("EdDSA").to_string());
    let jwks = json!({"keys": [public(&file)]});
    let own = generated("ES256");
    let own = json!({"kty": own["kty"], "crv": own["crv"], "x": own["x"], "y": own["y"],
        "d": own["d"], "kid": "own", "use": "enc"});
    for more in [
        vec!["--jar"],
        vec!["--jar", "--par"],
        vec!["--jar", "--jar-encrypt"],
        vec!["--jar", "--jar-encrypt", "--par"],
    ] {
        let server = serve(|provider| {
            provider.jose = Some(JOSE);
            provider.settings.decryption_keys = json!({"keys": [own]});
            provider.settings.identity.published = Some(vec![own.clone()]);
            provider.settings.signed_required = true;
            provider.register(
                ClientRecord::by("signer", AuthMethod::PrivateKeyJwt)
                    .jwks(jwks.clone())
                    .redirect("https://app.example/callback"),
            );
        });
        let fixed = [
            "code",
            "--client-id",
            "signer",
            "--callback",
            "stdin",
            "--redirect-uri",
            "https://app.example/callback",
            "--key",
            file.path(),
        ];
        let mut running = Running::start(&at(&server, &[fixed.as_slice(), &more].concat()));
        let line = running.line();
        let url = line["authorization_url"].as_str().unwrap();
        assert!(!url.contains("redirect_uri"), "{url}");
        let landing = visit(&server, url);
        running.say(&format!("{}\n", landing.url));
        assert!(running.end().result(0)["access_token"].is_string());
        server.with(|provider| assert_eq!(provider.complaints(), [""; 0], "{}", provider.log()));
    }
}
