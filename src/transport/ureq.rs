//! The blocking adapter, over [ureq](https://docs.rs/ureq).
//!
//! It keeps [the contract](crate::transport), with three things to know:
//!
//! - Over `https` a response must say how long its body is (`Content-Length` or `chunked`).
//!   RFC 9112, section 9.8, makes a body that only the end of the connection delimits incomplete if
//!   TLS was not closed properly; ureq does not tell, so such a body is [`Failure::Cut`].
//! - If another crate of the same build turns on ureq's features `gzip` or `brotli`, a body that a
//!   server compressed unasked is decompressed after all, within the body limit; with `cookies`,
//!   cookies are kept. ureq has no setting against either.
//! - A name is looked up on a thread of its own, so that the timeouts hold for it.

use std::fmt;
use std::io;
use std::io::Read;
use std::time::Duration;

use http::Request;
use http::Response;
use http::Version;
use http::header::CONTENT_LENGTH;
use http::header::TRANSFER_ENCODING;
use rustls::crypto::ring;
use ureq::Error;
use ureq::Proxy;
use ureq::config::AutoHeaderValue;
use ureq::tls::Certificate;
use ureq::tls::ClientCert;
use ureq::tls::PemItem;
use ureq::tls::PrivateKey;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;
use ureq::tls::parse_pem;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::crypto::signing::SigningInput;
use crate::domain::error;
use crate::endpoint::request;
use crate::flow::Flow;
use crate::flow::drive;
use crate::flow::drive::DriveError;
use crate::lease;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::outcome::Outcome;
use crate::lease::refresh::Refresh;
use crate::lease::shared::CallError;
use crate::lease::shared::Shared;
use crate::lease::store::Store;
use crate::transport::exchange;
use crate::transport::failure::Failure;
use crate::transport::failure::Kind;
use crate::transport::now;
use crate::transport::options::IDLE;
use crate::transport::options::Options;
use crate::transport::options::OptionsError;
use crate::transport::tls;

/// Runs a flow to its end: sends what it asks for, and sleeps while it wants to wait.
///
/// ```no_run
/// use oauth_proto::flow::discover::Discover;
/// use oauth_proto::transport::ureq;
///
/// let metadata = ureq::run(&ureq::agent(), Discover::new("https://id.example")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DriveError::Protocol`] where the flow ends in an error, [`DriveError::Transport`] where no answer
/// came and the flow cannot go on without one.
pub fn run<F: Flow>(agent: &Agent, flow: F) -> Result<F::Output, DriveError<Failure>> {
    drive::blocking(flow, now, |request| agent.send(request.into_http()), sleep)
}

/// As [`run`], with a signer for remote keys.
///
/// # Errors
/// As [`run`], and whatever `sign` fails with.
pub fn run_with_signer<F: Flow>(
    agent: &Agent,
    flow: F,
    sign: impl FnMut(SigningInput) -> Result<Vec<u8>, DriveError<Failure>>,
) -> Result<F::Output, DriveError<Failure>> {
    drive::blocking_with_signer(
        flow,
        now,
        |request| agent.send(request.into_http()),
        sleep,
        sign,
    )
}

/// Runs a refresh of a shared grant to its end, over a store.
///
/// The agent's timeout (20 s by default) is to be no longer than
/// [`Terms::timeout`](crate::lease::terms::Terms::timeout).
///
/// # Errors
/// The store's own, where nothing is lost by giving up.
pub fn refresh<S: Store>(
    agent: &Agent,
    refresh: Refresh,
    store: &mut S,
) -> Result<Outcome, S::Error> {
    let send = |request: request::Request| agent.send(request.into_http());
    lease::drive::blocking(refresh, store, now, send, sleep)
}

/// As [`refresh`], with a signer for remote keys.
///
/// # Errors
/// As [`refresh`].
pub fn refresh_with_signer<S: Store>(
    agent: &Agent,
    refresh: Refresh,
    store: &mut S,
    sign: impl FnMut(SigningInput) -> Result<Vec<u8>, error::Error>,
) -> Result<Outcome, S::Error> {
    let send = |request: request::Request| agent.send(request.into_http());
    lease::drive::blocking_with_signer(refresh, store, now, send, sleep, sign)
}

