//! Client-id metadata documents (draft-ietf-oauth-client-id-metadata-document): what may be an identifier,
//! and what stands in the document.

#![cfg(test)]

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::endpoint::client_document::ClientDocument;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use serde_json::Value;
use serde_json::json;

const URL: &str = "https://app.example/client.json";

fn myself() -> ClientMetadata {
    ClientMetadata::new(["https://app.example/callback"])
}

#[test]
fn the_document_names_its_own_address() {
    let metadata = myself()
        .with_client_name("App")
        .with_token_endpoint_auth_method("private_key_jwt")
        .with_member("jwks_uri", "https://app.example/jwks.json");
    let document = ClientDocument::new(URL, metadata.clone()).unwrap();
    assert_eq!(document.client_id(), URL);
    assert_eq!(document.metadata(), &metadata);
    assert_eq!(
        serde_json::from_str::<Value>(&document.to_json()).unwrap(),
        json!({
            "client_id": URL,
            "client_name": "App",
            "redirect_uris": ["https://app.example/callback"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "https://app.example/jwks.json"
        })
    );
}

#[test]
fn identifiers() {
    for good in [
        URL,
        "https://app.example/a/b",
        "https://app.example:8443/a",
        "https://app.example/a?v=1",
        "https://app.example/%7Ea/",
    ] {
        assert!(ClientDocument::new(good, myself()).is_ok(), "{good}");
    }
    for bad in [
        "",
        "app",
        "http://app.example/client.json",
        "http://127.0.0.1/client.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/a#",
        "https://app.example/a#x",
        "https://me@app.example/a",
        "https://@app.example/a",
        "https://me:pw@app.example/a",
        "https://app.example/./a",
        "https://app.example/a/../b",
        "https://app.example/a/%2e%2e/b",
        "https://App.example/a",
        "HTTPS://app.example/a",
        "https://app.example:443/a",
        "https://app.example\\a",
        "https://app.example/a b",
        "https://app.example/a\n",
        "javascript:alert(1)",
    ] {
        match ClientDocument::new(bad, myself()) {
            Err(Error::Misuse(Misuse::Parameter { name, .. })) => assert_eq!(name, "client_id"),
            other => panic!("{bad}: {other:?}"),
        }
    }
}

#[test]
fn a_document_holds_no_secret() {
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
    ] {
        let metadata = myself().with_token_endpoint_auth_method(method);
        match ClientDocument::new(URL, metadata) {
            Err(Error::Misuse(Misuse::Parameter { name, .. })) => {
                assert_eq!(name, "token_endpoint_auth_method");
            }
            other => panic!("{method}: {other:?}"),
        }
    }
    for name in ["client_id", "client_secret", "client_secret_expires_at"] {
        match ClientDocument::new(URL, myself().with_member(name, "x")) {
            Err(Error::Misuse(Misuse::ProtocolParameter(own))) => assert_eq!(own, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(matches!(
        ClientDocument::new(URL, ClientMetadata::new(["http://app.example/"])),
        Err(Error::Misuse(Misuse::RedirectUri { .. }))
    ));
    assert!(matches!(
        ClientDocument::new(URL, myself().with_scope("a\"b")),
        Err(Error::Misuse(Misuse::Scope(_)))
    ));
}
