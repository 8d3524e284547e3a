//! Managing a registration (RFC 7592): known answers for the requests, good and bad responses, rotated
//! tokens and secrets, and the whole life of a registration on the world.

#![cfg(test)]

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::management::RegistrationDeletion;
use oauth_proto::endpoint::management::RegistrationManagement;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
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
const ADDRESS: &str = "https://server.example.com/register/s6BhdRkqt3";

fn server() -> Metadata {
    let registration = "https://server.example.com/register";
    Metadata::new("https://server.example.com", UriPolicy::default())
        .and_then(|server| server.with_endpoint(Endpoint::Registration, registration))
        .unwrap()
}

/// The example of RFC 7592 section 3, shortened.
fn example() -> Value {
    json!({
        "registration_access_token": "reg-23410913-abewfq.123483",
        "registration_client_uri": ADDRESS,
        "client_id": "s6BhdRkqt3",
        "client_secret": "cf136dc3c1fc93f31185e5885805d",
        "client_id_issued_at": 2893256800_u64,
        "client_secret_expires_at": 2893276800_u64,
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic"
    })
}

fn registration() -> Registration {
    ClientRegistration::new(&server(), ClientMetadata::new([CALLBACK]))
        .unwrap()
        .response(NOW, &answer::json(201, &example().to_string()))
        .unwrap()
}

fn read(status: u16, body: &Value) -> Result<Registration, Error> {
    RegistrationManagement::read(&server(), &registration())?
        .response(NOW, &answer::json(status, &body.to_string()))
}

fn verdict<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Refused(refusal)) => format!("refused: {}", refusal.status().unwrap()),
        Err(other) => other.to_string(),
    }
}

/// RFC 7592 section 2.1, 2.2 and 2.3.
#[test]
fn the_requests() {
    let read = RegistrationManagement::read(&server(), &registration()).unwrap();
    let changed = registration().metadata().clone().with_client_name("New");
    let update = RegistrationManagement::update(&server(), &registration(), changed).unwrap();
    let deletion = RegistrationDeletion::new(&server(), &registration()).unwrap();
    let sent = |draft: Result<oauth_proto::endpoint::draft::Draft, Error>| {
        let request = draft.unwrap().into_request().unwrap();
        assert_eq!(request.uri(), ADDRESS);
        let authorization = &request.headers()["authorization"];
        assert_eq!(authorization, "Bearer reg-23410913-abewfq.123483");
        assert!(authorization.is_sensitive());
        assert_eq!(request.headers()["accept"], "application/json");
        let is_json = request.headers().get("content-type").is_some();
        assert_eq!(is_json, request.method() == "PUT");
        (request.method().to_string(), request.body().clone())
    };
    assert_eq!(sent(read.request(NOW)), ("GET".to_owned(), Vec::new()));
    assert_eq!(
        sent(deletion.request(NOW)),
        ("DELETE".to_owned(), Vec::new())
    );
    let (method, body) = sent(update.request(NOW));
    assert_eq!(method, "PUT");
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap(),
        json!({
            "client_id": "s6BhdRkqt3",
            "client_secret": "cf136dc3c1fc93f31185e5885805d",
            "client_name": "New",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "client_secret_basic"
        })
    );
    for printed in [
        format!("{read:?}"),
        format!("{update:?}"),
        format!("{deletion:?}"),
    ] {
        assert!(
            !printed.contains("reg-2341") && !printed.contains("cf136"),
            "{printed}"
        );
    }
}

