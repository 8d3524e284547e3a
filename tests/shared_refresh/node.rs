//! A node with a wire that is written down beforehand.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store;

/// When the tokens came, for an hour.
pub(crate) const RECEIVED: u64 = 1_800_000_000;

/// When they have expired.
pub(crate) const LATE: UnixTime = at(4_000);

pub(crate) const fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(RECEIVED + seconds)
}

pub(crate) fn client() -> Client {
    let metadata = Metadata::new("https://id.example", UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Token, "https://id.example/token"))
        .unwrap();
    Client::new(
        metadata,
        "app",
        Authentication::client_secret_post("s3cret"),
    )
    .unwrap()
}

/// The same at a server that publishes keys, without any of them at hand.
pub(crate) fn client_with_keys() -> Client {
    let metadata = Metadata::new("https://id.example", UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Token, "https://id.example/token"))
        .and_then(|it| it.with_endpoint(Endpoint::Jwks, "https://id.example/keys"))
        .unwrap();
    Client::new(metadata, "app", Authentication::None).unwrap()
}

pub(crate) fn key() -> Key {
    Key::new(&client(), "user")
}

/// Tokens of this number.
pub(crate) fn tokens(number: u8) -> Tokens {
    serde_json::from_str(&format!(
        r#"{{"v":1,"access_token":"acc355-{number}","token_type":"Bearer","received_at":{RECEIVED},"expires_at":{},"refresh_token":"refr35h-{number}","issuer":"https://id.example","client_id":"app"}}"#,
        RECEIVED + 3_600
    ))
    .unwrap()
}

/// A store that has tokens of the number 1.
pub(crate) fn store() -> MemoryStore {
    let mut store = MemoryStore::new();
    store.sign_in(at(0), &key(), tokens(1)).unwrap();
    store
}

pub(crate) fn refresh() -> Refresh {
    Refresh::new(&client(), &key(), Renewal::refresh_token())
}

/// What comes back; none where it is lost.
pub(crate) type Reply = Option<Response<Vec<u8>>>;

pub(crate) fn reply(status: u16, body: &str) -> Reply {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response.body(body.as_bytes().to_vec()).ok()
}

/// Tokens of this number.
pub(crate) fn granted(number: u8) -> Reply {
    let body = format!(
        r#"{{"access_token":"acc355-{number}","token_type":"Bearer","expires_in":3600,"refresh_token":"refr35h-{number}"}}"#
    );
    reply(200, &body)
}

/// What happened on the way to an outcome.
#[derive(Default)]
pub(crate) struct Log {
    /// The bodies of the requests.
    pub(crate) sent: Vec<String>,
    pub(crate) waits: Vec<Duration>,
}

/// Runs a refresh at one moment, with these replies and no others.
pub(crate) fn run<S: Store<Error = Infallible>>(
    refresh: Refresh,
    store: &mut S,
    now: UnixTime,
    replies: impl IntoIterator<Item = Reply>,
) -> (Outcome, Log) {
    let mut replies: VecDeque<Reply> = replies.into_iter().collect();
    let mut log = Log::default();
    let send = |request: Request| {
        let body = String::from_utf8(request.body().clone()).unwrap();
        log.sent.push(body);
        let reply = replies.pop_front();
        reply
            .unwrap_or_else(|| panic!("one request too many: {request:?}"))
            .ok_or(())
    };
    let wait = |pause| log.waits.push(pause);
    let Ok(outcome) = drive::blocking(refresh, store, || now, send, wait);
    assert!(replies.is_empty(), "too few requests");
    (outcome, log)
}

/// The number of the tokens to use.
pub(crate) fn number(outcome: &Outcome) -> Option<u8> {
    let tokens = outcome.tokens()?;
    tokens
        .access_token()
        .expose()
        .strip_prefix("acc355-")?
        .parse()
        .ok()
}
