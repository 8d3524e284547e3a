//! Verifying what came in with the server's keys: a logout token (OpenID Connect Back-Channel Logout 1.0),
//! for one.
//!
//! ```text
//!   Reading ──▶ Done
//!    │   ▲
//!    ▼   │
//!   Fetching    (the server's keys lack)
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use http::Request;
use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Unverified;
use crate::domain::id_token::IdToken;
use crate::domain::token::Tokens;
use crate::endpoint::access_token::AccessToken;
use crate::endpoint::access_token::AccessTokens;
use crate::endpoint::access_token::Shown;
use crate::endpoint::logout_token::LogoutToken;
use crate::endpoint::notification::Notification;
use crate::endpoint::pending_backchannel::PendingBackchannel;
use crate::endpoint::received_id_token::ReceivedIdToken;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::keyed::Keyed;
use crate::flow::keyed::Reading;

/// Verifies something in hand, with as many fetches of the server's keys as that takes: mostly none.
#[must_use = "a flow does nothing until it is run"]
pub struct Verify<T>(Keyed<Box<dyn Reading<Output = T> + Send + Sync>>);

impl<T> Verify<T> {
    fn new(reading: impl Reading<Output = T> + Send + Sync + 'static) -> Self {
        Self(Keyed::new(Box::new(reading)))
    }

    fn step(
        step: Step<Keyed<Box<dyn Reading<Output = T> + Send + Sync>>>,
    ) -> Result<Step<Self>, Error> {
        let wrap = |keyed, ()| Self(keyed);
        step.stage((), wrap, |(verified, _), ()| Ok(Step::Done(verified)))
    }
}

impl<T> Flow for Verify<T> {
    type Output = T;
}

impl<T> Machine for Verify<T> {
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

impl<T> fmt::Debug for Verify<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verify")
    }
}

impl Client {
    /// Verifies what came to the back-channel logout endpoint. What comes out is held against a
    /// [`ReplayWindow`](crate::endpoint::replay_window::ReplayWindow), the sessions that it names are
    /// ended, and [`answer`](crate::endpoint::logout_token::answer) says what to send back.
    ///
    /// Its errors are those of [`LogoutToken::read`], and those of a fetch of keys.
    pub fn back_channel_logout(&self, request: Request<Vec<u8>>) -> Verify<LogoutToken> {
        let client = self.clone();
        Verify::new(LoggedOut { client, request })
    }

    /// Reads tokens that a server pushed for `pending` (CIBA Core 1.0 §10.3), and verifies the ID token that
    /// binds them together.
    ///
    /// A stranger's request, which does not bear the token of `pending`, has no keys fetched. One that came
    /// in time counts, however long they take. Its errors are those of [`Notification::parse`] and
    /// [`Notification::push`], and those of a fetch of keys; where keys cannot be had, the tokens are in
    /// [`Error::Unverified`], from which [`Unverified::verifying`] goes on.
    ///
    /// ```
    /// # use oauth_proto::base::time::UnixTime;
    /// # use oauth_proto::domain::{client::Client, error::Error, token::Tokens};
    /// # use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
    /// # use oauth_proto::flow::drive::{self, DriveError};
    /// use oauth_proto::endpoint::notification;
    /// use oauth_proto::flow::Flow;
    ///
    /// # fn run<F: Flow>(flow: F) -> Result<F::Output, Error> {
    /// #     let send = |_| Ok::<_, std::convert::Infallible>(http::Response::new(Vec::new()));
    /// #     let done = drive::blocking(flow, || UnixTime::EPOCH, send, |_| {});
    /// #     done.map_err(|failure| match failure {
    /// #         DriveError::Protocol(error) => error,
    /// #         DriveError::Transport(never) => match never {},
    /// #     })
    /// # }
    /// # fn keep(_: Tokens) {}
    /// # fn handler(
    /// #     client: &Client, pending: PendingBackchannel, request: http::Request<Vec<u8>>,
    /// # ) -> http::Response<Vec<u8>> {
    /// // In the handler of the notification endpoint, `run` being a driver:
    /// let outcome = run(client.pushed_tokens(request, Some(pending)));
    /// let answer = notification::answer(&outcome);
    /// match outcome {
    ///     Ok(tokens) => keep(tokens),
    ///     // The server's keys are out of reach: verify them later, the tokens stay.
    ///     Err(Error::Unverified(unverified)) => match run(unverified.verifying()) {
    ///         Ok(tokens) => keep(tokens),
    ///         Err(Error::Unverified(unverified)) => keep(unverified.into_tokens()),
    ///         Err(error) => eprintln!("{error}"),
    ///     },
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// answer
    /// # }
    /// ```
    pub fn pushed_tokens(
        &self,
        request: Request<Vec<u8>>,
        pending: Option<PendingBackchannel>,
    ) -> Verify<Tokens> {
        Verify::new(Pushed {
            client: self.clone(),
            request,
            pending,
            came_at: OnceLock::new(),
        })
    }
}

