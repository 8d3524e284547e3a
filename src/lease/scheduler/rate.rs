//! How many refreshes an issuer gets in a time.

use std::time::Duration;

/// So many refreshes in so long; that many at once, after a rest.
///
/// ```
/// use std::time::Duration;
/// use oauth_proto::lease::scheduler::rate::Rate;
///
/// let rate = Rate::new(300, Duration::from_secs(60)); // five a second, three hundred at once
/// assert_eq!(rate, Rate::new(300, Duration::from_millis(60_999)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    refreshes: u32,
    seconds: u32,
}

impl Rate {
    /// So many in this time, in whole seconds: at least one refresh in at least one second.
    #[must_use]
    pub fn new(refreshes: u32, time: Duration) -> Self {
        Self {
            refreshes: refreshes.max(1),
            seconds: u32::try_from(time.as_secs()).unwrap_or(u32::MAX).max(1),
        }
    }
}

/// What is left of a rate. Counted in parts of a refresh, of which a second brings `refreshes` and a
/// refresh costs `seconds`: all whole numbers.
#[derive(Clone, Debug)]
pub(super) struct Credit {
    rate: Rate,
    parts: u64,
    counted_at: u64,
}

impl Credit {
    pub(super) fn full(rate: Rate, now: u64) -> Self {
        Self {
            rate,
            parts: rate.full(),
            counted_at: now,
        }
    }

    /// When there is enough for one refresh: `now`, or later.
    pub(super) fn next(&mut self, now: u64) -> u64 {
        self.count(now);
        let missing = u64::from(self.rate.seconds).saturating_sub(self.parts);
        now.saturating_add(missing.div_ceil(self.rate.refreshes.into()))
    }

    /// Pays for one refresh.
    pub(super) fn spend(&mut self, now: u64) {
        // What was gained until now is gained before, and cut to the whole of the rate.
        self.count(now);
        self.parts = self.parts.saturating_sub(self.rate.seconds.into());
    }

    fn count(&mut self, now: u64) {
        let gained = now.saturating_sub(self.counted_at);
        let gained = gained.saturating_mul(self.rate.refreshes.into());
        self.parts = self.parts.saturating_add(gained).min(self.rate.full());
        self.counted_at = now;
    }
}

impl Rate {
    /// The parts of all its refreshes.
    fn full(self) -> u64 {
        u64::from(self.refreshes) * u64::from(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_comes_back_by_parts() {
        let mut credit = Credit::full(Rate::new(3, Duration::from_secs(10)), 0);
        for _ in 0..3 {
            assert_eq!(credit.next(0), 0);
            credit.spend(0);
        }
        assert_eq!(credit.next(0), 4);
        assert_eq!(credit.next(3), 4);
        assert_eq!(credit.next(4), 4);
        credit.spend(4);
        // Two parts were over, so three seconds are enough.
        assert_eq!(credit.next(4), 7);
        assert_eq!(credit.next(u64::MAX), u64::MAX);
    }
}
