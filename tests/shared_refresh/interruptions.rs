//! What comes in between: sign-ins and sign-outs, other nodes, slow steps, stores that fail.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::Mutex;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Cause;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::outcome::Reason;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::step::Sent;
use oauth_proto::lease::step::Step;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;

use crate::HOLD;
use crate::node::LATE;
use crate::node::Reply;
use crate::node::at;
use crate::node::client;
use crate::node::granted;
use crate::node::key;
use crate::node::number;
use crate::node::refresh;
use crate::node::reply;
use crate::node::store;
use crate::node::tokens;

/// Does what each step asks for until a request leaves.
fn until_sent(refresh: Refresh, store: &mut MemoryStore) -> Sent {
    let mut step = refresh.begin();
    loop {
        step = match step {
            Step::Send(_, sent) => return sent,
            other => act(other, store),
        };
    }
}

fn to_the_end(mut step: Step, store: &mut MemoryStore) -> Outcome {
    loop {
        step = match step {
            Step::Done(outcome) => return outcome,
            other => act(other, store),
        };
    }
}

fn act(step: Step, store: &mut MemoryStore) -> Step {
    match step {
        Step::Get(key, getting) => getting.got(LATE, store.get(&key).unwrap()),
        Step::Lease(key, hold, leasing) => {
            leasing.leased(LATE, store.lease(LATE, &key, hold).unwrap())
        }
        Step::Set(key, epoch, setting) => {
            let is_written = store.compare_and_set(&key, epoch, Some(setting.record()));
            setting.set(LATE, is_written.unwrap())
        }
        Step::Wait(_, paused) => paused.wake(LATE),
        other => panic!("not expected: {other:?}"),
    }
}

fn answered(sent: Sent, reply: Reply, store: &mut MemoryStore) -> Outcome {
    to_the_end(sent.answer(LATE, &reply.unwrap()), store)
}

#[test]
fn nothing_brings_back_what_was_forgotten() {
    let mut store = store();
    let sent = until_sent(refresh(), &mut store);
    store.forget(LATE, &key()).unwrap();
    let outcome = answered(sent, granted(2), &mut store);
    let needs_sign_in = matches!(outcome, Outcome::Permanent(Reason::NeedsSignIn));
    assert!(needs_sign_in, "{outcome:?}");
    assert_eq!(store.get(&key()).unwrap(), None);
    assert_eq!(store.keys().count(), 0);
}

/// A sign-in that took the place of tokens has none to take the place of any more.
#[test]
fn nothing_is_put_in_the_place_of_what_was_forgotten() {
    let grant = || Grant::extension(&client(), "urn:example:code").unwrap();
    let code = || Refresh::new(&client(), &key(), Renewal::code(grant()));
    let mut store = store();
    let sent = until_sent(code(), &mut store);
    store.forget(LATE, &key()).unwrap();
    let outcome = answered(sent, granted(2), &mut store);
    let needs_sign_in = matches!(outcome, Outcome::Permanent(Reason::NeedsSignIn));
    assert!(needs_sign_in, "{outcome:?}");
    assert_eq!(store.get(&key()).unwrap(), None);

    // Another's refresh is no sign-out.
    let mut store = self::store();
    let sent = until_sent(code(), &mut store);
    let other = store.lease(LATE, &key(), Hold::Seize(HOLD)).unwrap();
    let record = Record::new(tokens(7));
    store
        .compare_and_set(&key(), other.unwrap(), Some(&record))
        .unwrap();
    let outcome = answered(sent, granted(2), &mut store);
    assert_eq!(number(&outcome), Some(2), "{outcome:?}");
    let kept = store.get(&key()).unwrap().unwrap();
    assert_eq!(kept.tokens(), outcome.tokens());
}

