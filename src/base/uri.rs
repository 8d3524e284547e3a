//! RFC 3986 absolute URIs that a client may call, and RFC 6454 origins.
//!
//! A URI from a peer or from configuration is read by three readers: `url::Url` (the WHATWG URL
//! Standard, as browsers read), `http::Uri` (as HTTP libraries read) and a plain split by RFC 3986
//! §3. Where they differ, a check made by one reader says nothing about what another will call, so
//! the URI is refused.

use core::net::Ipv4Addr;
use core::net::Ipv6Addr;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::slice;
use std::sync::Arc;

use http::Uri;
use serde::Serialize;
use serde::Serializer;
use url::Url;

use crate::base::bytes;

/// The longest URI that is read, in bytes: RFC 9110 §4.1 has all parties support "at a minimum" 8000.
const MAX_LENGTH: usize = 8000;

/// Which schemes may be called. The default is https alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UriPolicy {
    http_on_loopback: bool,
}

impl UriPolicy {
    /// https anywhere, and http to this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    ///
    /// Dangerous where others can listen on or look into the loopback interface. It is meant for
    /// development and tests.
    #[must_use]
    pub const fn danger_http_on_loopback() -> Self {
        Self {
            http_on_loopback: true,
        }
    }

    /// Whether http to this machine is allowed.
    pub(crate) const fn allows_http_on_loopback(self) -> bool {
        self.http_on_loopback
    }

    fn allows(self, scheme: &str, host: &str) -> bool {
        scheme.eq_ignore_ascii_case("https")
            || (self.http_on_loopback && scheme.eq_ignore_ascii_case("http") && is_loopback(host))
    }
}

/// An absolute URI that may be called. It keeps the exact text it was read from.
///
/// Cloning is cheap. Two are equal when their texts are.
///
/// ```
/// use oauth_proto::base::uri::{UriFault, UriPolicy, WebUri};
///
/// let uri = WebUri::parse("https://id.example/token?tenant=1", UriPolicy::default())?;
/// assert_eq!(uri.query(), Some("tenant=1"));
/// assert_eq!(uri.origin().to_string(), "https://id.example");
///
/// let faults = WebUri::parse("http://me@id.example/#x", UriPolicy::default()).unwrap_err();
/// assert!(faults.iter().eq([
///     &UriFault::NotHttps,
///     &UriFault::Credentials,
///     &UriFault::Fragment,
/// ]));
/// # Ok::<(), oauth_proto::base::uri::UriFaults>(())
/// ```
#[derive(Clone)]
pub struct WebUri {
    text: Arc<str>,
    uri: Uri,
}

impl WebUri {
    /// Reads a URI that `policy` allows, without credentials and without a fragment.
    ///
    /// # Errors
    ///
    /// Every fault of `text`, not the first alone.
    pub fn parse(text: &str, policy: UriPolicy) -> Result<Self, UriFaults> {
        Self::read(text, policy, true)
    }

    /// As [`parse`](Self::parse), and without a query: an issuer "has no query or fragment
    /// components" (RFC 8414 §2).
    ///
    /// # Errors
    ///
    /// Every fault of `text`, not the first alone.
    pub fn parse_issuer(text: &str, policy: UriPolicy) -> Result<Self, UriFaults> {
        Self::read(text, policy, false)
    }

    /// The text, byte for byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parsed form, to be sent. Its scheme is in lower case.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let is_https = self.uri.scheme_str() == Some("https");
        let host = self.uri.host().unwrap_or_default();
        Origin::new(is_https, host, self.uri.port_u16())
    }

    /// The path; `/` when the text has none.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// What follows the `?`, as it is written.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn read(text: &str, policy: UriPolicy, allows_query: bool) -> Result<Self, UriFaults> {
        if text.len() > MAX_LENGTH {
            return Err(UriFaults(vec![UriFault::TooLong]));
        }
        let parts = Parts::of(text);
        let mut faults = Vec::new();
        let mut refuse_if = |is_fault: bool, fault| {
            if is_fault {
                faults.push(fault);
            }
        };
        match parts.scheme {
            None => refuse_if(true, UriFault::NotAbsolute),
            Some(scheme) => {
                refuse_if(!policy.allows(scheme, parts.host), UriFault::NotHttps);
                refuse_if(parts.host.is_empty(), UriFault::NoHost);
            }
        }
        refuse_if(parts.has_user_info, UriFault::Credentials);
        refuse_if(!allows_query && parts.has_query, UriFault::Query);
        refuse_if(parts.has_fragment, UriFault::Fragment);
        refuse_if(!is_written_plainly(text), UriFault::Ambiguous);
        if !faults.is_empty() {
            return Err(UriFaults(faults));
        }
        let uri = parts
            .agreed(text)
            .ok_or_else(|| UriFaults(vec![UriFault::Ambiguous]))?;
        Ok(Self {
            text: text.into(),
            uri,
        })
    }
}

