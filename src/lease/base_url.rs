//! The base URL of an API, and paths below it that cannot leave it (RFC 3986 §3.3 and §5.2.4).
//!
//! Nothing is resolved against the base: a path is written behind it. What stays to be refused is what
//! a server, a proxy or an HTTP client may take for a way up or out.
//!
//! | Written | Why it is refused |
//! | --- | --- |
//! | `..`, `.`, `%2e%2e`, `.%2E` | a dot segment (RFC 3986 §5.2.4) |
//! | `%252e%252e`, and so on | one for a server that decodes twice |
//! | `..;x=y`, `.. ` | one for a server that cuts parameters or spaces off |
//! | `..%2Fx`, `..%5Cx` | one for a server that decodes before it splits |
//! | `%C0%AE`, `%FF` | not UTF-8: what it is depends on the reader |
//! | `\`, `%00`, any control character | readers do not agree upon it |
//! | `//host`, `a//b` | another host to some, one segment less to others |
//! | `https:…` | an absolute URL |
//! | `?`, `#` | no part of a path: a query has a method of its own |
//!
//! `%2F` alone is a character within a segment, as in `projects/group%2Fproject`.

use std::fmt;
use std::fmt::Display;

use http::Uri;
use percent_encoding::percent_decode_str;

use crate::base::percent;
use crate::base::uri;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Misuse;
use crate::domain::error::shown;

/// An address that every request of an API is below.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::lease::base_url::{BaseUrl, Path};
///
/// let base = BaseUrl::new("https://api.example/v1", UriPolicy::default())?;
/// assert_eq!(base.join("users/7")?.as_str(), "https://api.example/v1/users/7");
/// assert_eq!(base.join(["users", "a b/c"])?.as_str(), "https://api.example/v1/users/a%20b%2Fc");
/// assert_eq!(base.join(Path::new().segment("users").segment(7))?.path(), "/v1/users/7");
/// assert!(base.join("../v2/users").is_err());
/// assert!(base.join("https://evil.example").is_err());
/// # Ok::<(), oauth_proto::domain::error::Misuse>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    base: WebUri,
    policy: UriPolicy,
}

impl BaseUrl {
    /// A base. Whether it ends with a `/` makes no difference to the paths below it.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the policy does not allow it, or where it has credentials, a query or a
    /// fragment; [`Misuse::Path`] where its own path is one that would be refused below it.
    pub fn new(base: &str, policy: UriPolicy) -> Result<Self, Misuse> {
        let base =
            WebUri::parse_issuer(base, policy).map_err(|faults| Misuse::address(base, faults))?;
        Path::from(base.path()).text()?;
        Ok(Self { base, policy })
    }

    /// The base as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.base.as_str()
    }

    /// The address of a path below the base. An empty path is the base as it was given.
    ///
    /// # Errors
    ///
    /// [`Misuse::Path`] where the path could lead elsewhere, [`Misuse::Address`] where the whole is too
    /// long.
    pub fn join(&self, path: impl Into<Path>) -> Result<WebUri, Misuse> {
        let path = path.into().text()?;
        if path.is_empty() {
            return Ok(self.base.clone());
        }
        let base = self.base.as_str();
        let address = format!("{}/{path}", base.strip_suffix('/').unwrap_or(base));
        WebUri::parse(&address, self.policy).map_err(|faults| Misuse::address(&address, faults))
    }

    /// The base of a part of the API.
    ///
    /// # Errors
    ///
    /// Those of [`join`](Self::join).
    pub fn child(&self, path: impl Into<Path>) -> Result<Self, Misuse> {
        let base = self.join(path)?;
        let policy = self.policy;
        Ok(Self { base, policy })
    }

    /// Whether an address is the base or below it, its query aside.
    ///
    /// # Errors
    ///
    /// [`Misuse::Elsewhere`] where it is not, [`Misuse::Path`] where its path could lead elsewhere.
    pub fn check(&self, address: &Uri) -> Result<(), Misuse> {
        let is_own = uri::origin_of(address) == Some(self.base.origin())
            && !address
                .authority()
                .is_some_and(|it| it.as_str().contains('@'));
        let base = self.base.path();
        let base = base.strip_suffix('/').unwrap_or(base);
        let rest = address.path().strip_prefix(base).filter(|_| is_own);
        match rest {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                Path::from(rest).text().map(|_| ())
            }
            _ => Err(Misuse::elsewhere(address, self.as_str())),
        }
    }
}

impl Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.fmt(f)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.base, f)
    }
}

/// A path below a base: of text, as it stands in a URL, or of segments.
///
/// In text, `%` begins an escape, one `/` at the beginning makes no difference, one at the end is kept,
/// and what no path may hold is escaped. In a segment every character is itself, a `/` too. Text that was
/// put together from what others say is better given as segments.
///
/// An empty segment is refused: `["users", id]` with an empty `id` would be the address of all users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: Result<String, Fault>,
}

