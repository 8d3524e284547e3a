//! The clients that the targets speak for, and what is pending for them.

use std::sync::LazyLock;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::pending::Pending;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CLIENT_ID: &str = "s6BhdRkqt3";
pub(crate) const REDIRECT_URI: &str = "https://app.example/cb";
pub(crate) const SCOPE: &str = "mail calendar";

pub(crate) const STATE: &str = "Kq3uVYpTz0mWb7RfXc5aHdJe9sNgLi1o";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const NONCE: &str = "n0S6WzA2MjPq8Yt4Lk1Bv7Rx3Dh5Fg9C";

/// When the targets run.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// What the server says of its issuer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Iss {
    /// It has one, and promises it in every callback.
    Promised,
    /// It has one.
    Known,
    /// It has none.
    Unknown,
}

/// A public client at a server with an authorization and a token endpoint.
pub(crate) fn client(iss: Iss) -> Client {
    static PROMISED: LazyLock<Client> = LazyLock::new(|| make(Iss::Promised));
    static KNOWN: LazyLock<Client> = LazyLock::new(|| make(Iss::Known));
    static UNKNOWN: LazyLock<Client> = LazyLock::new(|| make(Iss::Unknown));
    let client = match iss {
        Iss::Promised => &PROMISED,
        Iss::Known => &KNOWN,
        Iss::Unknown => &UNKNOWN,
    };
    Client::clone(client)
}

fn make(iss: Iss) -> Client {
    let policy = UriPolicy::default();
    let metadata = match iss {
        Iss::Promised | Iss::Known => Metadata::new(ISSUER, policy).expect("an issuer"),
        Iss::Unknown => Metadata::without_issuer(policy),
    };
    let metadata = metadata
        .with_iss_parameter(iss == Iss::Promised)
        .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")
        .and_then(|metadata| metadata.with_endpoint(Endpoint::Token, "https://id.example/token"))
        .expect("two endpoints");
    Client::new(metadata, CLIENT_ID, Authentication::None)
        .and_then(|client| client.with_redirect_uri(REDIRECT_URI))
        .expect("a client")
}

/// What is pending for that client, always the same, until `expires_at`.
pub(crate) fn pending(iss: Iss, expires_at: UnixTime) -> Pending {
    let iss = match iss {
        Iss::Promised | Iss::Known => format!(r#""iss":"{ISSUER}","#),
        Iss::Unknown => r#""iss":"@https://id.example/token","#.to_owned(),
    };
    let stored = format!(
        r#"{{"v":1,{iss}"client":"{CLIENT_ID}","uri":"{REDIRECT_URI}","state":"{STATE}",
            "nonce":"{NONCE}","verifier":"{VERIFIER}","scope":"{SCOPE}",
            "resource":["https://api.example"],"exp":{expires_at}}}"#
    );
    serde_json::from_str(&stored).expect("the stored form")
}

/// The secrets that are pending, and must never be printed.
pub(crate) const PENDING_SECRETS: [&str; 3] = [STATE, VERIFIER, NONCE];
