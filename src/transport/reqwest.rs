//! The async adapter, over [reqwest](https://docs.rs/reqwest).
//!
//! It keeps [the contract](crate::transport). Like reqwest, it needs a Tokio runtime with its I/O and
//! time drivers on, and panics without. The runtime should go on between two requests: one that stands
//! still does not notice that a server has closed an idle connection.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::mem;
use std::panic;

use http::HeaderValue;
use http::Request;
use http::Response;
use http::Uri;
use http::header::CONTENT_LENGTH;
use reqwest::Certificate;
use reqwest::Identity;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;

use crate::crypto::signing::SigningInput;
use crate::endpoint::request;
use crate::flow::Flow;
use crate::flow::drive;
use crate::flow::drive::DriveError;
use crate::lease;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Setback;
use crate::lease::refresh::Refresh;
use crate::lease::shared::CallError;
use crate::lease::shared::Shared;
use crate::lease::store::AsyncStore;
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
/// use oauth_proto::transport::reqwest;
///
/// # async fn find() -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::client()?;
/// let metadata = reqwest::run(&http, Discover::new("https://id.example")?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`DriveError::Protocol`] where the flow ends in an error, [`DriveError::Transport`] where no answer
/// came and the flow cannot go on without one.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn run<F: Flow>(client: &Client, flow: F) -> Result<F::Output, DriveError<Failure>> {
    drive::asynchronous(
        flow,
        now,
        |request| client.send(request.into_http()),
        tokio::time::sleep,
    )
    .await
}

/// As [`run`], with a signer for remote keys.
///
/// # Errors
/// As [`run`], and whatever `sign` fails with.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn run_with_signer<F: Flow, G>(
    client: &Client,
    flow: F,
    sign: impl FnMut(SigningInput) -> G,
) -> Result<F::Output, DriveError<Failure>>
where
    G: Future<Output = Result<Vec<u8>, DriveError<Failure>>>,
{
    drive::asynchronous_with_signer(
        flow,
        now,
        |request| client.send(request.into_http()),
        tokio::time::sleep,
        sign,
    )
    .await
}

/// Runs a refresh of a shared grant to its end, over a store.
///
/// Dropped between a request and the write of its answer, it loses the grant: where a caller may go away (a
/// `select!`, a timeout, a web handler whose browser hangs up), [`refresh_detached`] takes its place.
///
/// The client's timeout (20 s by default) is to be no longer than
/// [`Terms::timeout`](crate::lease::terms::Terms::timeout).
///
/// # Errors
/// The store's own, where nothing is lost by giving up.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn refresh<S: AsyncStore>(
    client: &Client,
    refresh: Refresh,
    store: &S,
) -> Result<Outcome, S::Error> {
    let send = |request: request::Request| client.send(request.into_http());
    lease::drive::asynchronous(refresh, store, now, send, tokio::time::sleep).await
}

/// As [`refresh`], as a task of its own: a caller that goes away stops nothing, and the store gets the
/// new tokens all the same.
///
/// The task ends early only with its runtime: shut that down when its refreshes are over. For another executor,
/// spawn [`asynchronous`](lease::drive::asynchronous) there and wait for the task, as is done here.
///
/// ```no_run
/// # use std::time::Duration;
/// # use oauth_proto::{lease::{refresh::Refresh, store::AsyncStore}, transport::reqwest};
/// # async fn serve<S>(http: &reqwest::Client, refresh: Refresh, store: S)
/// # where S: AsyncStore<Error: Send> + Send + Sync + 'static {
/// let refresh = reqwest::refresh_detached(http, refresh, store);
/// let outcome = tokio::time::timeout(Duration::from_secs(2), refresh).await; // too late, and nothing is lost
/// # }
/// ```
///
/// # Errors
/// As [`refresh`]. Where the runtime was shut down meanwhile, the outcome is
/// [`Ambiguous`](Outcome::Ambiguous).
///
/// # Panics
/// If it is polled outside of a Tokio runtime, or where the store panics.
pub async fn refresh_detached<S>(
    client: &Client,
    refresh: Refresh,
    store: S,
) -> Result<Outcome, S::Error>
where
    S: AsyncStore<Error: Send> + Send + Sync + 'static,
{
    let client = client.clone();
    let task = async move { self::refresh(&client, refresh, &store).await };
    match tokio::spawn(task).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            Err(_) => Ok(Outcome::Ambiguous(Setback {
                until: now(),
                cause: Cause::NoAnswer,
            })),
        },
    }
}

/// Calls an API with tokens that are renewed on the way: [`run`] of [`Api::call`]. Dropped while a
/// refresh is under way, it may lose the grant: where its caller may go away, run it as a task of its
/// own.
///
/// ```no_run
/// # use oauth_proto::{domain::client::Client, domain::token::Tokens};
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::lease::Lease;
/// use oauth_proto::transport::reqwest;
///
/// # async fn users(client: Client, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::client()?;
/// let api = Api::new(&client, "https://api.example/v1", Lease::new(tokens))?;
/// let answer = reqwest::call(&http, &api, api.get("users/7")).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`run`]; a status of 400 or more is [`Error::Refused`](crate::domain::error::Error::Refused),
/// unless the API or the request says otherwise.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn call(
    client: &Client,
    api: &Api,
    request: impl Into<ApiRequest>,
) -> Result<Response<Vec<u8>>, DriveError<Failure>> {
    run(client, api.call(request)).await
}

