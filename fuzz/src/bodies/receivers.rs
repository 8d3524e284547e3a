//! Invariant: whatever a browser brings to an address of the application, nothing panics, and the time
//! is linear in its length. It is believed only where one reading of it says so, each name once: an
//! access token with the pending state and issuer, in time, without a code, an error or a refresh
//! token; a return from a logout with the pending state; the end of a session with the client's issuer
//! and, where one is known, the session's `sid`; the begin of a login with a known issuer and a target
//! below an allowed address. What is printed depends on no access token, and holds nothing that was
//! pending.
//!
//! Input: a digit for the receiver, then what comes.

use std::borrow::Cow;
use std::time::Duration;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::endpoint::front_channel::FrontChannelLogout;
use oauth_proto::endpoint::initiation::LoginInitiation;
use oauth_proto::endpoint::initiation::Targets;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::endpoint::logout::PendingLogout;
use oauth_proto::endpoint::pending::Pending;
use url::Url;

use crate::bodies::bytes::Bytes;
use crate::bodies::callback::Pair;
use crate::bodies::callback::only;
use crate::bodies::callback::readings;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;
use crate::bodies::secrets;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = 70_000;

const SID: &str = "08a5019c-17e1-4977-8f42-65a12843ea02";

/// Whether it was believed.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let receiver = input.choice([
        Receiver::Implicit("token", false),
        Receiver::Implicit("none", false),
        Receiver::Implicit("token", true),
        Receiver::Logout,
        Receiver::FrontChannel(None),
        Receiver::FrontChannel(Some(SID)),
        Receiver::Initiation,
        Receiver::Implicit("code token", false),
    ]);
    let text = input.text(LIMIT);
    let received = String::from_utf8_lossy(&text);
    let (is_believed, said) = receiver.read(&received);
    for secret in fixture::PENDING_SECRETS {
        // A forger who knows the state can have it printed as something else.
        let elsewhere = elsewhere(&received).contains(secret);
        assert!(
            elsewhere || !said.contains(secret),
            "it tells what is pending: {said}"
        );
    }
    let other = secrets::other_in_form(received.as_bytes(), |name| name == "access_token");
    let other = receiver.read(&String::from_utf8_lossy(&other));
    assert_eq!(other.1, said, "it tells of the access token");
    is_believed
}

