//! What came of a refresh.

use std::fmt;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Remedy;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;

/// What came of a refresh. [`tokens`](Self::tokens) are those to use, if there are any.
#[derive(Debug)]
#[must_use = "it may hold the only copy of the tokens"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller decides for every outcome"
)]
pub enum Outcome {
    /// Fresh tokens, which the store has: from this refresh, or another node's.
    Fresh(Tokens),
    /// They could not be renewed, and can be used still.
    Stale(Tokens, Setback),
    /// There are none to use, and trying again may help.
    Transient(Setback),
    /// As `Transient`, and the request may have arrived: the server may have replaced the refresh
    /// token, and its answer is lost, or cannot be read.
    Ambiguous(Setback),
    /// Trying again does not help.
    Permanent(Reason),
    /// Fresh tokens that the store did not take. **Nothing else has them**: keep them yourself, or the
    /// grant is lost with this value.
    Unsaved(Tokens),
}

impl Outcome {
    /// The tokens to use now.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        match self {
            Self::Fresh(tokens) | Self::Stale(tokens, _) | Self::Unsaved(tokens) => Some(tokens),
            Self::Transient(_) | Self::Ambiguous(_) | Self::Permanent(_) => None,
        }
    }

    /// When to try again; none where there is no need, or no use.
    #[must_use]
    pub fn retry_at(&self) -> Option<UnixTime> {
        match self {
            Self::Stale(_, setback) | Self::Transient(setback) | Self::Ambiguous(setback) => {
                Some(setback.until)
            }
            Self::Fresh(_) | Self::Permanent(_) | Self::Unsaved(_) => None,
        }
    }

    /// The tokens to use now, or why there are none.
    pub(crate) fn into_tokens(self) -> Result<Tokens, Error> {
        match self {
            Self::Fresh(tokens) | Self::Stale(tokens, _) | Self::Unsaved(tokens) => Ok(tokens),
            Self::Transient(Setback { until, cause })
            | Self::Ambiguous(Setback { until, cause }) => Err(match cause {
                Cause::Answer(error) => error,
                Cause::Busy | Cause::HeldBack | Cause::NoAnswer => {
                    Expired::HeldBack { until }.into()
                }
            }),
            Self::Permanent(reason) => Err(match reason {
                Reason::NeedsSignIn => Expired::Grant.into(),
                Reason::Refused(error) => error,
                Reason::Remembered(code) => {
                    let refusal = Refusal::new(Endpoint::Token).with_code(Some(code.as_str()));
                    refusal.into()
                }
            }),
        }
    }

    pub(crate) fn held_back(usable: Option<Tokens>, setback: Setback) -> Self {
        match usable {
            Some(tokens) => Self::Stale(tokens, setback),
            None if setback.cause.is_ambiguous() => Self::Ambiguous(setback),
            None => Self::Transient(setback),
        }
    }
}

/// A refresh that did not work this time.
#[derive(Debug)]
#[non_exhaustive]
pub struct Setback {
    /// When to try again.
    pub until: UnixTime,
    /// Why it did not work.
    pub cause: Cause,
}

/// Why a refresh did not work this time.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// Another node is refreshing.
    Busy,
    /// An earlier refresh failed, and its wait is not over.
    HeldBack,
    /// No answer came to a request that may have arrived.
    NoAnswer,
    /// An answer that is no verdict: a page, a 5xx, a 429, something unreadable.
    Answer(Error),
}

impl Cause {
    /// Whether the server may have replaced the refresh token all the same.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Busy | Self::HeldBack => false,
            Self::NoAnswer | Self::Answer(Error::Violation(_)) => true,
            Self::Answer(error) => error.remedy() == Remedy::RetryOnce,
        }
    }
}

/// Why trying again does not help.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason {
    /// There are no tokens that anything renews.
    NeedsSignIn,
    /// The server said so, or nothing could be sent.
    Refused(Error),
    /// The server said so a while ago, and is not asked again yet.
    Remembered(ErrorCode),
}

impl Reason {
    /// Whether the user signs in again; else someone mends the configuration.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::NeedsSignIn => true,
            Self::Refused(error) => error.remedy() == Remedy::SignInAgain,
            Self::Remembered(code) => *code == ErrorCode::InvalidGrant,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsSignIn => f.write_str("nothing renews the tokens: sign in again"),
            Self::Refused(error) => error.fmt(f),
            Self::Remembered(code) => write!(f, "the server has refused: {code}"),
        }
    }
}
