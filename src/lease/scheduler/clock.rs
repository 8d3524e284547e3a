//! The scheduler's own clock: it follows the wall clock forward, and never goes back.

use std::time::Duration;

use crate::base::time::UnixTime;

/// Counts the seconds that the wall clock moved forward.
///
/// A wait that has begun is never made longer by a clock that is set back: what was left of it is left
/// still. A clock that jumps forward ends waits early, at worst.
#[derive(Debug)]
pub(super) struct Clock {
    seen: Option<UnixTime>,
    elapsed: u64,
}

/// A step back of up to this is taken for two callers who read the clock in another order than they came
/// in, or for a correction: the moment that was seen stands. A bound of this crate.
const SKEW: Duration = Duration::from_secs(60);

/// No wait, and no step forward, counts as longer than these 136 years: so the count never overflows.
const LONGEST: u64 = 1 << 32;

impl Clock {
    pub(super) const fn new() -> Self {
        Self {
            seen: None,
            elapsed: 0,
        }
    }

    /// Takes the wall clock in, and says how far this one is.
    pub(super) fn advance(&mut self, now: UnixTime) -> u64 {
        let seen = self.seen.unwrap_or(now);
        let is_behind = now < seen && seen.since(now) <= SKEW;
        if !is_behind {
            let step = now.since(seen).as_secs().min(LONGEST);
            self.elapsed = self.elapsed.saturating_add(step);
            self.seen = Some(now);
        }
        self.elapsed
    }

    /// How far it is.
    pub(super) const fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// A moment of the wall clock, on this one.
    pub(super) fn moment(&self, at: UnixTime) -> u64 {
        let wait = self.seen.map_or(Duration::ZERO, |seen| at.since(seen));
        self.elapsed.saturating_add(wait.as_secs().min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn it_follows_forward_and_never_back() {
        let mut clock = Clock::new();
        let steps = [
            (1_000, 0),
            (1_010, 10),
            (1_005, 10),
            (1_011, 11),
            (11, 11),
            (12, 12),
        ];
        for (now, elapsed) in steps {
            assert_eq!(clock.advance(at(now)), elapsed, "{now}");
        }
        assert_eq!(clock.moment(at(20)), 20);
        assert_eq!(clock.moment(at(3)), 12);
    }

    #[test]
    fn no_jump_uses_it_up() {
        let mut clock = Clock::new();
        for _ in 0..1_000 {
            clock.advance(at(0));
            clock.advance(at(u64::MAX));
        }
        assert_eq!(clock.elapsed, 1_000 * LONGEST);
        assert_eq!(clock.moment(at(u64::MAX)), clock.elapsed);
    }
}
