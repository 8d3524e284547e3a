//! The keys that a client's server signs with, and what is missing where one is not at hand.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::base::time::UnixTime;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwks::JwkSet;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Unsupported;
use crate::domain::key_cache::KeyCache;
use crate::domain::key_cache::Next;
use crate::domain::metadata::Endpoint;
use crate::domain::response_algorithms::Answer;
use crate::domain::scope::Scope;

/// The cache that all clones of a client share. It is locked for a look or a change, never longer.
#[derive(Debug)]
pub(crate) struct Keys(Mutex<KeyCache<JwkSet>>);

impl Keys {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(KeyCache::new()))
    }

    /// A thread that panicked while it held the lock left the cache whole: every change is one move.
    pub(crate) fn lock(&self) -> MutexGuard<'_, KeyCache<JwkSet>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// The keys that are good now.
    pub(crate) fn keys(&self, now: UnixTime) -> Result<Arc<JwkSet>, MissingKeys> {
        match self.key_cache().keys(now) {
            Next::Use(set) => Ok(set),
            Next::Fetch => Err(MissingKeys::wanted(self)),
            Next::Unavailable => Err(MissingKeys::unavailable()),
        }
    }

    /// Whether there are keys, be they the last good ones.
    pub(crate) fn has_keys(&self, now: UnixTime) -> bool {
        self.keys(now).is_ok()
    }

    /// Whether the keys are to be fetched before anything is verified: there are none, or old ones. That
    /// others failed to fetch them a moment ago is no reason not to.
    pub(crate) fn wants_keys(&self, now: UnixTime) -> bool {
        !self.is_id_token_by_secret() && !self.has_keys(now)
    }

    /// Refuses a scope that asks for an identity where it could not be verified.
    ///
    /// # Errors
    ///
    /// [`Unsupported::OpenId`].
    pub(crate) fn check_scope(&self, scope: &Scope) -> Result<(), Unsupported> {
        if scope.has_openid() {
            self.check_identity()
        } else {
            Ok(())
        }
    }

    /// Refuses to ask for an identity that could not be verified.
    ///
    /// # Errors
    ///
    /// [`Unsupported::OpenId`].
    pub(crate) fn check_identity(&self) -> Result<(), Unsupported> {
        let has_keys = self.is_id_token_by_secret()
            || self.metadata().endpoint(Endpoint::Jwks).is_ok()
            || self.key_cache().kept().is_some();
        if has_keys && self.metadata().issuer().is_some() {
            return Ok(());
        }
        Err(Unsupported::OpenId)
    }

    fn is_id_token_by_secret(&self) -> bool {
        let algorithm = self.response_algorithms().signature(Answer::IdToken);
        algorithm.is_some_and(Algorithm::is_mac)
    }
}

/// The server's keys are needed, and not at hand.
///
/// A flow fetches them by itself. Who reads an answer by hand runs
/// `endpoint::keys::KeysRequest` or `flow::keys::FetchKeys` and then reads the answer again. Where what was
/// pending went into the reading of an answer, `MissingKeys::into_pending` gives it back.
#[derive(thiserror::Error)]
#[error("the server's keys are needed, and {}", if self.client.is_some() { "are to be fetched" } else { "could not be fetched a moment ago" })]
pub struct MissingKeys {
    client: Option<Client>,
    #[source]
    failure: Option<Box<Error>>,
    /// What the caller had handed over, and nothing used.
    held: Option<Box<dyn Any + Send + Sync>>,
}

impl MissingKeys {
    /// They are to be fetched.
    pub(crate) fn wanted(client: &Client) -> Self {
        Self {
            client: Some(client.clone()),
            ..Self::unavailable()
        }
    }

    /// To fetch them failed a moment ago.
    pub(crate) const fn unavailable() -> Self {
        Self {
            client: None,
            failure: None,
            held: None,
        }
    }

    /// To fetch them failed, by this where it is known.
    pub(crate) fn after(failure: Option<Error>) -> Self {
        match failure {
            Some(Error::Keys(missing)) => missing,
            failure => Self {
                failure: failure.map(Box::new),
                ..Self::unavailable()
            },
        }
    }

    /// Gives `held` back to the caller with the error.
    pub(crate) fn holding(self, held: impl Any + Send + Sync) -> Self {
        let held: Option<Box<dyn Any + Send + Sync>> = Some(Box::new(held));
        Self { held, ..self }
    }

    /// What it gives back, where it is a `T`.
    pub(crate) fn into_held<T: Any>(self) -> Option<T> {
        let held = self.held?.downcast().ok()?;
        Some(*held)
    }

    /// The client whose server's keys are to be fetched; none where that failed a moment ago.
    #[must_use]
    pub fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Why they could not be fetched, where the server had an answer.
    #[must_use]
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_deref()
    }
}

impl fmt::Debug for MissingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MissingKeys")
            .field("to_fetch", &self.client.is_some())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
