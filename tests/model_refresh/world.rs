//! The model: nodes that share a store and a server, and what must always hold.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::store::Store;
use stateright::Model;
use stateright::Property;

use crate::node::At;
use crate::node::Cast;
use crate::node::End;
use crate::node::START;
use crate::node::What;
use crate::node::end;
use crate::node::sent;
use crate::server::Policy;
use crate::server::Server;
use crate::state::Action;
use crate::state::Asked;
use crate::state::Budget;
use crate::state::Node;
use crate::state::Shelf;
use crate::state::State;

pub(crate) struct World {
    pub(crate) cast: Cast,
    pub(crate) nodes: usize,
    /// Refreshes that each node begins; from the second on, of tokens that an API has refused.
    pub(crate) runs: u8,
    pub(crate) budget: Budget,
    /// The epilogues that were run before, by the record and the server.
    ends: Mutex<HashMap<Past, Vec<End>>>,
}

/// The record that the store has, and the server.
type Past = (Option<usize>, Server);

impl World {
    pub(crate) fn new(policy: Policy, nodes: usize, runs: u8, budget: Budget) -> Self {
        let cast = Cast::new(policy);
        Self {
            cast,
            nodes,
            runs,
            budget,
            ends: Mutex::default(),
        }
    }
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut store = MemoryStore::new();
        let first = self.cast.record(Cast::FIRST);
        let now = UnixTime::from_secs(START);
        let tokens = first.tokens().unwrap().clone();
        store.sign_in(now, &self.cast.key, tokens).unwrap();
        let idle = Node {
            at: None,
            runs: self.runs,
            rejected: None,
            moves: Vec::new(),
            asked: None,
            held_until: 0,
            open: None,
            gained: None,
            answer: None,
        };
        vec![State {
            now: START,
            store: Shelf {
                store: Arc::new(store),
                record: Some(Cast::FIRST),
                epoch: 1,
                held_until: 0,
            },
            server: Server::new(),
            nodes: vec![idle; self.nodes],
            strays: Vec::new(),
            budget: self.budget,
            persisted: BTreeSet::from([1]),
            settled: BTreeSet::new(),
            known: BTreeSet::from([1]),
            broken: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let budget = state.budget;
        for (index, node) in state.nodes.iter().enumerate() {
            // Of nodes that are alike, one is enough.
            if index > 0 && state.nodes[index - 1] == *node {
                continue;
            }
            let mut may = |is_possible: bool, action: Action| {
                if is_possible {
                    actions.push(action);
                }
            };
            let is_busy = node.at.is_some_and(|at| !matches!(at, At::Done(_)));
            may(budget.crashes > 0 && is_busy, Action::Crash(index));
            if let Some(asked) = node.asked {
                let is_done = matches!(asked, Asked::Done(_));
                may(!is_done, Action::Affect(index));
                may(is_done, Action::Hear(index));
                continue;
            }
            let asks = matches!(node.at, Some(At::Get | At::Lease(_) | At::Set(..)));
            may(asks, Action::Store(index));
            may(asks && budget.delays > 0, Action::Ask(index));
            match node.at {
                None | Some(At::Done(_)) => may(node.runs > 0, Action::Begin(index)),
                Some(At::Get | At::Lease(_)) => {}
                Some(At::Set(..)) => {
                    may(budget.doubts > 0, Action::Doubt(index));
                }
                Some(At::Send(_)) => {
                    let is_served = node.answer.is_some();
                    may(!is_served, Action::Serve(index));
                    may(!is_served && budget.pages > 0, Action::Page(index));
                    may(!is_served && budget.pages > 0, Action::PageAfter(index));
                    may(is_served, Action::Deliver(index));
                    may(budget.losses > 0, Action::Lose(index));
                    may(!is_served && budget.losses > 0, Action::Late(index));
                }
                // Who waits for another node waits until that one is done, or has lost its lease.
                Some(At::Wait) => {
                    let repeats = node.moves.last().map(|last| last.what) == Some(What::Lost);
                    may(
                        repeats || state.now >= state.store.held_until,
                        Action::Wake(index),
                    );
                }
            }
        }
        for stray in 0..state.strays.len() {
            actions.push(Action::ServeStray(stray));
        }
        let is_stuck = actions.is_empty() && !state.is_quiet();
        // No store takes so long as a lease before it does what was asked, or says that it cannot.
        let is_asked = |node: &Node| matches!(node.asked, Some(Asked::Since(_)));
        let may_sleep = !state.nodes.iter().any(is_asked);
        if (state.budget.sleeps > 0 && may_sleep) || is_stuck {
            actions.push(Action::Sleep);
        }
        if state.budget.naps > 0 {
            actions.push(Action::Nap);
        }
        if state.budget.sign_outs > 0 {
            actions.push(Action::SignOut);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        if state.broken.is_some() {
            return None;
        }
        let mut next = state.clone();
        next.act(&self.cast, action);
        next.nodes.sort();
        next.strays.sort_unstable();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "every move keeps the invariants",
                |_: &Self, state: &State| state.broken.is_none(),
            ),
            Property::always("every node converges", |world: &Self, state: &State| {
                !state.is_quiet() || world.converges(state)
            }),
            Property::always(
                "a grant that is honoured is kept",
                |world: &Self, state: &State| {
                    !state.is_quiet()
                        || !state.is_honoured()
                        || state.store.record.is_none()
                        || world.epilogue(state)[0] != End::Permanent
                },
            ),
            Property::always(
                "where nothing fails, one refresh serves all",
                |world: &Self, state: &State| {
                    let rejections = world.nodes * usize::from(world.runs - 1);
                    world.budget != Budget::NONE
                        || usize::from(state.server.answers()) <= 1 + rejections
                },
            ),
            Property::sometimes("a refresh succeeds", |_: &Self, state: &State| {
                state.persisted.len() > 1
            }),
            Property::eventually("every node has an end", |_: &Self, state: &State| {
                state.is_quiet() && state.nodes.iter().all(|node| node.runs == 0)
            }),
        ]
    }
}

impl World {
    /// Once nothing fails any more, every node has the same, and it is an end.
    fn converges(&self, state: &State) -> bool {
        let ends = self.epilogue(state);
        let is_end = |end: &End| matches!(end, End::Fresh(_) | End::Permanent);
        ends.iter().all(|end| is_end(end) && *end == ends[0])
    }

    /// What each node would get a day later.
    fn epilogue(&self, state: &State) -> Vec<End> {
        let past = (state.store.record, state.server.clone());
        if let Some(ends) = self.ends.lock().unwrap().get(&past) {
            return ends.clone();
        }
        let now = UnixTime::from_secs(START + 86_400);
        let mut store = MemoryStore::clone(&state.store.store);
        let mut server = state.server.clone();
        server.grow_old();
        let mut ends = Vec::new();
        for _ in 0..self.nodes {
            let send = |request: Request| {
                let answer = server.refresh(self.cast.policy, sent(&request));
                Ok::<_, Infallible>(answer.response(self.cast.policy))
            };
            let wait = |pause: Duration| panic!("nobody is waited for, not even {pause:?}");
            let refresh = self.cast.refresh(None);
            let outcome = drive::blocking(refresh, &mut store, || now, send, wait);
            ends.push(end(&outcome.unwrap()));
        }
        self.ends.lock().unwrap().insert(past, ends.clone());
        ends
    }
}
