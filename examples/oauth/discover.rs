//! `discover`: what the server says of itself.

use super::failure::Failure;
use super::session::Session;

pub(crate) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if !session.has_issuer() {
        return Err(Failure::usage("--issuer is needed"));
    }
    let metadata = session.metadata()?;
    match serde_json::to_value(&metadata) {
        Ok(document) => session.console.print(&document),
        Err(error) => Err(Failure::usage(error.to_string())),
    }
}
