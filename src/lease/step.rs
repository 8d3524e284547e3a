//! What a refresh asks of its driver, with the only value that can take it onward.
//!
//! As [`flow::Step`], and beside it three effects on a store, which drivers of plain
//! flows never meet. No move fails: whatever comes, a refresh ends in an [`Outcome`].

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::domain::token::Tokens;
use crate::endpoint::request::Request;
use crate::flow;
use crate::lease::key::Key;
use crate::lease::outcome::Outcome;
use crate::lease::record::Record;
use crate::lease::refresh::Held;
use crate::lease::refresh::Run;
use crate::lease::refresh::Work;
use crate::lease::renewal::Renewing;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;

/// What the driver of a refresh must do next.
#[must_use = "a refresh goes on only through its step"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver must be able to match every step, and there is one at a time"
)]
pub enum Step {
    /// Get the record; then [`Getting::got`] or [`Getting::failed`].
    Get(Key, Getting),
    /// Take, extend or release the lease; then [`Leasing::leased`] or [`Leasing::failed`].
    Lease(Key, Hold, Leasing),
    /// Compare and set [`Setting::record`]; then [`Setting::set`] or [`Setting::failed`].
    Set(Key, Epoch, Setting),
    /// Send the request; then [`Sent::answer`] or [`Sent::lost`]. Give up on it after
    /// [`Terms::timeout`](crate::lease::terms::Terms::timeout).
    Send(Request, Sent),
    /// Have a remote key sign; then [`Signing::signed`] or [`Signing::failed`].
    Sign(SigningInput, Signing),
    /// Let time pass; then [`Paused::slept`] or [`Paused::wake`].
    Wait(Duration, Paused),
    /// It is over.
    Done(Outcome),
}

/// A record is being read.
#[must_use = "a refresh goes on only with what was read"]
pub struct Getting(pub(crate) Box<Run>, pub(crate) Get);

pub(crate) enum Get {
    /// Is there anything to refresh?
    First,
    /// The lease is here: is there still?
    Again(Held),
    /// The server refuses the token: is it still the one that is kept?
    Confirm(Box<Work>, Error),
}

impl Getting {
    /// The record, or that there is none.
    pub fn got(self, now: UnixTime, record: Option<Record>) -> Step {
        match self.1 {
            Get::First => self.0.consider(now, record.as_ref()),
            Get::Again(held) => self.0.resume(now, held, record),
            Get::Confirm(work, error) => self.0.confirm(work, error, record.as_ref()),
        }
    }

    /// It could not be read.
    ///
    /// # Errors
    ///
    /// `failure`, where nothing is lost by giving up.
    pub fn failed<E>(self, now: UnixTime, failure: E) -> Result<Step, E> {
        self.0.store_failed(now).ok_or(failure)
    }
}

/// A lease is being asked for.
#[must_use = "a refresh goes on only with the store's answer"]
pub struct Leasing(pub(crate) Box<Run>, pub(crate) Ask);

pub(crate) enum Ask {
    /// A lease of its own; beside it, tokens that can be used meanwhile.
    Take(Option<Box<Tokens>>),
    /// More time for the request that comes next.
    Extend(Box<Work>, Box<(Request, flow::Sent<Renewing>)>),
    /// No lease any more.
    Release(Next),
}

/// What comes after the lease was released.
pub(crate) enum Next {
    Done(Box<Outcome>),
    Restart,
}

impl Leasing {
    /// The lease's epoch, or that another node has it.
    pub fn leased(self, now: UnixTime, epoch: Option<Epoch>) -> Step {
        match self.1 {
            Ask::Take(usable) => self.0.leased(now, usable, epoch),
            Ask::Extend(work, exchange) => self.0.extended(now, work, *exchange, epoch),
            Ask::Release(next) => self.0.released(now, next),
        }
    }

    /// The store failed.
    ///
    /// # Errors
    ///
    /// `failure`, where nothing is lost by giving up.
    pub fn failed<E>(self, now: UnixTime, failure: E) -> Result<Step, E> {
        match self.1 {
            // It lapses by itself.
            Ask::Release(next) => Ok(self.0.released(now, next)),
            Ask::Take(_) | Ask::Extend(..) => self.0.store_failed(now).ok_or(failure),
        }
    }
}

