//! The fields of a query, a form or a JSON body: what becomes of those that are none, and of booleans.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::base::form::Form;
use crate::domain::error::Misuse;

/// What becomes of a field without a value (`None`, `null`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way")]
pub enum NoneFields {
    /// It is left out.
    #[default]
    Exclude,
    /// It is `null` in JSON, and left out of a form or a query, which have no such thing.
    Null,
    /// It is empty: `""`, `name=`.
    Empty,
}

/// How fields are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) none: NoneFields,
    /// How true and false are written in a form or a query. JSON has them.
    pub(crate) booleans: (String, String),
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            none: NoneFields::default(),
            booleans: ("true".to_owned(), "false".to_owned()),
        }
    }
}

/// The fields of a structure, a map or a list of pairs, in their order.
pub(crate) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// The fields of a value.
    ///
    /// # Errors
    ///
    /// [`Misuse::Fields`], naming what they are for, where it has no JSON or no fields.
    pub(crate) fn new(value: &impl Serialize, what: &'static str) -> Result<Self, Misuse> {
        let text = serde_json::to_string(value).map_err(|_| Misuse::Fields(what))?;
        serde_json::from_str(&text).map_err(|_| Misuse::Fields(what))
    }

    /// Appends the fields to a form or a query; one that is a list as often as it has items.
    ///
    /// # Errors
    ///
    /// [`Misuse::Fields`] where one is no text, number, boolean or list of them.
    pub(crate) fn write(
        &self,
        rules: &Rules,
        form: &mut Form,
        what: &'static str,
    ) -> Result<(), Misuse> {
        for (name, value) in &self.0 {
            if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                for item in items {
                    write_pair(rules, form, name, item.get(), what)?;
                }
            } else {
                write_pair(rules, form, name, value.get(), what)?;
            }
        }
        Ok(())
    }

    fn to_json(&self, none: NoneFields) -> String {
        let mut text = String::from("{");
        for (name, value) in &self.0 {
            let value = match (value.get(), none) {
                ("null", NoneFields::Exclude) => continue,
                ("null", NoneFields::Empty) => "\"\"",
                (value, _) => value,
            };
            if text.len() > 1 {
                text.push(',');
            }
            // Text always is JSON.
            text.push_str(&serde_json::to_string(name).unwrap_or_default());
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        text
    }
}

fn write_pair(
    rules: &Rules,
    form: &mut Form,
    name: &str,
    value: &str,
    what: &'static str,
) -> Result<(), Misuse> {
    let (yes, no) = &rules.booleans;
    match (value, value.as_bytes().first()) {
        ("null", _) if rules.none == NoneFields::Empty => form.push_any(name, ""),
        ("null", _) => {}
        ("true", _) => form.push_any(name, yes),
        ("false", _) => form.push_any(name, no),
        (text, Some(b'"')) => {
            let text: String = serde_json::from_str(text).map_err(|_| Misuse::Fields(what))?;
            form.push_any(name, &text);
        }
        (_, Some(b'{' | b'[')) | (_, None) => return Err(Misuse::Fields(what)),
        (number, _) => form.push_any(name, number),
    }
    Ok(())
}

/// A JSON body, of JSON: the rule is for the fields of an object, not for those within them.
pub(crate) fn json(text: String, none: NoneFields) -> String {
    if none == NoneFields::Null || !text.starts_with('{') {
        return text;
    }
    match serde_json::from_str::<Fields>(&text) {
        Ok(fields) => fields.to_json(none),
        Err(_) => text,
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of pairs")
    }

    fn visit_unit<E>(self) -> Result<Fields, E> {
        Ok(Fields(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = list.next_element()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Filter {
        text: &'static str,
        limit: u32,
        is_open: bool,
        after: Option<u64>,
        tags: Vec<&'static str>,
    }

    const FILTER: Filter = Filter {
        text: "a b&\"é\"",
        limit: 10,
        is_open: true,
        after: None,
        tags: Vec::new(),
    };

    fn rules(none: NoneFields) -> Rules {
        Rules {
            none,
            ..Rules::default()
        }
    }

    fn written(fields: &impl Serialize, rules: &Rules) -> String {
        let mut form = Form::default();
        let fields = Fields::new(fields, "query").unwrap();
        fields.write(rules, &mut form, "query").unwrap();
        form.into_string()
    }

    fn is_refused(fields: &impl Serialize) -> bool {
        let write = |fields: Fields| fields.write(&Rules::default(), &mut Form::default(), "form");
        Fields::new(fields, "form").and_then(write).is_err()
    }

    fn body(value: &impl Serialize, none: NoneFields) -> String {
        json(serde_json::to_string(value).unwrap(), none)
    }

    #[test]
    fn fields_of_a_form_keep_their_order() {
        let tags = vec!["x", "y"];
        let filter = Filter { tags, ..FILTER };
        let expected = "text=a%20b%26%22%C3%A9%22&limit=10&is_open=true&tags=x&tags=y";
        for none in [NoneFields::Exclude, NoneFields::Null] {
            assert_eq!(written(&filter, &rules(none)), expected);
        }
        let with_empty = expected.replace("&tags=x", "&after=&tags=x");
        assert_eq!(written(&filter, &rules(NoneFields::Empty)), with_empty);
    }

    #[test]
    fn booleans_are_written_as_agreed() {
        let booleans = ("1".to_owned(), "no".to_owned());
        let rules = Rules {
            booleans,
            ..Rules::default()
        };
        assert_eq!(written(&[("a", true), ("b", false)], &rules), "a=1&b=no");
        let body = body(&BTreeMap::from([("a", true)]), rules.none);
        assert_eq!(body, r#"{"a":true}"#);
    }

    #[test]
    fn pairs_maps_and_nothing_are_fields() {
        let rules = Rules::default();
        assert_eq!(
            written(&[("z", "1"), ("a", "2"), ("z", "3")], &rules),
            "z=1&a=2&z=3"
        );
        assert_eq!(written(&BTreeMap::from([("a", 1.5)]), &rules), "a=1.5");
        assert_eq!(written(&(), &rules), "");
        assert_eq!(written(&[("a", -1_i64)], &rules), "a=-1");
    }

    #[test]
    fn what_is_nested_is_no_form() {
        let deep = BTreeMap::from([("a", BTreeMap::from([("b", 1)]))]);
        let lists = BTreeMap::from([("a", [[1]])]);
        assert!(is_refused(&deep));
        assert!(is_refused(&lists));
        assert!(is_refused(&7));
        assert!(is_refused(&"a=b"));
        assert!(is_refused(&[("a", 1, 2)]));
        assert!(is_refused(&BTreeMap::from([((1, 2), 3)])));
    }

    #[test]
    fn json_follows_the_rule_in_its_outermost_object() {
        let inner = BTreeMap::from([("b", None::<u8>)]);
        let value = serde_json::json!({"a": null, "inner": inner, "z": 1});
        for (none, expected) in [
            (NoneFields::Exclude, r#"{"inner":{"b":null},"z":1}"#),
            (NoneFields::Null, r#"{"a":null,"inner":{"b":null},"z":1}"#),
            (NoneFields::Empty, r#"{"a":"","inner":{"b":null},"z":1}"#),
        ] {
            assert_eq!(body(&value, none), expected);
        }
        assert_eq!(body(&[None, Some(1)], NoneFields::Exclude), "[null,1]");
        assert_eq!(body(&None::<u8>, NoneFields::Exclude), "null");
    }
}
