//! The flow of one operation, and the one home of what cuts across all of them: remote signatures.
//!
//! ```text
//!   Ready ──▶ Signing ⟲ ──▶ Asked ──▶ Done
//!     └──────────────────────▲
//!       (no remote key)
//! ```

use std::fmt;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::scope::Scope;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
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

/// One operation as a flow: its request is made, signed where a remote key must, sent, and its
/// response read.
pub struct Call<O> {
    operation: O,
    state: State,
}

enum State {
    /// Nothing is made yet.
    Ready,
    /// A remote key is asked for the draft's next signature.
    Signing(Box<Draft>),
    /// The request is under way.
    Asked,
}

impl<O: Operation> Call<O> {
    /// The flow of this operation.
    #[must_use]
    pub const fn new(operation: O) -> Self {
        Self {
            operation,
            state: State::Ready,
        }
    }

    /// The operation, for those who send its request themselves, or want to add to it.
    #[must_use]
    pub fn into_operation(self) -> O {
        self.operation
    }

    fn go_on(mut self, draft: Draft) -> Result<Step<Self>, Error> {
        if let Some(input) = draft.signing_input().cloned() {
            self.state = State::Signing(Box::new(draft));
            return Ok(Step::sign(input, self));
        }
        self.state = State::Asked;
        Ok(Step::send(draft.into_request()?, self))
    }
}

impl<O: Operation> Flow for Call<O> {
    type Output = O::Output;
}

impl<O: Operation> Machine for Call<O> {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let draft = self.operation.request(now)?;
        self.go_on(draft)
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        self.operation.response(now, response).map(Step::Done)
    }

    fn signed(mut self, _now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Signing(draft) => self.go_on(draft.signed(signature)?),
            State::Ready | State::Asked => Err(Misuse::Unsigned.into()),
        }
    }

    /// One exchange cannot go on without its answer.
    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl<O> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Ready => "Call(ready)",
            State::Signing(_) => "Call(signing)",
            State::Asked => "Call(asked)",
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
    #[must_use]
    pub fn client_credentials(&self, scope: impl Into<Scope>) -> Call<Grant> {
        Call::new(Grant::client_credentials(self).scope(scope))
    }

    /// Exchanges a token for another (RFC 8693); [`Tokens`] stand for their access token.
    ///
    /// For an audience, an actor, or another kind of token, build a [`TokenExchange`] and run it as
    /// [`Call::new`].
    #[must_use]
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
    #[must_use]
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
    /// (RFC 6750 §2.1).
    ///
    /// The answer is handed back whatever its status, unless the resource refuses the token. Tokens of
    /// another client or issuer are [`Misuse::OtherClient`], before anything is sent.
    #[must_use]
    pub fn call(&self, tokens: &Tokens, request: http::Request<Vec<u8>>) -> Call<ResourceRequest> {
        Call::new(ResourceRequest::new(self, tokens, request))
    }
}
