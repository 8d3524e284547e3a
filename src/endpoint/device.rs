//! The device authorization endpoint (RFC 8628 §3.1 and §3.2): a user signs in on another device than
//! the one that wants the tokens.

use std::fmt;
use std::sync::Arc;

use http::Response;
use serde::Serialize;

use crate::base::form::Form;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Quirk;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::access::Access;
use crate::endpoint::draft::Draft;
use crate::endpoint::pending_device::PendingDevice;
use crate::endpoint::pending_device::UserCode;
use crate::endpoint::pending_device::VerificationUri;
use crate::endpoint::poll;
use crate::endpoint::request;
use crate::endpoint::response;

/// What a device authorization request says, beyond what the client knows (RFC 8628 §3.1).
///
/// A scope alone is one too: `client.device(["mail"])`.
#[derive(Clone)]
pub struct DeviceAuthorizationRequest {
    access: Access,
}

impl DeviceAuthorizationRequest {
    /// Asks for this scope: `["mail", "calendar"]`, `"mail calendar"`, or `""` for the server's
    /// default.
    #[must_use]
    pub fn new(scope: impl Into<Scope>) -> Self {
        let access = Access::to(scope);
        Self { access }
    }

    /// `resource`: an absolute URI of where the token will be used. May be given several times
    /// (RFC 8707 §2).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.access.resource.push(resource.into());
        self
    }

    /// `authorization_details`: what is asked for in more words than a scope has (RFC 9396).
    #[must_use]
    pub fn authorization_details(mut self, details: &[AuthorizationDetail]) -> Self {
        self.access.details(details);
        self
    }

    /// A parameter that no specification here knows. May be given several times.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.access.parameter(name, value);
        self
    }

    /// Parameters from a structure of your own, by `serde`: a map, or a struct of texts and numbers.
    #[must_use]
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.access.parameters(parameters);
        self
    }
}

impl<S: Into<Scope>> From<S> for DeviceAuthorizationRequest {
    fn from(scope: S) -> Self {
        Self::new(scope)
    }
}

impl fmt::Debug for DeviceAuthorizationRequest {
    /// The scope and the names of parameters: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorizationRequest")
            .field("access", &self.access)
            .finish()
    }
}

/// The request to the device authorization endpoint, to become a [`PendingDevice`].
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::device::DeviceAuthorization;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::DeviceAuthorization, "https://id.example/device_authorization")?;
/// # let client = Client::new(metadata, "1406020730", Authentication::None)?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let operation = DeviceAuthorization::new(&client, ["example_scope"])?;
/// let request = operation.request(now)?.into_request()?;
/// assert_eq!(request.body(), b"scope=example_scope&client_id=1406020730");
///
/// let response = http::Response::new(br#"{
///     "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
///     "user_code": "WDJB-MJHT",
///     "verification_uri": "https://example.com/device",
///     "expires_in": 1800
/// }"#.to_vec());
/// let pending = operation.response(now, &response)?;
/// println!("Open {} and enter {}", pending.verification_uri(), pending.user_code());
/// # assert_eq!(pending.user_code(), "WDJB-MJHT");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct DeviceAuthorization {
    client: Client,
    own: Secret,
    scope: Scope,
    resource: Vec<String>,
}

impl DeviceAuthorization {
    /// Asks for a device and a user code.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] where a parameter breaks a rule,
    /// [`Unsupported::OpenId`](crate::domain::error::Unsupported::OpenId) where `openid` is asked for
    /// and the server names no issuer or no keys: there is no unverified identity.
    pub fn new(
        client: &Client,
        request: impl Into<DeviceAuthorizationRequest>,
    ) -> Result<Self, Error> {
        let DeviceAuthorizationRequest { access } = request.into();
        access.check(&PROTOCOL)?;
        client.check_scope(&access.scope)?;
        client.check_proofs()?;
        let mut own = Form::with_capacity(128);
        access.write(&mut own);
        Ok(Self {
            client: client.clone(),
            own: Secret::from(own.into_string()),
            scope: access.scope,
            resource: access.resource,
        })
    }
}

impl Operation for DeviceAuthorization {
    type Output = PendingDevice;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        request::post_prepared(&self.client, now, ENDPOINT, &self.own)
    }

    fn response(
        &self,
        now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<PendingDevice, Error> {
        request::learn(&self.client, ENDPOINT, response);
        response::accept(ENDPOINT, response)?;
        let mut parts = Parts {
            findings: response::findings(response),
            ..Parts::default()
        };
        let object = response::read(ENDPOINT, response)?;
        parts.members = object.read(|name, value| parts.read(&self.client, name, value))?;
        parts.into_pending(self, now)
    }
}

impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("client_id", &self.client.client_id())
            .field("scope", &self.scope.as_str())
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

const ENDPOINT: Endpoint = Endpoint::DeviceAuthorization;

/// Parameters that the protocol owns: no extra may have such a name.
const PROTOCOL: [&str; 7] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
    "authorization_details",
];

/// The members of a device authorization response as they come.
#[derive(Default)]
struct Parts {
    device_code: Option<Secret>,
    user_code: Option<UserCode>,
    verification_uri: Option<VerificationUri>,
    /// [`Quirk::VerificationUrl`]: what stands in for the address.
    verification_url: Option<VerificationUri>,
    verification_uri_complete: Option<VerificationUri>,
    expires_in: Option<u64>,
    interval: Option<u64>,
    members: Members,
    findings: Vec<Finding>,
}

impl Parts {
    /// The members with a meaning here.
    const NAMES: [&'static str; 6] = [
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    ];

    /// Whether it knows the member. One that it knows counts as absent where it is null.
    fn read(&mut self, client: &Client, name: &str, value: Value<'_>) -> Result<bool, Error> {
        match name {
            known if value.is_null() && Self::NAMES.contains(&known) => {}
            "device_code" => {
                let text = value.string().map_err(malformed)?;
                self.device_code = Some(Secret::from(text.into_owned()));
            }
            "user_code" => self.user_code = Some(user_code(value)?),
            "verification_uri" => self.verification_uri = Some(address(client, name, value)?),
            "verification_url" if client.quirks().has(Quirk::VerificationUrl) => {
                if !value.is_null() {
                    self.verification_url = Some(address(client, name, value)?);
                }
            }
            "verification_uri_complete" => {
                self.verification_uri_complete = Some(address(client, name, value)?);
            }
            "expires_in" => {
                self.expires_in = Some(poll::seconds(Check::DeviceExpiresIn, value)?);
            }
            "interval" => self.interval = Some(poll::seconds(Check::DeviceInterval, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// RFC 8628 §3.2: `device_code`, `user_code`, `verification_uri` and `expires_in` are "REQUIRED".
    fn into_pending(
        mut self,
        asked: &DeviceAuthorization,
        now: UnixTime,
    ) -> Result<PendingDevice, Error> {
        let missing = |check| Violation::new(check).received_nothing();
        if self.verification_uri.is_none() && self.verification_url.is_some() {
            self.verification_uri = self.verification_url;
            self.findings.push(Finding::Quirk(Quirk::VerificationUrl));
        }
        let device_code = self.device_code.filter(|code| !code.is_empty());
        Ok(PendingDevice {
            v: Version,
            server: asked.client.server().clone(),
            client_id: asked.client.shared_client_id(),
            device_code: device_code.ok_or_else(|| missing(Check::DeviceCode))?,
            user_code: self
                .user_code
                .ok_or_else(|| missing(Check::DeviceUserCode))?,
            verification_uri: self
                .verification_uri
                .ok_or_else(|| missing(Check::DeviceVerificationUri))?,
            verification_uri_complete: self.verification_uri_complete,
            scope: Arc::new(asked.scope.clone()),
            resource: asked.resource.clone(),
            interval: poll::interval(self.interval),
            expires_at: self
                .expires_in
                .map(|expires_in| poll::expiry(now, expires_in))
                .ok_or_else(|| missing(Check::DeviceExpiresIn))?,
            members: self.members,
            findings: self.findings,
        })
    }
}

fn user_code(value: Value<'_>) -> Result<UserCode, Error> {
    let text = value.string().map_err(malformed)?.into_owned();
    UserCode::try_from(text).map_err(|expected| {
        Violation::new(Check::DeviceUserCode)
            .expected(expected)
            .into()
    })
}

fn address(client: &Client, name: &str, value: Value<'_>) -> Result<VerificationUri, Error> {
    let text = value.string().map_err(malformed)?;
    VerificationUri::parse(&text, client.metadata().uri_policy()).map_err(|faults| {
        let expected = format!("a `{name}` without these faults: {faults}");
        let violation = Violation::new(Check::DeviceVerificationUri).expected(expected);
        match name {
            // It holds the user code.
            "verification_uri_complete" => violation.into(),
            _ => violation.received(text).into(),
        }
    })
}

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
