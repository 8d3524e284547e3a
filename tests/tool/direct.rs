//! `discover`, `par` and `logout-url`.

use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use serde_json::json;

use super::run::at;
use super::run::run;
use super::run::run_words;
use super::run::serve;

#[test]
fn a_server_is_discovered() {
    let server = serve(|_| {});
    let ended = run(&at(&server, &["discover"]));
    let document = ended.result(0);
    assert_eq!(document["issuer"], server.issuer());
    let address = document["token_endpoint"].as_str().unwrap();
    assert!(address.starts_with(server.issuer()));

    run_words(&["discover"]).result(2);
    let ended = run_words(&["discover", "--issuer", server.issuer()]);
    assert!(
        ended.result(2)["message"]
            .as_str()
            .unwrap()
            .contains("is not https")
    );
}

#[test]
fn the_metadata_of_another_issuer_are_refused() {
    let server = serve(|provider| {
        let other = Change::member("issuer", Edit::Set("https://evil.example".into()));
        provider.mutate(Mutation::new(Endpoint::Metadata, other));
    });
    let ended = run(&at(&server, &["discover"]));
    let line = ended.result(3);
    assert_eq!(line["check"], "METADATA-ISSUER");
    assert_eq!(line["received"], "https://evil.example");
    assert_eq!(line["expected"], server.issuer());
}

#[test]
fn an_endpoint_named_by_its_option_needs_no_metadata() {
    let server = serve(|_| {});
    let endpoint = format!("{}/token", server.issuer());
    let ended = run_words(&[
        "refresh",
        "--allow-http-loopback",
        "--token-endpoint",
        &endpoint,
        "--client-id",
        "app",
        "--refresh-token",
        "x",
    ]);
    assert_eq!(ended.result(1)["error"], "invalid_grant");
    server.with(|provider| assert_eq!(provider.log().len(), 1));

    let ended = run_words(&[
        "device",
        "--client-id",
        "app",
        "--token-endpoint",
        "https://x.example/",
    ]);
    let message = ended.result(2)["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("device_authorization_endpoint"),
        "{message}"
    );
}

#[test]
fn a_request_is_pushed() {
    let server = serve(|_| {});
    let uri = "https://app.example/callback";
    let words = [
        "par",
        "--client-id",
        "app",
        "--redirect-uri",
        uri,
        "--scope",
        "mail",
    ];
    let ended = run(&at(&server, &words));
    let line = ended.result(0);
    let reference = line["request_uri"].as_str().unwrap();
    assert!(reference.starts_with("urn:ietf:params:oauth:request_uri:"));
    assert!(line["expires_in"].is_u64());
    let url = line["authorization_url"].as_str().unwrap();
    assert!(url.contains("request_uri=urn%3Aietf"), "{url}");

    let words = [
        "par",
        "--client-id",
        "app",
        "--redirect-uri",
        "https://other.example/",
    ];
    assert_eq!(run(&at(&server, &words)).result(1)["status"], 400);
}

#[test]
fn a_logout_has_an_address() {
    let server = serve(|_| {});
    let bye = "https://app.example/bye";
    let words = [
        "logout-url",
        "--client-id",
        "app",
        "--post-logout-redirect-uri",
        bye,
    ];
    let ended = run(&at(&server, &words));
    let line = ended.result(0);
    let url = line["logout_url"].as_str().unwrap();
    let state = line["state"].as_str().unwrap();
    assert!(
        url.starts_with(server.issuer()) && url.contains("client_id=app"),
        "{url}"
    );
    assert!(url.ends_with(&format!("state={state}")), "{url}");
}

#[test]
fn a_logout_has_a_form() {
    let server = serve(|_| {});
    let words = [
        "logout-url",
        "--form",
        "--client-id",
        "app",
        "--id-token-hint",
        "e30.e30.c2ln",
    ];
    let ended = run(&at(&server, &words));
    let line = ended.result(0);
    let address = line["address"].as_str().unwrap();
    assert!(address.starts_with(server.issuer()) && !address.contains('?'));
    let fields = json!([
        {"name": "client_id", "value": "app"},
        {"name": "id_token_hint", "value": "e30.e30.c2ln"},
    ]);
    assert_eq!(line["fields"], fields);
    assert_eq!(line.get("state"), None);
}
