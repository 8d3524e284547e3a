//! RFC 8259: JSON objects from a peer, read strictly.
//!
//! The grammar is that of `serde_json`; upon it stand the rules of RFC 7493 (I-JSON), so that no two
//! readers see different things in one text: UTF-8 without a byte order mark, no member name twice
//! in an object, no half surrogate pairs, no number beyond an IEEE 754 double; and a bound on nesting.

use std::any;
use std::borrow::Cow;
use std::fmt;
use std::vec;

use serde::Deserialize;

use crate::base::repeat::first_repeat;

mod members;
mod nesting;
mod reader;

pub use members::Members;
use reader::List;
pub(crate) use reader::Places;
use reader::Unknown;
use reader::read;

/// Reads the members of the object that `body` is, in one pass; values stay as they are written.
///
/// What comes back holds only values that can be read: a later fault is one of type alone.
///
/// # Errors
///
/// Every fault but [`JsonFault::WrongType`].
pub(crate) fn object(body: &[u8]) -> Result<Object<'_>, JsonFault> {
    let mut object = Object::default();
    sort(body, &mut Unknown, &mut object)?;
    Ok(object)
}

/// As [`object`], with the members that somebody knows by name put in their `places`, and the `others`,
/// none so far, in order. After a fault, what is in either is worth nothing.
///
/// # Errors
///
/// Every fault but [`JsonFault::WrongType`].
pub(crate) fn sort<'a>(
    body: &'a [u8],
    places: &mut impl Places<'a>,
    others: &mut Object<'a>,
) -> Result<(), JsonFault> {
    let text = std::str::from_utf8(body).map_err(|_| JsonFault::NotUtf8)?;
    let members = &mut others.members;
    let mut fault = None;
    read(text, places, members, &mut fault)?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    // RFC 7493 §2.3: objects "MUST NOT have members with duplicate names".
    if let Some((name, _)) = first_repeat(members, |(name, _)| name).and_then(|at| members.get(at))
    {
        return Err(JsonFault::duplicate(name));
    }
    for (name, value) in members {
        check_name(name)?;
        nesting::check(*value)?;
    }
    Ok(())
}

/// `bytes` as text, to be read and kept.
///
/// # Errors
///
/// [`JsonFault::NotUtf8`].
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, JsonFault> {
    String::from_utf8(bytes).map_err(|_| JsonFault::NotUtf8)
}

/// The members of an object in the order of the document, each name once.
#[derive(Clone, Default)]
pub(crate) struct Object<'a> {
    members: List<'a>,
}

impl<'a> Object<'a> {
    /// Names and values in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Value<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, *value))
    }

    /// Offers every member to `read`, which says whether it knows the member. The others are kept.
    pub(crate) fn read<E>(
        self,
        mut read: impl FnMut(&str, Value<'a>) -> Result<bool, E>,
    ) -> Result<Members, E> {
        let members = self.members.into_iter();
        let unknown = members.filter_map(|(name, value)| match read(&name, value) {
            Ok(true) => None,
            Ok(false) => Some(Ok((name, value))),
            Err(fault) => Some(Err(fault)),
        });
        // Those that are kept stay in the memory of the whole list.
        unknown
            .collect::<Result<Vec<_>, E>>()
            .map(|kept| Members::of(&kept))
    }

    /// Whether there are no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Keeps every member as it is written.
    pub(crate) fn kept(&self) -> Members {
        Members::of(&self.members)
    }

    /// The value of the member called `name`.
    pub(crate) fn member(&self, name: &str) -> Option<Value<'a>> {
        self.iter()
            .find_map(|(other, value)| (other == name).then_some(value))
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// Names alone: values may be secret.
impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Object")?;
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// One value as it is written. Its grammar, depth and names have been checked.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    raw: &'a str,
    /// Whether there is a backslash in it.
    is_escaped: bool,
}

impl<'a> Value<'a> {
    const NULL: Self = Self {
        raw: "null",
        is_escaped: false,
    };

