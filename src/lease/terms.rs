//! The terms of a lease: how early to renew, how long to wait, and how often to try again.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::time::Duration;

/// How tokens are kept fresh. Every default is an option.
///
/// | Term | Default |
/// | --- | --- |
/// | [`margin`](Self::margin) | served until 60 s before the expiry, or 10 % of the lifetime where that is less |
/// | [`renew_at`](Self::renew_at) | renewed at 80 % of the lifetime, where the server names no `refresh_in` |
/// | [`jitter`](Self::jitter) | and up to 10 % of the lifetime earlier than that |
/// | [`trust`](Self::trust) | without an expiry: due for renewal after 5 min, used until a 401 |
/// | [`back_off`](Self::back_off) | after a failure 1 s, doubled by each further one up to 5 min |
/// | [`retry_after`](Self::retry_after) | a server's `Retry-After` is obeyed up to 1 h |
/// | [`refusal`](Self::refusal) | a refusal is remembered for 60 s; that of the grant itself for good |
/// | [`hold`](Self::hold) | the store's lease is for 30 s, |
/// | [`timeout`](Self::timeout) | of which a request may take 20 s |
/// | [`window`](Self::window) | an unanswered request is repeated, once, within 30 s of the first |
/// | [`patience`](Self::patience) | another node's refresh is waited for up to 35 s |
///
/// ```
/// use std::time::Duration;
///
/// use oauth_proto::lease::terms::Terms;
///
/// let terms = Terms::new().with_seed(7).with_margin(Duration::from_secs(120), 20);
/// assert_eq!(terms.margin(Duration::from_secs(3_600)), Duration::from_secs(120));
/// assert_eq!(terms.margin(Duration::from_secs(60)), Duration::from_secs(12));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    seed: u64,
    margin: Duration,
    margin_percent: u32,
    renew_percent: u32,
    jitter_percent: u32,
    trust: Duration,
    back_off: (Duration, Duration),
    retry_after: Duration,
    refusal: Duration,
    hold: Duration,
    timeout: Duration,
    window: Duration,
    patience: Duration,
}

impl Terms {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seed: 0,
            margin: Duration::from_secs(60),
            margin_percent: 10,
            renew_percent: 80,
            jitter_percent: 10,
            trust: Duration::from_secs(5 * 60),
            back_off: (Duration::from_secs(1), Duration::from_secs(5 * 60)),
            retry_after: Duration::from_secs(60 * 60),
            refusal: Duration::from_secs(60),
            hold: Duration::from_secs(30),
            timeout: Duration::from_secs(20),
            window: Duration::from_secs(30),
            patience: Duration::from_secs(35),
        }
    }

    /// Sets what the jitter is made of: a number of this node's own, from any source. Two nodes with
    /// one seed come at the same moment.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops serving this long before the expiry, or this share of the lifetime where that is less.
    #[must_use]
    pub const fn with_margin(mut self, margin: Duration, percent: u32) -> Self {
        self.margin = margin;
        self.margin_percent = at_most_whole(percent);
        self
    }

    /// Renews at this share of the lifetime, less a jitter of up to that share.
    #[must_use]
    pub const fn with_renewal(mut self, percent: u32, jitter_percent: u32) -> Self {
        self.renew_percent = at_most_whole(percent);
        self.jitter_percent = at_most_whole(jitter_percent);
        self
    }

    /// Renews tokens without an expiry after this long.
    #[must_use]
    pub const fn with_trust(mut self, trust: Duration) -> Self {
        self.trust = trust;
        self
    }

    /// Waits this long after the first failure, and never longer than that.
    #[must_use]
    pub const fn with_back_off(mut self, first: Duration, longest: Duration) -> Self {
        self.back_off = (first, longest);
        self
    }

    /// Obeys a `Retry-After` of up to this.
    #[must_use]
    pub const fn with_retry_after(mut self, longest: Duration) -> Self {
        self.retry_after = longest;
        self
    }

    /// Remembers a refusal for this long.
    #[must_use]
    pub const fn with_refusal(mut self, remembered: Duration) -> Self {
        self.refusal = remembered;
        self
    }

    /// Holds the store's lease for `hold`, of which a request may take `timeout`. The timeout is the
    /// transport's to keep; what is longer than the lease is taken as the whole of it.
    #[must_use]
    pub const fn with_hold(mut self, hold: Duration, timeout: Duration) -> Self {
        self.hold = hold;
        self.timeout = if timeout.as_secs() < hold.as_secs() {
            timeout
        } else {
            hold
        };
        self
    }

    /// Repeats an unanswered request within this time of the first. Zero: never.
    #[must_use]
    pub const fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Waits this long for a node that holds the lease. Less than the lease gives up before a node
    /// that crashed has lost it.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long before the expiry a token of this lifetime is no longer served.
    #[must_use]
    pub fn margin(&self, lifetime: Duration) -> Duration {
        self.margin.min(share(lifetime, self.margin_percent))
    }

    /// How long after it came a token of this lifetime is due, the jitter of `salt` taken off.
    #[must_use]
    pub fn renew_at(&self, lifetime: Duration, salt: impl Hash) -> Duration {
        share(lifetime, self.renew_percent).saturating_sub(self.jitter(lifetime, salt))
    }

    /// What is taken off for a token of this lifetime: the same for the same seed and `salt`.
    #[must_use]
    pub fn jitter(&self, lifetime: Duration, salt: impl Hash) -> Duration {
        self.below(share(lifetime, self.jitter_percent), salt)
    }

    /// How long after it came a token without an expiry is due.
    #[must_use]
    pub const fn trust(&self) -> Duration {
        self.trust
    }

    /// How long to wait after that many failures in a row: at random between nothing and the doubled
    /// wait ("full jitter"), and at least as long as the first. `salt` is what makes one wait differ
    /// from the next.
    #[must_use]
    pub fn back_off(&self, failures: u32, salt: impl Hash) -> Duration {
        let (first, longest) = self.back_off;
        let doubled = 2_u32
            .checked_pow(failures.saturating_sub(1))
            .map_or(Duration::MAX, |factor| first.saturating_mul(factor));
        self.below(doubled.min(longest), (failures, salt))
            .max(first)
    }

    /// The longest `Retry-After` that is obeyed.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }

    /// How long a refusal is remembered.
    #[must_use]
    pub const fn refusal(&self) -> Duration {
        self.refusal
    }

    /// How long the store's lease is held.
    #[must_use]
    pub const fn hold(&self) -> Duration {
        self.hold
    }

    /// How long one request may take: the transport's timeout, below the lease.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Within what time an unanswered request may be repeated.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// How long another node is waited for.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// No wait is longer than this, so a stored moment further ahead was written by another clock.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.retry_after.max(self.back_off.1).max(self.refusal)
    }

    /// A duration below `limit`, in whole seconds, that depends on the seed and `salt` alone.
    fn below(&self, limit: Duration, salt: impl Hash) -> Duration {
        let mut hasher = DefaultHasher::new();
        (self.seed, salt).hash(&mut hasher);
        Duration::from_secs(hasher.finish() % limit.as_secs().max(1))
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self::new()
    }
}