/// Where a path went wrong, as it may be shown, and how.
type Fault = (String, &'static str);

impl Path {
    /// No segments: the base itself.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: Ok(String::new()),
        }
    }

    /// One segment more, each character but the unreserved ones escaped (RFC 3986 §2.3).
    #[must_use]
    pub fn segment(self, segment: impl Display) -> Self {
        let segment = segment.to_string();
        let text = self.text.and_then(|mut text| {
            let mut written = String::with_capacity(segment.len());
            percent::encode_into(&segment, &mut written);
            let checked = match written.as_str() {
                "" => Err(EMPTY),
                written => check_segment(written),
            };
            checked.map_err(|reason| (shown(&segment), reason))?;
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(&written);
            Ok(text)
        });
        Self { text }
    }

    /// The path without a `/` at its beginning.
    fn text(self) -> Result<String, Misuse> {
        self.text
            .map_err(|(path, reason)| Misuse::Path { path, reason })
    }

    fn read(text: &str) -> Result<String, &'static str> {
        let text = text.strip_prefix('/').unwrap_or(text);
        let is_of_scheme = |scheme: &str| {
            let start = text.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        if is_of_scheme("https:") || is_of_scheme("http:") {
            return Err("is an absolute URL");
        }
        if text.contains(['?', '#']) {
            return Err("holds a query or a fragment");
        }
        let own = text.strip_suffix('/').unwrap_or(text);
        if !text.is_empty() && own.split('/').any(str::is_empty) {
            return Err(EMPTY);
        }
        let mut written = String::with_capacity(text.len());
        for (at, segment) in text.split('/').enumerate() {
            check_segment(segment)?;
            if at > 0 {
                written.push('/');
            }
            write_text(segment, &mut written)?;
        }
        Ok(written)
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        let text = Self::read(text).map_err(|reason| (shown(text), reason));
        Self { text }
    }
}

impl From<&String> for Path {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Path {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl<S: Display, const N: usize> From<[S; N]> for Path {
    fn from(segments: [S; N]) -> Self {
        segments.into_iter().collect()
    }
}

impl<S: Display> From<&[S]> for Path {
    fn from(segments: &[S]) -> Self {
        segments.iter().collect()
    }
}

impl<S: Display> From<Vec<S>> for Path {
    fn from(segments: Vec<S>) -> Self {
        segments.into_iter().collect()
    }
}

impl<S: Display> FromIterator<S> for Path {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        segments.into_iter().fold(Self::new(), Self::segment)
    }
}

const EMPTY: &str = "has an empty segment";

/// How often an escape may itself be escaped. A bound of this crate: no server decodes that often.
const MOST_DECODINGS: usize = 4;

/// Refuses what could be a dot segment to any reader, as it stands and decoded, once and again.
fn check_segment(segment: &str) -> Result<(), &'static str> {
    let mut segment = segment.to_owned();
    for _ in 0..MOST_DECODINGS {
        if segment.chars().any(char::is_control) {
            return Err("holds a control character");
        }
        if segment.split(['/', '\\']).any(is_dots) {
            return Err("has a dot segment");
        }
        let decoded = percent_decode_str(&segment)
            .decode_utf8()
            .map_err(|_| "holds escapes that are not UTF-8")?;
        if decoded == segment {
            return Ok(());
        }
        segment = decoded.into_owned();
    }
    Err("holds escapes of escapes")
}

/// Whether a piece is `.` or `..` once parameters and spaces are cut off.
fn is_dots(piece: &str) -> bool {
    let name = piece.split(';').next().unwrap_or_default().trim();
    matches!(name, "." | "..")
}

/// Appends a segment of text: escapes as they are, and escaped what RFC 3986 §3.3 does not allow.
fn write_text(segment: &str, out: &mut String) -> Result<(), &'static str> {
    if segment.contains('\\') {
        return Err("holds a backslash");
    }
    let mut rest = segment;
    while let Some(character) = rest.chars().next() {
        let (piece, after) = rest.split_at(character.len_utf8());
        if character == '%' {
            let digits = after.as_bytes().get(..2);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return Err("has a % that begins no escape");
            }
            out.push('%');
        } else if is_pchar(character) {
            out.push(character);
        } else {
            percent::encode_into(piece, out);
        }
        rest = after;
    }
    Ok(())
}

/// RFC 3986 §3.3: `pchar = unreserved / pct-encoded / sub-delims / ":" / "@"`, escapes aside.
fn is_pchar(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '-' | '.'
                | '_'
                | '~'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | ':'
                | '@'
        )
}

#[cfg(test)]
mod tests;
