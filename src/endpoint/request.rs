//! A request as it leaves this crate: an `http::Request` that prints no secret, and the one way in
//! which a client posts a form (RFC 6749 §2.3 and §3.2, RFC 7523 §2.2, RFC 8705 §2,
//! RFC 9449 §5).

use std::fmt;
use std::ops::Deref;

use http::HeaderValue;
use http::Method;
use http::header;

use crate::base::form;
use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri;
use crate::base::uri::WebUri;
use crate::domain::authentication::Credentials;
use crate::domain::client::Client;
use crate::domain::dpop_nonces::Role;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::hooks::HookPoint;
use crate::domain::hooks::Hooks;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::endpoint::draft::Draft;
use crate::endpoint::signed_form::SignedForm;

/// An `http::Request<Vec<u8>>` to be sent as it is: no redirect followed, nothing added but what HTTP
/// itself needs.
///
/// Reads as the `http::Request` inside; [`into_http`](Self::into_http) takes it out. `Debug` prints
/// method and origin only, since addresses, headers and bodies carry secrets.
pub struct Request(http::Request<Vec<u8>>);

impl Request {
    /// Takes a request to be sent as it is.
    #[must_use]
    pub fn new(request: http::Request<Vec<u8>>) -> Self {
        Self(request)
    }

    /// The request, to be handed to an HTTP client. Its own `Debug` prints secrets.
    #[must_use]
    pub fn into_http(self) -> http::Request<Vec<u8>> {
        self.0
    }

    /// Whether it must go over TLS with the client's certificate: the mark [`MutualTls`] is on it.
    #[must_use]
    pub fn needs_client_certificate(&self) -> bool {
        self.0.extensions().get::<MutualTls>().is_some()
    }

    pub(crate) fn http_mut(&mut self) -> &mut http::Request<Vec<u8>> {
        &mut self.0
    }
}

