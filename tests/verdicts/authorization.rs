//! What is refused before the user leaves (RFC 6749 §3.1), and what the answer to a pushed request
//! (RFC 9126) may be.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;

use crate::Row;
use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "AUTHORIZATION-ENDPOINT-QUERY",
            "RFC 6749 section 3.1",
            FixConfiguration,
            text("a query without parameters of the protocol"),
            text("state"),
            || {
                let address = format!("{ISSUER}/authorize?p=1&state=x");
                let metadata = metadata()
                    .with_endpoint(Endpoint::Authorization, &address)
                    .unwrap();
                let client = client_at(metadata, Authentication::None);
                client.authorize(NOW, "mail").unwrap_err()
            },
        ),
        row(
            "PUSHED-REQUEST-URI",
            "RFC 9126 section 2.2",
            FixConfiguration,
            text("an absolute URI"),
            Unsaid,
            || pushed(r#"{"request_uri":"6esc","expires_in":60}"#),
        ),
        row(
            "PUSHED-EXPIRES-IN",
            "RFC 9126 section 2.2",
            FixConfiguration,
            text("a positive number of seconds"),
            text("0"),
            || pushed(r#"{"request_uri":"urn:x:1","expires_in":0}"#),
        ),
    ]
}

/// What is said to an answer of the endpoint for pushed requests.
fn pushed(body: &str) -> Error {
    let endpoint = Endpoint::PushedAuthorizationRequest;
    let metadata = metadata()
        .with_endpoint(endpoint, &format!("{ISSUER}/par"))
        .unwrap();
    let client = client_at(metadata, Authentication::None);
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    pushed.response(NOW, &json(201, body)).unwrap_err()
}
