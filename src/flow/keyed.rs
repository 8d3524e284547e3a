//! Reading what is signed: tried at once, and again when the server's keys were fetched for it.
//!
//! ```text
//!   Reading ──▶ Done
//!    │   ▲
//!    ▼   │
//!   Fetching    (the keys lack; at most twice)
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::keys::MissingKeys;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::keys::FetchKeys;

/// Something in hand that is read, and may need the server's keys.
pub(crate) trait Reading {
    type Output;

    /// # Errors
    ///
    /// [`Error::Keys`] where keys lack.
    fn read(&self, now: UnixTime) -> Result<Self::Output, Error>;

    /// What there is to say where they cannot be had by this `failure`, none where no answer came: the
    /// failure itself, unless something would be lost.
    fn without_keys(self: Box<Self>, now: UnixTime, failure: Option<Error>) -> Option<Error> {
        let _ = now;
        failure
    }
}

impl<R: Reading + ?Sized> Reading for Box<R> {
    type Output = R::Output;

    fn read(&self, now: UnixTime) -> Result<Self::Output, Error> {
        (**self).read(now)
    }

    fn without_keys(self: Box<Self>, now: UnixTime, failure: Option<Error>) -> Option<Error> {
        (*self).without_keys(now, failure)
    }
}

/// Reads `R`, with as many fetches of the server's keys as that takes.
pub(crate) struct Keyed<R> {
    reading: R,
    /// What lacked when it was read before.
    missing: Option<MissingKeys>,
    fetch: Option<FetchKeys>,
    fetches: u8,
}

/// How often the keys are fetched: where there are none yet, and where a new one is named.
const FETCHES: u8 = 2;

impl<R: Reading> Keyed<R> {
    pub(crate) const fn new(reading: R) -> Self {
        Self {
            reading,
            missing: None,
            fetch: None,
            fetches: 0,
        }
    }

    /// Goes on, once it begins, where to read `reading` failed for want of `missing`: the leave to fetch
    /// them was given, and is not asked for again.
    pub(crate) fn wanting(reading: R, missing: MissingKeys) -> Self {
        Self {
            missing: Some(missing),
            ..Self::new(reading)
        }
    }

    /// Goes on where to read `reading` failed for want of `missing`.
    pub(crate) fn missing(
        reading: R,
        now: UnixTime,
        missing: MissingKeys,
    ) -> Result<Step<Self>, Error> {
        Self::new(reading).fetch(now, missing)
    }

    pub(crate) fn into_reading(self) -> R {
        self.reading
    }

    fn read(mut self, now: UnixTime) -> Result<Step<Self>, Error> {
        if let Some(missing) = self.missing.take() {
            return self.fetch(now, missing);
        }
        match self.reading.read(now) {
            Err(Error::Keys(missing)) => self.fetch(now, missing),
            read => Ok(Step::Done((read?, self.reading))),
        }
    }

    fn fetch(mut self, now: UnixTime, missing: MissingKeys) -> Result<Step<Self>, Error> {
        match missing.client() {
            Some(client) if self.fetches < FETCHES => {
                self.fetches += 1;
                let step = FetchKeys::new(client).advance(now);
                self.fetching(now, step)
            }
            _ => Err(self.without_keys(now, missing.into())),
        }
    }

    fn fetching(
        self,
        now: UnixTime,
        step: Result<Step<FetchKeys>, Error>,
    ) -> Result<Step<Self>, Error> {
        match step {
            Ok(step) => step.stage(
                self,
                |fetch, keyed| Self {
                    fetch: Some(fetch),
                    ..keyed
                },
                |(), keyed| keyed.read(now),
            ),
            // The last good keys may do.
            Err(failure) => match self.reading.read(now) {
                Err(Error::Keys(_)) => Err(self.without_keys(now, failure)),
                read => Ok(Step::Done((read?, self.reading))),
            },
        }
    }

    fn without_keys(self, now: UnixTime, failure: Error) -> Error {
        let error = Box::new(self.reading).without_keys(now, Some(failure));
        error.unwrap_or_else(|| MissingKeys::unavailable().into())
    }
}

impl<R: Reading> Flow for Keyed<R> {
    /// What was read, and what it was read from.
    type Output = (R::Output, R);
}

impl<R: Reading> Machine for Keyed<R> {
    fn advance(mut self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.fetch.take() {
            Some(fetch) => {
                let step = fetch.advance(now);
                self.fetching(now, step)
            }
            None => self.read(now),
        }
    }

    fn answer(mut self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.fetch.take() {
            Some(fetch) => {
                let step = fetch.answer(now, response);
                self.fetching(now, step)
            }
            None => self.read(now),
        }
    }

    /// Nothing is signed here.
    fn signed(self, now: UnixTime, _signature: &[u8]) -> Result<Step<Self>, Error> {
        self.advance(now)
    }

    fn lost(mut self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        let Some(fetch) = self.fetch.take() else {
            return Ok(None);
        };
        if let Some(step) = fetch.lost(now)? {
            return self.fetching(now, Ok(step)).map(Some);
        }
        match self.reading.read(now) {
            Err(Error::Keys(_)) => match Box::new(self.reading).without_keys(now, None) {
                Some(error) => Err(error),
                None => Ok(None),
            },
            read => Ok(Some(Step::Done((read?, self.reading)))),
        }
    }
}

impl<R> fmt::Debug for Keyed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fetch {
            Some(_) => "Keyed(fetching)",
            None => "Keyed(reading)",
        })
    }
}
