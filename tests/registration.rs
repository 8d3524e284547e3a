//! Dynamic client registration (RFC 7591): known answers for the request, good and bad responses, what is
//! stored, and the flow on the world.

#![cfg(test)]

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::AuthMethod;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::run::run;

#[path = "kit/answer.rs"]
mod answer;

mod common {
    pub(crate) mod moment;
    pub(crate) mod run;
}

const CALLBACK: &str = "https://client.example.org/callback";

fn server() -> Metadata {
    Metadata::new("https://server.example.com", UriPolicy::default())
        .and_then(|server| {
            server.with_endpoint(
                Endpoint::Registration,
                "https://server.example.com/register",
            )
        })
        .unwrap()
}

fn asked() -> ClientMetadata {
    ClientMetadata::new([CALLBACK]).with_scope("read write")
}

/// The example of RFC 7591 section 3.2.1, shortened.
fn example() -> Value {
    json!({
        "client_id": "s6BhdRkqt3",
        "client_secret": "cf136dc3c1fc93f31185e5885805d",
        "client_id_issued_at": 2893256800_u64,
        "client_secret_expires_at": 2893276800_u64,
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "client_name": "My Example Client",
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "write read",
        "example_extension_parameter": "example_value"
    })
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut example = example();
    example[name] = value.into();
    example
}

fn without(name: &str) -> Value {
    let mut example = example();
    example.as_object_mut().unwrap().remove(name);
    example
}

fn read(status: u16, body: &Value) -> Result<Registration, Error> {
    ClientRegistration::new(&server(), asked())?
        .response(NOW, &answer::json(status, &body.to_string()))
}

fn verdict<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(malformed)) => {
            assert_eq!(malformed.endpoint, Endpoint::Registration);
            malformed.fault.to_string()
        }
        Err(Error::Refused(refusal)) => {
            format!(
                "refused: {}",
                refusal.code().map_or("", |code| code.as_str())
            )
        }
        Err(other) => other.to_string(),
    }
}

/// RFC 7591 section 3.1 and 3.1.1.
#[test]
fn the_request() {
    let metadata = ClientMetadata::new([CALLBACK, "https://client.example.org/callback2"])
        .with_client_name("My Example Client")
        .with_member("client_name#ja-Jpan-JP", "\u{30AF}\u{30E9}")
        .with_token_endpoint_auth_method("client_secret_basic")
        .with_grant_types(["authorization_code"])
        .with_response_types(["code"])
        .with_client_uri("https://client.example.org/")
        .with_logo_uri("https://client.example.org/logo.png")
        .with_scope(["read", "write"])
        .with_contacts(["mail@client.example.org"])
        .with_software("4NRB1-0XZABZI9E6-5SM3R", "2.1")
        .with_member("jwks_uri", "https://client.example.org/jwks.json");
    let operation = ClientRegistration::new(&server(), metadata)
        .unwrap()
        .initial_access_token("ey23f2.adfj230.af32-developer321")
        .software_statement("eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/register");
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("accept"), "application/json");
    assert_eq!(
        header("authorization"),
        "Bearer ey23f2.adfj230.af32-developer321"
    );
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(
        serde_json::from_slice::<Value>(request.body()).unwrap(),
        json!({
            "redirect_uris": [CALLBACK, "https://client.example.org/callback2"],
            "client_name": "My Example Client",
            "client_name#ja-Jpan-JP": "\u{30AF}\u{30E9}",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "client_uri": "https://client.example.org/",
            "logo_uri": "https://client.example.org/logo.png",
            "scope": "read write",
            "contacts": ["mail@client.example.org"],
            "software_id": "4NRB1-0XZABZI9E6-5SM3R",
            "software_version": "2.1",
            "jwks_uri": "https://client.example.org/jwks.json",
            "software_statement": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
        })
    );
    let printed = format!("{operation:?}");
    assert!(
        !printed.contains("ey23f2") && !printed.contains("eyJhbGci"),
        "{printed}"
    );
    let bare = ClientRegistration::new(&server(), ClientMetadata::new([""; 0]).with_scope(""));
    let request = bare.unwrap().request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.body(), b"{}");
    assert!(!request.headers().contains_key("authorization"));
}

