//! ID tokens that came by another way than a request of this crate (OpenID Connect Core 1.0 §3.1.3.7): from
//! the platform, or from an application of one's own on a device.

use std::fmt;
use std::time::Duration;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::id_token::IdToken;
use crate::endpoint::demands::Demands;
use crate::endpoint::id_token;
use crate::endpoint::id_token::Beside;
use crate::endpoint::id_token::Expected;

/// An ID token that somebody hands in, to be verified by every rule for one of the client's server: what
/// a browser's or a telephone's own sign-in gives (Google's One Tap, `FedCM`, Sign in with Apple), and
/// what an application on a device sends to its service.
///
/// It shows who signed in, and not who hands it in. What binds the two is the `nonce`: drawn afresh by
/// the service, kept in the session of whoever asks to sign in, and good once.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::error::Error;
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Jwks, "https://id.example/jwks")?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// # let (credential, nonce) = ("no JWT", "taken out of the session");
/// let received = ReceivedIdToken::new(&client, credential, nonce);
/// // `received.verifying()` is the flow that fetches the server's keys where they lack.
/// let outcome = received.verify(now);
/// assert_eq!(outcome.unwrap_err().check().map(|check| check.id()), Some("JWT-FORM"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is verified until it is asked for"]
pub struct ReceivedIdToken {
    client: Client,
    text: Secret,
    nonce: Option<String>,
    authorized_party: Option<String>,
    access_token: Option<Secret>,
    code: Option<Secret>,
    demands: Option<Demands>,
}

impl ReceivedIdToken {
    /// A token for `client`, asked for with this `nonce`, which it has to hold
    /// (OpenID Connect Core 1.0 §3.1.3.7, 11).
    pub fn new(client: &Client, text: impl Into<Secret>, nonce: impl Into<String>) -> Self {
        let mut received = Self::danger_without_nonce(client, text);
        received.nonce = Some(nonce.into());
        received
    }

    /// A token for `client` that was asked for without a `nonce`; one that has a `nonce` is refused.
    ///
    /// Nothing binds it to whoever hands it in: a token that was seen by another program, or stands in a
    /// log, signs its finder in until it ends.
    pub fn danger_without_nonce(client: &Client, text: impl Into<Secret>) -> Self {
        Self {
            client: client.clone(),
            text: text.into(),
            nonce: None,
            authorized_party: None,
            access_token: None,
            code: None,
            demands: None,
        }
    }

    /// It was issued to this client, and has `client` in its audience: an application on a device that has
    /// a `client_id` of its own. Its `azp` has to say so (OpenID Connect Core 1.0 §2).
    pub fn authorized_party(mut self, client_id: impl Into<String>) -> Self {
        self.authorized_party = Some(client_id.into());
        self
    }

    /// This access token came beside it: its `at_hash` has to be there and right
    /// (OpenID Connect Core 1.0 §3.2.2.9).
    pub fn access_token(mut self, access_token: impl Into<Secret>) -> Self {
        self.access_token = Some(access_token.into());
        self
    }

    /// This code came beside it: its `c_hash` has to be there and right
    /// (OpenID Connect Core 1.0 §3.3.2.10).
    pub fn code(mut self, code: impl Into<Secret>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The user authenticated no longer ago than this, in whole seconds: its `auth_time` has to say so
    /// (OpenID Connect Core 1.0 §3.1.3.7, 13).
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.demands = Some(Demands::recent(max_age));
        self
    }

    /// Verifies it with the keys at hand.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `JWT-…` and `ID-TOKEN-…` checks; [`Error::Keys`] where keys of
    /// the server lack, which [`verifying`](Self::verifying) fetches.
    pub fn verify(&self, now: UnixTime) -> Result<IdToken, Error> {
        let expected = Expected {
            nonce: self.nonce.as_deref(),
            authorized_party: self.authorized_party.as_deref(),
            demands: self.demands.as_ref(),
            access_token: beside(self.access_token.as_ref()),
            code: beside(self.code.as_ref()),
            ..Expected::default()
        };
        let verified = id_token::verify(&self.client, now, self.text.expose(), &expected);
        verified.map(|(id_token, _)| id_token)
    }
}

fn beside(secret: Option<&Secret>) -> Option<Beside<'_>> {
    secret.map(|secret| Beside::required(secret.expose()))
}

impl fmt::Debug for ReceivedIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedIdToken")
            .field("client_id", &self.client.client_id())
            .finish_non_exhaustive()
    }
}
