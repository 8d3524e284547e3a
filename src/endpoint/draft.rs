//! A draft: a request that may still have holes where signatures belong, most of them for a JWS in compact
//! serialisation (RFC 7515 §7.1).
//!
//! With local keys a draft has no holes and is the request. With a remote key (KMS, HSM, another
//! process) each hole is a [`SigningInput`], filled one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::mem;

use http::HeaderName;
use http::HeaderValue;

use crate::base::secret;
use crate::base::secret::Secret;
use crate::crypto::signer::Signed;
use crate::crypto::signing::SigningInput;
use crate::domain::client_attestation;
use crate::domain::client_attestation::Challenged;
use crate::domain::dpop;
use crate::domain::dpop::Proof;
use crate::domain::dpop::Proved;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::request::Request;

/// A request that may still lack signatures.
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::signing::SigningInput;
/// use oauth_proto::endpoint::draft::Draft;
///
/// let mut request = http::Request::new(Vec::new());
/// *request.uri_mut() = http::Uri::from_static("https://id.example/token");
/// let input = SigningInput::new("kms-key-7", Algorithm::Es256, "eyJ0eXAi.eyJqdGki");
/// let draft = Draft::new(request).with_signed_header(http::HeaderName::from_static("dpop"), input);
///
/// assert_eq!(draft.signing_input().unwrap().key(), "kms-key-7");
/// let request = draft.signed(b"signature")?.into_request()?;
/// assert_eq!(request.headers()["dpop"], "eyJ0eXAi.eyJqdGki.c2lnbmF0dXJl");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct Draft {
    request: Request,
    holes: VecDeque<Hole>,
    proofs: Proofs,
}

/// What is remembered of the proofs that go with a request.
#[derive(Clone, Default)]
pub(crate) struct Proofs {
    pub(crate) dpop: Option<Proved>,
    pub(crate) attested: Option<Challenged>,
}

struct Hole {
    input: SigningInput,
    fill: Fill,
}

/// What is made of a compact JWS before it is put in its place.
pub(crate) type Seal = Box<dyn FnOnce(String) -> Result<String, Error> + Send + Sync>;

enum Place {
    /// The whole value of a header.
    Header(HeaderName),
    /// Before the byte at this offset of the body.
    Body(usize),
}

/// How a hole is filled.
enum Fill {
    /// By a compact JWS, sealed where it is to be encrypted.
    Jws(Place, Option<Seal>),
    /// By whatever this makes of the signature alone.
    Own(Write),
}

type Write = Box<dyn FnOnce(&mut http::Request<Vec<u8>>, &[u8]) -> Result<(), Error> + Send + Sync>;

impl Draft {
    /// A draft without holes.
    #[must_use]
    pub fn new(request: http::Request<Vec<u8>>) -> Self {
        Self {
            request: Request::new(request),
            holes: VecDeque::new(),
            proofs: Proofs::default(),
        }
    }

    /// With this header, in place of one of its name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.request.http_mut().headers_mut().insert(name, value);
        self
    }

    /// Leaves a hole for a compact JWS that is the whole value of the header `name`.
    #[must_use]
    pub fn with_signed_header(mut self, name: HeaderName, input: SigningInput) -> Self {
        self.leave(Place::Header(name), input, None);
        self
    }

    /// Leaves a hole for a compact JWS in the body, before the byte at the offset `at`.
    ///
    /// Offsets are into the body as it was given, and one past its end is its end; they move by
    /// themselves as holes are filled. A compact JWS needs no escaping in a form.
    #[must_use]
    pub fn with_signed_body(mut self, at: usize, input: SigningInput) -> Self {
        self.leave_in_body(at, input, None);
        self
    }

    /// The same, for what `seal` makes of the compact JWS.
    pub(crate) fn leave_in_body(&mut self, at: usize, input: SigningInput, seal: Option<Seal>) {
        let at = at.min(self.request.body().len());
        self.leave(Place::Body(at), input, seal);
    }

    /// Leaves a hole for a signature that is no JWS: `write` puts it into the request.
    ///
    /// `write` may add to the end of the body, and leaves what stands there as it is.
    #[must_use]
    pub fn with_signature(
        mut self,
        input: SigningInput,
        write: impl FnOnce(&mut http::Request<Vec<u8>>, &[u8]) -> Result<(), Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let fill = Fill::Own(Box::new(write));
        self.holes.push_back(Hole { input, fill });
        self
    }

    fn leave(&mut self, place: Place, input: SigningInput, seal: Option<Seal>) {
        let fill = Fill::Jws(place, seal);
        self.holes.push_back(Hole { input, fill });
    }

    /// Adds a header that nobody logs.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the text cannot stand in a header.
    pub(crate) fn add_secret_header(&mut self, name: HeaderName, text: &str) -> Result<(), Error> {
        let value = secret_value(text)?;
        self.request.http_mut().headers_mut().insert(name, value);
        Ok(())
    }

    /// Adds what a key of the client signs, as the whole value of the header `name`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the text cannot stand in a header.
    fn add_signed(&mut self, name: HeaderName, signed: Signed) -> Result<(), Error> {
        match signed {
            Signed::Compact(text) => self.add_secret_header(name, &text),
            Signed::Remote(input) => {
                self.leave(Place::Header(name), input, None);
                Ok(())
            }
        }
    }

    /// Adds a proof of the client's key.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it cannot stand in a header.
    pub(crate) fn prove(&mut self, proof: Proof) -> Result<(), Error> {
        self.proofs.dpop = Some(proof.sent);
        self.add_signed(dpop::DPOP, proof.signed)
    }

    /// Adds an attestation of the client, and a proof of the key that it names: one header for each.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where one of them cannot stand in a header.
    pub(crate) fn attest(
        &mut self,
        attestation: &Secret,
        proof: client_attestation::Proof,
    ) -> Result<(), Error> {
        self.proofs.attested = Some(proof.sent);
        self.add_secret_header(client_attestation::ATTESTATION, attestation.expose())?;
        self.add_signed(client_attestation::PROOF, proof.signed)
    }

    /// What is remembered of the proofs that go with it.
    pub(crate) fn take_proofs(&mut self) -> Proofs {
        mem::take(&mut self.proofs)
    }

    /// The request as it stands.
    pub(crate) fn http(&self) -> &http::Request<Vec<u8>> {
        &self.request
    }

    /// The request as it stands, to be made complete.
    pub(crate) fn http_mut(&mut self) -> &mut http::Request<Vec<u8>> {
        self.request.http_mut()
    }

    /// What is to be signed next; none where nothing is.
    #[must_use]
    pub fn signing_input(&self) -> Option<&SigningInput> {
        self.holes.front().map(|hole| &hole.input)
    }

    /// Fills the next hole with the signature over its [`signing_input`](Self::signing_input).
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the signing input cannot stand in a header, and whatever the hole's own
    /// writer fails with.
    pub fn signed(mut self, signature: &[u8]) -> Result<Self, Error> {
        let Some(Hole { input, fill }) = self.holes.pop_front() else {
            return Ok(self);
        };
        let request = self.request.http_mut();
        let (place, seal) = match fill {
            Fill::Jws(place, seal) => (place, seal),
            Fill::Own(write) => {
                write(request, signature)?;
                return Ok(self);
            }
        };
        let compact = input.compact(signature);
        let compact = match seal {
            Some(seal) => seal(compact)?,
            None => compact,
        };
        match place {
            Place::Header(name) => {
                let value = secret_value(&compact)?;
                request.headers_mut().insert(name, value);
            }
            Place::Body(at) => {
                let length = compact.len();
                let body = request.body_mut();
                let at = at.min(body.len());
                body.splice(at..at, compact.into_bytes());
                for hole in &mut self.holes {
                    if let Fill::Jws(Place::Body(other), _) = &mut hole.fill
                        && *other >= at
                    {
                        *other += length;
                    }
                }
            }
        }
        Ok(self)
    }

    /// The request.
    ///
    /// # Errors
    ///
    /// [`Misuse::Unsigned`] while a hole is left.
    pub fn into_request(self) -> Result<Request, Error> {
        if self.holes.is_empty() {
            Ok(self.request)
        } else {
            Err(Misuse::Unsigned.into())
        }
    }
}

