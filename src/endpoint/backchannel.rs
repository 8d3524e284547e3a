//! The backchannel authentication endpoint (CIBA Core 1.0 §7): the server asks a user who is
//! elsewhere, on a device of the user's own.
//!
//! Every mode of delivery is here. In *poll* mode the client polls the token endpoint; in *ping* mode
//! the server says when; in *push* mode it brings the tokens. Which one it is, the client's
//! registration says; the request differs in the
//! [`client_notification_token`](BackchannelAuthenticationRequest::client_notification_token) alone.
//!
//! CIBA Core 1.0 §7.1 wants `openid` in every scope. A scope with it is refused where the ID token
//! could not be verified, as the server names no issuer or no keys; one without it is sent, for the
//! servers that grant plain access by CIBA. There is no unverified identity in either case.

use std::fmt;
use std::sync::Arc;

use http::Response;

use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use crate::endpoint::draft::Draft;
use crate::endpoint::pending_backchannel::PendingBackchannel;
use crate::endpoint::poll;
use crate::endpoint::request;
use crate::endpoint::request_object;
use crate::endpoint::response;
use crate::endpoint::signed_form::SignedForm;

/// The request to the backchannel authentication endpoint, to become a [`PendingBackchannel`].
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
/// use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::BackchannelAuthentication, "https://id.example/bc-authorize")?;
/// # let client = Client::new(metadata, "shop", Authentication::client_secret_basic("s3cret"))?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let request = BackchannelAuthenticationRequest::new(["payments"]).login_hint("ada@example.com");
/// let operation = BackchannelAuthentication::new(&client, request)?;
/// let request = operation.request(now)?.into_request()?;
/// assert_eq!(request.body(), b"scope=payments&login_hint=ada%40example.com");
///
/// let response = http::Response::new(br#"{
///     "auth_req_id": "1c266114-a1be-4252-8ad1-04986c5b9ac1", "expires_in": 120, "interval": 2
/// }"#.to_vec());
/// let pending = operation.response(now, &response)?;
/// assert_eq!(pending.interval().as_secs(), 2);
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct BackchannelAuthentication {
    client: Client,
    /// The parameters, as a form; what is signed where the client signs its requests.
    own: Secret,
    notification_token: Option<Secret>,
    scope: Scope,
    resource: Vec<String>,
}

impl BackchannelAuthentication {
    /// Asks the server to ask the user.
    ///
    /// # Errors
    ///
    /// [`Misuse::Hints`](crate::domain::error::Misuse::Hints) and the rest of [`Error::Misuse`] where a parameter breaks a rule,
    /// [`Unsupported::OpenId`](crate::domain::error::Unsupported::OpenId) where `openid` is asked for
    /// and the server names no issuer or no keys,
    /// [`Error::Crypto`] where there is no entropy for a token.
    pub fn new(client: &Client, request: BackchannelAuthenticationRequest) -> Result<Self, Error> {
        client.check_scope(&request.access.scope)?;
        client.check_proofs()?;
        let (own, notification_token) = request.form(client.crypto())?;
        Ok(Self {
            client: client.clone(),
            own,
            notification_token,
            scope: request.access.scope,
            resource: request.access.resource,
        })
    }
}

impl Operation for BackchannelAuthentication {
    type Output = PendingBackchannel;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let Some(objects) = self.client.backchannel_objects() else {
            return request::post_prepared(&self.client, now, ENDPOINT, &self.own);
        };
        let parameters = request_object::claims(self.own.expose());
        let object = objects.backchannel(&self.client, now, parameters)?;
        // CIBA Core 1.0 §7.1.1: nothing that is in the object stands outside of it.
        let mut form = SignedForm::default();
        request_object::push(&mut form, objects, &object)?;
        request::post_form(&self.client, now, ENDPOINT, form)
    }

    fn response(
        &self,
        now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<PendingBackchannel, Error> {
        request::learn(&self.client, ENDPOINT, response);
        response::accept(ENDPOINT, response)?;
        let mut parts = Parts {
            findings: response::findings(response),
            ..Parts::default()
        };
        let object = response::read(ENDPOINT, response)?;
        parts.members = object.read(|name, value| parts.read(name, value))?;
        parts.into_pending(self, now)
    }
}

impl fmt::Debug for BackchannelAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackchannelAuthentication")
            .field("client_id", &self.client.client_id())
            .field("scope", &self.scope.as_str())
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

const ENDPOINT: Endpoint = Endpoint::BackchannelAuthentication;

/// The members of a backchannel authentication response as they come.
#[derive(Default)]
struct Parts {
    auth_req_id: Option<Secret>,
    expires_in: Option<u64>,
    interval: Option<u64>,
    members: Members,
    findings: Vec<Finding>,
}

impl Parts {
    /// The members with a meaning here.
    const NAMES: [&'static str; 3] = ["auth_req_id", "expires_in", "interval"];

    /// Whether it knows the member. One that it knows counts as absent where it is null.
    fn read(&mut self, name: &str, value: Value<'_>) -> Result<bool, Error> {
        match name {
            known if value.is_null() && Self::NAMES.contains(&known) => {}
            "auth_req_id" => {
                let text = value.string().map_err(malformed)?;
                self.auth_req_id = Some(Secret::from(text.into_owned()));
            }
            "expires_in" => self.expires_in = Some(expires_in(value)?),
            "interval" => self.interval = Some(poll::seconds(Check::CibaInterval, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// CIBA Core 1.0 §7.3: `auth_req_id` and `expires_in` are "REQUIRED".
    fn into_pending(
        self,
        asked: &BackchannelAuthentication,
        now: UnixTime,
    ) -> Result<PendingBackchannel, Error> {
        let missing = |check| Violation::new(check).received_nothing();
        Ok(PendingBackchannel {
            v: Version,
            server: asked.client.server().clone(),
            client_id: asked.client.shared_client_id(),
            auth_req_id: self
                .auth_req_id
                .filter(|id| !id.is_empty())
                .ok_or_else(|| missing(Check::CibaAuthReqId))?,
            notification_token: asked.notification_token.clone(),
            scope: Arc::new(asked.scope.clone()),
            resource: asked.resource.clone(),
            interval: poll::interval(self.interval),
            expires_at: self
                .expires_in
                .map(|expires_in| poll::expiry(now, expires_in))
                .ok_or_else(|| missing(Check::CibaExpiresIn))?,
            members: self.members,
            findings: self.findings,
        })
    }
}

/// "A JSON number with a positive integer value" (CIBA Core 1.0 §7.3).
fn expires_in(value: Value<'_>) -> Result<u64, Violation> {
    match poll::seconds(Check::CibaExpiresIn, value)? {
        0 => Err(Violation::new(Check::CibaExpiresIn)
            .expected("a positive number of seconds")
            .received("0")),
        seconds => Ok(seconds),
    }
}

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
