//! What a store has under its keys: what those in memory and in a file have in common.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::lease::key::Key;
use crate::lease::store::Entry;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;

/// The entries of a store. Those that have neither a record nor a lease are not kept: one epoch, which is
/// no smaller than any of theirs, stands for them all, so that a late write stays refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entries<R> {
    v: Version<1>,
    #[serde(default, skip_serializing_if = "is_first")]
    floor: Epoch,
    entries: BTreeMap<Key, Entry<R>>,
}

impl<R> Entries<R> {
    pub(crate) const fn new() -> Self {
        Self {
            v: Version,
            floor: Epoch::new(0),
            entries: BTreeMap::new(),
        }
    }

    /// The keys that have a record, in their order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        let kept = |(key, entry): (_, &Entry<R>)| entry.record.is_some().then_some(key);
        self.entries.iter().filter_map(kept)
    }

    pub(crate) fn record(&self, key: &Key) -> Option<&R> {
        self.entries.get(key)?.record.as_ref()
    }

    /// None where nothing was changed.
    pub(crate) fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Option<Epoch> {
        self.change(key, |entry| entry.lease(now, hold))
    }

    /// Nothing was changed where it was not set.
    pub(crate) fn set(&mut self, key: &Key, epoch: Epoch, record: Option<R>) -> bool {
        self.change(key, |entry| entry.set(epoch, record))
    }

    /// Forgets leases that have lapsed where there is no record: of sign-ins that came to nothing.
    #[cfg(feature = "file-store")]
    pub(crate) fn forget_lapsed(&mut self, now: UnixTime) {
        let floor = &mut self.floor;
        self.entries.retain(|_, entry| {
            let is_kept = entry.record.is_some() || entry.is_held(now);
            if !is_kept {
                *floor = entry.epoch.max(*floor);
            }
            is_kept
        });
    }

    fn change<T>(&mut self, key: &Key, change: impl FnOnce(&mut Entry<R>) -> T) -> T {
        let entry = self.entries.remove(key);
        let mut entry = entry.unwrap_or_else(|| Entry::after(self.floor));
        let changed = change(&mut entry);
        if entry.is_empty() {
            self.floor = self.floor.max(entry.epoch);
        } else {
            self.entries.insert(key.clone(), entry);
        }
        changed
    }
}

impl<R> Default for Entries<R> {
    fn default() -> Self {
        Self::new()
    }
}

fn is_first(floor: &Epoch) -> bool {
    *floor == Epoch::default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::uri::UriPolicy;
    use crate::domain::authentication::Authentication;
    use crate::domain::client::Client;
    use crate::domain::metadata::Metadata;

    const HOLD: Duration = Duration::from_secs(30);
    const NOW: UnixTime = UnixTime::from_secs(100);

    fn key(grant: &str) -> Key {
        let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
        let client = Client::new(metadata, "app", Authentication::None).unwrap();
        Key::new(&client, grant)
    }

    #[test]
    fn what_is_forgotten_leaves_one_epoch_for_all() {
        let mut entries = Entries::new();
        let mut stale = Vec::new();
        for grant in 0..100 {
            let key = key(&grant.to_string());
            let late = entries.lease(NOW, &key, Hold::Take(HOLD)).unwrap();
            let last = entries.lease(NOW, &key, Hold::Seize(HOLD)).unwrap();
            assert!(entries.set(&key, last, Some("record")));
            let last = entries.lease(NOW, &key, Hold::Seize(HOLD)).unwrap();
            assert!(entries.set(&key, last, None));
            assert!(entries.set(&key, last, None), "the answer was lost");
            stale.push((key, late));
        }
        assert_eq!(entries.entries.len(), 0);
        for (key, late) in stale {
            assert!(!entries.set(&key, late, Some("late")));
            assert_eq!(entries.lease(NOW, &key, Hold::Extend(late, HOLD)), None);
            assert_eq!(entries.lease(NOW, &key, Hold::Release(late)), None);
            let next = entries.lease(NOW, &key, Hold::Take(HOLD)).unwrap();
            assert!(next > late);
            assert_eq!(entries.lease(NOW, &key, Hold::Release(next)), Some(next));
        }
        assert_eq!(entries.entries.len(), 0);
    }

    #[cfg(feature = "file-store")]
    #[test]
    fn a_lease_that_lapsed_is_forgotten_and_its_epoch_is_not() {
        let mut entries = Entries::<()>::new();
        let late = entries.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
        entries.forget_lapsed(NOW);
        assert_eq!(entries.entries.len(), 1);
        entries.forget_lapsed(NOW.saturating_add(HOLD));
        assert_eq!(entries.entries.len(), 0);
        let next = entries.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
        assert!(next > late);
        assert!(!entries.set(&key("ada"), late, Some(())));
    }

    #[test]
    fn a_lease_and_a_record_are_kept() {
        let mut entries = Entries::new();
        let epoch = entries.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
        assert_eq!(entries.lease(NOW, &key("ada"), Hold::Take(HOLD)), None);
        assert!(entries.set(&key("ada"), epoch, Some("record")));
        assert_eq!(entries.record(&key("ada")), Some(&"record"));
        assert_eq!(entries.keys().count(), 1);
        assert_eq!(entries.floor, Epoch::default());
    }
}
