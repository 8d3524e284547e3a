//! One refresh for all who ask at once: a table, without threads and without a runtime.
//!
//! ```text
//!   join ──▶ Lead        start the refresh, and call depart before its request leaves
//!        └─▶ Follow      wait for the one that is under way
//!   leave ──▶ the caller is gone; the refresh goes on unless nobody is left and nothing was sent
//!   depart ──▶ whether the request may leave: not where nobody is left, and another may lead by now
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
/// let Role::Lead(ticket) = flights.join("user 7", 1) else { unreachable!() };
/// assert_eq!(flights.join("user 7", 2), Role::Follow);
/// assert!(flights.depart(&"user 7", &ticket)); // the request leaves
/// assert_eq!(flights.leave(&"user 7", &1), Left::GoesOn);
/// assert_eq!(flights.leave(&"user 7", &2), Left::GoesOn); // alone, and still going
/// assert_eq!(flights.join("user 7", 3), Role::Follow);
/// assert_eq!(flights.land(&"user 7", ticket), [3]);
/// ```
#[derive(Clone, Debug)]
pub struct Flights<K, W> {
    flights: HashMap<K, Flight<W>>,
    tickets: u64,
}

#[derive(Clone, Debug)]
struct Flight<W> {
    number: u64,
    waiters: Vec<W>,
    has_departed: bool,
}

/// Which refresh of a key: one that is over is not taken for the next.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a refresh departs and lands by its ticket"]
pub struct Ticket(u64);

impl<K: Eq + Hash, W: PartialEq> Flights<K, W> {
    /// No refresh is under way.
    #[must_use]
    pub fn new() -> Self {
        let flights = HashMap::new();
        let tickets = 0;
        Self { flights, tickets }
    }

    /// Waits for the refresh of `key`, and says whether to start it.
    pub fn join(&mut self, key: K, waiter: W) -> Role {
        let mut role = Role::Follow;
        let flight = self.flights.entry(key).or_insert_with(|| {
            self.tickets = self.tickets.wrapping_add(1);
            role = Role::Lead(Ticket(self.tickets));
            Flight {
                number: self.tickets,
                waiters: Vec::new(),
                has_departed: false,
            }
        });
        flight.waiters.push(waiter);
        role
    }

    /// A request is about to leave. Whether it may: from here on the refresh goes on then, whoever waits.
    /// Otherwise its last waiter has left, and it is to be dropped.
    #[must_use = "the request leaves only where it may"]
    pub fn depart(&mut self, key: &K, ticket: &Ticket) -> bool {
        let flight = self.flights.get_mut(key);
        let flight = flight.filter(|flight| flight.number == ticket.0);
        flight.map(|flight| flight.has_departed = true).is_some()
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
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a refresh lands once: its ticket is gone then"
    )]
    pub fn land(&mut self, key: &K, ticket: Ticket) -> Vec<W> {
        let is_this = |flight: &Flight<W>| flight.number == ticket.0;
        if !self.flights.get(key).is_some_and(is_this) {
            return Vec::new();
        }
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
#[derive(Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "one leads, or one follows")]
pub enum Role {
    /// Start the refresh: this is its ticket.
    Lead(Ticket),
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

    fn lead(flights: &mut Flights<&str, u32>, waiter: u32) -> Ticket {
        match flights.join("key", waiter) {
            Role::Lead(ticket) => ticket,
            Role::Follow => panic!("another one leads"),
        }
    }

    #[test]
    fn a_hundred_callers_make_one_refresh() {
        let mut flights = Flights::new();
        let ticket = lead(&mut flights, 0);
        assert!((1..100).all(|caller| flights.join("key", caller) == Role::Follow));
        assert_eq!(flights.len(), 1);
        assert_eq!(flights.land(&"key", ticket).len(), 100);
        assert!(flights.is_empty());
        let _ticket = lead(&mut flights, 0);
    }

    #[test]
    fn only_a_refresh_that_sent_nothing_ends_with_its_last_waiter() {
        let mut flights = Flights::new();
        let _dropped = lead(&mut flights, 1);
        assert_eq!(flights.join("key", 2), Role::Follow);
        assert_eq!(flights.leave(&"key", &1), Left::GoesOn);
        assert_eq!(flights.leave(&"key", &2), Left::Over);
        let ticket = lead(&mut flights, 3);
        assert!(flights.depart(&"key", &ticket));
        assert_eq!(flights.leave(&"key", &3), Left::GoesOn);
        assert!(flights.land(&"key", ticket).is_empty());
        assert_eq!(flights.leave(&"key", &3), Left::GoesOn);
    }

    /// It was past the point where it can be dropped when its last waiter left.
    #[test]
    fn a_refresh_that_is_over_neither_departs_nor_lands_for_the_next() {
        let mut flights = Flights::new();
        let first = lead(&mut flights, 1);
        assert_eq!(flights.leave(&"key", &1), Left::Over);
        assert!(!flights.depart(&"key", &first), "nobody is left");
        let second = lead(&mut flights, 2);
        assert!(!flights.depart(&"key", &first), "another one leads");
        assert!(flights.land(&"key", first).is_empty());
        assert_eq!(flights.join("key", 3), Role::Follow);
        assert_eq!(flights.leave(&"key", &3), Left::GoesOn);
        assert!(flights.depart(&"key", &second));
        assert_eq!(flights.land(&"key", second), [2]);
    }
}
