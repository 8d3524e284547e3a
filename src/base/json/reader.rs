//! An object taken apart, in one pass: members that are known by name go to their places, the others into
//! a list. Values stay as they are written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer as _;
use serde::de;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::JsonFault;
use super::Value;
use super::has_backslash;
use super::nesting;

/// Where members of an object are put that are known by name.
pub(crate) trait Places<'a> {
    /// The place of the member called `name`, empty at first; none where it is not known.
    fn place(&mut self, name: &str) -> Option<&mut Option<Value<'a>>>;
}

/// No member is known.
pub(super) struct Unknown;

impl<'a> Places<'a> for Unknown {
    fn place(&mut self, _name: &str) -> Option<&mut Option<Value<'a>>> {
        None
    }
}

/// Members in the order of the document.
pub(super) type List<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// Splits an object into its members, whatever the names and values of those that are not known. Of the
/// others the first that is wrong, or whose place is taken, is the `fault`: the text is JSON all the same. Of
/// a text that is not, what is in the places and in the list is worth nothing.
pub(super) fn read<'a>(
    text: &'a str,
    places: &mut impl Places<'a>,
    others: &mut List<'a>,
    fault: &mut Option<JsonFault>,
) -> Result<(), JsonFault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer
        .deserialize_map(ObjectVisitor {
            is_escaped: has_backslash(text),
            room: (text.len() / SHORT_MEMBER).clamp(LEAST_ROOM, MOST_ROOM),
            places,
            others,
            fault,
        })
        .and_then(|()| deserializer.end())
        .map_err(|error| match error.classify() {
            Category::Data => JsonFault::NotAnObject,
            _ => JsonFault::Syntax {
                line: error.line(),
                column: error.column(),
            },
        })
}

/// The length of a short member, its name, its value and what is around them, in bytes. Those of most
/// objects are longer, so that the list of them need not grow.
const SHORT_MEMBER: usize = 24;

/// The fewest members that room is made for.
const LEAST_ROOM: usize = 8;

/// The most members that room is made for at once.
const MOST_ROOM: usize = 64;

struct ObjectVisitor<'v, 'a, P> {
    /// Whether there is a backslash anywhere in the text: mostly there is none.
    is_escaped: bool,
    /// How many others there may be, once there is one.
    room: usize,
    places: &'v mut P,
    others: &'v mut List<'a>,
    fault: &'v mut Option<JsonFault>,
}

impl<'de, P: Places<'de>> de::Visitor<'de> for ObjectVisitor<'_, 'de, P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { places, fault, .. } = self;
        while let Some(member) = map.next_key_seed(Name { places, fault })? {
            let (value, fault) = match member {
                Member::Known(place) => (place.insert(Value::NULL), Some(&mut *fault)),
                Member::Other(name) => {
                    if self.others.is_empty() {
                        self.others.reserve_exact(self.room);
                    }
                    self.others.push((name, Value::NULL));
                    // It is the one that was pushed.
                    let Some((_, value)) = self.others.last_mut() else {
                        continue;
                    };
                    (value, None)
                }
            };
            map.next_value_seed(Put {
                value,
                is_escaped: self.is_escaped,
                fault,
            })?;
        }
        Ok(())
    }
}

/// Where a member belongs.
enum Member<'v, 'a> {
    Known(&'v mut Option<Value<'a>>),
    /// The name is borrowed when it has no escapes.
    Other(Cow<'a, str>),
}

/// A name, and what is known of it.
struct Name<'v, 'f, P> {
    places: &'v mut P,
    fault: &'f mut Option<JsonFault>,
}

impl<'v, P> Name<'v, '_, P> {
    fn member<'a>(self, name: &str, other: impl FnOnce() -> Cow<'a, str>) -> Member<'v, 'a>
    where
        P: Places<'a>,
    {
        let Some(place) = self.places.place(name) else {
            return Member::Other(other());
        };
        if place.is_some() {
            self.fault.get_or_insert_with(|| JsonFault::duplicate(name));
        }
        Member::Known(place)
    }
}

impl<'v, 'de: 'v, P: Places<'de>> de::DeserializeSeed<'de> for Name<'v, '_, P> {
    type Value = Member<'v, 'de>;

    fn deserialize<D: de::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'v, 'de: 'v, P: Places<'de>> de::Visitor<'de> for Name<'v, '_, P> {
    type Value = Member<'v, 'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(self.member(name, || Cow::Borrowed(name)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.member(name, || Cow::Owned(name.to_owned())))
    }
}

/// Writes a value where it belongs, at once: to hand it out from step to step costs as much as to read it.
struct Put<'v, 'a> {
    value: &'v mut Value<'a>,
    is_escaped: bool,
    /// Where the value is checked, and not by the caller.
    fault: Option<&'v mut Option<JsonFault>>,
}

impl<'de> de::DeserializeSeed<'de> for Put<'_, 'de> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let is_escaped = self.is_escaped && has_backslash(raw);
        let value = Value { raw, is_escaped };
        if let Some(fault) = self.fault
            && let Err(found) = nesting::check(value)
        {
            fault.get_or_insert(found);
        }
        *self.value = value;
        Ok(())
    }
}
