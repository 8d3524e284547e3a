//! What a server says of itself, read strictly (RFC 8414 §2 and §3, OpenID Connect Discovery 1.0 §3
//! and §4). Documents that are refused are in `metadata/refused.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use http::Method;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::discovery::MetadataRequest;
use oauth_proto::endpoint::discovery::WellKnown;
use oauth_proto::endpoint::draft::Draft;
use serde_json::json;

use crate::answer::json;

#[path = "kit/answer.rs"]
mod answer;
#[path = "metadata/refused.rs"]
mod refused;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The endpoints that a document names, each by its member.
const NAMED: [(Endpoint, &str); 11] = [
    (Endpoint::Authorization, "authorization_endpoint"),
    (
        Endpoint::BackchannelAuthentication,
        "backchannel_authentication_endpoint",
    ),
    (
        Endpoint::DeviceAuthorization,
        "device_authorization_endpoint",
    ),
    (Endpoint::EndSession, "end_session_endpoint"),
    (Endpoint::Introspection, "introspection_endpoint"),
    (Endpoint::Jwks, "jwks_uri"),
    (
        Endpoint::PushedAuthorizationRequest,
        "pushed_authorization_request_endpoint",
    ),
    (Endpoint::Registration, "registration_endpoint"),
    (Endpoint::Revocation, "revocation_endpoint"),
    (Endpoint::Token, "token_endpoint"),
    (Endpoint::Userinfo, "userinfo_endpoint"),
];

fn parse(document: &str) -> Result<Metadata, Error> {
    Metadata::parse(document.as_bytes(), UriPolicy::default())
}

/// A document with an issuer and these members.
fn with(members: &str) -> String {
    format!(r#"{{"issuer":"https://server.example.com"{members}}}"#)
}

/// Fetches the metadata of `issuer` from where OpenID Connect Discovery puts it.
fn fetch(issuer: &str) -> MetadataRequest {
    let policy = UriPolicy::default();
    let issuer = WebUri::parse_issuer(issuer, policy).unwrap();
    let address = WellKnown::OpenId.address(&issuer, policy).unwrap();
    MetadataRequest::new(issuer, address, policy)
}

/// The example of RFC 8414 §3.2.
#[test]
fn the_example_of_rfc_8414_section_3_2() {
    let metadata = parse(
        r#"{
            "issuer": "https://server.example.com",
            "authorization_endpoint": "https://server.example.com/authorize",
            "token_endpoint": "https://server.example.com/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
            "userinfo_endpoint": "https://server.example.com/userinfo",
            "jwks_uri": "https://server.example.com/jwks.json",
            "registration_endpoint": "https://server.example.com/register",
            "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
            "response_types_supported": ["code", "code token"],
            "service_documentation": "http://server.example.com/service_documentation.html",
            "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"]
        }"#,
    )
    .unwrap();
    assert_eq!(
        metadata.issuer().unwrap().as_str(),
        "https://server.example.com"
    );
    for (endpoint, path) in [
        (Endpoint::Authorization, "/authorize"),
        (Endpoint::Token, "/token"),
        (Endpoint::Userinfo, "/userinfo"),
        (Endpoint::Jwks, "/jwks.json"),
        (Endpoint::Registration, "/register"),
    ] {
        assert_eq!(metadata.endpoint(endpoint).unwrap().path(), path);
    }
    assert!(!metadata.sends_iss());
    assert_eq!(metadata.supports("scopes_supported", "email"), Some(true));
    assert_eq!(metadata.supports("scopes_supported", "Email"), Some(false));
    assert_eq!(
        metadata.supports("code_challenge_methods_supported", "S256"),
        None
    );
    assert_eq!(metadata.supports("service_documentation", "x"), None);
    assert_eq!(
        metadata.members().names(),
        [
            "token_endpoint_auth_methods_supported",
            "token_endpoint_auth_signing_alg_values_supported",
            "scopes_supported",
            "response_types_supported",
            "service_documentation",
            "ui_locales_supported",
        ]
    );
}

