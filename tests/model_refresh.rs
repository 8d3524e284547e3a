//! The refresh machine under a model checker: two and three nodes that share a grant through one store,
//! at servers of every kind, with everything happening that can happen, in every order.
//!
//! The nodes are the crate's own code, not a description of it (see `model_refresh/node.rs`), and so is
//! the store. What is made up is the server, the wire, the clock, and the faults.

use std::thread;

use stateright::Checker;
use stateright::Model;

use crate::server::Policy;
use crate::world::Budget;
use crate::world::World;

#[path = "model_refresh/node.rs"]
mod node;
#[path = "model_refresh/server.rs"]
mod server;
#[path = "model_refresh/world.rs"]
mod world;

const NONE: Budget = Budget {
    crashes: 0,
    losses: 0,
    pages: 0,
    sleeps: 0,
    doubts: 0,
};

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

/// Explores everything, and says how much that was.
fn check(name: &str, nodes: usize, runs: u8, budget: Budget) {
    for policy in policies() {
        let world = World::new(policy, nodes, runs, budget);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let began = std::time::Instant::now();
        let checker = world.checker().threads(threads).spawn_bfs().join();
        println!(
            "{name}, {policy:?}: {} states, depth {}, {:?}",
            checker.unique_state_count(),
            checker.max_depth(),
            began.elapsed()
        );
        checker.assert_properties();
    }
}

#[test]
fn nothing_fails() {
    check("nothing fails", 2, 2, NONE);
    check("nothing fails", 3, 1, NONE);
}

#[test]
fn one_crash() {
    check(
        "one crash",
        2,
        1,
        Budget {
            crashes: 1,
            sleeps: 1,
            ..NONE
        },
    );
    check(
        "one crash",
        2,
        2,
        Budget {
            crashes: 1,
            sleeps: 0,
            ..NONE
        },
    );
}

#[test]
fn lost() {
    check(
        "one loss",
        2,
        2,
        Budget {
            losses: 1,
            sleeps: 1,
            ..NONE
        },
    );
    check(
        "two losses",
        2,
        1,
        Budget {
            losses: 2,
            sleeps: 1,
            ..NONE
        },
    );
}

#[test]
fn pages() {
    check(
        "pages",
        2,
        1,
        Budget {
            pages: 2,
            sleeps: 1,
            ..NONE
        },
    );
}

#[test]
fn sleeps() {
    check("sleeps", 2, 1, Budget { sleeps: 3, ..NONE });
    check("sleeps", 2, 2, Budget { sleeps: 1, ..NONE });
}

#[test]
fn doubts() {
    check(
        "doubts",
        2,
        1,
        Budget {
            doubts: 1,
            sleeps: 1,
            ..NONE
        },
    );
}
