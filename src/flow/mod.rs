//! Conversations: what takes more than one exchange, as values that are consumed by each move.
//!
//! A [`Flow`] begins with a [`Step`]. The step says what to do, and holds the only value that can
//! take the flow onward: answering twice, or answering a question that was not asked, does not
//! compile. After an error there is no half-changed machine left, because there is no machine left.
//!
//! ```text
//!            begin(now)
//!                │
//!                ▼
//!    ┌──────── Step ────────┬───────────────────┬─────────────┐
//!    │                      │                   │             │
//!  Send(request, sent)    Sign(input, signing)  Wait(d, paused)  Done(output)
//!    │                      │                   │
//!    │ sent.answer(now, r)  │ signing.signed(…) │ paused.slept(now)
//!    │ sent.lost(now, why)  │                   │ paused.wake(now)
//!    └──────────────────────┴───────────────────┴──▶ Step, or an error
//! ```
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`arrival`] | from a resource's `401` to a client at its server |
//! | [`backchannel`] | having the server ask a user who is elsewhere |
//! | [`call`] | the flow of one operation |
//! | [`device`] | signing in on another device |
//! | [`discover`] | finding a server's metadata |
//! | [`drive`] | the drivers: any flow, blocking or async |
//! | [`implicit`] | signing in without a code |
//! | [`keys`] | fetching a server's keys |
//! | [`pace`] | when to ask again |
//! | [`polling`] | waiting for a user |
//! | [`push`] | beginning a sign-in by a pushed request |
//! | [`request_object`] | having a request signed, by a remote key if need be |
//! | [`sign_in`] | from the callback to the tokens |
//! | [`verify`] | verifying what came in, with the server's keys |

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::endpoint::request::Request;
use crate::flow::drive::DriveError;

pub mod arrival;
pub mod backchannel;
pub mod call;
pub mod device;
pub mod discover;
pub mod drive;
pub mod implicit;
mod keyed;
pub mod keys;
pub mod pace;
pub mod polling;
pub mod push;
pub mod request_object;
pub mod sign_in;
pub mod verify;

/// A conversation. Sealed: the moves are reachable only through the values inside a [`Step`].
///
/// To add an endpoint of your own, implement [`Operation`](crate::endpoint::Operation) and run it as
/// a [`Call`](call::Call).
///
/// A flow moves only through its step:
///
/// ```compile_fail,E0624
/// # use oauth_proto::{base::time::UnixTime, flow::Flow};
/// fn skip<F: Flow>(flow: F, now: UnixTime) {
///     flow.advance(now);
/// }
/// ```
///
/// the trait of the moves cannot be named outside the crate:
///
/// ```compile_fail,E0603
/// use oauth_proto::flow::Machine;
/// ```
///
/// and without it nobody else makes a flow:
///
/// ```compile_fail,E0277
/// # use oauth_proto::flow::Flow;
/// struct Own;
/// impl Flow for Own {
///     type Output = ();
/// }
/// ```
#[expect(
    private_bounds,
    reason = "sealed: the moves are reachable only through a step"
)]
pub trait Flow: Machine {
    /// What the conversation is for.
    type Output;

    /// The first step.
    ///
    /// # Errors
    ///
    /// Where nothing can be sent: a misuse, something unsupported, something expired.
    fn begin(self, now: UnixTime) -> Result<Step<Self>, Error> {
        self.advance(now)
    }
}

/// What the driver must do next, with the only value that can take the flow onward.
///
/// `Debug` prints the method and the origin of a request, and nothing of any state.
///
/// A step is answered once:
///
/// ```compile_fail,E0382
/// # use oauth_proto::{base::time::UnixTime, endpoint::request::Request, flow::{Flow, Step}};
/// # fn send(_: Request) -> http::Response<Vec<u8>> { http::Response::new(Vec::new()) }
/// fn twice<F: Flow>(step: Step<F>, now: UnixTime) {
///     if let Step::Send(request, sent) = step {
///         let response = send(request);
///         let _ = sent.answer(now, &response);
///         let _ = sent.answer(now, &response);
///     }
/// }
/// ```
///
/// a question is answered in kind:
///
/// ```compile_fail,E0599
/// # use oauth_proto::{base::time::UnixTime, flow::{Flow, Step}};
/// fn wrong<F: Flow>(step: Step<F>, now: UnixTime) {
///     if let Step::Wait(_, paused) = step {
///         let _ = paused.answer(now, &http::Response::new(Vec::new()));
///     }
/// }
/// ```
///
/// and what answers it is made by the flow alone:
///
/// ```compile_fail,E0423
/// # use oauth_proto::flow::Sent;
/// fn make<F>(flow: F) -> Sent<F> {
///     Sent(flow)
/// }
/// ```
#[must_use = "a flow goes on only through its step"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver must be able to match every step"
)]
pub enum Step<F: Flow> {
    /// Send the request; then [`Sent::answer`] or [`Sent::lost`].
    Send(Request, Sent<F>),
    /// Have a remote key sign; then [`Signing::signed`]. Never asked where all keys are local.
    Sign(SigningInput, Signing<F>),
    /// Let time pass; then [`Paused::slept`], or [`Paused::wake`] where it may have been less.
    Wait(Duration, Paused<F>),
    /// The conversation is over.
    Done(F::Output),
}

