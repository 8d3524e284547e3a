//! A login that someone else begins (OpenID Connect Core 1.0 §4).

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::initiation::LoginInitiation;
use oauth_proto::endpoint::initiation::Targets;

use crate::Row;
use crate::cast::ISSUER;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "INITIATION-ISS-MISSING",
            "OpenID Connect Core 1.0 section 4",
            Report,
            Unsaid,
            Absent,
            || initiation("login_hint=ada"),
        ),
        row(
            "INITIATION-ISS",
            "OpenID Connect Core 1.0 section 4",
            Report,
            text("an issuer that is known"),
            text("https://evil.example"),
            || initiation("iss=https%3A%2F%2Fevil.example"),
        ),
        row(
            "INITIATION-TARGET",
            "OpenID Connect Core 1.0 section 4",
            Report,
            text("an address that is allowed"),
            text("https://evil.example/"),
            || {
                initiation(
                    "iss=https%3A%2F%2Fserver.example.com&target_link_uri=https%3A%2F%2Fevil.example%2F",
                )
            },
        ),
    ]
}

/// What is said to a request where one server is known and one address is allowed.
fn initiation(received: &str) -> Error {
    let targets = Targets::new(UriPolicy::default())
        .allow("https://client.example.com")
        .unwrap();
    LoginInitiation::read(received, [ISSUER], &targets).unwrap_err()
}
