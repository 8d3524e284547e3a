//! What a store keeps of a grant: its tokens, and whether something forbids the next refresh.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::refusal::Printable;
use crate::domain::token::Tokens;
use crate::lease::terms::Terms;

/// The tokens of a grant as a store keeps them, with what its last refresh left behind.
///
/// Serialises in a versioned form (`"v": 1`) **with its secrets in clear**: a store seals it
/// ([`sealing`](crate::lease::sealing)), or is kept as one keeps secrets. An unknown version is
/// refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    v: Version<1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    halt: Option<Halt>,
}

impl Record {
    /// Tokens that nothing is known against.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self {
            v: Version,
            tokens: Some(tokens),
            halt: None,
        }
    }

    /// The tokens; none where getting the first ones failed.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    pub(crate) fn into_tokens(self) -> Option<Tokens> {
        self.tokens
    }

    /// Until when no refresh is tried; none where one may be, and [`is_dead`](Self::is_dead) where
    /// none ever is.
    #[must_use]
    pub fn held_back_until(&self) -> Option<UnixTime> {
        self.halt.as_ref().and_then(|halt| halt.until)
    }

    /// Whether the server said that the grant is over.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.halt.as_ref().is_some_and(|halt| halt.until.is_none())
    }

    /// The same tokens, halted.
    pub(crate) fn halted(tokens: Option<Tokens>, halt: Halt) -> Self {
        Self {
            v: Version,
            tokens,
            halt: Some(halt),
        }
    }

    /// How often in a row it failed.
    pub(crate) fn failures(&self) -> u32 {
        self.halt.as_ref().map_or(0, |halt| halt.failures)
    }

    /// What forbids a refresh at `now`. A moment further ahead than any wait was written by a clock
    /// that was set since, and forbids nothing.
    pub(crate) fn halt(&self, now: UnixTime, terms: &Terms) -> Option<&Halt> {
        self.halt.as_ref().filter(|halt| match halt.until {
            None => true,
            Some(until) => !now.has_reached(until) && until.since(now) <= terms.longest_wait(),
        })
    }
}

/// What the last refresh left behind.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Halt {
    /// Failures in a row.
    pub(crate) failures: u32,
    /// None is for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<UnixTime>,
    /// The `error` of a refusal; none where it may work the next time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
}

impl fmt::Debug for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halt")
            .field("failures", &self.failures)
            .field("until", &self.until)
            .field("code", &self.code.as_deref().map(Printable))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_halt_ends_and_a_clock_set_back_does_not_prolong_it() {
        let terms = Terms::new();
        let at = UnixTime::from_secs;
        let halt = |until: Option<u64>| {
            let until = until.map(at);
            Record::halted(
                None,
                Halt {
                    failures: 1,
                    until,
                    code: None,
                },
            )
        };
        let record = halt(Some(10_000));
        assert!(record.halt(at(9_999), &terms).is_some());
        assert!(record.halt(at(10_000), &terms).is_none());
        let longest = terms.longest_wait();
        assert_eq!(longest, Duration::from_secs(3_600));
        assert!(record.halt(at(6_400), &terms).is_some());
        assert!(record.halt(at(6_399), &terms).is_none());
        assert!(halt(None).halt(at(u64::MAX), &terms).is_some());
        assert!(halt(None).is_dead() && !record.is_dead());
    }
}
