//! What a server says of itself (RFC 8414).

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::discovery::MetadataRequest;
use oauth_proto::endpoint::discovery::WellKnown;

use crate::Row;
use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "METADATA-ISSUER-MISSING",
            "RFC 8414 section 2",
            FixConfiguration,
            Unsaid,
            Absent,
            || document("{}"),
        ),
        row(
            "METADATA-ISSUER",
            "RFC 8414 section 3.3",
            FixConfiguration,
            text(ISSUER),
            text("https://evil.example"),
            || document(r#"{"issuer":"https://evil.example"}"#),
        ),
        row(
            "METADATA-ENDPOINT",
            "RFC 8414 section 2",
            FixConfiguration,
            text("a `token_endpoint` without these faults: the URI is not https"),
            text("http://server.example.com/token"),
            || {
                document(
                    r#"{"issuer":"https://server.example.com",
                        "token_endpoint":"http://server.example.com/token"}"#,
                )
            },
        ),
    ]
}

/// What discovery says to a document.
fn document(body: &str) -> Error {
    let policy = UriPolicy::default();
    let issuer = WebUri::parse_issuer(ISSUER, policy).unwrap();
    let address = WellKnown::OAuth.address(&issuer, policy).unwrap();
    MetadataRequest::new(issuer, address, policy)
        .response(NOW, &json(200, body))
        .unwrap_err()
}
