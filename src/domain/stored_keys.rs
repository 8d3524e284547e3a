//! A server's keys in a form that can be stored (RFC 7517 §5): so that a process that starts need not fetch
//! them first.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::crypto::jwks::JwkSet;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::server::Server;

/// The keys of one server, as they were fetched, with how long they are good.
///
/// It serialises in a versioned form (`"v": 1`). The keys are public; whoever can change what is stored
/// can sign in the server's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKeys {
    v: Version<1>,
    #[serde(rename = "iss")]
    server: Server,
    keys: Value,
    #[serde(rename = "fetched")]
    fetched_at: UnixTime,
    #[serde(rename = "until")]
    good_until: UnixTime,
}

impl Client {
    /// The server's keys as they were fetched last; none where there are none.
    #[must_use]
    pub fn stored_keys(&self) -> Option<StoredKeys> {
        let cache = self.key_cache();
        let (fetched_at, good_until, set) = cache.stored()?;
        Some(StoredKeys {
            v: Version,
            server: self.server().clone(),
            keys: serde_json::from_str(&set.to_json()).ok()?,
            fetched_at,
            good_until,
        })
    }

    /// Takes up keys that were stored, for this client and its clones, unless it has newer ones. They are
    /// good for no longer than they were, and an unknown key is asked for as ever.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where they are another server's, [`Misuse::Parameter`] where they are no
    /// keys.
    pub fn restore_keys(&self, stored: &StoredKeys) -> Result<(), Error> {
        self.check_owner("the key set", &stored.server, self.client_id())?;
        let json = stored.keys.to_string();
        let set = JwkSet::parse(self.crypto(), json.as_bytes()).ok();
        let Some(set) = set.filter(|set| !set.is_empty()) else {
            let (name, reason) = ("keys", "is no set of keys that can be used");
            return Err(Misuse::Parameter { name, reason }.into());
        };
        let mut cache = self.key_cache();
        cache.restore(stored.fetched_at, stored.good_until, set);
        Ok(())
    }
}
