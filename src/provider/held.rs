//! Token credentials of OAuth 1.0a that the calls of a process share, and whose turn it is to renew them.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;

use crate::oauth1::credentials::TokenCredentials;

/// Token credentials; clones share them.
#[derive(Clone)]
pub(crate) struct Held(Arc<Mutex<State>>);

struct State {
    credentials: TokenCredentials,
    /// Alive while a renewal is under way.
    flight: Weak<()>,
}

/// A renewal that is under way. Dropped, it lets the next one begin.
pub(crate) struct Flight {
    _alive: Arc<()>,
}

/// What is to be done where credentials are refused.
pub(crate) enum Turn {
    /// They were renewed meanwhile.
    Newer(TokenCredentials),
    /// They are to be renewed.
    Mine(Flight),
    /// Another call renews them.
    Theirs,
}

impl Held {
    pub(crate) fn new(credentials: TokenCredentials) -> Self {
        let state = State {
            credentials,
            flight: Weak::new(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn credentials(&self) -> TokenCredentials {
        self.state().credentials.clone()
    }

    /// Whose turn it is, where `used` was refused. One renews at a time: of two that use one session handle,
    /// the one that is answered last need not be the one that counts.
    pub(crate) fn turn(&self, used: &TokenCredentials) -> Turn {
        let mut state = self.state();
        if state.credentials != *used {
            return Turn::Newer(state.credentials.clone());
        }
        if state.flight.strong_count() > 0 {
            return Turn::Theirs;
        }
        let alive = Arc::new(());
        state.flight = Arc::downgrade(&alive);
        Turn::Mine(Flight { _alive: alive })
    }

    /// Keeps what a renewal brought. Its flight is to end after that.
    pub(crate) fn keep(&self, credentials: TokenCredentials) {
        self.state().credentials = credentials;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
