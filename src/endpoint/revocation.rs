//! Token revocation (RFC 7009): telling the server that a token is no longer needed.

use std::fmt;

use http::Response;
use http::StatusCode;
use serde::Serialize;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::domain::token_type::TokenTypeHint;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::presented::Presented;
use crate::endpoint::response;

/// Revokes one token (RFC 7009 §2).
///
/// A refresh token takes most with it: the server "SHOULD also invalidate all access tokens based on
/// the same authorization grant" (§2.1). Of an access token it "MAY revoke the respective refresh
/// token as well".
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::revocation::{Outcome, Revocation};
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Revocation, "https://id.example/revoke")?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let revocation = Revocation::token(&client, "45ghiukldjahdnhzdauz").token_type_hint("refresh_token");
/// let request = revocation.request(now)?.into_request()?;
/// assert_eq!(
///     request.body(),
///     b"token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token&client_id=my-app"
/// );
/// # let response = http::Response::new(Vec::new());
/// assert!(matches!(revocation.response(now, &response)?, Outcome::Revoked));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct Revocation {
    presented: Presented,
}

impl Revocation {
    /// Revokes the access token of `tokens`, as the client that they were given to.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient) where they are of another
    /// client or issuer.
    pub fn access_token(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        let presented = Presented::access_token(client, tokens)?;
        Ok(Self { presented })
    }

    /// Revokes the refresh token of `tokens`, as the client that they were given to.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`](crate::domain::error::Misuse::NoRefreshToken), or
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient) where they are of another
    /// client or issuer.
    pub fn refresh_token(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        let presented = Presented::refresh_token(client, tokens)?;
        Ok(Self { presented })
    }

    /// Revokes a token of which nothing else is known.
    pub fn token(client: &Client, token: impl Into<Secret>) -> Self {
        let presented = Presented::new(client, token.into());
        Self { presented }
    }

    /// Says what kind of token it is, so that the server finds it sooner.
    pub fn token_type_hint(self, hint: impl Into<TokenTypeHint>) -> Self {
        let presented = self.presented.hinted(hint.into());
        Self { presented }
    }

    /// A parameter that no specification here knows. May be given several times.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let presented = self.presented.parameter(name.into(), value.into());
        Self { presented }
    }

    /// The same, the value written as JSON.
    pub fn json_parameter(self, name: impl Into<String>, value: &impl Serialize) -> Self {
        let presented = self.presented.json_parameter(name.into(), value);
        Self { presented }
    }
}

impl Operation for Revocation {
    type Output = Outcome;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.presented.draft(now, Endpoint::Revocation)
    }

    /// "The content of the response body is ignored by the client as all necessary information is
    /// conveyed in the response code" (RFC 7009 §2.2).
    fn response(&self, _now: UnixTime, response: &Response<Vec<u8>>) -> Result<Outcome, Error> {
        self.presented.learn(Endpoint::Revocation, response);
        match response::accept(Endpoint::Revocation, response) {
            Ok(()) => Ok(Outcome::Revoked),
            Err(Error::Refused(refusal)) if is_unexplained(&refusal) => {
                Ok(Outcome::Unconfirmed(refusal))
            }
            Err(error) => Err(error),
        }
    }
}

/// A no to this very request, without one of the reasons of RFC 7009 §2.2.1. After a 503 "the client
/// must assume the token still exists and may retry": that one, and its like, is an error to retry.
fn is_unexplained(refusal: &Refusal) -> bool {
    let may_pass = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    refusal.code().is_none()
        && refusal
            .status()
            .is_some_and(|status| status.is_client_error() && !may_pass.contains(&status))
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation")
            .field("client_id", &self.presented.client().client_id())
            .field("token_type_hint", &self.presented.hint())
            .finish_non_exhaustive()
    }
}

/// What became of the token.
///
/// A server's reasoned no is an error, [`Error::Refused`]: `unsupported_token_type` where it revokes
/// no tokens of this kind, `invalid_client`, and so on.
#[derive(Debug)]
#[must_use = "the token may still work"]
#[non_exhaustive]
pub enum Outcome {
    /// The token does not work any more, or never was one: "invalid tokens do not cause an error
    /// response" (RFC 7009 §2.2).
    Revoked,
    /// The server said no and not why, in no form that RFC 6749 §5.2 knows: the token must be assumed
    /// to work still.
    Unconfirmed(Box<Refusal>),
}

impl Outcome {
    /// Whether the server says that the token does not work any more.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        matches!(self, Self::Revoked)
    }
}
