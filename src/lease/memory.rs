//! A store in memory: for one process, and for tests.

use std::convert::Infallible;
use std::future::Future;
use std::future::ready;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::base::time::UnixTime;
use crate::lease::entries::Entries;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::store::AsyncStore;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::store::Store;

/// A store in memory. It forgets everything with the process, and never fails.
///
/// A key that is forgotten leaves nothing behind but one epoch for all of them, so that a late write stays
/// refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryStore {
    entries: Entries<Record>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Entries::new(),
        }
    }

    /// The keys that have a record, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.entries.keys()
    }

    /// Forgets everything, the epochs too. No refresh may be under way.
    pub fn clear(&mut self) {
        self.entries = Entries::new();
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Infallible> {
        Ok(self.entries.record(key).cloned())
    }

    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Result<Option<Epoch>, Infallible> {
        Ok(self.entries.lease(now, key, hold))
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Infallible> {
        Ok(self.entries.set(key, epoch, record.cloned()))
    }
}

/// For tasks: each effect is a moment under the lock.
impl AsyncStore for Mutex<MemoryStore> {
    type Error = Infallible;

    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Record>, Infallible>> + Send {
        ready(locked(self).get(key))
    }

    fn lease(
        &self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> impl Future<Output = Result<Option<Epoch>, Infallible>> + Send {
        ready(locked(self).lease(now, key, hold))
    }

    fn compare_and_set(
        &self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> impl Future<Output = Result<bool, Infallible>> + Send {
        ready(locked(self).compare_and_set(key, epoch, record))
    }
}

/// What is behind the lock is whole between any two lines.
fn locked(store: &Mutex<MemoryStore>) -> MutexGuard<'_, MemoryStore> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
