//! A node of the model: the real machine, as the moves it was given.
//!
//! A machine can be neither cloned nor compared. What it was given can, and says where it stands: the
//! moves are made again whenever that is asked for.

use std::collections::HashMap;
use std::sync::Mutex;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::step::Step;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::terms::Terms;

use crate::server::Answer;
use crate::server::Policy;

/// When it all begins.
pub(crate) const START: u64 = 1_800_000_000;

/// One move of a machine, and the time it was made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Move {
    pub(crate) now: u64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum What {
    /// A record, by its number in [`Cast`].
    Got(Option<usize>),
    Leased(Option<u64>),
    Set(bool),
    SetFailed,
    Answer(Answer),
    Lost,
    Woken,
}

/// Where a machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum At {
    Get,
    Lease(Ask),
    Set(u64, usize),
    /// With this refresh token.
    Send(u8),
    Wait,
    Done(End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ask {
    Take,
    Extend(u64),
    Release(u64),
}

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum End {
    /// With this access token.
    Fresh(u8),
    Unsaved(u8),
    Later,
    Ambiguous,
    Permanent,
}

/// What all nodes have in common.
pub(crate) struct Cast {
    pub(crate) client: Client,
    pub(crate) key: Key,
    pub(crate) terms: Terms,
    pub(crate) policy: Policy,
    /// Every record that was ever written.
    records: Mutex<Vec<Record>>,
    /// Where the machines stood that were replayed before.
    replayed: Mutex<HashMap<Past, At>>,
}

/// The rejected token of a run, and its moves.
type Past = (Option<u8>, Vec<Move>);

impl Cast {
    pub(crate) fn new(policy: Policy) -> Self {
        let metadata = Metadata::new("https://id.example", UriPolicy::default())
            .and_then(|it| it.with_endpoint(Endpoint::Token, "https://id.example/token"))
            .unwrap();
        let client = Client::new(metadata, "app", Authentication::None).unwrap();
        Self {
            key: Key::new(&client, "user"),
            client,
            terms: Terms::new(),
            policy,
            records: Mutex::new(vec![Record::new(tokens(1))]),
            replayed: Mutex::default(),
        }
    }

    /// The record of the sign-in, whose access token has expired.
    pub(crate) const FIRST: usize = 0;

    pub(crate) fn record(&self, number: usize) -> Record {
        self.records.lock().unwrap()[number].clone()
    }

    pub(crate) fn number(&self, record: &Record) -> usize {
        let mut records = self.records.lock().unwrap();
        let known = records.iter().position(|other| other == record);
        known.unwrap_or_else(|| {
            records.push(record.clone());
            records.len() - 1
        })
    }

    pub(crate) fn refresh(&self, rejected: Option<u8>) -> Refresh {
        let refresh = Refresh::new(&self.client, &self.key, Renewal::refresh_token())
            .with_terms(self.terms.clone());
        match rejected {
            Some(serial) => refresh.rejected(&tokens(serial)),
            None => refresh,
        }
    }

    /// Where a machine stands after these moves.
    pub(crate) fn replay(&self, rejected: Option<u8>, moves: &[Move]) -> At {
        let past = (rejected, moves.to_vec());
        if let Some(at) = self.replayed.lock().unwrap().get(&past) {
            return *at;
        }
        let mut step = self.refresh(rejected).begin();
        for each in moves {
            step = self.make(step, *each);
        }
        let at = self.at(&step);
        self.replayed.lock().unwrap().insert(past, at);
        at
    }

    fn make(&self, step: Step, each: Move) -> Step {
        let now = UnixTime::from_secs(each.now);
        match (step, each.what) {
            (Step::Get(_, it), What::Got(record)) => it.got(now, record.map(|it| self.record(it))),
            (Step::Lease(_, _, it), What::Leased(epoch)) => it.leased(now, epoch.map(Epoch::new)),
            (Step::Set(_, _, it), What::Set(is_written)) => it.set(now, is_written),
            (Step::Set(_, _, it), What::SetFailed) => it.failed(now),
            (Step::Send(_, it), What::Answer(answer)) => {
                let response: Response<Vec<u8>> = answer.response(self.policy);
                it.answer(now, &response)
            }
            (Step::Send(_, it), What::Lost) => it.lost(now),
            (Step::Wait(_, it), What::Woken) => it.wake(now),
            (step, what) => panic!("{what:?} is no answer to {step:?}"),
        }
    }

    fn at(&self, step: &Step) -> At {
        match step {
            Step::Get(..) => At::Get,
            Step::Lease(_, hold, _) => At::Lease(match hold {
                Hold::Take(_) => Ask::Take,
                Hold::Extend(epoch, _) => Ask::Extend(epoch.number()),
                Hold::Release(epoch) => Ask::Release(epoch.number()),
                Hold::Seize(_) => panic!("a refresh seizes nothing"),
            }),
            Step::Set(_, epoch, it) => At::Set(epoch.number(), self.number(it.record())),
            Step::Send(request, _) => At::Send(sent(request)),
            Step::Wait(..) => At::Wait,
            Step::Done(outcome) => At::Done(end(outcome)),
            Step::Sign(..) => panic!("no key is remote"),
        }
    }
}

pub(crate) fn end(outcome: &Outcome) -> End {
    let serial = |tokens: &Tokens| tokens.access_token().expose()[1..].parse().unwrap();
    match outcome {
        Outcome::Fresh(tokens) => End::Fresh(serial(tokens)),
        Outcome::Unsaved(tokens) => End::Unsaved(serial(tokens)),
        Outcome::Stale(..) | Outcome::Transient(_) => End::Later,
        Outcome::Ambiguous(_) => End::Ambiguous,
        Outcome::Permanent(_) => End::Permanent,
    }
}

/// The refresh token in a request.
pub(crate) fn sent(request: &Request) -> u8 {
    let body = std::str::from_utf8(request.body()).unwrap();
    let (_, token) = body.split_once("refresh_token=r").unwrap();
    token.split('&').next().unwrap().parse().unwrap()
}

/// The serial of the access token in a record.
pub(crate) fn serial(record: &Record) -> u8 {
    let token = record.tokens().unwrap().access_token().expose();
    token[1..].parse().unwrap()
}

/// Tokens that came long ago.
fn tokens(serial: u8) -> Tokens {
    let (received, expires) = (START - 7_200, START - 3_600);
    serde_json::from_str(&format!(
        r#"{{"v":1,"access_token":"a{serial}","token_type":"Bearer","received_at":{received},"expires_at":{expires},"refresh_token":"r{serial}","issuer":"https://id.example","client_id":"app"}}"#
    ))
    .unwrap()
}
