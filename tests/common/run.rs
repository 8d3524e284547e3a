//! A flow run against the provider in memory.

use std::convert::Infallible;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Provider;

/// Runs a flow to its end at one moment. No answer is lost, and nothing waits.
pub(crate) fn run<F: Flow>(
    provider: &mut Provider,
    now: UnixTime,
    flow: F,
) -> Result<F::Output, Error> {
    let send = |request: Request| Ok::<_, Infallible>(provider.handle(now.as_secs(), &request));
    let sleep = |pause| panic!("the flow waits {pause:?}");
    drive::blocking(flow, || now, send, sleep).map_err(|error| match error {
        DriveError::Protocol(error) => error,
        DriveError::Transport(never) => match never {},
    })
}
