//! From a resource's 401 to a client at its server: the whole way on the world, each comparison on it, and
//! what the client is at which server.

#![cfg(test)]

use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::header::WWW_AUTHENTICATE;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::endpoint::client_document::ClientDocument;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::arrival::Arrival;
use oauth_proto::flow::arrival::Arrived;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::AuthMethod;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::user::send_user;

#[path = "kit/answer.rs"]
mod answer;

mod common {
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod user;
}

const CALLBACK: &str = "https://app.example/callback";
const RESOURCE: &str = "https://id.example/api/mail";
const DOCUMENT: &str = "https://app.example/client.json";

fn provider() -> Provider {
    let mut provider = Provider::new("https://id.example");
    provider.settings.resource.challenged = true;
    provider.settings.registration.open = true;
    provider
}

fn myself() -> ClientMetadata {
    ClientMetadata::new([CALLBACK]).with_token_endpoint_auth_method("none")
}

/// What the API answers to a request without a token.
fn refused(provider: &mut Provider) -> HeaderMap {
    let response = provider.handle(NOW.as_secs(), &Request::get(RESOURCE).body(vec![]).unwrap());
    assert_eq!(response.status(), 401);
    response.headers().clone()
}

fn arrival(provider: &mut Provider) -> Arrival {
    let headers = refused(provider);
    Arrival::new(RESOURCE, &headers, myself()).unwrap()
}

fn arrive(provider: &mut Provider) -> Result<Arrived, Error> {
    let arrival = arrival(provider);
    run(provider, NOW, arrival)
}

/// The paths that were asked after the API itself.
fn asked(provider: &Provider) -> Vec<&str> {
    let exchanges = provider.log().exchanges().iter().skip(1);
    exchanges
        .map(|exchange| exchange.request.uri().path())
        .collect()
}

fn verdict<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Refused(refusal)) => format!("refused at {}", refusal.endpoint()),
        Err(other) => other.to_string(),
    }
}

#[test]
fn from_a_401_to_an_answer_of_the_resource() {
    let mut provider = provider();
    provider.settings.api_scopes = vec![("/api".to_owned(), "mail".to_owned())];
    let arrived = arrive(&mut provider).unwrap();
    assert_eq!(
        asked(&provider),
        [
            "/.well-known/oauth-protected-resource/api/mail",
            "/.well-known/openid-configuration",
            "/register"
        ]
    );
    assert_eq!(arrived.scope().as_str(), "mail");
    assert_eq!(arrived.resource().resource().as_str(), RESOURCE);
    assert_eq!(arrived.client().redirect_uri(), Some(CALLBACK));
    let client = arrived.client();
    assert_eq!(
        arrived.registration().unwrap().client_id(),
        client.client_id()
    );

    let (pending, landing) = send_user(&mut provider, client, arrived.authorization_request());
    let sent = provider.log().with(Endpoint::Authorization)[0].query();
    assert_eq!(sent.value("resource"), Some(RESOURCE));
    let sign_in = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, sign_in).unwrap().into_tokens();
    let request = Request::get(RESOURCE).body(vec![]).unwrap();
    let response = run(&mut provider, NOW, client.call(&tokens, request)).unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

/// MCP's scope-from-www-authenticate, scope-from-scopes-supported, scope-omitted-when-undefined.
#[test]
fn the_scope_is_the_challenge_s_or_the_resource_s_or_none() {
    let scope = |provider: &mut Provider| arrive(provider).unwrap().scope().to_string();
    let mut provider = provider();
    assert_eq!(scope(&mut provider), "");
    provider.settings.resource.scopes = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(scope(&mut provider), "a b");
    provider.settings.api_scopes = vec![("/api".to_owned(), "mail".to_owned())];
    assert_eq!(scope(&mut provider), "mail");
}

#[test]
fn without_a_pointer_the_well_known_address_is_asked() {
    let mut provider = provider();
    provider.settings.resource.challenged = false;
    arrive(&mut provider).unwrap();
    assert_eq!(
        asked(&provider)[0],
        "/.well-known/oauth-protected-resource/api/mail"
    );
    let arrival = Arrival::new(RESOURCE, &HeaderMap::new(), myself()).unwrap();
    assert!(run(&mut provider, NOW, arrival).is_ok());
}

#[test]
fn a_known_client_is_used_at_its_own_server_alone() {
    let mut provider = provider();
    provider.register(ClientRecord::basic("mine", "s3cret").redirect(CALLBACK));
    let basic = || Authentication::client_secret_basic("s3cret");
    let flow = arrival(&mut provider)
        .known("https://evil.example", "other", basic())
        .known("https://id.example", "mine", basic());
    let arrived = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(arrived.client().client_id(), "mine");
    assert_eq!(arrived.client().authentication().method(), basic().method());
    assert!(arrived.registration().is_none());
    assert_eq!(asked(&provider).len(), 2);

    // An issuer that differs by a slash is another one: the client registers anew.
    let flow = arrival(&mut provider).known("https://id.example/", "mine", basic());
    let arrived = run(&mut provider, NOW, flow).unwrap();
    assert_ne!(arrived.client().client_id(), "mine");
    assert_eq!(arrived.client().authentication().method(), "none");
}

