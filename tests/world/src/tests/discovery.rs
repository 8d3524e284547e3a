//! Where metadata are, and what they say.

use serde_json::json;

use crate::Document;
use crate::Endpoint;
use crate::Place;

use super::*;

#[test]
fn documents_are_where_the_standards_put_them() {
    let table = [
        (
            ISSUER,
            Place::OpenidAppended,
            "https://id.example/.well-known/openid-configuration",
        ),
        (
            ISSUER,
            Place::OpenidInserted,
            "https://id.example/.well-known/openid-configuration",
        ),
        (
            ISSUER,
            Place::OauthInserted,
            "https://id.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://id.example/",
            Place::OpenidAppended,
            "https://id.example/.well-known/openid-configuration",
        ),
        (
            "https://id.example/a/b",
            Place::OpenidAppended,
            "https://id.example/a/b/.well-known/openid-configuration",
        ),
        (
            "https://id.example/a/b",
            Place::OpenidInserted,
            "https://id.example/.well-known/openid-configuration/a/b",
        ),
        (
            "https://id.example/a/b",
            Place::OauthInserted,
            "https://id.example/.well-known/oauth-authorization-server/a/b",
        ),
        (
            "https://id.example/a/b",
            Place::OauthAppended,
            "https://id.example/a/b/.well-known/oauth-authorization-server",
        ),
    ];
    for (issuer, place, url) in table {
        let mut provider = Provider::new(issuer);
        provider.settings.documents = vec![Document::at(place)];
        assert_eq!(provider.document_url(place), url);
        let request = Request::get(url).header("accept", "application/json");
        let response = provider.handle(NOW, &request.body(Vec::new()).unwrap());
        assert_eq!(json(&response)["issuer"], issuer);
        assert_no_complaint(&provider);
    }
}

#[test]
fn a_place_without_a_document_is_404_and_no_complaint() {
    let mut provider = provider();
    provider.settings.documents = vec![Document::at(Place::OauthInserted)];
    let response = provider.handle(NOW, &get("/.well-known/openid-configuration", None));
    assert_eq!(response.status(), 404);
    assert_no_complaint(&provider);
    assert_eq!(provider.handle(NOW, &get("/tokens", None)).status(), 404);
    assert_complaint(&provider, "nothing at /tokens");
}

#[test]
fn two_documents_can_hold_half_each() {
    let mut provider = provider();
    provider.settings.documents = vec![
        Document::at(Place::OpenidAppended).without("token_endpoint"),
        Document::at(Place::OauthInserted).without("userinfo_endpoint"),
    ];
    let openid = json(&provider.handle(NOW, &get("/.well-known/openid-configuration", None)));
    let oauth = json(&provider.handle(NOW, &get("/.well-known/oauth-authorization-server", None)));
    assert!(openid["token_endpoint"].is_null() && oauth["userinfo_endpoint"].is_null());
    assert_eq!(openid["userinfo_endpoint"], "https://id.example/userinfo");
    assert_eq!(oauth["token_endpoint"], "https://id.example/token");
    assert_eq!(provider.log().with(Endpoint::Metadata).len(), 2);
    assert_eq!(provider.log().with(Endpoint::OauthMetadata).len(), 1);
}

#[test]
fn the_metadata_say_what_the_provider_does() {
    let mut provider = provider();
    provider.register(ClientRecord::public("app").scope("mail profile"));
    provider.settings.metadata = vec![
        (
            "service_documentation".to_owned(),
            json!("https://id.example/docs"),
        ),
        (
            "userinfo_endpoint".to_owned(),
            json!("https://id.example/me"),
        ),
    ];
    let path = "/.well-known/oauth-authorization-server";
    let metadata = json(&provider.handle(NOW, &get(path, None)));
    assert_eq!(metadata["scopes_supported"], json!(["mail", "profile"]));
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post", "none"])
    );
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(metadata["service_documentation"], "https://id.example/docs");
    assert_eq!(metadata["userinfo_endpoint"], "https://id.example/me");
    let keys = json(&provider.handle(NOW, &get("/jwks", None)));
    assert_eq!(keys, json!({"keys": []}));
    assert_no_complaint(&provider);
}

#[test]
fn a_careless_request_for_metadata_is_refused() {
    let path = "/.well-known/openid-configuration";
    let mut post = get(path, None);
    *post.method_mut() = http::Method::POST;
    let mut body = get(path, None);
    body.body_mut().push(b'a');
    let mut accept = get(path, None);
    accept.headers_mut().remove("accept");
    for (request, status, about) in [
        (post, 405, "no POST here"),
        (body, 400, "GET with a body"),
        (accept, 406, "Accept"),
        (get(&format!("{path}?a=b"), None), 400, "a in the query"),
        (
            get(&format!("{path}?password=b"), None),
            400,
            "password in a URL",
        ),
    ] {
        let mut provider = provider();
        assert_eq!(provider.handle(NOW, &request).status(), status, "{about}");
        assert_complaint(&provider, about);
    }
}
