//! Waiting for a user when time runs out, when clocks are set, and in every short conversation there can
//! be (RFC 8628 section 3.5).

#![cfg(test)]

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Remedy;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::poll::Poll;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Change;
use oauth_proto_world::Delivery;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::PollAnswer;

use crate::common::device;
use crate::common::device::ask;
use crate::common::device::polls;
use crate::common::device::provider;
use crate::common::device::waiting;
use crate::common::patience::Patience;
use crate::common::patience::START;

mod common {
    pub(crate) mod device;
    pub(crate) mod patience;
}

fn assert_expired(error: &Error, at: u64) {
    match error {
        Error::Expired(Expired::Polling { expired_at, .. }) => {
            assert_eq!(*expired_at, UnixTime::from_secs(at));
        }
        other => panic!("{other}"),
    }
    assert_eq!(error.remedy(), Remedy::SignInAgain);
}

#[test]
fn the_time_of_the_codes_ends_it() {
    for (lifetime, interval, expected) in [
        (18, Some(5), vec![5, 10, 15]),
        // A poll at the very end would be too late.
        (15, Some(5), vec![5, 10]),
        (5, None, vec![]),
        (0, None, vec![]),
        (60, Some(1_000_000_000), vec![]),
    ] {
        let mut provider = provider();
        provider.settings.device.lifetime = lifetime;
        provider.settings.device.interval = interval;
        provider.settings.device.polls = vec![PollAnswer::Pending; 9];
        let client = device::client(&mut provider, "tv");
        let pending = ask(&mut provider, &client);
        let mut patience = Patience::new(&mut provider);
        let error = patience.run(client.poll(pending).unwrap()).unwrap_err();
        assert_expired(&error, START + lifetime);
        assert_eq!(patience.now, START + lifetime);
        assert_eq!(polls(&provider), expected);
        assert_eq!(provider.complaints(), [""; 0]);
    }
}

#[test]
fn a_network_that_is_gone_ends_in_time() {
    let (mut provider, client, pending) = waiting(&[]);
    let lost = Change::Deliver(Delivery::Lost);
    provider.mutate(Mutation::new(Endpoint::Token, lost));
    let mut patience = Patience::new(&mut provider);
    let error = patience.run(client.poll(pending).unwrap()).unwrap_err();
    assert_expired(&error, START + 1800);
    assert_eq!(patience.now, START + 1800);
    assert_eq!(polls(&provider).len(), 32);
}

#[test]
fn a_clock_that_is_set_neither_strands_nor_hurries_it() {
    let year = 365 * 24 * 60 * 60;
    for sets in [
        vec![-year],
        vec![-3600, -3600, -3600],
        vec![-7, 7, -7, 7],
        vec![-3, -3, -3],
        // It stands still while the first waits are slept, or is set back to where they began.
        vec![-5],
        vec![-5, -5, -5, -5],
        vec![-year, year],
        vec![600],
        vec![600, -600, 600],
        vec![-1, 1_700],
    ] {
        let (mut provider, client, pending) = waiting(&[PollAnswer::Pending; 3]);
        let mut patience = Patience::new(&mut provider);
        patience.sets = sets.clone().into();
        patience.run(client.poll(pending).unwrap()).unwrap();
        assert!(patience.waits.iter().all(|wait| *wait <= 5), "{sets:?}");
        assert!(patience.waits.len() <= 4 + sets.len(), "{sets:?}");
        // The provider complains of a poll that comes early.
        assert_eq!(provider.complaints(), [""; 0], "{sets:?}");
    }
}

/// Whoever slept is told to go on, whatever the clock says; whoever was woken is not.
#[test]
fn a_clock_that_stands_still_does_not_strand_it() {
    let (mut provider, client, pending) = waiting(&[]);
    let lost = Change::Deliver(Delivery::Lost);
    provider.mutate(Mutation::new(Endpoint::Token, lost));
    let clock = || UnixTime::from_secs(START);
    let step = client.poll(pending.clone()).unwrap().begin(clock());
    let Ok(Step::Wait(_, paused)) = step else {
        panic!("{step:?}");
    };
    let step = paused.wake(clock());
    assert!(matches!(step, Ok(Step::Wait(..))), "{step:?}");

    // The driver says that it slept.
    let flow = client.poll(pending.clone()).unwrap();
    match drive::blocking(flow, clock, |_| Err("gone"), |_| {}) {
        Err(DriveError::Protocol(error)) => assert_expired(&error, START + 1800),
        other => panic!("{other:?}"),
    }

    let mut patience = Patience::new(&mut provider);
    patience.is_still = true;
    let error = patience.run(client.poll(pending).unwrap()).unwrap_err();
    assert_expired(&error, START + 1800);
    // The time that was slept ends it, where the clock does not.
    assert_eq!(patience.waits.iter().sum::<u64>(), 1800);
    assert_eq!(polls(&provider).len(), 32);
}

#[test]
fn a_clock_past_the_end_ends_it_without_a_poll() {
    let (mut provider, client, pending) = waiting(&[]);
    let mut patience = Patience::new(&mut provider);
    patience.sets = [1_795].into();
    let error = patience.run(client.poll(pending).unwrap()).unwrap_err();
    assert_expired(&error, START + 1800);
    assert_eq!(polls(&provider), [0; 0]);
}

