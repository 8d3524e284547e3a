//! What is kept while the user is away: the temporary credentials (RFC 5849 §2.1).

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::quirks::Finding;
use crate::domain::server::Server;

/// Temporary credentials, kept until the user comes back.
///
/// Keep them where the user's browser cannot read them: in a server-side session, or sealed in a cookie. They
/// serialise in a versioned form (`"v": 1`), their secret in clear.
/// [`Client::resume`](crate::oauth1::client::Client::resume) consumes them: take them out of the session, so
/// that they are used once. [`token`](Self::token) is a good key for them where a user may sign in from
/// several tabs.
///
/// `Debug` shows no secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub(crate) v: Version<1>,
    #[serde(default, skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    #[serde(rename = "client")]
    pub(crate) consumer_key: Arc<str>,
    #[serde(with = "secret::serde_text")]
    pub(crate) token: Secret,
    #[serde(with = "secret::serde_text")]
    pub(crate) secret: Secret,
    #[serde(rename = "exp")]
    pub(crate) expires_at: UnixTime,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl Pending {
    /// The temporary `oauth_token`, which travels with the user and comes back.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.expose()
    }

    /// The client that sent the user.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        &self.consumer_key
    }

    /// When it is too late to come back.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("consumer_key", &self.consumer_key)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
