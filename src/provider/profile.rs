//! What a provider says of the user who signed in, and where in it the user's identifier stands.

use std::fmt;

use serde_json::value::RawValue;

use crate::base::json;
use crate::base::secret::Secret;

/// A profile: a JSON object, or whatever text the provider answered with.
///
/// `Debug` shows nothing of it: it is about a person.
#[derive(Clone, PartialEq)]
pub struct Profile {
    text: Secret,
    json: Option<serde_json::Value>,
}

/// How many names and indices a path has at most. A bound of this crate.
const MAX_STEPS: usize = 16;

/// The longest identifier, in bytes. OpenID Connect Core 1.0 §2 has it of `sub`: "MUST NOT exceed 255 ASCII
/// characters".
const MAX_IDENTIFIER: usize = 255;

impl Profile {
    /// Reads an answer: as JSON where it is UTF-8 and an object or a list without a name twice, as text
    /// otherwise. Bytes that are no UTF-8 are shown as such, and identify nobody: two users would look
    /// alike. It never fails.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let is_json = std::str::from_utf8(body).is_ok_and(is_strict);
        let text = String::from_utf8_lossy(body).into_owned();
        let json = serde_json::from_str(&text).ok().filter(|_| is_json);
        Self {
            text: Secret::from(text),
            json,
        }
    }

    /// The profile as JSON; none where it is text.
    #[must_use]
    pub fn json(&self) -> Option<&serde_json::Value> {
        self.json.as_ref()
    }

    /// The profile as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.expose()
    }

    /// The user's identifier at `path`: names of members and indices of lists, apart by dots. At most 16 of
    /// them.
    ///
    /// Where an identifier is one within a team alone, several paths apart by `/` make one of all of them, in
    /// that order and apart by `/`. None of the parts may hold one then.
    ///
    /// ```
    /// use oauth_proto::provider::profile::Profile;
    ///
    /// let profile = Profile::parse(br#"{"users":[{"id":9007199254740993}],"team":{"id":"T9"}}"#);
    /// assert_eq!(profile.identifier("users.0.id").as_deref(), Some("9007199254740993"));
    /// assert_eq!(profile.identifier("users.1.id"), None);
    /// assert_eq!(profile.identifier("users"), None);
    /// let both = profile.identifier("team.id/users.0.id");
    /// assert_eq!(both.as_deref(), Some("T9/9007199254740993"));
    /// ```
    ///
    /// An identifier is a text of 1 to 255 bytes without control characters and without spaces around it,
    /// or a whole number, whose digits are taken as they are written. Nothing else is one.
    #[must_use]
    pub fn identifier(&self, path: &str) -> Option<String> {
        if path.split(['.', '/']).count() > MAX_STEPS || self.json.is_none() {
            return None;
        }
        let parts = path.split('/').map(|path| self.part(path));
        let parts: Vec<_> = parts.collect::<Option<_>>()?;
        let is_clear = parts.len() == 1 || parts.iter().all(|part| !part.contains('/'));
        Some(parts.join("/")).filter(|text| is_clear && is_identifier(text))
    }

    fn part(&self, path: &str) -> Option<String> {
        let text = self.text.expose();
        let mut steps = path.split('.');
        let found = steps.try_fold(text, |raw, step| Node::of(raw)?.step(step));
        identifier(found?)
    }
}

/// What a path goes through.
enum Node<'a> {
    Object(json::Object<'a>),
    List(Vec<&'a RawValue>),
}

impl<'a> Node<'a> {
    /// None where it is neither an object nor a list.
    fn of(raw: &'a str) -> Option<Self> {
        if is_list(raw) {
            return serde_json::from_str(raw).ok().map(Self::List);
        }
        json::object(raw.as_bytes()).ok().map(Self::Object)
    }

    fn step(&self, step: &str) -> Option<&'a str> {
        match self {
            Self::Object(object) => Some(object.member(step)?.raw()),
            Self::List(list) => Some(list.get(index(step)?)?.get()),
        }
    }
}

