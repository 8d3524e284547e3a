//! The keys of a server (RFC 7517 §5), kept: how long they are good, and when they are asked for again.
//!
//! Two needs pull apart. A server that rotates its keys must be believed at once: the next token may be
//! signed by a key that was published a second ago. And whoever can hand us tokens must not make us
//! send a request for each: an unknown `kid` costs its sender nothing. So a miss takes a token out of a
//! small bucket, and gets it back where the fetch was worth it.
//!
//! ```text
//!   Cold ──fetch──▶ Good ──max age──▶ Stale ──fetch──▶ Good
//!                   │  ▲                │
//!         unknown kid  └─ fetched       └─ fetch fails: the last good keys serve on
//! ```

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::base::time::UnixTime;
use crate::crypto::algorithm::Algorithm;

/// How long keys are good where the server does not say.
const DEFAULT_AGE: Duration = Duration::from_secs(10 * 60);
/// The shortest time that a server may ask for: `no-store` would mean a request for each token.
const SHORTEST_AGE: Duration = Duration::from_secs(60);
/// The longest: a key that was withdrawn is not believed for longer than a day.
const LONGEST_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How many misses in a row get through. Two: a rotation between a miss and its fetch is met.
const BUCKET: u8 = 2;
/// How long until one more gets through.
const REFILL: Duration = Duration::from_secs(60);
/// How long after a fetch that failed no other is made.
const PAUSE: Duration = Duration::from_secs(5);
/// How many unknown keys are remembered, and for how long: a server whose keys reach us late, by a
/// cache of its own, is asked again.
const REMEMBERED: usize = 32;
const MEMORY: Duration = REFILL;
/// The longest key id that is remembered, in bytes.
const LONGEST_KID: usize = 256;

/// What is known of a server's keys. `T` is the set of them.
#[derive(Debug)]
pub(crate) struct KeyCache<T> {
    keys: Option<Kept<T>>,
    bucket: u8,
    refilled_at: UnixTime,
    failed_at: Option<UnixTime>,
    /// The key that the fetch under way is for.
    missed: Option<Wanted>,
    unknown: VecDeque<(Wanted, UnixTime)>,
}

#[derive(Debug)]
struct Kept<T> {
    set: Arc<T>,
    fetched_at: UnixTime,
    good_until: UnixTime,
}

/// A key that a signature is by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    algorithm: Algorithm,
    /// Empty where it has none that is remembered.
    kid: String,
}

impl Wanted {
    fn new(algorithm: Algorithm, kid: Option<&str>) -> Self {
        let kid = kid.filter(|kid| kid.len() <= LONGEST_KID);
        let kid = kid.unwrap_or_default().to_owned();
        Self { algorithm, kid }
    }

    /// The algorithm, and the key id.
    pub(crate) fn parts(&self) -> (Algorithm, &str) {
        (self.algorithm, &self.kid)
    }
}

/// What to do for want of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// These keys are good.
    Use(Arc<T>),
    /// The keys are to be fetched.
    Fetch,
    /// They were asked for a moment ago, and there are none.
    Unavailable,
}

/// What to do where no key fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The keys are to be fetched again: the server may have others by now.
    Fetch,
    /// They were asked for a moment ago in vain: nobody knows.
    Unavailable,
    /// The server has no such key.
    Unknown,
}

impl<T> KeyCache<T> {
    pub(crate) const fn new() -> Self {
        Self {
            keys: None,
            bucket: BUCKET,
            refilled_at: UnixTime::EPOCH,
            failed_at: None,
            missed: None,
            unknown: VecDeque::new(),
        }
    }

    /// The keys, or what to do to have some.
    pub(crate) fn keys(&self, now: UnixTime) -> Next<T> {
        let rests = self.rests(now);
        match &self.keys {
            Some(kept) if kept.is_good(now) || (rests && kept.is_believed(now)) => {
                Next::Use(Arc::clone(&kept.set))
            }
            _ if rests => Next::Unavailable,
            _ => Next::Fetch,
        }
    }

