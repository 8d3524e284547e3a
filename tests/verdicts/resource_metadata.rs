//! What a protected resource says of itself (RFC 9728), and the issuer that a user's host names.

use http::HeaderMap;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use oauth_proto::base::challenge::Challenges;
use oauth_proto::base::challenge::challenges;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::resource_metadata::ResourceMetadataRequest;
use oauth_proto::endpoint::resource_metadata::challenged_scope;
use oauth_proto::endpoint::webfinger::WebFinger;

use crate::Row;
use crate::answer::json;
use crate::cast::NOW;
use crate::row;
use crate::text;

const RESOURCE: &str = "https://resource.example.com/r";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "RESOURCE-METADATA-ADDRESS",
            "RFC 9728 section 7.7",
            Report,
            text("an address at https://resource.example.com"),
            text("https://evil.example/m"),
            address_elsewhere,
        ),
        row(
            "RESOURCE-METADATA-RESOURCE-MISSING",
            "RFC 9728 section 2",
            FixConfiguration,
            text(RESOURCE),
            Absent,
            || document("{}"),
        ),
        row(
            "RESOURCE-METADATA-RESOURCE",
            "RFC 9728 section 3.3",
            Report,
            text(RESOURCE),
            text("https://evil.example"),
            || document(r#"{"resource":"https://evil.example"}"#),
        ),
        row(
            "RESOURCE-METADATA-SERVER",
            "RFC 9728 section 2",
            FixConfiguration,
            text("an issuer without these faults: the URI is not https"),
            text("http://as.example"),
            || with(r#""authorization_servers":["http://as.example"]"#),
        ),
        row(
            "RESOURCE-METADATA-SCOPE",
            "RFC 9728 section 2",
            FixConfiguration,
            text("one scope value in each place"),
            text("a b"),
            || with(r#""scopes_supported":["a b"]"#),
        ),
        row(
            "RESOURCE-CHALLENGE-SCOPE",
            "RFC 6750 section 3",
            FixConfiguration,
            text("printable ASCII but for quotes and backslashes"),
            text("a\\b"),
            || challenged_scope(&challenged(r#"Bearer scope="a\\b""#)).unwrap_err(),
        ),
        row(
            "WEBFINGER-ISSUER",
            "OpenID Connect Discovery 1.0 section 2",
            FixConfiguration,
            text("an issuer without these faults: the URI is not https"),
            text("http://id.example"),
            web_finger,
        ),
    ]
}

fn challenged(line: &'static str) -> Challenges {
    let mut headers = HeaderMap::new();
    headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(line));
    challenges(&headers)
}

/// What is said to a challenge that points away from the resource.
fn address_elsewhere() -> Error {
    let challenges = challenged(r#"Bearer resource_metadata="https://evil.example/m""#);
    ResourceMetadataRequest::challenged(RESOURCE, &challenges, UriPolicy::default()).unwrap_err()
}

/// What is said to a document.
fn document(body: &str) -> Error {
    ResourceMetadataRequest::new(RESOURCE, UriPolicy::default())
        .unwrap()
        .response(NOW, &json(200, body))
        .unwrap_err()
}

/// What is said to a document of the resource with this member.
fn with(member: &str) -> Error {
    document(&format!(r#"{{"resource":"{RESOURCE}",{member}}}"#))
}

/// What is said to a host that names an issuer in clear.
fn web_finger() -> Error {
    let body = r#"{"links":[{"rel":"http://openid.net/specs/connect/1.0/issuer",
                   "href":"http://id.example"}]}"#;
    WebFinger::new("joe@example.com", UriPolicy::default())
        .unwrap()
        .response(NOW, &json(200, body))
        .unwrap_err()
}
