//! Members of an object that nobody asked for, kept as they came.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de;
use serde::de::DeserializeOwned;

use super::JsonFault;
use super::List;
use super::Unknown;
use super::Value;
use super::object;
use super::read;
use crate::base::bytes;
use crate::base::wiped::Wiped;

/// Members of a JSON object, kept as they came and read when asked for.
///
/// They may hold secrets: the memory is overwritten when the value is dropped, and `Debug` prints
/// names alone. Two are equal when they hold the same members with equal values, in any order.
///
/// ```
/// use oauth_proto::base::json::Members;
///
/// let members: Members = serde_json::from_str(r#"{"tenant":"blue","quota":{"left":12}}"#)?;
/// assert_eq!(members.names(), ["tenant", "quota"]);
/// assert_eq!(members.member::<String>("tenant")?.as_deref(), Some("blue"));
/// assert_eq!(members.member::<String>("owner")?, None);
/// assert!(members.member::<String>("quota").is_err());
/// assert_eq!(members.to_value()["quota"]["left"], 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Members {
    /// An object, or nothing at all when there are no members.
    text: Wiped,
}

impl Members {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.entries().map(|(name, _)| name.into_owned()).collect()
    }

    /// The value of the member called `name`, read as `T`; `None` when there is no such member, or it
    /// is a `null` and `T` has no place for one.
    ///
    /// Each call reads the text anew: where all members are wanted, [`to_value`](Self::to_value) reads
    /// it once.
    ///
    /// # Errors
    ///
    /// [`JsonFault::WrongType`] when the value cannot be read as `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        let Some((_, value)) = self.entries().find(|(other, _)| other == name) else {
            return Ok(None);
        };
        match value.parse() {
            Err(_) if value.is_null() => Ok(None),
            read => read.map(Some),
        }
    }

    /// All members as a JSON map. The copy is not wiped when dropped.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Map<String, serde_json::Value> {
        // What was kept has been read before, so only no text at all fails here.
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Keeps these members of one object as they are written, with one allocation.
    pub(super) fn of(members: &[(Cow<'_, str>, Value<'_>)]) -> Self {
        let mut kept = Self::default();
        kept.reserve(
            members
                .iter()
                .map(|(name, value)| room(name, value.raw()))
                .sum(),
        );
        for (name, value) in members {
            kept.write(name, value.raw());
        }
        kept
    }

    /// The members of the object that `text` is, all of it kept as it is written.
    ///
    /// [`object`] has read it.
    pub(crate) fn whole(mut text: Wiped) -> Self {
        let end = text.trim_end().len();
        text.truncate(end);
        let inner = text.trim_start().strip_prefix('{').map(str::trim_start);
        if inner == Some("}") {
            return Self::default();
        }
        Self { text }
    }

    /// Keeps a member as it is written. A name that is kept already must not come again: names come
    /// from one object.
    pub(crate) fn keep(&mut self, name: &str, value: Value<'_>) {
        self.append(name, value.raw());
    }

    /// Keeps those members of `others` whose names are not kept yet.
    pub(crate) fn fill_from(&mut self, others: &Self) {
        let own: HashSet<String> = self.names().into_iter().collect();
        for (name, value) in others.entries() {
            if !own.contains(&*name) {
                self.keep(&name, value);
            }
        }
    }

    /// Makes room for `bytes` of names and values.
    fn reserve(&mut self, bytes: usize) {
        let (needed, capacity) = (self.text.len() + bytes, self.text.capacity());
        if needed > capacity {
            // A string that grows by itself would leave its old memory behind unwiped.
            let mut wider = Wiped::new(String::with_capacity(needed.max(2 * capacity)));
            wider.push_str(&self.text);
            self.text = wider;
        }
    }

    fn append(&mut self, name: &str, raw: &str) {
        self.reserve(room(name, raw));
        self.write(name, raw);
    }

    /// Appends a member for which there is room.
    fn write(&mut self, name: &str, raw: &str) {
        let separator = if self.text.pop().is_some() { ',' } else { '{' };
        self.text.push(separator);
        self.text.push('"');
        if escapes(name) == 0 {
            self.text.push_str(name);
        } else {
            self.append_escaped(name);
        }
        self.text.push_str("\":");
        self.text.push_str(raw);
        self.text.push('}');
    }

    fn append_escaped(&mut self, name: &str) {
        for character in name.chars() {
            match u8::try_from(character) {
                Ok(byte) if must_be_escaped(byte) => {
                    self.text.push_str("\\u00");
                    self.text.extend(char::from_digit(u32::from(byte >> 4), 16));
                    self.text.extend(char::from_digit(u32::from(byte & 15), 16));
                }
                _ => self.text.push(character),
            }
        }
    }

    fn entries(&self) -> impl Iterator<Item = (Cow<'_, str>, Value<'_>)> {
        // As above: only no text at all fails here.
        let mut members = List::new();
        if read(&self.text, &mut Unknown, &mut members, &mut None).is_err() {
            members.clear();
        }
        members.into_iter()
    }
}

/// The bytes that a member takes at most.
fn room(name: &str, raw: &str) -> usize {
    // A brace or comma, two quotes, a colon and a brace; an escape takes six bytes for one.
    name.len() + escapes(name) * 5 + raw.len() + 5
}

/// How many characters of a name must be escaped.
fn escapes(name: &str) -> usize {
    // Mostly none.
    if !bytes::any(name, must_be_escaped) {
        return 0;
    }
    name.bytes().filter(|&byte| must_be_escaped(byte)).count()
}

/// RFC 8259 §7: "quotation mark, reverse solidus, and the control characters (U+0000 through
/// U+001F)".
///
/// Without branches, for [`bytes::any`].
const fn must_be_escaped(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text || self.to_value() == other.to_value()
    }
}

/// Names alone.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Members")?;
        f.debug_list().entries(self.names()).finish()
    }
}

/// As a map of names to values, in any format that has maps.
///
/// A whole number beyond 64 bits, or a fraction with more digits than a double holds, is written as the
/// nearest double: I-JSON lets nobody rely on more (RFC 7493 §2.2). Until it is stored it is kept digit
/// by digit: read as `serde_json::value::RawValue`, it is what the server wrote.
impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// From a map of names to values, by the rules of strict reading. The format must tell the types of
/// values by itself, as JSON does.
impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor)
    }
}

struct MapVisitor;

impl<'de> de::Visitor<'de> for MapVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
            members.append(&name, &Wiped::new(value.to_string()));
        }
        if !members.is_empty() {
            object(members.text.as_bytes()).map_err(de::Error::custom)?;
        }
        Ok(members)
    }
}
