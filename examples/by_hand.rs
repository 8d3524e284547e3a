//! No driver: a foreign event loop holds the step, and matches on it.
//!
//! A proxy, a game, an embedded device has a loop of its own. It keeps a `Step` in its state, does what
//! the step asks for in its own time, and puts the next step in its place. Here the loop's wire is a
//! provider in memory.
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::sign_in::SignIn;

#[path = "support/memory.rs"]
mod memory;

use memory::Memory;

/// What the loop holds between two turns.
enum State {
    Discovering(Step<Discover>),
    SigningIn(Step<SignIn>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut wire = Memory::new();
    let mut now = UnixTime::from_secs(1_800_000_000);

    let mut state = State::Discovering(Discover::new("https://id.example")?.begin(now)?);
    loop {
        now = now.saturating_add(std::time::Duration::from_secs(1));
        state = match state {
            State::Discovering(Step::Send(request, sent)) => {
                println!("{now}: {request:?}");
                let response = wire.send(now, &request);
                State::Discovering(sent.answer(now, &response)?)
            }
            State::Discovering(Step::Done(metadata)) => {
                State::SigningIn(go_and_come_back(metadata, &mut wire, now)?.begin(now)?)
            }
            State::SigningIn(Step::Send(request, sent)) => {
                println!("{now}: {request:?}");
                let response = wire.send(now, &request);
                State::SigningIn(sent.answer(now, &response)?)
            }
            State::SigningIn(Step::Done(signed_in)) => {
                println!("{now}: signed in, scope `{}`", signed_in.tokens().scope());
                return Ok(());
            }
            State::Discovering(step) => return Err(format!("not asked for: {step:?}").into()),
            State::SigningIn(step) => return Err(format!("not asked for: {step:?}").into()),
        };
    }
}

/// The user's part: leaves with the URL, and is back at once.
fn go_and_come_back(
    metadata: Metadata,
    wire: &mut Memory,
    now: UnixTime,
) -> Result<SignIn, Box<dyn Error>> {
    let client = Client::new(metadata, "loop", Authentication::None)?
        .with_redirect_uri("https://app.example/callback")?;
    let (url, pending) = client.authorize(now, ["mail"])?;
    let callback = wire.browse(now, url.as_str());
    Ok(client.resume(now, pending, &callback)?)
}
