//! Request objects (RFC 9101 §4 and §5): an authorization request that the client signs.
//!
//! The parameters are those that would stand in the URL, each with its real JSON type. By value the
//! object travels in the URL; by reference the client hosts it; where the request is pushed, it stands
//! in the form (RFC 9126 §3).

use std::fmt;

use crate::base::form;
use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri;
use crate::crypto::jws::Unsigned;
use crate::crypto::jwt::Builder;
use crate::crypto::signer::Signed;
use crate::crypto::signing::SigningInput;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::policy::Demand;
use crate::domain::request_objects::RequestObjects;
use crate::endpoint::authorization;
use crate::endpoint::authorization::AuthorizationUrl;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::draft::Seal;
use crate::endpoint::pending::Pending;
use crate::endpoint::prepared::ClientId;
use crate::endpoint::prepared::Prepared;
use crate::endpoint::signed_form::SignedForm;

/// A signed authorization request, ready for the browser.
///
/// It says everything that the URL would have said, and who has it can begin that sign-in in another
/// browser: `Debug` does not show it.
pub struct RequestObject {
    client: Client,
    /// `response_type` and `scope` where they are repeated outside.
    outside: Form,
    text: Secret,
    expires_at: UnixTime,
}

impl RequestObject {
    /// The object itself, to be hosted: a compact JWS, or a JWE around one, of the media type
    /// `application/oauth-authz-req+jwt`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.expose()
    }

    /// When it is too late to send the user there.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// The URL that carries the object itself (RFC 9101 §5, `request`).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`], [`Error::Violation`]: the authorization endpoint cannot be used.
    pub fn by_value(&self) -> Result<AuthorizationUrl, Error> {
        self.url("request", self.text.expose())
    }

    /// The URL that says where the object is (RFC 9101 §5.2, `request_uri`).
    ///
    /// Whoever hosts it serves [`as_str`](Self::as_str) there, under an address that nobody guesses:
    /// "The entire Request URI SHOULD NOT exceed 512 ASCII characters".
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where `request_uri` is no absolute https or URN URI without a fragment, in
    /// at most 512 characters; those of [`by_value`](Self::by_value).
    pub fn by_reference(&self, request_uri: &str) -> Result<AuthorizationUrl, Error> {
        // RFC 9101 §5.2 has no others.
        let has_scheme = request_uri.starts_with("https://") || request_uri.starts_with("urn:");
        if !has_scheme || !uri::is_absolute(request_uri) || request_uri.len() > LONGEST_URI {
            return Err(Misuse::Parameter {
                name: "request_uri",
                reason: "is no absolute https or URN URI of at most 512 characters",
            }
            .into());
        }
        self.url("request_uri", request_uri)
    }

    /// `client_id` stands beside the object, too, and with the same value as in it (RFC 9101 §5).
    fn url(&self, name: &'static str, value: &str) -> Result<AuthorizationUrl, Error> {
        let room = 64 + self.client.client_id().len() + self.outside.len() + 2 * value.len();
        let mut form = authorization::query(&self.client, room)?;
        form.push("client_id", self.client.client_id());
        form.append(&self.outside);
        form.push(name, value);
        Ok(AuthorizationUrl::until(form, self.expires_at))
    }
}

/// RFC 9101 §5.2.
const LONGEST_URI: usize = 512;

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject")
            .field("client_id", &self.client.client_id())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A request object that is made, or waits for a signature, and what belongs to it.
    pub(crate) fn make_request_object(
        &self,
        now: UnixTime,
        request: AuthorizationRequest<'_>,
    ) -> Result<(Making, Pending), Error> {
        let objects = self.request_objects().ok_or(Misuse::NoRequestObjects)?;
        self.policy().check(Demand::PushedRequests, || false)?;
        authorization::address(self)?;
        let prepared = Prepared::new(self, request)?;
        let form = prepared.form(ClientId::Here);
        let making = Making::new(self, objects, now, form.as_str())?;
        Ok((making, prepared.into_pending(now)))
    }
}

/// A request object that is made, or waits for the signature of a remote key.
pub(crate) enum Making {
    Ready(RequestObject),
    Unsigned(SigningInput, Option<Seal>, RequestObject),
}

impl Making {
    /// Signs what `parameters`, a form, say.
    pub(crate) fn new(
        client: &Client,
        objects: &RequestObjects,
        now: UnixTime,
        parameters: &str,
    ) -> Result<Self, Error> {
        let unsigned = objects.authorization(client, now, claims(parameters))?;
        let object = |text: String| RequestObject {
            client: client.clone(),
            outside: outside(objects, parameters),
            text: Secret::from(text),
            expires_at: now.saturating_add(objects.lifetime()),
        };
        Ok(match sign(objects, &unsigned)? {
            (Signed::Compact(text), _) => Self::Ready(object(text)),
            (Signed::Remote(input), seal) => Self::Unsigned(input, seal, object(String::new())),
        })
    }