impl Deref for Request {
    type Target = http::Request<Vec<u8>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Request> for http::Request<Vec<u8>> {
    fn from(request: Request) -> Self {
        request.0
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match uri::origin_of(self.0.uri()) {
            Some(origin) => write!(f, "{} {origin}", self.0.method()),
            None => write!(f, "{} (no origin)", self.0.method()),
        }
    }
}

/// The mark of a request that must go over TLS with the client's certificate (RFC 8705), among
/// the extensions of its `http::Request`.
///
/// Without the certificate such a request authenticates nobody. The adapters refuse to send it where
/// they were given none, or by http, which shows none; a transport of one's own can look for the mark to
/// choose a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MutualTls;

impl MutualTls {
    /// The mark, for operations of one's own.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

/// Marks `request` where `client` shows its certificate.
pub(crate) fn mark(client: &Client, request: &mut http::Request<Vec<u8>>) {
    if client.shows_certificate() {
        request.extensions_mut().insert(MutualTls::new());
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A plain GET for a JSON document.
pub(crate) fn get_json(address: &WebUri) -> http::Request<Vec<u8>> {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = address.uri().clone();
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// A form that `client` posts to `endpoint`, authenticated by the client's one method, afresh at each
/// call.
///
/// "The client MUST NOT use more than one authentication method in each request"
/// (RFC 6749 §2.3).
///
/// # Errors
///
/// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server names no
/// such endpoint; where an assertion cannot be signed, what forbids it.
pub(crate) fn post_form(
    client: &Client,
    now: UnixTime,
    endpoint: Endpoint,
    form: impl Into<SignedForm>,
) -> Result<Draft, Error> {
    client.check_policy()?;
    let address = client.address(endpoint)?;
    let dpop = client.dpop().filter(|_| is_proved(endpoint));
    if dpop.is_some() {
        client.check_proofs()?;
    }
    let mut body = form.into();
    let mut attested = None;
    match client.credentials() {
        Credentials::Public | Credentials::Certificate => write_client_id(client, &mut body),
        // A header, below.
        Credentials::Basic(_) => {}
        Credentials::Post(secret) => {
            write_client_id(client, &mut body);
            body.form.push("client_secret", secret.expose());
        }
        Credentials::Assertion(assertion) => {
            write_client_id(client, &mut body);
            body.form.push_raw("client_assertion_type", JWT_BEARER);
            body.push("client_assertion", assertion.sign(client, now, endpoint)?);
        }
        Credentials::Attestation(attestation) => {
            write_client_id(client, &mut body);
            attested = Some((attestation.attestation(), attestation.prove(client, now)?));
        }
    }
    let hooks = client.hooks().filter(|_| endpoint == Endpoint::Token);
    let hooks = hooks.map(|hooks| (hooks, point(body.form.as_str()), body.has_places()));
    let is_json = endpoint == Endpoint::Token && client.quirks().has(Quirk::JsonTokenRequest);
    if is_json {
        body = body.into_json()?;
    }
    let mut draft = body.into_draft();
    let request = draft.http_mut();
    *request.method_mut() = Method::POST;
    *request.uri_mut() = address.uri().clone();
    mark(client, request);
    let headers = request.headers_mut();
    headers.reserve(3);
    headers.insert(header::ACCEPT, JSON);
    headers.insert(header::CONTENT_TYPE, if is_json { JSON } else { FORM });
    if let Credentials::Basic(value) = client.credentials() {
        headers.insert(header::AUTHORIZATION, value.clone());
    }
    if let Some((hooks, point, has_places)) = hooks {
        alter(hooks, point, has_places, request)?;
    }
    if let Some((attestation, proof)) = attested {
        draft.attest(attestation, proof)?;
    }
    if let Some(dpop) = dpop {
        let (crypto, role) = (client.crypto(), Role::AuthorizationServer);
        let request = (draft.http().method(), draft.http().uri());
        draft.prove(dpop.prove(crypto, now, role, request, None)?)?;
    }
    Ok(draft)
}

/// Where hooks act on a request to the token endpoint, by its form.
fn point(form: &str) -> HookPoint {
    let pairs = form::parse(form).unwrap_or_default();
    if pairs.first("grant_type") == Some("refresh_token") {
        HookPoint::RefreshTokenRequest
    } else {
        HookPoint::AccessTokenRequest
    }
}

/// Runs hooks on a request; its body stays where a remote key has still to sign in it.
fn alter(
    hooks: &Hooks,
    point: HookPoint,
    has_places: bool,
    request: &mut http::Request<Vec<u8>>,
) -> Result<(), Misuse> {
    let before = has_places.then(|| request.body().clone());
    hooks.request(point, request)?;
    if before.is_some_and(|before| before != *request.body()) {
        let (name, reason) = ("hook", "alters a body in which a remote key has to sign");
        return Err(Misuse::Parameter { name, reason });
    }
    Ok(())
}

/// The quirks that change what `client` sends to the token endpoint.
pub(crate) fn quirks(client: &Client) -> impl Iterator<Item = Quirk> {
    let tolerated = client.quirks();
    let is_raw = tolerated.has(Quirk::RawBasicCredentials) && client.has_other_raw_credentials();
    let raw = is_raw.then_some(Quirk::RawBasicCredentials);
    let json = tolerated.has(Quirk::JsonTokenRequest);
    raw.into_iter()
        .chain(json.then_some(Quirk::JsonTokenRequest))
}

/// Whether a proof of the client's key goes with the requests to `endpoint`: those that a token comes
/// of (RFC 9449 §5), and pushed ones (§10.1).
const fn is_proved(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Token | Endpoint::PushedAuthorizationRequest
    )
}

/// Keeps what an answer of `endpoint` says of the requests to come, whatever else it says.
pub(crate) fn learn(client: &Client, endpoint: Endpoint, response: &http::Response<Vec<u8>>) {
    if let Credentials::Attestation(attestation) = client.credentials() {
        attestation.learn(response.headers());
    }
    if let (Some(dpop), Ok(address)) = (client.dpop(), client.address(endpoint)) {
        let role = Role::AuthorizationServer;
        dpop.learn(role, address.uri(), response.headers());
    }
}

fn write_client_id(client: &Client, body: &mut SignedForm) {
    body.form.push("client_id", client.client_id());
}

/// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` as it stands in a form
/// (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

/// A form that is made once and posted often: `own`, and the client's authentication behind it.
///
/// # Errors
///
/// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server names no
/// such endpoint.
pub(crate) fn post_prepared(
    client: &Client,
    now: UnixTime,
    endpoint: Endpoint,
    own: &Secret,
) -> Result<Draft, Error> {
    let room = own.len() + client.client_id().len() + CREDENTIALS;
    let mut text = String::with_capacity(room);
    text.push_str(own.expose());
    post_form(client, now, endpoint, Form::onto(text))
}

/// Room for the names of the parameters and for an ordinary `client_secret`, in bytes.
const CREDENTIALS: usize = 128;
