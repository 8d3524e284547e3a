//! Extra parameters: what a server wants beyond the specifications (RFC 6749 §8.2). They stand
//! behind the protocol's parameters and cannot replace one.

use std::borrow::Cow;

use serde::Serialize;

use crate::base::form;
use crate::base::form::Form;
use crate::domain::error::Misuse;

/// Extra parameters in their order; a name may stand several times.
#[derive(Clone)]
pub(crate) struct Extra<'a> {
    list: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What was given and cannot be sent. Said when the request is made.
    fault: Option<Box<Fault>>,
}

#[derive(Clone)]
enum Fault {
    /// A structure that is not flat.
    Nested,
    /// The value of the parameter of this name has no JSON.
    Json(String),
}

impl<'a> Extra<'a> {
    pub(crate) const fn new() -> Self {
        Self {
            list: Vec::new(),
            fault: None,
        }
    }

    pub(crate) fn push(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        self.list.push((name, value));
    }

    /// Takes the fields of a map or a struct, by `serde_urlencoded`.
    pub(crate) fn extend(&mut self, parameters: &impl Serialize) {
        let encoded = serde_urlencoded::to_string(parameters).ok();
        match encoded.as_deref().map(form::parse) {
            Some(Ok(pairs)) => self.list.extend(pairs.iter().map(|(name, value)| {
                let (name, value) = (name.to_owned(), value.to_owned());
                (Cow::Owned(name), Cow::Owned(value))
            })),
            _ => self.fault = Some(Box::new(Fault::Nested)),
        }
    }

    /// Takes any value, as its JSON text.
    pub(crate) fn push_json(&mut self, name: Cow<'a, str>, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.push(name, Cow::Owned(text)),
            Err(_) => self.fault = Some(Box::new(Fault::Json(name.into_owned()))),
        }
    }

    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where a name is one of `protocol`, [`Misuse::Extras`] where a
    /// structure was not flat, [`Misuse::ParameterJson`] where a value has no JSON.
    pub(crate) fn check(&self, protocol: &[&str]) -> Result<(), Misuse> {
        match self.fault.as_deref() {
            Some(Fault::Nested) => return Err(Misuse::Extras),
            Some(Fault::Json(name)) => return Err(Misuse::ParameterJson(name.clone())),
            None => {}
        }
        match self.names().find(|name| protocol.contains(name)) {
            Some(name) => Err(Misuse::ProtocolParameter(name.to_owned())),
            None => Ok(()),
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.list.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(crate) fn write(&self, form: &mut Form) {
        for (name, value) in self.iter() {
            form.push_any(name, value);
        }
    }

    /// How much room the values take, roughly.
    pub(crate) fn capacity(&self) -> usize {
        let room = |(name, value): (&str, &str)| name.len() + value.len() + 8;
        self.iter().map(room).sum()
    }
}

impl Default for Extra<'_> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn written(extra: &Extra<'_>) -> String {
        let mut form = Form::default();
        extra.write(&mut form);
        form.into_string()
    }

    #[test]
    fn names_may_repeat_and_values_are_encoded() {
        let mut extra = Extra::default();
        extra.push("audience".into(), "a b".into());
        extra.push("audience".into(), "&=".into());
        assert_eq!(written(&extra), "audience=a%20b&audience=%26%3D");
    }

    #[test]
    fn a_structure_gives_its_fields() {
        #[derive(Serialize)]
        struct Google {
            access_type: &'static str,
            include_granted_scopes: bool,
            hd: Option<&'static str>,
        }
        let mut extra = Extra::default();
        extra.extend(&Google {
            access_type: "offline",
            include_granted_scopes: true,
            hd: None,
        });
        extra.extend(&[("x", "1 2"), ("x", "ü")]);
        assert_eq!(
            written(&extra),
            "access_type=offline&include_granted_scopes=true&x=1%202&x=%C3%BC"
        );
    }

    #[test]
    fn a_nested_structure_is_refused() {
        let mut extra = Extra::default();
        extra.extend(&BTreeMap::from([("a", BTreeMap::from([("b", 1)]))]));
        assert!(matches!(extra.check(&[]), Err(Misuse::Extras)));
    }

    #[test]
    fn a_value_goes_as_its_json() {
        let mut extra = Extra::default();
        extra.push_json("claims".into(), &serde_json::json!({"a": [1, null, "b c"]}));
        extra.push_json("flag".into(), &true);
        assert_eq!(
            written(&extra),
            "claims=%7B%22a%22%3A%5B1%2Cnull%2C%22b%20c%22%5D%7D&flag=true"
        );
        extra.push_json("bad".into(), &BTreeMap::from([((1, 2), 3)]));
        match extra.check(&[]) {
            Err(Misuse::ParameterJson(name)) => assert_eq!(name, "bad"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_protocol_parameter_is_refused_by_name() {
        let mut extra = Extra::default();
        extra.push("state".into(), "x".into());
        assert!(extra.check(&["nonce"]).is_ok());
        match extra.check(&["nonce", "state"]) {
            Err(Misuse::ProtocolParameter(name)) => assert_eq!(name, "state"),
            other => panic!("{other:?}"),
        }
    }
}
