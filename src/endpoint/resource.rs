//! A protected resource, called with an access token (RFC 6750 §2 and §3, RFC 9449 §7 and §9).

use std::fmt;

use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header;

use crate::base::challenge;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::dpop::Dpop;
use crate::domain::dpop::Proof;
use crate::domain::dpop_nonces::Role;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Misuse;
use crate::domain::hooks::HookPoint;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Findings;
use crate::domain::quirks::Quirk;
use crate::domain::refusal::Refusal;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::bearer::Place;
use crate::endpoint::bearer::Placement;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;

/// One request to a protected resource, with the access token in its `Authorization` header unless
/// a weaker place is named.
///
/// A token that is bound to a key goes in the `DPoP` scheme, with a proof of the client's key that is
/// made afresh for every try; it never goes as a bearer token (RFC 9449 §7.1).
///
/// The answer is handed back whatever its status, unless the resource refuses the *token*: a Bearer or
/// DPoP challenge with an `error` is [`Error::Refused`] (RFC 6750 §3). Where a quirk of the client made a
/// difference, [`Findings`] are among the answer's extensions.
#[must_use = "an operation does nothing until it is called"]
pub struct ResourceRequest {
    client: Client,
    request: http::Request<Vec<u8>>,
    access_token: Secret,
    token_type: TokenType,
    expires_at: Option<UnixTime>,
    /// Where the token goes, where that is asked for.
    placement: Option<Placement>,
    /// The tokens are not the client's. Said when the request is made.
    misuse: Option<Misuse>,
}

impl ResourceRequest {
    /// Calls a resource with the access token of `tokens`.
    ///
    /// Tokens of another client or issuer are [`Misuse::OtherClient`] when the request is made: what
    /// is theirs goes nowhere (RFC 9700 §4.4). Tokens that are bound to another key than the client's
    /// are [`Misuse::OtherKey`].
    pub fn new(client: &Client, tokens: &Tokens, mut request: http::Request<Vec<u8>>) -> Self {
        request::mark(client, &mut request);
        let what = "the access token";
        Self {
            client: client.clone(),
            request,
            access_token: tokens.access_token().clone(),
            token_type: tokens.token_type(),
            expires_at: tokens.expires_at(),
            placement: None,
            misuse: client
                .check_owner(what, &tokens.server, tokens.client_id())
                .and_then(|()| client.check_key(what, tokens.bound_to()))
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
    pub fn danger_in_form_body(mut self) -> Self {
        self.placement = Some(Placement::FormBody);
        self
    }

    /// Sends the token as `access_token` in the query (RFC 6750 §2.3), with
    /// `Cache-Control: no-store`, instead of in the header.
    ///
    /// Addresses are logged, kept in histories and passed on in `Referer` headers, and the token with
    /// them: "Clients MUST NOT pass access tokens in a URI query parameter" (RFC 9700 §4.3.2).
    pub fn danger_in_query(mut self) -> Self {
        self.placement = Some(Placement::Query);
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

/// What Twitch calls the header that names the client.
const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");

impl Operation for ResourceRequest {
    type Output = Response<Vec<u8>>;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        if let Some(misuse) = &self.misuse {
            return Err(misuse.clone().into());
        }
        if let Some(expired_at) = self.expires_at.filter(|end| now.has_reached(*end)) {
            return Err(Expired::AccessToken { expired_at, now }.into());
        }
        let mut request = self.request.clone();
        if let Some(hooks) = self.client.hooks() {
            hooks.request(HookPoint::ProtectedRequest, &mut request)?;
        }
        self.check_address(&request)?;
        self.place(&request)
            .put(&self.access_token, self.token_type, &mut request)?;
        self.name_client(&mut request)?;
        let mut draft = Draft::new(request);
        if let Some(dpop) = self.dpop() {
            draft.prove(self.prove(dpop, now, draft.http())?)?;
        }
        Ok(draft)
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        self.learn(response);
        match self.refusal(Endpoint::Resource, response) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(self.with_findings(response.clone())),
        }
    }
}

impl ResourceRequest {
    fn place(&self, request: &http::Request<Vec<u8>>) -> Place {
        let quirks = self.client.quirks();
        Place::of(self.placement, self.token_type, quirks, request)
    }

    /// [`Quirk::ClientIdHeader`].
    fn name_client(&self, request: &mut http::Request<Vec<u8>>) -> Result<(), Misuse> {
        if !self.names_client() {
            return Ok(());
        }
        let value = HeaderValue::from_str(self.client.client_id()).map_err(|_| Misuse::ClientId)?;
        request.headers_mut().insert(CLIENT_ID, value);
        Ok(())
    }

    /// Whether the client is named in a header; not where the caller has done so.
    fn names_client(&self) -> bool {
        let is_tolerated = self.client.quirks().has(Quirk::ClientIdHeader);
        is_tolerated && !self.request.headers().contains_key(CLIENT_ID)
    }

    /// What was tolerated of the resource.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.client.quirks().is_empty() {
            let named = self.names_client().then_some(Quirk::ClientIdHeader);
            let placed = self.place(&self.request).quirks(self.placement);
            findings.extend(placed.chain(named).map(Finding::Quirk));
        }
        if let Some(hooks) = self.client.hooks() {
            let point = HookPoint::ProtectedRequest;
            findings.extend(hooks.has(point).then_some(Finding::Hook(point)));
            findings.extend(hooks.has_headers().then_some(Finding::ExtraHeaders));
        }
        findings
    }

