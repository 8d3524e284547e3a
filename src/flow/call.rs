//! The flow of one operation, and the one home of what cuts across all of them: remote signatures,
//! proofs that have to be made again with a nonce (RFC 9449 §8 and §9) or with a challenge
//! (draft-ietf-oauth-attestation-based-client-auth-10 §7.4), and answers that wait for the server's keys.
//!
//! ```text
//!             ┌──────────────┐ (once each: the proof lacks the newest nonce, or the newest challenge)
//!             ▼              │
//!   Ready ──▶ Signing ⟲ ──▶ Asked ──▶ Done
//!     └──────────────────────▲ │       ▲
//!       (no remote key)        ▼       │
//!                            Reading ──┘   (keys lack)
//! ```
//!
//! One request, and another only where the server said that it did not take the one before for want of a nonce
//! or of a challenge, and gave a new one: what that one held is not spent. Each is asked for once, which makes
//! two requests at most, and three of a client that is attested and bound to a key.

use std::fmt;
use std::sync::Arc;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::client_attestation;
use crate::domain::dpop_nonces;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::draft::Proofs;
use crate::endpoint::exchange::SecurityToken;
use crate::endpoint::exchange::TokenExchange;
use crate::endpoint::grant::Grant;
use crate::endpoint::introspection::IntrospectionRequest;
use crate::endpoint::resource::ResourceRequest;
use crate::endpoint::revocation::Revocation;
use crate::endpoint::userinfo::UserinfoRequest;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::keyed::Keyed;
use crate::flow::keyed::Reading;

/// One operation as a flow: its request is made, signed where a remote key must, sent, and its
/// response read.
#[must_use = "a flow does nothing until it is run"]
pub struct Call<O> {
    state: State<O>,
}

enum State<O> {
    /// Nothing is made yet.
    Ready(O),
    /// A remote key is asked for the draft's next signature.
    Signing(O, Box<Draft>, Tries),
    /// The request is under way, with proofs or without.
    Asked(O, Proofs, Tries),
    /// The answer is here, and the keys to read it with are under way.
    Reading(Box<Keyed<Answered<O>>>),
}

/// For want of what the request was made again.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Tries {
    nonce: bool,
    challenge: bool,
}

/// An operation and the answer to it.
struct Answered<O> {
    operation: O,
    response: Response<Vec<u8>>,
}

impl<O: Operation> Call<O> {
    /// The flow of this operation.
    pub const fn new(operation: O) -> Self {
        Self {
            state: State::Ready(operation),
        }
    }

    /// The operation, for those who send its request themselves, or want to add to it.
    #[must_use]
    pub fn into_operation(self) -> O {
        match self.state {
            State::Ready(operation)
            | State::Signing(operation, ..)
            | State::Asked(operation, ..) => operation,
            State::Reading(keyed) => keyed.into_reading().operation,
        }
    }

    fn ask(operation: O, now: UnixTime, tries: Tries) -> Result<Step<Self>, Error> {
        let draft = operation.request(now)?;
        Self::go_on(operation, draft, tries)
    }

    /// Whether the answer is here, and only keys lack to read it with.
    pub(crate) const fn has_answer(&self) -> bool {
        matches!(self.state, State::Reading(_))
    }

    fn go_on(operation: O, mut draft: Draft, tries: Tries) -> Result<Step<Self>, Error> {
        if let Some(input) = draft.signing_input().cloned() {
            let state = State::Signing(operation, Box::new(draft), tries);
            return Ok(Step::sign(input, Self { state }));
        }
        let state = State::Asked(operation, draft.take_proofs(), tries);
        Ok(Step::send(draft.into_request()?, Self { state }))
    }

    /// Goes on where the server refused: once more, where it demands a proof with a nonce or with a
    /// challenge and gave a new one.
    fn refused(
        operation: O,
        now: UnixTime,
        response: &Response<Vec<u8>>,
        refusal: Box<Refusal>,
        (proofs, tries): (Proofs, Tries),
    ) -> Result<Step<Self>, Error> {
        let headers = response.headers();
        let mut next = tries;
        if let Some(proved) = proofs.dpop
            && dpop_nonces::is_demanded(&refusal, response)
        {
            dpop_nonces::check_demand(headers, proved.nonce.as_deref())?;
            next.nonce = true;
        } else if let Some(challenged) = proofs.attested
            && client_attestation::is_demanded(&refusal, response)
        {
            client_attestation::check_demand(headers, &challenged)?;
            next.challenge = true;
        }
        if next == tries {
            return Err(Error::Refused(refusal));
        }
        Self::ask(operation, now, next)
    }

    fn reading(step: Step<Keyed<Answered<O>>>) -> Result<Step<Self>, Error> {
        let wrap = |keyed, ()| Self {
            state: State::Reading(Box::new(keyed)),
        };
        step.stage((), wrap, |(output, _), ()| Ok(Step::Done(output)))
    }
}

impl<O: Operation> Flow for Call<O> {
    type Output = O::Output;
}

