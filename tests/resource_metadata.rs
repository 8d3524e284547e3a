//! What a protected resource says of itself (RFC 9728): where it is fetched from, what is read in it, and
//! what is refused.

#![cfg(test)]

use http::HeaderMap;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use oauth_proto::base::challenge::Challenges;
use oauth_proto::base::challenge::challenges;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::resource_metadata::ResourceMetadata;
use oauth_proto::endpoint::resource_metadata::ResourceMetadataRequest;
use oauth_proto::endpoint::resource_metadata::challenged_scope;

use crate::answer::json;

#[path = "kit/answer.rs"]
mod answer;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const RESOURCE: &str = "https://resource.example.com/resource1";

fn challenged(lines: &[&str]) -> Challenges {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
    }
    challenges(&headers)
}

fn read(status: u16, body: &str) -> Result<ResourceMetadata, Error> {
    ResourceMetadataRequest::new(RESOURCE, UriPolicy::default())?.response(NOW, &json(status, body))
}

/// A document of the resource with these members.
fn with(members: &str) -> String {
    format!(r#"{{"resource":"{RESOURCE}"{members}}}"#)
}

fn verdict<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(malformed)) => {
            assert_eq!(malformed.endpoint, Endpoint::ResourceMetadata);
            malformed.fault.to_string()
        }
        Err(Error::Refused(refusal)) => format!("refused at {}", refusal.status().unwrap()),
        Err(Error::Misuse(Misuse::Address { .. })) => "misuse".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

/// RFC 9728 section 3.1.
#[test]
fn the_well_known_address_is_inserted_before_path_and_query() {
    for (resource, address) in [
        (
            "https://r.example",
            "https://r.example/.well-known/oauth-protected-resource",
        ),
        (
            "https://r.example/",
            "https://r.example/.well-known/oauth-protected-resource",
        ),
        (
            RESOURCE,
            "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
        ),
        (
            "https://r.example/a/",
            "https://r.example/.well-known/oauth-protected-resource/a/",
        ),
        (
            "https://r.example?k=v",
            "https://r.example/.well-known/oauth-protected-resource?k=v",
        ),
        (
            "https://r.example/a?k=v",
            "https://r.example/.well-known/oauth-protected-resource/a?k=v",
        ),
        (
            "https://r.example:8443/a",
            "https://r.example:8443/.well-known/oauth-protected-resource/a",
        ),
    ] {
        let operation = ResourceMetadataRequest::new(resource, UriPolicy::default()).unwrap();
        assert_eq!(operation.address().as_str(), address);
        assert_eq!(operation.resource().as_str(), resource);
        let request = operation.request(NOW).unwrap().into_request().unwrap();
        assert_eq!(request.method(), "GET");
        assert_eq!(request.uri(), address);
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers().len(), 1);
        assert!(request.body().is_empty());
    }
    for resource in [
        "",
        "/a",
        "http://r.example",
        "https://r.example/#x",
        "https://me@r.example",
    ] {
        let operation = ResourceMetadataRequest::new(resource, UriPolicy::default());
        assert_eq!(verdict(operation), "misuse", "{resource}");
    }
}

/// RFC 9728 section 5.1.
#[test]
fn a_challenge_names_the_address() {
    let other = r#"Basic realm="x", resource_metadata="https://resource.example.com/basic""#;
    let dpop = r#"DPoP algs="ES256", resource_metadata="https://resource.example.com/dpop""#;
    let bearer = r#"Bearer resource_metadata="https://resource.example.com/m?x=1""#;
    for (lines, address) in [
        (&[bearer][..], "https://resource.example.com/m?x=1"),
        (&[dpop, bearer], "https://resource.example.com/m?x=1"),
        (
            &["Bearer realm=\"a\"", bearer],
            "https://resource.example.com/m?x=1",
        ),
        (
            &["Bearer realm=\"a\"", dpop],
            "https://resource.example.com/dpop",
        ),
        (&[other], "https://resource.example.com/basic"),
        (
            &["Bearer"],
            "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
        ),
        (
            &[],
            "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
        ),
    ] {
        let challenges = challenged(lines);
        let operation =
            ResourceMetadataRequest::challenged(RESOURCE, &challenges, UriPolicy::default());
        assert_eq!(operation.unwrap().address().as_str(), address, "{lines:?}");
    }
}

#[test]
fn an_address_elsewhere_trips_its_check() {
    for address in [
        "",
        "/m",
        "http://resource.example.com/m",
        "https://resource.example.com/m#x",
        "https://me@resource.example.com/m",
        "https://resource.example.com:8443/m",
        "https://example.com/m",
        "https://evil.example/m",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
    ] {
        let challenges = challenged(&[&format!("Bearer resource_metadata=\"{address}\"")]);
        let operation =
            ResourceMetadataRequest::challenged(RESOURCE, &challenges, UriPolicy::default());
        assert_eq!(verdict(operation), "RESOURCE-METADATA-ADDRESS", "{address}");
    }
}

#[test]
fn a_challenge_asks_for_a_scope() {
    let scope =
        |lines: &[&str]| challenged_scope(&challenged(lines)).map(|it| it.map(String::from));
    assert_eq!(scope(&[]).unwrap(), None);
    assert_eq!(scope(&["Bearer"]).unwrap(), None);
    assert_eq!(scope(&["Bearer scope=\"\""]).unwrap(), None);
    assert_eq!(
        scope(&["Bearer scope=\"a b\""]).unwrap().as_deref(),
        Some("a b")
    );
    let pointing = "DPoP scope=\"c\", resource_metadata=\"https://r.example\"";
    assert_eq!(
        scope(&["Bearer scope=\"a\"", pointing]).unwrap().as_deref(),
        Some("c")
    );
    for text in ["a \\\"b", "a\\\\b", "é"] {
        let line = format!("Bearer scope=\"{text}\"");
        assert_eq!(
            verdict(scope(&[&line])),
            "RESOURCE-CHALLENGE-SCOPE",
            "{text}"
        );
    }
}

