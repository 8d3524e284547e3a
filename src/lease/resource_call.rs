//! A call of an API with tokens that are renewed on the way (RFC 6750 §3.1, RFC 9449 §9, RFC 9470 §3).
//!
//! ```text
//!                 tokens are fresh
//!           ┌────────────────────────┐
//!           │                        ▼
//!   Ready ──┴─▶ Renewing ⟲ ──────▶ Calling ──▶ Done
//!     ▲          │  new tokens are    │
//!     │          │  kept before use   │ invalid_token, once
//!     └──────────┴────────────────────┘
//!      wait for another's sign-in
//! ```
//!
//! - Tokens that are due are renewed first. Where that fails while they still work, they are used.
//! - New tokens are in the [`Holder`], and told of, before the call goes on: they are not lost with a
//!   call that fails, gets no answer or is dropped.
//! - Tokens that the API refuses (`invalid_token`) are renewed, once, and the request is sent again,
//!   unless it is to be sent [once](ApiRequest::once).
//! - A demand for a DPoP nonce is met, once per request (`flow::call`).
//! - A demand for another sign-in (`insufficient_scope`, `insufficient_user_authentication`) is
//!   [`Error::Refused`], and [`StepUp::from_refusal`] reads what it asks for.
//! - At most two requests to the API, and two more where it wants other nonces.
//!
//! [`StepUp::from_refusal`]: crate::endpoint::step_up::StepUp::from_refusal

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::token::Tokens;
use crate::endpoint::resource::ResourceRequest;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::api_request::Made;
use crate::lease::api_request::rejects_token;
use crate::lease::holder::Flight;
use crate::lease::holder::Holder;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::step;

/// A call of an API as a flow, by [`Api::call`]. It ends with the API's answer.
///
/// Dropped, it takes nothing with it but an answer that is under way. Where that is the answer to a
/// refresh, the server may have replaced the refresh token: the next call sends the old one once more, as
/// after any lost answer, and a server that takes no old one ends the grant. So a driver whose caller may
/// go away runs the call, or the refresh in it ([`Step::is_renewing`]), as a task of its own, as
/// `transport::reqwest::call` does.
#[must_use = "a flow does nothing until it is run"]
pub struct ResourceCall {
    run: Box<Run>,
    stage: Stage,
}

/// What is known throughout.
struct Run {
    client: Client,
    made: Result<Made, Misuse>,
    holder: Holder,
    flight: Flight,
    /// The API refused the first token, with this.
    refusal: Option<Error>,
    waited: Duration,
}

enum Stage {
    Ready,
    Renewing(Renewing),
    Calling(Box<Call<ResourceRequest>>, Box<Tokens>),
}

/// A refresh that waits for its driver.
enum Renewing {
    Sent(step::Sent),
    Signing(step::Signing),
    Paused(step::Paused),
}

/// How long until the sign-in or the renewal of another is looked at again. A bound of this crate.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

impl ResourceCall {
    pub(crate) fn new(api: &Api, request: ApiRequest) -> Self {
        let made = request.made(&api.base, &api.defaults);
        Self::of(&api.client, &api.source, made)
    }

    /// A call of a request that is ready, or why it is not.
    pub(crate) fn of(client: &Client, holder: &Holder, made: Result<Made, Misuse>) -> Self {
        let run = Box::new(Run {
            client: client.clone(),
            made,
            flight: Flight::new(holder.clone()),
            holder: holder.clone(),
            refusal: None,
            waited: Duration::ZERO,
        });
        let stage = Stage::Ready;
        Self { run, stage }
    }
}

impl Step<ResourceCall> {
    /// Whether this is a step of a refresh. A driver whose caller may go away takes the steps for which it is as a
    /// task of its own: then the new tokens are kept all the same.
    #[must_use]
    pub const fn is_renewing(&self) -> bool {
        let call = match self {
            Self::Send(_, sent) => sent.flow(),
            Self::Sign(_, signing) => signing.flow(),
            Self::Wait(_, paused) => paused.flow(),
            Self::Done(_) => return false,
        };
        matches!(call.stage, Stage::Renewing(_))
    }
}

impl Run {
    fn begin(mut self: Box<Self>, now: UnixTime) -> Result<Step<ResourceCall>, Error> {
        if let Err(misuse) = &self.made {
            return Err(misuse.clone().into());
        }
        let step = self.holder.begin(&self.client, now, &mut self.flight);
        self.renewing(now, step)
    }

    fn go_on(
        mut self: Box<Self>,
        now: UnixTime,
        step: step::Step,
    ) -> Result<Step<ResourceCall>, Error> {
        let step = self.holder.go_on(now, step, &mut self.flight);
        self.renewing(now, step)
    }

