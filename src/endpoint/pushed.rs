//! Pushed authorization requests (RFC 9126): the request goes straight to the server, and the browser
//! carries no more than a reference to it.

use std::fmt;
use std::time::Duration;

use http::Response;
use http::StatusCode;

use crate::base::json::JsonFault;
use crate::base::json::Object;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::authentication::Credentials;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::authorization;
use crate::endpoint::authorization::AuthorizationUrl;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::draft::Draft;
use crate::endpoint::pending::Pending;
use crate::endpoint::prepared::ClientId;
use crate::endpoint::prepared::Prepared;
use crate::endpoint::request;
use crate::endpoint::request_object;
use crate::endpoint::response;
use crate::endpoint::signed_form::SignedForm;

const HERE: Endpoint = Endpoint::PushedAuthorizationRequest;

impl Client {
    /// Makes an authorization request to be pushed: the first half of `Client::push`, for those who
    /// send it themselves.
    ///
    /// The parameters are those of [`Client::authorize`]; the client authenticates as it does at the
    /// token endpoint. [`RequestUri::authorize`] turns the answer and the pending half into the URL.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::endpoint::Operation;
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
    /// #     .with_endpoint(Endpoint::PushedAuthorizationRequest, "https://id.example/par")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let (pushed, pending) = client.pushed_authorization_request(now, "mail")?;
    /// let request = pushed.request(now)?.into_request()?;
    /// assert_eq!(request.uri(), "https://id.example/par");
    ///
    /// let body = br#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc","expires_in":60}"#;
    /// let answer = http::Response::builder().status(201).body(body.to_vec()).unwrap();
    /// let (url, pending) = pushed.response(now, &answer)?.authorize(pending)?;
    /// assert_eq!(
    ///     url.as_str(),
    ///     "https://id.example/authorize?client_id=my-app\
    ///      &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc"
    /// );
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::authorize`], but for the server that takes pushed requests only, and for the
    /// remote key, which signs as the request is made;
    /// [`Error::Unsupported`] where the server takes none.
    pub fn pushed_authorization_request<'a>(
        &self,
        now: UnixTime,
        request: impl Into<AuthorizationRequest<'a>>,
    ) -> Result<(PushedAuthorizationRequest, Pending), Error> {
        // Both addresses are looked at before anything is sent: a reference that leads nowhere is
        // worth nothing.
        self.metadata().endpoint(HERE)?;
        authorization::address(self)?;
        if self.requires_signature() && self.request_objects().is_none() {
            return Err(Unsupported::UnsignedRequest.into());
        }
        let prepared = Prepared::new(self, request.into())?;
        let client_id = match self.request_objects() {
            Some(_) => ClientId::Here,
            None => self.client_id_in_body(),
        };
        let pushed = PushedAuthorizationRequest {
            client: self.clone(),
            own: Secret::from(prepared.form(client_id).into_string()),
        };
        Ok((pushed, prepared.into_pending(now)))
    }

    /// "The `client_id` parameter [...] is similarly required in a pushed authorization request"
    /// (RFC 9126 §2.1), and once.
    fn client_id_in_body(&self) -> ClientId {
        match self.credentials() {
            Credentials::Basic(_) => ClientId::Here,
            Credentials::Public
            | Credentials::Post(_)
            | Credentials::Assertion(_)
            | Credentials::Attestation(_)
            | Credentials::Certificate => ClientId::Elsewhere,
        }
    }
}

/// An authorization request on its way to the server, to become a [`RequestUri`].
#[must_use = "an operation does nothing until it is called"]
pub struct PushedAuthorizationRequest {
    client: Client,
    /// The parameters, as a form; what is signed where the client signs its requests.
    own: Secret,
}

impl Operation for PushedAuthorizationRequest {
    type Output = RequestUri;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let Some(objects) = self.client.request_objects() else {
            return request::post_prepared(&self.client, now, HERE, &self.own);
        };
        let parameters = request_object::claims(self.own.expose());
        let object = objects.authorization(&self.client, now, parameters)?;
        // RFC 9126 §3: "Clients MAY use the request and client_id parameters"; beside them stands
        // nothing but the client's authentication.
        let mut form = SignedForm::default();
        if self.client.client_id_in_body() == ClientId::Here {
            form.form.push("client_id", self.client.client_id());
        }
        request_object::push(&mut form, objects, &object)?;
        request::post_form(&self.client, now, HERE, form)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<RequestUri, Error> {
        request::learn(&self.client, HERE, response);
        let secret = || self.client.authentication().secret().map(Secret::expose);
        let members = response::accept(HERE, response)
            .and_then(|()| response::read(HERE, response))
            .map_err(|error| error.hiding(secret()))?;
        Ok(RequestUri {
            client: self.client.clone(),
            uri: request_uri(&members)?,
            expires_at: now.saturating_add(expires_in(&members)?),
            findings: response::findings_beside(StatusCode::CREATED, response),
        })
    }
}

impl fmt::Debug for PushedAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedAuthorizationRequest")
            .field("client_id", &self.client.client_id())
            .finish_non_exhaustive()
    }
}

/// The server's reference to a request that was pushed: good for one sign-in, and for a short while.
///
/// Whoever has it can begin that sign-in in another browser: `Debug` does not show it.
pub struct RequestUri {
    client: Client,
    uri: Secret,
    expires_at: UnixTime,
    findings: Vec<Finding>,
}

impl RequestUri {
    /// Makes the URL to send the user to; `pending` is what belongs to the request that was pushed.
    ///
    /// The URL must be opened before [`AuthorizationUrl::expires_at`]; how long the user may take
    /// then is the pending request's own lifetime.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] where `pending` is another client's.
    pub fn authorize(self, pending: Pending) -> Result<(AuthorizationUrl, Pending), Error> {
        self.client
            .check_recipient("the pending authorization request", &pending.recipient)?;
        let uri = self.uri.expose();
        let url = AuthorizationUrl::of_pushed(&self.client, uri, self.expires_at)?;
        Ok((url, pending))
    }

    /// The reference as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.uri.expose()
    }

    /// When it is too late to send the user there.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// What was tolerated.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for RequestUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestUri")
            .field("client_id", &self.client.client_id())
            .field("expires_at", &self.expires_at)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

/// The longest `request_uri` that is read, in bytes. A bound of this crate: it travels in a URL.
/// RFC 9101 §5.2 has it that one "SHOULD NOT exceed 512 ASCII characters".
const LONGEST: usize = 4096;

/// RFC 9126 §2.2: "`request_uri`: The request URI corresponding to the authorization request posted."
fn request_uri(members: &Object<'_>) -> Result<Secret, Error> {
    let refused = || Violation::new(Check::PushedRequestUri);
    let Some(value) = members.member("request_uri").filter(|uri| !uri.is_null()) else {
        return Err(refused().received_nothing().into());
    };
    let uri = value.string().map_err(malformed)?;
    if uri.len() > LONGEST {
        let length = format!("{} bytes", uri.len());
        let refused = refused().expected(format!("at most {LONGEST} bytes"));
        return Err(refused.received(length).into());
    }
    let is_absolute = url::Url::parse(&uri).is_ok() && uri.bytes().all(|b| b.is_ascii_graphic());
    if !is_absolute {
        return Err(refused().expected("an absolute URI").into());
    }
    Ok(Secret::from(uri.into_owned()))
}

/// RFC 9126 §2.2: "the lifetime of the request URI in seconds as a positive integer".
fn expires_in(members: &Object<'_>) -> Result<Duration, Error> {
    let refused = Violation::new(Check::PushedExpiresIn).expected("a positive number of seconds");
    let Some(value) = members
        .member("expires_in")
        .filter(|value| !value.is_null())
    else {
        return Err(refused.received_nothing().into());
    };
    match value.whole_number_or_text() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(refused.received(value.shown()).into()),
    }
}

fn malformed(fault: JsonFault) -> Error {
    let endpoint = HERE;
    Malformed { endpoint, fault }.into()
}
