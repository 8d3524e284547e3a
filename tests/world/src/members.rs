//! The named parts of an answer, in order, and the edits that make them wrong.

use serde_json::Value;

use crate::parameters::encode;

/// What happens to one named part of an answer: a JSON member, a response parameter, a header.
///
/// A part that is missing is left missing by every edit but `Set`, `Raw` and `Also`.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The text put after the value: `Append("1")` is the conformance suite's usual mutation.
    Append(String),
    /// The part left out.
    Remove,
    /// The value replaced, or added.
    Set(Value),
    /// The value replaced by text that is put in as it stands: JSON such as `1e400` in a JSON
    /// answer, percent-encoded text in a query.
    Raw(String),
    /// The part sent twice, with the same value.
    Twice,
    /// A second part of that name, with another value, after the first.
    Also(Value),
    /// The case of every letter inverted: `bEARER`.
    SwapCase,
    /// The same value under another name.
    Rename(String),
}

impl Edit {
    /// [`Edit::Append`].
    pub fn append(suffix: impl Into<String>) -> Self {
        Self::Append(suffix.into())
    }

    /// [`Edit::Set`].
    pub fn set(value: impl Into<Value>) -> Self {
        Self::Set(value.into())
    }

    /// [`Edit::Raw`].
    pub fn raw(text: impl Into<String>) -> Self {
        Self::Raw(text.into())
    }

    /// [`Edit::Also`].
    pub fn also(value: impl Into<Value>) -> Self {
        Self::Also(value.into())
    }

    /// [`Edit::Rename`].
    pub fn rename(name: impl Into<String>) -> Self {
        Self::Rename(name.into())
    }
}

/// Named values in order. Repeats are possible, as on the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, Content)>);

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Value(Value),
    Raw(String),
}

impl Members {
    /// Adds a member at the end.
    pub(crate) fn add(&mut self, name: &str, value: impl Into<Value>) {
        let content = Content::Value(value.into());
        self.0.push((name.to_owned(), content));
    }

    /// Adds a member at the end, or nothing.
    pub(crate) fn add_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let (_, content) = self.0.iter().find(|(found, _)| found == name)?;
        match content {
            Content::Value(value) => value.as_str(),
            Content::Raw(_) => None,
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(found, _)| found != name);
    }

    pub(crate) fn edit(&mut self, name: &str, edit: &Edit) {
        let place = self.0.iter().position(|(found, _)| found == name);
        let set = match edit {
            Edit::Set(value) | Edit::Also(value) => Some(Content::Value(value.clone())),
            Edit::Raw(text) => Some(Content::Raw(text.clone())),
            _ => None,
        };
        let Some(place) = place else {
            self.0.extend(set.map(|content| (name.to_owned(), content)));
            return;
        };
        match (edit, set) {
            (Edit::Also(_), Some(content)) => self.0.insert(place + 1, (name.to_owned(), content)),
            (Edit::Twice, _) => self.0.insert(place + 1, self.0[place].clone()),
            (Edit::Remove, _) => self.remove(name),
            (Edit::Rename(other), _) => self.0[place].0.clone_from(other),
            (Edit::Append(suffix), _) => self.0[place].1.each_text(|text| text.push_str(suffix)),
            (Edit::SwapCase, _) => self.0[place].1.each_text(|text| *text = swap_case(text)),
            (_, Some(content)) => self.0[place].1 = content,
            (_, None) => {}
        }
    }

    /// As a JSON object, in order, repeats and raw text included.
    pub(crate) fn to_json(&self) -> String {
        let members = self.0.iter().map(|(name, content)| {
            let content = match content {
                Content::Value(value) => value.to_string(),
                Content::Raw(text) => text.clone(),
            };
            format!("{}:{content}", Value::from(name.as_str()))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    /// As a form, for a query, a fragment or a form-encoded body.
    pub(crate) fn to_form(&self) -> String {
        let pairs = self.0.iter().map(|(name, content)| {
            let content = match content {
                Content::Value(value) => encode(&plain(value)),
                Content::Raw(text) => text.clone(),
            };
            format!("{}={content}", encode(name))
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Names and plain text, for headers and the fields of an HTML form.
    pub(crate) fn to_text(&self) -> Vec<(String, String)> {
        let pairs = self.0.iter().map(|(name, content)| match content {
            Content::Value(value) => (name.clone(), plain(value)),
            Content::Raw(text) => (name.clone(), text.clone()),
        });
        pairs.collect()
    }
}

impl Content {
    /// Changes the value as text; a value that is not text becomes raw text.
    fn each_text(&mut self, change: impl Fn(&mut String)) {
        match self {
            Self::Value(Value::String(text)) | Self::Raw(text) => change(text),
            Self::Value(value) => {
                let mut text = value.to_string();
                change(&mut text);
                *self = Self::Raw(text);
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn swap_case(text: &str) -> String {
    let swap = |letter: char| match letter {
        'a'..='z' => letter.to_ascii_uppercase(),
        _ => letter.to_ascii_lowercase(),
    };
    text.chars().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(edits: &[(&str, Edit)]) -> String {
        let mut members = Members::default();
        members.add("a", "Bearer");
        members.add("n", 3600);
        for (name, edit) in edits {
            members.edit(name, edit);
        }
        members.to_json()
    }

    #[test]
    fn each_edit_does_what_it_says() {
        let table = [
            ("a", Edit::append("1"), r#"{"a":"Bearer1","n":3600}"#),
            ("n", Edit::append("0"), r#"{"a":"Bearer","n":36000}"#),
            ("a", Edit::Remove, r#"{"n":3600}"#),
            ("a", Edit::set(0), r#"{"a":0,"n":3600}"#),
            ("x", Edit::set(0), r#"{"a":"Bearer","n":3600,"x":0}"#),
            ("n", Edit::raw("1e400"), r#"{"a":"Bearer","n":1e400}"#),
            ("a", Edit::Twice, r#"{"a":"Bearer","a":"Bearer","n":3600}"#),
            ("a", Edit::also(1), r#"{"a":"Bearer","a":1,"n":3600}"#),
            ("a", Edit::SwapCase, r#"{"a":"bEARER","n":3600}"#),
            ("a", Edit::rename("b"), r#"{"b":"Bearer","n":3600}"#),
            ("x", Edit::append("1"), r#"{"a":"Bearer","n":3600}"#),
            ("x", Edit::Twice, r#"{"a":"Bearer","n":3600}"#),
        ];
        for (name, edit, expected) in table {
            assert_eq!(edited(&[(name, edit.clone())]), expected, "{edit:?}");
        }
    }

    #[test]
    fn raw_text_is_not_encoded_in_a_form() {
        let mut members = Members::default();
        members.add("state", "a b&c");
        members.edit("code", &Edit::raw("%zz"));
        assert_eq!(members.to_form(), "state=a+b%26c&code=%zz");
    }
}
