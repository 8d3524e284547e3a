//! Token credentials (RFC 5849 §2.3): redeeming a verifier, and the ways of some servers around it.

use std::borrow::Cow;
use std::fmt;

use http::Response;

use crate::base::json::Members;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::flow::call::Call;
use crate::oauth1::answer;
use crate::oauth1::callback::AuthorizationResponse;
use crate::oauth1::client::Client;
use crate::oauth1::credentials::TokenCredentials;
use crate::oauth1::signed::SignedRequest;

const HERE: Endpoint = Endpoint::Token;

/// The session extension, which Yahoo and Xero have: new credentials for old.
const SESSION_HANDLE: &str = "oauth_session_handle";

impl Client {
    /// Renews token credentials that came with an `oauth_session_handle`, at servers whose credentials end.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoSessionHandle`], [`Misuse::OtherClient`],
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint).
    pub fn refresh(
        &self,
        credentials: &TokenCredentials,
    ) -> Result<Call<TokenCredentialRequest>, Error> {
        TokenCredentialRequest::refresh(self, credentials).map(Call::new)
    }
}

/// A request for token credentials.
#[must_use = "an operation does nothing until it is called"]
pub struct TokenCredentialRequest {
    client: Client,
    signed: SignedRequest,
    /// What stays where the answer does not say it anew.
    kept: Members,
}

impl TokenCredentialRequest {
    /// Redeems the verifier of a validated callback.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no token
    /// endpoint.
    pub fn new(client: &Client, response: AuthorizationResponse) -> Result<Self, Error> {
        let pending = response.pending;
        client.check_owner(
            "the authorization response",
            &pending.server,
            pending.consumer_key(),
        )?;
        let signed = SignedRequest::post(client, HERE)?
            .with_token(&pending.token, &pending.secret)
            .with_parameter(Cow::Borrowed("oauth_verifier"), response.verifier);
        Ok(Self::of(client, signed))
    }

    /// Renews `credentials` by their `oauth_session_handle`.
    ///
    /// # Errors
    ///
    /// As [`Client::refresh`].
    pub fn refresh(client: &Client, credentials: &TokenCredentials) -> Result<Self, Error> {
        let handle = credentials.parameter(SESSION_HANDLE);
        let handle = handle.ok_or(Misuse::NoSessionHandle)?;
        let signed = SignedRequest::post(client, HERE)?
            .token(credentials)?
            .with_parameter(Cow::Borrowed(SESSION_HANDLE), Secret::from(handle));
        Ok(Self {
            kept: credentials.members.clone(),
            ..Self::of(client, signed)
        })
    }

    /// Exchanges a user's name and password (`xAuth`, of Twitter and Instapaper), at servers that trust the
    /// client with them: the user's password is in this program's hands.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no token
    /// endpoint.
    pub fn x_auth(
        client: &Client,
        user_name: impl Into<Secret>,
        password: impl Into<Secret>,
    ) -> Result<Self, Error> {
        Self::of(client, SignedRequest::post(client, HERE)?)
            .parameter("x_auth_username", user_name)?
            .parameter("x_auth_password", password)?
            .parameter("x_auth_mode", "client_auth")
    }

    fn of(client: &Client, signed: SignedRequest) -> Self {
        Self {
            client: client.clone(),
            signed,
            kept: Members::default(),
        }
    }

    /// An additional parameter. One whose name begins with `oauth_` stands with the protocol parameters, any
    /// other in the form that is sent.
    ///
    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where it is one that is set here.
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Secret>,
    ) -> Result<Self, Error> {
        self.signed = self.signed.additional(name.into(), value.into())?;
        Ok(self)
    }
}

impl Operation for TokenCredentialRequest {
    type Output = TokenCredentials;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.signed.sign(now)
    }

    fn response(
        &self,
        now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<TokenCredentials, Error> {
        let mut read = answer::read(HERE, self.client.quirks(), response)
            .map_err(|error| error.hiding(self.signed.secrets()))?;
        read.members.fill_from(&self.kept);
        Ok(TokenCredentials {
            v: Version,
            token: read.token,
            secret: read.secret,
            received_at: now,
            server: self.client.server().clone(),
            consumer_key: self.client.shared_consumer_key(),
            members: read.members,
            findings: read.findings,
        })
    }
}

impl fmt::Debug for TokenCredentialRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCredentialRequest")
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}
