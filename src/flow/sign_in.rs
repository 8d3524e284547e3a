//! Signing in (RFC 6749 §4.1, steps C to E): from what the browser brings back to tokens.
//!
//! ```text
//!   client.authorize ──▶ (URL, Pending)        the user is away
//!                                │
//!   client.resume(pending, callback)
//!                                │
//!                                ▼
//!                           Redeeming ──▶ Done(SignedIn)
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::quirks::Finding;
use crate::domain::token::Tokens;
use crate::endpoint::callback::AuthorizationResponse;
use crate::endpoint::grant::Grant;
use crate::endpoint::pending::Pending;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;

impl Client {
    /// Takes up a sign-in where the user comes back: validates the callback, and returns the flow that
    /// redeems its code.
    ///
    /// `callback` is the full URL, its path and query, a bare query, a fragment, or the body of a
    /// `form_post`. Take `pending` out of the session for good: it is used once.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::flow::{Flow, Step};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
    /// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let (url, pending) = client.authorize(now, ["mail"])?;
    /// // … the user signs in at `url`, and the browser comes back:
    /// let callback = format!("/callback?code=c0de&state={}", pending.state());
    /// match client.resume(now, pending, &callback)?.begin(now)? {
    ///     Step::Send(request, _sent) => assert_eq!(request.uri(), "https://id.example/token"),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::authorization_response`]. Nothing is sent then.
    pub fn resume(&self, now: UnixTime, pending: Pending, callback: &str) -> Result<SignIn, Error> {
        let authorized = self.authorization_response(now, pending, callback)?;
        Ok(SignIn::new(self, authorized))
    }
}

/// The second half of a sign-in, as a flow.
pub struct SignIn {
    stage: Stage,
}

enum Stage {
    /// The code is redeemed at the token endpoint.
    Redeeming(Call<Grant>, Brought),
}

/// What the browser brought beside the code.
struct Brought {
    tokens: Option<Tokens>,
    parameters: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl SignIn {
    /// Signs in with a validated response, as `client`.
    #[must_use]
    pub fn new(client: &Client, mut authorized: AuthorizationResponse) -> Self {
        let brought = Brought {
            tokens: authorized.tokens.take(),
            parameters: std::mem::take(&mut authorized.parameters),
            findings: std::mem::take(&mut authorized.findings),
        };
        Self::redeeming(
            Call::new(Grant::authorization_code(client, authorized)),
            brought,
        )
    }

    /// Sends a parameter that no specification here knows along with the code.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let Stage::Redeeming(call, brought) = self.stage;
        let grant = call.into_operation().parameter(name, value);
        Self::redeeming(Call::new(grant), brought)
    }

    fn redeeming(call: Call<Grant>, brought: Brought) -> Self {
        Self {
            stage: Stage::Redeeming(call, brought),
        }
    }

    fn step(step: Step<Call<Grant>>, brought: Brought) -> Result<Step<Self>, Error> {
        step.stage(brought, Self::redeeming, |tokens, brought| {
            Ok(Step::Done(SignedIn {
                tokens,
                front_channel_tokens: brought.tokens,
                parameters: brought.parameters,
                findings: brought.findings,
            }))
        })
    }
}

impl Flow for SignIn {
    type Output = SignedIn;
}

impl Machine for SignIn {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let Stage::Redeeming(call, brought) = self.stage;
        Self::step(call.advance(now)?, brought)
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        let Stage::Redeeming(call, brought) = self.stage;
        Self::step(call.answer(now, response)?, brought)
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        let Stage::Redeeming(call, brought) = self.stage;
        Self::step(call.signed(now, signature)?, brought)
    }

    /// A code is good for one request, and nobody knows whether it arrived: the failure goes back to
    /// the caller, and the user signs in again.
    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn(redeeming)")
    }
}

/// A sign-in that is done.
pub struct SignedIn {
    tokens: Tokens,
    front_channel_tokens: Option<Tokens>,
    parameters: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl SignedIn {
    /// The tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The tokens, to keep.
    #[must_use]
    pub fn into_tokens(self) -> Tokens {
        self.tokens
    }

    /// The access token that came beside the code, for the response type `code token`: two tokens of
    /// one grant, and this one was seen by the browser.
    #[must_use]
    pub fn front_channel_tokens(&self) -> Option<&Tokens> {
        self.front_channel_tokens.as_ref()
    }

    /// The callback's parameters that no check knows, such as `session_state`, in their order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// What was tolerated in the callback and in the token response.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.tokens.findings())
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("SignedIn")
            .field("tokens", &self.tokens)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
