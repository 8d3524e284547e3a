//! Why a login came to nothing, by what the application can tell its user.

use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::refusal::Refusal;

/// Why a login, or an account's API, is not to be had. No variant prints a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The provider's record says that it is not in use.
    #[error("the provider `{0}` is disabled")]
    Disabled(String),
    /// The provider's record is not complete.
    #[error("the record of the provider `{provider}` lacks {lacks}")]
    Incomplete {
        /// The provider.
        provider: String,
        /// What is missing.
        lacks: &'static str,
    },
    /// A session entry or an account of one provider was handed to another.
    #[error("{what} is of the provider `{owner}`, not of `{provider}`")]
    OtherProvider {
        /// What was handed in.
        what: &'static str,
        /// Whose it is.
        owner: String,
        /// Whom it was handed to.
        provider: String,
    },
    /// What is kept of an account is no token of its provider's version of the protocol.
    #[error("the account at `{0}` has no token that can be used")]
    NoToken(String),
    /// The callback is not the end of a login that this browser began: it may be forged, come twice, or be
    /// of a session that has ended.
    #[error("the callback belongs to no login that is under way: {0}")]
    State(State),
    /// The user, or the provider in place of the user, said no.
    #[error("the login was denied: {0}")]
    Denied(Box<Refusal>),
    /// The callback cannot be used for another reason: it is malformed, comes too late, or from another
    /// server.
    #[error("the callback cannot be used: {0}")]
    Callback(Error),
    /// The provider gave no token.
    #[error("there is no token: {0}")]
    Token(Error),
    /// The provider gave no profile.
    #[error("there is no profile: {0}")]
    Profile(Error),
    /// The profile does not say who the user is: there is nothing at the path, or nothing that can be an
    /// identifier.
    #[error("the profile of `{provider}` has no identifier at `{path}`")]
    Identifier {
        /// The provider.
        provider: String,
        /// Where the identifier was to be.
        path: String,
    },
    /// The record, or what was asked for, cannot be used so.
    #[error(transparent)]
    Configuration(Error),
}

/// Which side of the comparison was missing, or that the two differ.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum State {
    /// The callback does not say which login it ends.
    #[error("it names none")]
    NotReturned,
    /// The session has no entry for it: there was none, or it has been taken.
    #[error("the session has no entry for it")]
    NotStored,
    /// The session's entry cannot be read.
    #[error("the session's entry cannot be read")]
    Unreadable,
    /// Both are there, and differ.
    #[error("{0}")]
    Other(Error),
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Configuration(misuse.into())
    }
}
