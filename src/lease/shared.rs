//! A grant whose tokens a store has, as the source of an API's tokens.

use std::fmt;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::token::Tokens;
use crate::flow::drive::DriveError;
use crate::lease::key::Key;
use crate::lease::lease::Moments;
use crate::lease::loan::Lender;
use crate::lease::record::Record;
use crate::lease::refresh::Refresh;
use crate::lease::renewal::Renewal;
use crate::lease::terms::Terms;

/// Which tokens of a store are used, and what renews them. Cloning is cheap.
#[derive(Clone)]
pub struct Shared {
    key: Key,
    terms: Terms,
    renewal: Lender,
}

impl Shared {
    /// The tokens that the store has under `key`.
    ///
    /// Whoever comes first uses a code, or waits for a device, and those who find no tokens meanwhile wait for
    /// that. What was not begun, as the store failed or the caller went away, is there for the next.
    #[must_use]
    pub fn new(key: Key, renewal: Renewal) -> Self {
        Self {
            key,
            terms: Terms::new(),
            renewal: Lender::new(renewal),
        }
    }

    /// Sets other terms than the default ones.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.terms = terms;
        self
    }

    /// The name of the tokens.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The tokens of a record, where they work still.
    pub(crate) fn usable(&self, now: UnixTime, record: Record) -> Option<Tokens> {
        let tokens = record.into_tokens()?;
        let standing = Moments::of(&tokens, &self.terms).standing(now);
        standing.is_usable().then_some(tokens)
    }

    /// The refresh that comes before a call, where it is due or an API refused these tokens.
    pub(crate) fn refresh(&self, client: &Client, rejected: Option<&Tokens>) -> Refresh {
        let renewal = self.renewal.lend();
        let refresh = Refresh::lent(client, &self.key, renewal).with_terms(self.terms.clone());
        match rejected {
            Some(tokens) => refresh.rejected(tokens),
            None => refresh,
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Why a call over a store is over. `E` is the transport's error, `S` the store's.
#[derive(Debug, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller decides for every one")]
pub enum CallError<E, S> {
    /// The call, or the refresh before it, ended in an error.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// The API did not answer: the transport's own error.
    #[error(transparent)]
    Transport(E),
    /// The store failed, and nothing is lost.
    #[error(transparent)]
    Store(S),
    /// The tokens were renewed, the store did not take them, and the API was not called. **Nothing else
    /// has them**: keep them yourself, or the grant is lost with this value.
    #[error("the store did not take the renewed tokens")]
    Unsaved(Box<Tokens>),
}

impl<E, S> From<DriveError<E>> for CallError<E, S> {
    fn from(error: DriveError<E>) -> Self {
        match error {
            DriveError::Protocol(error) => Self::Protocol(error),
            DriveError::Transport(failure) => Self::Transport(failure),
        }
    }
}
