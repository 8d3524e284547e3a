//! Logout at the provider and back (OpenID Connect RP-Initiated Logout 1.0), and the request that a
//! provider's page makes (OpenID Connect Front-Channel Logout 1.0).

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;

use crate::Row;
use crate::cast::ISSUER;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "LOGOUT-ENDPOINT-QUERY",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            FixConfiguration,
            text("a query without parameters of the protocol"),
            text("state"),
            || {
                let client = client_with(&format!("{ISSUER}/logout?tenant=1&state=x"));
                client.logout(&LogoutRequest::new()).unwrap_err()
            },
        ),
        row(
            "LOGOUT-STATE-MISSING",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            Report,
            Unsaid,
            Absent,
            || returned("/bye"),
        ),
        row(
            "LOGOUT-STATE",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            Report,
            Redacted,
            Redacted,
            || returned("/bye?state=xyz1"),
        ),
        row(
            "FRONT-CHANNEL-LOGOUT-PAIR",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            Report,
            text("both `iss` and `sid`, or none"),
            text("`sid` alone"),
            || front_channel("/out?sid=s1"),
        ),
        row(
            "FRONT-CHANNEL-LOGOUT-ISS",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || front_channel("/out?iss=https%3A%2F%2Fevil.example&sid=s1"),
        ),
        row(
            "FRONT-CHANNEL-LOGOUT-SID",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            Report,
            Redacted,
            Redacted,
            || front_channel("/out?iss=https%3A%2F%2Fserver.example.com&sid=s2"),
        ),
    ]
}

fn client_with(end_session: &str) -> Client {
    let metadata = metadata()
        .with_endpoint(Endpoint::EndSession, end_session)
        .unwrap();
    client_at(metadata, Authentication::None)
}

/// What is said to a return from a logout whose state is `xyz`.
fn returned(received: &str) -> Error {
    let request = LogoutRequest::new()
        .post_logout_redirect_uri("https://client.example.com/bye")
        .state("xyz");
    let client = client_with(&format!("{ISSUER}/logout"));
    let (_, pending) = client.logout(&request).unwrap();
    match pending.returned(received) {
        LogoutReturn::Unsolicited(violation) => violation.into(),
        other => panic!("{other:?}"),
    }
}

/// What is said to a page's request where the session is `s1`.
fn front_channel(received: &str) -> Error {
    client()
        .front_channel_logout(received, Some("s1"))
        .unwrap_err()
}
