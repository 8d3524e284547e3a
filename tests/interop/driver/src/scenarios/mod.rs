//! What is played, one subject a file: each file has a table of its scenarios, and [`all`] has a table of the files.

mod answers;
mod backchannel;
mod client_keys;
mod details;
mod device;
mod dpop;
mod fapi;
mod identity;
mod jarm;
mod logout;
mod main_job;
mod mutual_tls;
mod pushed;
mod registration;
mod renewal;
mod request_objects;
mod sane;
mod tokens;
mod tool;

use std::fmt;

use crate::failure::Failure;
use crate::failure::fail;
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

/// Every scenario by its subject, in the order of the report.
pub(crate) const ALL: [(&str, &[Scenario]); 23] = [
    ("the server by itself", sane::SCENARIOS),
    ("the main job", main_job::SCENARIOS),
    ("pushed requests", pushed::SCENARIOS),
    ("details and resources", details::SCENARIOS),
    ("tokens", tokens::SCENARIOS),
    ("tokens through time", renewal::SCENARIOS),
    ("devices", device::SCENARIOS),
    ("backchannel", backchannel::SCENARIOS),
    ("registration", registration::SCENARIOS),
    ("logout", logout::SCENARIOS),
    ("identity", identity::SCENARIOS),
    ("signed, encrypted answers", answers::SCENARIOS),
    ("authorization responses", jarm::SCENARIOS),
    ("keys of clients", client_keys::SCENARIOS),
    ("mutual TLS", mutual_tls::SCENARIOS),
    ("DPoP", dpop::SCENARIOS),
    ("request objects", request_objects::SCENARIOS),
    ("FAPI 2.0", fapi::SCENARIOS),
    ("the tool", tool::SCENARIOS),
    ("sign-in by the tool", tool::sign_in::SCENARIOS),
    ("tokens by the tool", tool::tokens::SCENARIOS),
    ("keys by the tool", tool::keys::SCENARIOS),
    ("registration by the tool", tool::registration::SCENARIOS),
];

/// The result, with what it was about said before a failure.
fn about<T>(what: impl fmt::Display, result: Result<T, Failure>) -> Result<T, Failure> {
    result.or_else(|failure| fail(format!("{what}: {failure}")))
}
