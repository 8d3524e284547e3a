//! The device authorization endpoint (RFC 8628 section 3.1 and 3.2): known answers for the request, good
//! and bad responses, and what is kept. Polling is in `polling.rs`.

#![cfg(test)]

use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::device::DeviceAuthorizationRequest;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use serde_json::Value;
use serde_json::json;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The code of the example in RFC 8628 section 3.2.
const DEVICE_CODE: &str = "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS";

fn client_under(policy: UriPolicy, authentication: Authentication) -> Client {
    let metadata = Metadata::new("https://id.example", policy)
        .and_then(|metadata| {
            let address = "https://id.example/device_authorization";
            metadata.with_endpoint(Endpoint::DeviceAuthorization, address)
        })
        .and_then(|metadata| metadata.with_endpoint(Endpoint::Token, "https://id.example/token"))
        .unwrap();
    Client::new(metadata, "1406020730", authentication).unwrap()
}

fn client() -> Client {
    client_under(UriPolicy::default(), Authentication::None)
}

fn body(client: &Client, request: impl Into<DeviceAuthorizationRequest>) -> String {
    let operation = DeviceAuthorization::new(client, request).unwrap();
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://id.example/device_authorization");
    assert_eq!(request.headers()["accept"], "application/json");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(request.headers()["content-type"], form);
    String::from_utf8(request.body().clone()).unwrap()
}

