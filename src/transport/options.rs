//! What can be set on an adapter.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use zeroize::Zeroizing;

/// The largest response body taken unless said otherwise: 1 MiB. The largest thing an OAuth server
/// is asked for is a key set, a few dozen KiB.
pub const BODY_LIMIT: u64 = 1024 * 1024;

/// The time for a whole exchange unless said otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The time to connect unless said otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept. Below the 5 seconds after which common servers (Node.js,
/// Apache httpd) close theirs: a request sent into a closing connection is lost, and for a refresh
/// nobody could tell whether it arrived.
pub const IDLE: Duration = Duration::from_secs(4);

/// The longest time that can be set: a day. No instant overflows.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Settings for an adapter. The same for both.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_proto::transport::Options;
///
/// let options = Options::new()
///     .timeout(Duration::from_secs(5))
///     .user_agent("example-app/1.0");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    timeout: Duration,
    connect_timeout: Duration,
    body_limit: u64,
    user_agent: String,
    authorities: Vec<Vec<u8>>,
    only_given_authorities: bool,
    client_certificate: Option<ClientCertificate>,
    proxy_from_environment: bool,
}

impl Options {
    /// The defaults: [`TIMEOUT`], [`CONNECT_TIMEOUT`], [`BODY_LIMIT`], no proxy, no client certificate.
    #[must_use]
    pub fn new() -> Self {
        Self {
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            body_limit: BODY_LIMIT,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            authorities: Vec::new(),
            only_given_authorities: false,
            client_certificate: None,
            proxy_from_environment: false,
        }
    }

    /// The time for a whole exchange: name, connection, request, response with its body.
    /// More than a day counts as a day.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST);
        self
    }

    /// The time to look the name up and connect, TLS included. More than a day counts as a day.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST);
        self
    }

    /// The largest response body taken, in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The `user-agent` of a request that has none of its own.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Trusts the certificate authorities in this PEM text too. Can be called again for more.
    #[must_use]
    pub fn certificate_authority_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities.push(pem.into());
        self
    }

    /// Trusts nobody but the authorities given by [`Options::certificate_authority_pem`].
    #[must_use]
    pub fn only_given_authorities(mut self, only: bool) -> Self {
        self.only_given_authorities = only;
        self
    }

    /// The certificate by which the client shows who it is to a server that asks (RFC 8705).
    ///
    /// `chain`: the client's certificate first, then the intermediate ones, in PEM. `key`: its
    /// private key in PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted), wiped when dropped.
    #[must_use]
    pub fn client_certificate_pem(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.client_certificate = Some(ClientCertificate {
            chain: chain.into(),
            key: Zeroizing::new(key.into()),
        });
        self
    }

    /// Takes the proxy from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the like), by
    /// the rules of the HTTP client. Off by default.
    #[must_use]
    pub fn proxy_from_environment(mut self, on: bool) -> Self {
        self.proxy_from_environment = on;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_limit", &self.body_limit)
            .field("user_agent", &self.user_agent)
            .field("authorities", &self.authorities.len())
            .field("only_given_authorities", &self.only_given_authorities)
            .field("client_certificate", &self.client_certificate.is_some())
            .field("proxy_from_environment", &self.proxy_from_environment)
            .finish()
    }
}

/// What the adapters read.
impl Options {
    pub(super) fn times(&self) -> (Duration, Duration) {
        (self.timeout, self.connect_timeout)
    }

    pub(super) fn limit(&self) -> u64 {
        self.body_limit
    }

    /// # Errors
    /// [`OptionsError::UserAgent`] if it is empty or more than visible ASCII, spaces and tabs.
    pub(super) fn agent_name(&self) -> Result<&str, OptionsError> {
        match HeaderValue::from_str(&self.user_agent) {
            Ok(value) if !value.is_empty() && value.to_str().is_ok() => Ok(&self.user_agent),
            _ => Err(OptionsError::UserAgent),
        }
    }

    pub(super) fn authorities(&self) -> &[Vec<u8>] {
        &self.authorities
    }

    pub(super) fn trusts_only_given(&self) -> bool {
        self.only_given_authorities
    }

    /// The PEM texts of the chain and the key.
    pub(super) fn client_certificate(&self) -> Option<(&[u8], &[u8])> {
        self.client_certificate
            .as_ref()
            .map(|own| (own.chain.as_slice(), own.key.as_slice()))
    }

    pub(super) fn reads_proxy(&self) -> bool {
        self.proxy_from_environment
    }
}

#[derive(Clone)]
struct ClientCertificate {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// [`Options`] of which no adapter can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// The user agent is empty or holds what a header value may not.
    #[error("the user agent is no header value")]
    UserAgent,

    /// A text given for an authority is not PEM, holds no certificate, or a broken one.
    #[error("a certificate authority cannot be read")]
    Authority,

    /// Only the authorities given are to be trusted, and there are none.
    #[error("no certificate authority to trust")]
    NoAuthority,

    /// The chain or the key of the client certificate cannot be read, or they do not belong together.
    #[error("the client certificate cannot be used")]
    ClientCertificate,

    /// The HTTP client could not set up TLS; with `reqwest`, as a rule, because the operating system
    /// has no certificate authorities installed.
    #[error("TLS cannot be set up")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
}
