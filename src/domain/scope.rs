//! Scope (RFC 6749 §3.3): what is asked for, what was granted, and the difference as data.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::base::bytes;

/// A list of scope tokens in the order they were given, joined by single spaces.
///
/// Two scopes are equal when they hold the same tokens: "their order does not matter"
/// (RFC 6749 §3.3). Tokens are case-sensitive.
///
/// ```
/// use oauth_proto::domain::scope::Scope;
///
/// let asked = Scope::from(["mail", "calendar"]);
/// let granted = Scope::from("calendar  profile");
/// assert_eq!(asked.missing_from(&granted).collect::<Vec<_>>(), ["mail"]);
/// assert_eq!(granted.missing_from(&asked).collect::<Vec<_>>(), ["profile"]);
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scope {
    text: String,
}

impl Scope {
    /// The scope as it travels: tokens joined by one space.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether no token is in it. An empty scope is omitted from every request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The tokens, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ').filter(|token| !token.is_empty())
    }

    /// Whether `token` is in it.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        // Most scopes do not have it anywhere.
        !token.is_empty() && self.text.contains(token) && self.iter().any(|own| own == token)
    }

    /// Whether it asks who the user is: "OpenID Connect requests MUST contain the openid scope value"
    /// (OpenID Connect Core 1.0 §3.1.2.1).
    pub(crate) fn has_openid(&self) -> bool {
        self.contains("openid")
    }

    /// The tokens of `self` that `other` lacks.
    pub fn missing_from<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        // Both may be a server's, and a megabyte long.
        let others: BTreeSet<&str> = other.iter().collect();
        self.iter().filter(move |token| !others.contains(token))
    }

    /// The first token that no scope may hold: "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )".
    pub(crate) fn forbidden_token(&self) -> Option<&str> {
        let is_allowed = |byte| (byte == b' ') | is_scope_character(byte);
        if bytes::all(&self.text, is_allowed) {
            return None;
        }
        self.iter()
            .find(|token| !token.bytes().all(is_scope_character))
    }

    /// Takes a list in which each item may itself be several tokens apart by spaces.
    fn joined<S: AsRef<str>>(items: &[S]) -> Self {
        let mut text =
            String::with_capacity(items.iter().map(|item| item.as_ref().len() + 1).sum());
        for item in items {
            let item = item.as_ref();
            if bytes::any(item, |byte| byte == b' ') {
                item.split(' ').for_each(|token| append(token, &mut text));
            } else {
                append(item, &mut text);
            }
        }
        Self { text }
    }
}

fn append(token: &str, text: &mut String) {
    if token.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(token);
}

/// All is asked of every byte, so that many are asked at once.
fn is_scope_character(byte: u8) -> bool {
    (byte > 0x20) & (byte < 0x7f) & (byte != 0x22) & (byte != 0x5c)
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            || (self.missing_from(other).next().is_none()
                && other.missing_from(self).next().is_none())
    }
}

impl Eq for Scope {}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Scope {
    fn from_iter<I: IntoIterator<Item = S>>(tokens: I) -> Self {
        Self::joined(&Vec::from_iter(tokens))
    }
}

impl From<&str> for Scope {
    fn from(text: &str) -> Self {
        Self::joined(&[text])
    }
}

impl From<String> for Scope {
    fn from(text: String) -> Self {
        let is_canonical = !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
        if is_canonical {
            Self { text }
        } else {
            Self::from(text.as_str())
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.text
    }
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for Scope {
    fn from(tokens: [S; N]) -> Self {
        Self::joined(&tokens)
    }
}

impl<S: AsRef<str>> From<&[S]> for Scope {
    fn from(tokens: &[S]) -> Self {
        Self::joined(tokens)
    }
}

impl<S: AsRef<str>> From<Vec<S>> for Scope {
    fn from(tokens: Vec<S>) -> Self {
        Self::joined(&tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_and_a_list_are_one_thing() {
        assert_eq!(Scope::from("a b"), Scope::from(["a", "b"]));
        assert_eq!(Scope::from("  a   b ").as_str(), "a b");
        assert_eq!(Scope::from(String::from(" a  b")).as_str(), "a b");
        assert_eq!(Scope::from(["a b", "c"]).as_str(), "a b c");
        assert!(Scope::from("").is_empty());
        assert!(Scope::from(Vec::<String>::new()).is_empty());
    }

    #[test]
    fn order_does_not_matter_and_case_does() {
        assert_eq!(Scope::from("a b"), Scope::from("b a"));
        assert_ne!(Scope::from("a"), Scope::from("A"));
        assert_ne!(Scope::from("a"), Scope::from("a b"));
    }

    #[test]
    fn long_scopes_are_compared_in_near_linear_time() {
        let up: Vec<String> = (0..100_000).map(|token| format!("t{token}")).collect();
        let down: Scope = up.iter().rev().collect();
        let up = Scope::from(up);
        assert_eq!(up, down);
        assert_eq!(up.missing_from(&down).next(), None);
        assert_eq!(up.missing_from(&Scope::default()).count(), 100_000);
    }

    #[test]
    fn tokens_match_whole() {
        for (text, has_openid) in [
            ("", false),
            ("openid2", false),
            ("xopenid", false),
            ("OpenID", false),
            ("openid", true),
            ("x openid", true),
            (" openid  x", true),
        ] {
            for scope in [
                Scope::from(text),
                Scope::from(String::from(text)),
                Scope::from([text, "mail"]),
                Scope::from(vec!["mail", text]),
                Scope::from(["mail", text].as_slice()),
                serde_json::from_value(text.into()).unwrap(),
                text.split(' ').collect(),
            ] {
                assert_eq!(scope.contains("openid"), has_openid, "{text}");
                assert_eq!(scope.has_openid(), has_openid, "{text}");
            }
        }
    }

    #[test]
    fn characters_outside_the_grammar_are_found() {
        assert_eq!(Scope::from("ok a\"b").forbidden_token(), Some("a\"b"));
        assert_eq!(Scope::from("a\\b").forbidden_token(), Some("a\\b"));
        assert_eq!(Scope::from("a\nb").forbidden_token(), Some("a\nb"));
        assert_eq!(Scope::from("é").forbidden_token(), Some("é"));
        assert_eq!(Scope::from("https://x/y:z ok").forbidden_token(), None);
    }
}
