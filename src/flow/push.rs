//! Beginning a sign-in by a pushed authorization request (RFC 9126 §1.1): from the request to the URL.
//!
//! ```text
//!   client.push(request)
//!         │
//!         ▼
//!      Pushing ──▶ Done((URL, Pending))       then the user is away, as after client.authorize
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::endpoint::authorization::AuthorizationUrl;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::pending::Pending;
use crate::endpoint::pushed::PushedAuthorizationRequest;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;

impl Client {
    /// Pushes an authorization request to the server, as a flow that ends with what
    /// [`Client::authorize`] gives at once: the URL to send the user to, and what to keep until the
    /// user comes back.
    ///
    /// Nothing of the request travels through the browser: the URL holds `client_id` and `request_uri`
    /// alone. The server has read the request, and refused it if it must, before the user leaves.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::flow::{Flow, Step};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
    /// #     .with_endpoint(Endpoint::PushedAuthorizationRequest, "https://id.example/par")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    /// #     let body = br#"{"request_uri":"urn:example:1","expires_in":60}"#;
    /// #     http::Response::builder().status(201).body(body.to_vec()).unwrap()
    /// # }
    /// let (url, pending) = match client.push(now, "mail")?.begin(now)? {
    ///     Step::Send(request, sent) => match sent.answer(now, &send(request.into_http()))? {
    ///         Step::Done(done) => done,
    ///         other => panic!("{other:?}"),
    ///     },
    ///     other => panic!("{other:?}"),
    /// };
    /// assert!(url.as_str().ends_with("?client_id=my-app&request_uri=urn%3Aexample%3A1"));
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::pushed_authorization_request`]. Nothing is sent then.
    pub fn push<'a>(
        &self,
        now: UnixTime,
        request: impl Into<AuthorizationRequest<'a>>,
    ) -> Result<Push, Error> {
        let (pushed, pending) = self.pushed_authorization_request(now, request)?;
        Ok(Push::pushing(Call::new(pushed), pending))
    }
}

/// The first half of a sign-in by a pushed request, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct Push {
    stage: Stage,
}

enum Stage {
    /// The request is pushed.
    Pushing(Call<PushedAuthorizationRequest>, Pending),
}

impl Push {
    fn pushing(call: Call<PushedAuthorizationRequest>, pending: Pending) -> Self {
        let stage = Stage::Pushing(call, pending);
        Self { stage }
    }

    fn step(
        step: Step<Call<PushedAuthorizationRequest>>,
        pending: Pending,
    ) -> Result<Step<Self>, Error> {
        step.stage(pending, Self::pushing, |request_uri, pending| {
            request_uri.authorize(pending).map(Step::Done)
        })
    }
}

impl Flow for Push {
    type Output = (AuthorizationUrl, Pending);
}

impl Machine for Push {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let Stage::Pushing(call, pending) = self.stage;
        Self::step(call.advance(now)?, pending)
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        let Stage::Pushing(call, pending) = self.stage;
        Self::step(call.answer(now, response)?, pending)
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        let Stage::Pushing(call, pending) = self.stage;
        Self::step(call.signed(now, signature)?, pending)
    }

    /// One exchange cannot go on without its answer. Pushing again is harmless: the user is still
    /// here.
    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Push(pushing)")
    }
}
