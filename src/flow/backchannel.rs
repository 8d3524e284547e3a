//! Having the server ask a user who is elsewhere (CIBA Core 1.0 §3): in a shop, on the phone, at a
//! till.
//!
//! ```text
//!   client.backchannel(request) ──▶ PendingBackchannel
//!                                        │
//!          ┌─────────────────────────────┼──────────────────────────────┐
//!        poll                          ping                           push
//!          │                  Notification::ping (204)      Notification::push (204)
//!          │                             │                              │
//!   poll_backchannel(…)     poll_backchannel(…).pinged()                │
//!          │                             │                              │
//!          └──────────▶ Tokens ◀─────────┴──────────────────────────────┘
//! ```
//!
//! The client that waits is one [`Polling`].

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::endpoint::backchannel::BackchannelAuthentication;
use crate::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use crate::endpoint::pending_backchannel::PendingBackchannel;
use crate::endpoint::poll::Poll;
use crate::flow::Paused;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::pace::Pace;
use crate::flow::polling::Polling;

impl Client {
    /// Asks the server to ask the user (CIBA Core 1.0 §7.1).
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
    /// use oauth_proto::flow::{Flow, Step};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::BackchannelAuthentication, "https://id.example/bc-authorize")?
    /// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
    /// # let client = Client::new(metadata, "shop", Authentication::client_secret_basic("s3cret"))?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    /// #     http::Response::new(br#"{"auth_req_id":"1c266114","expires_in":120}"#.to_vec())
    /// # }
    /// let request = BackchannelAuthenticationRequest::new(["payments"])
    ///     .login_hint("ada@example.com")
    ///     .binding_message("W4SCT");
    /// let Step::Send(request, sent) = client.backchannel(request)?.begin(now)? else { panic!() };
    /// let Step::Done(pending) = sent.answer(now, &send(request.into_http()))? else { panic!() };
    ///
    /// let Step::Wait(pause, _paused) = client.poll_backchannel(pending)?.begin(now)? else { panic!() };
    /// assert_eq!(pause.as_secs(), 5);
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`BackchannelAuthentication::new`].
    pub fn backchannel(
        &self,
        request: BackchannelAuthenticationRequest,
    ) -> Result<Call<BackchannelAuthentication>, Error> {
        BackchannelAuthentication::new(self, request).map(Call::new)
    }

    /// Waits for a user who decides elsewhere, in this process or in another than the one that asked.
    ///
    /// # Errors
    ///
    /// Those of [`Poll::backchannel`].
    pub fn poll_backchannel(
        &self,
        pending: PendingBackchannel,
    ) -> Result<Polling<PendingBackchannel>, Error> {
        let poll = Poll::backchannel(self, &pending)?;
        let pace = Pace::new(pending.interval(), pending.expires_at());
        Ok(Polling::new(pending, poll, pace))
    }
}

impl Polling<PendingBackchannel> {
    /// A ping came: the first poll is due at once, and the next ones at the interval.
    pub fn pinged(self) -> Self {
        self.at_once()
    }
}

impl Paused<Polling<PendingBackchannel>> {
    /// A ping came: the wait is over.
    ///
    /// # Errors
    ///
    /// [`Expired::Polling`](crate::domain::error::Expired::Polling) where it comes too late.
    pub fn pinged(self, now: UnixTime) -> Result<Step<Polling<PendingBackchannel>>, Error> {
        self.map(Polling::at_once).wake(now)
    }
}