#[test]
fn a_sign_in_comes_before_any_refresh() {
    for reply in [granted(2), reply(400, r#"{"error":"invalid_grant"}"#)] {
        let mut store = store();
        let sent = until_sent(refresh(), &mut store);
        // Received an hour and more after the first ones, so that they are fresh.
        let new = serde_json::to_string(&tokens(7)).unwrap();
        let new = new
            .replace("1800000000", "1800004000")
            .replace("1800003600", "1800007600");
        store
            .sign_in(LATE, &key(), serde_json::from_str(&new).unwrap())
            .unwrap();
        let outcome = answered(sent, reply, &mut store);
        assert_eq!(number(&outcome), Some(7), "{outcome:?}");
        assert!(!store.get(&key()).unwrap().unwrap().is_dead());
    }
}

/// The lease of the first node lapses while its answer is on the way, the second one is told that the
/// token is dead, and the first one then has what took its place.
#[test]
fn tokens_in_hand_outlive_a_death_that_another_node_was_told_of() {
    let mut store = store();
    let slow = until_sent(refresh(), &mut store);
    store
        .lease(LATE, &key(), Hold::Seize(Duration::ZERO))
        .unwrap();
    let second = until_sent(refresh(), &mut store);
    let dead = reply(400, r#"{"error":"invalid_grant"}"#);
    let outcome = answered(second, dead, &mut store);
    assert!(matches!(outcome, Outcome::Permanent(_)), "{outcome:?}");
    let outcome = answered(slow, granted(2), &mut store);
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    let kept = store.get(&key()).unwrap().unwrap();
    assert_eq!((number(&outcome), kept.is_dead()), (Some(2), false));
}

#[test]
fn a_slow_node_extends_its_lease_before_it_sends() {
    let mut holds = Vec::new();
    let mut store = store();
    let mut now = LATE;
    let mut step = refresh().begin();
    let sent = loop {
        now = now.saturating_add(Duration::from_secs(8));
        step = match step {
            Step::Get(key, getting) => getting.got(now, store.get(&key).unwrap()),
            Step::Lease(key, hold, leasing) => {
                holds.push(hold);
                leasing.leased(now, store.lease(now, &key, hold).unwrap())
            }
            Step::Send(_, sent) => break sent,
            other => panic!("not expected: {other:?}"),
        };
    };
    let is_extended = matches!(holds[..], [Hold::Take(HOLD), Hold::Extend(_, HOLD)]);
    assert!(is_extended, "{holds:?}");
    drop(sent);
}

/// The moves of a refresh whose store takes this long for each lease, until it sends or is over.
fn with_slow_leases(mut delays: impl Iterator<Item = u64>) -> (Vec<Hold>, Step) {
    let mut holds = Vec::new();
    let mut store = store();
    let mut now = LATE;
    let mut step = refresh().begin();
    loop {
        step = match step {
            Step::Get(key, getting) => getting.got(now, store.get(&key).unwrap()),
            Step::Lease(key, hold, leasing) => {
                holds.push(hold);
                let epoch = store.lease(now, &key, hold).unwrap();
                now = now.saturating_add(Duration::from_secs(delays.next().unwrap_or(0)));
                leasing.leased(now, epoch)
            }
            last => return (holds, last),
        };
    }
}

/// The store counts a lease from its own beginning, long before the node hears of it.
#[test]
fn a_lease_is_as_old_as_the_request_for_it() {
    for (delays, extensions) in [
        (vec![10], 0),
        (vec![11], 1),
        (vec![25, 10], 1),
        (vec![25, 25], 2),
    ] {
        let (holds, step) = with_slow_leases(delays.clone().into_iter());
        assert_eq!(holds.len() - 1, extensions, "{delays:?} {holds:?}");
        assert!(matches!(step, Step::Send(..)), "{step:?}");
    }
    // Another node may be at it by now.
    let (holds, step) = with_slow_leases(std::iter::repeat(25));
    let Step::Done(outcome) = step else {
        panic!("{step:?}");
    };
    let is_busy = matches!(&outcome, Outcome::Transient(it) if matches!(it.cause, Cause::Busy));
    assert!(is_busy, "{outcome:?}");
    assert!(matches!(holds.last(), Some(Hold::Release(_))), "{holds:?}");
    assert!(holds.len() < 10, "{holds:?}");
}

/// A store that fails as it is told to, after it has done what was asked.
struct Failing {
    store: MemoryStore,
    writes: VecDeque<bool>,
}

impl Store for Failing {
    type Error = &'static str;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, &'static str> {
        Ok(self.store.get(key).unwrap())
    }

    fn lease(
        &mut self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, &'static str> {
        Ok(self.store.lease(now, key, hold).unwrap())
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, &'static str> {
        match self.writes.pop_front() {
            Some(false) => Err("the disk is full"),
            Some(true) => {
                self.store.compare_and_set(key, epoch, record).unwrap();
                Err("the connection broke")
            }
            None => Ok(self.store.compare_and_set(key, epoch, record).unwrap()),
        }
    }
}

fn run_failing(writes: Vec<bool>) -> (Result<Outcome, &'static str>, Failing) {
    let writes = writes.into();
    let store = store();
    let mut failing = Failing { store, writes };
    let send = |_| granted(2).ok_or(());
    let outcome = drive::blocking(refresh(), &mut failing, || LATE, send, |_| {});
    (outcome, failing)
}

#[test]
fn new_tokens_are_written_again_where_the_store_fails() {
    for writes in [vec![false], vec![true], vec![false, true, false]] {
        let (outcome, mut failing) = run_failing(writes);
        let outcome = outcome.unwrap();
        assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
        let kept = failing.get(&key()).unwrap().unwrap();
        assert_eq!(kept.tokens(), outcome.tokens());
    }
}

#[test]
fn what_cannot_be_written_is_handed_out_by_another_name() {
    let (outcome, mut failing) = run_failing(vec![false; 100]);
    let outcome = outcome.unwrap();
    assert!(matches!(outcome, Outcome::Unsaved(_)), "{outcome:?}");
    assert_eq!(number(&outcome), Some(2));
    let kept = failing.get(&key()).unwrap().unwrap();
    assert_eq!(kept.tokens(), Some(&tokens(1)));
    assert!(failing.writes.len() > 50, "it gives up in the end");
}

/// The wait for a node that had crashed is not taken from the time that the write has.
#[test]
fn new_tokens_have_a_patience_of_their_own() {
    let mut store = store();
    store.lease(LATE, &key(), Hold::Take(HOLD)).unwrap();
    let writes = vec![false; 8].into();
    let mut failing = Failing { store, writes };
    let slept = std::cell::Cell::new(Duration::ZERO);
    let now = || LATE.saturating_add(slept.get());
    let sleep = |pause| slept.set(slept.get() + pause);
    let send = |_| granted(2).ok_or(());
    let outcome = drive::blocking(refresh(), &mut failing, now, send, sleep).unwrap();
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    let kept = failing.get(&key()).unwrap().unwrap();
    assert_eq!(kept.tokens(), outcome.tokens());
    assert!(slept.get() > Duration::from_secs(50), "{slept:?}");
}

#[test]
fn a_store_that_cannot_be_read_is_an_error_and_nothing_is_sent() {
    struct Broken;
    impl Store for Broken {
        type Error = &'static str;

        fn get(&mut self, _: &Key) -> Result<Option<Record>, &'static str> {
            Err("no such table")
        }

        fn lease(&mut self, _: UnixTime, _: &Key, _: Hold) -> Result<Option<Epoch>, &'static str> {
            Err("no such table")
        }

        fn compare_and_set(
            &mut self,
            _: &Key,
            _: Epoch,
            _: Option<&Record>,
        ) -> Result<bool, &'static str> {
            Err("no such table")
        }
    }
    let send = |request| -> Result<_, ()> { panic!("{request:?}") };
    let result = drive::blocking(refresh(), &mut Broken, || LATE, send, |_| {});
    assert_eq!(result.unwrap_err(), "no such table");
}

#[test]
fn the_async_driver_does_the_same_and_can_be_a_task() {
    fn is_send<T: Send>(task: T) -> T {
        task
    }
    let shared = Mutex::new(store());
    let mut replies = VecDeque::from([None, granted(2)]);
    let send = |_| ready(replies.pop_front().flatten().ok_or(()));
    let task = drive::asynchronous(refresh(), &shared, || LATE, send, |_| ready(()));
    let Ok(outcome) = pollster::block_on(is_send(task));
    assert_eq!(number(&outcome), Some(2));
    let kept = shared.lock().unwrap().get(&key()).unwrap().unwrap();
    assert_eq!(kept.tokens(), outcome.tokens());
}

#[test]
fn no_step_prints_a_secret() {
    let mut store = store();
    let mut step = refresh().begin();
    let mut printed = String::new();
    loop {
        printed += &format!("{step:?}\n");
        step = match step {
            Step::Send(_, sent) => sent.answer(at(4_000), &granted(2).unwrap()),
            Step::Done(outcome) => {
                printed += &format!("{outcome:?} {store:?}");
                break;
            }
            other => act(other, &mut store),
        };
    }
    for secret in ["acc355", "refr35h", "s3cret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
