//! Dynamic client registration (RFC 7591): a client that a server does not know yet introduces itself.

use std::fmt;

use http::HeaderValue;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header;
use serde::Deserialize;
use serde::Serialize;

use crate::base::json::JsonFault;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::base::version::Version;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::quirks::Finding;
use crate::domain::server::Server;
use crate::domain::token::TokenType;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::bearer;
use crate::endpoint::client_metadata::ClientMetadata;
use crate::endpoint::client_metadata::Difference;
use crate::endpoint::client_metadata::SOFTWARE_STATEMENT;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

mod client;

/// Registers a client at a server (RFC 7591 §3.1), to become a [`Registration`].
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::client_metadata::ClientMetadata;
/// use oauth_proto::endpoint::registration::ClientRegistration;
///
/// # let server = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Registration, "https://id.example/register")?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let metadata = ClientMetadata::new(["https://app.example/callback"]);
/// let operation = ClientRegistration::new(&server, metadata)?;
/// let request = operation.request(now)?.into_request()?;
/// assert_eq!(request.body(), br#"{"redirect_uris":["https://app.example/callback"]}"#);
///
/// let response = http::Response::builder().status(201).body(br#"{
///     "client_id": "s6BhdRkqt3",
///     "client_secret": "cf136dc3c1fc93f31185e5885805d",
///     "client_secret_expires_at": 0,
///     "redirect_uris": ["https://app.example/callback"],
///     "token_endpoint_auth_method": "client_secret_basic"
/// }"#.to_vec()).unwrap();
/// let registration = operation.response(now, &response)?;
/// let client = registration.client(server)?.with_redirect_uri("https://app.example/callback")?;
/// assert_eq!(client.client_id(), "s6BhdRkqt3");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct ClientRegistration {
    server: Server,
    address: WebUri,
    policy: UriPolicy,
    metadata: ClientMetadata,
    software_statement: Option<Secret>,
    initial_access_token: Option<Secret>,
}

impl ClientRegistration {
    /// Registers a client that says this of itself.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the server registers no clients; [`Error::Misuse`] for a redirect URI
    /// or a scope that is none, and for a member that the server alone gives.
    pub fn new(server: &Metadata, metadata: ClientMetadata) -> Result<Self, Error> {
        metadata.check()?;
        Ok(Self {
            server: Server::of(server),
            address: server.endpoint(ENDPOINT)?.clone(),
            policy: server.uri_policy(),
            metadata,
            software_statement: None,
            initial_access_token: None,
        })
    }

    /// The token that a server wants before it registers a client (RFC 7591 §3).
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.initial_access_token = Some(token.into());
        self
    }

    /// A signed statement about the software (RFC 7591 §2.3), ready made. What it says takes
    /// precedence over the metadata.
    pub fn software_statement(mut self, statement: impl Into<Secret>) -> Self {
        self.software_statement = Some(statement.into());
        self
    }
}

impl Operation for ClientRegistration {
    type Output = Registration;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut body = self.metadata.members().clone();
        if let Some(statement) = &self.software_statement {
            body.insert(SOFTWARE_STATEMENT.to_owned(), statement.expose().into());
        }
        let body = serde_json::Value::Object(body);
        let mut request = post_json(&self.address, Method::POST, &body);
        if let Some(token) = &self.initial_access_token {
            let value = bearer::credentials(token, TokenType::Bearer)?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Ok(Draft::new(request))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Registration, Error> {
        response::accept(ENDPOINT, response)?;
        // RFC 7591 §3.2.1: "responds with an HTTP 201 Created status code".
        let mut findings = response::findings(response);
        findings.retain(|finding| !matches!(finding, Finding::Status(_)));
        if response.status() != StatusCode::CREATED {
            findings.push(Finding::Status(response.status().as_u16()));
        }
        let members = response::read(ENDPOINT, response)?;
        let mut registration = Registration::read(self.server.clone(), members, self.policy)?;
        registration.differences = self.metadata.differences(&registration.metadata);
        registration.findings = findings;
        Ok(registration)
    }
}

impl fmt::Debug for ClientRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRegistration")
            .field("issuer", &self.server)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

/// A client that a server has registered: its identifier, its secret, and how to manage both.
///
/// Serialises in a versioned form (`"v": 1`) **with its secrets in clear**: whoever stores it seals it.
/// An unknown version is refused. `Debug` shows no secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub(crate) v: Version<1>,
    #[serde(default, rename = "issuer", skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    pub(crate) client_id: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    pub(crate) client_secret: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id_issued_at: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret_expires_at: Option<UnixTime>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    pub(crate) registration_access_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) registration_client_uri: Option<String>,
    pub(crate) metadata: ClientMetadata,
    #[serde(skip)]
    pub(crate) differences: Vec<Difference>,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl Registration {
    /// The client identifier.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client secret; none for a public client.
    #[must_use]
    pub fn client_secret(&self) -> Option<&Secret> {
        self.client_secret.as_ref()
    }

    /// When the secret ends; none where it does not, or there is none.
    #[must_use]
    pub fn client_secret_expires_at(&self) -> Option<UnixTime> {
        self.client_secret_expires_at
    }

    /// When the identifier was issued; none where the server did not say.
    #[must_use]
    pub fn client_id_issued_at(&self) -> Option<UnixTime> {
        self.client_id_issued_at
    }

    /// The issuer that registered the client; none for a server without one. The registration is good
    /// there and nowhere else.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.server.issuer()
    }

