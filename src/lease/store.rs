//! What a refresh asks of a store: three effects on data, which a map, a file, a Redis or an SQL table
//! can all do.
//!
//! | Effect | Meaning |
//! | --- | --- |
//! | get | the record of a key, or that there is none |
//! | lease | for a while, one node alone refreshes a key; each lease has a greater epoch than the last |
//! | compare and set | write or delete, if no lease with a greater epoch was given |
//!
//! The epoch is a fence: a node that was asleep while its lease lapsed and another node went on cannot
//! undo what that one did, neither by a write nor by a delete.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::base::time::UnixTime;
use crate::domain::token::Tokens;
use crate::lease::key::Key;
use crate::lease::record::Record;

/// Which lease of a key: each is greater than all before it, also where the record was deleted in
/// between.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// From a store's own counter.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number that a store keeps.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What is asked of the lease of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must answer every one")]
pub enum Hold {
    /// A new lease for this long, unless one is in force.
    Take(Duration),
    /// A new lease for this long, whoever has one: for a sign-in and a sign-out, which come before
    /// any refresh.
    Seize(Duration),
    /// This lease for so long from now, unless another came after it.
    Extend(Epoch, Duration),
    /// The end of this lease, unless another came after it.
    Release(Epoch),
}

/// A store, for the blocking driver.
pub trait Store {
    /// Why an effect failed.
    type Error;

    /// The record of a key.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    fn get(&mut self, key: &Key) -> Result<Option<Record>, Self::Error>;

    /// Takes, extends or releases the lease of a key. None where another node has it.
    ///
    /// `now` is the node's clock; a store with a clock of its own goes by that. A lease may begin at any
    /// moment between `now` and the answer.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold)
    -> Result<Option<Epoch>, Self::Error>;

    /// Writes the record, or deletes it, and releases the lease: if `epoch` is the greatest that was
    /// given for this key. Whether it did.
    ///
    /// # Errors
    ///
    /// Where the store fails. It may have written all the same; the call is repeated then.
    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Self::Error>;

    /// Keeps the tokens of a new sign-in, whatever was kept before.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    fn sign_in(&mut self, now: UnixTime, key: &Key, tokens: Tokens) -> Result<(), Self::Error> {
        replace(self, now, key, Some(&Record::new(tokens)))
    }

    /// Forgets the tokens. What is under way cannot bring them back, or others in their place: no refresh, and
    /// no sign-in that began while there were any. One that began while there were none (the first fetch, the
    /// first device) cannot tell this from another that began after it, and puts its own there.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    fn forget(&mut self, now: UnixTime, key: &Key) -> Result<(), Self::Error> {
        replace(self, now, key, None)
    }
}

/// Puts a record, or none, in the place of whatever is there. Where it is refused, another one came after
/// it, and wins.
fn replace<S: Store + ?Sized>(
    store: &mut S,
    now: UnixTime,
    key: &Key,
    record: Option<&Record>,
) -> Result<(), S::Error> {
    if let Some(epoch) = store.lease(now, key, Hold::Seize(MOMENT))? {
        store.compare_and_set(key, epoch, record)?;
    }
    Ok(())
}

/// A store, for the async driver: that in memory is one behind a `Mutex`. The stores in a file and in Redis
/// block, and are used by tasks through `transport::blocking::Blocking`.
pub trait AsyncStore {
    /// Why an effect failed.
    type Error;

    /// As [`Store::get`].
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Record>, Self::Error>> + Send;