/// RFC 7591 section 2: what is omitted has a default, which an empty list has not.
#[test]
fn an_empty_list_is_said() {
    let metadata = ClientMetadata::new([""; 0])
        .with_grant_types(["client_credentials"])
        .with_response_types([""; 0]);
    let operation = ClientRegistration::new(&server(), metadata).unwrap();
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(request.body()).unwrap(),
        json!({ "grant_types": ["client_credentials"], "response_types": [] })
    );
}

#[test]
fn what_may_not_be_sent_is_refused_before_anything_is() {
    let new = |metadata| verdict(ClientRegistration::new(&server(), metadata));
    for name in [
        "client_id",
        "client_secret",
        "client_id_issued_at",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
        "software_statement",
    ] {
        let expected =
            format!("`{name}` is a parameter of the protocol and cannot be given as an extra");
        assert_eq!(new(asked().with_member(name, "x")), expected);
    }
    assert!(new(ClientMetadata::new(["http://app.example/"])).contains("redirect URI"));
    assert!(new(asked().with_scope("a\"b")).contains("no scope token"));
    let bare = Metadata::new("https://server.example.com", UriPolicy::default()).unwrap();
    let none = ClientRegistration::new(&bare, asked());
    assert_eq!(verdict(none), "the server names no registration_endpoint");
    let token = ClientRegistration::new(&server(), asked())
        .unwrap()
        .initial_access_token("a b");
    assert!(matches!(
        token.request(NOW),
        Err(Error::Misuse(Misuse::AccessTokenCharacters))
    ));
}

#[test]
fn the_response() {
    let registration = read(201, &example()).unwrap();
    assert_eq!(registration.client_id(), "s6BhdRkqt3");
    assert!(
        registration
            .client_secret()
            .unwrap()
            .eq_text("cf136dc3c1fc93f31185e5885805d")
    );
    let at = |seconds| Some(UnixTime::from_secs(seconds));
    assert_eq!(registration.client_id_issued_at(), at(2_893_256_800));
    assert_eq!(registration.client_secret_expires_at(), at(2_893_276_800));
    assert_eq!(registration.issuer(), Some("https://server.example.com"));
    assert!(!registration.is_manageable());
    assert_eq!(
        registration.metadata().client_name(),
        Some("My Example Client")
    );
    let extension = registration
        .metadata()
        .member("example_extension_parameter");
    assert_eq!(extension, Some(&json!("example_value")));
    assert_eq!(registration.metadata().member("client_secret"), None);
    assert_eq!(registration.differences(), []);
    assert_eq!(registration.findings(), []);
    let never = read(201, &with("client_secret_expires_at", 0)).unwrap();
    assert_eq!(never.client_secret_expires_at(), None);
    let text = read(201, &with("client_secret_expires_at", "7")).unwrap();
    assert_eq!(text.client_secret_expires_at(), at(7));
    assert_eq!(
        read(200, &example()).unwrap().findings(),
        [Finding::Status(200)]
    );
}

#[test]
fn differences_are_data() {
    let mut body = with("scope", "read");
    body.as_object_mut().unwrap().remove("redirect_uris");
    let registration = read(201, &body).unwrap();
    let [redirect_uris, scope] = registration.differences() else {
        panic!("{:?}", registration.differences());
    };
    assert_eq!(redirect_uris.member, "redirect_uris");
    assert_eq!(redirect_uris.asked, json!([CALLBACK]));
    assert_eq!(redirect_uris.registered, None);
    assert_eq!(scope.member, "scope");
    assert_eq!(scope.asked, json!("read write"));
    assert_eq!(scope.registered, Some(json!("read")));
    let asked = ClientMetadata::new(["https://a.example/", "https://b.example/"]);
    let other = ClientMetadata::new(["https://b.example/", "https://a.example/"]);
    assert_eq!(asked.differences(&other.with_client_name("x")), []);
}

