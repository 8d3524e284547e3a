//! Which of many grants is due: a scheduler without threads and without a clock, for millions of them.
//!
//! ```text
//!             insert                     next_wakeup: how long to sleep
//!                │
//!                ▼           due           ┌─ issuer A ─▶ ● ● ●    its rate is used up: waits for credit
//!   ┌──▶ timer wheel ───────────────────▶ ─┼─ issuer B ─▶ ●  ┐
//!   │    11 levels of 64                   └─ issuer C ─▶ ● ●├─▶ one each in turn, up to the budget
//!   │                                                        ┘            │
//!   │  DueAt: when the new tokens are due          not used for long:     ▼
//!   ├──────────────────────────────────────        dropped ◀────────── Turn ──▶ the refresh
//!   │  RetryAt: then, and a jitter later                                  │
//!   ├──────────────────────────────────────                               ▼
//!   │  Failed, or not settled in time: a wait that doubles              settle ──▶ Over: dropped
//!   └─────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! - **Cost.** Insert, cancel, touch and settle take constant time, and `due` constant time for each
//!   grant that it moves, amortised, whatever the number of grants. A grant costs less than 64 bytes
//!   beside its key. One call of `due` moves 65 536 grants at most: where more fall due at once, the
//!   rest is moved by the next calls, for which `next_wakeup` does not wait.
//! - **Fairness.** Issuers take turns, one grant each; the grants of an issuer are in the order in which
//!   they fell due. Each issuer has a rate ([`Rate`]); one that has used it up delays nobody else.
//! - **Outages.** Where three turns of an issuer in a row get no verdict of it, its grants wait together, for a
//!   wait that doubles with each failure (the back-off of the [`Terms`]); then one of them is the
//!   probe. New tokens end it, and so does a refusal. So an issuer that is down is asked once in a while, however many
//!   grants it has.
//! - **Clocks.** Waits are counted by the seconds that the clock moved forward. A clock that is set back
//!   makes no wait longer (by a minute at most, up to which two readings may be out of order); one that
//!   jumps forward ends waits early, at worst. Nobody is told to sleep for more than a minute, so that a
//!   jump is noticed.
//! - **Chance.** All jitter comes from [`Terms::with_seed`] and the keys: the same calls have the same
//!   results.
//!
//! It decides when, and nothing else. That no grant is refreshed twice at a time is for
//! [`Refresh`](crate::lease::refresh::Refresh) and its store to see to: so a turn that is given out again,
//! because nobody settled it, loses nothing.

use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::RandomState;
use std::time::Duration;

use hashbrown::HashTable;

use crate::base::time::UnixTime;
use crate::lease::outcome::Outcome;
use crate::lease::scheduler::clock::Clock;
use crate::lease::scheduler::issuers::Issuers;
use crate::lease::scheduler::rate::Rate;
use crate::lease::scheduler::settled::Settled;
use crate::lease::scheduler::slab::Place;
use crate::lease::scheduler::slab::Slab;
use crate::lease::scheduler::wheel::Wheel;
use crate::lease::terms::Terms;

mod clock;
mod issuers;
mod outage;
pub mod rate;
pub mod settled;
mod slab;
mod wheel;

/// When to renew which of many grants. `K` is what the application calls one:
/// [`Key`](crate::lease::key::Key), or a number of its own.
///
/// | Setting | Default |
/// | --- | --- |
/// | [`with_rate`](Self::with_rate), [`with_rate_of`](Self::with_rate_of) | 100 refreshes a second for each issuer |
/// | [`with_idle`](Self::with_idle) | dropped when it falls due and was not used for 30 days |
/// | [`with_patience`](Self::with_patience) | a turn that is not settled for 5 min counts as failed |
///
/// ```
/// use std::time::Duration;
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::lease::scheduler::{RefreshScheduler, settled::Settled};
/// use oauth_proto::lease::terms::Terms;
///
/// let at = UnixTime::from_secs;
/// let mut scheduler = RefreshScheduler::new(Terms::new().with_seed(7));
/// scheduler.insert(at(1_000), "user 7", "https://id.example", at(1_030));
/// assert_eq!(scheduler.next_wakeup(at(1_000)), Some(Duration::from_secs(30)));
///
/// for turn in scheduler.due(at(1_030), 10).turns {
///     assert_eq!(turn.key(), &"user 7"); // run its refresh, then `settle` with what came of it
///     scheduler.settle_as(at(1_031), turn, Settled::DueAt(at(4_600)));
/// }
/// assert!(scheduler.cancel(&"user 7"));
/// assert_eq!(scheduler.next_wakeup(at(1_031)), None);
/// ```
#[derive(Debug)]
pub struct RefreshScheduler<K> {
    terms: Terms,
    idle: Duration,
    patience: Duration,
    clock: Clock,
    wheel: Wheel,
    grants: Slab<Grant<K>>,
    /// The numbers of the grants, found by their keys. Beside each its hash, so that the table grows without
    /// a look at the grants.
    numbers: HashTable<(u32, u32)>,
    hasher: RandomState,
    issuers: Issuers,
}