    /// As [`Store::lease`].
    fn lease(
        &self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> impl Future<Output = Result<Option<Epoch>, Self::Error>> + Send;

    /// As [`Store::compare_and_set`].
    fn compare_and_set(
        &self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// As [`Store::sign_in`].
    fn sign_in(
        &self,
        now: UnixTime,
        key: &Key,
        tokens: Tokens,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send
    where
        Self: Sync,
    {
        async move { replace_async(self, now, key, Some(&Record::new(tokens))).await }
    }

    /// As [`Store::forget`].
    fn forget(
        &self,
        now: UnixTime,
        key: &Key,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send
    where
        Self: Sync,
    {
        replace_async(self, now, key, None)
    }
}

/// As [`replace`].
async fn replace_async<S: AsyncStore + Sync + ?Sized>(
    store: &S,
    now: UnixTime,
    key: &Key,
    record: Option<&Record>,
) -> Result<(), S::Error> {
    let epoch = store.lease(now, key, Hold::Seize(MOMENT)).await?;
    if let Some(epoch) = epoch {
        store.compare_and_set(key, epoch, record).await?;
    }
    Ok(())
}

/// A store that several tasks have.
impl<S: AsyncStore> AsyncStore for Arc<S> {
    type Error = S::Error;

    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Record>, Self::Error>> + Send {
        S::get(self, key)
    }

    fn lease(
        &self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> impl Future<Output = Result<Option<Epoch>, Self::Error>> + Send {
        S::lease(self, now, key, hold)
    }

    fn compare_and_set(
        &self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        S::compare_and_set(self, key, epoch, record)
    }
}

/// How long a sign-in holds the lease for its one write. A bound of this crate.
const MOMENT: Duration = Duration::from_secs(5);

/// One key's place in a store: its record, and its lease. What the stores of this crate have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry<R> {
    pub(crate) epoch: Epoch,
    /// When the lease was given or extended, and until when it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<(UnixTime, UnixTime)>,
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<R>,
}

impl<R> Default for Entry<R> {
    fn default() -> Self {
        Self {
            epoch: Epoch::default(),
            held: None,
            record: None,
        }
    }
}

impl<R> Entry<R> {
    /// One without anything, whose next lease has a greater epoch than this.
    pub(crate) fn after(epoch: Epoch) -> Self {
        Self {
            epoch,
            ..Self::default()
        }
    }

    /// Whether it has neither a record nor a lease, lapsed or in force.
    pub(crate) const fn is_empty(&self) -> bool {
        self.record.is_none() && self.held.is_none()
    }

    pub(crate) fn with_record(record: Option<R>) -> Self {
        Self {
            record,
            ..Self::default()
        }
    }

    pub(crate) fn lease(&mut self, now: UnixTime, hold: Hold) -> Option<Epoch> {
        match hold {
            Hold::Take(_) if self.is_held(now) => return None,
            Hold::Extend(epoch, _) | Hold::Release(epoch) if epoch != self.epoch => return None,
            Hold::Take(_) | Hold::Seize(_) => self.epoch = self.epoch.next(),
            Hold::Extend(..) | Hold::Release(_) => {}
        }
        self.held = match hold {
            Hold::Take(time) | Hold::Seize(time) | Hold::Extend(_, time) => {
                Some((now, now.saturating_add(time)))
            }
            Hold::Release(_) => None,
        };
        Some(self.epoch)
    }

    pub(crate) fn set(&mut self, epoch: Epoch, record: Option<R>) -> bool {
        let is_current = epoch == self.epoch;
        if is_current {
            self.record = record;
            self.held = None;
        }
        is_current
    }

    /// A lease from the future was given before the clock was set back, and has lapsed; from the near
    /// future, it was given to a node that asked a little later and was served first.
    pub(crate) fn is_held(&self, now: UnixTime) -> bool {
        self.held
            .is_some_and(|(since, until)| since.since(now) <= LAG && !now.has_reached(until))
    }
}

/// How long an effect may take from the node's clock to the store. A bound of this crate: longer than a
/// thread is waited for, and short beside the steps of a clock that was wrong.
const LAG: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Duration = Duration::from_secs(30);

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn one_lease_at_a_time_each_with_a_greater_epoch() {
        let mut entry = Entry::<()>::default();
        let first = entry.lease(at(100), Hold::Take(HOLD)).unwrap();
        assert_eq!(entry.lease(at(129), Hold::Take(HOLD)), None);
        let second = entry.lease(at(130), Hold::Take(HOLD)).unwrap();
        assert!(second > first);
        assert_eq!(entry.lease(at(131), Hold::Extend(first, HOLD)), None);
        assert_eq!(entry.lease(at(131), Hold::Release(first)), None);
        assert_eq!(
            entry.lease(at(150), Hold::Extend(second, HOLD)),
            Some(second)
        );
        assert_eq!(entry.lease(at(179), Hold::Take(HOLD)), None);
        assert_eq!(entry.lease(at(179), Hold::Release(second)), Some(second));
        assert!(entry.lease(at(179), Hold::Take(HOLD)).unwrap() > second);
        let seized = entry.lease(at(180), Hold::Seize(HOLD)).unwrap();
        assert_eq!(entry.lease(at(181), Hold::Take(HOLD)), None);
        assert!(entry.set(seized, Some(())));
    }

    #[test]
    fn a_stale_node_neither_writes_nor_deletes() {
        let mut entry = Entry::default();
        let stale = entry.lease(at(100), Hold::Take(HOLD)).unwrap();
        let current = entry.lease(at(200), Hold::Take(HOLD)).unwrap();
        assert!(entry.set(current, Some("new")));
        assert!(!entry.set(stale, Some("old")));
        assert!(!entry.set(stale, None));
        assert_eq!(entry.record, Some("new"));
        // Lapsed, and nobody came after it: it is not stale.
        assert!(entry.set(current, None));
        assert!(!entry.set(stale, Some("old")), "a delete does not reset it");
    }

    /// The clock is read before the store is reached.
    #[test]
    fn who_asked_first_and_comes_last_does_not_take_the_lease_away() {
        for (asked_at, is_held) in [(99, true), (70, true), (69, false)] {
            let mut entry = Entry::<()>::default();
            entry.lease(at(100), Hold::Take(HOLD)).unwrap();
            let other = entry.lease(at(asked_at), Hold::Take(HOLD));
            assert_eq!(other.is_none(), is_held, "{asked_at}");
        }
    }

    #[test]
    fn a_clock_set_back_does_not_prolong_a_lease() {
        let mut entry = Entry::<()>::default();
        entry.lease(at(100_000), Hold::Take(HOLD)).unwrap();
        assert!(entry.lease(at(10), Hold::Take(HOLD)).is_some());
        assert!(entry.lease(at(u64::MAX), Hold::Take(HOLD)).is_some());
    }
}
