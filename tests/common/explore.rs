//! Bounded exhaustive exploration: a flow is begun afresh for every sequence of moves, since a move
//! consumes it.

use std::thread;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive::DriveError;

use crate::common::moves::Due;
use crate::common::moves::Move;
use crate::common::moves::Reply;
use crate::common::moves::What;
use crate::common::printed::assert_silent;
use crate::common::printed::assert_silent_text;
use crate::common::scripted::START;

/// What is known of a flow beforehand.
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    /// The most requests it sends.
    pub(crate) requests: usize,
    /// Secrets that it sends, each in one request at most; it sends no other.
    pub(crate) secrets_sent: &'static [&'static str],
    /// Whether it can begin at this moment.
    pub(crate) begins: fn(UnixTime) -> bool,
    /// What it must make of the last of these answers.
    pub(crate) due: fn(&[Reply]) -> Due,
}

/// Plays every sequence of moves until the flow ends, and says how many sequences there were, those
/// that are the beginning of others included. `done` looks at what the flow gave, and when.
pub(crate) fn explore<F: Flow>(
    facts: &Facts,
    make: impl Fn() -> Result<F, Error>,
    done: impl Fn(F::Output, UnixTime),
) -> usize {
    let mut sequences = 0;
    let mut open: Vec<Vec<Move>> = Move::beginnings()
        .into_iter()
        .map(|one| vec![one])
        .collect();
    while let Some(moves) = open.pop() {
        sequences += 1;
        let trail = Trail(facts.name, &moves);
        let next = match judge(facts, replay(make().unwrap(), &moves), &done) {
            Wants::Nothing => Vec::new(),
            Wants::Reply => Move::replies(),
            Wants::Signature => Move::signatures(),
        };
        drop(trail);
        open.extend(
            next.into_iter()
                .map(|one| [moves.as_slice(), &[one]].concat()),
        );
    }
    println!("{}: {sequences} sequences explored", facts.name);
    sequences
}

/// Where a sequence of moves has led.
struct Played<F: Flow> {
    now: UnixTime,
    last: What,
    result: Result<Step<F>, DriveError<&'static str>>,
    /// The answers so far, and the lost ones.
    replies: Vec<Reply>,
    /// The requests so far, those without an answer included: address, and everything else.
    sent: Vec<(String, String)>,
}

/// Makes the moves. All but the last were judged before, as a shorter sequence.
fn replay<F: Flow>(flow: F, moves: &[Move]) -> Played<F> {
    let (first, rest) = moves.split_first().unwrap();
    let now = after(START, first.jump);
    let mut played = Played {
        now,
        last: first.what,
        result: flow.begin(now).map_err(DriveError::from),
        replies: Vec::new(),
        sent: Vec::new(),
    };
    played.note_request();
    for one in rest {
        played.now = after(played.now, one.jump);
        played.last = one.what;
        let now = played.now;
        played.result = match (played.result.unwrap(), one.what) {
            (Step::Send(_, sent), What::Reply(reply)) => {
                played.replies.push(reply);
                match reply.response() {
                    Some(response) => sent.answer(now, &response).map_err(DriveError::from),
                    None => sent.lost(now, "lost"),
                }
            }
            (Step::Sign(_, signing), What::Signature(length)) => {
                let signature = vec![b's'; length];
                signing.signed(now, &signature).map_err(DriveError::from)
            }
            (step, what) => panic!("{what:?} does not answer {step:?}"),
        };
        played.note_request();
    }
    played
}

impl<F: Flow> Played<F> {
    fn note_request(&mut self) {
        if let Ok(Step::Send(request, _)) = &self.result {
            self.sent.push(everything(request));
        }
    }
}

/// What a flow wants next.
enum Wants {
    Nothing,
    Reply,
    Signature,
}

/// Holds where the moves have led against what is due there.
fn judge<F: Flow>(facts: &Facts, played: Played<F>, done: impl Fn(F::Output, UnixTime)) -> Wants {
    assert_sent(facts, &played.sent);
    let last_reply = played.replies.last();
    let due = match played.last {
        What::Begin if !(facts.begins)(played.now) => Due::Over,
        What::Begin | What::Signature(_) => Due::Onward,
        What::Reply(_) => (facts.due)(&played.replies),
    };
    match (played.result, due) {
        (Ok(Step::Send(request, sent)), Due::Onward) => {
            assert_silent(&request);
            assert_silent(&sent);
            assert_silent(&Step::Send(request, sent));
            Wants::Reply
        }
        (Ok(Step::Sign(input, signing)), Due::Onward) => {
            assert_silent(&input);
            assert_silent(&signing);
            assert_silent(&Step::Sign(input, signing));
            Wants::Signature
        }
        (Ok(Step::Done(output)), Due::Done) => {
            done(output, played.now);
            Wants::Nothing
        }
        (Err(DriveError::Transport("lost")), Due::Over) => {
            assert_eq!(last_reply, Some(&Reply::Lost));
            Wants::Nothing
        }
        (Err(error), Due::Over) => {
            assert_ne!(last_reply, Some(&Reply::Lost), "the failure is kept back");
            assert_silent(&error);
            assert_silent_text(&error.to_string());
            Wants::Nothing
        }
        (result, due) => panic!("{due:?} is due, and it is {result:?}"),
    }
}

/// No more requests than stated; a secret that is sent is sent once, and not in an address; no other is
/// sent.
fn assert_sent(facts: &Facts, sent: &[(String, String)]) {
    assert!(sent.len() <= facts.requests, "{} requests", sent.len());
    for secret in facts.secrets_sent {
        let holding = sent.iter().filter(|(_, rest)| rest.contains(secret));
        assert!(holding.count() <= 1, "{secret} is sent twice");
    }
    for (address, rest) in sent {
        assert_silent_text(address);
        let strip = |rest: String, secret: &&str| rest.replace(secret, "");
        let others = facts.secrets_sent.iter().fold(rest.clone(), strip);
        assert_silent_text(&others);
    }
}

/// The address of a request, and everything else in it.
fn everything(request: &Request) -> (String, String) {
    let mut rest = String::from_utf8_lossy(request.body()).into_owned();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        rest += &format!("\n{name}: {value}");
    }
    (request.uri().to_string(), rest)
}

fn after(now: UnixTime, jump: i64) -> UnixTime {
    UnixTime::from_secs(now.as_secs().saturating_add_signed(jump))
}

/// Tells which sequence it was when a test fails.
struct Trail<'a>(&'static str, &'a [Move]);

impl Drop for Trail<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} after {:?}", self.0, self.1);
        }
    }
}
