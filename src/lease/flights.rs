//! One refresh for all who ask at once: a table, without threads and without a runtime.
//!
//! ```text
//!   join ──▶ Lead        start the refresh, and call depart when its request leaves
//!        └─▶ Follow      wait for the one that is under way
//!   leave ──▶ the caller is gone; the refresh goes on unless nobody is left and nothing was sent
//!   land ──▶ the waiters, to be told what came of it
//! ```

use std::collections::HashMap;
use std::hash::Hash;

/// The refreshes under way, by their key, and who waits for each. `W` is whatever tells a waiter: a
/// channel's sender, a waker, a number.
///
/// The refresh itself belongs to none of the waiters: whoever leads starts it as a thread or a task of
/// its own. A caller that goes away takes only itself out.
///
/// ```
/// use oauth_proto::lease::flights::{Flights, Left, Role};
///
/// let mut flights = Flights::new();
/// assert_eq!(flights.join("user 7", 1), Role::Lead);
/// assert_eq!(flights.join("user 7", 2), Role::Follow);
/// flights.depart(&"user 7"); // the request has left
/// assert_eq!(flights.leave(&"user 7", &1), Left::GoesOn);
/// assert_eq!(flights.leave(&"user 7", &2), Left::GoesOn); // alone, and still going
/// assert_eq!(flights.join("user 7", 3), Role::Follow);
/// assert_eq!(flights.land(&"user 7"), [3]);
/// ```
#[derive(Clone, Debug)]
pub struct Flights<K, W> {
    flights: HashMap<K, Flight<W>>,
}

#[derive(Clone, Debug)]
struct Flight<W> {
    waiters: Vec<W>,
    has_departed: bool,
}

impl<K: Eq + Hash, W: PartialEq> Flights<K, W> {
    /// No refresh is under way.
    #[must_use]
    pub fn new() -> Self {
        let flights = HashMap::new();
        Self { flights }
    }

    /// Waits for the refresh of `key`, and says whether to start it.
    pub fn join(&mut self, key: K, waiter: W) -> Role {
        let mut role = Role::Follow;
        let flight = self.flights.entry(key).or_insert_with(|| {
            role = Role::Lead;
            Flight {
                waiters: Vec::new(),
                has_departed: false,
            }
        });
        flight.waiters.push(waiter);
        role
    }

    /// The request has left: from here on the refresh goes on, whoever waits.
    pub fn depart(&mut self, key: &K) {
        if let Some(flight) = self.flights.get_mut(key) {
            flight.has_departed = true;
        }
    }

    /// A waiter is gone, and says whether the refresh goes on.
    pub fn leave(&mut self, key: &K, waiter: &W) -> Left {
        let Some(flight) = self.flights.get_mut(key) else {
            return Left::GoesOn;
        };
        flight.waiters.retain(|other| other != waiter);
        if flight.has_departed || !flight.waiters.is_empty() {
            return Left::GoesOn;
        }
        self.flights.remove(key);
        Left::Over
    }

    /// The refresh is over: those who wait for it. Whoever joins from here on leads another one.
    #[must_use = "the waiters are still to be told"]
    pub fn land(&mut self, key: &K) -> Vec<W> {
        let flight = self.flights.remove(key);
        flight.map_or_else(Vec::new, |flight| flight.waiters)
    }

    /// How many refreshes are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flights.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}

impl<K: Eq + Hash, W: PartialEq> Default for Flights<K, W> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a caller who joined does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "one leads, or one follows")]
pub enum Role {
    /// Start the refresh.
    Lead,
    /// Wait: another caller has started it.
    Follow,
}

/// What becomes of a refresh when a waiter leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it goes on, or it does not")]
pub enum Left {
    /// Others wait, or its request has left: let it end.
    GoesOn,
    /// Nobody waits, and nothing was sent: drop it.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_callers_make_one_refresh() {
        let mut flights = Flights::new();
        let leaders = (0..100).filter(|caller| flights.join("key", *caller) == Role::Lead);
        assert_eq!(leaders.count(), 1);
        assert_eq!(flights.len(), 1);
        assert_eq!(flights.land(&"key").len(), 100);
        assert!(flights.is_empty());
        assert_eq!(flights.join("key", 0), Role::Lead);
    }

    #[test]
    fn only_a_refresh_that_sent_nothing_ends_with_its_last_waiter() {
        let mut flights = Flights::new();
        assert_eq!(flights.join("key", 1), Role::Lead);
        assert_eq!(flights.join("key", 2), Role::Follow);
        assert_eq!(flights.leave(&"key", &1), Left::GoesOn);
        assert_eq!(flights.leave(&"key", &2), Left::Over);
        assert_eq!(flights.join("key", 3), Role::Lead);
        flights.depart(&"key");
        assert_eq!(flights.leave(&"key", &3), Left::GoesOn);
        assert!(flights.land(&"key").is_empty());
        assert_eq!(flights.leave(&"key", &3), Left::GoesOn);
    }
}
