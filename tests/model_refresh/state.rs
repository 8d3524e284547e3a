//! The state of the model, and what each action makes of it.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;

use crate::node::Ask;
use crate::node::At;
use crate::node::Cast;
use crate::node::End;
use crate::node::Move;
use crate::node::What;
use crate::node::serial;
use crate::server::Answer;
use crate::server::Server;

/// How much can happen at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    /// Nodes that crash, wherever they are, and begin again.
    pub(crate) crashes: u8,
    /// Requests or answers that are lost, or come late.
    pub(crate) losses: u8,
    /// Answers that a proxy gives in the server's place, before or after it has seen the request.
    pub(crate) pages: u8,
    /// Times that everybody sleeps for longer than a lease.
    pub(crate) sleeps: u8,
    /// Times that everybody sleeps for less than a lease, and longer than what it leaves beside a request.
    pub(crate) naps: u8,
    /// Writes that the store makes and does not confirm.
    pub(crate) doubts: u8,
    /// Effects on the store that take their time: between asking and effect, and between effect and answer,
    /// other nodes go on, and time may pass.
    pub(crate) delays: u8,
    /// Times that the user signs out.
    pub(crate) sign_outs: u8,
}

impl Budget {
    pub(crate) const NONE: Self = Self {
        crashes: 0,
        losses: 0,
        pages: 0,
        sleeps: 0,
        naps: 0,
        doubts: 0,
        delays: 0,
        sign_outs: 0,
    };
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) now: u64,
    pub(crate) store: Shelf,
    pub(crate) server: Server,
    /// In order: they are all alike.
    pub(crate) nodes: Vec<Node>,
    /// Requests that nobody waits for any more, and that may still arrive.
    pub(crate) strays: Vec<u8>,
    pub(crate) budget: Budget,
    /// Access tokens that the store has or had.
    pub(crate) persisted: BTreeSet<u8>,
    /// Refresh tokens whose outcome the store has.
    pub(crate) settled: BTreeSet<u8>,
    /// Refresh tokens that came to a node which did not crash with them.
    pub(crate) known: BTreeSet<u8>,
    /// The first invariant that did not hold.
    pub(crate) broken: Option<&'static str>,
}

/// The crate's own store, with what is in it as numbers, to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) store: Arc<MemoryStore>,
    /// None once the user has signed out.
    pub(crate) record: Option<usize>,
    pub(crate) epoch: u64,
    pub(crate) held_until: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Node {
    pub(crate) at: Option<At>,
    pub(crate) runs: u8,
    pub(crate) rejected: Option<u8>,
    pub(crate) moves: Vec<Move>,
    /// What it asked of a store that takes its time.
    pub(crate) asked: Option<Asked>,
    /// Until when it may believe that it has the lease.
    pub(crate) held_until: u64,
    /// The refresh token whose outcome it does not know, or has not written.
    pub(crate) open: Option<u8>,
    /// The refresh token that it has received, and not written.
    pub(crate) gained: Option<u8>,
    /// What the server said; none while the request is on its way.
    pub(crate) answer: Option<Answer>,
}

/// How far an effect on a slow store has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Asked {
    /// It was asked for at this time.
    Since(u64),
    /// It is done, and this is what the node will hear.
    Done(What),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Begin(usize),
    /// Whatever the node asks of the store.
    Store(usize),
    /// The same of a store that takes its time: asked for,
    Ask(usize),
    /// done,
    Affect(usize),
    /// and heard of.
    Hear(usize),
    /// The store writes, and the node hears nothing.
    Doubt(usize),
    Serve(usize),
    /// A proxy answers instead of the server.
    Page(usize),
    /// A proxy answers after the server.
    PageAfter(usize),
    Deliver(usize),
    /// What is under way, be it request or answer, vanishes.
    Lose(usize),
    /// The node gives up, and its request is still on its way.
    Late(usize),
    ServeStray(usize),
    Wake(usize),
    Crash(usize),
    /// Time passes: leases lapse, and grace periods end.
    Sleep,
    /// Some time passes: leases are too short for a request.
    Nap,
    /// The user signs out, and the tokens are forgotten.
    SignOut,
}

impl State {
    /// Nobody is in the middle of anything.
    pub(crate) fn is_quiet(&self) -> bool {
        let is_idle = |node: &Node| matches!(node.at, None | Some(At::Done(_)));
        self.nodes.iter().all(is_idle)
    }

