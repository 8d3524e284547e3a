//! The phone of a user who is asked through the backchannel: it says yes or no by a form of the server's own.

use crate::failure::Failure;
use crate::failure::same;
use crate::stage::Server;
use crate::wire;

/// The phones of everyone at one server.
pub(crate) struct Phone<'a> {
    server: &'a Server,
}

#[derive(Clone, Copy)]
pub(crate) enum Decision {
    Allow,
    Deny,
}

impl<'a> Phone<'a> {
    pub(crate) fn at(server: &'a Server) -> Self {
        Self { server }
    }

    /// The user decides about the request that the phone shows.
    pub(crate) fn decide(&self, login: &str, decision: Decision) -> Result<(), Failure> {
        let address = format!("{}/phone", self.server.issuer);
        let decision = match decision {
            Decision::Allow => "allow",
            Decision::Deny => "deny",
        };
        let form = wire::encode([("login", login), ("decision", decision)]);
        let answer = wire::post(&wire::agent(), &address, &[], form)?;
        same("the phone's status", answer.status, 204)
    }
}