    /// Whether the value is `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.raw == "null"
    }

    /// The text of a string; borrowed when it has no escapes.
    #[inline]
    pub(crate) fn string(&self) -> Result<Cow<'a, str>, JsonFault> {
        let inner = self
            .raw
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
            .ok_or(wrong("a string"))?;
        if self.is_escaped {
            self.read("a string").map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(inner))
        }
    }

    /// A whole number in any of the ways servers write one: `3600`, `"3600"`, `3600.0`.
    ///
    /// A sign, an exponent, spaces and anything else beside the digits are refused.
    pub(crate) fn whole_number_or_text(&self) -> Result<u64, JsonFault> {
        let number = if self.raw.starts_with('"') {
            digits(&self.string()?)
        } else {
            digits(self.raw).or_else(|| match self.raw.split_once('.') {
                Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => {
                    digits(whole)
                }
                _ => None,
            })
        };
        number.ok_or(wrong("a whole number or its digits in a string"))
    }

    /// `true` or `false`.
    pub(crate) fn boolean(self) -> Result<bool, JsonFault> {
        match self.raw {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(wrong("true or false")),
        }
    }

    /// The elements of an array of strings.
    pub(crate) fn strings(self) -> Result<Vec<String>, JsonFault> {
        self.read("an array of strings")
    }

    /// The members of an object.
    pub(crate) fn object(self) -> Result<Object<'a>, JsonFault> {
        object(self.raw.as_bytes()).map_err(|_| wrong("an object"))
    }

    /// The value as any type that can be read from it.
    pub(crate) fn parse<T: Deserialize<'a>>(self) -> Result<T, JsonFault> {
        self.read(any::type_name::<T>())
    }

    /// The value as it is written.
    pub(crate) const fn raw(self) -> &'a str {
        self.raw
    }

    /// The value as an error may tell it: not what is in an object or an array, which may be anything,
    /// a token as well.
    pub(crate) fn shown(self) -> &'a str {
        match self.raw.as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            _ => self.raw,
        }
    }

    /// An error of `serde_json` may quote the value, so it is dropped.
    fn read<T: Deserialize<'a>>(self, expected: &'static str) -> Result<T, JsonFault> {
        serde_json::from_str(self.raw).map_err(|_| wrong(expected))
    }
}

/// The kind of the value alone: it may be secret.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.raw.as_bytes().first() {
            Some(b'{') => "Value(object)",
            Some(b'[') => "Value(array)",
            Some(b'"') => "Value(string)",
            Some(b't' | b'f') => "Value(boolean)",
            Some(b'n') => "Value(null)",
            _ => "Value(number)",
        })
    }
}

/// Why JSON text is refused. Names of members are told, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// The text is not UTF-8 (RFC 8259 §8.1).
    #[error("not UTF-8")]
    NotUtf8,
    /// The text does not follow the grammar of RFC 8259, or more follows the value.
    #[error("not JSON at line {line}, column {column}")]
    Syntax {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault in bytes, from 1; 0 is the end of the line before.
        column: usize,
    },
    /// The text is JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// An object has a member twice (RFC 7493 §2.3). The name is cut after 64 characters.
    #[error("duplicate JSON member {0:?}")]
    Duplicate(String),
    /// A member has a name that `serde_json` keeps for its own use: `serde_json::Value` would take the
    /// object around it for something else.
    #[error("a JSON member with a name that is reserved by the reader")]
    Reserved,
    /// Objects and arrays are nested deeper than 32.
    #[error("JSON nested deeper than 32")]
    TooDeep,
    /// A string with half of a surrogate pair (RFC 7493 §2.1), or a number too large for a double
    /// (§2.2).
    #[error("a JSON string or number that stands for no text or number")]
    Unrepresentable,
    /// The value is of another type.
    #[error("expected {expected}")]
    WrongType {
        /// The type that was expected.
        expected: &'static str,
    },
}

impl JsonFault {
    fn duplicate(name: &str) -> Self {
        Self::Duplicate(name.chars().take(64).collect())
    }
}

const fn wrong(expected: &'static str) -> JsonFault {
    JsonFault::WrongType { expected }
}

fn digits(text: &str) -> Option<u64> {
    // A sign is all that the standard library takes beside them.
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

/// What `serde_json` calls the only member of the objects by which its own types travel, such as
/// `RawValue`: read as a `serde_json::Value`, such an object becomes the JSON that its text holds.
const RESERVED: &str = "$serde_json::private::";

fn check_name(name: &str) -> Result<(), JsonFault> {
    if name.starts_with(RESERVED) {
        return Err(JsonFault::Reserved);
    }
    Ok(())
}

fn has_backslash(text: &str) -> bool {
    memchr::memchr(b'\\', text.as_bytes()).is_some()
}

#[cfg(test)]
mod tests;