    pub(crate) fn act(&mut self, cast: &Cast, action: Action) {
        match action {
            Action::Begin(node) => {
                let node = &mut self.nodes[node];
                node.runs -= 1;
                if let Some(At::Done(End::Fresh(serial))) = node.at {
                    node.rejected = Some(serial);
                }
                node.at = Some(cast.replay(node.rejected, &node.moves));
            }
            Action::Store(node) => {
                let what = self.affect(cast, node, self.now);
                self.give(cast, node, what);
            }
            Action::Ask(node) => {
                self.budget.delays -= 1;
                self.nodes[node].asked = Some(Asked::Since(self.now));
            }
            Action::Affect(node) => {
                if let Some(Asked::Since(asked_at)) = self.nodes[node].asked {
                    let what = self.affect(cast, node, asked_at);
                    self.nodes[node].asked = Some(Asked::Done(what));
                }
            }
            Action::Hear(node) => {
                if let Some(Asked::Done(what)) = self.nodes[node].asked.take() {
                    self.give(cast, node, what);
                }
            }
            Action::Doubt(node) => {
                self.budget.doubts -= 1;
                self.write(cast, node);
                self.give(cast, node, What::SetFailed);
            }
            Action::Serve(node) => self.nodes[node].answer = Some(self.serve(cast, node)),
            Action::Page(node) => {
                self.budget.pages -= 1;
                self.nodes[node].answer = Some(Answer::Unavailable);
            }
            Action::PageAfter(node) => {
                self.budget.pages -= 1;
                self.serve(cast, node);
                self.nodes[node].answer = Some(Answer::Unavailable);
            }
            Action::Deliver(node) => self.deliver(cast, node),
            Action::Lose(node) => self.lose(cast, node),
            Action::Late(node) => {
                self.strays.extend(self.nodes[node].open);
                self.lose(cast, node);
            }
            Action::ServeStray(stray) => {
                let token = self.strays.remove(stray);
                self.server.refresh(cast.policy, token);
            }
            Action::Wake(node) => self.give(cast, node, What::Woken),
            Action::Crash(node) => self.crash(node),
            Action::Sleep => {
                self.budget.sleeps = self.budget.sleeps.saturating_sub(1);
                self.now += cast.terms.hold().as_secs() + 1;
                self.server.grow_old();
            }
            Action::Nap => {
                self.budget.naps -= 1;
                self.now += (cast.terms.hold() - cast.terms.timeout()).as_secs() + 1;
            }
            Action::SignOut => {
                self.budget.sign_outs -= 1;
                let store = Arc::make_mut(&mut self.store.store);
                let now = UnixTime::from_secs(self.now);
                store.forget(now, &cast.key).unwrap();
                self.store.epoch += 1;
                self.store.record = None;
                self.store.held_until = 0;
            }
        }
    }

    fn serve(&mut self, cast: &Cast, node: usize) -> Answer {
        match self.nodes[node].at {
            Some(At::Send(token)) => self.server.refresh(cast.policy, token),
            at => panic!("nothing was sent at {at:?}"),
        }
    }

    fn deliver(&mut self, cast: &Cast, node: usize) {
        let Some(answer) = self.nodes[node].answer.take() else {
            return;
        };
        match answer {
            Answer::Tokens(serial) if cast.policy.rotates => self.nodes[node].gained = Some(serial),
            Answer::Tokens(_) | Answer::InvalidGrant => {}
            // No verdict: the same token goes out again.
            Answer::Unavailable => self.nodes[node].open = None,
        }
        self.give(cast, node, What::Answer(answer));
    }

    fn lose(&mut self, cast: &Cast, node: usize) {
        self.budget.losses -= 1;
        self.nodes[node].answer = None;
        self.nodes[node].open = None;
        self.give(cast, node, What::Lost);
    }

    fn crash(&mut self, node: usize) {
        self.budget.crashes -= 1;
        let node = &mut self.nodes[node];
        // A request that is on its way goes on.
        if node.answer.is_none() && matches!(node.at, Some(At::Send(_))) {
            self.strays.extend(node.open);
        }
        *node = Node {
            at: None,
            runs: node.runs + 1,
            rejected: node.rejected,
            moves: Vec::new(),
            asked: None,
            held_until: 0,
            open: None,
            gained: None,
            answer: None,
        };
    }