/// The example of RFC 8628 section 3.2.
fn example() -> Value {
    json!({
        "device_code": DEVICE_CODE,
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 5
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

fn answer(body: &Value) -> Response<Vec<u8>> {
    Response::builder()
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .unwrap()
}

fn read(client: &Client, body: &Value) -> Result<PendingDevice, Error> {
    let request =
        DeviceAuthorizationRequest::new(["example_scope"]).resource("https://api.example");
    DeviceAuthorization::new(client, request)?.response(NOW, &answer(body))
}

fn check_id(result: Result<PendingDevice, Error>) -> &'static str {
    let error = result.unwrap_err();
    error.check().unwrap_or_else(|| panic!("{error}")).id()
}

#[test]
fn the_request_of_rfc_8628_section_3_1() {
    assert_eq!(
        body(&client(), ["example_scope"]),
        "scope=example_scope&client_id=1406020730"
    );
}

#[test]
fn every_parameter_has_its_place() {
    let request = DeviceAuthorizationRequest::new("mail calendar")
        .resource("https://api.example/a")
        .resource("https://api.example/b")
        .authorization_details(&[AuthorizationDetail::new("x")])
        .parameter("audience", "a b")
        .parameter("audience", "é")
        .parameters(&[("acr_values", 2)]);
    assert_eq!(
        body(&client(), request),
        "scope=mail%20calendar&resource=https%3A%2F%2Fapi.example%2Fa\
         &resource=https%3A%2F%2Fapi.example%2Fb\
         &authorization_details=%5B%7B%22type%22%3A%22x%22%7D%5D\
         &audience=a%20b&audience=%C3%A9&acr_values=2&client_id=1406020730"
    );
    assert_eq!(body(&client(), ""), "client_id=1406020730");
}

#[test]
fn the_client_authenticates_by_its_method() {
    let basic = Authentication::client_secret_basic("s3cret");
    let basic = client_under(UriPolicy::default(), basic);
    assert_eq!(body(&basic, ["mail"]), "scope=mail");
    let request = DeviceAuthorization::new(&basic, ["mail"]).unwrap();
    let request = request.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(
        request.headers()["authorization"],
        "Basic MTQwNjAyMDczMDpzM2NyZXQ="
    );
    let post = Authentication::client_secret_post("s3cret");
    assert_eq!(
        body(&client_under(UriPolicy::default(), post), ["mail"]),
        "scope=mail&client_id=1406020730&client_secret=s3cret"
    );
}

#[test]
fn what_may_not_be_asked_for_is_refused_before_anything_is_sent() {
    let refuse = |request: DeviceAuthorizationRequest| client().device(request).unwrap_err();
    let new = |scope: [&str; 1]| DeviceAuthorizationRequest::new(scope);
    assert!(matches!(
        refuse(new(["openid"])),
        Error::Unsupported(Unsupported::OpenId)
    ));
    assert!(matches!(
        refuse(new(["a\"b"])),
        Error::Misuse(Misuse::Scope(_))
    ));
    for resource in ["", "api", "https://api.example/#x"] {
        assert!(matches!(
            refuse(new(["a"]).resource(resource)),
            Error::Misuse(Misuse::Parameter {
                name: "resource",
                ..
            })
        ));
    }
    for name in [
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "resource",
        "authorization_details",
    ] {
        match refuse(new(["a"]).parameter(name, "x")) {
            Error::Misuse(Misuse::ProtocolParameter(own)) => assert_eq!(own, name),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(
        refuse(new(["a"]).parameters(&json!({"a": {"b": 1}}))),
        Error::Misuse(Misuse::Extras)
    ));
}

#[test]
fn a_server_without_the_endpoint_is_named() {
    let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
    let client = Client::new(metadata, "app", Authentication::None).unwrap();
    let error = client.device(["a"]).unwrap().begin(NOW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server names no device_authorization_endpoint"
    );
}

#[test]
fn the_response_of_rfc_8628_section_3_2() {
    let mut body = example();
    body["message"] = json!("hello");
    body["unsaid"] = Value::Null;
    let pending = read(&client(), &body).unwrap();
    assert_eq!(pending.user_code(), "WDJB-MJHT");
    assert_eq!(pending.verification_uri(), "https://example.com/device");
    assert_eq!(
        pending.verification_uri_complete(),
        Some("https://example.com/device?user_code=WDJB-MJHT")
    );
    assert_eq!(pending.expires_at(), UnixTime::from_secs(1_800_001_800));
    assert_eq!(pending.interval(), Duration::from_secs(5));
    assert_eq!(pending.issuer(), Some("https://id.example"));
    assert_eq!(pending.client_id(), "1406020730");
    assert_eq!(pending.scope().as_str(), "example_scope");
    assert_eq!(pending.resource(), ["https://api.example"]);
    assert_eq!(pending.members().names(), ["message", "unsaid"]);
    assert_eq!(pending.findings(), []);
}

#[test]
fn what_a_server_may_say_in_another_way() {
    let seconds = |body: &Value| read(&client(), body).unwrap().interval().as_secs();
    assert_eq!(seconds(&without("interval")), 5);
    assert_eq!(seconds(&with("interval", Value::Null)), 5);
    assert_eq!(seconds(&with("interval", 0)), 5);
    assert_eq!(seconds(&with("interval", "7")), 7);
    assert_eq!(seconds(&with("interval", 7.0)), 7);
    assert_eq!(seconds(&with("interval", u64::MAX)), u64::MAX);
    let lifetime = |value: Value| {
        let pending = read(&client(), &with("expires_in", value)).unwrap();
        pending.expires_at().since(NOW).as_secs()
    };
    assert_eq!(lifetime(json!("600")), 600);
    assert_eq!(lifetime(json!(0)), 0);
    // A bound of the crate.
    assert_eq!(lifetime(json!(u64::MAX)), 24 * 60 * 60);
    let body = without("verification_uri_complete");
    assert_eq!(
        read(&client(), &body).unwrap().verification_uri_complete(),
        None
    );
    for code in ["12345678", "Ж-Ю", "a b", &"X".repeat(128)] {
        let pending = read(&client(), &with("user_code", code)).unwrap();
        assert_eq!(pending.user_code(), code);
    }
}

#[test]
fn what_breaks_a_rule_trips_its_check() {
    let table = [
        (without("device_code"), "DEVICE-CODE"),
        (with("device_code", Value::Null), "DEVICE-CODE"),
        (with("device_code", ""), "DEVICE-CODE"),
        (without("user_code"), "DEVICE-USER-CODE"),
        (with("user_code", ""), "DEVICE-USER-CODE"),
        (with("user_code", "X".repeat(129)), "DEVICE-USER-CODE"),
        // What would write on a terminal, or turn the text around.
        (with("user_code", "A\u{1b}[2JB"), "DEVICE-USER-CODE"),
        (with("user_code", "A\nB"), "DEVICE-USER-CODE"),
        (with("user_code", "\u{202e}AB"), "DEVICE-USER-CODE"),
        (without("verification_uri"), "DEVICE-VERIFICATION-URI"),
        (without("expires_in"), "DEVICE-EXPIRES-IN"),
        (with("expires_in", Value::Null), "DEVICE-EXPIRES-IN"),
        (with("expires_in", -1), "DEVICE-EXPIRES-IN"),
        (with("expires_in", 1.5), "DEVICE-EXPIRES-IN"),
        (with("expires_in", "12abc"), "DEVICE-EXPIRES-IN"),
        (with("expires_in", "soon"), "DEVICE-EXPIRES-IN"),
        (with("interval", -1), "DEVICE-INTERVAL"),
        (with("interval", 2.5), "DEVICE-INTERVAL"),
        (with("interval", "5s"), "DEVICE-INTERVAL"),
        (with("interval", json!([5])), "DEVICE-INTERVAL"),
    ];
    for (body, id) in table {
        assert_eq!(check_id(read(&client(), &body)), id, "{body}");
    }
    for (name, value) in [
        ("device_code", 1),
        ("user_code", 1),
        ("verification_uri", 1),
    ] {
        let error = read(&client(), &with(name, value)).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{name}: {error}");
    }
}

#[test]
fn no_user_is_sent_to_an_address_of_another_kind() {
    for name in ["verification_uri", "verification_uri_complete"] {
        for bad in [
            "",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)//https://example.com",
            "data:text/html,x",
            "file:///etc/passwd",
            "myapp:/device",
            "example.com/device",
            "//example.com/device",
            "http://example.com/device",
            "http://127.0.0.1/device",
            "https:///device",
            "https://example.com@evil.example/device",
            "https://example.com\\@evil.example/device",
            "https://example.com/a b",
            "https://example.com/\u{202e}",
            "https://example.com/\n",
            "https://example.com/#\u{1b}[2J",
            " https://example.com/",
        ] {
            let read = read(&client(), &with(name, bad));
            assert_eq!(check_id(read), "DEVICE-VERIFICATION-URI", "{name}: {bad}");
        }
        let good = "https://example.com:8443/a?b=c#/device";
        assert!(read(&client(), &with(name, good)).is_ok());
        let loopback = UriPolicy::danger_http_on_loopback();
        let client = client_under(loopback, Authentication::None);
        assert!(read(&client, &with(name, "http://127.0.0.1:9000/device")).is_ok());
        let elsewhere = read(&client, &with(name, "http://example.com/device"));
        assert_eq!(check_id(elsewhere), "DEVICE-VERIFICATION-URI");
    }
    // An address with the code in it is not told.
    let bad = "http://example.com/device?user_code=WDJB-MJHT";
    let error = read(&client(), &with("verification_uri_complete", bad)).unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(!told.contains("WDJB"), "{told}");
}

#[test]
fn the_old_name_of_the_address_is_a_quirk() {
    let mut body = without("verification_uri");
    body["verification_url"] = json!("https://www.google.com/device");
    assert_eq!(check_id(read(&client(), &body)), "DEVICE-VERIFICATION-URI");
    let lenient = client().with_quirks([Quirk::VerificationUrl]).unwrap();
    let pending = read(&lenient, &body).unwrap();
    assert_eq!(pending.verification_uri(), "https://www.google.com/device");
    assert_eq!(pending.findings(), [Finding::Quirk(Quirk::VerificationUrl)]);
    // The right name wins, and what stands under the old one must be an address all the same.
    body["verification_uri"] = json!("https://example.com/device");
    let pending = read(&lenient, &body).unwrap();
    assert_eq!(pending.verification_uri(), "https://example.com/device");
    assert_eq!(pending.findings(), []);
    body["verification_url"] = json!("javascript:alert(1)");
    assert_eq!(check_id(read(&lenient, &body)), "DEVICE-VERIFICATION-URI");
    // Unless it is tolerated, it is one of the unknown members.
    assert_eq!(
        read(&client(), &body).unwrap().members().names(),
        ["verification_url"]
    );
}

#[test]
fn refusals_and_envelopes_are_those_of_every_endpoint() {
    let operation = DeviceAuthorization::new(&client(), ["a"]).unwrap();
    let respond = |status: u16, body: &str| {
        let mut response = Response::new(body.as_bytes().to_vec());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        operation.response(NOW, &response)
    };
    for (status, body) in [
        (400, r#"{"error":"invalid_scope"}"#),
        (401, r#"{"error":"invalid_scope"}"#),
        (200, r#"{"error":"invalid_scope"}"#),
    ] {
        match respond(status, body).unwrap_err() {
            Error::Refused(refusal) => {
                assert_eq!(refusal.code().unwrap().as_str(), "invalid_scope");
                assert_eq!(refusal.endpoint(), Endpoint::DeviceAuthorization);
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(check_id(respond(302, "")), "RESPONSE-REDIRECT");
    for body in ["", "<html>", "[]", r#"{"interval":1,"interval":2}"#] {
        assert!(matches!(respond(200, body), Err(Error::Malformed(_))));
    }
    let example = example().to_string();
    let findings = respond(201, &example).unwrap().findings().to_vec();
    assert_eq!(findings, [Finding::Status(201), Finding::MediaType]);
}

#[test]
fn the_golden_form_of_version_1() {
    let stored = r#"{"v":1,"iss":"https://id.example","client":"1406020730","code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user":"WDJB-MJHT","uri":"https://example.com/device","complete":"https://example.com/device?user_code=WDJB-MJHT","scope":"example_scope","resource":["https://api.example"],"interval":5,"exp":1800001800}"#;
    let pending = read(&client(), &example()).unwrap();
    assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
    assert_eq!(stored.len(), 310);
    let back: PendingDevice = serde_json::from_str(stored).unwrap();
    assert_eq!(back.user_code(), "WDJB-MJHT");
    assert_eq!(serde_json::to_string(&back).unwrap(), stored);
    // Unknown members travel too.
    let pending = read(&client(), &with("message", "hi")).unwrap();
    let stored = serde_json::to_string(&pending).unwrap();
    assert!(
        stored.ends_with(r#","members":{"message":"hi"}}"#),
        "{stored}"
    );
    let back: PendingDevice = serde_json::from_str(&stored).unwrap();
    assert_eq!(back.members(), pending.members());
}

#[test]
fn foreign_and_broken_forms_are_refused() {
    let good = r#"{"v":1,"client":"c","code":"d","user":"u","uri":"https://a.example/","interval":5,"exp":9}"#;
    assert!(serde_json::from_str::<PendingDevice>(good).is_ok());
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""v":1,"#, ""),
        (r#""code":"d","#, ""),
        (r#""user":"u""#, r#""user":"""#),
        (r#""user":"u""#, r#""user":"\u001b""#),
        ("https://a.example/", "javascript:alert(1)"),
        ("https://a.example/", "http://a.example/"),
        (r#""interval":5"#, r#""interval":-5"#),
        (r#""exp":9"#, r#""exp":9,"complete":"data:x""#),
        (r#""exp":9"#, r#""exp":9,"dpop":"k""#),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        assert!(
            serde_json::from_str::<PendingDevice>(&bad).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn nothing_prints_a_code() {
    let client = client();
    let pending = read(&client, &example()).unwrap();
    let request = DeviceAuthorizationRequest::new(["a"]).parameter("hint", "hush");
    let operation = DeviceAuthorization::new(&client, request.clone()).unwrap();
    let polling = client.poll(pending.clone()).unwrap();
    assert_eq!(polling.pending().user_code(), "WDJB-MJHT");
    let printed = [
        format!("{pending:?}"),
        format!("{request:?}"),
        format!("{operation:?}"),
        format!("{polling:?}"),
        format!("{:?}", client.device(request).unwrap()),
        match polling.begin(NOW).unwrap() {
            Step::Wait(pause, paused) => format!("{pause:?} {paused:?}"),
            other => panic!("{other:?}"),
        },
    ];
    for text in printed {
        for secret in [DEVICE_CODE, "WDJB", "hush"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let hush = with("expires_in", "hush").to_string();
    let error = read(&client, &serde_json::from_str(&hush).unwrap()).unwrap_err();
    assert!(!error.to_string().contains(DEVICE_CODE), "{error}");
}