#[derive(Debug)]
struct Grant<K> {
    key: K,
    used_at: u64,
    issuer: u32,
    /// In a row.
    failures: u8,
    /// Its turn was given out, and is not settled.
    is_out: bool,
}

/// What one call of [`due`](RefreshScheduler::due) moves at most. A bound of this crate: some ten
/// milliseconds.
const WORK: u32 = 1 << 16;

/// The longest sleep. A bound of this crate: so late, at most, is a clock's jump noticed.
const NAP: u64 = 60;

impl<K: Clone + Eq + Hash> RefreshScheduler<K> {
    /// No grants. Of the terms it goes by the seed, the back-off, the jitter, the longest `Retry-After`,
    /// and when tokens are due.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            idle: Duration::from_secs(30 * 24 * 60 * 60),
            patience: Duration::from_secs(5 * 60),
            clock: Clock::new(),
            wheel: Wheel::new(),
            grants: Slab::new(),
            numbers: HashTable::new(),
            hasher: RandomState::new(),
            issuers: Issuers::new(Rate::new(100, Duration::from_secs(1))),
        }
    }

    /// Gives each issuer no more turns than this, of those that get grants from here on.
    #[must_use]
    pub fn with_rate(mut self, rate: Rate) -> Self {
        self.issuers.set_rate(rate);
        self
    }

    /// Gives this issuer a rate of its own.
    #[must_use]
    pub fn with_rate_of(mut self, issuer: &str, rate: Rate) -> Self {
        self.issuers.set_rate_of(issuer, rate);
        self
    }

    /// Drops a grant that falls due and was not inserted or touched for this long.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Takes a turn for failed that is not settled for this long: longer than any refresh.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Schedules a grant of this issuer, in place of the one of the same key: a turn of that one settles
    /// nothing any more. [`Lease::due_at`](crate::lease::lease::Lease::due_at) says when tokens are due,
    /// its jitter taken off.
    ///
    /// Whether it is scheduled: not where there are 2³² − 1 already.
    pub fn insert(&mut self, now: UnixTime, key: K, issuer: &str, due_at: UnixTime) -> bool {
        let elapsed = self.clock.advance(now);
        // Joined before the old one leaves, so that the issuer's credit stays as it is.
        let Some(issuer) = self.issuers.join(issuer, elapsed) else {
            return false;
        };
        self.cancel(&key);
        let hash = self.hash(&key);
        let grant = Grant {
            key,
            used_at: elapsed,
            issuer,
            failures: 0,
            is_out: false,
        };
        let Some(number) = self.grants.insert(grant) else {
            self.issuers.leave(issuer);
            return false;
        };
        let rehash = |(_, hash): &(u32, u32)| spread(*hash);
        self.numbers
            .insert_unique(spread(hash), (number, hash), rehash);
        self.schedule(number, self.clock.moment(due_at), elapsed);
        true
    }

    /// Forgets a grant, whether it waits or its turn was given out. Whether it was there.
    pub fn cancel(&mut self, key: &K) -> bool {
        let number = self.find(key);
        number.is_some_and(|number| self.remove(number).is_some())
    }

    /// The grant is in use, and will be renewed. Whether it is there.
    pub fn touch(&mut self, now: UnixTime, key: &K) -> bool {
        let elapsed = self.clock.advance(now);
        let grant = self
            .find(key)
            .and_then(|number| self.grants.get_mut(number));
        grant.map(|grant| grant.used_at = elapsed).is_some()
    }

    /// How long to sleep until there may be something to do, in whole seconds, a minute at most; none
    /// where there are no grants. An insert in the meantime may be due sooner.
    pub fn next_wakeup(&mut self, now: UnixTime) -> Option<Duration> {
        let elapsed = self.clock.advance(now);
        let next = self.wheel.next().into_iter().chain(self.issuers.next());
        let wait = next.min()?.saturating_sub(elapsed);
        Some(Duration::from_secs(wait.min(NAP)))
    }

    /// Those that are due, `budget` of them at most: each to be settled.
    pub fn due(&mut self, now: UnixTime, budget: usize) -> Due<K> {
        let elapsed = self.clock.advance(now);
        let mut work = WORK;
        while let Some(number) = self.wheel.expire(&mut self.grants, elapsed, &mut work) {
            match self.grants.get(number) {
                Some(grant) if grant.is_out => self.back_off(number, elapsed),
                _ => self.queue(number, elapsed),
            }
        }
        self.issuers.wake(elapsed, &mut work);
        let mut due = Due {
            turns: Vec::new(),
            idle: Vec::new(),
        };
        for _ in 0..budget {
            let Some(number) = self.issuers.first() else {
                break;
            };
            if self.is_idle(number, elapsed) {
                due.idle.extend(self.remove(number).map(|grant| grant.key));
            } else {
                let patience = self.patience.as_secs().max(1);
                self.issuers.take(&mut self.grants, elapsed, patience);
                due.turns.extend(self.give_out(number, elapsed));
            }
        }
        due
    }

    /// Takes in what came of a turn, from a [driver](crate::lease::drive). A turn whose grant was
    /// cancelled, replaced or given out again meanwhile settles nothing.
    pub fn settle<E>(&mut self, now: UnixTime, turn: Turn<K>, result: &Result<Outcome, E>) {
        let settled = Settled::of(result, &self.terms);
        self.settle_as(now, turn, settled);
    }

    /// Takes in what came of a turn, from elsewhere.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a turn is settled once: what settled it is gone"
    )]
    pub fn settle_as(&mut self, now: UnixTime, turn: Turn<K>, settled: Settled) {
        let elapsed = self.clock.advance(now);
        let number = turn.number;
        let node = self.grants.node(number);
        if node.is_none_or(|node| node.generation != turn.generation) {
            return;
        }
        self.tell_issuer(number, elapsed, settled);
        match settled {
            Settled::Over | Settled::Ended => drop(self.remove(number)),
            // Tokens that are due as they come would have the server asked without a pause.
            Settled::DueAt(at) if self.clock.moment(at) > elapsed => {
                self.set_in(number);
                if let Some(grant) = self.grants.get_mut(number) {
                    grant.failures = 0;
                }
                self.schedule(number, self.clock.moment(at), elapsed);
            }
            Settled::RetryAt(until) | Settled::NoVerdict(until) => {
                let until = self.clock.moment(until).saturating_sub(elapsed);
                let wait = Duration::from_secs(until).min(self.terms.longest_wait());
                let later = self.terms.jitter(wait, (&turn.key, elapsed));
                self.set_in(number);
                self.schedule_after(number, wait.saturating_add(later), elapsed);
            }
            Settled::DueAt(_) | Settled::Failed | Settled::Refused => {
                self.back_off(number, elapsed);
            }
        }
    }

    /// How many grants there are, those whose turn was given out among them.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.grants.len() as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.grants.len() == 0
    }

    /// What a turn says of the issuer.
    fn tell_issuer(&mut self, number: u32, elapsed: u64, settled: Settled) {
        let Some(issuer) = self.grants.get(number).map(|grant| grant.issuer) else {
            return;
        };
        match settled {
            Settled::DueAt(_) | Settled::Refused | Settled::Ended => {
                self.issuers.recover(issuer, elapsed);
            }
            Settled::NoVerdict(_) => self.issuers.fail(issuer, number, elapsed, &self.terms),
            Settled::RetryAt(_) | Settled::Failed | Settled::Over => {
                self.issuers.release(issuer, number, elapsed);
            }
        }
    }

    fn find(&self, key: &K) -> Option<u32> {
        let hash = self.hash(key);
        let is_it = |(number, other): &(u32, u32)| {
            let grant = self.grants.get(*number).filter(|_| *other == hash);
            grant.is_some_and(|grant| grant.key == *key)
        };
        let (number, _) = self.numbers.find(spread(hash), is_it)?;
        Some(*number)
    }

    fn remove(&mut self, number: u32) -> Option<Grant<K>> {
        self.unschedule(number);
        let grant = self.grants.remove(number)?;
        let hash = spread(self.hash(&grant.key));
        if let Ok(entry) = self.numbers.find_entry(hash, |(other, _)| *other == number) {
            entry.remove();
        }
        let elapsed = self.clock.elapsed();
        self.issuers.release(grant.issuer, number, elapsed);
        self.issuers.leave(grant.issuer);
        Some(grant)
    }

    fn hash(&self, key: &K) -> u32 {
        let [a, b, c, d, ..] = self.hasher.hash_one(key).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    fn is_idle(&self, number: u32, elapsed: u64) -> bool {
        let used_at = self.grants.get(number).map(|grant| grant.used_at);
        used_at.is_some_and(|used_at| elapsed.saturating_sub(used_at) >= self.idle.as_secs())
    }

    /// The turn of a grant that is on no list.
    fn give_out(&mut self, number: u32, elapsed: u64) -> Option<Turn<K>> {
        let node = self.grants.node_mut(number)?;
        node.generation = node.generation.wrapping_add(1);
        let generation = node.generation;
        let grant = self.grants.get_mut(number)?;
        grant.is_out = true;
        let key = grant.key.clone();
        self.schedule_after(number, self.patience, elapsed);
        Some(Turn {
            key,
            number,
            generation,
        })
    }

    /// The turn of a grant is over, and void.
    fn set_in(&mut self, number: u32) {
        self.unschedule(number);
        if let Some(node) = self.grants.node_mut(number) {
            node.generation = node.generation.wrapping_add(1);
        }
        if let Some(grant) = self.grants.get_mut(number) {
            grant.is_out = false;
        }
    }

    fn back_off(&mut self, number: u32, elapsed: u64) {
        self.set_in(number);
        if let Some(grant) = self.grants.get_mut(number) {
            grant.failures = grant.failures.saturating_add(1);
            let wait = self
                .terms
                .back_off(grant.failures.into(), (&grant.key, elapsed));
            self.schedule_after(number, wait, elapsed);
        }
    }

    /// Schedules a grant that is on no list: a second from now at the soonest.
    fn schedule_after(&mut self, number: u32, wait: Duration, elapsed: u64) {
        let wait = wait.as_secs().max(1);
        self.schedule(number, elapsed.saturating_add(wait), elapsed);
    }

    /// Schedules a grant that is on no list.
    fn schedule(&mut self, number: u32, at: u64, elapsed: u64) {
        if let Some(node) = self.grants.node_mut(number) {
            node.at = at;
        }
        if !self.wheel.insert(&mut self.grants, number) {
            self.queue(number, elapsed);
        }
    }

    fn queue(&mut self, number: u32, elapsed: u64) {
        if let Some(issuer) = self.grants.get(number).map(|grant| grant.issuer) {
            self.issuers
                .queue(&mut self.grants, issuer, number, elapsed);
        }
    }

    fn unschedule(&mut self, number: u32) {
        match self.grants.node(number).map(|node| node.place) {
            Some(Place::Bucket(_)) => self.wheel.remove(&mut self.grants, number),
            Some(Place::Queue) => {
                if let Some(issuer) = self.grants.get(number).map(|grant| grant.issuer) {
                    self.issuers.unqueue(&mut self.grants, issuer, number);
                }
            }
            Some(Place::Nowhere) | None => {}
        }
    }
}

/// Half a hash as a whole one: the table takes the lowest bits and the highest.
const fn spread(hash: u32) -> u64 {
    (hash as u64) << 32 | hash as u64
}

/// Those that are due.
#[derive(Debug)]
#[must_use = "each turn is to be settled"]
#[non_exhaustive]
pub struct Due<K> {
    /// To be renewed now.
    pub turns: Vec<Turn<K>>,
    /// Dropped: they fell due, and nobody had used them for long.
    pub idle: Vec<K>,
}

/// A grant whose turn it is, for [`settle`](RefreshScheduler::settle).
///
/// One that is lost with its thread counts as failed after a while.
#[derive(Debug)]
#[must_use = "settle it, or it counts as failed after a while"]
pub struct Turn<K> {
    key: K,
    number: u32,
    generation: u32,
}

impl<K> Turn<K> {
    /// Whose turn it is.
    #[must_use]
    pub const fn key(&self) -> &K {
        &self.key
    }
}
