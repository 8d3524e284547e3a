//! How new tokens, or a mark, get into the store before anybody hears of them.

use crate::base::time::UnixTime;
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

    /// Goes on without the store's answer where tokens are in hand; none where nothing is lost by
    /// giving up.
    pub(crate) fn store_failed(self: Box<Self>, now: UnixTime) -> Option<Step> {
        self.gained.is_some().then(|| self.look_later(now))
    }

    pub(crate) fn unsaved(self: Box<Self>) -> Step {
        match self.gained {
            Some(gained) => Step::Done(Outcome::Unsaved(gained.tokens)),
            None => self.restart(),
        }
    }
}