/// Calls an API with the tokens of a store. A caller that may go away runs it as a task of its own
/// (`tokio::spawn`): dropped while a refresh is under way, the grant may be lost. [`refresh_detached`] does
/// so for a refresh.
///
/// # Errors
/// As [`lease::drive::call`].
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn call_shared<S: AsyncStore>(
    client: &Client,
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &S,
) -> Result<Response<Vec<u8>>, CallError<Failure, S::Error>> {
    let send = |request: request::Request| client.send(request.into_http());
    lease::drive::call_asynchronous(api, request, store, now, send, tokio::time::sleep).await
}

/// An async HTTP client that keeps [the contract](crate::transport). Cloning is cheap and shares the
/// connections.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    limit: u64,
    certified: bool,
}

/// A client with the default [`Options`].
///
/// # Errors
/// [`OptionsError::Tls`] if the operating system has no certificate authorities.
pub fn client() -> Result<Client, OptionsError> {
    Client::new(&Options::new())
}

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// [`OptionsError`] if the user agent, an authority or the client certificate is no good, or if
    /// the operating system has no certificate authorities.
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        let (timeout, connect_timeout) = options.times();
        // Some of these are the defaults of the features chosen here. Another crate of the same
        // build may choose more.
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(IDLE)
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns()
            .tls_backend_rustls()
            .user_agent(options.agent_name()?);
        if !options.reads_proxy() {
            builder = builder.no_proxy();
        }

        let authorities = tls::authorities(options)?
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| OptionsError::Authority)?;
        if options.trusts_only_given() {
            builder = builder.tls_certs_only(authorities);
        } else if !authorities.is_empty() {
            builder = builder.tls_certs_merge(authorities);
        }
        if let Some(pem) = tls::identity(options, aws_lc_rs::default_provider)? {
            let identity = Identity::from_pem(pem.as_bytes());
            builder = builder.identity(identity.map_err(|_| OptionsError::ClientCertificate)?);
        }
        let inner = builder
            .build()
            .map_err(|error| OptionsError::Tls(error.without_url().into()))?;
        Ok(Self {
            inner,
            limit: options.limit(),
            certified: options.client_certificate().is_some(),
        })
    }

    /// Sends the request and collects the whole response.
    ///
    /// # Errors
    /// [`Failure`] if there is no response.
    ///
    /// # Panics
    /// If it is polled outside of a Tokio runtime.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        let mut request = exchange::checked(request, self.certified)?;
        // reqwest leaves it out, whatever the method.
        if request.body().is_empty() && exchange::takes_body(request.method()) {
            let none = HeaderValue::from_static("0");
            request.headers_mut().insert(CONTENT_LENGTH, none);
        }
        let target = request.uri().clone();
        let request = reqwest::Request::try_from(request)
            .map_err(|_| Failure::InvalidRequest("the target is no URL"))?;
        if !same_target(request.url(), &target) {
            return Err(Failure::InvalidRequest("the target is no normalised URL"));
        }
        let mut response = self.inner.execute(request).await.map_err(failure)?;

        let too_large = Failure::TooLarge { limit: self.limit };
        if response.content_length().is_some_and(|it| it > self.limit) {
            return Err(too_large);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            let length = bytes.len().saturating_add(chunk.len());
            if u64::try_from(length).is_ok_and(|length| length > self.limit) {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(exchange::answer(
            response.status(),
            response.version(),
            mem::take(response.headers_mut()),
            bytes,
        ))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// As many response header fields as ureq takes; hyper's default is 100.
const MAX_HEADERS: usize = 128;

/// Whether the URL that reqwest made of the target still is the target. The WHATWG rules rewrite dot
/// segments, hosts (`127.1`) and some characters; a proof of possession or an OAuth 1.0a signature covers the
/// target as it was.
fn same_target(url: &reqwest::Url, target: &Uri) -> bool {
    url.path() == target.path()
        && url.query() == target.query()
        && url
            .host_str()
            .zip(target.host())
            .is_some_and(|(url, target)| url.eq_ignore_ascii_case(target))
}

fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    Failure::new(kind(&error), error)
}

/// reqwest says at which stage it failed; why, stands in the sources.
fn kind(error: &reqwest::Error) -> Kind {
    if error.is_timeout() {
        return Kind::Timeout;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(kind) = cause.downcast_ref().and_then(hyper_kind) {
            return kind;
        }
        if let Some(kind) = cause.downcast_ref().and_then(io_kind) {
            return kind;
        }
        source = cause.source();
    }
    if error.is_connect() {
        Kind::Connect
    } else {
        Kind::Other
    }
}

fn hyper_kind(error: &hyper::Error) -> Option<Kind> {
    if error.is_incomplete_message() {
        Some(Kind::Cut)
    } else if error.is_parse() {
        Some(Kind::NotHttp)
    } else {
        None
    }
}

fn io_kind(error: &io::Error) -> Option<Kind> {
    Failure::kind_of_io(error).or_else(|| {
        // hyper's words for a chunk that is none.
        matches!(
            error.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
        .then_some(Kind::NotHttp)
    })
}
