//! The refresh machine under a model checker: two and three nodes that share a grant through one store,
//! at servers of every kind, with everything happening that can happen, in every order.
//!
//! The nodes are the crate's own code, not a description of it (see `model_refresh/node.rs`), and so is
//! the store. What is made up is the server, the wire, the clock, and the faults.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::thread;

use stateright::Checker;
use stateright::Model;

use crate::server::Policy;
use crate::state::Budget;
use crate::world::World;

#[path = "model_refresh/node.rs"]
mod node;
#[path = "model_refresh/server.rs"]
mod server;
#[path = "model_refresh/state.rs"]
mod state;
#[path = "model_refresh/world.rs"]
mod world;

/// Every kind of server.
fn policies() -> Vec<Policy> {
    let kind = |rotates, has_grace, detects_reuse| Policy {
        rotates,
        has_grace,
        detects_reuse,
    };
    vec![
        kind(false, false, false),
        kind(true, false, false),
        kind(true, false, true),
        kind(true, true, false),
        kind(true, true, true),
    ]
}

/// Explores everything that can happen to so many nodes, each of which refreshes so many times.
fn check(nodes: usize, runs: u8, budget: Budget) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    for policy in policies() {
        let world = World::new(policy, nodes, runs, budget);
        let checker = world.checker().threads(threads).spawn_bfs().join();
        let (states, depth) = (checker.unique_state_count(), checker.max_depth());
        println!(
            "{nodes} nodes, {runs} runs, {budget:?}, {policy:?}: {states} states, depth {depth}"
        );
        checker.assert_properties();
    }
}

const NONE: Budget = Budget::NONE;

#[test]
fn where_nothing_fails() {
    check(2, 3, NONE);
    check(3, 2, NONE);
}

#[test]
fn where_a_node_crashes() {
    let budget = Budget {
        crashes: 1,
        sleeps: 1,
        ..NONE
    };
    check(2, 1, budget);
}

#[test]
fn where_answers_are_lost_or_late() {
    let budget = Budget {
        losses: 2,
        sleeps: 1,
        ..NONE
    };
    check(2, 1, budget);
}

#[test]
fn where_a_proxy_answers() {
    let budget = Budget {
        pages: 2,
        sleeps: 1,
        ..NONE
    };
    check(2, 1, budget);
}

#[test]
fn where_leases_lapse() {
    let budget = Budget { sleeps: 2, ..NONE };
    check(2, 1, budget);
}

#[test]
fn where_the_store_does_not_confirm() {
    let budget = Budget {
        doubts: 1,
        sleeps: 1,
        ..NONE
    };
    check(2, 1, budget);
}

#[test]
fn where_the_store_takes_its_time() {
    let answers = Budget {
        crashes: 1,
        sleeps: 1,
        delays: 1,
        ..NONE
    };
    check(2, 1, answers);
    let effects = Budget {
        naps: 2,
        delays: 2,
        ..NONE
    };
    check(2, 1, effects);
}

#[test]
fn where_the_user_signs_out() {
    let budget = Budget {
        losses: 1,
        sleeps: 1,
        sign_outs: 1,
        ..NONE
    };
    check(2, 1, budget);
}

#[test]
fn three_nodes() {
    let crashes = Budget {
        crashes: 1,
        sleeps: 1,
        ..NONE
    };
    check(3, 1, crashes);
    let losses = Budget { losses: 1, ..NONE };
    check(3, 1, losses);
}

#[test]
#[ignore = "minutes: cargo test --release --test model_refresh -- --ignored --nocapture"]
fn everything_at_once() {
    let each_once = Budget {
        crashes: 1,
        losses: 1,
        pages: 1,
        sleeps: 1,
        doubts: 1,
        ..NONE
    };
    check(2, 1, each_once);
    let each_again = Budget {
        crashes: 1,
        losses: 1,
        sleeps: 1,
        ..NONE
    };
    check(2, 2, each_again);
    check(3, 1, each_again);
    let slow = Budget { sleeps: 3, ..NONE };
    check(2, 1, slow);
    let slow_store = Budget {
        sleeps: 2,
        delays: 2,
        ..NONE
    };
    check(2, 1, slow_store);
}
