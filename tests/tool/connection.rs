//! `--ca`, `--cert` and `--cert-key`.

use std::fs;
use std::path::PathBuf;

use oauth_proto_world::Endpoint;
use serde_json::json;

use super::authority::Authority;
use super::authority::Issued;
use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;
use super::server::Server;
use super::server::say;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A folder of files that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("oauth-tool-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The options by which a client shows this certificate.
    fn identity(&self, issued: &Issued) -> [String; 4] {
        let cert = self.file("cert.pem", &issued.pem);
        let key = self.file("key.pem", &issued.key.serialize_pem());
        ["--cert".to_owned(), cert, "--cert-key".to_owned(), key]
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn an_authority_is_trusted_where_it_is_named() {
    let folder = Folder::new("ca");
    let authority = Authority::new();
    let server = Server::tls(authority.server("127.0.0.1").config(None), vec![say(OK)]);
    let url = server.url("/");
    let ended = run_words(&["call", "--token", "x", &url]);
    assert_eq!(ended.result(4)["failed"], "no_answer");

    let ca = folder.file("ca.pem", authority.pem());
    let ended = run_words(&["call", "--token", "x", "--ca", &ca, &url]);
    assert_eq!(*ended.result(0), json!({ "status": 200, "body": "ok" }));

    let none = folder.file("none.pem", "nothing");
    run_words(&["call", "--token", "x", "--ca", &none, &url]).result(2);
}

#[test]
fn the_client_shows_its_certificate() {
    let folder = Folder::new("cert");
    let authority = Authority::new();
    let config = authority.server("127.0.0.1");
    let config = config.config(Some(authority.client_verifier()));
    let server = Server::tls(config, vec![say(OK)]);
    let client = authority.client();
    let ca = folder.file("ca.pem", authority.pem());
    let url = server.url("/");
    let mut words = vec!["call".to_owned(), "--token".to_owned(), "x".to_owned()];
    words.extend(["--ca".to_owned(), ca, url]);
    assert_eq!(run(&words).result(4)["failed"], "no_answer");

    words.extend(folder.identity(&client));
    run(&words).result(0);
    let shown = server.seen().client_certificate;
    assert_eq!(shown.as_deref(), Some(client.certificate.as_ref()));
}

#[test]
fn a_client_with_a_certificate_uses_the_aliases() {
    let folder = Folder::new("alias");
    let authority = Authority::new();
    let config = authority.server("127.0.0.1");
    let config = config.config(Some(authority.client_verifier()));
    let refusal = r#"{"error":"invalid_grant"}"#;
    let refusal = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{refusal}",
        refusal.len()
    );
    let aliases = Server::tls(config, vec![say(refusal)]);
    let server = serve(|provider| {
        let alias = json!({
            "token_endpoint": aliases.url("/mtls/token"),
            "userinfo_endpoint": aliases.url("/mtls/userinfo"),
        });
        let member = ("mtls_endpoint_aliases".to_owned(), alias);
        provider.settings.metadata.push(member);
    });
    let client = authority.client();
    let identity = folder.identity(&client);
    let ca = folder.file("ca.pem", authority.pem());
    for words in [
        &["refresh", "--client-id", "app", "--refresh-token", "x"][..],
        &["userinfo", "--token", "x"],
    ] {
        let mut words = at(&server, words);
        words.extend(["--ca".to_owned(), ca.clone()]);
        words.extend(identity.clone());
        run(&words).result(1);
    }
    let seen = aliases.settled();
    let lines: Vec<_> = seen.iter().map(|request| request.line.as_str()).collect();
    let expected = ["POST /mtls/token HTTP/1.1", "GET /mtls/userinfo HTTP/1.1"];
    assert_eq!(lines, expected);
    for request in &seen {
        let shown = request.client_certificate.as_deref();
        assert_eq!(shown, Some(client.certificate.as_ref()));
    }
    server.with(|provider| {
        assert!(provider.log().with(Endpoint::Token).is_empty());
        assert!(provider.log().with(Endpoint::Userinfo).is_empty());
    });
}
