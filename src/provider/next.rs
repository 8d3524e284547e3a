//! Where the user goes after the login: a place of this application and of no other.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::error::Misuse;

/// A path of the application's own site, with a query where it has one.
///
/// It comes from outside in most applications (`/login?next=…`), and an address of another site in it
/// would lend that site this one's good name ("open redirector").
///
/// ```
/// use oauth_proto::provider::next::Next;
///
/// assert_eq!(Next::parse("/settings?tab=2")?.as_str(), "/settings?tab=2");
/// for elsewhere in ["https://evil.example", "//evil.example", r"/\evil.example", "/\t/evil.example"] {
///     assert!(Next::parse(elsewhere).is_err());
/// }
/// # Ok::<(), oauth_proto::domain::error::Misuse>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Next(String);

/// The longest path that is kept, in bytes. A bound of this crate: it lies in a session.
const MAX_LENGTH: usize = 1024;

impl Next {
    /// Reads a path that begins with one `/`, in visible ASCII, without a backslash.
    ///
    /// Browsers take a backslash for a slash, and drop tabs and line breaks before they read the address.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] for anything else.
    pub fn parse(path: &str) -> Result<Self, Misuse> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let is_own = path.starts_with('/') && !path.starts_with("//");
        if is_own && path.len() <= MAX_LENGTH && path.bytes().all(is_plain) {
            return Ok(Self(path.to_owned()));
        }
        Err(Misuse::Parameter {
            name: "next",
            reason: "is no path of this site",
        })
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Next {
    type Error = Misuse;

    fn try_from(path: String) -> Result<Self, Misuse> {
        Self::parse(&path)
    }
}

impl From<Next> for String {
    fn from(next: Next) -> Self {
        next.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site() {
        for own in ["/", "/a/b?c=d#e", "/a//b", "/?next=https://x.example"] {
            assert_eq!(Next::parse(own).unwrap().as_str(), own);
        }
        for other in [
            "",
            "a",
            "?a",
            "//a.example",
            "///a.example",
            "/\\a.example",
            "/a\\b",
            "\\/a.example",
            "https:/a.example",
            "javascript:alert(1)",
            "/a b",
            "/\n/a.example",
            "/\u{e9}",
            &format!("/{}", "a".repeat(MAX_LENGTH)),
        ] {
            assert!(Next::parse(other).is_err(), "{other}");
        }
    }
}
