//! Signing in on another device (RFC 8628 §1): for a device without a browser, or without a keyboard.
//!
//! ```text
//!   +----------+                                +----------------+
//!   |          |>---(A)-- Client Identifier --->|                |
//!   |          |                                |                |
//!   |          |<---(B)-- Device Code,      ---<|                |
//!   |          |          User Code,            |                |
//!   |  Device  |          & Verification URI    |                |
//!   |  Client  |                                |                |
//!   |          |  [polling]                     |                |
//!   |          |>---(E)-- Device Code       --->|                |
//!   |          |          & Client Identifier   |                |
//!   |          |                                |  Authorization |
//!   |          |<---(F)-- Access Token      ---<|     Server     |
//!   +----------+   (& Optional Refresh Token)   |                |
//!         v                                     |                |
//!         : (C) user code & verification URI    |                |
//!         v                                     |                |
//!   +----------+                                |                |
//!   | End User |                                |                |
//!   |    at    |<---(D)-- End user reviews  --->|                |
//!   |  Browser |          authorization request |                |
//!   +----------+                                +----------------+
//! ```
//!
//! A and B are [`Client::device`], C is for the program to show, E and F are [`Client::poll`]: one
//! [`Polling`].

use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::endpoint::device::DeviceAuthorization;
use crate::endpoint::device::DeviceAuthorizationRequest;
use crate::endpoint::pending_device::PendingDevice;
use crate::endpoint::poll::Poll;
use crate::flow::call::Call;
use crate::flow::pace::Pace;
use crate::flow::polling::Polling;

impl Client {
    /// Asks for a code that the user enters on another device (RFC 8628 §3.1). A scope is enough; a
    /// [`DeviceAuthorizationRequest`] says more.
    ///
    /// ```
    /// # #[cfg(feature = "ureq")] mod program {
    /// # use oauth_proto::{domain::client::Client, domain::token::Tokens, transport::ureq};
    /// fn sign_in(client: &Client) -> Result<Tokens, Box<dyn std::error::Error>> {
    ///     let agent = ureq::agent();
    ///     let pending = ureq::run(&agent, client.device(["mail"])?)?;
    ///     println!("Open {} and enter {}", pending.verification_uri(), pending.user_code());
    ///     Ok(ureq::run(&agent, client.poll(pending)?)?)
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`DeviceAuthorization::new`].
    pub fn device(
        &self,
        request: impl Into<DeviceAuthorizationRequest>,
    ) -> Result<Call<DeviceAuthorization>, Error> {
        DeviceAuthorization::new(self, request).map(Call::new)
    }

    /// Waits for the user of a device, in this process or in another than the one that asked.
    ///
    /// # Errors
    ///
    /// Those of [`Poll::device`].
    pub fn poll(&self, pending: PendingDevice) -> Result<Polling<PendingDevice>, Error> {
        let poll = Poll::device(self, &pending)?;
        let pace = Pace::new(pending.interval(), pending.expires_at());
        Ok(Polling::new(pending, poll, pace))
    }
}