/// A request is under way.
#[must_use = "a flow goes on only with an answer, or with its loss"]
pub struct Sent<F>(F);

impl<F: Flow> Sent<F> {
    /// The flow that waits for the answer.
    pub(crate) const fn flow(&self) -> &F {
        &self.0
    }

    /// The answer came.
    ///
    /// # Errors
    ///
    /// The flow is over: the server refused, broke a rule, or cannot be understood.
    pub fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<F>, Error> {
        self.0.answer(now, response)
    }

    /// No answer came: the flow goes on without one, or gives `failure` back.
    ///
    /// # Errors
    ///
    /// [`DriveError::Transport`] with the very `failure` where the flow cannot go on.
    pub fn lost<E>(self, now: UnixTime, failure: E) -> Result<Step<F>, DriveError<E>> {
        match self.0.lost(now)? {
            Some(step) => Ok(step),
            None => Err(DriveError::Transport(failure)),
        }
    }
}

/// A remote key is at work.
#[must_use = "a flow goes on only with a signature"]
pub struct Signing<F>(F);

impl<F: Flow> Signing<F> {
    /// The flow that waits for the signature.
    pub(crate) const fn flow(&self) -> &F {
        &self.0
    }

    /// The signature came: raw, as JWS has it (RFC 7518 §3).
    ///
    /// # Errors
    ///
    /// Where the flow cannot go on with it.
    pub fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<F>, Error> {
        self.0.signed(now, signature)
    }
}

/// Time passes.
#[must_use = "a flow goes on only when it is woken"]
pub struct Paused<F> {
    flow: F,
    since: UnixTime,
    pause: Duration,
}

impl<F: Flow> Paused<F> {
    /// The flow that waits.
    pub(crate) const fn flow(&self) -> &F {
        &self.flow
    }

    /// Some time passed; waking early is harmless: the flow waits the rest.
    ///
    /// How much it was is for the clock to say. Where the clock stands still, no time passes, and the
    /// flow waits again each time.
    ///
    /// # Errors
    ///
    /// Where the flow's time is up.
    pub fn wake(self, now: UnixTime) -> Result<Step<F>, Error> {
        self.flow.advance(now)
    }

    /// The whole time was slept, as a driver does. The flow goes on by that even where the clock shows
    /// the very second in which the wait began.
    ///
    /// # Errors
    ///
    /// Where the flow's time is up.
    pub fn slept(self, now: UnixTime) -> Result<Step<F>, Error> {
        let stands_still = now == self.since;
        let now = if stands_still {
            now.saturating_add(self.pause)
        } else {
            now
        };
        self.flow.advance(now)
    }

    fn map<G: Flow>(self, change: impl FnOnce(F) -> G) -> Paused<G> {
        Paused {
            flow: change(self.flow),
            since: self.since,
            pause: self.pause,
        }
    }
}

/// The moves of a flow. Each consumes it.
pub(crate) trait Machine: Sized {
    /// Goes on by itself: at the beginning, and after a pause.
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error>
    where
        Self: Flow;

    /// Goes on with an answer.
    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error>
    where
        Self: Flow;

    /// Goes on with a signature.
    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error>
    where
        Self: Flow;

    /// Goes on without an answer; none where it cannot.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error>
    where
        Self: Flow;
}

impl<F: Flow> Step<F> {
    /// Asks the driver to send.
    pub(crate) fn send(request: Request, flow: F) -> Self {
        Self::Send(request, Sent(flow))
    }

    /// Asks the driver for a signature.
    pub(crate) fn sign(input: SigningInput, flow: F) -> Self {
        Self::Sign(input, Signing(flow))
    }

    /// Asks the driver to let time pass from `since` on.
    pub(crate) fn wait(since: UnixTime, pause: Duration, flow: F) -> Self {
        Self::Wait(pause, Paused { flow, since, pause })
    }

    /// Runs `self` as one stage of an outer flow: `wrap` while it lasts, `then` once it is done.
    ///
    /// A tuple variant is a `wrap`, so that a sequence reads as the list of its states.
    pub(crate) fn stage<C, G: Flow>(
        self,
        rest: C,
        wrap: impl FnOnce(F, C) -> G,
        then: impl FnOnce(F::Output, C) -> Result<Step<G>, Error>,
    ) -> Result<Step<G>, Error> {
        Ok(match self {
            Self::Send(request, Sent(flow)) => Step::Send(request, Sent(wrap(flow, rest))),
            Self::Sign(input, Signing(flow)) => Step::Sign(input, Signing(wrap(flow, rest))),
            Self::Wait(pause, paused) => Step::Wait(pause, paused.map(|flow| wrap(flow, rest))),
            Self::Done(output) => return then(output, rest),
        })
    }
}

impl<F: Flow> fmt::Debug for Step<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, _) => write!(f, "Send({request:?})"),
            Self::Sign(..) => f.write_str("Sign"),
            Self::Wait(pause, _) => write!(f, "Wait({pause:?})"),
            Self::Done(_) => f.write_str("Done"),
        }
    }
}

impl<F> fmt::Debug for Sent<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sent")
    }
}

impl<F> fmt::Debug for Signing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signing")
    }
}

impl<F> fmt::Debug for Paused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paused")
    }
}
