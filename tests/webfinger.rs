//! From what a user types to an issuer (OpenID Connect Discovery 1.0 section 2, RFC 7033).

#![cfg(test)]

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::webfinger::WebFinger;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Provider;

use crate::common::run::run;

#[path = "kit/answer.rs"]
mod answer;

mod common {
    pub(crate) mod run;
}

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn asked(identifier: &str) -> (String, String) {
    let operation = WebFinger::new(identifier, UriPolicy::default()).unwrap();
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.headers()["accept"], "application/json");
    let address = request.uri().to_string();
    let (address, query) = address.split_once('?').unwrap();
    let rel = "&rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
    assert!(
        query.starts_with("resource=") && query.ends_with(rel),
        "{query}"
    );
    (address.to_owned(), operation.resource().to_owned())
}

fn read(status: u16, body: &str) -> Result<Option<WebUri>, Error> {
    WebFinger::new("joe@example.com", UriPolicy::default())?
        .response(NOW, &answer::json(status, body))
}

fn verdict(result: Result<Option<WebUri>, Error>) -> String {
    match result {
        Ok(None) => "none".to_owned(),
        Ok(Some(issuer)) => issuer.to_string(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(malformed)) => {
            assert_eq!(malformed.endpoint, Endpoint::WebFinger);
            "malformed".to_owned()
        }
        Err(Error::Refused(refusal)) => format!("refused: {}", refusal.status().unwrap()),
        Err(other) => other.to_string(),
    }
}

/// The examples of OpenID Connect Discovery 1.0 section 2.2, and their kin.
#[test]
fn identifiers_in_their_normal_form() {
    let at = |host: &str| format!("https://{host}/.well-known/webfinger");
    for (identifier, host, resource) in [
        ("joe@example.com", "example.com", "acct:joe@example.com"),
        (" joe@example.com\n", "example.com", "acct:joe@example.com"),
        (
            "acct:juliet%40capulet.example@shopping.example.com",
            "shopping.example.com",
            "acct:juliet%40capulet.example@shopping.example.com",
        ),
        (
            "https://example.com/joe",
            "example.com",
            "https://example.com/joe",
        ),
        (
            "https://example.com/joe#x",
            "example.com",
            "https://example.com/joe",
        ),
        (
            "https://example.com:8080/",
            "example.com:8080",
            "https://example.com:8080/",
        ),
        (
            "example.com:8080",
            "example.com:8080",
            "https://example.com:8080",
        ),
        ("example.com", "example.com", "https://example.com"),
        (
            "example.com/joe@home",
            "example.com",
            "https://example.com/joe@home",
        ),
    ] {
        assert_eq!(
            asked(identifier),
            (at(host), resource.to_owned()),
            "{identifier}"
        );
    }
    for identifier in [
        "",
        " ",
        "#x",
        "@joe",
        "=joe",
        "!joe",
        "acct:",
        "acct:joe",
        "acct:@example.com",
        "joe@",
        "joe@a b",
        "acct:joe@example.com/path",
        "acct:joe@example.com?x",
        "http://example.com/joe",
        "mailto:joe@example.com",
        "file:///etc/passwd",
        "javascript://example.com/%0a",
        "a\u{0}b",
        "joe@example.com\\.evil.example",
    ] {
        let result = WebFinger::new(identifier, UriPolicy::default());
        assert!(
            matches!(result, Err(Error::Misuse(_))),
            "{identifier}: {result:?}"
        );
    }
    let local = UriPolicy::danger_http_on_loopback();
    assert!(WebFinger::new("http://localhost:8080/joe", local).is_ok());
}

#[test]
fn answers() {
    let link = |href: &str| {
        format!(
            r#"{{"subject":"acct:joe@example.com","links":[{{"rel":"self","href":"https://x.example"}},
            {{"rel":"http://openid.net/specs/connect/1.0/issuer","href":{href}}}]}}"#
        )
    };
    for (status, body, expected) in [
        (
            200,
            link(r#""https://server.example.com""#),
            "https://server.example.com",
        ),
        (
            200,
            link(r#""https://server.example.com/t""#),
            "https://server.example.com/t",
        ),
        (200, link("null"), "none"),
        (200, r#"{"links":[]}"#.into(), "none"),
        (200, r#"{"links":null}"#.into(), "none"),
        (200, "{}".into(), "none"),
        (404, String::new(), "none"),
        (
            200,
            link(r#""http://server.example.com""#),
            "WEBFINGER-ISSUER",
        ),
        (
            200,
            link(r#""https://server.example.com?x""#),
            "WEBFINGER-ISSUER",
        ),
        (
            200,
            link(r#""https://server.example.com#x""#),
            "WEBFINGER-ISSUER",
        ),
        (200, link(r#""""#), "WEBFINGER-ISSUER"),
        (200, link("1"), "malformed"),
        (200, r#"{"links":{}}"#.into(), "malformed"),
        (
            200,
            r#"{"links":[{"href":"https://x.example"}]}"#.into(),
            "malformed",
        ),
        (200, "<html>".into(), "malformed"),
        (302, link(r#""https://x.example""#), "RESPONSE-REDIRECT"),
        (500, String::new(), "refused: 500 Internal Server Error"),
    ] {
        assert_eq!(verdict(read(status, &body)), expected, "{body}");
    }
}

#[test]
fn from_an_address_to_metadata_on_the_world() {
    let mut provider = Provider::new("https://id.example/tenant");
    let ask =
        |identifier: &str| Call::new(WebFinger::new(identifier, UriPolicy::default()).unwrap());
    let issuer = run(&mut provider, NOW, ask("ada@id.example"))
        .unwrap()
        .unwrap();
    let discover = Discover::new(issuer.as_str()).unwrap();
    let metadata = run(&mut provider, NOW, discover).unwrap();
    assert_eq!(metadata.issuer(), Some(&issuer));
    assert_eq!(
        run(&mut provider, NOW, ask("joe@id.example")).unwrap(),
        None
    );
    assert_eq!(provider.complaints(), [""; 0]);
}
