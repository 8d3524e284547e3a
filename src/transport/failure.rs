//! Why there is no answer.

use std::error::Error;
use std::fmt;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
use std::io;

/// There is no answer: the exchange ended before a whole response was there.
///
/// Whatever a server did say, be it 500 and nonsense, is a response and never this. The source is
/// the HTTP client's own error. Neither `Display` nor `Debug` shows a URL, a header value or a body.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection came about: no address for the name, refused, unreachable, a proxy's refusal.
    /// Nothing of the request was sent.
    #[error("no connection")]
    Connect(#[source] Box<dyn Error + Send + Sync>),

    /// TLS failed: a certificate that does not verify, no common version, a record that was
    /// altered, an alert. In TLS 1.3 a server refuses a client certificate only after it may have
    /// read the request.
    #[error("TLS failed")]
    Tls(#[source] Box<dyn Error + Send + Sync>),

    /// The time allowed was over. The request may have arrived.
    #[error("timed out")]
    Timeout,

    /// The connection ended before the response did. The request may have arrived.
    #[error("the connection ended before the response did")]
    Cut(#[source] Box<dyn Error + Send + Sync>),

    /// The body is larger than allowed. The request has arrived.
    #[error("the response body is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },

    /// What came back is not HTTP/1.1, or its header section is too long to be read.
    #[error("what came back is not HTTP")]
    NotHttp(#[source] Box<dyn Error + Send + Sync>),

    /// The request is none that the adapters send. Nothing was sent.
    #[error("the request cannot be sent: {0}")]
    InvalidRequest(&'static str),

    /// The HTTP client failed in another way. The request may have arrived.
    #[error("the HTTP client failed")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

/// As `Display`, with the sources behind it: a source's own `Debug` is not ours to vouch for.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self}")?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        f.write_str(")")
    }
}

#[cfg(any(feature = "ureq", feature = "reqwest"))]
impl Failure {
    /// The failure that an I/O error stands for, `None` where only its context can tell.
    pub(super) fn kind_of_io(error: &io::Error) -> Option<Kind> {
        // An I/O error hides the one it wraps from `source`.
        if let Some(inner) = error.get_ref() {
            if inner.is::<rustls::Error>() {
                return Some(Kind::Tls);
            }
            if let Some(kind) = inner.downcast_ref().and_then(Self::kind_of_io) {
                return Some(kind);
            }
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Some(Kind::Timeout),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Some(Kind::Cut),
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied => Some(Kind::Connect),
            _ => None,
        }
    }

    pub(super) fn new(kind: Kind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        match kind {
            Kind::Connect => Self::Connect(source.into()),
            Kind::Tls => Self::Tls(source.into()),
            Kind::Timeout => Self::Timeout,
            Kind::Cut => Self::Cut(source.into()),
            Kind::NotHttp => Self::NotHttp(source.into()),
            Kind::Other => Self::Other(source.into()),
        }
    }
}

/// The failures that an HTTP client reports by an error of its own.
#[cfg(any(feature = "ureq", feature = "reqwest"))]
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Connect,
    Tls,
    Timeout,
    Cut,
    NotHttp,
    Other,
}