impl PartialEq for WebUri {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for WebUri {}

impl Hash for WebUri {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Display for WebUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WebUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

/// As its text. To read one takes a policy, so there is no `Deserialize`.
impl Serialize for WebUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Scheme, host and port (RFC 6454 §4). A default port is the same as none.
///
/// It prints as RFC 6454 §6.2 writes it, such as `https://id.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    is_https: bool,
    host: String,
    port: u16,
}

impl Origin {
    fn new(is_https: bool, host: &str, port: Option<u16>) -> Self {
        let host = ipv6(host).map_or_else(|| host.to_ascii_lowercase(), |ip| format!("[{ip}]"));
        Self {
            is_https,
            host,
            port: port.unwrap_or(default_port(is_https)),
        }
    }

    const fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host)?;
        if self.port == default_port(self.is_https) {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

/// The origin of an http or https URI; `None` for any other, for one without a host, and for one
/// whose port is not a number up to 65535.
#[must_use]
pub fn origin_of(uri: &Uri) -> Option<Origin> {
    let is_https = match uri.scheme_str()? {
        scheme if scheme.eq_ignore_ascii_case("https") => true,
        scheme if scheme.eq_ignore_ascii_case("http") => false,
        _ => return None,
    };
    let authority = uri.authority()?;
    let port = authority.port_u16();
    let has_port = !authority.as_str().ends_with(authority.host());
    if authority.host().is_empty() || has_port != port.is_some() {
        return None;
    }
    Some(Origin::new(is_https, authority.host(), port))
}

/// Whether `host`, as it stands in a URI, is surely this machine: `localhost` in any case, a dotted
/// decimal address in `127.0.0.0/8`, or `[::1]`. No other way to write them counts.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether `text` is an absolute URI without a fragment (RFC 3986 §4.3), of whatever scheme.
pub(crate) fn is_absolute(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() & (byte != b'#');
    text.len() <= MAX_LENGTH && bytes::all(text, fits) && Url::parse(text).is_ok()
}

/// All that is wrong with a URI. It does not repeat the URI, which may hold credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriFaults(Vec<UriFault>);

impl UriFaults {
    /// The faults, each once.
    pub fn iter(&self) -> slice::Iter<'_, UriFault> {
        self.0.iter()
    }
}

impl<'f> IntoIterator for &'f UriFaults {
    type Item = &'f UriFault;
    type IntoIter = slice::Iter<'f, UriFault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for UriFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the URI ")?;
        for (at, fault) in self.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UriFaults {}

/// One thing that is wrong with a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UriFault {
    /// It does not start with a scheme (RFC 3986 §4.3).
    #[error("is not absolute")]
    NotAbsolute,
    /// It is longer than 8000 bytes.
    #[error("is longer than 8000 bytes")]
    TooLong,
    /// Its scheme is not https, nor http where the policy allows it.
    #[error("is not https")]
    NotHttps,
    /// It names no host.
    #[error("has no host")]
    NoHost,
    /// There is something before an `@` in the authority, be it empty.
    #[error("carries credentials")]
    Credentials,
    /// There is a `?` in an issuer.
    #[error("has a query")]
    Query,
    /// There is a `#`.
    #[error("has a fragment")]
    Fragment,
    /// Readers of URIs do not agree upon it: it holds characters that RFC 3986 does not allow, its
    /// host or port can be read in two ways, or its path has segments `.` or `..`.
    #[error("is not read alike by all")]
    Ambiguous,
}

/// A URI split by RFC 3986 §3, without judgement.
struct Parts<'t> {
    scheme: Option<&'t str>,
    has_user_info: bool,
    host: &'t str,
    /// What follows the host in the authority: nothing, or a colon and more.
    port: &'t str,
    has_query: bool,
    has_fragment: bool,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let (text, fragment) = split(text, '#');
        let (text, query) = split(text, '?');
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let authority = rest
            .strip_prefix("//")
            .map_or("", |rest| split(rest, '/').0);
        let (user_info, host) = match authority.rsplit_once('@') {
            Some((user_info, host)) => (Some(user_info), host),
            None => (None, authority),
        };
        let length = match host.find(']') {
            Some(bracket) if host.starts_with('[') => bracket + 1,
            _ => host.find(':').unwrap_or(host.len()),
        };
        let (host, port) = host.split_at(length);
        Self {
            scheme,
            has_user_info: user_info.is_some(),
            host,
            port,
            has_query: query.is_some(),
            has_fragment: fragment.is_some(),
        }
    }

    /// The URI as `http` reads it, when `url` and this split read the same in it.
    fn agreed(&self, text: &str) -> Option<Uri> {
        let scheme = self.scheme?;
        let default = default_port(scheme.eq_ignore_ascii_case("https"));
        let port = match self.port.strip_prefix(':') {
            None if self.port.is_empty() => None,
            None => return None,
            Some(digits) => Some(plain_port(digits)?),
        };

        let uri = Uri::try_from(text).ok()?;
        let is_same_scheme = uri.scheme_str()?.eq_ignore_ascii_case(scheme);
        if !is_same_scheme || uri.host() != Some(self.host) || uri.port_u16() != port {
            return None;
        }
        // `url` takes its time, and has nothing to say on a plain name and a plain path.
        if is_plain_name(self.host) && is_plain_path(uri.path()) {
            return Some(uri);
        }

        let url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_same_host = host.eq_ignore_ascii_case(self.host)
            || ipv6(host).is_some_and(|ip| ipv6(self.host) == Some(ip));
        let is_same_port = url.port_or_known_default()? == port.unwrap_or(default);
        let is_same_path = url.path() == uri.path();
        let is_same_scheme = url.scheme().eq_ignore_ascii_case(scheme);
        (is_same_scheme && is_same_host && is_same_port && is_same_path).then_some(uri)
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// RFC 3986 §3.1: `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether `text` has only the characters of RFC 3986 §2, and two hexadecimal digits after each `%`.
fn is_written_plainly(text: &str) -> bool {
    let starts_with_digits = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    bytes::all(text, is_character) && text.split('%').skip(1).all(starts_with_digits)
}

/// Without branches, for [`bytes::all`].
const fn is_character(byte: u8) -> bool {
    byte.is_ascii_graphic()
        & (byte != b'"')
        & (byte != b'<')
        & (byte != b'>')
        & (byte != b'\\')
        & (byte != b'^')
        & (byte != b'`')
        & (byte != b'{')
        & (byte != b'|')
        & (byte != b'}')
}

/// Whether `host` is a name that the WHATWG URL Standard §3.5 changes in case alone: labels of
/// letters, digits and hyphens, none in Punycode, and a last one that cannot end an IPv4 address.
fn is_plain_name(host: &str) -> bool {
    let mut labels = host.as_bytes().split(|byte| *byte == b'.');
    let is_plain = |label: &[u8]| {
        let is_punycode = label
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"));
        let is_own = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        !label.is_empty() && !is_punycode && label.iter().all(is_own)
    };
    let last = labels.clone().next_back().and_then(<[u8]>::first);
    last.is_some_and(u8::is_ascii_alphabetic) && labels.all(is_plain)
}

/// Whether no segment of `path` can be `.` or `..`, in any of the ways to write them (the WHATWG URL
/// Standard §4.4, "single-dot" and "double-dot URL path segment").
fn is_plain_path(path: &str) -> bool {
    let is_odd = |pair: &[u8]| matches!(pair, [b'/', b'.' | b'%']);
    !path.as_bytes().windows(2).any(is_odd)
}

/// A port from 1 to 65535 without leading zeros.
fn plain_port(digits: &str) -> Option<u16> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    is_plain.then(|| digits.parse().ok()).flatten()
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// RFC 9110 §4.2.1 and §4.2.2.
const fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

#[cfg(test)]
mod tests;
