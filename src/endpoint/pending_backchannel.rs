//! What is kept while a user decides elsewhere (CIBA Core 1.0 §7.3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::base::json::Members;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::endpoint::poll::Terms;

/// A backchannel authentication request that waits for its user.
///
/// It serialises in a versioned form (`"v": 1`), its secrets in clear, so that another process may go
/// on with it: with `client.poll_backchannel`, or with the
/// [`Notification`](crate::endpoint::notification::Notification) that comes in. Keep it under its
/// [`auth_req_id`](Self::auth_req_id), which a notification names.
///
/// `Debug` shows no secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingBackchannel {
    pub(crate) v: Version<1>,
    #[serde(rename = "iss", default, skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    #[serde(rename = "client")]
    pub(crate) client_id: Arc<str>,
    #[serde(rename = "id", with = "secret::serde_text")]
    pub(crate) auth_req_id: Secret,
    /// What notifications must bear; none where none are expected.
    #[serde(
        rename = "token",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    pub(crate) notification_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub(crate) scope: Arc<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resource: Vec<String>,
    pub(crate) interval: u64,
    #[serde(rename = "exp")]
    pub(crate) expires_at: UnixTime,
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub(crate) members: Members,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl PendingBackchannel {
    /// `auth_req_id`: the server's name for the request, and the key to keep this under. Whoever knows
    /// it and can authenticate as the client can have the tokens.
    #[must_use]
    pub fn auth_req_id(&self) -> &str {
        self.auth_req_id.expose()
    }

    /// When the request ends: at most a day after the answer, a bound of this crate.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// The least time between two polls; 5 s where the server does not say.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval)
    }

    /// The issuer that was asked.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.server.issuer()
    }

    /// The client that asked.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The scope that was asked for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The resource indicators that were asked for; each poll repeats them (RFC 8707 §2.2).
    #[must_use]
    pub fn resource(&self) -> &[String] {
        &self.resource
    }

    /// Every member of the response that has no method here.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms {
            what: "the pending backchannel authentication request",
            server: &self.server,
            client_id: self.client_id(),
            scope: &self.scope,
            resource: &self.resource,
            expires_at: self.expires_at,
        }
    }
}

impl fmt::Debug for PendingBackchannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingBackchannel")
            .field("issuer", &self.server)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope.as_str())
            .field("interval", &self.interval)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