const fn at_most_whole(percent: u32) -> u32 {
    if percent > 100 { 100 } else { percent }
}

/// A share of a duration, in whole seconds, rounded down.
fn share(whole: Duration, percent: u32) -> Duration {
    let seconds = whole.as_secs();
    let percent = u64::from(percent);
    // Exact for any lifetime that exists, and no overflow for the others.
    let share = (seconds / 100)
        .saturating_mul(percent)
        .saturating_add(seconds % 100 * percent / 100);
    Duration::from_secs(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn shares_are_exact_and_never_overflow() {
        for (whole, percent, expected) in [
            (0, 80, 0),
            (30, 10, 3),
            (99, 80, 79),
            (3_600, 80, 2_880),
            (u64::MAX, 100, u64::MAX),
        ] {
            assert_eq!(share(seconds(whole), percent), seconds(expected));
        }
    }

    #[test]
    fn jitter_is_within_its_share_and_spreads() {
        let terms = Terms::new().with_seed(1);
        let drawn: std::collections::BTreeSet<_> = (0..200)
            .map(|salt| terms.jitter(seconds(3_600), salt))
            .collect();
        assert!(drawn.len() > 100);
        assert!(drawn.iter().all(|jitter| *jitter < seconds(360)));
        assert_eq!(
            terms.jitter(seconds(3_600), 5),
            terms.jitter(seconds(3_600), 5)
        );
        let other = Terms::new().with_seed(2);
        assert!((0..9).any(|salt| {
            terms.jitter(seconds(3_600), salt) != other.jitter(seconds(3_600), salt)
        }));
    }

    #[test]
    fn the_wait_doubles_to_its_bound() {
        let terms = Terms::new();
        for (failures, longest) in [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (u32::MAX, 300)] {
            let waits = (0..50).map(|salt| terms.back_off(failures, salt));
            let waits: Vec<_> = waits.collect();
            let most = seconds(longest);
            assert!(
                waits
                    .iter()
                    .all(|wait| *wait >= seconds(1) && *wait <= most)
            );
        }
    }

    #[test]
    fn a_request_is_never_allowed_longer_than_the_lease() {
        let terms = Terms::new().with_hold(seconds(5), seconds(60));
        assert_eq!(terms.timeout(), seconds(5));
    }
}
