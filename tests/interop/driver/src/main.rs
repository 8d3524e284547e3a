//! Signs users in on real servers. Usage: `oauth-proto-interop FOLDER [PART-OF-A-NAME…]`
//!
//! FOLDER holds one JSON file for each running server (see [`stage`]). Each scenario whose name contains one of the
//! parts is run, or all of them without a part, several at a time. Prints `ok NAME` or `FAILED NAME: why` for each, a
//! table of the subjects, then `N passed, N failed` on a line of its own; the exit status is 1 when one failed or none
//! was run, 2 on wrong usage.

mod adapter;
mod applicant;
mod failure;
mod form;
mod hand;
mod jar;
mod keyring;
mod listener;
mod phone;
mod player;
mod report;
mod scenarios;
mod stage;
mod tool;
mod user;
mod wire;

use std::env;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::failure::Failure;
use crate::failure::fail;
use crate::report::Report;
use crate::scenarios::ALL;
use crate::scenarios::Scenario;
use crate::stage::Stage;

/// How many scenarios run at a time: most of them wait for somebody most of the time.
const AT_A_TIME: usize = 6;

#[expect(
    clippy::disallowed_methods,
    reason = "how long a scenario took is told, and decides nothing"
)]
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
    let is_chosen = |scenario: &Scenario| {
        parts.is_empty() || parts.iter().any(|part| scenario.name.contains(part))
    };
    let chosen = ALL.iter().flat_map(|&(subject, scenarios)| {
        let chosen = scenarios.iter().filter(|&scenario| is_chosen(scenario));
        chosen.map(move |scenario| (subject, scenario))
    });

    let queue = Mutex::new(chosen);
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let report = Mutex::new(Report::default());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((subject, scenario)) = next() {
                    let start = Instant::now();
                    let outcome = outcome(scenario, &stage);
                    if let Ok(mut report) = report.lock() {
                        report.tell(subject, scenario.name, outcome, start.elapsed());
                    }
                }
            });
        }
    });
    let report = report.into_inner().unwrap_or_default();
    println!("{report}");
    ExitCode::from(u8::from(!report.is_good()))
}

/// A panic fails its scenario and no other.
fn outcome(scenario: &Scenario, stage: &Stage) -> Result<(), Failure> {
    panic::catch_unwind(AssertUnwindSafe(|| (scenario.play)(stage)))
        .unwrap_or_else(|_| fail("panicked"))
}
