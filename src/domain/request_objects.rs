//! How a client signs what it asks for (RFC 9101 §4 and §5, CIBA Core 1.0 §7.1.1).

use std::time::Duration;

use crate::base::time::UnixTime;
use crate::crypto::encrypter::Encrypter;
use crate::crypto::jws::Unsigned;
use crate::crypto::jwt::Builder;
use crate::crypto::signer::Signer;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::statement;

/// How a client makes its request objects. A [`Signer`] alone is one too.
///
/// Given to [`Client::with_request_objects`], every authorization request of the client is signed: by
/// value where the URL is made at once, inside the form where it is pushed.
#[derive(Clone, Debug)]
pub struct RequestObjects {
    signer: Signer,
    encrypter: Option<Encrypter>,
    audience: Option<String>,
    lifetime: Duration,
    repeats: bool,
}

/// How long a request object is good for unless said otherwise: a browser opens it at once, a human
/// who is handed a link takes a minute.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// "a lifetime of no longer than 60 minutes" (FAPI 2.0 Message Signing §5.3.2).
const HOUR: Duration = Duration::from_secs(60 * 60);

impl RequestObjects {
    /// Request objects for the server's issuer, good for 5 minutes, signed and not encrypted.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self {
            signer,
            encrypter: None,
            audience: None,
            lifetime: LIFETIME,
            repeats: false,
        }
    }

    /// Encrypts each to the server, once it is signed (RFC 9101 §4): nobody else reads what is asked
    /// for.
    ///
    /// The key is one of the server's, by a `use` of `enc`; the algorithms are those of its metadata
    /// `request_object_encryption_alg_values_supported` and `…_enc_values_supported`.
    #[must_use]
    pub fn with_encryption(mut self, encrypter: Encrypter) -> Self {
        self.encrypter = Some(encrypter);
        self
    }

    /// Names the server by this text instead of its issuer.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How long each is good for: 1 s to a day, 5 minutes unless said. One that is fetched by the server
    /// must last until the user has opened the URL.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Repeats `response_type` and `scope` outside of the request object, for servers that read the
    /// request as OpenID Connect Core 1.0 §6.1 has it: "values for the `response_type` and `client_id`
    /// parameters MUST be included using the OAuth 2.0 request syntax".
    ///
    /// A server of RFC 9101 reads neither, and who sees the URL learns what is asked for.
    #[must_use]
    pub fn with_parameters_repeated(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Who signs.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Who it is encrypted to.
    #[must_use]
    pub fn encrypter(&self) -> Option<&Encrypter> {
        self.encrypter.as_ref()
    }

    pub(crate) fn repeats(&self) -> bool {
        self.repeats
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Whether each is good for an hour at most.
    pub(crate) fn is_brief(&self) -> bool {
        self.lifetime <= HOUR
    }

    /// Whether each names the server by its issuer.
    pub(crate) fn names_issuer(&self, client: &Client) -> bool {
        let said = self.audience.as_deref();
        said.is_none_or(|text| statement::is_issuer(client, text))
    }
}

impl From<Signer> for RequestObjects {
    fn from(signer: Signer) -> Self {
        Self::new(signer)
    }
}

/// The media type of a request object (RFC 9101 §9.4.1).
const TYPE: &str = "oauth-authz-req+jwt";

impl RequestObjects {
    /// # Errors
    ///
    /// [`Misuse::Lifetime`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        statement::check_lifetime(self.lifetime)
    }

    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it is to be encrypted. [`Misuse::SigningAlgorithm`]: a backchannel request is signed by an "asymmetric algorithm"
    /// (CIBA Core 1.0 §7.1.1).
    pub(crate) fn check_backchannel(&self) -> Result<(), Error> {
        let algorithm = self.signer.algorithm();
        if algorithm.is_mac() {
            let what = "a signed backchannel authentication request";
            return Err(Misuse::SigningAlgorithm { what, algorithm }.into());
        }
        if self.encrypter.is_some() {
            return Err(Misuse::Parameter {
                name: "request",
                reason: "of a backchannel authentication request is signed and not encrypted",
            }
            .into());
        }
        self.check()
    }

    /// An authorization request to be signed: `parameters` and what vouches for them.
    ///
    /// No `sub`: with the client's identifier in it, a request object could be passed off as a client
    /// assertion (RFC 9101 §10.8).
    pub(crate) fn authorization(
        &self,
        client: &Client,
        now: UnixTime,
        parameters: Builder,
    ) -> Result<Unsigned, Error> {
        let claims = self.vouched(client, now, parameters)?;
        Ok(claims.into_unsigned(TYPE))
    }

    /// A backchannel authentication request to be signed, with the claims that CIBA Core 1.0 §7.1.1
    /// demands: `iss`, `aud`, `exp`, `iat`, `nbf` and `jti`. It has no media type of its own.
    pub(crate) fn backchannel(
        &self,
        client: &Client,
        now: UnixTime,
        parameters: Builder,
    ) -> Result<Unsigned, Error> {
        let parameters = parameters.with("client_id", client.client_id());
        let claims = self.vouched(client, now, parameters)?;
        Ok(Unsigned::new(claims.to_json()))
    }

    fn vouched(
        &self,
        client: &Client,
        now: UnixTime,
        parameters: Builder,
    ) -> Result<Builder, Error> {
        let claims = parameters
            .with("iss", client.client_id())
            .with(
                "aud",
                statement::audience(client, self.audience.as_deref())?,
            )
            .with_time("nbf", now);
        Ok(statement::dated(
            claims,
            client.crypto(),
            now,
            self.lifetime,
        )?)
    }
}