    /// None of the keys fits a signature by `algorithm` and `kid`, or by a key without id.
    ///
    /// With the bucket empty nobody knows whether there is such a key by now, which is not the same as
    /// knowing that there is none.
    pub(crate) fn miss(&mut self, now: UnixTime, algorithm: Algorithm, kid: Option<&str>) -> Miss {
        self.refill(now);
        self.unknown
            .retain(|(_, since)| *since <= now && !now.has_reached(since.saturating_add(MEMORY)));
        let wanted = Wanted::new(algorithm, kid);
        if self.unknown.iter().any(|(unknown, _)| *unknown == wanted) {
            return Miss::Unknown;
        }
        if self.bucket == 0 || self.rests(now) {
            return Miss::Unavailable;
        }
        self.bucket -= 1;
        self.missed = Some(wanted);
        Miss::Fetch
    }

    /// The server gave these keys. Those that are not among them are no longer believed.
    ///
    /// `has` tells whether the key that was wanted is among them.
    pub(crate) fn fetched(
        &mut self,
        now: UnixTime,
        set: T,
        max_age: Option<Duration>,
        has: impl FnOnce(&T, &Wanted) -> bool,
    ) {
        match self.missed.take() {
            Some(wanted) if has(&set, &wanted) => self.refund(),
            Some(wanted) => self.remember(wanted, now),
            None => self.bucket = self.bucket.max(1),
        }
        let age = max_age.map_or(DEFAULT_AGE, |age| age.clamp(SHORTEST_AGE, LONGEST_AGE));
        self.failed_at = None;
        self.keys = Some(Kept {
            set: Arc::new(set),
            fetched_at: now,
            good_until: now.saturating_add(age),
        });
    }

    /// The server gave none, or what is no key set, or no answer at all: the last good keys serve on.
    pub(crate) fn failed(&mut self, now: UnixTime) {
        if self.missed.take().is_some() {
            self.refund();
        }
        self.failed_at = Some(now);
    }

    /// When the keys that are kept were fetched, and the keys.
    pub(crate) fn kept(&self) -> Option<(UnixTime, &Arc<T>)> {
        let kept = self.keys.as_ref()?;
        Some((kept.fetched_at, &kept.set))
    }

    /// When the keys that are kept were fetched, until when they are good, and the keys.
    pub(crate) fn stored(&self) -> Option<(UnixTime, UnixTime, &Arc<T>)> {
        let kept = self.keys.as_ref()?;
        Some((kept.fetched_at, kept.good_until, &kept.set))
    }

    /// Keys that were kept before, unless there are newer ones.
    pub(crate) fn restore(&mut self, fetched_at: UnixTime, good_until: UnixTime, set: T) {
        let has_newer = self
            .keys
            .as_ref()
            .is_some_and(|kept| kept.fetched_at >= fetched_at);
        if !has_newer {
            self.keys = Some(Kept {
                set: Arc::new(set),
                fetched_at,
                good_until: good_until.min(fetched_at.saturating_add(LONGEST_AGE)),
            });
        }
    }

    /// Whether a fetch failed a moment ago. A clock that was set back has no such moment.
    fn rests(&self, now: UnixTime) -> bool {
        self.failed_at
            .is_some_and(|at| at <= now && !now.has_reached(at.saturating_add(PAUSE)))
    }

    fn refill(&mut self, now: UnixTime) {
        if now < self.refilled_at {
            self.refilled_at = now;
        }
        let periods = now.since(self.refilled_at).as_secs() / REFILL.as_secs();
        if periods > 0 {
            let periods = u8::try_from(periods).unwrap_or(u8::MAX);
            self.bucket = self.bucket.saturating_add(periods).min(BUCKET);
            self.refilled_at = now;
        }
    }

    fn refund(&mut self) {
        self.bucket = (self.bucket + 1).min(BUCKET);
    }

    fn remember(&mut self, wanted: Wanted, now: UnixTime) {
        if wanted.kid.is_empty() {
            return;
        }
        if self.unknown.len() == REMEMBERED {
            self.unknown.pop_front();
        }
        self.unknown.push_back((wanted, now));
    }
}

impl<T> Kept<T> {
    /// Whether they may serve while the server is away.
    fn is_believed(&self, now: UnixTime) -> bool {
        !now.has_reached(self.fetched_at.saturating_add(LONGEST_AGE))
    }

