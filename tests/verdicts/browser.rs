//! What else travels through the browser: tokens, logout, and logins that someone else begins.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::initiation::LoginInitiation;
use oauth_proto::endpoint::initiation::Targets;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::endpoint::response_type::ResponseType;

use super::Row;
use super::row;
use super::text;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;

pub(super) fn rows() -> Vec<Row> {
    use Compared::Absent;
    use Compared::Redacted;
    use Compared::Unsaid;
    use Remedy::FixConfiguration as Fix;
    use Remedy::Report;
    use Remedy::SignInAgain;
    let implicit = "RFC 6749 section 4.2.2";
    let logout = "OpenID Connect RP-Initiated Logout 1.0 section 2";
    let front = "OpenID Connect Front-Channel Logout 1.0 section 2";
    let initiation = "OpenID Connect Core 1.0 section 4";
    vec![
        row(
            "CALLBACK-ACCESS-TOKEN",
            implicit,
            SignInAgain,
            text("`access_token` or `error`"),
            Absent,
            || token("token_type=bearer&state=xyz"),
        ),
        row(
            "CALLBACK-TOKEN-TYPE",
            implicit,
            Fix,
            text("Bearer"),
            text("mac"),
            || token("access_token=a&token_type=mac&state=xyz"),
        ),
        row(
            "CALLBACK-EXPIRES-IN",
            implicit,
            Fix,
            text("a whole number of seconds"),
            text("-1"),
            || token("access_token=a&token_type=bearer&expires_in=-1&state=xyz"),
        ),
        row(
            "CALLBACK-REFRESH-TOKEN",
            implicit,
            Report,
            text("no `refresh_token` in the browser"),
            Unsaid,
            || token("access_token=a&token_type=bearer&refresh_token=r&state=xyz"),
        ),
        row(
            "LOGOUT-ENDPOINT-QUERY",
            logout,
            Fix,
            text("a query without parameters of the protocol"),
            text("state"),
            || {
                leaving("/logout?state=x")
                    .logout(&LogoutRequest::new())
                    .unwrap_err()
            },
        ),
        row(
            "LOGOUT-STATE-MISSING",
            logout,
            Report,
            Unsaid,
            Absent,
            || returned("/bye"),
        ),
        row("LOGOUT-STATE", logout, Report, Redacted, Redacted, || {
            returned("/bye?state=other")
        }),
        row(
            "FRONT-CHANNEL-LOGOUT-PAIR",
            front,
            Report,
            text("both `iss` and `sid`, or none"),
            text("`sid` alone"),
            || ended("sid=1"),
        ),
        row(
            "FRONT-CHANNEL-LOGOUT-ISS",
            front,
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || ended("sid=1&iss=https://evil.example"),
        ),
        row(
            "FRONT-CHANNEL-LOGOUT-SID",
            front,
            Report,
            Redacted,
            Redacted,
            || ended("sid=2&iss=https://server.example.com"),
        ),
        row(
            "INITIATION-ISS-MISSING",
            initiation,
            Report,
            Unsaid,
            Absent,
            || begun("login_hint=ada"),
        ),
        row(
            "INITIATION-ISS",
            initiation,
            Report,
            text("an issuer that is known"),
            text("https://evil.example"),
            || begun("iss=https://evil.example"),
        ),
        row(
            "INITIATION-TARGET",
            initiation,
            Report,
            text("an address that is allowed"),
            text("https://evil.example/"),
            || begun("iss=https://server.example.com&target_link_uri=https://evil.example/"),
        ),
    ]
}

/// What the client says to a token that the browser brings.
fn token(received: &str) -> Error {
    let request = AuthorizationRequest::new("mail")
        .state("xyz")
        .danger_response_type(ResponseType::Token);
    let (_, pending) = client().authorize(NOW, request).unwrap();
    client()
        .implicit_response(NOW, pending, received)
        .unwrap_err()
}

/// The client at a server whose end-session endpoint is there.
fn leaving(path: &str) -> Client {
    let address = format!("{ISSUER}{path}");
    let metadata = metadata()
        .with_endpoint(Endpoint::EndSession, &address)
        .unwrap();
    client_at(metadata, Authentication::None)
}

/// What the client says to a user who comes back from a logout, the state being drawn.
fn returned(received: &str) -> Error {
    let request = LogoutRequest::new().post_logout_redirect_uri("https://client.example.com/bye");
    let (_, pending) = leaving("/logout").logout(&request).unwrap();
    match pending.returned(received) {
        LogoutReturn::Unsolicited(violation) => violation.into(),
        other => panic!("{other:?}"),
    }
}

/// What the client says to a front-channel logout of the session `1`.
fn ended(received: &str) -> Error {
    client()
        .front_channel_logout(received, Some("1"))
        .unwrap_err()
}

/// What is said to a login that someone else begins.
fn begun(received: &str) -> Error {
    let targets = Targets::new(UriPolicy::default())
        .allow("https://client.example.com/")
        .unwrap();
    LoginInitiation::read(received, [ISSUER], &targets)
        .map(|begun| begun.issuer().to_owned())
        .unwrap_err()
}
