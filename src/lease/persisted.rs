//! How new tokens, or a mark, get into the store before anybody hears of them.

use crate::lease::outcome::Outcome;
use crate::lease::record::Record;
use crate::lease::refresh::Held;
use crate::lease::refresh::Run;
use crate::lease::step::Paused;
use crate::lease::step::Rest;
use crate::lease::step::Setting;
use crate::lease::step::Step;
use crate::lease::step::Write;

impl Run {
    /// Writes the tokens in hand.
    pub(crate) fn persist(self: Box<Self>, held: Held) -> Step {
        let Some(gained) = &self.gained else {
            return self.restart();
        };
        let record = Record::new(gained.tokens.clone());
        let then = Outcome::Fresh(gained.tokens.clone());
        self.write(Box::new(Write { held, record, then }))
    }

    pub(crate) fn write(self: Box<Self>, write: Box<Write>) -> Step {
        Step::Set(self.key.clone(), write.held.epoch, Setting(self, write))
    }

    /// The epoch is stale: another node, or the user, came after this lease.
    pub(crate) fn fenced_off(self: Box<Self>, then: Outcome) -> Step {
        match then {
            // Tokens in hand, or a death that may not be one: look at what there is now.
            Outcome::Fresh(_) | Outcome::Permanent(_) => match self.again() {
                Ok(step) => step,
                Err(run) if run.gained.is_some() => run.unsaved(),
                Err(_) => Step::Done(then),
            },
            // A mark that holds others back, and the others went on.
            then => Step::Done(then),
        }
    }

    pub(crate) fn write_failed(mut self: Box<Self>, write: Box<Write>) -> Step {
        if self.gained.is_none() {
            return Step::Done(write.then);
        }
        match self.pause() {
            Some(pause) => Step::Wait(pause, Paused(self, Rest::Write(write))),
            None => self.unsaved(),
        }
    }

    /// Asks the store again, for a while, where tokens are in hand or a sign-in is still to be made.
    ///
    /// # Errors
    ///
    /// `failure`, where nothing is lost by giving up.
    pub(crate) fn store_failed<E>(mut self: Box<Self>, failure: E) -> Result<Step, E> {
        let has_gained = self.gained.is_some();
        if !has_gained && self.renewal.is_repeatable() {
            return Err(failure);
        }
        match self.pause() {
            Some(pause) => Ok(Step::Wait(pause, Paused(self, Rest::Restart))),
            None if has_gained => Ok(self.unsaved()),
            None => Err(failure),
        }
    }

    pub(crate) fn unsaved(self: Box<Self>) -> Step {
        match self.gained {
            Some(gained) => Step::Done(Outcome::Unsaved(gained.tokens)),
            None => self.restart(),
        }
    }
}
