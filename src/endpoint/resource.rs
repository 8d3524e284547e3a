//! A protected resource, called with a bearer token (RFC 6750 §2 and §3).

use std::fmt;

use http::Method;
use http::Response;

use crate::base::challenge;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::bearer::Placement;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;

/// One request to a protected resource, with the access token in its `Authorization` header unless
/// a weaker place is named.
///
/// The answer is handed back whatever its status, unless the resource refuses the *token*: a Bearer
/// challenge with an `error` is [`Error::Refused`] (RFC 6750 §3).
pub struct ResourceRequest {
    request: http::Request<Vec<u8>>,
    access_token: Secret,
    expires_at: Option<UnixTime>,
    policy: UriPolicy,
    placement: Placement,
    /// The tokens are not the client's. Said when the request is made.
    misuse: Option<Misuse>,
}

impl ResourceRequest {
    /// Calls a resource with the access token of `tokens`.
    ///
    /// Tokens of another client or issuer are [`Misuse::OtherClient`] when the request is made: what
    /// is theirs goes nowhere (RFC 9700 §4.4).
    #[must_use]
    pub fn new(client: &Client, tokens: &Tokens, mut request: http::Request<Vec<u8>>) -> Self {
        request::mark(client, &mut request);
        Self {
            request,
            access_token: tokens.access_token().clone(),
            expires_at: tokens.expires_at(),
            policy: client.metadata().uri_policy(),
            placement: Placement::Header,
            misuse: client
                .check_owner("the access token", &tokens.server, tokens.client_id())
                .err(),
        }
    }

    /// Sends the token as `access_token` in the form that is the request's body (RFC 6750 §2.2),
    /// instead of in the header.
    ///
    /// A server or proxy that logs forms, or shows them in an error page, gives the token away. It
    /// "SHOULD NOT be used except in application contexts where participating browsers do not have
    /// access to the Authorization request header field". The request must be a POST, PUT or PATCH of
    /// `application/x-www-form-urlencoded`, in ASCII: anything else is a [`Misuse::Parameter`] when it
    /// is made.
    #[must_use]
    pub fn danger_in_form_body(mut self) -> Self {
        self.placement = Placement::FormBody;
        self
    }

    /// Sends the token as `access_token` in the query (RFC 6750 §2.3), with
    /// `Cache-Control: no-store`, instead of in the header.
    ///
    /// Addresses are logged, kept in histories and passed on in `Referer` headers, and the token with
    /// them: "Clients MUST NOT pass access tokens in a URI query parameter" (RFC 9700 §4.3.2).
    #[must_use]
    pub fn danger_in_query(mut self) -> Self {
        self.placement = Placement::Query;
        self
    }

    pub(crate) fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// The same request by another method.
    pub(crate) fn method(mut self, method: Method) -> Self {
        *self.request.method_mut() = method;
        self
    }
}

impl Operation for ResourceRequest {
    type Output = Response<Vec<u8>>;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        if let Some(misuse) = &self.misuse {
            return Err(misuse.clone().into());
        }
        if let Some(expired_at) = self.expires_at.filter(|end| now.has_reached(*end)) {
            return Err(Expired::AccessToken { expired_at, now }.into());
        }
        self.check_address()?;
        let mut request = self.request.clone();
        self.placement.place(&self.access_token, &mut request)?;
        Ok(Draft::new(request))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        match self.refusal(Endpoint::Resource, response) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(response.clone()),
        }
    }
}

impl ResourceRequest {
    /// The refusal of the token in a Bearer challenge, where there is one.
    pub(crate) fn refusal(
        &self,
        endpoint: Endpoint,
        response: &Response<Vec<u8>>,
    ) -> Option<Refusal> {
        let challenges = challenge::challenges(response.headers());
        let bearer = challenges.iter().find(|challenge| {
            challenge.scheme() == "bearer" && challenge.parameter("error").is_some()
        })?;
        let owned = |name| bearer.parameter(name).map(str::to_owned);
        Some(
            Refusal::new(endpoint)
                .with_answer(response)
                .with_code(bearer.parameter("error"))
                .with_description(owned("error_description"))
                .with_uri(owned("error_uri"))
                .hiding([self.access_token()]),
        )
    }

    /// "Clients MUST always use TLS (https) or equivalent transport security when making requests
    /// with bearer tokens" (RFC 6750 §5.3).
    fn check_address(&self) -> Result<(), Misuse> {
        let address = self.request.uri().to_string();
        match WebUri::parse(&address, self.policy) {
            Ok(_) => Ok(()),
            Err(faults) => Err(Misuse::address(&address, faults)),
        }
    }
}

impl fmt::Debug for ResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRequest")
            .field("method", self.request.method())
            .field("expires_at", &self.expires_at)
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}
