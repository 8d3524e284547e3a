//! A user who signed in, and the API that is called for them; a wire that loses answers.

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::lease::Lease;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::session::tokens;

pub(crate) const BASE: &str = "https://id.example/api";

pub(crate) const fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

/// A provider that rotates refresh tokens and detects their reuse, a client, and the API with the tokens
/// of a user, which are for an hour.
pub(crate) fn signed_in() -> (Provider, Client, Api) {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let api = Api::new(&client, BASE, Lease::new(tokens)).unwrap();
    (provider, client, api)
}

/// What came of a call whose answers may be lost.
#[derive(Debug)]
pub(crate) enum Played {
    Done(Response<Vec<u8>>),
    /// The transport's error came back.
    Lost,
    Failed,
}

/// Runs a call at one moment, and loses the answers of these numbers. Waits are slept.
pub(crate) fn play<F: Flow<Output = Response<Vec<u8>>>>(
    provider: &mut Provider,
    now: UnixTime,
    flow: F,
    lost: &[usize],
) -> Played {
    let mut number = 0;
    let mut now = now;
    let mut step = flow.begin(now).map_err(DriveError::Protocol);
    loop {
        step = match step {
            Ok(Step::Send(request, sent)) => {
                let response = provider.handle(now.as_secs(), &request);
                let is_lost = lost.contains(&number);
                number += 1;
                if is_lost {
                    sent.lost(now, ())
                } else {
                    sent.answer(now, &response).map_err(DriveError::Protocol)
                }
            }
            Ok(Step::Wait(pause, paused)) => {
                now = now.saturating_add(pause);
                paused.slept(now).map_err(DriveError::Protocol)
            }
            Ok(Step::Done(response)) => return Played::Done(response),
            Ok(Step::Sign(..)) => panic!("no key is remote"),
            Err(DriveError::Transport(())) => return Played::Lost,
            Err(DriveError::Protocol(_)) => return Played::Failed,
        };
    }
}