#[test]
fn a_clock_a_year_back_and_no_network_end_too() {
    let (mut provider, client, pending) = waiting(&[]);
    let lost = Change::Deliver(Delivery::Lost);
    provider.mutate(Mutation::new(Endpoint::Token, lost));
    let mut patience = Patience::new(&mut provider);
    patience.sets = [-365 * 24 * 60 * 60].into();
    let error = patience.run(client.poll(pending).unwrap()).unwrap_err();
    assert_expired(&error, START + 1800);
    assert_eq!(patience.now, START + 1800);
}

/// What left in time counts, however late its answer is; what is late does not leave.
#[test]
fn the_answer_to_a_poll_in_time_counts() {
    let (mut provider, client, pending) = waiting(&[]);
    let at = |seconds| UnixTime::from_secs(START + seconds);
    let poll = Poll::device(&client, &pending).unwrap();
    for late in [1800, 1801] {
        assert_expired(&poll.request(at(late)).unwrap_err(), START + 1800);
    }
    let Step::Wait(_, paused) = client.poll(pending).unwrap().begin(at(0)).unwrap() else {
        panic!("no wait");
    };
    let Step::Send(request, sent) = paused.wake(at(1799)).unwrap() else {
        panic!("no poll");
    };
    let response = provider.handle(START + 1799, &request);
    assert!(matches!(
        sent.answer(at(90_000), &response),
        Ok(Step::Done(_))
    ));
}

/// What a server or a wire may do to a poll.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Said(u16, &'static str),
    Lost,
}

const ANSWERS: [Answer; 9] = [
    Answer::Said(400, r#"{"error":"authorization_pending"}"#),
    Answer::Said(200, r#"{"error":"slow_down"}"#),
    Answer::Said(503, "<html>"),
    Answer::Lost,
    Answer::Said(200, r#"{"access_token":"a","token_type":"Bearer"}"#),
    Answer::Said(400, r#"{"error":"access_denied"}"#),
    Answer::Said(200, "<html>"),
    Answer::Said(302, ""),
    Answer::Said(200, r#"{"access_token":"a","access_token":"b"}"#),
];

/// What the clock shows when a wait is over, and what is true.
const CLOCKS: [i64; 4] = [0, 13, -1_000_000, 1_000_000];

/// Every conversation of three polls: each answer, each clock. No request without a wait before it, one
/// request for each answer, nothing after the end, no wait too long, and no code in any print.
#[test]
fn every_short_conversation_keeps_the_rules() {
    let (_, client, pending) = waiting(&[]);
    let choices = ANSWERS.len() * CLOCKS.len();
    let (mut ends, mut expired) = ([0; 3], 0);
    for path in 0..choices.pow(3) {
        let moves = [path, path / choices, path / choices / choices].map(|path| path % choices);
        match converse(&client, &pending, &moves) {
            End::Granted => ends[0] += 1,
            End::Failed => ends[1] += 1,
            End::Waiting => ends[2] += 1,
            End::Expired => expired += 1,
        }
    }
    assert!(ends.iter().all(|count| *count > 1_000), "{ends:?}");
    assert!(expired > 1_000, "{expired}");
}

enum End {
    Granted,
    Failed,
    Expired,
    Waiting,
}

fn converse(client: &Client, pending: &PendingDevice, moves: &[usize]) -> End {
    let mut clock = START;
    let at = UnixTime::from_secs;
    let deadline = START + 1800;
    let mut interval = 5;
    let mut step = client
        .poll(pending.clone())
        .unwrap()
        .begin(at(clock))
        .unwrap();
    for choice in moves {
        let (answer, set) = (ANSWERS[choice % 9], CLOCKS[choice / 9]);
        let Step::Wait(pause, paused) = step else {
            panic!("{step:?} without a wait, {moves:?}");
        };
        assert!(
            (1..=60.max(2 * interval)).contains(&pause.as_secs()),
            "{pause:?}"
        );
        assert!(clock + pause.as_secs() <= deadline);
        clock = (clock + pause.as_secs()).saturating_add_signed(set);
        let (request, sent) = match paused.wake(at(clock)) {
            Ok(Step::Send(request, sent)) => (request, sent),
            Ok(other) => panic!("{other:?}, {moves:?}"),
            Err(Error::Expired(_)) => {
                assert!(clock >= deadline);
                return End::Expired;
            }
            Err(error) => panic!("{error}"),
        };
        assert!(clock < deadline, "a poll too late, {moves:?}");
        assert_eq!(
            format!("{request:?} {sent:?}"),
            "POST https://id.example Sent"
        );
        let next = match answer {
            Answer::Lost => sent.lost(at(clock), ()).map_err(|error| match error {
                DriveError::Protocol(error) => error,
                DriveError::Transport(()) => panic!("handed back"),
            }),
            Answer::Said(status, body) => {
                interval += if body.contains("slow_down") { 5 } else { 0 };
                let response = Response::builder().status(status).body(body.into());
                sent.answer(at(clock), &response.unwrap())
            }
        };
        step = match next {
            Ok(Step::Done(tokens)) => {
                assert!(!format!("{tokens:?}").contains("\"a\""));
                return End::Granted;
            }
            Ok(step) => step,
            Err(_) => return End::Failed,
        };
    }
    assert!(matches!(step, Step::Wait(..)), "{step:?}, {moves:?}");
    End::Waiting
}