impl<O: Operation> Machine for Call<O> {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.state {
            State::Reading(keyed) => Self::reading(keyed.advance(now)?),
            State::Ready(operation) => Self::ask(operation, now, Tries::default()),
            State::Signing(operation, _, tries) | State::Asked(operation, _, tries) => {
                Self::ask(operation, now, tries)
            }
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        let (operation, proofs, tries) = match self.state {
            State::Reading(keyed) => return Self::reading(keyed.answer(now, response)?),
            State::Asked(operation, proofs, tries) => (operation, proofs, tries),
            State::Ready(operation) | State::Signing(operation, ..) => {
                (operation, Proofs::default(), Tries::default())
            }
        };
        match operation.response(now, response) {
            Err(Error::Keys(missing)) => {
                let response = response.clone();
                let answered = Answered {
                    operation,
                    response,
                };
                Self::reading(Keyed::missing(answered, now, missing)?)
            }
            Err(Error::Refused(refusal)) => {
                Self::refused(operation, now, response, refusal, (proofs, tries))
            }
            read => read.map(Step::Done),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.state {
            State::Signing(operation, draft, tries) => {
                Self::go_on(operation, draft.signed(signature)?, tries)
            }
            State::Reading(keyed) => Self::reading(keyed.signed(now, signature)?),
            State::Ready(_) | State::Asked(..) => Err(Misuse::Unsigned.into()),
        }
    }

    /// One exchange cannot go on without its answer.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.state {
            State::Reading(keyed) => keyed.lost(now)?.map(Self::reading).transpose(),
            State::Ready(_) | State::Signing(..) | State::Asked(..) => Ok(None),
        }
    }
}

impl<O: Operation> Reading for Answered<O> {
    type Output = O::Output;

    fn read(&self, now: UnixTime) -> Result<O::Output, Error> {
        self.operation.response(now, &self.response)
    }

    fn without_keys(self: Box<Self>, now: UnixTime, failure: Option<Error>) -> Option<Error> {
        let operation = Arc::new(self.operation);
        operation.without_keys(now, &self.response).or(failure)
    }
}

impl<O> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Ready(_) => "Call(ready)",
            State::Signing(..) => "Call(signing)",
            State::Asked(..) => "Call(asked)",
            State::Reading(_) => "Call(reading)",
        })
    }
}

impl Client {
    /// Refreshes an access token (RFC 6749 §6).
    ///
    /// The old refresh token is in the result where the server gives no other one. For more than this,
    /// build a [`Grant`] and run it as [`Call::new`].
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`], or [`Misuse::OtherClient`] where the tokens are of another client or
    /// issuer.
    pub fn refresh(&self, tokens: &Tokens) -> Result<Call<Grant>, Error> {
        Grant::refresh(self, tokens).map(Call::new)
    }

    /// Asks for tokens for the client itself (RFC 6749 §4.4); an empty scope is omitted.
    pub fn client_credentials(&self, scope: impl Into<Scope>) -> Call<Grant> {
        Call::new(Grant::client_credentials(self).scope(scope))
    }

    /// Exchanges a token for another (RFC 8693); [`Tokens`] stand for their access token.
    ///
    /// For an audience, an actor, or another kind of token, build a [`TokenExchange`] and run it as
    /// [`Call::new`].
    pub fn exchange(&self, subject: impl Into<SecurityToken>) -> Call<TokenExchange> {
        Call::new(TokenExchange::new(self, subject))
    }

    /// Revokes the refresh token, or the access token where there is no refresh token (RFC 7009).
    ///
    /// Servers are to end the access tokens of a refresh token with it, and need not do the reverse.
    /// To revoke one and keep the other, build a [`Revocation`] and run it as [`Call::new`].
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where the tokens are of another client or issuer.
    pub fn revoke(&self, tokens: &Tokens) -> Result<Call<Revocation>, Error> {
        match tokens.refresh_token() {
            Some(_) => Revocation::refresh_token(self, tokens),
            None => Revocation::access_token(self, tokens),
        }
        .map(Call::new)
    }

    /// Asks the server what a token is, and whether it works (RFC 7662).
    pub fn introspect(&self, token: impl Into<Secret>) -> Call<IntrospectionRequest> {
        Call::new(IntrospectionRequest::token(self, token))
    }

    /// Asks for the claims about the user who the access token is for
    /// (OpenID Connect Core 1.0 §5.3). It does not authenticate the user: see [`UserinfoRequest`].
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where the tokens are of another client or issuer,
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no
    /// userinfo endpoint.
    pub fn userinfo(&self, tokens: &Tokens) -> Result<Call<UserinfoRequest>, Error> {
        UserinfoRequest::new(self, tokens).map(Call::new)
    }

    /// Calls a protected resource with the access token in its `Authorization` header
    /// (RFC 6750 §2.1), and with a proof of its key where it is bound to one (RFC 9449 §7.1).
    ///
    /// The answer is handed back whatever its status, unless the resource refuses the token. Tokens of
    /// another client or issuer are [`Misuse::OtherClient`], before anything is sent.
    pub fn call(&self, tokens: &Tokens, request: http::Request<Vec<u8>>) -> Call<ResourceRequest> {
        Call::new(ResourceRequest::new(self, tokens, request))
    }
}