#[derive(Clone, Copy)]
enum Receiver {
    /// Of this response type, and whether it is late.
    Implicit(&'static str, bool),
    Logout,
    /// Of the session with this `sid`.
    FrontChannel(Option<&'static str>),
    Initiation,
}

impl Receiver {
    /// Whether it was believed, and what is printed.
    fn read(self, received: &str) -> (bool, String) {
        match self {
            Self::Implicit(kind, is_late) => implicit(kind, is_late, received),
            Self::Logout => logout(received),
            Self::FrontChannel(sid) => front_channel(sid, received),
            Self::Initiation => initiation(received),
        }
    }
}

fn implicit(kind: &str, is_late: bool, received: &str) -> (bool, String) {
    let client = fixture::client(Iss::Known);
    let pending = pending(kind, is_late);
    let response = match client.implicit_response(NOW, pending, received) {
        Ok(response) => response,
        Err(error) => return (false, format!("{error} {error:?}")),
    };
    assert!(!is_late, "a late response is refused");
    assert!(kind != "code token", "a code is for another reader");
    let token = response
        .tokens()
        .map(|tokens| tokens.access_token().expose());
    assert_eq!(token.is_some(), kind == "token");
    let is_answer = |reading: &Vec<Pair<'_>>| {
        let absent = |name: &&str| only(reading, name).is_none();
        only(reading, "state").as_deref() == Some(fixture::STATE)
            && only(reading, "iss").is_none_or(|iss| iss == fixture::ISSUER)
            && ["error", "code", "id_token", "response"].iter().all(absent)
            && only(reading, "access_token").as_deref() == token
            && token.is_none_or(|_| absent(&"refresh_token") && is_bearer(reading))
    };
    assert!(
        readings(received).any(|it| is_answer(&it)),
        "no reading of it is a good answer"
    );
    if let Some(tokens) = response.tokens() {
        assert!(
            tokens
                .access_token()
                .expose()
                .bytes()
                .all(|byte| byte.is_ascii_graphic())
        );
        assert_eq!(tokens.refresh_token(), None);
        assert_eq!(tokens.requested_scope().as_str(), fixture::SCOPE);
        assert_eq!(tokens.issuer(), Some(fixture::ISSUER));
    }
    (true, format!("{response:?}"))
}

fn is_bearer(reading: &[Pair<'_>]) -> bool {
    only(reading, "token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
}

fn pending(kind: &str, is_late: bool) -> Pending {
    let lifetime = Duration::from_secs(u64::from(!is_late));
    let pending = fixture::pending(Iss::Known, NOW.saturating_add(lifetime));
    let mut stored = serde_json::to_value(&pending).expect("it can be stored");
    stored["type"] = kind.into();
    serde_json::from_value(stored).expect("the stored form")
}

fn logout(received: &str) -> (bool, String) {
    let stored = format!(r#"{{"v":1,"state":"{}"}}"#, fixture::STATE);
    let pending: PendingLogout = serde_json::from_str(&stored).expect("the stored form");
    let returned = pending.returned(received);
    let is_believed = matches!(returned, LogoutReturn::Answered);
    let has_state =
        |reading: Vec<Pair<'_>>| only(&reading, "state").as_deref() == Some(fixture::STATE);
    assert!(!is_believed || readings(received).any(has_state));
    (is_believed, format!("{pending:?} {returned:?}"))
}

fn front_channel(sid: Option<&str>, received: &str) -> (bool, String) {
    let client = fixture::client(Iss::Known);
    let logout = match client.front_channel_logout(received, sid) {
        Ok(logout) => logout,
        Err(error) => return (false, format!("{error} {error:?}")),
    };
    let said = format!("{logout:?}");
    let named = match logout {
        FrontChannelLogout::OfSession(named) => Some(named),
        _ => None,
    };
    assert!(named.is_none() || sid.is_none() || named.as_deref() == sid);
    let iss = named.as_ref().map(|_| fixture::ISSUER);
    let is_so = |reading: Vec<Pair<'_>>| {
        only(&reading, "iss").as_deref() == iss && only(&reading, "sid") == named
    };
    assert!(readings(received).any(is_so), "no reading of it says so");
    (true, said)
}

fn initiation(received: &str) -> (bool, String) {
    let targets = Targets::new(UriPolicy::default())
        .allow("https://app.example/courses")
        .expect("an address");
    let issuers = ["https://other.example", fixture::ISSUER];
    let initiation = match LoginInitiation::read(received, issuers, &targets) {
        Ok(initiation) => initiation,
        Err(error) => return (false, format!("{error} {error:?}")),
    };
    assert!(issuers.contains(&initiation.issuer()));
    if let Some(target) = initiation.target_link_uri() {
        let target = Url::parse(target).expect("a URL");
        assert_eq!(target.origin().ascii_serialization(), "https://app.example");
        assert!(target.username().is_empty() && target.password().is_none());
        let below = target
            .path()
            .strip_prefix("/courses")
            .expect("a path below");
        assert!(below.is_empty() || below.starts_with('/'));
    }
    let is_so = |reading: Vec<Pair<'_>>| {
        only(&reading, "iss").as_deref() == Some(initiation.issuer())
            && only(&reading, "target_link_uri").as_deref() == initiation.target_link_uri()
            && only(&reading, "login_hint").as_deref() == initiation.login_hint()
    };
    assert!(readings(received).any(is_so), "no reading of it says so");
    (true, format!("{initiation:?}"))
}

/// What comes beside the state.
fn elsewhere(received: &str) -> String {
    readings(received)
        .flatten()
        .filter(|(name, _)| name != "state")
        .flat_map(|(name, value): (Cow<'_, str>, Cow<'_, str>)| [name, value])
        .collect()
}
