//! A form in which a signature may be still to come (RFC 7515 §7.1).

use crate::base::form::Form;
use crate::crypto::signer::Signed;
use crate::crypto::signing::SigningInput;
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

    /// The draft of a request with this body.
    pub(crate) fn into_draft(
        self,
        request: impl FnOnce(Vec<u8>) -> http::Request<Vec<u8>>,
    ) -> Draft {
        let draft = Draft::new(request(self.form.into_bytes()));
        self.holes
            .into_iter()
            .fold(draft, |draft, (at, input, seal)| {
                draft.with_sealed_body(at, input, seal)
            })
    }
}
