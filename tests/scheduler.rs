//! The scheduler beside a naive one, which looks at every grant each time: the same grants, at the same
//! seconds, whatever the clock does.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::scheduler::RefreshScheduler;
use oauth_proto::lease::scheduler::Turn;
use oauth_proto::lease::scheduler::rate::Rate;
use oauth_proto::lease::scheduler::settled::Settled;
use oauth_proto::lease::terms::Terms;
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;

use crate::naive::Naive;

#[path = "scheduler/naive.rs"]
mod naive;

const ISSUERS: [&str; 3] = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
];

const START: u64 = 1_800_000_000;

const fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(START + seconds)
}

fn scheduler(seed: u64) -> RefreshScheduler<u32> {
    RefreshScheduler::new(Terms::new().with_seed(seed))
        .with_rate(Rate::new(3, Duration::from_secs(7)))
        .with_rate_of(ISSUERS[2], Rate::new(1, Duration::from_secs(1)))
        .with_idle(Duration::from_secs(3_000))
        .with_patience(Duration::from_secs(200))
}

#[derive(Clone, Debug)]
enum Move {
    Pass(u64),
    Jump(UnixTime),
    Insert(u32, usize, UnixTime),
    Cancel(u32),
    Touch(u32),
    Due(usize),
    Settle(prop::sample::Index, Settling),
}

#[derive(Clone, Debug)]
enum Settling {
    DueIn(u64),
    RetryIn(u64),
    NoVerdictIn(u64),
    Failed,
    Refused,
    Over,
    Ended,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let moment = prop_oneof![
        9 => (0_u64..9_000).prop_map(at),
        1 => any::<u64>().prop_map(UnixTime::from_secs),
    ];
    let settling = prop_oneof![
        (0_u64..5_000).prop_map(Settling::DueIn),
        (0_u64..5_000).prop_map(Settling::RetryIn),
        (0_u64..50).prop_map(Settling::NoVerdictIn),
        (0_u64..50).prop_map(Settling::NoVerdictIn),
        Just(Settling::Failed),
        Just(Settling::Refused),
        Just(Settling::Over),
        Just(Settling::Ended),
    ];
    let one = prop_oneof![
        6 => (0_u64..70).prop_map(Move::Pass),
        1 => (0_u64..5_000).prop_map(Move::Pass),
        1 => moment.clone().prop_map(Move::Jump),
        8 => (0_u32..24, 0_usize..3, moment).prop_map(|(key, issuer, due)| Move::Insert(key, issuer, due)),
        1 => (0_u32..24).prop_map(Move::Cancel),
        2 => (0_u32..24).prop_map(Move::Touch),
        6 => (0_usize..9).prop_map(Move::Due),
        6 => (any::<prop::sample::Index>(), settling).prop_map(|(index, how)| Move::Settle(index, how)),
    ];
    prop::collection::vec(one, 1..150)
}

/// From a fixed seed: the same sequences each time.
#[test]
fn it_does_what_a_naive_one_does() {
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let compared = runner.run(&(any::<u64>(), moves()), |(seed, moves)| {
        compare(seed, moves);
        Ok(())
    });
    compared.unwrap();
}