/// MCP's authorization-server-migration.
#[test]
fn a_registration_is_used_again_until_the_server_changes() {
    let mut provider = provider();
    let first = arrive(&mut provider).unwrap();
    let stored = serde_json::to_string(first.registration().unwrap()).unwrap();
    let again: Registration = serde_json::from_str(&stored).unwrap();
    let flow = arrival(&mut provider).registered(again);
    let second = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(second.client().client_id(), first.client().client_id());
    assert_eq!(provider.log().with(Endpoint::Registration).len(), 1);

    let moved = stored.replace("https://id.example", "https://old.example");
    let moved: Registration = serde_json::from_str(&moved).unwrap();
    let flow = arrival(&mut provider).registered(moved);
    let third = run(&mut provider, NOW, flow).unwrap();
    assert_ne!(third.client().client_id(), first.client().client_id());
    assert_eq!(provider.log().with(Endpoint::Registration).len(), 2);
}

#[test]
fn a_document_is_the_identifier_where_the_server_reads_it() {
    let document = || ClientDocument::new(DOCUMENT, myself()).unwrap();
    for (says, client_id) in [
        (Some(json!(true)), Some(DOCUMENT)),
        (Some(json!(false)), None),
        (Some(json!("true")), None),
        (None, None),
    ] {
        let mut provider = provider();
        let name = "client_id_metadata_document_supported".to_owned();
        provider
            .settings
            .metadata
            .extend(says.map(|says| (name, says)));
        let flow = arrival(&mut provider).client_document(document());
        let arrived = run(&mut provider, NOW, flow).unwrap();
        let is_registered = arrived.registration().is_some();
        assert_eq!(is_registered, client_id.is_none());
        if let Some(client_id) = client_id {
            assert_eq!(arrived.client().client_id(), client_id);
        }
    }
    let mut provider = provider();
    let says = (
        "client_id_metadata_document_supported".to_owned(),
        json!(true),
    );
    provider.settings.metadata.push(says);
    let signs = myself().with_token_endpoint_auth_method("private_key_jwt");
    let document = ClientDocument::new(DOCUMENT, signs.clone()).unwrap();
    let flow = arrival(&mut provider).client_document(document);
    assert!(matches!(
        run(&mut provider, NOW, flow),
        Err(Error::Unsupported(Unsupported::AuthenticationMethod(_)))
    ));
    let key = Signer::remote("k1", Algorithm::Es256);
    let flow = arrival(&mut provider)
        .client_document(ClientDocument::new(DOCUMENT, signs).unwrap())
        .authentication(Authentication::private_key_jwt(key));
    let arrived = run(&mut provider, NOW, flow).unwrap();
    let client = arrived.client();
    assert_eq!(client.client_id(), DOCUMENT);
    assert_eq!(client.authentication().method(), "private_key_jwt");
}

#[test]
fn a_client_that_authenticates_by_its_key_is_registered_where_it_has_one() {
    let mut provider = provider();
    provider.settings.registration.auth_method = Some(AuthMethod::PrivateKeyJwt);
    let headers = refused(&mut provider);
    let signs = ClientMetadata::new([CALLBACK]).with_token_endpoint_auth_method("private_key_jwt");
    let flow = || Arrival::new(RESOURCE, &headers, signs.clone()).unwrap();
    assert!(matches!(
        run(&mut provider, NOW, flow()),
        Err(Error::Unsupported(Unsupported::AuthenticationMethod(method))) if method == "private_key_jwt"
    ));
    let register = |provider: &Provider| provider.log().with(Endpoint::Registration).len();
    assert_eq!(register(&provider), 0);
    let key = Signer::remote("k1", Algorithm::Es256);
    let flow = flow().authentication(Authentication::private_key_jwt(key));
    let arrived = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(register(&provider), 1);
    assert!(arrived.registration().is_some());
    let method = arrived.client().authentication().method();
    assert_eq!(method, "private_key_jwt");
}