impl Unverified {
    /// Verifies the ID token, whose keys were out of reach, as a flow that fetches them. Where they still are,
    /// all of this is in the error again: for some seconds after a fetch that failed nothing is sent.
    pub fn verifying(self) -> Verify<Tokens> {
        Verify::new(self)
    }
}

impl ReceivedIdToken {
    /// [`verify`](Self::verify) as a flow, which fetches the server's keys where they lack. Its errors are
    /// those of `verify`, and those of a fetch of keys.
    pub fn verifying(self) -> Verify<IdToken> {
        Verify::new(self)
    }
}

impl Reading for ReceivedIdToken {
    type Output = IdToken;

    fn read(&self, now: UnixTime) -> Result<IdToken, Error> {
        self.verify(now)
    }
}

impl AccessTokens {
    /// [`verify`](Self::verify) as a flow, which fetches the server's keys where they lack.
    pub fn verifying(&self, token: impl Into<Secret>, shown: Shown) -> Verify<AccessToken> {
        Verify::new(Called {
            rules: self.clone(),
            token: token.into(),
            shown,
        })
    }
}

struct LoggedOut {
    client: Client,
    request: Request<Vec<u8>>,
}

impl Reading for LoggedOut {
    type Output = LogoutToken;

    fn read(&self, now: UnixTime) -> Result<LogoutToken, Error> {
        LogoutToken::read(&self.client, now, &self.request)
    }
}

struct Pushed {
    client: Client,
    request: Request<Vec<u8>>,
    pending: Option<PendingBackchannel>,
    /// When it was read first.
    came_at: OnceLock<UnixTime>,
}

impl Pushed {
    fn parts(&self, now: UnixTime) -> Result<(Notification<'_>, &PendingBackchannel), Error> {
        let came_at = *self.came_at.get_or_init(|| now);
        let notification = Notification::parse(&self.request)?;
        let pending = notification.ping(came_at, self.pending.as_ref())?;
        Ok((notification, pending))
    }
}

impl Reading for Pushed {
    type Output = Tokens;

    fn read(&self, now: UnixTime) -> Result<Tokens, Error> {
        let (notification, pending) = self.parts(now)?;
        notification.tokens(&self.client, now, pending)
    }

    fn without_keys(self: Box<Self>, now: UnixTime, failure: Option<Error>) -> Option<Error> {
        let pushed: Arc<Self> = Arc::from(self);
        let again = Arc::clone(&pushed);
        let again = move |now| again.read(now);
        let kept = pushed.parts(now).ok().and_then(|(notification, pending)| {
            notification.without_keys(&pushed.client, now, pending, again)
        });
        kept.or(failure)
    }
}

impl Reading for Unverified {
    type Output = Tokens;

    fn read(&self, now: UnixTime) -> Result<Tokens, Error> {
        Self::read(self, now)
    }

    fn without_keys(self: Box<Self>, _now: UnixTime, _failure: Option<Error>) -> Option<Error> {
        Some((*self).into())
    }
}

struct Called {
    rules: AccessTokens,
    token: Secret,
    shown: Shown,
}

impl Reading for Called {
    type Output = AccessToken;

    fn read(&self, now: UnixTime) -> Result<AccessToken, Error> {
        self.rules.verify(now, self.token.expose(), &self.shown)
    }
}
