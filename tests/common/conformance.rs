//! What every store must do, whatever it keeps things in. Where a node has a clock of its own, it is
//! handed to the store; a store that has one goes by that, so time passes for both alike.

use std::fmt::Debug;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

const SHORT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(60);

/// Holds a store to its contract. `pass` lets time pass, and says what time it is then.
pub(crate) fn conforms<S: Store<Error: Debug>>(
    store: &mut S,
    mut pass: impl FnMut(Duration) -> UnixTime,
) {
    let now = pass(Duration::ZERO);
    keeps_each_key_apart(store, now);
    leases_to_one_at_a_time(store, now);
    ends_a_lease_in_its_time(store, pass);
    refuses_who_came_before(store, now);
    does_not_bring_back_what_is_forgotten(store, now);
    keeps_what_a_refresh_leaves_behind(store, now);
}

pub(crate) fn key(grant: &str) -> Key {
    let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
    let client = Client::new(metadata, "app", Authentication::None).unwrap();
    Key::new(&client, grant)
}

pub(crate) fn tokens() -> Tokens {
    let text = include_str!("../vectors/stored/tokens-v1-full.json");
    serde_json::from_str(text).unwrap()
}

fn other_tokens() -> Tokens {
    let text = include_str!("../vectors/stored/tokens-v1-least.json");
    serde_json::from_str(text).unwrap()
}

fn keeps_each_key_apart<S: Store<Error: Debug>>(store: &mut S, now: UnixTime) {
    // What a pattern, a path or a separator might be taken for.
    let odd = [
        "ada", "ADA", "ad*", "a:b", "../ada", "ä {1}", "a\"\\,b", "\n\0",
    ];
    for grant in odd {
        assert_eq!(store.get(&key(grant)).unwrap(), None, "{grant:?}");
        store.sign_in(now, &key(grant), tokens()).unwrap();
    }
    store.sign_in(now, &key("ada"), other_tokens()).unwrap();
    store.forget(now, &key("a:b")).unwrap();
    for grant in odd {
        let expected = match grant {
            "ada" => Some(Record::new(other_tokens())),
            "a:b" => None,
            _ => Some(Record::new(tokens())),
        };
        assert_eq!(store.get(&key(grant)).unwrap(), expected, "{grant:?}");
    }
}

fn leases_to_one_at_a_time<S: Store<Error: Debug>>(store: &mut S, now: UnixTime) {
    let (one, other) = (key("leased"), key("leased beside it"));
    let mut lease = |key: &Key, hold| store.lease(now, key, hold).unwrap();
    let first = lease(&one, Hold::Take(LONG)).unwrap();
    assert_eq!(lease(&one, Hold::Take(LONG)), None);
    assert!(lease(&other, Hold::Take(LONG)).is_some());
    assert_eq!(lease(&one, Hold::Extend(first, LONG)), Some(first));
    assert_eq!(lease(&one, Hold::Extend(first.next(), LONG)), None);
    assert_eq!(lease(&one, Hold::Release(first.next())), None);
    assert_eq!(lease(&one, Hold::Take(LONG)), None);

    assert_eq!(lease(&one, Hold::Release(first)), Some(first));
    let second = lease(&one, Hold::Take(LONG)).unwrap();
    let third = lease(&one, Hold::Seize(LONG)).unwrap();
    assert!(first < second && second < third);
    assert_eq!(lease(&one, Hold::Extend(second, LONG)), None);
    assert_eq!(lease(&one, Hold::Take(LONG)), None);
}

fn ends_a_lease_in_its_time<S: Store<Error: Debug>>(
    store: &mut S,
    mut pass: impl FnMut(Duration) -> UnixTime,
) {
    let key = key("lapses");
    let first = store.lease(pass(Duration::ZERO), &key, Hold::Take(SHORT));
    let first = first.unwrap().unwrap();
    let now = pass(SHORT);
    // Lapsed, and nobody came after it.
    let hold = Hold::Extend(first, SHORT);
    assert_eq!(store.lease(now, &key, hold).unwrap(), Some(first));
    assert_eq!(store.lease(now, &key, Hold::Take(SHORT)).unwrap(), None);
    let now = pass(SHORT);
    let second = store.lease(now, &key, Hold::Take(LONG)).unwrap().unwrap();
    assert!(second > first);
    assert_eq!(store.lease(now, &key, hold).unwrap(), None);
}

fn refuses_who_came_before<S: Store<Error: Debug>>(store: &mut S, now: UnixTime) {
    let key = key("fenced");
    let (old, new) = (Record::new(other_tokens()), Record::new(tokens()));
    let stale = store.lease(now, &key, Hold::Take(LONG)).unwrap().unwrap();
    let current = store.lease(now, &key, Hold::Seize(LONG)).unwrap().unwrap();
    let mut set = |epoch, record| store.compare_and_set(&key, epoch, record).unwrap();
    assert!(set(current, Some(&new)));
    assert!(!set(stale, Some(&old)));
    assert!(!set(stale, None));
    assert!(!set(current.next(), Some(&old)));
    // An answer was lost, and the write is repeated.
    assert!(set(current, Some(&new)));
    assert_eq!(store.get(&key).unwrap(), Some(new));
    // The write has ended the lease.
    assert!(store.lease(now, &key, Hold::Take(LONG)).unwrap() > Some(current));
}

fn does_not_bring_back_what_is_forgotten<S: Store<Error: Debug>>(store: &mut S, now: UnixTime) {
    let key = key("forgotten");
    store.sign_in(now, &key, tokens()).unwrap();
    let under_way = store.lease(now, &key, Hold::Take(LONG)).unwrap().unwrap();
    store.forget(now, &key).unwrap();
    let late = Record::new(other_tokens());
    assert!(!store.compare_and_set(&key, under_way, Some(&late)).unwrap());
    assert_eq!(store.get(&key).unwrap(), None);
    let next = store.lease(now, &key, Hold::Take(LONG)).unwrap();
    assert!(next > Some(under_way), "a delete does not reset the epoch");
}

fn keeps_what_a_refresh_leaves_behind<S: Store<Error: Debug>>(store: &mut S, now: UnixTime) {
    let key = key("halted");
    for text in [
        include_str!("../vectors/stored/record-v1-dead.json"),
        include_str!("../vectors/stored/record-v1-held-back.json"),
        include_str!("../vectors/stored/record-v1-refused.json"),
    ] {
        let record: Record = serde_json::from_str(text).unwrap();
        let epoch = store.lease(now, &key, Hold::Take(LONG)).unwrap().unwrap();
        assert!(store.compare_and_set(&key, epoch, Some(&record)).unwrap());
        assert_eq!(store.get(&key).unwrap(), Some(record));
    }
}
