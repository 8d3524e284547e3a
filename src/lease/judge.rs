//! What a record says to those who need its tokens.

use crate::base::time::UnixTime;
use crate::domain::refusal::ErrorCode;
use crate::domain::token::Tokens;
use crate::lease::lease::Moments;
use crate::lease::lease::Standing;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::outcome::Setback;
use crate::lease::record::Halt;
use crate::lease::record::Record;
use crate::lease::refresh::Gained;
use crate::lease::refresh::Run;

/// What the record says.
pub(crate) enum Verdict {
    Done(Outcome),
    /// To be renewed; beside it, tokens that can be used meanwhile.
    Renew(Option<Tokens>),
}

impl Run {
    /// Whether tokens in hand take the place of the record: it is as it was when they were asked for,
    /// or marked since by a node that could not know of them. Those of a sign-in do whatever is there by now,
    /// but where there was something, and it is forgotten.
    pub(crate) fn is_next(&self, record: Option<&Record>) -> bool {
        let kept = record.and_then(Record::tokens);
        let is_next = |gained: &Gained| {
            let is_same = gained.base.as_ref() == kept;
            is_same || (self.is_sign_in && kept.is_some())
        };
        self.gained.as_deref().is_some_and(is_next)
    }

    pub(crate) fn judge(&self, now: UnixTime, record: Option<&Record>) -> Verdict {
        let tokens = record.and_then(Record::tokens);
        // A code, or a user who was waited for, takes the place of whatever is there.
        if self.is_sign_in && !self.renewal.is_repeatable() {
            return Verdict::Renew(None);
        }
        let standing = tokens.map_or(Standing::Expired, |tokens| self.standing(now, tokens));
        let can_renew = self.renewal.can_renew(tokens);
        match (standing, tokens) {
            (Standing::Fresh, Some(tokens)) => {
                return Verdict::Done(Outcome::Fresh(tokens.clone()));
            }
            (Standing::Due, Some(tokens)) if !can_renew => {
                return Verdict::Done(Outcome::Fresh(tokens.clone()));
            }
            _ if !can_renew => return Verdict::Done(Outcome::Permanent(Reason::NeedsSignIn)),
            _ => {}
        }
        let usable = tokens.filter(|_| standing == Standing::Due).cloned();
        match record.and_then(|record| record.halt(now, &self.terms)) {
            None => Verdict::Renew(usable),
            Some(Halt {
                code: Some(code), ..
            }) => {
                let code = ErrorCode::from(code.as_str());
                Verdict::Done(Outcome::Permanent(Reason::Remembered(code)))
            }
            Some(halt) => {
                let until = halt.until.unwrap_or(now);
                let cause = Cause::HeldBack;
                Verdict::Done(Outcome::held_back(usable, Setback { until, cause }))
            }
        }
    }

    pub(crate) fn standing(&self, now: UnixTime, tokens: &Tokens) -> Standing {
        match &self.rejected {
            Some(rejected) if rejected == tokens.access_token() => Standing::Expired,
            _ => Moments::of(tokens, &self.terms).standing(now),
        }
    }

    pub(crate) fn usable(&self, now: UnixTime, record: Option<&Record>) -> Option<Tokens> {
        // Who signs in has no use for the tokens of another grant.
        let tokens = record.filter(|_| !self.is_sign_in)?.tokens()?;
        self.standing(now, tokens)
            .is_usable()
            .then(|| tokens.clone())
    }
}