/// RFC 7591 section 3.2.1 has the statement returned, RFC 7592 section 2.2 has it sent again.
#[test]
fn a_software_statement_goes_back_with_a_change() {
    let mut body = example();
    body["software_statement"] = json!("eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
    let registered = read(200, &body).unwrap();
    let changed = registered.metadata().clone().with_client_name("New");
    let update = RegistrationManagement::update(&server(), &registered, changed).unwrap();
    let request = update.request(NOW).unwrap().into_request().unwrap();
    let sent: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(sent["software_statement"], body["software_statement"]);
    assert_eq!(sent["client_name"], "New");
}

#[test]
fn what_comes_is_adopted_and_what_does_not_goes_on() {
    let mut body = example();
    body["registration_access_token"] = json!("t2");
    body["client_secret"] = json!("s2");
    body["client_secret_expires_at"] = json!(0);
    body["registration_client_uri"] = json!("https://server.example.com/r2");
    let new = read(200, &body).unwrap();
    assert!(new.client_secret().unwrap().eq_text("s2"));
    assert!(new.registration_access_token().unwrap().eq_text("t2"));
    let address = Some("https://server.example.com/r2");
    assert_eq!(new.registration_client_uri(), address);
    assert_eq!(new.client_secret_expires_at(), None);
    let next = RegistrationManagement::read(&server(), &new).unwrap();
    let next = next.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(next.uri(), "https://server.example.com/r2");
    assert_eq!(next.headers()["authorization"], "Bearer t2");

    let bare = json!({"client_id": "s6BhdRkqt3", "redirect_uris": [CALLBACK]});
    let same = read(200, &bare).unwrap();
    let old = registration();
    assert_eq!(same.client_secret(), old.client_secret());
    assert_eq!(
        same.client_secret_expires_at(),
        old.client_secret_expires_at()
    );
    assert_eq!(same.client_id_issued_at(), old.client_id_issued_at());
    assert!(same.is_manageable());
    // What is registered no longer is a difference.
    assert_eq!(same.differences().len(), 1);
    assert_eq!(same.differences()[0].member, "token_endpoint_auth_method");
    assert_eq!(same.findings(), []);
    assert_eq!(read(201, &bare).unwrap().findings(), [Finding::Status(201)]);
}

#[test]
fn responses_that_are_refused() {
    let with = |name: &str, value: Value| {
        let mut body = example();
        body[name] = value;
        body
    };
    for (status, body, expected) in [
        (
            200,
            with("client_id", json!("other")),
            "REGISTRATION-OTHER-CLIENT",
        ),
        (
            200,
            with("client_id", Value::Null),
            "REGISTRATION-CLIENT-ID",
        ),
        (200, with("client_secret", json!("")), "REGISTRATION-SECRET"),
        (
            200,
            with("client_secret_expires_at", Value::Null),
            "REGISTRATION-SECRET-EXPIRES-AT",
        ),
        (
            200,
            with("registration_access_token", json!("a\tb")),
            "REGISTRATION-ACCESS-TOKEN",
        ),
        (
            200,
            with("registration_client_uri", json!("http://x.example")),
            "REGISTRATION-CLIENT-URI",
        ),
        (302, example(), "RESPONSE-REDIRECT"),
        (
            401,
            json!({"error": "invalid_token"}),
            "refused: 401 Unauthorized",
        ),
        (405, json!({}), "refused: 405 Method Not Allowed"),
    ] {
        assert_eq!(verdict(read(status, &body)), expected);
    }
    let deletion = RegistrationDeletion::new(&server(), &registration()).unwrap();
    let delete = |status| deletion.response(NOW, &answer::json(status, ""));
    assert_eq!(delete(204).unwrap(), []);
    assert_eq!(delete(200).unwrap(), [Finding::Status(200)]);
    assert_eq!(verdict(delete(302)), "RESPONSE-REDIRECT");
    assert_eq!(verdict(delete(403)), "refused: 403 Forbidden");
}

#[test]
fn what_cannot_be_managed_is_refused_before_anything_is_sent() {
    let other = Metadata::new("https://evil.example", UriPolicy::default()).unwrap();
    assert!(matches!(
        RegistrationManagement::read(&other, &registration()),
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
    assert!(matches!(
        RegistrationDeletion::new(&other, &registration()),
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
    for missing in ["registration_access_token", "registration_client_uri"] {
        let mut stored = serde_json::to_value(registration()).unwrap();
        stored.as_object_mut().unwrap().remove(missing);
        let stored: Registration = serde_json::from_value(stored).unwrap();
        assert!(matches!(
            RegistrationManagement::read(&server(), &stored),
            Err(Error::Unsupported(Unsupported::Management))
        ));
    }
    let mut stored = serde_json::to_value(registration()).unwrap();
    stored["registration_client_uri"] = json!("http://server.example.com/r");
    let stored: Registration = serde_json::from_value(stored).unwrap();
    assert!(matches!(
        RegistrationManagement::read(&server(), &stored),
        Err(Error::Misuse(Misuse::Address { .. }))
    ));
    let taken = ClientMetadata::new([CALLBACK]).with_member("registration_access_token", "x");
    assert!(matches!(
        RegistrationManagement::update(&server(), &registration(), taken),
        Err(Error::Misuse(Misuse::ProtocolParameter(_)))
    ));
}

#[test]
fn the_life_of_a_registration_on_the_world() {
    let mut provider = Provider::new("https://id.example");
    provider.settings.registration.open = true;
    provider.settings.registration.managed = true;
    provider.settings.registration.rotated = true;
    let discover = Discover::new("https://id.example").unwrap();
    let server = run(&mut provider, NOW, discover).unwrap();
    let register = ClientRegistration::new(&server, ClientMetadata::new([CALLBACK])).unwrap();
    let first = run(&mut provider, NOW, Call::new(register)).unwrap();
    assert!(first.is_manageable());

    let read = RegistrationManagement::read(&server, &first).unwrap();
    let same = run(&mut provider, NOW, Call::new(read)).unwrap();
    assert_eq!(same.client_secret(), first.client_secret());

    let metadata = same.metadata().clone().with_client_name("New");
    let update = RegistrationManagement::update(&server, &same, metadata).unwrap();
    let second = run(&mut provider, NOW, Call::new(update)).unwrap();
    assert_eq!(second.client_id(), first.client_id());
    assert_eq!(second.metadata().client_name(), Some("New"));
    assert_ne!(second.client_secret(), first.client_secret());
    assert_eq!(second.differences(), []);

    // The old token has ended, the adopted one works.
    let old = RegistrationManagement::read(&server, &same).unwrap();
    let refused = run(&mut provider, NOW, Call::new(old));
    assert_eq!(verdict(refused), "refused: 401 Unauthorized");
    let client = second.client(server.clone()).unwrap();
    let device = client.device(["mail"]).unwrap();
    run(&mut provider, NOW, device).unwrap();

    let delete = RegistrationDeletion::new(&server, &second).unwrap();
    assert_eq!(run(&mut provider, NOW, Call::new(delete)).unwrap(), []);
    let device = client.device(["mail"]).unwrap();
    assert_eq!(
        verdict(run(&mut provider, NOW, device)),
        "refused: 401 Unauthorized"
    );
    let complaints = provider.complaints();
    assert!(
        complaints
            .iter()
            .all(|it| it.starts_with("DeviceAuthorization")),
        "{complaints:?}"
    );
}
