//! The callback of a login: which session entry it ends, and whether it ends it.
//!
//! The order is: the entry is taken, the provider is in use, the entry is its own, and then what
//! `Client::resume` of either version checks.

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::verdict::Check;
use crate::endpoint::callback;
use crate::oauth1;
use crate::provider::arrival::Arrival;
use crate::provider::connection::Connect;
use crate::provider::failure::Failure;
use crate::provider::failure::State;
use crate::provider::record::Provider;
use crate::provider::session;
use crate::provider::session::Stored;

impl Provider {
    /// The key of the session entry that this callback ends. **Take the entry out** of the session,
    /// whatever comes of the callback: it is good once.
    ///
    /// `received` is the full URL, its path and query, a bare query, or the body of a form that the browser
    /// posted.
    ///
    /// # Errors
    ///
    /// [`Failure::State`] where the callback names no login, [`Failure::Denied`] where it names none
    /// because the user said no ([`session_key_among`](Self::session_key_among) knows more then),
    /// [`Failure::Callback`] where it cannot be read.
    pub fn session_key(&self, received: &str) -> Result<String, Failure> {
        // It is taken even where the callback cannot be read.
        if let Some(key) = self.only_key() {
            return Ok(key);
        }
        if self.is_oauth1() {
            let callback =
                oauth1::callback::Callback::parse(received).map_err(Failure::Callback)?;
            return match (callback.token(), callback.denial()) {
                (Some(token), _) => Ok(session::key(self, token)),
                (None, Some(denial)) => Err(Failure::Denied(Box::new(denial))),
                (None, None) => Err(Failure::State(State::NotReturned)),
            };
        }
        let callback = callback::Callback::parse(received).map_err(Failure::Callback)?;
        let state = callback.state().ok_or(Failure::State(State::NotReturned))?;
        Ok(session::key(self, state))
    }

    /// As [`session_key`](Self::session_key), with all keys of the session: a denial of OAuth 1.0a that names
    /// no login ends the only one with this provider that is under way.
    ///
    /// Where several are, none is ended: which of them the user denied is not known, and they expire.
    /// Whoever forges a denial ends that one login, and gains nothing.
    ///
    /// # Errors
    ///
    /// Those of [`session_key`](Self::session_key).
    pub fn session_key_among<'k>(
        &self,
        received: &str,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Result<String, Failure> {
        let denial = match self.session_key(received) {
            Err(Failure::Denied(denial)) => denial,
            other => return other,
        };
        let mut own = keys.into_iter().filter(|key| session::is_key(self, key));
        match (own.next(), own.next()) {
            (Some(key), None) => Ok(key.to_owned()),
            _ => Err(Failure::Denied(denial)),
        }
    }

    /// Takes the user back: validates what came, as a flow that ends with who signed in, or why nobody did.
    ///
    /// `entry` is what [`session_key`](Self::session_key), or
    /// [`session_key_among`](Self::session_key_among), had in the session. Where the provider's addresses
    /// are known, a forged, replayed or denied callback is an error here, and nothing is sent; otherwise
    /// the flow ends with it.
    ///
    /// # Errors
    ///
    /// [`Failure::Disabled`], [`Failure::State`], [`Failure::Denied`], [`Failure::Callback`],
    /// [`Failure::OtherProvider`], [`Failure::Incomplete`] with what the record lacks,
    /// [`Failure::Configuration`] where an address, the key or the secret may not be used.
    pub fn callback(
        &self,
        now: UnixTime,
        received: &str,
        entry: Option<String>,
    ) -> Result<Arrival, Failure> {
        let entry = entry.map(Secret::from);
        self.check_enabled()?;
        let entry = entry.ok_or(Failure::State(State::NotStored))?;
        let stored = Stored::read(self, entry.expose())?;
        let connect = Connect::new(self)?;
        Arrival::new(self, now, connect, stored, received)
    }
}

/// What is wrong with a callback.
pub(crate) fn refused(error: Error) -> Failure {
    match (error.check(), error) {
        (_, Error::Refused(refusal)) => Failure::Denied(refusal),
        (
            Some(
                Check::CallbackState
                | Check::CallbackStateMissing
                | Check::OAuth1CallbackToken
                | Check::OAuth1CallbackTokenMissing,
            ),
            error,
        ) => Failure::State(State::Other(error)),
        (_, error) => Failure::Callback(error),
    }
}
