//! The arithmetic of polling (RFC 8628 section 3.5): tables of times, clocks that are set, and what holds
//! for any sequence of answers, losses and clocks.

#![cfg(test)]

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Expired;
use oauth_proto::flow::pace::Due;
use oauth_proto::flow::pace::Pace;
use proptest::prelude::*;

const START: u64 = 1_800_000_000;
const FAR: u64 = 80_000;

/// What a poll came to; the number is a `Retry-After`.
#[derive(Clone, Copy, Debug)]
enum Came {
    Pending(Option<u64>),
    SlowDown(Option<u64>),
    Lost(Option<u64>),
}

const PENDING: Came = Came::Pending(None);
const SLOW_DOWN: Came = Came::SlowDown(None);
const LOST: Came = Came::Lost(None);

impl Came {
    fn tell(self, pace: &mut Pace) {
        let seconds = |after: Option<u64>| after.map(Duration::from_secs);
        match self {
            Self::Pending(after) => pace.pending(seconds(after)),
            Self::SlowDown(after) => pace.slow_down(seconds(after)),
            Self::Lost(after) => pace.lost(seconds(after)),
        }
    }
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn pace(interval: u64, lifetime: u64) -> Pace {
    Pace::new(Duration::from_secs(interval), at(START + lifetime))
}

/// What is due, in seconds; zero for a poll, none for the end.
fn due(pace: &mut Pace, now: u64) -> Option<u64> {
    match pace.due(at(now)) {
        Ok(Due::Ask) => Some(0),
        Ok(Due::Rest(wait)) => Some(wait.as_secs()),
        Err(Expired::Polling { .. }) => None,
        Err(other) => panic!("{other:?}"),
    }
}

/// The waits before the first poll and after each of these, every wait slept to its end.
fn waits(interval: u64, came: &[Came]) -> Vec<u64> {
    let mut pace = pace(interval, FAR);
    let mut now = START;
    let mut waits = Vec::new();
    for came in came.iter().map(Some).chain([None]) {
        let wait = due(&mut pace, now).unwrap();
        now += wait;
        waits.push(wait);
        assert_eq!(due(&mut pace, now), Some(0), "{came:?}");
        if let Some(came) = came {
            came.tell(&mut pace);
        }
    }
    waits
}

#[test]
fn a_table_of_times() {
    let pending = |after| Came::Pending(Some(after));
    let slow_down = |after| Came::SlowDown(Some(after));
    let lost = |after| Came::Lost(Some(after));
    let table: [(u64, &[Came], &[u64]); 20] = [
        // The first poll is an interval away, and so is every other.
        (5, &[], &[5]),
        (5, &[PENDING, PENDING], &[5, 5, 5]),
        (31, &[PENDING], &[31, 31]),
        (1, &[PENDING], &[1, 1]),
        // No interval is 5 s.
        (0, &[PENDING], &[5, 5]),
        // `slow_down` is for good, and adds up.
        (5, &[SLOW_DOWN, PENDING, PENDING], &[5, 10, 10, 10]),
        (5, &[SLOW_DOWN; 5], &[5, 10, 15, 20, 25, 30]),
        (0, &[SLOW_DOWN, PENDING], &[5, 10, 10]),
        // A loss doubles, up to a minute; an answer ends that.
        (5, &[LOST; 6], &[5, 10, 20, 40, 60, 60, 60]),
        (5, &[LOST, LOST, PENDING, LOST], &[5, 10, 20, 5, 10]),
        (5, &[LOST, LOST, SLOW_DOWN, LOST], &[5, 10, 20, 10, 20]),
        (40, &[LOST; 2], &[40, 80, 80]),
        (300, &[LOST; 3], &[300, 600, 600, 600]),
        // One of each.
        (
            5,
            &[PENDING, SLOW_DOWN, LOST, LOST, PENDING],
            &[5, 5, 10, 20, 40, 10],
        ),
        // `Retry-After` makes it later, never earlier, and five minutes at most.
        (5, &[pending(30), PENDING], &[5, 30, 5]),
        (5, &[pending(0), pending(4)], &[5, 5, 5]),
        (5, &[pending(3600), lost(u64::MAX)], &[5, 300, 300]),
        (5, &[lost(120), LOST, PENDING], &[5, 120, 20, 5]),
        (5, &[lost(7), lost(0)], &[5, 10, 20]),
        (5, &[slow_down(60), PENDING], &[5, 60, 10]),
    ];
    for (interval, came, expected) in table {
        assert_eq!(waits(interval, came), expected, "{interval} s, {came:?}");
    }
}

#[test]
fn the_last_wait_ends_at_the_deadline_and_no_poll_follows() {
    for (interval, lifetime, expected) in [
        (5, 12, vec![5, 5, 2]),
        // A poll that is due at the deadline is too late.
        (5, 10, vec![5, 5]),
        (5, 5, vec![5]),
        (5, 3, vec![3]),
        (1_000_000_000, 1800, vec![1800]),
        (u64::MAX, 1800, vec![1800]),
        (5, 0, vec![]),
    ] {
        let mut pace = pace(interval, lifetime);
        let (mut now, mut waits) = (START, Vec::new());
        while let Some(wait) = due(&mut pace, now) {
            now += wait;
            waits.push(wait);
            if due(&mut pace, now) == Some(0) {
                pace.pending(None);
            }
        }
        assert_eq!(waits, expected, "{interval} s of {lifetime} s");
        assert_eq!(now, START + lifetime);
    }
}

#[test]
fn whoever_is_woken_early_waits_the_rest() {
    let mut pace = pace(5, FAR);
    for (now, expected) in [(0, 5), (0, 5), (1, 4), (4, 1), (5, 0), (5, 0)] {
        assert_eq!(due(&mut pace, START + now), Some(expected), "{now}");
    }
}

#[test]
fn a_clock_that_is_set_costs_one_wait_at_most() {
    // When the wait of 5 s began, what the clock says after it, what is due then.
    for (began, now, expected) in [
        (0, 5, Some(0)),
        // Set back behind the beginning of the wait: it was slept.
        (1000, 999, Some(0)),
        (1000, 0, Some(0)),
        // Set back into the wait: the rest once more.
        (1000, 1001, Some(4)),
        (1000, 1000, Some(5)),
        // Set forward.
        (0, 500, Some(0)),
        (0, FAR - 1, Some(0)),
        // Set forward past the deadline: it may have been a long sleep.
        (0, FAR, None),
    ] {
        let mut pace = pace(5, FAR);
        assert_eq!(due(&mut pace, START + began), Some(5));
        assert_eq!(due(&mut pace, START + now), expected, "{began}, {now}");
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_it() {
    let mut pace = pace(5, 60);
    let (mut slept, mut polls) = (0, 0);
    for now in (0..=START).rev().step_by(3600) {
        match due(&mut pace, now) {
            Some(0) => {
                polls += 1;
                pace.pending(None);
            }
            Some(wait) => slept += wait,
            None => break,
        }
    }
    assert_eq!((slept, polls), (60, 11));
}

#[test]
fn a_ping_makes_the_next_poll_due_and_no_other() {
    let mut pace = pace(5, FAR);
    assert_eq!(due(&mut pace, START), Some(5));
    pace.at_once();
    assert_eq!(due(&mut pace, START), Some(0));
    pace.pending(None);
    assert_eq!(due(&mut pace, START), Some(5));
    pace.at_once();
    assert_eq!(due(&mut pace, START + FAR), None);
}

#[test]
fn a_day_is_the_longest() {
    let day = 24 * 60 * 60;
    let mut pace = Pace::new(Duration::from_secs(u64::MAX), at(u64::MAX));
    assert_eq!(due(&mut pace, 0), Some(day));
    assert_eq!(due(&mut pace, day), None);
    // Nothing overflows.
    for came in [SLOW_DOWN, Came::Lost(Some(u64::MAX)), LOST] {
        came.tell(&mut pace);
    }
    assert_eq!(due(&mut pace, day), None);
}

#[test]
fn it_says_what_holds() {
    let mut pace = Pace::new(Duration::from_millis(2_900), at(7));
    assert_eq!(pace.interval(), Duration::from_secs(2));
    pace.slow_down(None);
    assert_eq!(pace.interval(), Duration::from_secs(7));
    assert_eq!(pace.deadline(), at(7));
    match pace.due(at(8)) {
        Err(Expired::Polling { expired_at, now }) => assert_eq!((expired_at, now), (at(7), at(8))),
        other => panic!("{other:?}"),
    }
}

/// The longest wait that may ever be asked for.
fn longest_wait(pace: &Pace) -> u64 {
    (2 * pace.interval().as_secs()).max(300)
}

/// Every sequence of eight moves, each an answer or a loss, and a clock that is right, late, set back
/// or set forward.
#[test]
fn every_short_sequence_keeps_the_rules() {
    let mut sequences = 0;
    explore(&pace(5, 100), START, START, 8, &mut sequences);
    assert!(sequences > 10_000, "{sequences}");
}

fn explore(pace: &Pace, now: u64, true_now: u64, depth: u32, sequences: &mut u32) {
    let mut pace = pace.clone();
    let Some(wait) = due(&mut pace, now) else {
        *sequences += 1;
        return;
    };
    assert!(now < START + 100, "it is over at {now}");
    assert!(wait <= longest_wait(&pace) && wait <= START + 100 - now);
    // Slept to the end, a run is never longer than the time there was.
    assert!(true_now <= START + 100, "it goes on for ever");
    if depth == 0 {
        *sequences += 1;
        return;
    }
    if wait == 0 {
        for came in [PENDING, SLOW_DOWN, LOST, Came::Lost(Some(40))] {
            let mut next = pace.clone();
            came.tell(&mut next);
            explore(&next, now, true_now, depth - 1, sequences);
        }
        return;
    }
    let woken = true_now + wait;
    for clock in [
        now + wait,
        now + wait + 7,
        now.saturating_sub(50),
        now + 200,
    ] {
        explore(&pace, clock, woken, depth - 1, sequences);
    }
}

fn came() -> impl Strategy<Value = Came> {
    let after = || {
        prop_oneof![
            3 => Just(None),
            1 => (0_u64..600).prop_map(Some),
            1 => any::<u64>().prop_map(Some),
        ]
    };
    prop_oneof![
        after().prop_map(Came::Pending),
        after().prop_map(Came::SlowDown),
        after().prop_map(Came::Lost),
    ]
}

/// How far the clock is set at once, in seconds; mostly not at all.
fn set() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        1 => -20_i64..20,
        1 => -100_000_i64..100_000,
        1 => any::<i32>().prop_map(i64::from),
    ]
}

proptest! {
    /// Waits that are slept to their end: whatever the clock does, no two polls are nearer than the
    /// interval, no wait is too long or passes the deadline, and it ends in time.
    #[test]
    fn whatever_the_clock_does(
        interval in 0_u64..100,
        lifetime in 0_u64..5_000,
        moves in prop::collection::vec((came(), set()), 1..200),
    ) {
        let mut pace = pace(interval, lifetime);
        let deadline = START + lifetime;
        let (mut clock, mut slept, mut since) = (START, 0, 0);
        // What a clock that was set back into a wait has hidden of it.
        let mut hidden = 0;
        for (came, set) in moves {
            match due(&mut pace, clock) {
                None => break,
                Some(0) => {
                    prop_assert!(since >= pace.interval().as_secs(), "after {since} s");
                    prop_assert!(clock < deadline);
                    since = 0;
                    came.tell(&mut pace);
                    clock = clock.saturating_add_signed(set);
                }
                Some(wait) => {
                    prop_assert!(wait <= longest_wait(&pace), "{wait} s");
                    prop_assert!(wait <= deadline - clock, "{wait} s at {clock}");
                    (slept, since) = (slept + wait, since + wait);
                    prop_assert!(slept - hidden <= lifetime, "{slept} s of {lifetime} s");
                    let began = clock;
                    clock = (clock + wait).saturating_add_signed(set);
                    if clock >= began {
                        hidden += (began + wait).saturating_sub(clock);
                    }
                }
            }
            if clock >= deadline {
                prop_assert_eq!(due(&mut pace, clock), None);
            }
        }
    }

    /// A clock that is right: however often it is woken too early, no two polls are nearer than the
    /// interval, and every wait is the rest of one.
    #[test]
    fn however_early_it_is_woken(
        interval in 0_u64..100,
        moves in prop::collection::vec((came(), 0_u64..=100), 1..200),
    ) {
        let mut pace = pace(interval, FAR);
        let (mut clock, mut polled) = (START, START);
        for (came, percent) in moves {
            match due(&mut pace, clock) {
                None => prop_assert!(clock >= START + FAR),
                Some(0) => {
                    prop_assert!(clock - polled >= pace.interval().as_secs());
                    polled = clock;
                    came.tell(&mut pace);
                }
                Some(wait) => {
                    prop_assert!(clock - polled + wait <= longest_wait(&pace));
                    clock += wait * percent / 100;
                }
            }
        }
    }

    /// It gets somewhere: where the clock is right, a wait that is slept is followed by a poll, or by
    /// the end.
    #[test]
    fn a_wait_leads_to_a_poll(
        interval in any::<u64>(),
        lifetime in 0_u64..100_000,
        moves in prop::collection::vec(came(), 1..100),
    ) {
        let mut pace = pace(interval, lifetime);
        let mut clock = START;
        for came in moves {
            let Some(wait) = due(&mut pace, clock) else {
                break;
            };
            prop_assert!(wait > 0);
            clock += wait;
            match due(&mut pace, clock) {
                Some(0) => came.tell(&mut pace),
                Some(rest) => prop_assert!(false, "{rest} s more"),
                None => prop_assert_eq!(clock, START + lifetime.min(24 * 60 * 60)),
            }
        }
    }
}