/// Calls an API with tokens that are renewed on the way: [`run`] of [`Api::call`].
///
/// ```no_run
/// # use oauth_proto::{domain::client::Client, domain::token::Tokens};
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::lease::Lease;
/// use oauth_proto::transport::ureq;
///
/// # fn users(client: Client, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
/// let agent = ureq::agent();
/// let api = Api::new(&client, "https://api.example/v1", Lease::new(tokens))?;
/// let answer = ureq::call(&agent, &api, api.get("users/7"))?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`run`]; a status of 400 or more is [`Error::Refused`](crate::domain::error::Error::Refused),
/// unless the API or the request says otherwise.
pub fn call(
    agent: &Agent,
    api: &Api,
    request: impl Into<ApiRequest>,
) -> Result<Response<Vec<u8>>, DriveError<Failure>> {
    run(agent, api.call(request))
}

/// As [`call`], with a signer for remote keys.
///
/// # Errors
/// As [`call`], and whatever `sign` fails with.
pub fn call_with_signer(
    agent: &Agent,
    api: &Api,
    request: impl Into<ApiRequest>,
    sign: impl FnMut(SigningInput) -> Result<Vec<u8>, DriveError<Failure>>,
) -> Result<Response<Vec<u8>>, DriveError<Failure>> {
    run_with_signer(agent, api.call(request), sign)
}

/// Calls an API with the tokens of a store.
///
/// # Errors
/// As [`lease::drive::call`].
pub fn call_shared<S: Store>(
    agent: &Agent,
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &mut S,
) -> Result<Response<Vec<u8>>, CallError<Failure, S::Error>> {
    let send = |request: request::Request| agent.send(request.into_http());
    lease::drive::call(api, request, store, now, send, sleep)
}

/// As [`call_shared`], with a signer for remote keys.
///
/// # Errors
/// As [`call_shared`], and whatever `sign` fails with.
pub fn call_shared_with_signer<S: Store>(
    agent: &Agent,
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &mut S,
    sign: impl FnMut(SigningInput) -> Result<Vec<u8>, error::Error>,
) -> Result<Response<Vec<u8>>, CallError<Failure, S::Error>> {
    let send = |request: request::Request| agent.send(request.into_http());
    lease::drive::call_with_signer(api, request, store, now, send, sleep, sign)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this floor sleeps for the flows that cannot"
)]
fn sleep(pause: Duration) {
    std::thread::sleep(pause);
}

/// A blocking HTTP client that keeps [the contract](crate::transport). Cloning is cheap and shares
/// the connections.
#[derive(Clone)]
pub struct Agent {
    inner: ureq::Agent,
    limit: u64,
    certified: bool,
}

/// An agent with the default [`Options`].
#[must_use]
pub fn agent() -> Agent {
    let options = Options::new();
    Agent::with_tls(&options, TlsConfig::builder().build())
}

impl Agent {
    /// An agent with these options.
    ///
    /// # Errors
    /// [`OptionsError`] if the user agent, an authority or the client certificate is no good.
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        // ureq panics on a user agent that is no header value.
        options.agent_name()?;
        let tls = TlsConfig::builder()
            .root_certs(root_certs(options)?)
            .client_cert(client_cert(options)?)
            .build();
        Ok(Self::with_tls(options, tls))
    }

    /// Sends the request and waits for the whole response.
    ///
    /// # Errors
    /// [`Failure`] if there is no response.
    pub fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        let request = exchange::checked(request, self.certified)?;
        let secure = request.uri().scheme_str() == Some("https");
        // ureq says `content-length: 0` for an empty `Vec` whatever the method.
        let sent = if exchange::takes_body(request.method()) {
            self.inner.run(request)
        } else {
            self.inner.run(request.map(|_| ()))
        };
        let (head, body) = sent.map_err(failure)?.into_parts();

        let too_large = Failure::TooLarge { limit: self.limit };
        if body.content_length().is_some_and(|it| it > self.limit) {
            return Err(too_large);
        }
        let framed = frames_body(&head);
        let mut bytes = Vec::new();
        body.into_reader()
            .take(self.limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| body_failure(Error::from(error)))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > self.limit) {
            return Err(too_large);
        }
        if secure && !framed && !bytes.is_empty() {
            return Err(Failure::Cut(UNTOLD.into()));
        }
        Ok(exchange::answer(
            head.status,
            head.version,
            head.headers,
            bytes,
        ))
    }

    fn with_tls(options: &Options, tls: TlsConfig) -> Self {
        let (timeout, connect_timeout) = options.times();
        let proxy = if options.reads_proxy() {
            Proxy::try_from_env()
        } else {
            None
        };
        let inner = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            .timeout_resolve(Some(connect_timeout))
            .timeout_connect(Some(connect_timeout))
            .max_idle_age(IDLE)
            .accept_encoding(AutoHeaderValue::None)
            .user_agent(options.agent_name().unwrap_or_default())
            .proxy(proxy)
            .tls_config(tls)
            .build()
            .new_agent();
        Self {
            inner,
            limit: options.limit(),
            certified: options.client_certificate().is_some(),
        }
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").finish_non_exhaustive()
    }
}