    /// The token that opens the registration to its client (RFC 7592 §3).
    #[must_use]
    pub fn registration_access_token(&self) -> Option<&Secret> {
        self.registration_access_token.as_ref()
    }

    /// Where the registration is managed (RFC 7592 §3).
    #[must_use]
    pub fn registration_client_uri(&self) -> Option<&str> {
        self.registration_client_uri.as_deref()
    }

    /// Whether the server lets the client manage its registration (RFC 7592).
    #[must_use]
    pub fn is_manageable(&self) -> bool {
        self.registration_access_token.is_some() && self.registration_client_uri.is_some()
    }

    /// What is registered: everything that the server says of the client.
    #[must_use]
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// What was asked for and is registered otherwise. Not stored.
    ///
    /// A redirect URI that another one took the place of is worth a look.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Reads a client information response (RFC 7591 §3.2.1, RFC 7592 §3).
    pub(crate) fn read(
        server: Server,
        members: Object<'_>,
        policy: UriPolicy,
    ) -> Result<Self, Error> {
        let mut registration = Self {
            v: Version,
            server,
            client_id: String::new(),
            client_secret: None,
            client_id_issued_at: None,
            client_secret_expires_at: None,
            registration_access_token: None,
            registration_client_uri: None,
            metadata: ClientMetadata::default(),
            differences: Vec::new(),
            findings: Vec::new(),
        };
        let mut says_when_the_secret_ends = false;
        for (name, value) in members {
            if value.is_null() {
                continue;
            }
            says_when_the_secret_ends |= name == "client_secret_expires_at";
            registration.read_member(&name, value, policy)?;
        }
        if registration.client_id.is_empty() {
            // RFC 7591 §3.2.1: "client_id REQUIRED".
            return Err(Violation::new(Check::RegistrationClientId)
                .received_nothing()
                .into());
        }
        if registration.client_secret.is_some() && !says_when_the_secret_ends {
            // RFC 7591 §3.2.1: "REQUIRED if "client_secret" is issued".
            return Err(Violation::new(Check::RegistrationSecretExpiresAt)
                .received_nothing()
                .into());
        }
        Ok(registration)
    }

    fn read_member(
        &mut self,
        name: &str,
        value: Value<'_>,
        policy: UriPolicy,
    ) -> Result<(), Error> {
        match name {
            "client_id" => {
                let text = plain(value, Check::RegistrationClientId)?;
                self.client_id = text.expose().to_owned();
            }
            "client_secret" => {
                self.client_secret = Some(plain(value, Check::RegistrationSecret)?);
            }
            "client_id_issued_at" => {
                let seconds = value.whole_number_or_text().map_err(malformed)?;
                self.client_id_issued_at = Some(UnixTime::from_secs(seconds));
            }
            "client_secret_expires_at" => {
                let seconds = value.whole_number_or_text().map_err(|_| {
                    Violation::new(Check::RegistrationSecretExpiresAt)
                        .expected("seconds since 1970, or 0")
                })?;
                // "or 0 if it will not expire".
                self.client_secret_expires_at =
                    Some(UnixTime::from_secs(seconds)).filter(|_| seconds != 0);
            }
            "registration_access_token" => {
                let token = plain(value, Check::RegistrationAccessToken)?;
                if bearer::credentials(&token, TokenType::Bearer).is_err() {
                    return Err(Violation::new(Check::RegistrationAccessToken)
                        .expected("a token that a header can carry")
                        .into());
                }
                self.registration_access_token = Some(token);
            }
            "registration_client_uri" => {
                let text = value.string().map_err(malformed)?;
                WebUri::parse(&text, policy).map_err(|faults| {
                    Violation::new(Check::RegistrationClientUri)
                        .expected(format!("an address without these faults: {faults}"))
                })?;
                self.registration_client_uri = Some(text.into_owned());
            }
            "redirect_uris" | "grant_types" | "response_types" | "contacts" => {
                let items = value.strings().map_err(malformed)?;
                self.keep(name, items);
            }
            "token_endpoint_auth_method" | "scope" => {
                let text = value.string().map_err(malformed)?;
                self.keep(name, text);
            }
            _ => {
                let value: serde_json::Value = value.parse().map_err(malformed)?;
                self.keep(name, value);
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.metadata = std::mem::take(&mut self.metadata).with_member(name, value);
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("issuer", &self.server)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("client_secret_expires_at", &self.client_secret_expires_at)
            .field("is_manageable", &self.is_manageable())
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

const ENDPOINT: Endpoint = Endpoint::Registration;

/// "encoded in the "application/json" format" (RFC 7591 §3.1).
pub(crate) fn post_json(
    address: &WebUri,
    method: Method,
    body: &serde_json::Value,
) -> http::Request<Vec<u8>> {
    let mut request = request::get_json(address);
    *request.method_mut() = method;
    *request.body_mut() = body.to_string().into_bytes();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

/// Text that is not empty and holds no control character (RFC 6749 appendix A).
fn plain(value: Value<'_>, check: Check) -> Result<Secret, Error> {
    let text = value.string().map_err(malformed)?;
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Violation::new(check)
            .expected("text without control characters")
            .into());
    }
    Ok(Secret::from(text.into_owned()))
}

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