#[test]
fn responses_that_are_refused() {
    for (body, expected) in [
        (without("client_id"), "REGISTRATION-CLIENT-ID"),
        (with("client_id", Value::Null), "REGISTRATION-CLIENT-ID"),
        (with("client_id", ""), "REGISTRATION-CLIENT-ID"),
        (with("client_id", "a\nb"), "REGISTRATION-CLIENT-ID"),
        (with("client_id", 7), "expected a string"),
        (with("client_secret", ""), "REGISTRATION-SECRET"),
        (with("client_secret", "a\u{0}"), "REGISTRATION-SECRET"),
        (
            without("client_secret_expires_at"),
            "REGISTRATION-SECRET-EXPIRES-AT",
        ),
        (
            with("client_secret_expires_at", Value::Null),
            "REGISTRATION-SECRET-EXPIRES-AT",
        ),
        (
            with("client_secret_expires_at", -1),
            "REGISTRATION-SECRET-EXPIRES-AT",
        ),
        (
            with("client_secret_expires_at", "never"),
            "REGISTRATION-SECRET-EXPIRES-AT",
        ),
        (
            with("registration_access_token", ""),
            "REGISTRATION-ACCESS-TOKEN",
        ),
        (
            with("registration_access_token", "a b"),
            "REGISTRATION-ACCESS-TOKEN",
        ),
        (
            with("registration_client_uri", "http://server.example.com/r"),
            "REGISTRATION-CLIENT-URI",
        ),
        (
            with("registration_client_uri", "file:///etc/passwd"),
            "REGISTRATION-CLIENT-URI",
        ),
        (
            with("redirect_uris", CALLBACK),
            "expected an array of strings",
        ),
        (with("scope", json!(["read"])), "expected a string"),
        (
            with("error", "invalid_redirect_uri"),
            "refused: invalid_redirect_uri",
        ),
        (json!([]), "not a JSON object"),
    ] {
        let verdict = verdict(read(201, &body));
        assert!(
            verdict.contains(expected),
            "{verdict} instead of {expected}"
        );
    }
    let error = json!({"error": "invalid_software_statement"});
    assert_eq!(
        verdict(read(400, &error)),
        "refused: invalid_software_statement"
    );
    assert_eq!(verdict(read(302, &example())), "RESPONSE-REDIRECT");
}

