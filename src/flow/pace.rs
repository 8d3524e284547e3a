//! When to ask again (RFC 8628 §3.5, CIBA Core 1.0 §7.3 and §11): the arithmetic of polling, without
//! requests and without a clock.
//!
//! ```text
//!   answer                     the next poll, at the earliest
//!   ──────────────────────     ──────────────────────────────────────────────────────────
//!   (none yet)                 after the interval
//!   authorization_pending      after the interval
//!   slow_down                  after the interval, which is 5 s longer from here on
//!   none, or no verdict        after 2, 4, 8 … intervals, up to a minute or two intervals
//!   any, with Retry-After      that late at least, up to five minutes
//! ```
//!
//! # Clocks
//!
//! The wall clock is all there is, and people set it. While it goes forward it is believed: whoever is
//! woken early waits the rest. Where it stands before the beginning of a wait, the wait is taken for
//! slept. So a clock that is set back costs one wait more at most, and no poll comes early because a
//! clock was set, as long as waits are slept to their end. Where it stands still it says nothing, and
//! [`Paused::slept`](crate::flow::Paused::slept) is taken at its word.
//!
//! It ends at the deadline by the clock, or once as much was slept as there was time at the beginning,
//! whichever comes first: a clock that is set back by a year does not prolong it by a year.

use std::time::Duration;

use crate::base::time::UnixTime;
use crate::domain::error::Expired;
use crate::endpoint::poll::DEFAULT_INTERVAL;

/// The pace of one wait for a user: [`due`](Self::due) says what to do, and the other methods take in
/// what came of it.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::flow::pace::{Due, Pace};
///
/// let at = UnixTime::from_secs;
/// let seconds = Duration::from_secs;
/// let mut pace = Pace::new(seconds(5), at(1_000));
/// assert_eq!(pace.due(at(0))?, Due::Rest(seconds(5)));
/// assert_eq!(pace.due(at(2))?, Due::Rest(seconds(3))); // woken early
/// assert_eq!(pace.due(at(5))?, Due::Ask);
/// pace.slow_down(None);
/// assert_eq!(pace.due(at(6))?, Due::Rest(seconds(10)));
/// assert!(pace.due(at(1_000)).is_err());
/// # Ok::<(), oauth_proto::domain::error::Expired>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    deadline: UnixTime,
    /// Polls in a row that had no verdict.
    losses: u32,
    /// What is still to be slept before the next poll.
    pause: Duration,
    /// The wait that was asked for last, and when.
    asked: Option<(UnixTime, Duration)>,
    /// What may still be slept at all; none before the beginning.
    left: Option<Duration>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third thing to do")]
pub enum Due {
    /// Let this much time pass, then ask [`Pace::due`] again. Never zero, never past the deadline.
    Rest(Duration),
    /// Poll.
    Ask,
}

/// "The interval MUST be increased by 5 seconds" (RFC 8628 §3.5), "by at least 5 seconds"
/// (CIBA Core 1.0 §11).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// The longest `Retry-After` that is obeyed. A bound of this crate: a server that asks for an hour
/// would have the user wait for nothing.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

/// Where doubling ends, unless two intervals are more. A bound of this crate: when the network comes
/// back, the user has waited long enough.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// No wait for a user is longer, whatever was stored. A bound of this crate.
const LONGEST_RUN: Duration = Duration::from_secs(24 * 60 * 60);

impl Pace {
    /// A wait until `deadline`, with polls at least `interval` apart: 5 s where it is zero, which is
    /// what the specifications say for a server that names none. A part of a second is dropped.
    #[must_use]
    pub const fn new(interval: Duration, deadline: UnixTime) -> Self {
        let seconds = match interval.as_secs() {
            0 => DEFAULT_INTERVAL,
            seconds => seconds,
        };
        let interval = Duration::from_secs(seconds);
        Self {
            interval,
            deadline,
            losses: 0,
            pause: interval,
            asked: None,
            left: None,
        }
    }

    /// What to do at `now`.
    ///
    /// # Errors
    ///
    /// [`Expired::Polling`] once the time is up.
    pub fn due(&mut self, now: UnixTime) -> Result<Due, Expired> {
        let slept = self.slept(now);
        self.pause = self.pause.saturating_sub(slept);
        let rest = self.deadline.since(now);
        let left = self.left.unwrap_or(rest.min(LONGEST_RUN));
        let left = left.saturating_sub(slept);
        self.left = Some(left);
        if rest.is_zero() || left.is_zero() {
            let expired_at = self.deadline;
            return Err(Expired::Polling { expired_at, now });
        }
        if self.pause.is_zero() {
            return Ok(Due::Ask);
        }
        let wait = self.pause.min(rest).min(left);
        self.asked = Some((now, wait));
        Ok(Due::Rest(wait))
    }

    /// How much of the wait that was asked for has been slept.
    fn slept(&mut self, now: UnixTime) -> Duration {
        match self.asked.take() {
            None => Duration::ZERO,
            Some((since, wait)) if now >= since => now.since(since).min(wait),
            // The clock was set back, and says nothing of the wait.
            Some((_, wait)) => wait,
        }
    }

    /// The user has not decided: on at the interval.
    pub fn pending(&mut self, retry_after: Option<Duration>) {
        self.losses = 0;
        self.rest(self.interval, retry_after);
    }

    /// Polls come too fast: the interval is 5 s longer from here on.
    pub fn slow_down(&mut self, retry_after: Option<Duration>) {
        self.interval = self.interval.saturating_add(SLOW_DOWN);
        self.pending(retry_after);
    }

    /// No answer, or one without a verdict. "Clients MUST unilaterally reduce their polling frequency
    /// [...] such as doubling the polling interval on each such connection timeout" (RFC 8628 §3.5).
    pub fn lost(&mut self, retry_after: Option<Duration>) {
        self.losses = self.losses.saturating_add(1);
        let doubled = 2_u32
            .checked_pow(self.losses)
            .map_or(Duration::MAX, |factor| self.interval.saturating_mul(factor));
        let longest = LONGEST_BACK_OFF.max(self.interval.saturating_mul(2));
        self.rest(doubled.min(longest), retry_after);
    }

    /// The server says that the time has come (a ping): the next poll is due.
    pub fn at_once(&mut self) {
        self.pause = Duration::ZERO;
    }

    /// The interval in force.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// When it ends.
    #[must_use]
    pub const fn deadline(&self) -> UnixTime {
        self.deadline
    }

    fn rest(&mut self, pause: Duration, retry_after: Option<Duration>) {
        let wish = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        self.pause = pause.max(wish);
        self.asked = None;
    }
}