    /// Hands the steps of a refresh on.
    fn renewing(
        self: Box<Self>,
        now: UnixTime,
        step: step::Step,
    ) -> Result<Step<ResourceCall>, Error> {
        let wrap = |run, renewing| ResourceCall {
            run,
            stage: Stage::Renewing(renewing),
        };
        Ok(match step {
            step::Step::Send(request, sent) => {
                Step::send(request, wrap(self, Renewing::Sent(sent)))
            }
            step::Step::Sign(input, signing) => {
                Step::sign(input, wrap(self, Renewing::Signing(signing)))
            }
            step::Step::Wait(pause, paused) => {
                Step::wait(now, pause, wrap(self, Renewing::Paused(paused)))
            }
            step::Step::Done(outcome) => return self.renewed(now, outcome),
            // What a refresh asks of a store is the holder's to answer.
            step @ (step::Step::Get(..) | step::Step::Lease(..) | step::Step::Set(..)) => {
                return self.go_on(now, step);
            }
        })
    }

    fn renewed(
        mut self: Box<Self>,
        now: UnixTime,
        outcome: Outcome,
    ) -> Result<Step<ResourceCall>, Error> {
        if matches!(outcome, Outcome::Permanent(Reason::NeedsSignIn)) {
            let patience = self.holder.terms().patience();
            if self.holder.is_busy(now) && self.waited < patience {
                self.waited = self.waited.saturating_add(PAUSE);
                let stage = Stage::Ready;
                return Ok(Step::wait(now, PAUSE, ResourceCall { run: self, stage }));
            }
            if let Some(refusal) = self.refusal {
                return Err(refusal);
            }
        }
        let is_once = self.is_once();
        if let Some(refusal) = self.refusal.take_if(|_| is_once) {
            return Err(refusal);
        }
        // What does not renew may work still.
        let tokens = match self.holder.usable(now) {
            Some(tokens) if outcome.tokens().is_none() => tokens,
            _ => outcome.into_tokens()?,
        };
        let call = match &self.made {
            Ok(made) => made.call(&self.client, &tokens),
            Err(misuse) => return Err(misuse.clone().into()),
        };
        let step = call.begin(now);
        self.calling(now, Box::new(tokens), step)
    }

    fn is_once(&self) -> bool {
        matches!(&self.made, Ok(made) if made.is_once)
    }

    fn calling(
        mut self: Box<Self>,
        now: UnixTime,
        tokens: Box<Tokens>,
        step: Result<Step<Call<ResourceRequest>>, Error>,
    ) -> Result<Step<ResourceCall>, Error> {
        match step {
            Err(error) if self.refusal.is_none() && rejects_token(&error) => {
                self.holder.reject(&tokens);
                self.refusal = Some(error);
                self.begin(now)
            }
            step => step?.stage(
                (self, tokens),
                |call, (run, tokens)| ResourceCall {
                    run,
                    stage: Stage::Calling(Box::new(call), tokens),
                },
                |response, (run, _)| Ok(Step::Done(run.made?.judge(response)?)),
            ),
        }
    }
}

impl Flow for ResourceCall {
    type Output = Response<Vec<u8>>;
}

impl Machine for ResourceCall {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Ready => self.run.begin(now),
            Stage::Renewing(Renewing::Paused(paused)) => self.run.go_on(now, paused.wake(now)),
            Stage::Renewing(Renewing::Sent(sent)) => self.run.go_on(now, sent.lost(now)),
            Stage::Renewing(Renewing::Signing(_)) => Err(Misuse::Unsigned.into()),
            Stage::Calling(call, tokens) => {
                let step = call.advance(now);
                self.run.calling(now, tokens, step)
            }
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Renewing(Renewing::Sent(sent)) => {
                self.run.go_on(now, sent.answer(now, response))
            }
            Stage::Calling(call, tokens) => {
                let step = call.answer(now, response);
                self.run.calling(now, tokens, step)
            }
            Stage::Ready | Stage::Renewing(_) => self.advance(now),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Renewing(Renewing::Signing(signing)) => {
                self.run.go_on(now, signing.signed(now, signature))
            }
            Stage::Calling(call, tokens) => {
                let step = call.signed(now, signature);
                self.run.calling(now, tokens, step)
            }
            Stage::Ready | Stage::Renewing(_) => self.advance(now),
        }
    }

    /// The transport's own error is handed back where the API did not answer, and where the server did
    /// not and no token still works.
    fn lost(mut self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.stage {
            Stage::Renewing(Renewing::Sent(sent)) => {
                let run = &mut self.run;
                let step = run.holder.go_on(now, sent.lost(now), &mut run.flight);
                if is_unanswered(&step) && !(run.is_once() && run.refusal.is_some()) {
                    return Ok(None);
                }
                self.run.renewing(now, step).map(Some)
            }
            Stage::Calling(call, tokens) => {
                let step = call.lost(now).transpose();
                step.map(|step| self.run.calling(now, tokens, step))
                    .transpose()
            }
            Stage::Ready | Stage::Renewing(_) => self.advance(now).map(Some),
        }
    }
}

/// Whether a refresh is over because no answer came.
fn is_unanswered(step: &step::Step) -> bool {
    match step {
        step::Step::Done(Outcome::Transient(setback) | Outcome::Ambiguous(setback)) => {
            matches!(setback.cause, Cause::NoAnswer)
        }
        _ => false,
    }
}

impl fmt::Debug for ResourceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Ready => "ResourceCall(ready)",
            Stage::Renewing(_) => "ResourceCall(renewing)",
            Stage::Calling(..) => "ResourceCall(calling)",
        })
    }
}