/// Whether a text is an object or a list by the rules of strict reading.
fn is_strict(text: &str) -> bool {
    if is_list(text) {
        // The rules are those of the members of an object.
        return json::object(format!(r#"{{"list":{text}}}"#).as_bytes())
            .is_ok_and(|object| object.iter().len() == 1);
    }
    json::object(text.as_bytes()).is_ok()
}

fn is_list(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

/// Digits alone: no sign, no zero in front.
fn index(step: &str) -> Option<usize> {
    let is_plain = step.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = step == "0" || !step.starts_with('0');
    step.parse().ok().filter(|_| is_plain && is_short)
}

fn identifier(raw: &str) -> Option<String> {
    let text = if raw.starts_with('"') {
        serde_json::from_str(raw).ok()?
    } else {
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        Some(raw.to_owned()).filter(|_| is_whole)?
    };
    is_identifier(&text).then_some(text)
}

/// Whether a text can be the identifier of a user.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_IDENTIFIER
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.json.is_some() {
            "Profile(JSON)"
        } else {
            "Profile(text)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(profile: &str, path: &str) -> Option<String> {
        Profile::parse(profile.as_bytes()).identifier(path)
    }

    #[test]
    fn names_and_indices() {
        for (profile, path, expected) in [
            (r#"{"id":"a"}"#, "id", "a"),
            (r#"{"id":7}"#, "id", "7"),
            (r#"{"id":-7}"#, "id", "-7"),
            (
                r#"{"id":123456789012345678901234567890}"#,
                "id",
                "123456789012345678901234567890",
            ),
            (r#"{"a":{"b":[0,{"c":"x"}]}}"#, "a.b.1.c", "x"),
            (r#"[["x"]]"#, "0.0", "x"),
            (r#"{"0":{"":"x"}}"#, "0.", "x"),
            (r#"{"id":"\u00e9"}"#, "id", "é"),
            (r#"{"id":"a/b"}"#, "id", "a/b"),
            (r#"{"a":1,"b":{"c":"x y"}}"#, "b.c/a", "x y/1"),
        ] {
            assert_eq!(at(profile, path).as_deref(), Some(expected), "{profile}");
        }
    }

    #[test]
    fn what_is_no_identifier() {
        for (profile, path) in [
            (r#"{"id":"a"}"#, "x"),
            (r#"{"id":"a"}"#, "id.x"),
            (r#"{"id":"a"}"#, "id.0"),
            (r#"{"id":null}"#, "id"),
            (r#"{"id":true}"#, "id"),
            (r#"{"id":""}"#, "id"),
            (r#"{"id":" a"}"#, "id"),
            (r#"{"id":"a\u0000"}"#, "id"),
            (r#"{"id":1.0}"#, "id"),
            (r#"{"id":1e3}"#, "id"),
            (r#"{"id":{"a":1}}"#, "id"),
            (r#"{"id":[1]}"#, "id"),
            (r#"{"id":[1]}"#, "id.-0"),
            (r#"{"id":[1]}"#, "id.00"),
            (r#"{"id":[1]}"#, "id.+0"),
            (r#"{"id":[1]}"#, "id.1"),
            (r#"{"id":[1]}"#, "id.18446744073709551616"),
            (r#"{"id":"a","id":"b"}"#, "id"),
            (r#"{"id":"a"} x"#, "id"),
            // Two users would look alike.
            (r#"{"a":"1/2","b":"3"}"#, "a/b"),
            (r#"{"a":"1","b":"2/3"}"#, "a/b"),
            (r#"{"a":"1"}"#, "a/b"),
            (r#"{"a":"1","b":null}"#, "a/b"),
            (r#"{"a":"1"}"#, "a/"),
            ("id=a", "id"),
            ("\"a\"", ""),
            ("", "id"),
        ] {
            assert_eq!(at(profile, path), None, "{profile} {path}");
        }
        let long = format!(r#"{{"id":"{}"}}"#, "a".repeat(256));
        assert_eq!(at(&long, "id"), None);
        let halves = format!(r#"{{"a":"{0}","b":"{0}"}}"#, "a".repeat(128));
        assert_eq!(at(&halves, "a/b"), None);
        let deep = format!("{}1{}", "[".repeat(16), "]".repeat(16));
        assert_eq!(at(&deep, &["0"; 16].join(".")).as_deref(), Some("1"));
        let deeper = format!("{}1{}", "[".repeat(17), "]".repeat(17));
        assert_eq!(at(&deeper, &["0"; 17].join(".")), None);
    }

    #[test]
    fn what_is_no_utf8_identifies_nobody() {
        for body in [b"{\"login\":\"ren\xe9\"}", b"{\"login\":\"ren\xe8\"}"] {
            let profile = Profile::parse(body);
            assert_eq!((profile.json(), profile.identifier("login")), (None, None));
        }
    }

    #[test]
    fn text_is_kept_as_text() {
        let profile = Profile::parse(b"id=7&name=\xff");
        assert_eq!(
            (profile.text(), profile.json()),
            ("id=7&name=\u{fffd}", None)
        );
        assert_eq!(format!("{profile:?}"), "Profile(text)");
    }
}