/// The issuer that is asked first.
fn first_server(servers: &Value, change: impl FnOnce(Arrival) -> Arrival) -> Result<String, Error> {
    let arrival = Arrival::new("https://api.example", &HeaderMap::new(), myself()).unwrap();
    let Step::Send(_, sent) = change(arrival).begin(NOW)? else {
        panic!("nothing sent");
    };
    let body = json!({"resource": "https://api.example", "authorization_servers": servers});
    match sent.answer(NOW, &answer::json(200, &body.to_string()))? {
        Step::Send(request, _) => Ok(request.uri().host().unwrap().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_server_is_the_chosen_or_the_known_or_the_first() {
    let two = json!(["https://a.example", "https://b.example"]);
    let known = |arrival: Arrival| arrival.known("https://b.example", "x", Authentication::None);
    let choose = |issuer: &'static str| move |it: Arrival| it.authorization_server(issuer);
    assert_eq!(first_server(&two, |it| it).unwrap(), "a.example");
    assert_eq!(first_server(&two, known).unwrap(), "b.example");
    assert_eq!(
        first_server(&two, choose("https://b.example")).unwrap(),
        "b.example"
    );
    let both = |it| known(choose("https://a.example")(it));
    assert_eq!(first_server(&two, both).unwrap(), "a.example");
    let none = "the resource names no authorization server that can be used";
    for issuer in [
        "https://c.example",
        "https://a.example/",
        "https://A.example",
    ] {
        assert_eq!(verdict(first_server(&two, choose(issuer))), none);
    }
    assert_eq!(verdict(first_server(&json!([]), |it| it)), none);
    assert_eq!(verdict(first_server(&Value::Null, known)), none);
}

#[test]
fn what_breaks_a_rule_ends_the_way_there() {
    let resource = Endpoint::ResourceMetadata;
    for (endpoint, change, expected, requests) in [
        (
            resource,
            Change::member("resource", Edit::append("/")),
            "RESOURCE-METADATA-RESOURCE",
            1,
        ),
        (
            resource,
            Change::member("resource", Edit::Remove),
            "RESOURCE-METADATA-RESOURCE-MISSING",
            1,
        ),
        (
            resource,
            Change::member(
                "authorization_servers",
                Edit::set(json!(["http://x.example"])),
            ),
            "RESOURCE-METADATA-SERVER",
            1,
        ),
        (
            resource,
            Change::Status(404),
            "refused at protected resource metadata",
            1,
        ),
        (
            resource,
            Change::redirect("https://evil.example"),
            "RESPONSE-REDIRECT",
            1,
        ),
        (
            Endpoint::Metadata,
            Change::member("issuer", Edit::set("https://evil.example")),
            "METADATA-ISSUER",
            2,
        ),
        (
            Endpoint::Metadata,
            Change::Status(404),
            "the server publishes no metadata at any well-known address",
            3,
        ),
        (
            Endpoint::Metadata,
            Change::member("registration_endpoint", Edit::Remove),
            "the server names no registration_endpoint",
            2,
        ),
        (
            Endpoint::Registration,
            Change::member("client_id", Edit::Remove),
            "REGISTRATION-CLIENT-ID",
            3,
        ),
        (
            Endpoint::Registration,
            Change::error("invalid_redirect_uri"),
            "refused at registration_endpoint",
            3,
        ),
        (
            Endpoint::Registration,
            Change::redirect("https://evil.example"),
            "RESPONSE-REDIRECT",
            3,
        ),
    ] {
        let mut provider = provider();
        provider.mutate(Mutation::new(endpoint, change));
        assert_eq!(verdict(arrive(&mut provider)), expected);
        assert_eq!(asked(&provider).len(), requests, "{expected}");
    }
}

#[test]
fn a_challenge_that_breaks_a_rule_is_refused_before_anything_is_sent() {
    for (challenge, expected) in [
        (
            "Bearer resource_metadata=\"https://evil.example/m\"",
            "RESOURCE-METADATA-ADDRESS",
        ),
        (
            "Bearer resource_metadata=\"http://id.example/m\"",
            "RESOURCE-METADATA-ADDRESS",
        ),
        ("Bearer scope=\"a\\\\b\"", "RESOURCE-CHALLENGE-SCOPE"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        assert_eq!(
            verdict(Arrival::new(RESOURCE, &headers, myself())),
            expected
        );
    }
    let headers = HeaderMap::new();
    assert!(matches!(
        Arrival::new("http://id.example", &headers, myself()),
        Err(Error::Misuse(Misuse::Address { .. }))
    ));
    assert!(matches!(
        Arrival::new(
            RESOURCE,
            &headers,
            ClientMetadata::new(["http://app.example"])
        ),
        Err(Error::Misuse(Misuse::RedirectUri { .. }))
    ));
}

#[test]
fn an_answer_that_is_lost_gives_the_failure_back() {
    let arrival = Arrival::new(RESOURCE, &HeaderMap::new(), myself()).unwrap();
    assert_eq!(format!("{arrival:?}"), "Arrival(asking resource)");
    let Step::Send(_, sent) = arrival.begin(NOW).unwrap() else {
        panic!("nothing sent");
    };
    assert!(matches!(
        sent.lost(NOW, "cut"),
        Err(DriveError::Transport("cut"))
    ));
}

/// A server that says as little as it can: no way is longer than five requests.
#[test]
fn no_way_is_longer_than_five_requests() {
    let arrival = Arrival::new("https://api.example", &HeaderMap::new(), myself()).unwrap();
    let resource =
        r#"{"resource":"https://api.example","authorization_servers":["https://id.example/t"]}"#;
    let poor =
        r#"{"issuer":"https://id.example/t","registration_endpoint":"https://id.example/r"}"#;
    let mut answers = [resource, poor, poor, poor, r#"{"client_id":"x"}"#].into_iter();
    let mut step = arrival.begin(NOW).unwrap();
    let arrived = loop {
        step = match step {
            Step::Send(_, sent) => {
                let body = answers.next().expect("a sixth request");
                sent.answer(NOW, &answer::json(201, body)).unwrap()
            }
            Step::Done(arrived) => break arrived,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(arrived.client().client_id(), "x");
    assert_eq!(answers.next(), None);
}
