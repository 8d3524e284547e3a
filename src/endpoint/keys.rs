//! A server's keys (RFC 7517 §5, RFC 8414 §2 `jwks_uri`), fetched into the client's cache.

use http::Response;

use crate::base::max_age;
use crate::base::time::UnixTime;
use crate::crypto::jwks::JwkSet;
use crate::crypto::jwks::SetFault;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::key_cache::Wanted;
use crate::domain::metadata::Endpoint;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

/// Fetches the keys that a client's server signs with.
///
/// The answer goes into the cache that all clones of the client share. Keys that the server no longer
/// publishes are gone from it; an answer that is broken or has no key of use leaves it as it is.
#[derive(Clone, Debug)]
#[must_use = "an operation does nothing until it is called"]
pub struct KeysRequest {
    client: Client,
}

impl KeysRequest {
    /// Fetches the keys of `client`'s server.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

    /// No answer came: the last good keys serve on, and nobody asks again for a moment.
    pub fn failed(&self, now: UnixTime) {
        self.client.key_cache().failed(now);
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<JwkSet, Error> {
        let endpoint = Endpoint::Jwks;
        response::accept(endpoint, response)?;
        let set = JwkSet::parse(self.client.crypto(), response.body()).map_err(no_set)?;
        if set.is_empty() {
            return Err(Violation::new(Check::KeysNone)
                .expected("a key to verify with")
                .received(format!("{} that cannot be used", set.skipped()))
                .into());
        }
        Ok(set)
    }
}

impl Operation for KeysRequest {
    type Output = ();

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let address = self.client.metadata().endpoint(Endpoint::Jwks)?;
        Ok(Draft::new(request::get_json(address)))
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<(), Error> {
        let read = self.read(response);
        let mut cache = self.client.key_cache();
        match read {
            Ok(set) => {
                let max_age = max_age::of(response.headers());
                cache.fetched(now, set, max_age, has);
                Ok(())
            }
            Err(error) => {
                cache.failed(now);
                Err(error)
            }
        }
    }
}

/// A key without an id may be any that fits.
fn has(set: &JwkSet, wanted: &Wanted) -> bool {
    let (algorithm, kid) = wanted.parts();
    !kid.is_empty() && set.select(algorithm, Some(kid)).next().is_some()
}

fn no_set(fault: SetFault) -> Error {
    let endpoint = Endpoint::Jwks;
    match fault {
        SetFault::Json(fault) => Malformed { endpoint, fault }.into(),
        other => Violation::new(Check::KeysForm)
            .expected("a JWK Set")
            .received(other.to_string())
            .into(),
    }
}
