//! Whose turn it is: issuers in a ring, each with a queue and a rate.

use std::collections::HashMap;
use std::sync::Arc;

use crate::lease::scheduler::outage::Outage;
use crate::lease::scheduler::rate::Credit;
use crate::lease::scheduler::rate::Rate;
use crate::lease::scheduler::slab::List;
use crate::lease::scheduler::slab::Place;
use crate::lease::scheduler::slab::Slab;
use crate::lease::scheduler::wheel::Wheel;
use crate::lease::terms::Terms;

/// The issuers that have grants.
///
/// One that has something in its queue is in the ring while it has credit and is not down, and in the
/// wheel until then. The others are in neither.
#[derive(Debug)]
pub(super) struct Issuers {
    rate: Rate,
    rates: HashMap<Arc<str>, Rate>,
    numbers: HashMap<Arc<str>, u32>,
    issuers: Slab<Issuer>,
    ring: List,
    wheel: Wheel,
}

#[derive(Debug)]
struct Issuer {
    name: Arc<str>,
    grants: u32,
    /// Through the places of the grants.
    queue: List,
    credit: Credit,
    outage: Outage,
}

impl Issuers {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            rates: HashMap::new(),
            numbers: HashMap::new(),
            issuers: Slab::new(),
            ring: List::EMPTY,
            wheel: Wheel::new(),
        }
    }

    pub(super) const fn set_rate(&mut self, rate: Rate) {
        self.rate = rate;
    }

    pub(super) fn set_rate_of(&mut self, issuer: &str, rate: Rate) {
        self.rates.insert(issuer.into(), rate);
    }

    /// Counts one more grant of this issuer. None where there are too many issuers.
    pub(super) fn join(&mut self, name: &str, now: u64) -> Option<u32> {
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            let rate = *self.rates.get(name).unwrap_or(&self.rate);
            let name: Arc<str> = name.into();
            let number = self.issuers.insert(Issuer {
                name: name.clone(),
                grants: 0,
                queue: List::EMPTY,
                credit: Credit::full(rate, now),
                outage: Outage::default(),
            })?;
            self.numbers.insert(name, number);
            number
        };
        self.issuers.get_mut(number)?.grants += 1;
        Some(number)
    }

    /// Counts one less, which is not in the queue any more.
    pub(super) fn leave(&mut self, number: u32) {
        let Some(issuer) = self.issuers.get_mut(number) else {
            return;
        };
        issuer.grants -= 1;
        if issuer.grants == 0 {
            self.numbers.remove(&issuer.name);
            self.issuers.remove(number);
        }
    }

    /// Appends a grant to the queue of its issuer.
    pub(super) fn queue<G>(&mut self, grants: &mut Slab<G>, number: u32, grant: u32, now: u64) {
        let Some(issuer) = self.issuers.get_mut(number) else {
            return;
        };
        let was_empty = issuer.queue.is_empty();
        grants.push(&mut issuer.queue, grant, Place::Queue);
        if was_empty {
            self.place(number, now);
        }
    }

    /// Takes a grant out of the queue of its issuer.
    pub(super) fn unqueue<G>(&mut self, grants: &mut Slab<G>, number: u32, grant: u32) {
        let Some(issuer) = self.issuers.get_mut(number) else {
            return;
        };
        grants.unlink(&mut issuer.queue, grant);
        if issuer.queue.is_empty() {
            self.displace(number);
        }
    }

    /// Lets those into the ring who have credit again.
    pub(super) fn wake(&mut self, now: u64, work: &mut u32) {
        while let Some(number) = self.wheel.expire(&mut self.issuers, now, work) {
            self.issuers.push(&mut self.ring, number, Place::Queue);
        }
    }

    /// The grant whose turn it is.
    pub(super) fn first(&self) -> Option<u32> {
        let issuer = self.issuers.get(self.ring.first()?)?;
        issuer.queue.first()
    }

    /// Takes [`first`](Self::first) out of its queue at its issuer's cost, and moves the ring on.
    pub(super) fn take<G>(&mut self, grants: &mut Slab<G>, now: u64, patience: u64) {
        let Some(number) = self.issuers.pop(&mut self.ring) else {
            return;
        };
        if let Some(issuer) = self.issuers.get_mut(number) {
            if let Some(grant) = grants.pop(&mut issuer.queue) {
                issuer.outage.give_out(grant, now, patience);
            }
            issuer.credit.spend(now);
        }
        self.place(number, now);
    }

    /// A turn of this grant got no verdict of its issuer.
    pub(super) fn fail(&mut self, number: u32, grant: u32, now: u64, terms: &Terms) {
        if let Some(issuer) = self.issuers.get_mut(number) {
            issuer.outage.fail(grant, now, terms, &*issuer.name);
            self.move_over(number, now);
        }
    }

    /// A turn of this grant ended, and said nothing of its issuer.
    pub(super) fn release(&mut self, number: u32, grant: u32, now: u64) {
        let issuer = self.issuers.get_mut(number);
        if issuer.is_some_and(|issuer| issuer.outage.release(grant, now)) {
            self.move_over(number, now);
        }
    }

    /// An issuer has given new tokens, or refused them.
    pub(super) fn recover(&mut self, number: u32, now: u64) {
        let issuer = self.issuers.get_mut(number);
        if issuer.is_some_and(|issuer| issuer.outage.recover(now)) {
            self.move_over(number, now);
        }
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<u64> {
        let is_now = self.ring.first().map(|_| 0);
        is_now.or_else(|| self.wheel.next())
    }

    /// Puts an issuer, which is in neither, into the ring or the wheel.
    fn place(&mut self, number: u32, now: u64) {
        let issuer = self.issuers.get_mut(number);
        let Some(issuer) = issuer.filter(|issuer| !issuer.queue.is_empty()) else {
            return;
        };
        let at = issuer.outage.next(issuer.credit.next(now));
        if let Some(node) = self.issuers.node_mut(number) {
            node.at = at;
        }
        if at <= now || !self.wheel.insert(&mut self.issuers, number) {
            self.issuers.push(&mut self.ring, number, Place::Queue);
        }
    }

    fn move_over(&mut self, number: u32, now: u64) {
        self.displace(number);
        self.place(number, now);
    }

    fn displace(&mut self, number: u32) {
        match self.issuers.node(number).map(|node| node.place) {
            Some(Place::Queue) => self.issuers.unlink(&mut self.ring, number),
            Some(Place::Bucket(_)) => self.wheel.remove(&mut self.issuers, number),
            Some(Place::Nowhere) | None => {}
        }
    }
}
