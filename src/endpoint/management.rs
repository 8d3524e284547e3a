//! Managing a registration (RFC 7592): reading, changing and deleting it at the client configuration
//! endpoint.

use std::fmt;

use http::Method;
use http::Response;
use http::StatusCode;
use http::header;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::quirks::Finding;
use crate::domain::token::TokenType;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::bearer;
use crate::endpoint::client_metadata::ClientMetadata;
use crate::endpoint::draft::Draft;
use crate::endpoint::registration::Registration;
use crate::endpoint::registration::post_json;
use crate::endpoint::request;
use crate::endpoint::response;

/// Reads or changes a registration, to become the [`Registration`] as it is from then on.
///
/// Store what comes back in place of the old one: servers may give another registration access token
/// and another secret with each answer, and the old ones end.
#[must_use = "an operation does nothing until it is called"]
pub struct RegistrationManagement {
    place: Place,
    registration: Registration,
    /// None to read.
    metadata: Option<ClientMetadata>,
}

impl RegistrationManagement {
    /// Reads the registration (RFC 7592 §2.1).
    ///
    /// # Errors
    ///
    /// [`Unsupported::Management`] where the server gave no way to manage it, [`Misuse::OtherClient`]
    /// for another server, [`Misuse::Address`] where the stored address breaks the server's policy.
    pub fn read(server: &Metadata, registration: &Registration) -> Result<Self, Error> {
        Ok(Self {
            place: Place::of(server, registration)?,
            registration: registration.clone(),
            metadata: None,
        })
    }

    /// Puts `metadata` in place of all that is registered: what is left out is deleted, or set to a
    /// default (RFC 7592 §2.2). Begin with the registered
    /// [`metadata`](Registration::metadata) to change single members.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); [`Misuse::RedirectUri`], [`Misuse::Scope`],
    /// [`Misuse::ProtocolParameter`].
    pub fn update(
        server: &Metadata,
        registration: &Registration,
        metadata: ClientMetadata,
    ) -> Result<Self, Error> {
        metadata.check_registered()?;
        Ok(Self {
            metadata: Some(metadata),
            ..Self::read(server, registration)?
        })
    }
}

impl Operation for RegistrationManagement {
    type Output = Registration;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let Some(metadata) = &self.metadata else {
            return self.place.request(request::get_json(&self.place.address));
        };
        // RFC 7592 §2.2: the request "MUST include [...] client_id"; a secret in it "MUST match the
        // currently issued" one.
        let mut body = metadata.members().clone();
        let client_id = self.registration.client_id();
        body.insert("client_id".to_owned(), client_id.into());
        if let Some(secret) = self.registration.client_secret() {
            body.insert("client_secret".to_owned(), secret.expose().into());
        }
        let body = serde_json::Value::Object(body);
        let request = post_json(&self.place.address, Method::PUT, &body);
        self.place.request(request)
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Registration, Error> {
        response::accept(ENDPOINT, response)?;
        let members = response::read(ENDPOINT, response)?;
        let old = &self.registration;
        let mut new = Registration::read(old.server.clone(), members, self.place.policy)?;
        if new.client_id != old.client_id {
            return Err(Violation::new(Check::RegistrationOtherClient)
                .expected(old.client_id.as_str())
                .received(new.client_id)
                .into());
        }
        // RFC 7592 §3: "the client MUST immediately discard its previous" token and secret where
        // another comes; where none comes, the old ones go on.
        if new.client_secret.is_none() {
            new.client_secret.clone_from(&old.client_secret);
            new.client_secret_expires_at = old.client_secret_expires_at;
        }
        if new.registration_access_token.is_none() {
            let token = old.registration_access_token.clone();
            new.registration_access_token = token;
        }
        if new.registration_client_uri.is_none() {
            let address = old.registration_client_uri.clone();
            new.registration_client_uri = address;
        }
        new.client_id_issued_at = new.client_id_issued_at.or(old.client_id_issued_at);
        let asked = self.metadata.as_ref().unwrap_or(&old.metadata);
        new.differences = asked.differences(&new.metadata);
        new.findings = response::findings(response);
        Ok(new)
    }
}

impl fmt::Debug for RegistrationManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationManagement")
            .field("registration", &self.registration)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

/// Deletes a registration (RFC 7592 §2.3). The identifier, the secret and all grants end with it.
#[must_use = "an operation does nothing until it is called"]
pub struct RegistrationDeletion {
    place: Place,
    client_id: String,
}

impl RegistrationDeletion {
    /// Deletes the registration.
    ///
    /// # Errors
    ///
    /// Those of [`RegistrationManagement::read`].
    pub fn new(server: &Metadata, registration: &Registration) -> Result<Self, Error> {
        Ok(Self {
            place: Place::of(server, registration)?,
            client_id: registration.client_id.clone(),
        })
    }
}

impl Operation for RegistrationDeletion {
    /// What was tolerated in the answer.
    type Output = Vec<Finding>;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut request = request::get_json(&self.place.address);
        *request.method_mut() = Method::DELETE;
        self.place.request(request)
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Vec<Finding>, Error> {
        response::accept(ENDPOINT, response)?;
        // RFC 7592 §2.3: "the server MUST respond with an HTTP 204 No Content message".
        let status = response.status();
        let is_odd = status != StatusCode::NO_CONTENT;
        Ok(is_odd
            .then(|| Finding::Status(status.as_u16()))
            .into_iter()
            .collect())
    }
}

impl fmt::Debug for RegistrationDeletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationDeletion")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

const ENDPOINT: Endpoint = Endpoint::Registration;

/// The client configuration endpoint of one client, and the token that opens it.
struct Place {
    address: WebUri,
    token: Secret,
    policy: UriPolicy,
}

impl Place {
    fn of(server: &Metadata, registration: &Registration) -> Result<Self, Error> {
        registration.check_server(server)?;
        let policy = server.uri_policy();
        let (Some(address), Some(token)) = (
            registration.registration_client_uri.as_deref(),
            registration.registration_access_token.as_ref(),
        ) else {
            return Err(Unsupported::Management.into());
        };
        let address =
            WebUri::parse(address, policy).map_err(|faults| Misuse::address(address, faults))?;
        Ok(Self {
            address,
            token: token.clone(),
            policy,
        })
    }

    fn request(&self, mut request: http::Request<Vec<u8>>) -> Result<Draft, Error> {
        let value = bearer::credentials(&self.token, TokenType::Bearer)?;
        request.headers_mut().insert(header::AUTHORIZATION, value);
        Ok(Draft::new(request))
    }
}