    /// A clock that was set back makes keys stale, not young.
    fn is_good(&self, now: UnixTime) -> bool {
        self.fetched_at <= now && !now.has_reached(self.good_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Cache = KeyCache<Vec<&'static str>>;

    const ALG: Algorithm = Algorithm::EdDsa;

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(1_800_000_000 + seconds)
    }

    fn give(cache: &mut Cache, now: UnixTime, set: &[&'static str]) {
        cache.fetched(now, set.to_vec(), None, |set, wanted| {
            set.contains(&wanted.parts().1)
        });
    }

    /// What a verifier does: uses the keys, or fetches them from a server that has `published`, and
    /// counts the requests.
    fn verify(
        cache: &mut Cache,
        now: UnixTime,
        kid: &str,
        published: &[&'static str],
        requests: &mut usize,
    ) -> bool {
        loop {
            let set = match cache.keys(now) {
                Next::Use(set) => set,
                Next::Fetch => {
                    *requests += 1;
                    give(cache, now, published);
                    continue;
                }
                Next::Unavailable => return false,
            };
            if set.contains(&kid) {
                return true;
            }
            if cache.miss(now, ALG, Some(kid)) != Miss::Fetch {
                return false;
            }
            *requests += 1;
            give(cache, now, published);
        }
    }

    #[test]
    fn keys_are_fetched_once_and_again_when_they_are_old() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        for seconds in [0, 1, 599] {
            assert!(verify(&mut cache, at(seconds), "a", &["a"], &mut requests));
        }
        assert_eq!(requests, 1);
        assert!(verify(&mut cache, at(600), "a", &["a"], &mut requests));
        assert_eq!(requests, 2);
    }

    #[test]
    fn the_servers_max_age_counts_within_bounds() {
        for (asked, seconds) in [(0, 60), (59, 60), (120, 120), (1 << 40, 86_400)] {
            let mut cache = Cache::new();
            let age = Some(Duration::from_secs(asked));
            cache.fetched(at(0), vec!["a"], age, |_, _| true);
            assert!(matches!(cache.keys(at(seconds - 1)), Next::Use(_)));
            assert_eq!(cache.keys(at(seconds)), Next::Fetch, "{asked}");
        }
    }

    #[test]
    fn a_rotation_gets_through_at_once_however_often() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        assert!(verify(&mut cache, at(0), "a", &["a"], &mut requests));
        for kid in ["b", "c", "d", "e", "f"] {
            assert!(verify(&mut cache, at(1), kid, &[kid], &mut requests));
        }
        assert_eq!(requests, 6);
        // A key that was withdrawn is no longer believed.
        assert!(!verify(&mut cache, at(1), "a", &["f"], &mut requests));
    }

    #[test]
    fn a_flood_of_unknown_key_ids_sends_three_requests() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        for number in 0..1_000 {
            let kid = match number % 3 {
                0 => format!("random-{number}"),
                1 => String::new(),
                _ => format!("{number}").repeat(LONGEST_KID),
            };
            assert!(!verify(&mut cache, at(0), &kid, &["a"], &mut requests));
        }
        assert_eq!(requests, 3);
        assert!(verify(&mut cache, at(0), "a", &["a"], &mut requests));
        // A minute later a rotation gets through again.
        assert!(verify(&mut cache, at(60), "b", &["b"], &mut requests));
        assert_eq!(requests, 4);
    }

