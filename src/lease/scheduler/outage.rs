//! What all grants of an issuer know together of its being down.

use std::hash::Hash;

use crate::lease::terms::Terms;

/// Whether an issuer is taken for down. Three turns in a row without a verdict close it, for a wait that
/// doubles; after each wait one grant, the probe, has its turn, and no other until it is settled.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// In a row; those of turns that were given out before it was closed are not counted.
    failures: u32,
    open_at: u64,
    probe: Option<u32>,
}

/// So many failures are chance. A bound of this crate.
const CHANCE: u32 = 2;

impl Outage {
    /// When a turn may be given out: `now`, or later.
    pub(super) fn next(&self, now: u64) -> u64 {
        self.open_at.max(now)
    }

    /// A turn was given out, which counts as lost after `patience`.
    pub(super) const fn give_out(&mut self, grant: u32, now: u64, patience: u64) {
        if self.failures > CHANCE {
            self.probe = Some(grant);
            self.open_at = now.saturating_add(patience);
        }
    }

    /// The issuer gave no verdict.
    pub(super) fn fail(&mut self, grant: u32, now: u64, terms: &Terms, name: impl Hash) {
        if self.failures > CHANCE && self.probe != Some(grant) {
            return;
        }
        self.probe = None;
        self.failures = self.failures.saturating_add(1);
        if let Some(failures) = self.failures.checked_sub(CHANCE).filter(|it| *it > 0) {
            let wait = terms.back_off(failures, (name, now)).as_secs().max(1);
            self.open_at = now.saturating_add(wait);
        }
    }

    /// A turn of this grant ended, and said nothing of the issuer: the next one is the probe.
    pub(super) fn release(&mut self, grant: u32, now: u64) -> bool {
        let was_probe = self.probe == Some(grant);
        if was_probe {
            self.probe = None;
            self.open_at = now;
        }
        was_probe
    }

    /// The issuer works. Whether it was taken for down.
    pub(super) fn recover(&mut self, now: u64) -> bool {
        let was_closed = self.next(now) > now;
        *self = Self::default();
        was_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_close_it_and_a_probe_opens_it() {
        let terms = Terms::new();
        let mut outage = Outage::default();
        for grant in 0..2 {
            outage.fail(grant, 10, &terms, "id");
            assert_eq!(outage.next(10), 10);
        }
        outage.fail(2, 10, &terms, "id");
        assert_eq!(outage.next(10), 11);
        // Those that were under way change nothing.
        for grant in 3..90 {
            outage.fail(grant, 10, &terms, "id");
        }
        assert_eq!(outage.next(10), 11);
        outage.give_out(7, 11, 300);
        assert_eq!(outage.next(11), 311);
        outage.fail(8, 12, &terms, "id");
        assert!(!outage.release(8, 12));
        assert_eq!(outage.next(12), 311);
        outage.fail(7, 12, &terms, "id");
        assert!(outage.next(12) > 12 && outage.next(12) <= 14);
        outage.give_out(7, 20, 300);
        assert!(outage.release(7, 21));
        assert_eq!(outage.next(21), 21);
        outage.give_out(9, 21, 300);
        assert!(outage.recover(22));
        assert!(!outage.recover(22));
        outage.give_out(9, 22, 300);
        assert_eq!(outage.next(22), 22);
    }
}