/// A record is being written.
#[must_use = "a refresh goes on only with the store's answer"]
pub struct Setting(pub(crate) Box<Run>, pub(crate) Box<Write>);

pub(crate) struct Write {
    pub(crate) held: Held,
    pub(crate) record: Record,
    /// What is told once it is written.
    pub(crate) then: Outcome,
}

impl Setting {
    /// What is to be written.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.1.record
    }

    /// Whether it was written: not where a lease with a greater epoch was given.
    pub fn set(self, _now: UnixTime, is_written: bool) -> Step {
        if is_written {
            Step::Done(self.1.then)
        } else {
            self.0.fenced_off(self.1.then)
        }
    }

    /// The store failed, and may have written all the same.
    pub fn failed(self, _now: UnixTime) -> Step {
        self.0.write_failed(self.1)
    }
}

/// A request is under way.
#[must_use = "a refresh goes on only with an answer, or with its loss"]
pub struct Sent(
    pub(crate) Box<Run>,
    pub(crate) Box<Work>,
    pub(crate) flow::Sent<Renewing>,
);

impl Sent {
    /// The answer came.
    pub fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Step {
        self.0.go_on(now, self.1, self.2.answer(now, response))
    }

    /// No answer came, or not in time. It may have arrived.
    pub fn lost(self, now: UnixTime) -> Step {
        self.0.lost(now, self.1, self.2)
    }
}

/// A remote key is at work.
#[must_use = "a refresh goes on only with a signature"]
pub struct Signing(
    pub(crate) Box<Run>,
    pub(crate) Box<Work>,
    pub(crate) flow::Signing<Renewing>,
);

impl Signing {
    /// The signature came: raw, as JWS has it (RFC 7518 §3).
    pub fn signed(self, now: UnixTime, signature: &[u8]) -> Step {
        self.0.go_on(now, self.1, self.2.signed(now, signature))
    }

    /// No signature came.
    pub fn failed(self, now: UnixTime, error: Error) -> Step {
        self.0.go_on(now, self.1, Err(error))
    }
}

/// Time passes.
#[must_use = "a refresh goes on only when it is woken"]
pub struct Paused(pub(crate) Box<Run>, pub(crate) Rest);

pub(crate) enum Rest {
    /// Before looking again.
    Restart,
    /// Before writing again.
    Write(Box<Write>),
    /// Before the same request again.
    Repeat(Box<Work>),
    /// As the renewal wants it.
    Renewal(Box<Work>, flow::Paused<Renewing>),
}

impl Paused {
    /// Some time passed; waking early is harmless.
    pub fn wake(self, now: UnixTime) -> Step {
        match self.1 {
            Rest::Restart => self.0.restart(),
            Rest::Write(write) => self.0.write(write),
            Rest::Repeat(work) => self.0.renew(now, work),
            Rest::Renewal(work, paused) => self.0.go_on(now, work, paused.wake(now)),
        }
    }

    /// The whole time was slept, as a driver does, whatever the clock shows.
    pub fn slept(self, now: UnixTime) -> Step {
        match self.1 {
            Rest::Renewal(work, paused) => self.0.go_on(now, work, paused.slept(now)),
            rest => Self(self.0, rest).wake(now),
        }
    }
}

/// The kind of step, what a request may show, and nothing of any state.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(key, _) => write!(f, "Get({key})"),
            Self::Lease(key, hold, _) => write!(f, "Lease({key}, {hold:?})"),
            Self::Set(key, epoch, ..) => write!(f, "Set({key}, {epoch:?})"),
            Self::Send(request, _) => write!(f, "Send({request:?})"),
            Self::Sign(..) => f.write_str("Sign"),
            Self::Wait(pause, _) => write!(f, "Wait({pause:?})"),
            Self::Done(_) => f.write_str("Done"),
        }
    }
}
