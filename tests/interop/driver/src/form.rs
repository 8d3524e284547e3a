//! The forms of a page, by a tolerant scan: enough for the pages of a login, not an HTML parser.

use std::collections::BTreeMap;

/// A form with its fields in the order of the page.
pub(crate) struct Form {
    /// As written: relative to the page, empty when the form names none.
    pub(crate) action: String,
    /// In lower case; `get` when the form names none.
    pub(crate) method: String,
    pub(crate) fields: Vec<Field>,
}

/// One `input` or `button` that has a name.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) kind: Kind,
}

/// What filling in a field means.
#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    Hidden,
    /// Text, password and whatever else is typed in.
    Typed,
    CheckBox {
        checked: bool,
    },
    /// Sent only when it is the button that was pressed.
    Submit,
}

/// Every form of the page, in its order.
pub(crate) fn forms(page: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(page) {
        match (tag.name.as_str(), inside) {
            ("form", _) => {
                let method = tag.attribute("method").unwrap_or_else(|| "get".to_owned());
                found.push(Form {
                    action: tag.attribute("action").unwrap_or_default(),
                    method: method.to_ascii_lowercase(),
                    fields: Vec::new(),
                });
                inside = true;
            }
            ("/form", _) => inside = false,
            ("input" | "button", true) => {
                if let (Some(form), Some(field)) = (found.last_mut(), tag.field()) {
                    form.fields.push(field);
                }
            }
            _ => {}
        }
    }
    found
}

/// A tag with its attributes: names in lower case, values with their character references resolved.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).cloned()
    }

    fn field(&self) -> Option<Field> {
        let stated = self.attribute("type").unwrap_or_default();
        let kind = match (self.name.as_str(), stated.to_ascii_lowercase().as_str()) {
            ("button", "button" | "reset") => return None,
            ("button", _) | (_, "submit") => Kind::Submit,
            (_, "hidden") => Kind::Hidden,
            (_, "checkbox") => Kind::CheckBox {
                checked: self.attributes.contains_key("checked"),
            },
            _ => Kind::Typed,
        };
        Some(Field {
            name: self.attribute("name")?,
            value: self.attribute("value").unwrap_or_default(),
            kind,
        })
    }
}

fn tags(page: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let name_end = after
            .find(|c: char| c.is_ascii_whitespace() || c == '>')
            .unwrap_or(after.len());
        let (name, text) = after.split_at(name_end);
        let (attributes, after) = attributes(text);
        found.push(Tag {
            name: name.to_ascii_lowercase(),
            attributes,
        });
        rest = after;
    }
    found
}

/// Reads up to the `>` that ends the tag, and returns what follows it.
fn attributes(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut found = BTreeMap::new();
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = text.strip_prefix('>') {
            return (found, after);
        }
        if text.is_empty() {
            return (found, text);
        }
        let name_end = text
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))
            .unwrap_or(text.len());
        let (name, after) = text.split_at(name_end.max(1).min(text.len()));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        found.insert(name.to_ascii_lowercase(), resolve(value));
        text = after;
    }
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || c == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The character references that pages escape with: the five of XML, and numbers.
fn resolve(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let resolved = after
            .split_once(';')
            .and_then(|(reference, after)| Some((character(reference)?, after)));
        match resolved {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_attributes_however_they_are_quoted() {
        let page = r#"<p>5 > 4<FORM action='/a?b=1&amp;c="d"' METHOD=Post >
            <input type=hidden name = "x" value="&#60;&#x26;&quot;&lt;&unknown;"/>
            <input name=y required>
            <input type="checkbox" name="s" value="one" checked><input type="checkbox" name="s" value="two">
            <button type="button" name="help">?</button>
            <button name="decision" value="deny">No</button></form>
            <input name="outside"><form></form>"#;
        let found = forms(page);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].action, "/a?b=1&c=\"d\"");
        assert_eq!(found[0].method, "post");
        let fields: Vec<_> = found[0]
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str(), &field.kind))
            .collect();
        assert_eq!(
            fields,
            [
                ("x", "<&\"<&unknown;", &Kind::Hidden),
                ("y", "", &Kind::Typed),
                ("s", "one", &Kind::CheckBox { checked: true }),
                ("s", "two", &Kind::CheckBox { checked: false }),
                ("decision", "deny", &Kind::Submit),
            ]
        );
        assert_eq!(found[1].method, "get");
        assert!(found[1].action.is_empty() && found[1].fields.is_empty());
    }

    #[test]
    fn survives_pages_that_end_anywhere() {
        let page = "<form action=\"/a\" method='post'><input name=a value='&#6";
        for end in 0..=page.len() {
            assert!(forms(&page[..end]).len() <= 1);
        }
        assert!(forms("<form ===><input \"><form =\"").len() <= 2);
    }
}
