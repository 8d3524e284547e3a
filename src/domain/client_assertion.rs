//! Client assertions (RFC 7521 §4.2, RFC 7523 §2.2 and §3, OpenID Connect Core 1.0 §9): a JWT by
//! which a client proves who it is, made afresh for every request.
//!
//! The audience and the type are those of draft-ietf-oauth-rfc7523bis-11: the server's issuer as the
//! only audience, and `client-authentication+jwt`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::crypto::Crypto;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jwt::Builder;
use crate::crypto::signer::Signed;
use crate::crypto::signer::Signer;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::relaxation::Relaxation;
use crate::domain::statement;

/// How a client makes its assertions. A [`Signer`] alone is one too.
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::signer::Signer;
/// use oauth_proto::domain::authentication::Authentication;
/// use oauth_proto::domain::client_assertion::ClientAssertion;
///
/// let signer = Signer::remote("projects/7/keys/2", Algorithm::Es256).with_kid("2026-11");
/// let authentication = Authentication::private_key_jwt(signer.clone());
///
/// // A server that knows itself by another name than its issuer.
/// let assertion = ClientAssertion::new(signer).with_audience("https://login.example/v2");
/// let authentication = Authentication::private_key_jwt(assertion);
/// ```
#[derive(Clone, Debug)]
pub struct ClientAssertion {
    signer: Signer,
    secret: Option<Secret>,
    audience: Audience,
    lifetime: Duration,
    typ: Cow<'static, str>,
}

#[derive(Clone, Debug)]
enum Audience {
    /// The server's issuer.
    Issuer,
    /// The token endpoint, whichever endpoint is called.
    TokenEndpoint,
    /// The endpoint that is called.
    Endpoint,
    /// What the caller says.
    Said(String),
}

/// How long an assertion is good for unless said otherwise: long enough for a slow connection, too
/// short to be worth stealing.
const LIFETIME: Duration = Duration::from_secs(60);

/// draft-ietf-oauth-rfc7523bis-11 §4.
const TYPE: &str = "client-authentication+jwt";

impl ClientAssertion {
    /// Assertions for the server's issuer, good for 60 seconds.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self {
            signer,
            secret: None,
            audience: Audience::Issuer,
            lifetime: LIFETIME,
            typ: Cow::Borrowed(TYPE),
        }
    }

    /// Assertions under an HMAC of the secret that the client shares with the server, for
    /// `client_secret_jwt`. What the server signs or encrypts by that secret can be read as well.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where `algorithm` is no HMAC, [`KeyFault::Length`] where the secret has
    /// fewer bytes than the hash gives (RFC 7518 §3.2).
    pub fn of_secret(
        crypto: Arc<dyn Crypto>,
        secret: impl Into<Secret>,
        algorithm: Algorithm,
    ) -> Result<Self, KeyFault> {
        let secret = secret.into();
        let signer = Signer::secret(crypto, &secret, algorithm)?;
        Ok(Self {
            secret: Some(secret),
            ..Self::new(signer)
        })
    }

    /// Names the server by this text instead of its issuer: what the two agreed upon, never what the
    /// server's metadata say.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Audience::Said(audience.into());
        self
    }

    /// Names the server by the URL of its token endpoint, whichever endpoint is called: what OpenID
    /// Connect Core 1.0 §9 says, for servers that know no better.
    ///
    /// A server that is not honest can name another's token endpoint in its metadata, and be given an
    /// assertion that is good there. No other server may know a key that is used so.
    #[must_use]
    pub fn danger_with_token_endpoint_audience(mut self) -> Self {
        self.audience = Audience::TokenEndpoint;
        self
    }

    /// Names the server by the URL of the endpoint that is called. As dangerous as
    /// [`danger_with_token_endpoint_audience`](Self::danger_with_token_endpoint_audience).
    #[must_use]
    pub fn danger_with_endpoint_audience(mut self) -> Self {
        self.audience = Audience::Endpoint;
        self
    }

    /// How long each is good for: 1 s to a day, 60 seconds unless said.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// `typ` of the header: `client-authentication+jwt` unless said. Some older servers want `JWT`.
    #[must_use]
    pub fn with_type(mut self, typ: impl Into<String>) -> Self {
        self.typ = Cow::Owned(typ.into());
        self
    }

    /// Who signs.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }
}

impl From<Signer> for ClientAssertion {
    fn from(signer: Signer) -> Self {
        Self::new(signer)
    }
}

impl ClientAssertion {
    /// The secret that is signed by, where it was given.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// What is less strict about it.
    pub(crate) const fn relaxation(&self) -> Option<Relaxation> {
        match self.audience {
            Audience::TokenEndpoint => Some(Relaxation::TokenEndpointAudience),
            Audience::Endpoint => Some(Relaxation::EndpointAudience),
            Audience::Issuer | Audience::Said(_) => None,
        }
    }

    /// Whether each names the server by its issuer.
    pub(crate) fn names_issuer(&self, client: &Client) -> bool {
        match &self.audience {
            Audience::Issuer => true,
            Audience::TokenEndpoint | Audience::Endpoint => false,
            Audience::Said(text) => statement::is_issuer(client, text),
        }
    }

    /// # Errors
    ///
    /// [`Misuse::SigningAlgorithm`] where the algorithm is not one of the method's, be it a MAC
    /// (`client_secret_jwt`) or a signature (`private_key_jwt`); [`Misuse::Lifetime`].
    pub(crate) fn check(&self, method: &'static str, by_mac: bool) -> Result<(), Error> {
        let algorithm = self.signer.algorithm();
        if algorithm.is_mac() != by_mac {
            return Err(Misuse::SigningAlgorithm {
                what: method,
                algorithm,
            }
            .into());
        }
        statement::check_lifetime(self.lifetime)
    }

    /// An assertion for one request to `endpoint`.
    ///
    /// RFC 7523 §3 demands `iss`, `sub`, `aud` and `exp`; OpenID Connect Core 1.0 §9 demands `jti`,
    /// too. No `nbf`: it would add nothing but a way to fail where clocks differ.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoAudience`], [`Error::Crypto`].
    pub(crate) fn sign(
        &self,
        client: &Client,
        now: UnixTime,
        endpoint: Endpoint,
    ) -> Result<Signed, Error> {
        let said = match &self.audience {
            Audience::Issuer => None,
            Audience::TokenEndpoint => Some(client.metadata().endpoint(Endpoint::Token)?.as_str()),
            Audience::Endpoint => Some(client.address(endpoint)?.as_str()),
            Audience::Said(text) => Some(text.as_str()),
        };
        let claims = Builder::new()
            .with("iss", client.client_id())
            .with("sub", client.client_id())
            .with("aud", statement::audience(client, said)?);
        let claims = statement::dated(claims, client.crypto(), now, self.lifetime)?;
        Ok(self.signer.sign(&claims.into_unsigned(&self.typ))?)
    }
}