/// The example of RFC 9728 section 3.2.
#[test]
fn the_example_of_rfc_9728_section_3_2() {
    let request =
        ResourceMetadataRequest::new("https://resource.example.com", UriPolicy::default()).unwrap();
    let body = r#"{
        "resource": "https://resource.example.com",
        "authorization_servers":
            ["https://as1.example.com", "https://as2.example.net"],
        "bearer_methods_supported": ["header", "body"],
        "scopes_supported": ["profile", "email", "phone"],
        "resource_documentation": "https://resource.example.com/resource_documentation.html"
    }"#;
    let metadata = request.response(NOW, &json(200, body)).unwrap();
    assert_eq!(metadata.resource().as_str(), "https://resource.example.com");
    let servers: Vec<_> = metadata
        .authorization_servers()
        .iter()
        .map(WebUri::as_str)
        .collect();
    assert_eq!(
        servers,
        ["https://as1.example.com", "https://as2.example.net"]
    );
    assert_eq!(
        metadata.scopes_supported().unwrap().as_str(),
        "profile email phone"
    );
    assert_eq!(
        metadata.bearer_methods_supported().unwrap(),
        ["header", "body"]
    );
    assert_eq!(metadata.members().names(), ["resource_documentation"]);
    assert_eq!(metadata.findings(), []);
}

#[test]
fn what_is_absent_is_absent() {
    let nulls =
        r#","authorization_servers":null,"scopes_supported":null,"bearer_methods_supported":null"#;
    for document in [with(""), with(nulls)] {
        let metadata = read(200, &document).unwrap();
        assert!(metadata.authorization_servers().is_empty());
        assert_eq!(metadata.scopes_supported(), None);
        assert_eq!(metadata.bearer_methods_supported(), None);
        assert!(metadata.members().is_empty());
    }
    let metadata = read(200, &with(r#","bearer_methods_supported":[]"#)).unwrap();
    assert_eq!(metadata.bearer_methods_supported(), Some(&[][..]));
    assert_eq!(
        read(201, &with("")).unwrap().findings(),
        [Finding::Status(201)]
    );
}

#[test]
fn documents_that_are_refused() {
    for (status, document, expected) in [
        (200, "{}".to_owned(), "RESOURCE-METADATA-RESOURCE-MISSING"),
        (
            200,
            r#"{"resource":null}"#.into(),
            "RESOURCE-METADATA-RESOURCE-MISSING",
        ),
        (200, r#"{"resource":1}"#.into(), "expected a string"),
        (
            200,
            r#"{"resource":""}"#.into(),
            "RESOURCE-METADATA-RESOURCE",
        ),
        (
            200,
            format!(r#"{{"resource":"{RESOURCE}/"}}"#),
            "RESOURCE-METADATA-RESOURCE",
        ),
        (
            200,
            r#"{"resource":"https://resource.example.com"}"#.into(),
            "RESOURCE-METADATA-RESOURCE",
        ),
        (
            200,
            r#"{"resource":"https://RESOURCE.example.com/resource1"}"#.into(),
            "RESOURCE-METADATA-RESOURCE",
        ),
        (
            200,
            r#"{"resource":"https://resource.example.com:443/resource1"}"#.into(),
            "RESOURCE-METADATA-RESOURCE",
        ),
        (
            200,
            with(r#","authorization_servers":["http://as.example"]"#),
            "RESOURCE-METADATA-SERVER",
        ),
        (
            200,
            with(r#","authorization_servers":["https://as.example","x"]"#),
            "RESOURCE-METADATA-SERVER",
        ),
        (
            200,
            with(r#","authorization_servers":["https://as.example?x"]"#),
            "RESOURCE-METADATA-SERVER",
        ),
        (
            200,
            with(r#","authorization_servers":"https://as.example""#),
            "expected an array of strings",
        ),
        (
            200,
            with(r#","scopes_supported":["a b"]"#),
            "RESOURCE-METADATA-SCOPE",
        ),
        (
            200,
            with(r#","scopes_supported":["a",""]"#),
            "RESOURCE-METADATA-SCOPE",
        ),
        (
            200,
            with(r#","scopes_supported":["a\"b"]"#),
            "RESOURCE-METADATA-SCOPE",
        ),
        (
            200,
            with(r#","scopes_supported":[1]"#),
            "expected an array of strings",
        ),
        (
            200,
            with(r#","bearer_methods_supported":[1]"#),
            "expected an array of strings",
        ),
        (
            200,
            with(&format!(r#","resource":"{RESOURCE}""#)),
            "duplicate",
        ),
        (200, "<html>".into(), "not JSON"),
        (
            200,
            with(&format!(r#","x":"{}""#, "y".repeat(1 << 20))),
            "RESPONSE-SIZE",
        ),
        (302, with(""), "RESPONSE-REDIRECT"),
        (404, String::new(), "refused at 404"),
        (500, with(""), "refused at 500"),
    ] {
        let verdict = verdict(read(status, &document));
        assert!(verdict.contains(expected), "{verdict} for {document:.80}");
    }
}
