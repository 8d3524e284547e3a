//! The crate's two adapters as one: whatever is played is played over both.

use std::fmt;
use std::time::Duration;

use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::Failure as NoAnswer;
use oauth_proto::transport::Options;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use oauth_proto::transport::ureq;
use tokio::runtime;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::failure::fail;

/// Blocking by `ureq`, or async by `reqwest` on a runtime of its own.
#[derive(Clone, Copy)]
pub(crate) enum Adapter {
    Ureq,
    Reqwest,
}

/// Whatever is played is played over these.
pub(crate) const BOTH: [Adapter; 2] = [Adapter::Ureq, Adapter::Reqwest];

impl Adapter {
    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(self, flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
        match self {
            Self::Ureq => UREQ.with(|agent| ureq::run(agent, flow)),
            Self::Reqwest => {
                REQWEST.with(|(runtime, client)| runtime.block_on(reqwest::run(client, flow)))
            }
        }
    }

    /// Runs a flow to its end by hand and without sleeping: its clock jumps over each wait, and `meanwhile` is told of
    /// it. For the server no time has passed.
    pub(crate) fn hurry<F: Flow>(
        self,
        flow: F,
        mut meanwhile: impl FnMut(Duration) -> Result<(), Failure>,
    ) -> Result<Result<F::Output, DriveError<NoAnswer>>, Failure> {
        let mut skipped = Duration::ZERO;
        let mut next = flow.begin(now());
        loop {
            let at = now().saturating_add(skipped);
            next = match next {
                Ok(Step::Send(request, sent)) => match self.send(request) {
                    Ok(response) => sent.answer(at, &response),
                    Err(failure) => return Ok(Err(DriveError::Transport(failure))),
                },
                Ok(Step::Wait(pause, paused)) => {
                    skipped += pause;
                    meanwhile(pause)?;
                    paused.wake(at.saturating_add(pause))
                }
                Ok(Step::Sign(..)) => return fail("no client here has a remote key"),
                Ok(Step::Done(output)) => return Ok(Ok(output)),
                Err(error) => return Ok(Err(error.into())),
            };
        }
    }

    fn send(self, request: Request) -> Result<http::Response<Vec<u8>>, NoAnswer> {
        let request = request.into_http();
        match self {
            Self::Ureq => UREQ.with(|agent| agent.send(request)),
            Self::Reqwest => {
                REQWEST.with(|(runtime, client)| runtime.block_on(client.send(request)))
            }
        }
    }
}

/// An adapter with settings of its own, such as a client certificate.
pub(crate) enum Connection {
    Ureq(ureq::Agent),
    Reqwest(Runtime, reqwest::Client),
}

impl Connection {
    pub(crate) fn new(adapter: Adapter, options: &Options) -> Result<Self, Failure> {
        Ok(match adapter {
            Adapter::Ureq => Self::Ureq(ureq::Agent::new(options)?),
            Adapter::Reqwest => {
                let runtime = runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                Self::Reqwest(runtime, reqwest::Client::new(options)?)
            }
        })
    }

    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(&self, flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
        match self {
            Self::Ureq(agent) => ureq::run(agent, flow),
            Self::Reqwest(runtime, client) => runtime.block_on(reqwest::run(client, flow)),
        }
    }
}

// One of each for a thread, as an application has: connections are used again.
thread_local! {
    static UREQ: ureq::Agent = ureq::agent();
    static REQWEST: (Runtime, reqwest::Client) = {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let client = reqwest::client();
        (
            runtime.expect("a runtime of this thread"),
            client.expect("the system has certificate authorities"),
        )
    };
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ureq => "ureq",
            Self::Reqwest => "reqwest",
        })
    }
}