fn compare(seed: u64, moves: Vec<Move>) {
    let mut scheduler = scheduler(seed);
    let mut twin = self::scheduler(seed);
    let mut naive = Naive::new(seed);
    let mut turns: Vec<(Turn<u32>, Turn<u32>, u64)> = Vec::new();
    let mut now = at(0);
    for (serial, one) in (0..).zip(moves) {
        match one {
            Move::Pass(seconds) => now = now.saturating_add(Duration::from_secs(seconds)),
            Move::Jump(to) => now = to,
            Move::Insert(key, issuer, due_at) => {
                assert!(scheduler.insert(now, key, ISSUERS[issuer], due_at));
                assert!(twin.insert(now, key, ISSUERS[issuer], due_at));
                naive.insert(now, key, issuer, due_at);
            }
            Move::Cancel(key) => {
                let was_there = naive.remove(key);
                assert_eq!(scheduler.cancel(&key), was_there);
                assert_eq!(twin.cancel(&key), was_there);
            }
            Move::Touch(key) => {
                let is_there = naive.touch(now, key);
                assert_eq!(scheduler.touch(now, &key), is_there);
                assert_eq!(twin.touch(now, &key), is_there);
            }
            Move::Due(budget) => {
                let due = scheduler.due(now, budget);
                let other = twin.due(now, budget);
                assert_eq!(due.idle, other.idle);
                let keys: Vec<u32> = due.turns.iter().map(|turn| *turn.key()).collect();
                naive.due(now, budget, &keys, &due.idle, serial);
                assert_eq!(keys.len(), other.turns.len());
                for (turn, other) in due.turns.into_iter().zip(other.turns) {
                    assert_eq!(turn.key(), other.key());
                    turns.push((turn, other, serial));
                }
                if keys.len() + due.idle.len() < budget && !naive.is_empty() {
                    assert!(scheduler.next_wakeup(now).unwrap() > Duration::ZERO);
                }
            }
            Move::Settle(index, how) if !turns.is_empty() => {
                let (turn, other, serial) = turns.swap_remove(index.index(turns.len()));
                let settled = match how {
                    Settling::DueIn(s) => {
                        Settled::DueAt(now.saturating_add(Duration::from_secs(s)))
                    }
                    Settling::RetryIn(s) => {
                        Settled::RetryAt(now.saturating_add(Duration::from_secs(s)))
                    }
                    Settling::NoVerdictIn(s) => {
                        Settled::NoVerdict(now.saturating_add(Duration::from_secs(s)))
                    }
                    Settling::Failed => Settled::Failed,
                    Settling::Refused => Settled::Refused,
                    Settling::Over => Settled::Over,
                    Settling::Ended => Settled::Ended,
                };
                naive.settle(now, *turn.key(), serial, settled);
                scheduler.settle_as(now, turn, settled);
                twin.settle_as(now, other, settled);
            }
            Move::Settle(..) => {}
        }
        assert_eq!(scheduler.len(), naive.len());
        let wakeup = scheduler.next_wakeup(now);
        assert_eq!(wakeup, twin.next_wakeup(now));
        match (wakeup, naive.next(now)) {
            (Some(wait), Some(most)) => assert!(wait.as_secs() <= most.min(60), "{wait:?} {most}"),
            (wait, most) => assert_eq!(wait.is_some(), most.is_some()),
        }
    }
}

/// Who sleeps as long as is said misses no second, and does not spin.
#[test]
fn a_driver_that_sleeps_is_in_time() {
    let mut scheduler = RefreshScheduler::new(Terms::new());
    let dues: BTreeMap<u32, u64> = (0..500)
        .map(|key| (key, u64::from(key * key) / 3))
        .collect();
    for (key, due) in &dues {
        assert!(scheduler.insert(at(0), *key, ISSUERS[0], at(*due)));
    }
    let (mut now, mut naps) = (0, 0);
    while let Some(nap) = scheduler.next_wakeup(at(now)) {
        now += nap.as_secs();
        naps += 1;
        for turn in scheduler.due(at(now), 9).turns {
            assert_eq!(dues[turn.key()], now);
            scheduler.settle_as(at(now), turn, Settled::Over);
        }
    }
    assert!(naps < 500 + 83_000 / 60 + 83_000 / 64, "{naps}");
}