#[test]
fn every_endpoint_has_its_member() {
    for (endpoint, member) in NAMED {
        let address = format!("https://other.example/{member}?a=b");
        let metadata = parse(&with(&format!(r#","{member}":"{address}""#))).unwrap();
        assert_eq!(metadata.endpoint(endpoint).unwrap().as_str(), address);
        assert_eq!(endpoint.member(), member);
        assert!(metadata.members().is_empty());
        for (other, _) in NAMED.iter().filter(|(other, _)| *other != endpoint) {
            let error = metadata.endpoint(*other).unwrap_err();
            assert!(
                matches!(error, Error::Unsupported(Unsupported::Endpoint(own)) if own == *other)
            );
            assert_eq!(error.remedy(), Remedy::FixConfiguration);
            assert!(error.to_string().contains(other.member()), "{error}");
        }
    }
}

#[test]
fn aliases_for_mutual_tls_are_kept() {
    let metadata = parse(&with(
        r#","token_endpoint":"https://server.example.com/token",
            "mtls_endpoint_aliases":{"token_endpoint":"https://mtls.example.com/token",
            "revocation_endpoint":null,"x_endpoint":"http://not.looked.at"}"#,
    ))
    .unwrap();
    let alias = metadata.mtls_endpoint_alias(Endpoint::Token).unwrap();
    assert_eq!(alias.as_str(), "https://mtls.example.com/token");
    assert_eq!(metadata.mtls_endpoint_alias(Endpoint::Revocation), None);
    let own = metadata.endpoint(Endpoint::Token).unwrap();
    assert_eq!(own.as_str(), "https://server.example.com/token");
}

#[test]
fn the_promise_of_iss_is_a_boolean() {
    for (members, sends_iss) in [
        ("", false),
        (
            r#","authorization_response_iss_parameter_supported":true"#,
            true,
        ),
        (
            r#","authorization_response_iss_parameter_supported":false"#,
            false,
        ),
        (
            r#","authorization_response_iss_parameter_supported":null"#,
            false,
        ),
    ] {
        assert_eq!(
            parse(&with(members)).unwrap().sends_iss(),
            sends_iss,
            "{members}"
        );
    }
}

#[test]
fn unknown_members_of_every_kind_are_kept() {
    let metadata = parse(&with(
        r#","a":"é","b":1,"c":[{"d":null}],"e":true,"f":null,"token_endpoint":null,"Issuer":"x""#,
    ))
    .unwrap();
    assert_eq!(
        metadata.members().names(),
        ["a", "b", "c", "e", "f", "Issuer"]
    );
    assert_eq!(
        serde_json::Value::from(metadata.members().to_value()),
        json!({"a": "é", "b": 1, "c": [{"d": null}], "e": true, "f": null, "Issuer": "x"})
    );
    assert!(metadata.endpoint(Endpoint::Token).is_err());
}

/// What is written is the document that is read: it can be cached.
#[test]
fn a_document_comes_back_as_it_was() {
    let all: String = NAMED
        .iter()
        .map(|(_, member)| format!(r#","{member}":"https://server.example.com/{member}""#))
        .collect();
    for members in [
        "",
        r#","authorization_response_iss_parameter_supported":true,"x":{"y":[1,null]}"#,
        r#","mtls_endpoint_aliases":{"token_endpoint":"https://mtls.example.com/t"}"#,
        &all,
    ] {
        let metadata = parse(&with(members)).unwrap();
        let written = serde_json::to_string(&metadata).unwrap();
        assert_eq!(parse(&written).unwrap(), metadata, "{written}");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        let given: serde_json::Value = serde_json::from_str(&with(members)).unwrap();
        assert_eq!(read, given);
    }
}

#[test]
fn a_server_can_be_described_by_hand() {
    let policy = UriPolicy::default();
    let metadata = Metadata::new("https://server.example.com", policy)
        .and_then(|it| it.with_endpoint(Endpoint::Token, "https://server.example.com/a"))
        .and_then(|it| it.with_endpoint(Endpoint::Token, "https://server.example.com/b"))
        .unwrap();
    assert_eq!(metadata.endpoint(Endpoint::Token).unwrap().path(), "/b");
    assert!(metadata.clone().with_iss_parameter(true).sends_iss());
    assert_eq!(metadata.uri_policy(), policy);
    assert_eq!(Metadata::without_issuer(policy).issuer(), None);
    for error in [
        Metadata::new("https://server.example.com/?a", policy).unwrap_err(),
        Metadata::new("http://server.example.com", policy).unwrap_err(),
        metadata
            .with_endpoint(Endpoint::Token, "http://server.example.com/t")
            .unwrap_err(),
    ] {
        assert!(
            matches!(error, Error::Misuse(Misuse::Address { .. })),
            "{error:?}"
        );
    }
}

/// RFC 8414 §3.1 and §5, OpenID Connect Discovery 4.1.
#[test]
fn well_known_addresses() {
    const OPENID: &str = "/.well-known/openid-configuration";
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    for (issuer, appended, inserted, openid_inserted) in [
        (
            "https://a.example",
            OPENID.to_owned(),
            OAUTH.to_owned(),
            None,
        ),
        (
            "https://a.example/",
            OPENID.to_owned(),
            OAUTH.to_owned(),
            None,
        ),
        (
            "https://a.example:443",
            OPENID.to_owned(),
            OAUTH.to_owned(),
            None,
        ),
        (
            "https://a.example/t",
            format!("/t{OPENID}"),
            format!("{OAUTH}/t"),
            Some(format!("{OPENID}/t")),
        ),
        (
            "https://a.example/t/",
            format!("/t{OPENID}"),
            format!("{OAUTH}/t"),
            Some(format!("{OPENID}/t")),
        ),
        (
            "https://a.example/t/v2.0",
            format!("/t/v2.0{OPENID}"),
            format!("{OAUTH}/t/v2.0"),
            Some(format!("{OPENID}/t/v2.0")),
        ),
    ] {
        let policy = UriPolicy::default();
        let uri = WebUri::parse_issuer(issuer, policy).unwrap();
        let at = |form: WellKnown| form.address(&uri, policy).map(|it| it.as_str().to_owned());
        let absolute = |path: String| format!("https://a.example{path}");
        assert_eq!(at(WellKnown::OpenId), Some(absolute(appended)), "{issuer}");
        assert_eq!(at(WellKnown::OAuth), Some(absolute(inserted)), "{issuer}");
        assert_eq!(
            at(WellKnown::OpenIdInserted),
            openid_inserted.map(absolute),
            "{issuer}"
        );
    }
}

#[test]
fn a_document_is_fetched_by_a_plain_get() {
    let request = fetch("https://server.example.com/tenant")
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        request.uri(),
        "https://server.example.com/tenant/.well-known/openid-configuration"
    );
    assert!(request.body().is_empty());
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(headers, [("accept", "application/json")]);
}

#[test]
fn a_fetched_document_is_read() {
    let request = fetch("https://server.example.com");
    let body = with(r#","token_endpoint":"https://server.example.com/token""#);
    for status in [200, 203] {
        let metadata = request
            .response(NOW, &json(status, &body))
            .unwrap()
            .unwrap();
        assert!(metadata.endpoint(Endpoint::Token).is_ok());
    }
}

/// Servers say in several ways that there is nothing at an address.
#[test]
fn where_there_is_no_document_there_is_none() {
    let request = fetch("https://server.example.com");
    for (status, body) in [
        (404, ""),
        (404, r#"{"issuer":"https://evil.example"}"#),
        (400, "<html>"),
        (401, ""),
        (403, "Forbidden"),
        (405, ""),
        (410, ""),
        (200, "<html><title>Welcome</title>"),
        (200, "  <!doctype html>"),
    ] {
        let none = request.response(NOW, &json(status, body)).unwrap();
        assert_eq!(none, None, "{status} {body}");
    }
}
