//! Token credentials (RFC 5849 §2.3): what a user's authorization became.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::base::json::Members;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::quirks::Finding;
use crate::domain::server::Server;

/// A token and its secret, with everything else that the server said of them.
///
/// They last until the user or the server ends them, unless a parameter of the server's own says otherwise.
/// Serialises in a versioned form (`"v": 1`) **with its secrets in clear**: whoever stores it seals it. Debug
/// shows no secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenCredentials {
    pub(crate) v: Version<1>,
    #[serde(with = "secret::serde_text")]
    pub(crate) token: Secret,
    #[serde(with = "secret::serde_text")]
    pub(crate) secret: Secret,
    pub(crate) received_at: UnixTime,
    #[serde(default, skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    pub(crate) consumer_key: Arc<str>,
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub(crate) members: Members,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl TokenCredentials {
    /// `oauth_token`.
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// `oauth_token_secret`, which signs and is not sent, except by PLAINTEXT.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// When they came.
    #[must_use]
    pub fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// The client they were given to.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        &self.consumer_key
    }

    /// A parameter of the answer that has no method here, such as `user_id`, `screen_name` or
    /// `oauth_expires_in`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.members.member(name).ok()?
    }

    /// Every parameter of the answer that has no method here. Each is a text.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for TokenCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCredentials")
            .field("consumer_key", &self.consumer_key)
            .field("received_at", &self.received_at)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
