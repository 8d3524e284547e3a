//! Fetching a server's keys (RFC 7517 §5), patiently: an answer that waits to be verified is in hand.
//!
//! ```text
//!   Asked ──▶ Done
//!    ▲ │ no answer, or one that says "later"
//!    │ ▼
//!   Resting      (at most twice, then the failure goes to the caller)
//! ```

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::endpoint::Operation;
use crate::endpoint::keys::KeysRequest;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;

/// Brings the keys of a client's server into the client's cache.
///
/// Flows that verify something run it by themselves where the cache lacks a key. On its own it warms
/// the cache, at the start of a program for one.
#[must_use = "a flow does nothing until it is run"]
pub struct FetchKeys {
    request: KeysRequest,
    /// How often it failed.
    failures: u32,
}

/// How often the keys are asked for in all.
const TRIES: u32 = 3;
/// The pause before the second try; it doubles for the third.
const PAUSE: Duration = Duration::from_secs(1);

impl FetchKeys {
    /// Fetches the keys of `client`'s server.
    pub fn new(client: &Client) -> Self {
        Self {
            request: KeysRequest::new(client),
            failures: 0,
        }
    }

    fn failed(mut self, now: UnixTime) -> Option<Step<Self>> {
        self.request.failed(now);
        self.failures += 1;
        let pause = PAUSE.saturating_mul(1 << (self.failures - 1).min(TRIES));
        (self.failures < TRIES).then(|| Step::wait(now, pause, self))
    }
}

impl Flow for FetchKeys {
    type Output = ();
}

impl Machine for FetchKeys {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let request = self.request.request(now)?.into_request()?;
        Ok(Step::send(request, self))
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.request.response(now, response) {
            Ok(()) => Ok(Step::Done(())),
            Err(Error::Refused(refusal)) if refusal.is_transient() => {
                self.failed(now).ok_or(Error::Refused(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing is ever signed here.
    fn signed(self, now: UnixTime, _signature: &[u8]) -> Result<Step<Self>, Error> {
        self.advance(now)
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(self.failed(now))
    }
}

impl fmt::Debug for FetchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchKeys")
    }
}
