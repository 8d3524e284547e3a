//! A form in which a signature may be still to come (RFC 7515 §7.1).

use crate::base::form;
use crate::base::form::Form;
use crate::crypto::signer::Signed;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Misuse;
use crate::endpoint::draft::Draft;
use crate::endpoint::draft::Seal;

/// Pairs of names and values, and the places of those that a remote key is to sign.
#[derive(Default)]
pub(crate) struct SignedForm {
    pub(crate) form: Form,
    holes: Vec<(usize, SigningInput, Option<Seal>)>,
}

impl From<Form> for SignedForm {
    fn from(form: Form) -> Self {
        let holes = Vec::new();
        Self { form, holes }
    }
}

impl SignedForm {
    /// Appends a compact JWS, or its place. It needs no escaping.
    pub(crate) fn push(&mut self, name: &'static str, signed: Signed) {
        match signed {
            Signed::Compact(text) => self.form.push_raw(name, &text),
            Signed::Remote(input) => self.push_place(name, input, None),
        }
    }

    /// Appends the place of what `seal` makes of a compact JWS.
    pub(crate) fn push_place(
        &mut self,
        name: &'static str,
        input: SigningInput,
        seal: Option<Seal>,
    ) {
        self.form.push_raw(name, "");
        self.holes.push((self.form.len(), input, seal));
    }

    /// Whether a remote key has still to sign in it.
    pub(crate) fn has_places(&self) -> bool {
        !self.holes.is_empty()
    }

    /// The same as a JSON object, each value a string.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where a name stands twice, which JSON cannot say.
    pub(crate) fn into_json(self) -> Result<Self, Misuse> {
        let mut holes = self.holes.into_iter().peekable();
        let mut filled = Vec::new();
        let mut json = String::with_capacity(2 * self.form.len());
        let pairs = form::parse(self.form.as_str()).unwrap_or_default();
        if pairs.duplicate().is_some() {
            let reason = "stands twice, which a JSON object cannot hold";
            let name = "parameter";
            return Err(Misuse::Parameter { name, reason });
        }
        let ends = self.form.as_str().split('&').scan(0, |end, pair| {
            *end += pair.len() + 1;
            Some(*end - 1)
        });
        for ((name, value), end) in pairs.iter().zip(ends) {
            json.push(if json.is_empty() { '{' } else { ',' });
            json.push_str(&serde_json::Value::from(name).to_string());
            json.push(':');
            json.push_str(&serde_json::Value::from(value).to_string());
            // A compact JWS goes before the quotation mark that ends its value.
            while let Some((_, input, seal)) = holes.next_if(|(at, ..)| *at == end) {
                filled.push((json.len() - 1, input, seal));
            }
        }
        json.push('}');
        Ok(Self {
            form: Form::onto(json),
            holes: filled,
        })
    }

    /// The draft of a request with this body, to be made complete.
    pub(crate) fn into_draft(self) -> Draft {
        let mut draft = Draft::new(http::Request::new(self.form.into_bytes()));
        for (at, input, seal) in self.holes {
            draft.leave_in_body(at, input, seal);
        }
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::Algorithm;

    #[test]
    fn a_place_is_before_the_end_of_its_value_in_json() {
        let mut form = SignedForm::default();
        form.form.push("grant_type", "a\"b");
        form.push_place(
            "assertion",
            SigningInput::new("k", Algorithm::Es256, "h.p"),
            None,
        );
        form.form.push("scope", "a b");
        form.push_place(
            "last",
            SigningInput::new("k", Algorithm::Es256, "h.q"),
            None,
        );
        let draft = form.into_json().unwrap().into_draft();
        let draft = draft.signed(b"x").and_then(|draft| draft.signed(b"y"));
        let request = draft.unwrap().into_request().unwrap();
        let expected =
            r#"{"grant_type":"a\"b","assertion":"h.p.eA","scope":"a b","last":"h.q.eQ"}"#;
        assert_eq!(request.body(), expected.as_bytes());
    }
}
