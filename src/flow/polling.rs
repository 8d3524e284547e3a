//! Polling (RFC 8628 §3.4 and §3.5, CIBA Core 1.0 §10.1): the one flow that waits for a user, whatever
//! asked for the user. What leads to it is in [`device`](crate::flow::device) and
//! [`backchannel`](crate::flow::backchannel).
//!
//! ```text
//!              ┌── authorization_pending, slow_down ──┐
//!              │   no verdict, no answer              │
//!              ▼                                      │
//!   ───▶ Resting ───── the interval passes ─────▶ Asking ───▶ Done(Tokens)
//!              │                                      │
//!              ▼                                      ▼
//!     the time is up: Expired            access_denied, expired_token, …: Refused
//! ```
//!
//! One request per interval at most, none before the first has passed, none at or after the deadline.
//! A lost answer does not end it. The answer to a request that left in time counts whenever it comes.

use std::fmt;
use std::sync::Arc;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::token::Tokens;
use crate::endpoint::poll::Poll;
use crate::endpoint::poll::Polled;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::pace::Due;
use crate::flow::pace::Pace;

/// Waits for the user, and ends with the tokens. `P` is what is pending.
#[must_use = "a flow does nothing until it is run"]
pub struct Polling<P> {
    stage: Stage<P>,
}

enum Stage<P> {
    /// The next poll is not due.
    Resting(Watch<P>),
    /// The token endpoint is asked.
    Asking(Call<Arc<Poll>>, Watch<P>),
}

/// What is waited for, what is asked, and how often.
struct Watch<P> {
    pending: P,
    poll: Arc<Poll>,
    pace: Pace,
}

impl<P> Polling<P> {
    pub(crate) fn new(pending: P, poll: Poll, pace: Pace) -> Self {
        let poll = Arc::new(poll);
        Self::resting(Watch {
            pending,
            poll,
            pace,
        })
    }

    /// What is waited for.
    #[must_use]
    pub fn pending(&self) -> &P {
        match &self.stage {
            Stage::Resting(watch) | Stage::Asking(_, watch) => &watch.pending,
        }
    }

    /// Sends a parameter that no specification here knows with each poll. May be given several times.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|watch| Arc::make_mut(&mut watch.poll).add(name.into(), value.into()))
    }

    /// Whether the tokens are here, and only keys lack to read them with.
    pub(crate) const fn has_answer(&self) -> bool {
        matches!(&self.stage, Stage::Asking(call, _) if call.has_answer())
    }

    pub(crate) fn at_once(self) -> Self {
        self.with(|watch| watch.pace.at_once())
    }

    fn with(mut self, change: impl FnOnce(&mut Watch<P>)) -> Self {
        match &mut self.stage {
            Stage::Resting(watch) | Stage::Asking(_, watch) => change(watch),
        }
        self
    }

    fn resting(watch: Watch<P>) -> Self {
        let stage = Stage::Resting(watch);
        Self { stage }
    }

    fn asking(call: Call<Arc<Poll>>, watch: Watch<P>) -> Self {
        let stage = Stage::Asking(call, watch);
        Self { stage }
    }

    fn go_on(mut watch: Watch<P>, now: UnixTime) -> Result<Step<Self>, Error> {
        match watch.pace.due(now)? {
            Due::Rest(pause) => Ok(Step::wait(now, pause, Self::resting(watch))),
            Due::Ask => {
                let call = Call::new(Arc::clone(&watch.poll));
                Self::step(call.advance(now)?, watch, now)
            }
        }
    }

    fn step(
        step: Step<Call<Arc<Poll>>>,
        watch: Watch<P>,
        now: UnixTime,
    ) -> Result<Step<Self>, Error> {
        step.stage(watch, Self::asking, |polled, mut watch| {
            let pace = &mut watch.pace;
            match polled {
                Polled::Granted(tokens) => return Ok(Step::Done(tokens)),
                Polled::Pending { retry_after } => pace.pending(retry_after),
                Polled::SlowDown { retry_after } => pace.slow_down(retry_after),
                Polled::Unavailable(refusal) => pace.lost(refusal.retry_after(now)),
            }
            Self::go_on(watch, now)
        })
    }
}

impl<P> Flow for Polling<P> {
    type Output = Tokens;
}

impl<P> Machine for Polling<P> {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Resting(watch) => {
                // Said here and not after the first wait.
                watch.poll.check()?;
                Self::go_on(watch, now)
            }
            Stage::Asking(call, watch) => Self::step(call.advance(now)?, watch, now),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Resting(watch) => Self::go_on(watch, now),
            Stage::Asking(call, watch) => Self::step(call.answer(now, response)?, watch, now),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Resting(watch) => Self::go_on(watch, now),
            Stage::Asking(call, watch) => Self::step(call.signed(now, signature)?, watch, now),
        }
    }

    /// Polling goes on without an answer, more slowly. Where the lost answer held the tokens, the
    /// server says so to the next poll.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        let mut watch = match self.stage {
            Stage::Resting(watch) => watch,
            Stage::Asking(call, watch) => match call.lost(now)? {
                Some(step) => return Self::step(step, watch, now).map(Some),
                None => watch,
            },
        };
        watch.pace.lost(None);
        Self::go_on(watch, now).map(Some)
    }
}

impl<P> fmt::Debug for Polling<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Resting(_) => "Polling(resting)",
            Stage::Asking(..) => "Polling(asking)",
        })
    }
}