fn secret_value(text: &str) -> Result<HeaderValue, Misuse> {
    secret::header_value(text).map_err(|_| Misuse::Parameter {
        name: "signing input",
        reason: "cannot stand in a header",
    })
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("request", &self.request)
            .field("unsigned", &self.holes.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::Algorithm;

    fn input(text: &str) -> SigningInput {
        SigningInput::new("key", Algorithm::Es256, text)
    }

    #[test]
    fn a_draft_without_holes_is_the_request() {
        let draft = Draft::new(http::Request::new(b"body".to_vec()));
        assert!(draft.signing_input().is_none());
        assert_eq!(draft.into_request().unwrap().body(), b"body");
    }

    #[test]
    fn an_unsigned_draft_is_no_request() {
        let draft = Draft::new(http::Request::new(Vec::new())).with_signed_body(0, input("h.p"));
        let error = draft.into_request().unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::Unsigned)));
    }

    #[test]
    fn holes_are_filled_in_order_and_move_each_other() {
        let mut draft = Draft::new(http::Request::new(b"a=&b=".to_vec()))
            .with_signed_body(2, input("h1.p1"))
            .with_signed_body(5, input("h2.p2"))
            .with_signed_header(HeaderName::from_static("dpop"), input("h3.p3"));
        for (text, signature) in [("h1.p1", "x"), ("h2.p2", "yy"), ("h3.p3", "z")] {
            assert_eq!(draft.signing_input().unwrap().bytes(), text.as_bytes());
            draft = draft.signed(signature.as_bytes()).unwrap();
        }
        let request = draft.into_request().unwrap();
        assert_eq!(request.body(), b"a=h1.p1.eA&b=h2.p2.eXk");
        assert_eq!(request.headers()["dpop"], "h3.p3.eg");
    }

    #[test]
    fn holes_past_the_end_are_at_the_end_in_order() {
        let mut draft = Draft::new(http::Request::new(b"a=".to_vec()))
            .with_signed_body(usize::MAX, input("h1.p1"))
            .with_signed_body(usize::MAX, input("h2.p2"))
            .with_signed_body(2, input("h3.p3"));
        for _ in 0..3 {
            draft = draft.signed(b"x").unwrap();
        }
        let request = draft.into_request().unwrap();
        assert_eq!(request.body(), b"a=h1.p1.eAh2.p2.eAh3.p3.eA");
    }

    #[test]
    fn a_signing_input_that_breaks_a_header_is_refused() {
        let draft = Draft::new(http::Request::new(Vec::new()))
            .with_signed_header(HeaderName::from_static("dpop"), input("h\r\n.p"));
        assert!(draft.signed(b"x").is_err());
    }

    #[test]
    fn debug_shows_method_and_origin() {
        let mut request = http::Request::new(b"client_secret=tops3cret".to_vec());
        *request.uri_mut() = http::Uri::from_static("https://id.example/token?code=c0de");
        let draft = Draft::new(request).with_signed_body(0, input("h.p"));
        assert_eq!(
            format!("{draft:?}"),
            "Draft { request: GET https://id.example, unsigned: 1 }"
        );
    }
}