#[test]
fn the_client_authenticates_as_the_answer_states() {
    let method = |body: &Value| -> Result<&'static str, Error> {
        Ok(read(201, body)?.client(server())?.authentication().method())
    };
    assert_eq!(method(&example()).unwrap(), "client_secret_basic");
    let name = "token_endpoint_auth_method";
    assert_eq!(
        method(&with(name, "client_secret_post")).unwrap(),
        "client_secret_post"
    );
    assert_eq!(method(&with(name, "none")).unwrap(), "none");
    assert_eq!(method(&without(name)).unwrap(), "client_secret_basic");
    assert_eq!(method(&json!({"client_id": "x"})).unwrap(), "none");
    let secretless = json!({"client_id": "x", name: "client_secret_basic"});
    assert_eq!(verdict(method(&secretless)), "REGISTRATION-SECRET");
    match method(&with(name, "private_key_jwt")) {
        Err(Error::Unsupported(Unsupported::AuthenticationMethod(method))) => {
            assert_eq!(method, "private_key_jwt");
        }
        other => panic!("{other:?}"),
    }
    let signs = read(201, &with(name, "private_key_jwt")).unwrap();
    let key = || Authentication::private_key_jwt(Signer::remote("k1", Algorithm::Es256));
    let client = signs.client_with(server(), key()).unwrap();
    assert_eq!(client.authentication().method(), "private_key_jwt");
    assert!(matches!(
        read(201, &example()).unwrap().client_with(server(), key()),
        Err(Error::Unsupported(Unsupported::AuthenticationMethod(method))) if method == "client_secret_basic"
    ));
    let other = Metadata::new("https://evil.example", UriPolicy::default()).unwrap();
    assert!(matches!(
        signs.client_with(other.clone(), key()),
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
    assert!(matches!(
        read(201, &example()).unwrap().client(other),
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
}

/// RFC 9700 section 4.4: two servers that name no issuer are still two.
#[test]
fn a_registration_is_good_at_its_own_server_alone() {
    let at = |host: &str| {
        Metadata::without_issuer(UriPolicy::default())
            .with_endpoint(Endpoint::Registration, &format!("https://{host}/register"))
            .and_then(|it| it.with_endpoint(Endpoint::Token, &format!("https://{host}/token")))
            .unwrap()
    };
    let registration = ClientRegistration::new(&at("a.example"), asked())
        .unwrap()
        .response(NOW, &answer::json(201, &example().to_string()))
        .unwrap();
    assert_eq!(registration.issuer(), None);
    let stored = serde_json::to_string(&registration).unwrap();
    let registration: Registration = serde_json::from_str(&stored).unwrap();
    assert!(registration.client(at("a.example")).is_ok());
    match registration.client(at("b.example")) {
        Err(Error::Misuse(Misuse::OtherClient { owner, client, .. })) => {
            assert_eq!(owner, "https://a.example/token");
            assert_eq!(client, "https://b.example/token");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_stored_comes_back_equal_and_prints_no_secret() {
    let mut body = with("registration_access_token", "tok3n");
    body["registration_client_uri"] = json!("https://server.example.com/register/s6BhdRkqt3");
    let registration = read(201, &body).unwrap();
    assert!(registration.is_manageable());
    let stored = serde_json::to_string(&registration).unwrap();
    assert!(
        stored.starts_with(r#"{"v":1,"issuer":"https://server.example.com","#),
        "{stored}"
    );
    let again: Registration = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, registration);
    assert!(
        again
            .client_secret()
            .unwrap()
            .eq_text("cf136dc3c1fc93f31185e5885805d")
    );
    let newer = stored.replacen("\"v\":1", "\"v\":2", 1);
    assert!(serde_json::from_str::<Registration>(&newer).is_err());
    let printed = format!("{registration:?}");
    assert!(
        !printed.contains("cf136") && !printed.contains("tok3n"),
        "{printed}"
    );
}

#[test]
fn a_client_registers_at_the_world_and_is_known_there() {
    for (method, authentication) in [
        (AuthMethod::None, "none"),
        (AuthMethod::ClientSecretBasic, "client_secret_basic"),
        (AuthMethod::ClientSecretPost, "client_secret_post"),
    ] {
        let mut provider = Provider::new("https://id.example");
        provider.settings.registration.open = true;
        provider.settings.registration.initial_access_token = Some("1nitial".to_owned());
        provider.settings.registration.auth_method = Some(method);
        let server = run(
            &mut provider,
            NOW,
            Discover::new("https://id.example").unwrap(),
        )
        .unwrap();
        let bare = ClientRegistration::new(&server, asked()).unwrap();
        let refused = run(&mut provider, NOW, Call::new(bare));
        assert_eq!(verdict(refused), "refused: invalid_token");
        let operation = ClientRegistration::new(&server, asked())
            .unwrap()
            .initial_access_token("1nitial");
        let registration = run(&mut provider, NOW, Call::new(operation)).unwrap();
        assert_eq!(registration.differences(), []);
        let client = registration.client(server).unwrap();
        assert_eq!(client.authentication().method(), authentication);
        assert!(matches!(
            (client.authentication(), registration.client_secret()),
            (Authentication::None, None)
                | (
                    Authentication::ClientSecretBasic(_) | Authentication::ClientSecretPost(_),
                    Some(_)
                )
        ));
        let call = client.device(["read"]).unwrap();
        run(&mut provider, NOW, call).unwrap();
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}