    /// Does what a node asked of the store at that time.
    fn affect(&mut self, cast: &Cast, node: usize, asked_at: u64) -> What {
        let now = UnixTime::from_secs(asked_at);
        match self.nodes[node].at {
            Some(At::Get) => What::Got(self.store.record),
            Some(At::Lease(ask)) => {
                let time = cast.terms.hold();
                let hold = match ask {
                    Ask::Take => Hold::Take(time),
                    Ask::Extend(epoch) => Hold::Extend(Epoch::new(epoch), time),
                    Ask::Release(epoch) => Hold::Release(Epoch::new(epoch)),
                };
                let leased = Arc::make_mut(&mut self.store.store)
                    .lease(now, &cast.key, hold)
                    .unwrap();
                let epoch = leased.map(Epoch::number);
                if let Some(epoch) = epoch {
                    let until = match ask {
                        Ask::Release(_) => 0,
                        Ask::Take | Ask::Extend(_) => asked_at + time.as_secs(),
                    };
                    self.store.epoch = epoch;
                    self.store.held_until = until;
                    self.nodes[node].held_until = until;
                }
                What::Leased(epoch)
            }
            Some(At::Set(..)) => What::Set(self.write(cast, node)),
            at => panic!("nothing is asked of the store at {at:?}"),
        }
    }

    fn write(&mut self, cast: &Cast, node: usize) -> bool {
        let Some(At::Set(epoch, number)) = self.nodes[node].at else {
            return false;
        };
        let record = cast.record(number);
        let store = Arc::make_mut(&mut self.store.store);
        let is_written = store
            .compare_and_set(&cast.key, Epoch::new(epoch), Some(&record))
            .unwrap();
        if is_written {
            if self.store.record.is_none() {
                self.broken = Some("nothing brings back what was forgotten");
            }
            self.store.record = Some(number);
            self.store.held_until = 0;
            let node = &mut self.nodes[node];
            let is_verdict = record.held_back_until().is_none();
            if is_verdict && cast.policy.rotates {
                self.settled.extend(node.open.take());
            }
            if !record.is_dead() && is_verdict {
                self.persisted.insert(serial(&record));
            }
            self.known.extend(node.gained.take());
        }
        is_written
    }

    /// Hands a node what it waits for, and looks at where it gets.
    fn give(&mut self, cast: &Cast, index: usize, what: What) {
        let now = self.now;
        let node = &mut self.nodes[index];
        node.moves.push(Move { now, what });
        let at = cast.replay(node.rejected, &node.moves);
        node.at = Some(at);
        match at {
            At::Send(token) => self.sends(index, token),
            At::Done(end) => {
                // Tokens in hand at the end are given up where the store has others that are fresh, and
                // only there.
                let gained = node.gained.take();
                if !matches!(end, End::Fresh(_)) {
                    self.known.extend(gained);
                }
                node.open = None;
                node.moves.clear();
                match end {
                    End::Fresh(serial) if !self.persisted.contains(&serial) => {
                        self.broken = Some("a published token was persisted");
                    }
                    End::Unsaved(_) => self.broken = Some("nothing is unsaved while a store works"),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn sends(&mut self, index: usize, token: u8) {
        let now = self.now;
        let others = self.nodes.iter().enumerate();
        let is_open = others
            .filter(|(other, _)| *other != index)
            .any(|(_, node)| node.open == Some(token) && now < node.held_until);
        if self.settled.contains(&token) || is_open {
            self.broken = Some("no refresh token goes out twice unless the outcome was ambiguous");
        }
        self.nodes[index].open = Some(token);
    }

    /// Whether a token that came to anybody works a day later.
    pub(crate) fn is_honoured(&self) -> bool {
        let mut server = self.server.clone();
        server.grow_old();
        self.known.iter().any(|token| server.honours(*token))
    }
}

/// Two states are one where the same can happen from here on.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.facts().hash(hasher);
    }
}

impl State {
    fn facts(&self) -> impl Eq + Hash + '_ {
        let store = (self.store.record, self.store.epoch, self.store.held_until);
        (
            (self.now, store, &self.server, &self.nodes, &self.strays),
            (self.budget, &self.persisted, &self.settled, &self.known),
            self.broken,
        )
    }
}
