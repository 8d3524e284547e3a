//! The client: one request out, one whole response back.

use std::error::Error;
use std::fmt;
use std::io;
use std::mem;

use http::HeaderValue;
use http::Request;
use http::Response;
use http::Uri;
use http::header::CONTENT_LENGTH;
use reqwest::Certificate;
use reqwest::Identity;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;

use crate::transport::exchange;
use crate::transport::failure::Failure;
use crate::transport::failure::Kind;
use crate::transport::options::IDLE;
use crate::transport::options::Options;
use crate::transport::options::OptionsError;
use crate::transport::tls;

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
