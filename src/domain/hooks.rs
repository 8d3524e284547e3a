//! Hooks: what no list of quirks foresees. Functions of the application that alter requests before they are
//! sent and answers before they are read, and headers that a server wants beside those of the protocol.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::header;

use crate::base::uri;
use crate::domain::client::Client;
use crate::domain::client_attestation;
use crate::domain::dpop::DPOP;
use crate::domain::error::Error;
use crate::domain::error::Misuse;

/// Where a hook acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookPoint {
    /// On the request for tokens, by any grant but a refresh.
    AccessTokenRequest,
    /// On the answer to it.
    AccessTokenResponse,
    /// On the request that refreshes tokens.
    RefreshTokenRequest,
    /// On the answer to it.
    RefreshTokenResponse,
    /// On a request to a protected resource, before the token is put into it.
    ProtectedRequest,
}

impl HookPoint {
    /// The point's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessTokenRequest => "access-token-request",
            Self::AccessTokenResponse => "access-token-response",
            Self::RefreshTokenRequest => "refresh-token-request",
            Self::RefreshTokenResponse => "refresh-token-response",
            Self::ProtectedRequest => "protected-request",
        }
    }
}

impl fmt::Display for HookPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

type OnRequest = Arc<dyn Fn(&mut Request<Vec<u8>>) + Send + Sync>;
type OnResponse = Arc<dyn Fn(&mut Response<Vec<u8>>) + Send + Sync>;

/// Hooks of a client, run in the order in which they were added.
///
/// A hook sees the request with the client's authentication in it, and can undo every check that this crate
/// makes of an answer: look for a [`Quirk`](crate::domain::quirks::Quirk) first. It acts before any proof is
/// made, which then covers what it made of the request; it cannot move a request to another origin, nor
/// alter a body in which a remote key has still to sign. Where a client has one, that is a
/// [`Finding::Hook`](crate::domain::quirks::Finding::Hook).
///
/// ```
/// use oauth_proto::domain::hooks::Hooks;
/// # use oauth_proto::base::uri::UriPolicy;
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, metadata::Metadata};
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
/// let hooks = Hooks::new().danger_on_refresh_token_request(|request| {
///     *request.uri_mut() = http::Uri::from_static("https://id.example/rest/login/refresh");
/// });
/// let client = client.danger_with_hooks(hooks);
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Hooks {
    requests: Vec<(HookPoint, OnRequest)>,
    responses: Vec<(HookPoint, OnResponse)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Hooks {
    /// No hook.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Alters requests for tokens, by any grant but a refresh. A server that wants a GET with all in the query,
    /// against RFC 6749 §3.2, gets it by one: no quirk does that.
    #[must_use]
    pub fn danger_on_access_token_request(
        self,
        hook: impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.on_request(HookPoint::AccessTokenRequest, hook)
    }

    /// Alters the answers to requests for tokens, before anything of them is read.
    #[must_use]
    pub fn danger_on_access_token_response(
        self,
        hook: impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.on_response(HookPoint::AccessTokenResponse, hook)
    }

    /// Alters requests that refresh tokens.
    #[must_use]
    pub fn danger_on_refresh_token_request(
        self,
        hook: impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.on_request(HookPoint::RefreshTokenRequest, hook)
    }

    /// Alters the answers to requests that refresh tokens, before anything of them is read.
    #[must_use]
    pub fn danger_on_refresh_token_response(
        self,
        hook: impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.on_response(HookPoint::RefreshTokenResponse, hook)
    }

    /// Alters requests to protected resources, before the token is put into them.
    #[must_use]
    pub fn danger_on_protected_request(
        self,
        hook: impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.on_request(HookPoint::ProtectedRequest, hook)
    }

    fn on_request(
        mut self,
        point: HookPoint,
        hook: impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.requests.push((point, Arc::new(hook)));
        self
    }

    fn on_response(
        mut self,
        point: HookPoint,
        hook: impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        self.responses.push((point, Arc::new(hook)));
        self
    }

    /// Whether a hook acts at this point.
    pub(crate) fn has(&self, point: HookPoint) -> bool {
        let mut points = self.points();
        points.any(|own| own == point)
    }

    /// Whether there are headers to add.
    pub(crate) fn has_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    fn points(&self) -> impl Iterator<Item = HookPoint> {
        let requests = self.requests.iter().map(|(point, _)| *point);
        requests.chain(self.responses.iter().map(|(point, _)| *point))
    }

    /// Runs the hooks of `point`, and adds the headers that are not there.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the request is one to another origin then.
    pub(crate) fn request(
        &self,
        point: HookPoint,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Misuse> {
        let origin = uri::origin_of(request.uri());
        let hooks = self.requests.iter().filter(|(own, _)| *own == point);
        hooks.for_each(|(_, hook)| hook(request));
        if uri::origin_of(request.uri()) != origin {
            let (name, reason) = ("hook", "moves a request to another origin");
            return Err(Misuse::Parameter { name, reason });
        }
        for (name, value) in &self.headers {
            let entry = request.headers_mut().entry(name);
            entry.or_insert_with(|| value.clone());
        }
        Ok(())
    }

    /// The answer as the hooks of `point` leave it.
    pub(crate) fn response(
        &self,
        point: HookPoint,
        response: &Response<Vec<u8>>,
    ) -> Response<Vec<u8>> {
        let mut response = response.clone();
        let hooks = self.responses.iter().filter(|(own, _)| *own == point);
        hooks.for_each(|(_, hook)| hook(&mut response));
        response
    }
}

/// Where hooks act, and the names of headers.
impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Hooks")
            .field("points", &self.points().collect::<Vec<_>>())
            .field("headers", &names)
            .finish()
    }
}

/// What belongs to the protocol, to the client's authentication or to HTTP itself.
const OWN: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::HOST,
    DPOP,
    client_attestation::ATTESTATION,
    client_attestation::PROOF,
];

impl Client {
    /// Runs these hooks, in place of others.
    #[must_use]
    pub fn danger_with_hooks(self, hooks: Hooks) -> Self {
        let headers = self.hooks().map(|own| own.headers.clone());
        self.with_hooks(Arc::new(Hooks {
            headers: headers.unwrap_or_default(),
            ..hooks
        }))
    }

    /// Sends these headers with every request to the token endpoint and to a protected resource that does
    /// not have them yet: a version of an API, a `User-Agent`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where one belongs to the protocol, to authentication or to HTTP itself.
    pub fn with_extra_headers(
        self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Result<Self, Error> {
        let headers = Vec::from_iter(headers);
        if headers.iter().any(|(name, _)| OWN.contains(name)) {
            let (name, reason) = ("header", "belongs to the protocol or to HTTP itself");
            return Err(Misuse::Parameter { name, reason }.into());
        }
        let own = self.hooks().cloned().unwrap_or_default();
        Ok(self.with_hooks(Arc::new(Hooks { headers, ..own })))
    }
}
