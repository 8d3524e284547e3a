//! Signing in without a code (OpenID Connect Core 1.0 §3.2): what the browser brings is final, once it is
//! verified.
//!
//! ```text
//!   client.resume_implicit(pending, callback) ──▶ Validating ──▶ Done(ImplicitResponse)
//!                                                  (fetches the server's keys where they lack)
//! ```

use std::fmt;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::implicit::ImplicitResponse;
use crate::endpoint::pending::Pending;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::keyed::Keyed;
use crate::flow::sign_in::Callback;

impl Client {
    /// Takes up a sign-in whose response type has no code, where the user comes back: the flow fetches
    /// the server's keys where an ID token came and they are not at hand.
    ///
    /// # Errors
    ///
    /// [`Misuse::ResponseType`] where a code was asked for, which [`Client::resume`] takes up. What is
    /// wrong with the response is said by the flow: the errors of [`Client::implicit_response`].
    pub fn resume_implicit(
        &self,
        pending: Pending,
        callback: &str,
    ) -> Result<ImplicitSignIn, Error> {
        let response_type = pending.response_type;
        if response_type.has_code() {
            return Err(Misuse::ResponseType {
                response_type: response_type.as_str(),
                method: "Client::resume",
            }
            .into());
        }
        Ok(ImplicitSignIn(Keyed::new(Callback {
            client: self.clone(),
            pending,
            received: Secret::from(callback),
        })))
    }
}

/// The second half of a sign-in without a code, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct ImplicitSignIn(Keyed<Callback>);

impl ImplicitSignIn {
    fn step(step: Step<Keyed<Callback>>) -> Result<Step<Self>, Error> {
        let wrap = |keyed, ()| Self(keyed);
        step.stage((), wrap, |(returned, _), ()| {
            Ok(Step::Done(ImplicitResponse::new(returned)))
        })
    }
}

impl Flow for ImplicitSignIn {
    type Output = ImplicitResponse;
}

impl Machine for ImplicitSignIn {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        Self::step(self.0.advance(now)?)
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        Self::step(self.0.answer(now, response)?)
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        Self::step(self.0.signed(now, signature)?)
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        self.0.lost(now)?.map(Self::step).transpose()
    }
}

impl fmt::Debug for ImplicitSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImplicitSignIn")
    }
}
