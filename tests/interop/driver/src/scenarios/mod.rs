//! What is played, one subject a file: each file has a table of its scenarios, and [`all`] has a table of the files.

mod backchannel;
mod details;
mod device;
mod main_job;
mod pushed;
mod registration;
mod sane;
mod tokens;

use crate::failure::Failure;
use crate::stage::Stage;

/// One conversation with a server, and what must come of it. It starts from nothing and needs no other scenario.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) play: fn(&Stage) -> Result<(), Failure>,
}

impl Scenario {
    const fn new(name: &'static str, play: fn(&Stage) -> Result<(), Failure>) -> Self {
        Self { name, play }
    }
}

/// Every scenario, in the order of the report.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        sane::SCENARIOS,
        main_job::SCENARIOS,
        pushed::SCENARIOS,
        details::SCENARIOS,
        tokens::SCENARIOS,
        device::SCENARIOS,
        backchannel::SCENARIOS,
        registration::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