    pub(crate) fn signing_input(&self) -> Option<&SigningInput> {
        match self {
            Self::Ready(_) => None,
            Self::Unsigned(input, ..) => Some(input),
        }
    }

    /// Completes it.
    pub(crate) fn signed(self, signature: &[u8]) -> Result<RequestObject, Error> {
        match self {
            Self::Ready(object) => Ok(object),
            Self::Unsigned(input, seal, mut object) => {
                let text = input.compact(signature);
                let text = match seal {
                    Some(seal) => seal(text)?,
                    None => text,
                };
                object.text = Secret::from(text);
                Ok(object)
            }
        }
    }

    /// It, where no remote key has to be asked.
    ///
    /// # Errors
    ///
    /// [`Misuse::RemoteKey`].
    pub(crate) fn ready(self) -> Result<RequestObject, Misuse> {
        match self {
            Self::Ready(object) => Ok(object),
            Self::Unsigned(..) => Err(Misuse::RemoteKey),
        }
    }
}

/// Appends `request`: an object, or the place of one.
pub(crate) fn push(
    form: &mut SignedForm,
    objects: &RequestObjects,
    unsigned: &Unsigned,
) -> Result<(), Error> {
    match sign(objects, unsigned)? {
        (Signed::Remote(input), seal) => form.push_place("request", input, seal),
        (signed, _) => form.push("request", signed),
    }
    Ok(())
}

/// Signed, and what encrypts it once a remote key has signed it.
fn sign(objects: &RequestObjects, unsigned: &Unsigned) -> Result<(Signed, Option<Seal>), Error> {
    let signed = objects.signer().sign(unsigned)?;
    let Some(encrypter) = objects.encrypter().cloned() else {
        return Ok((signed, None));
    };
    // RFC 7519 §5.2: in a nested JWT "this Header Parameter MUST be present", and `JWT`.
    let seal = move |jws: String| Ok(encrypter.encrypt(jws.as_bytes(), Some("JWT"))?);
    match signed {
        Signed::Compact(jws) => Ok((Signed::Compact(seal(jws)?), None)),
        remote @ Signed::Remote(_) => Ok((remote, Some(Box::new(seal)))),
    }
}

/// What stands outside of the object as well.
fn outside(objects: &RequestObjects, parameters: &str) -> Form {
    let mut outside = Form::default();
    if objects.repeats() {
        let pairs = form::parse(parameters).unwrap_or_default();
        for name in ["response_type", "scope"] {
            if let Some(value) = pairs.first(name) {
                outside.push(name, value);
            }
        }
    }
    outside
}

/// Parameters whose values are JSON in a form, and stand as that JSON in an object
/// (OpenID Connect Core 1.0 §5.5 and §6.1, RFC 9396 §2).
const JSON: [&str; 3] = ["claims", "authorization_details", "max_age"];

/// The claims that these parameters are (RFC 9101 §4): numbers and structures as what they are, and
/// what stands several times as a list.
pub(crate) fn claims(parameters: &str) -> Builder {
    let pairs = form::parse(parameters).unwrap_or_default();
    let mut claims: Vec<(String, serde_json::Value)> = Vec::new();
    for (name, value) in pairs.iter() {
        let json = JSON
            .contains(&name)
            .then(|| serde_json::from_str(value).ok());
        let value = json.flatten().unwrap_or_else(|| value.into());
        match claims.iter_mut().find(|(own, _)| own == name) {
            None => claims.push((name.to_owned(), value)),
            Some((_, serde_json::Value::Array(list))) if !JSON.contains(&name) => list.push(value),
            Some((_, own)) => *own = serde_json::Value::Array(vec![own.take(), value]),
        }
    }
    claims
        .into_iter()
        .fold(Builder::new(), |claims, (name, value)| {
            claims.with(name, value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_claims_of_their_types() {
        let parameters = "scope=openid%20mail&max_age=0&claims=%7B%22id_token%22%3A%7B%7D%7D\
            &authorization_details=%5B%7B%22type%22%3A%22a%22%7D%5D\
            &resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example\
            &resource=https%3A%2F%2Fc.example&x=1&one=%5B1%5D";
        assert_eq!(
            claims(parameters).to_json(),
            r#"{"scope":"openid mail","max_age":0,"claims":{"id_token":{}},"#.to_owned()
                + r#""authorization_details":[{"type":"a"}],"#
                + r#""resource":["https://a.example","https://b.example","https://c.example"],"#
                + r#""x":"1","one":"[1]"}"#
        );
    }

    #[test]
    fn one_resource_is_no_list() {
        let parameters = "resource=https%3A%2F%2Fa.example";
        assert_eq!(
            claims(parameters).to_json(),
            r#"{"resource":"https://a.example"}"#
        );
    }

    #[test]
    fn what_is_no_json_stays_text() {
        assert_eq!(claims("max_age=soon").to_json(), r#"{"max_age":"soon"}"#);
    }
}
