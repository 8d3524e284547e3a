//! The crate's two adapters as one: whatever is played is played over both.

use std::fmt;

use oauth_proto::flow::Flow;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::Failure as NoAnswer;
use oauth_proto::transport::reqwest;
use oauth_proto::transport::ureq;
use tokio::runtime;

/// Blocking by `ureq`, or async by `reqwest` on a runtime of its own.
#[derive(Clone, Copy)]
pub(crate) enum Adapter {
    Ureq,
    Reqwest,
}

impl Adapter {
    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(self, flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
        match self {
            Self::Ureq => ureq::run(&ureq::agent(), flow),
            Self::Reqwest => {
                let runtime = runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime of this thread");
                let client = reqwest::client().expect("the system has certificate authorities");
                runtime.block_on(reqwest::run(&client, flow))
            }
        }
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ureq => "ureq",
            Self::Reqwest => "reqwest",
        })
    }
}