/// An issuer with a thousand grants does not keep one with a single grant waiting.
#[test]
fn a_crowd_delays_nobody_else() {
    let mut scheduler = RefreshScheduler::new(Terms::new());
    for key in 0..1_000 {
        assert!(scheduler.insert(at(0), key, ISSUERS[0], at(5)));
    }
    assert!(scheduler.insert(at(0), 7_777, ISSUERS[1], at(5)));
    let turns = scheduler.due(at(5), 2).turns;
    assert!(turns.iter().any(|turn| *turn.key() == 7_777));
    // The rest of the first issuer's rate, and no more within the second.
    assert_eq!(scheduler.due(at(5), 1_000).turns.len(), 99);
    assert_eq!(scheduler.next_wakeup(at(5)), Some(Duration::from_secs(1)));
    assert_eq!(scheduler.due(at(6), 1_000).turns.len(), 100);
}

/// All at once, after a jump: one call moves a bounded number, and nobody is forgotten.
#[test]
fn a_jump_is_worked_off_in_bounded_calls() {
    let rate = Rate::new(u32::MAX, Duration::from_secs(1));
    let mut scheduler = RefreshScheduler::new(Terms::new()).with_rate(rate);
    for key in 0..100_000_u32 {
        assert!(scheduler.insert(at(0), key, ISSUERS[0], at(u64::from(key) + 1)));
    }
    let mut out = Vec::new();
    while scheduler.next_wakeup(at(1_000_000)) == Some(Duration::ZERO) {
        out.extend(scheduler.due(at(1_000_000), 50_000).turns);
    }
    assert_eq!(out.len(), 100_000);
    assert!(out.is_sorted_by_key(|turn| *turn.key()));
}

/// A clock that was a year ahead, and is put right, leaves every wait as long as it was.
#[test]
fn a_clock_that_is_set_back_strands_nobody() {
    let year = 365 * 24 * 60 * 60;
    let mut scheduler = RefreshScheduler::new(Terms::new());
    assert!(scheduler.insert(at(year), 1, ISSUERS[0], at(year + 100)));
    assert!(scheduler.next_wakeup(at(0)).is_some());
    assert!(scheduler.due(at(99), 9).turns.is_empty());
    assert_eq!(scheduler.due(at(100), 9).turns.len(), 1);
}

/// Turns that nobody settles come again, and their late results change nothing.
#[test]
fn a_turn_that_is_lost_comes_again() {
    let mut scheduler = RefreshScheduler::new(Terms::new());
    assert!(scheduler.insert(at(0), 1, ISSUERS[0], at(0)));
    let lost = scheduler.due(at(0), 9).turns.pop().unwrap();
    assert!(scheduler.due(at(299), 9).turns.is_empty());
    assert!(scheduler.due(at(300), 9).turns.is_empty());
    let again = scheduler.due(at(301), 9).turns.pop().unwrap();
    scheduler.settle_as(at(302), lost, Settled::Over);
    assert_eq!(scheduler.len(), 1);
    scheduler.settle_as(at(303), again, Settled::Over);
    assert!(scheduler.is_empty());
}

/// Someone signed in again while a refresh of the old grant was under way.
#[test]
fn a_turn_of_a_replaced_grant_settles_nothing() {
    let mut scheduler = RefreshScheduler::new(Terms::new());
    assert!(scheduler.insert(at(0), 1, ISSUERS[0], at(0)));
    let old = scheduler.due(at(0), 9).turns.pop().unwrap();
    assert!(scheduler.insert(at(1), 1, ISSUERS[0], at(500)));
    scheduler.settle_as(at(2), old, Settled::Over);
    assert_eq!(scheduler.len(), 1);
    assert_eq!(scheduler.due(at(500), 9).turns.len(), 1);
}

