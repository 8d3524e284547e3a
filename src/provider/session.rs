//! What lies in the browser's session while the user is away, and what it is called there.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::error::Misuse;
use crate::endpoint::pending;
use crate::oauth1;
use crate::provider::failure::Failure;
use crate::provider::failure::State;
use crate::provider::next::Next;
use crate::provider::record::Provider;

/// What session entries are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionKeys {
    /// `oauth-<provider>-<digest>`: one entry for each login, so that a user may begin several in several
    /// tabs. The digest is that of the state or of the temporary token.
    #[default]
    PerLogin,
    /// `allaccess-<provider>-request-token` and `allaccess-<provider>-request-state`, as django-all-access
    /// calls them: one entry for each provider. The login that began last is the one that can end. The
    /// values are not those of that program.
    Classic,
}

impl SessionKeys {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A session entry: to be kept where the user's browser can neither read nor change it, and to be taken
/// out for good when the user comes back.
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq)]
pub struct Entry {
    key: String,
    value: Secret,
    expires_at: UnixTime,
}

impl Entry {
    /// What it is called.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it holds: JSON, with the secrets of the login in clear.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// When it is good for nothing any more.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The value of an entry, version 1.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    v: Version<1>,
    provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Next>,
    pub(crate) pending: Pending,
}

/// What is pending, whichever version of the protocol it is of.
#[derive(Serialize, Deserialize)]
pub(crate) enum Pending {
    #[serde(rename = "oauth2")]
    OAuth2(Box<pending::Pending>),
    #[serde(rename = "oauth1")]
    OAuth1(Box<oauth1::pending::Pending>),
}

impl Stored {
    pub(crate) fn new(provider: &Provider, next: Option<Next>, pending: Pending) -> Self {
        Self {
            v: Version,
            provider: provider.name().to_owned(),
            next,
            pending,
        }
    }

    /// The entry that holds it.
    pub(crate) fn entry(&self, provider: &Provider) -> Result<Entry, Misuse> {
        let (handle, expires_at) = match &self.pending {
            Pending::OAuth2(pending) => (pending.state(), pending.expires_at()),
            Pending::OAuth1(pending) => (pending.token(), pending.expires_at()),
        };
        let text = serde_json::to_string(self).map_err(|_| Misuse::Fields("session entry"))?;
        Ok(Entry {
            key: key(provider, handle),
            value: Secret::from(text),
            expires_at,
        })
    }

    /// Reads what an entry held.
    pub(crate) fn read(provider: &Provider, value: &str) -> Result<Self, Failure> {
        let stored: Self =
            serde_json::from_str(value).map_err(|_| Failure::State(State::Unreadable))?;
        provider.check_owner("the session entry", &stored.provider)?;
        Ok(stored)
    }
}

/// The key of the entry for this state or temporary token. What comes from outside is hashed: whatever it
/// is, the key is short and plain.
pub(crate) fn key(provider: &Provider, handle: &str) -> String {
    provider.only_key().unwrap_or_else(|| {
        let digest = provider.crypto().sha256(handle.as_bytes());
        format!("{}{}", prefix(provider), base64url::encode(&digest))
    })
}

fn prefix(provider: &Provider) -> String {
    format!("oauth-{}-", provider.name())
}

/// Whether an entry of one login is called so, with this provider and no other.
pub(crate) fn is_key(provider: &Provider, key: &str) -> bool {
    let digest = key.strip_prefix(&prefix(provider));
    digest.is_some_and(|digest| digest.len() == DIGEST)
}

/// The length of a digest of 32 bytes in base64url. Names have `-`, too: by its length alone a key is told
/// from that of a provider whose name is longer.
const DIGEST: usize = 43;

impl Provider {
    /// The key of the one entry there is, where there is one for each provider.
    pub(crate) fn only_key(&self) -> Option<String> {
        let name = self.name();
        match self.record().session {
            SessionKeys::PerLogin => None,
            SessionKeys::Classic if self.is_oauth1() => {
                Some(format!("allaccess-{name}-request-token"))
            }
            SessionKeys::Classic => Some(format!("allaccess-{name}-request-state")),
        }
    }
}