const UNTOLD: &str = "the end of the body cannot be told from a cut";

/// Whether the head says how long the body is. RFC 9112, section 6.3: "chunked" as the final
/// coding, or `Content-Length`. HTTP/1.0 has no transfer codings.
fn frames_body(head: &http::response::Parts) -> bool {
    let chunked = head
        .headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .next_back()
        .and_then(|value| value.as_bytes().rsplit(|&byte| byte == b',').next())
        .is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"));
    head.headers.contains_key(CONTENT_LENGTH) || (chunked && head.version == Version::HTTP_11)
}

fn root_certs(options: &Options) -> Result<RootCerts, OptionsError> {
    let given = tls::authorities(options)?;
    if given.is_empty() {
        return Ok(RootCerts::WebPki);
    }
    // ureq takes either its own list or another, so the list is given along with the additions.
    let public = if options.trusts_only_given() {
        &[]
    } else {
        TLS_SERVER_ROOT_CERTS
    };
    Ok(public
        .iter()
        .chain(&given)
        .map(|der| Certificate::from_der(der).to_owned())
        .collect::<Vec<_>>()
        .into())
}

/// ureq panics on a certificate that `rustls` does not take; `tls::identity` has tried it out.
fn client_cert(options: &Options) -> Result<Option<ClientCert>, OptionsError> {
    let Some(pem) = tls::identity(options, ring::default_provider)? else {
        return Ok(None);
    };
    let chain = parse_pem(pem.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect::<Vec<_>>();
    let key = PrivateKey::from_pem(pem.as_bytes()).map_err(|_| OptionsError::ClientCertificate)?;
    Ok(Some(ClientCert::new_with_certs(&chain, key)))
}

fn failure(error: Error) -> Failure {
    // Its text is the target.
    if matches!(error, Error::BadUri(_)) {
        return Failure::InvalidRequest("the target is no URI to connect to");
    }
    Failure::new(kind(&error), error)
}

/// Once the head is there, an end that has no other name is an early one.
fn body_failure(error: Error) -> Failure {
    let kind = match kind(&error) {
        Kind::Connect | Kind::Other => Kind::Cut,
        kind => kind,
    };
    Failure::new(kind, error)
}

fn kind(error: &Error) -> Kind {
    match error {
        Error::Timeout(_) => Kind::Timeout,
        Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) => {
            Kind::Connect
        }
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => Kind::Tls,
        Error::Protocol(_) | Error::LargeResponseHeader(..) => Kind::NotHttp,
        Error::Io(io) => io_kind(io),
        _ => Kind::Other,
    }
}

fn io_kind(error: &io::Error) -> Kind {
    match Failure::kind_of_io(error) {
        Some(kind) => kind,
        None if is_look_up(error) => Kind::Connect,
        None => Kind::Other,
    }
}

/// Whether a name had no address. The standard library has no `ErrorKind` for it: on Windows it hands
/// on the numbers of Winsock (`WSAHOST_NOT_FOUND` to `WSANO_DATA`), elsewhere it words the error itself.
fn is_look_up(error: &io::Error) -> bool {
    match error.raw_os_error() {
        Some(number) => cfg!(windows) && (11_001..=11_004).contains(&number),
        None => error
            .to_string()
            .starts_with("failed to lookup address information"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::generate_simple_self_signed;

    use super::*;

    #[test]
    fn authorities_are_added_or_stand_alone() {
        let certified = generate_simple_self_signed(Vec::new()).unwrap();
        let given = Options::new().certificate_authority_pem(certified.cert.pem());
        let count = |options: &Options| match root_certs(options).unwrap() {
            RootCerts::Specific(certificates) => Some(certificates.len()),
            _ => None,
        };
        assert_eq!(count(&Options::new()), None);
        assert_eq!(count(&given), Some(TLS_SERVER_ROOT_CERTS.len() + 1));
        assert_eq!(count(&given.only_given_authorities(true)), Some(1));
        assert!(TLS_SERVER_ROOT_CERTS.len() > 50);
    }
}
