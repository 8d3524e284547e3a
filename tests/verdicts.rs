//! Every check by its id: one way to trip it, the section that demands it, what the caller can do, and
//! the values compared. A check that no row trips fails here.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::collections::BTreeSet;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Check;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::discovery::MetadataRequest;
use oauth_proto::endpoint::discovery::WellKnown;
use oauth_proto::endpoint::grant::Grant;

use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;

/// One check and a way to trip it.
struct Row {
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
    expected: Compared,
    received: Compared,
    trip: fn() -> Error,
}

fn table() -> Vec<Row> {
    use Compared::Absent;
    use Compared::Redacted;
    use Compared::Unsaid;
    use Remedy::FixConfiguration as Fix;
    use Remedy::Report;
    use Remedy::SignInAgain;
    let own = "a bound of this crate";
    vec![
        row(
            "AUTHORIZATION-ENDPOINT-QUERY",
            "RFC 6749 section 3.1",
            Fix,
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
            "CALLBACK-SIZE",
            own,
            Report,
            text("at most 65536 bytes"),
            text("65537 bytes"),
            || callback(&"x".repeat(65_537)),
        ),
        row(
            "CALLBACK-FORM",
            "RFC 6749 appendix B",
            Report,
            text("percent-encoded UTF-8"),
            Unsaid,
            || callback("code=%zz&state=xyz"),
        ),
        row(
            "CALLBACK-DUPLICATE",
            "RFC 6749 section 3.1",
            Report,
            Unsaid,
            text("`code` twice"),
            || callback("code=C&state=xyz&code=D"),
        ),
        row(
            "CALLBACK-ISS-MISSING",
            "RFC 9207 section 2.4",
            Report,
            text(ISSUER),
            Absent,
            || {
                let promising = metadata().with_iss_parameter(true);
                callback_at(promising, "code=C&state=xyz")
            },
        ),
        row(
            "CALLBACK-ISS",
            "RFC 9207 section 2.4",
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || callback("code=C&state=xyz&iss=https%3A%2F%2Fevil.example"),
        ),
        row(
            "CALLBACK-STATE-MISSING",
            "RFC 6749 section 4.1.2",
            Report,
            Unsaid,
            Absent,
            || callback("code=C"),
        ),
        row(
            "CALLBACK-STATE",
            "RFC 6749 section 10.12",
            Report,
            Redacted,
            Redacted,
            || callback("code=C&state=xyz1"),
        ),
        row(
            "CALLBACK-RESPONSE-TYPE",
            "RFC 6749 section 4.1.2",
            Report,
            text("a response of type `code`"),
            text("`access_token`"),
            || callback("code=C&state=xyz&access_token=a"),
        ),
        row(
            "CALLBACK-CODE",
            "RFC 6749 section 4.1.2",
            SignInAgain,
            text("`code` or `error`"),
            Absent,
            || callback("state=xyz"),
        ),
        row(
            "METADATA-ISSUER-MISSING",
            "RFC 8414 section 2",
            Fix,
            Unsaid,
            Absent,
            || document("{}"),
        ),
        row(
            "METADATA-ISSUER",
            "RFC 8414 section 3.3",
            Fix,
            text(ISSUER),
            text("https://evil.example"),
            || document(r#"{"issuer":"https://evil.example"}"#),
        ),
        row(
            "METADATA-ENDPOINT",
            "RFC 8414 section 2",
            Fix,
            text("a `token_endpoint` without these faults: the URI is not https"),
            text("http://server.example.com/token"),
            || {
                document(
                    r#"{"issuer":"https://server.example.com",
                        "token_endpoint":"http://server.example.com/token"}"#,
                )
            },
        ),
        row(
            "RESPONSE-SIZE",
            own,
            Report,
            text("at most 1048576 bytes"),
            text("1048577 bytes"),
            || token(200, &" ".repeat(1_048_577)),
        ),
        row(
            "RESPONSE-REDIRECT",
            "RFC 9700 section 4.12",
            Fix,
            text("an answer"),
            text("status 307"),
            || token(307, ""),
        ),
        row(
            "RESPONSE-STATUS",
            "RFC 6749 section 5.1",
            Fix,
            text("status 200"),
            text("status 103"),
            || token(103, ""),
        ),
        row(
            "TOKEN-ACCESS",
            "RFC 6749 section 5.1",
            Fix,
            Unsaid,
            Absent,
            || token(200, r#"{"token_type":"Bearer"}"#),
        ),
        row(
            "TOKEN-TYPE-MISSING",
            "RFC 6749 section 5.1",
            Fix,
            Unsaid,
            Absent,
            || token(200, r#"{"access_token":"a"}"#),
        ),
        row(
            "TOKEN-TYPE",
            "RFC 6749 section 7.1",
            Fix,
            text("Bearer"),
            text("N_A"),
            || token(200, r#"{"access_token":"a","token_type":"N_A"}"#),
        ),
        row(
            "TOKEN-EXPIRES-IN",
            "RFC 6749 section 5.1",
            Fix,
            text("a whole number of seconds"),
            text("3600.5"),
            || {
                token(
                    200,
                    r#"{"access_token":"a","token_type":"Bearer","expires_in":3600.5}"#,
                )
            },
        ),
    ]
}

fn row(
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
    expected: Compared,
    received: Compared,
    trip: fn() -> Error,
) -> Row {
    Row {
        id,
        section,
        remedy,
        expected,
        received,
        trip,
    }
}

fn text(text: &str) -> Compared {
    Compared::Text(text.to_owned())
}

/// What the client says to `received`, its state the `xyz` of RFC 6749's examples.
fn callback(received: &str) -> Error {
    callback_at(metadata(), received)
}

fn callback_at(metadata: Metadata, received: &str) -> Error {
    let client = client_at(metadata, Authentication::None);
    let request = AuthorizationRequest::new("mail").state("xyz");
    let (_, pending) = client.authorize(NOW, request).unwrap();
    client
        .authorization_response(NOW, pending, received)
        .unwrap_err()
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

/// What a refresh says to an answer.
fn token(status: u16, body: &str) -> Error {
    Grant::refresh_token(&client(), "R")
        .response(NOW, &json(status, body))
        .unwrap_err()
}

#[test]
fn every_row_trips_its_check() {
    for row in table() {
        let error = (row.trip)();
        assert_eq!(error.remedy(), row.remedy, "{}", row.id);
        let check = error.check().unwrap();
        let Error::Violation(violation) = error else {
            panic!("{}: {error:?}", row.id);
        };
        assert_eq!(check, violation.check());
        assert_eq!(check.id(), row.id);
        assert_eq!(check.section(), row.section, "{}", row.id);
        assert_eq!(violation.expected_value(), &row.expected, "{}", row.id);
        assert_eq!(violation.received_value(), &row.received, "{}", row.id);
    }
}

/// Whoever reads a log sees the id, the section and both values, in that order.
#[test]
fn every_verdict_is_told_in_one_line() {
    for row in table() {
        let told = (row.trip)().to_string();
        let rest = told
            .strip_prefix(&format!("{} ({})", row.id, row.section))
            .unwrap_or_else(|| panic!("{told}"));
        let side = |word: &str, value: &Compared| match value {
            Compared::Unsaid => None,
            value => Some(format!("{word} {value}")),
        };
        let sides = [
            side("expected", &row.expected),
            side("received", &row.received),
        ];
        let expected: Vec<_> = sides.into_iter().flatten().collect();
        assert_eq!(rest, format!(": {}", expected.join(", ")));
        assert!(!told.contains('\n'));
    }
}

#[test]
fn no_check_is_without_a_row() {
    let tripped: BTreeSet<&str> = table()
        .iter()
        .map(|row| (row.trip)().check().unwrap().id())
        .collect();
    let all: BTreeSet<&str> = Check::all().map(Check::id).collect();
    assert_eq!(tripped, all);
    assert_eq!(table().len(), all.len(), "one row a check");
}
