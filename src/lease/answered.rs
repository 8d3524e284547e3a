//! What a refresh makes of an answer that brings no tokens, or of none (RFC 6749 §5.2).

use std::time::Duration;

use crate::base::time::UnixTime;
use crate::crypto::CryptoError;
use crate::domain::error::Error;
use crate::domain::error::Remedy;
use crate::domain::error::Unverified;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::flow;
use crate::flow::drive::DriveError;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::outcome::Setback;
use crate::lease::record::Halt;
use crate::lease::record::Record;
use crate::lease::refresh::Run;
use crate::lease::refresh::Work;
use crate::lease::renewal::Renewing;
use crate::lease::step::Get;
use crate::lease::step::Getting;
use crate::lease::step::Next;
use crate::lease::step::Paused;
use crate::lease::step::Rest;
use crate::lease::step::Step;
use crate::lease::step::Write;

/// The wait before an unanswered request is repeated, so that it does not overtake the first one. A
/// bound of this crate.
const BREATH: Duration = Duration::from_secs(1);

impl Run {
    pub(crate) fn lost(
        self: Box<Self>,
        now: UnixTime,
        work: Box<Work>,
        sent: flow::Sent<Renewing>,
    ) -> Step {
        match sent.lost(now, ()) {
            Ok(step) => self.go_on(now, work, Ok(step)),
            Err(DriveError::Protocol(error)) => self.refused(now, work, error),
            Err(DriveError::Transport(())) => self.unanswered(now, work),
        }
    }

    /// Nobody knows whether the request arrived. If it did, the same token works once more at a server
    /// with a grace period; if it did not, at any server.
    fn unanswered(self: Box<Self>, now: UnixTime, mut work: Box<Work>) -> Step {
        let window = self.terms.window();
        let is_early = work.sent_at.is_some_and(|at| now.since(at) < window);
        if is_early && !self.is_sign_in && !work.is_repeated {
            work.is_repeated = true;
            return Step::Wait(BREATH, Paused(self, Rest::Repeat(work)));
        }
        self.hold_back(now, work, Cause::NoAnswer, Duration::ZERO)
    }

    pub(crate) fn refused(self: Box<Self>, now: UnixTime, work: Box<Work>, error: Error) -> Step {
        let error = match error {
            Error::Unverified(unverified) if !self.is_sign_in => {
                return self.gain_unverified(*work, unverified);
            }
            error => error,
        };
        match &error {
            Error::Refused(refusal)
                if matches!(error.remedy(), Remedy::Retry | Remedy::RetryOnce) =>
            {
                let wish = refusal.retry_after(now).unwrap_or_default();
                self.hold_back(now, work, Cause::Answer(error), wish)
            }
            Error::Refused(refusal) if !self.is_sign_in && self.renewal.is_ended_by(refusal) => {
                let key = self.key.clone();
                Step::Get(key, Getting(self, Get::Confirm(work, error)))
            }
            Error::Refused(refusal) => {
                let until = Some(now.saturating_add(self.terms.refusal()));
                let halt = halt(&work, until, Some(refusal));
                self.mark(work, halt, Outcome::Permanent(Reason::Refused(error)))
            }
            // No verdict, whatever it is: "only an OAuth error document" says something of the grant.
            Error::Violation(_) | Error::Malformed(_) | Error::Crypto(CryptoError::Entropy(_)) => {
                self.hold_back(now, work, Cause::Answer(error), Duration::ZERO)
            }
            _ => {
                let outcome = Outcome::Permanent(Reason::Refused(error));
                self.release(work.held, Next::Done(Box::new(outcome)))
            }
        }
    }

    /// The grant is spent, and what it gave is kept. The user is still who it was.
    fn gain_unverified(self: Box<Self>, work: Work, unverified: Unverified) -> Step {
        let mut tokens = unverified.into_tokens();
        let kept = work.base.as_ref().and_then(Record::tokens);
        tokens.id_token = kept.and_then(Tokens::id_token).cloned();
        self.gain(work, tokens)
    }

    /// The server refuses the token. Where the store has another one by now, that is no surprise.
    pub(crate) fn confirm(
        self: Box<Self>,
        work: Box<Work>,
        error: Error,
        record: Option<&Record>,
    ) -> Step {
        let kept = record.and_then(Record::tokens);
        if kept != work.base.as_ref().and_then(Record::tokens) {
            return self.release(work.held, Next::Restart);
        }
        let refusal = match &error {
            Error::Refused(refusal) => Some(&**refusal),
            _ => None,
        };
        let halt = halt(&work, None, refusal);
        self.mark(work, halt, Outcome::Permanent(Reason::Refused(error)))
    }

    fn hold_back(
        self: Box<Self>,
        now: UnixTime,
        work: Box<Work>,
        cause: Cause,
        wish: Duration,
    ) -> Step {
        let failures = work.base.as_ref().map_or(0, Record::failures);
        let wait = self
            .terms
            .back_off(failures.saturating_add(1), (&self.key, now));
        let until = now.saturating_add(wait.max(wish.min(self.terms.retry_after())));
        let usable = self.usable(now, work.base.as_ref());
        let halt = halt(&work, Some(until), None);
        self.mark(
            work,
            halt,
            Outcome::held_back(usable, Setback { until, cause }),
        )
    }

    /// Leaves the tokens as they are, and tells the other nodes what came of it. A sign-in that failed
    /// says nothing of them.
    fn mark(self: Box<Self>, work: Box<Work>, halt: Halt, then: Outcome) -> Step {
        if self.is_sign_in {
            return self.release(work.held, Next::Done(Box::new(then)));
        }
        let tokens = work.base.and_then(Record::into_tokens);
        let (held, record) = (work.held, Record::halted(tokens, halt));
        self.write(Box::new(Write { held, record, then }))
    }
}

fn halt(work: &Work, until: Option<UnixTime>, refusal: Option<&Refusal>) -> Halt {
    let failures = work.base.as_ref().map_or(0, Record::failures);
    let code = refusal.and_then(Refusal::code);
    Halt {
        failures: failures.saturating_add(1),
        until,
        code: code.map(|code| code.as_str().to_owned()),
    }
}
