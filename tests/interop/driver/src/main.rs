//! Signs users in on real servers. Usage: `oauth-proto-interop FOLDER [PART-OF-A-NAME…]`
//!
//! FOLDER holds one JSON file for each running server (see [`stage`]). Each scenario whose name contains one of the
//! parts is run, or all of them without a part. Prints `ok NAME` or `FAILED NAME: why` for each, then
//! `N passed, N failed` on a line of its own; the exit status is 1 when one failed or none was run, 2 on wrong usage.

mod adapter;
mod failure;
mod form;
mod hand;
mod jar;
mod listener;
mod phone;
mod player;
mod scenarios;
mod stage;
mod user;
mod wire;

use std::env;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::failure::fail;
use crate::scenarios::Scenario;
use crate::stage::Stage;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: oauth-proto-interop FOLDER [PART-OF-A-NAME…]");
        return ExitCode::from(2);
    };
    let stage = match Stage::read(Path::new(&folder)) {
        Ok(stage) => stage,
        Err(failure) => {
            eprintln!("{folder}: {failure}");
            return ExitCode::from(2);
        }
    };
    let parts: Vec<String> = arguments.collect();
    let chosen = |scenario: &&Scenario| {
        parts.is_empty() || parts.iter().any(|part| scenario.name.contains(part))
    };

    let (mut passed, mut failed) = (0, 0);
    for scenario in scenarios::all().filter(chosen) {
        match outcome(scenario, &stage) {
            Ok(()) => {
                passed += 1;
                println!("ok {}", scenario.name);
            }
            Err(failure) => {
                failed += 1;
                println!("FAILED {}: {failure}", scenario.name);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}

/// A panic fails its scenario and no other.
fn outcome(scenario: &Scenario, stage: &Stage) -> Result<(), Failure> {
    panic::catch_unwind(AssertUnwindSafe(|| (scenario.play)(stage)))
        .unwrap_or_else(|_| fail("panicked"))
}