    fn with_findings(&self, mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        let findings = self.findings();
        if !findings.is_empty() {
            response.extensions_mut().insert(Findings::new(findings));
        }
        response
    }

    /// The key to prove with, where the token is bound.
    fn dpop(&self) -> Option<&Dpop> {
        let is_bound = self.token_type == TokenType::Dpop;
        self.client.dpop().filter(|_| is_bound)
    }

    /// "The DPoP proof MUST include the ath claim with a valid hash of the associated access token"
    /// (RFC 9449 §7).
    fn prove(
        &self,
        dpop: &Dpop,
        now: UnixTime,
        request: &http::Request<Vec<u8>>,
    ) -> Result<Proof, Error> {
        let request = (request.method(), request.uri());
        let (crypto, role) = (self.client.crypto(), Role::ResourceServer);
        dpop.prove(crypto, now, role, request, Some(&self.access_token))
    }

    /// Keeps what an answer says of the requests to come, whatever else it says.
    pub(crate) fn learn(&self, response: &Response<Vec<u8>>) {
        if let Some(dpop) = self.dpop() {
            let role = Role::ResourceServer;
            dpop.learn(role, self.request.uri(), response.headers());
        }
    }

    /// The refusal of the token in a challenge, where there is one: in one of its own scheme before any
    /// other.
    pub(crate) fn refusal(
        &self,
        endpoint: Endpoint,
        response: &Response<Vec<u8>>,
    ) -> Option<Refusal> {
        let challenges = challenge::challenges(response.headers());
        let refusing = |scheme| {
            challenges.iter().find(|challenge| {
                challenge.scheme() == scheme && challenge.parameter("error").is_some()
            })
        };
        let bound = self.dpop().and_then(|_| refusing("dpop"));
        let Some(challenge) = bound.or_else(|| refusing("bearer")) else {
            return self.empty_refusal(endpoint, response);
        };
        let owned = |name| challenge.parameter(name).map(str::to_owned);
        Some(
            Refusal::new(endpoint)
                .with_answer(response)
                .with_code(challenge.parameter("error"))
                .with_description(owned("error_description"))
                .with_uri(owned("error_uri"))
                .hiding([self.access_token()]),
        )
    }

    /// [`Quirk::EmptyForbidden`].
    fn empty_refusal(&self, endpoint: Endpoint, response: &Response<Vec<u8>>) -> Option<Refusal> {
        let is_empty = response.status() == StatusCode::FORBIDDEN
            && response.body().trim_ascii().is_empty()
            && !response.headers().contains_key(header::WWW_AUTHENTICATE);
        let is_tolerated = self.client.quirks().has(Quirk::EmptyForbidden);
        (is_empty && is_tolerated).then(|| {
            Refusal::new(endpoint)
                .with_answer(response)
                .with_code(Some("invalid_token"))
                .with_findings([Finding::Quirk(Quirk::EmptyForbidden)])
        })
    }

    /// "Clients MUST always use TLS (https) or equivalent transport security when making requests
    /// with bearer tokens" (RFC 6750 §5.3).
    fn check_address(&self, request: &http::Request<Vec<u8>>) -> Result<(), Misuse> {
        let address = request.uri().to_string();
        match WebUri::parse(&address, self.client.metadata().uri_policy()) {
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
