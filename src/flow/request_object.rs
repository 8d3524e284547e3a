//! Having an authorization request signed (RFC 9101 §5), by a remote key if need be: from the request to
//! the object.
//!
//! ```text
//!   client.request_object(request)
//!         │
//!         ▼
//!      Signing ──▶ Done((RequestObject, Pending))       by value or by reference, to the browser
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::pending::Pending;
use crate::endpoint::request_object::Making;
use crate::endpoint::request_object::RequestObject;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;

impl Client {
    /// Signs an authorization request, as a flow that sends nothing: where the key is remote it asks
    /// for one signature, else it is done at once.
    ///
    /// The object travels in the URL ([`RequestObject::by_value`]), or the client hosts it
    /// ([`RequestObject::by_reference`]).
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::crypto::algorithm::Algorithm;
    /// use oauth_proto::crypto::signer::Signer;
    /// use oauth_proto::crypto::signing::SigningInput;
    /// use oauth_proto::flow::{Flow, Step};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// # fn kms(_: &SigningInput) -> Vec<u8> { vec![0; 64] }
    /// let signer = Signer::remote("projects/7/keys/2", Algorithm::Es256).with_kid("2026-11");
    /// let client = Client::new(metadata, "my-app", Authentication::None)?
    ///     .with_redirect_uri("https://app.example/callback")?
    ///     .with_request_objects(signer)?;
    /// let (object, pending) = match client.request_object(now, "mail")?.begin(now)? {
    ///     Step::Sign(input, signing) => match signing.signed(now, &kms(&input))? {
    ///         Step::Done(done) => done,
    ///         other => panic!("{other:?}"),
    ///     },
    ///     other => panic!("{other:?}"),
    /// };
    /// // Serve `object.as_str()` at the address, and send the user to:
    /// let url = object.by_reference("https://app.example/requests/8fT0qK")?;
    /// assert_eq!(
    ///     url.as_str(),
    ///     "https://id.example/authorize?client_id=my-app\
    ///      &request_uri=https%3A%2F%2Fapp.example%2Frequests%2F8fT0qK"
    /// );
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRequestObjects`] without [`Client::with_request_objects`]; those of
    /// [`Client::authorize`], but for the remote key and for the server that takes pushed requests only.
    pub fn request_object<'a>(
        &self,
        now: UnixTime,
        request: impl Into<AuthorizationRequest<'a>>,
    ) -> Result<SignRequestObject, Error> {
        let (making, pending) = self.make_request_object(now, request.into())?;
        let stage = Stage::Signing(making, pending);
        Ok(SignRequestObject { stage })
    }
}

/// The signing of an authorization request, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct SignRequestObject {
    stage: Stage,
}

enum Stage {
    /// A remote key is asked, or need not be.
    Signing(Making, Pending),
}

impl Flow for SignRequestObject {
    type Output = (RequestObject, Pending);
}

impl Machine for SignRequestObject {
    fn advance(self, _now: UnixTime) -> Result<Step<Self>, Error> {
        let Stage::Signing(making, pending) = self.stage;
        match making.signing_input().cloned() {
            Some(input) => {
                let stage = Stage::Signing(making, pending);
                Ok(Step::sign(input, Self { stage }))
            }
            None => Ok(Step::Done((making.ready()?, pending))),
        }
    }

    /// Nothing is sent, so nothing is answered.
    fn answer(self, _now: UnixTime, _response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        Err(Misuse::Unsigned.into())
    }

    fn signed(self, _now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        let Stage::Signing(making, pending) = self.stage;
        Ok(Step::Done((making.signed(signature)?, pending)))
    }

    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl fmt::Debug for SignRequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignRequestObject(signing)")
    }
}
