//! A client that shows a TLS certificate (RFC 8705): what its requests hold, and where they go.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::request::MutualTls;
use oauth_proto::endpoint::request::Request;
use oauth_proto::endpoint::revocation::Revocation;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Every endpoint that a client posts to, each with an alias but the device authorization endpoint.
const DOCUMENT: &str = r#"{
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "revocation_endpoint": "https://id.example/revoke",
    "introspection_endpoint": "https://id.example/introspect",
    "device_authorization_endpoint": "https://id.example/device",
    "backchannel_authentication_endpoint": "https://id.example/bc",
    "pushed_authorization_request_endpoint": "https://id.example/par",
    "mtls_endpoint_aliases": {
        "authorization_endpoint": "https://mtls.id.example/authorize",
        "token_endpoint": "https://mtls.id.example/token",
        "revocation_endpoint": "https://mtls.id.example/revoke",
        "introspection_endpoint": "https://mtls.id.example/introspect",
        "backchannel_authentication_endpoint": "https://mtls.id.example/bc",
        "pushed_authorization_request_endpoint": "https://mtls.id.example/par"
    }
}"#;

fn client(authentication: Authentication) -> Client {
    let metadata = Metadata::parse(DOCUMENT.as_bytes(), UriPolicy::default()).unwrap();
    Client::new(metadata, "app", authentication)
        .and_then(|client| client.with_redirect_uri("https://app.example/callback"))
        .unwrap()
}

fn made(operation: &impl Operation) -> Request {
    operation
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap()
}

fn every_request(client: &Client) -> Vec<Request> {
    let asked = BackchannelAuthenticationRequest::new("mail").login_hint("ada");
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    vec![
        made(&Grant::client_credentials(client)),
        made(&Revocation::token(client, "t0ken")),
        made(&IntrospectionRequest::token(client, "t0ken")),
        made(&BackchannelAuthentication::new(client, asked).unwrap()),
        made(&pushed),
        made(&DeviceAuthorization::new(client, "mail").unwrap()),
    ]
}

fn addresses(requests: &[Request]) -> Vec<String> {
    let addresses = requests.iter().map(|request| request.uri().to_string());
    addresses.collect()
}

const ALIASES: [&str; 6] = [
    "https://mtls.id.example/token",
    "https://mtls.id.example/revoke",
    "https://mtls.id.example/introspect",
    "https://mtls.id.example/bc",
    "https://mtls.id.example/par",
    // It has none.
    "https://id.example/device",
];

#[test]
fn a_client_that_authenticates_by_certificate_sends_its_id_to_the_aliases() {
    for (authentication, method) in [
        (Authentication::TlsClientAuth, "tls_client_auth"),
        (
            Authentication::SelfSignedTlsClientAuth,
            "self_signed_tls_client_auth",
        ),
    ] {
        let client = client(authentication);
        assert_eq!(client.authentication().method(), method);
        let requests = every_request(&client);
        assert_eq!(addresses(&requests), ALIASES);
        for request in &requests {
            assert!(request.needs_client_certificate());
            let body = std::str::from_utf8(request.body()).unwrap();
            // "the client MUST include the "client_id" parameter", and once.
            assert_eq!(body.matches("client_id=app").count(), 1, "{body}");
            assert!(!request.headers().contains_key("authorization"));
        }
    }
}

#[test]
fn the_mark_is_read_by_any_transport() {
    let client = client(Authentication::TlsClientAuth);
    let request = made(&Grant::client_credentials(&client)).into_http();
    assert!(request.extensions().get::<MutualTls>().is_some());
}

#[test]
fn tokens_are_bound_whatever_the_client_authenticates_by() {
    for authentication in [
        Authentication::None,
        Authentication::client_secret_basic("s3cret"),
        Authentication::client_secret_post("s3cret"),
    ] {
        let client = client(authentication).with_certificate_bound_access_tokens();
        let requests = every_request(&client);
        assert_eq!(addresses(&requests), ALIASES);
        assert!(requests.iter().all(Request::needs_client_certificate));
    }
}

#[test]
fn the_browser_is_sent_to_no_alias() {
    // Aliases "that do not define endpoints to which an OAuth client makes a direct request have no
    // meaning" (RFC 8705 §5).
    let client = client(Authentication::TlsClientAuth);
    let (url, _) = client.authorize(NOW, "mail").unwrap();
    assert!(url.as_str().starts_with("https://id.example/authorize?"));
}

#[test]
fn another_client_goes_to_no_alias() {
    let requests = every_request(&client(Authentication::client_secret_basic("s3cret")));
    let on_alias = |address: &String| address.contains("mtls");
    assert!(!addresses(&requests).iter().any(on_alias));
    assert!(!requests.iter().any(Request::needs_client_certificate));
}