    #[test]
    fn a_scheduled_fetch_lets_the_next_miss_through() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        give(&mut cache, at(0), &["a"]);
        for (number, seconds) in [(0, 599), (1, 599)] {
            let kid = format!("random-{number}");
            assert!(!verify(
                &mut cache,
                at(seconds),
                &kid,
                &["a"],
                &mut requests
            ));
        }
        give(&mut cache, at(600), &["a"]);
        assert!(verify(&mut cache, at(601), "b", &["b"], &mut requests));
    }

    #[test]
    fn one_unknown_key_id_is_asked_for_once() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        for seconds in 0..60 {
            verify(&mut cache, at(seconds), "no", &["a"], &mut requests);
        }
        assert_eq!(requests, 2);
        verify(&mut cache, at(61), "no", &["a"], &mut requests);
        assert_eq!(requests, 3);
    }

    #[test]
    fn the_last_good_keys_serve_while_the_server_is_away() {
        let mut cache = Cache::new();
        give(&mut cache, at(0), &["a"]);
        assert_eq!(cache.keys(at(700)), Next::Fetch);
        cache.failed(at(700));
        assert_eq!(cache.keys(at(701)), Next::Use(Arc::new(vec!["a"])));
        assert_eq!(cache.keys(at(705)), Next::Fetch);
    }

    #[test]
    fn a_failed_fetch_costs_nothing_but_a_pause() {
        let mut cache = Cache::new();
        assert_eq!(cache.keys(at(0)), Next::Fetch);
        cache.failed(at(0));
        assert_eq!(cache.keys(at(4)), Next::Unavailable);
        assert_eq!(cache.keys(at(5)), Next::Fetch);
        give(&mut cache, at(5), &["a"]);
        for seconds in [10, 20, 30, 40, 50] {
            assert_eq!(cache.miss(at(seconds), ALG, Some("b")), Miss::Fetch);
            cache.failed(at(seconds));
            let soon = cache.miss(at(seconds + 1), ALG, Some("b"));
            assert_eq!(soon, Miss::Unavailable);
        }
        assert_eq!(cache.miss(at(60), ALG, Some("b")), Miss::Fetch);
        give(&mut cache, at(60), &["b"]);
        assert_eq!(cache.keys(at(61)), Next::Use(Arc::new(vec!["b"])));
    }

    /// Whoever empties the bucket with keys that there are not must not have others told that theirs
    /// are none.
    #[test]
    fn an_empty_bucket_says_nothing_of_a_key() {
        let mut cache = Cache::new();
        give(&mut cache, at(0), &["a"]);
        for kid in ["x", "y"] {
            assert_eq!(cache.miss(at(1), ALG, Some(kid)), Miss::Fetch);
            give(&mut cache, at(1), &["a"]);
        }
        assert_eq!(cache.miss(at(1), ALG, Some("x")), Miss::Unknown);
        assert_eq!(cache.miss(at(1), ALG, Some("b")), Miss::Unavailable);
    }

    /// A key that is there and does not fit is not worth a fetch for each that asks.
    #[test]
    fn another_algorithm_is_another_key() {
        let mut cache = Cache::new();
        give(&mut cache, at(0), &["a"]);
        let other = Algorithm::Rs256;
        assert_eq!(cache.miss(at(1), other, Some("a")), Miss::Fetch);
        cache.fetched(at(1), vec!["a"], None, |_, wanted| wanted.parts().0 == ALG);
        assert_eq!(cache.miss(at(1), other, Some("a")), Miss::Unknown);
        assert_eq!(cache.miss(at(1), ALG, Some("a")), Miss::Fetch);
    }

    #[test]
    fn nothing_is_believed_for_longer_than_a_day() {
        let mut cache = Cache::new();
        give(&mut cache, at(0), &["a"]);
        cache.failed(at(86_399));
        assert!(matches!(cache.keys(at(86_399)), Next::Use(_)));
        cache.failed(at(86_400));
        assert_eq!(cache.keys(at(86_400)), Next::Unavailable);
    }

    #[test]
    fn a_clock_set_back_strands_nothing() {
        let (mut cache, mut requests) = (Cache::new(), 0);
        assert!(verify(&mut cache, at(9_000), "a", &["a"], &mut requests));
        cache.failed(at(9_001));
        assert!(verify(&mut cache, at(0), "b", &["b"], &mut requests));
        assert_eq!(requests, 2);
    }

    #[test]
    fn memory_is_bounded() {
        let mut cache = Cache::new();
        for number in 0..1_000_u64 {
            let long = "x".repeat(1_000);
            for kid in [format!("{number}"), long] {
                if cache.miss(at(number * 60), ALG, Some(&kid)) == Miss::Fetch {
                    give(&mut cache, at(number * 60), &["a"]);
                }
            }
        }
        assert!(cache.unknown.len() <= REMEMBERED);
        assert!(
            cache
                .unknown
                .iter()
                .all(|(wanted, _)| wanted.kid.len() <= LONGEST_KID)
        );
    }
}
