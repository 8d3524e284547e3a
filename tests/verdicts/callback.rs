//! What the browser brings back: a code (RFC 6749 §4.1.2, RFC 9207) or a token (RFC 6749 §4.2.2).

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::error::Remedy::SignInAgain;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::response_type::ResponseType;

use crate::Row;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "CALLBACK-SIZE",
            "a bound of this crate",
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
            "CALLBACK-ACCESS-TOKEN",
            "RFC 6749 section 4.2.2",
            SignInAgain,
            text("`access_token` or `error`"),
            Absent,
            || implicit("#token_type=Bearer&state=xyz"),
        ),
        row(
            "CALLBACK-TOKEN-TYPE",
            "RFC 6749 section 4.2.2",
            FixConfiguration,
            text("Bearer"),
            text("mac"),
            || implicit("#access_token=a&token_type=mac&state=xyz"),
        ),
        row(
            "CALLBACK-EXPIRES-IN",
            "RFC 6749 section 4.2.2",
            FixConfiguration,
            text("a whole number of seconds"),
            text("soon"),
            || implicit("#access_token=a&token_type=Bearer&expires_in=soon&state=xyz"),
        ),
        row(
            "CALLBACK-REFRESH-TOKEN",
            "RFC 6749 section 4.2.2",
            Report,
            text("no `refresh_token` in the browser"),
            Unsaid,
            || implicit("#access_token=a&token_type=Bearer&refresh_token=r&state=xyz"),
        ),
    ]
}

/// What the client says to `received`, its state the `xyz` of RFC 6749's examples.
fn callback(received: &str) -> Error {
    callback_at(metadata(), received)
}

fn callback_at(metadata: Metadata, received: &str) -> Error {
    let client = client_at(metadata, Authentication::None);
    let request = AuthorizationRequest::new("mail").danger_guessable_state("xyz");
    let (_, pending) = client.authorize(NOW, request).unwrap();
    client
        .authorization_response(NOW, pending, received)
        .unwrap_err()
}

/// What is said to `received` where a token was asked for.
fn implicit(received: &str) -> Error {
    let request = AuthorizationRequest::new("mail")
        .danger_guessable_state("xyz")
        .danger_response_type(ResponseType::Token);
    let (_, pending) = client().authorize(NOW, request).unwrap();
    client()
        .implicit_response(NOW, pending, received)
        .unwrap_err()
}