/// Ten thousand grants of an issuer that is down: it is asked by one at a time, ever more seldom, and by all
/// once it works again. Another issuer does not notice.
#[test]
fn an_issuer_that_is_down_is_probed_by_one_grant() {
    let rate = Rate::new(1_000, Duration::from_secs(1));
    let mut scheduler = RefreshScheduler::new(Terms::new()).with_rate(rate);
    for key in 0..10_000 {
        assert!(scheduler.insert(at(0), key, ISSUERS[0], at(1)));
    }
    assert!(scheduler.insert(at(0), 77_777, ISSUERS[1], at(1)));
    let mut asked = Vec::new();
    for second in 1..3_600 {
        for turn in scheduler.due(at(second), 10_000).turns {
            let next = at(second + 1);
            if *turn.key() == 77_777 {
                scheduler.settle_as(at(second), turn, Settled::DueAt(next));
            } else {
                asked.push(second);
                scheduler.settle_as(at(second), turn, Settled::NoVerdict(next));
            }
        }
    }
    // What the rate let out before the first failure was told, then probes.
    let at_once = asked.iter().filter(|second| **second == 1).count();
    assert_eq!(at_once, 1_000);
    let probes = &asked[1_000..];
    assert!((12..200).contains(&probes.len()), "{}", probes.len());
    assert!(
        probes
            .windows(2)
            .all(|two| two[0] < two[1] && two[1] - two[0] <= 300)
    );

    let mut renewed = 0;
    for second in 3_600..3_915 {
        for turn in scheduler.due(at(second), 10_000).turns {
            renewed += usize::from(*turn.key() != 77_777);
            scheduler.settle_as(at(second), turn, Settled::DueAt(at(100_000)));
        }
    }
    assert_eq!(renewed, 10_000);
}

/// An issuer that refuses is not down: what it did not answer before does not count with what it does not
/// answer later, and it opens what was closed.
#[test]
fn an_issuer_that_refuses_works() {
    for refused in [Settled::Refused, Settled::Ended] {
        let mut scheduler = RefreshScheduler::new(Terms::new());
        for key in 0..100 {
            assert!(scheduler.insert(at(0), key, ISSUERS[0], at(1)));
        }
        let down = Settled::NoVerdict(at(500));
        for settled in [down, down, refused, down, down] {
            let turn = scheduler.due(at(1), 1).turns.pop().unwrap();
            scheduler.settle_as(at(1), turn, settled);
        }
        let mut turns = scheduler.due(at(1), 2).turns;
        assert_eq!(turns.len(), 2, "not three in a row");
        scheduler.settle_as(at(1), turns.pop().unwrap(), down);
        assert!(scheduler.due(at(1), 9).turns.is_empty());
        scheduler.settle_as(at(1), turns.pop().unwrap(), refused);
        assert_eq!(scheduler.due(at(1), 9).turns.len(), 9);
    }
}

/// The grant that asks is taken out, or says nothing of the issuer: another one asks.
#[test]
fn a_probe_that_tells_nothing_is_followed_by_another() {
    let mut scheduler = RefreshScheduler::new(Terms::new());
    for key in 0..8 {
        assert!(scheduler.insert(at(0), key, ISSUERS[0], at(1)));
    }
    for turn in scheduler.due(at(1), 3).turns {
        scheduler.settle_as(at(1), turn, Settled::NoVerdict(at(500)));
    }
    assert!(scheduler.due(at(1), 9).turns.is_empty());
    let probe = |scheduler: &mut RefreshScheduler<u32>, now| {
        let turn = scheduler.due(at(now), 9).turns.pop().unwrap();
        assert!(scheduler.due(at(now), 9).turns.is_empty(), "one at a time");
        turn
    };
    let first = probe(&mut scheduler, 2);
    scheduler.settle_as(at(2), first, Settled::Failed);
    let second = probe(&mut scheduler, 2);
    assert!(scheduler.cancel(second.key()));
    let third = probe(&mut scheduler, 2);
    scheduler.settle_as(at(2), third, Settled::Over);
    assert_eq!(scheduler.len(), 6);
    // A probe that is lost comes to its end, too.
    let lost = probe(&mut scheduler, 3);
    assert!(scheduler.due(at(302), 9).turns.is_empty());
    assert_eq!(scheduler.due(at(303), 9).turns.len(), 1);
    drop(lost);
}
