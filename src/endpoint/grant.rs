//! Grants (RFC 6749 sections 4.1.3 and 6): what is sent to the token endpoint to get tokens.

use std::borrow::Cow;
use std::fmt;

use http::Response;
use serde::Serialize;

use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::scope::Scope;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::callback::AuthorizationResponse;
use crate::endpoint::draft::Draft;
use crate::endpoint::extra::Extra;
use crate::endpoint::request;
use crate::endpoint::token;
use crate::endpoint::token::Asked;

/// Redeems an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
///
/// The redirect URI, the verifier and the resource indicators are those of the pending request.
pub struct CodeExchange {
    client: Client,
    authorized: AuthorizationResponse,
    extra: Extra<'static>,
}

impl CodeExchange {
    /// Redeems the code of a validated response, as `client`.
    #[must_use]
    pub fn new(client: &Client, authorized: AuthorizationResponse) -> Self {
        Self {
            client: client.clone(),
            authorized,
            extra: Extra::default(),
        }
    }

    /// A parameter that no specification here knows. May be given several times.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra
            .push(Cow::Owned(name.into()), Cow::Owned(value.into()));
        self
    }

    /// Parameters from a structure of your own, by `serde`.
    #[must_use]
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.extra.extend(parameters);
        self
    }
}

impl Operation for CodeExchange {
    type Output = Tokens;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let pending = &self.authorized.pending;
        let room = self.authorized.code.len() + 2 * pending.redirect_uri().len();
        let mut form = form(
            &self.client,
            "authorization_code",
            room + self.extra.capacity(),
        );
        form.push("code", self.authorized.code.expose());
        form.push("redirect_uri", pending.redirect_uri());
        if let Some(verifier) = pending.handshake.verifier() {
            form.push("code_verifier", verifier);
        }
        post(&self.client, form, &pending.resource, &self.extra)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
        let pending = &self.authorized.pending;
        let asked = Asked {
            scope: &pending.scope,
            resource: &pending.resource,
            refresh_token: None,
        };
        token::read(&self.client, now, response, &asked)
    }
}

impl fmt::Debug for CodeExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeExchange")
            .field("authorized", &self.authorized)
            .finish_non_exhaustive()
    }
}

/// Refreshes an access token (RFC 6749 section 6).
///
/// The scope stays as it was granted unless [`scope`](Self::scope) narrows it; the resource
/// indicators are repeated, since some servers bind the grant to them (RFC 8707 section 2.2).
pub struct Refresh {
    client: Client,
    refresh_token: Secret,
    granted: Scope,
    narrowed: Option<Scope>,
    resource: Vec<String>,
    extra: Extra<'static>,
}

impl Refresh {
    /// Refreshes these tokens, as the client that they were given to.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`], or [`Misuse::OtherClient`] where they are of another client or
    /// issuer: a refresh token is never shown to a server that did not give it.
    pub fn of(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        client.check_owner("the refresh token", tokens.issuer(), tokens.client_id())?;
        let refresh_token = tokens.refresh_token().ok_or(Misuse::NoRefreshToken)?;
        Ok(Self {
            granted: tokens.scope().clone(),
            resource: tokens.resource().to_vec(),
            ..Self::new(client, refresh_token.clone())
        })
    }

    /// Refreshes with a refresh token of which nothing else is known.
    #[must_use]
    pub fn new(client: &Client, refresh_token: impl Into<Secret>) -> Self {
        Self {
            client: client.clone(),
            refresh_token: refresh_token.into(),
            granted: Scope::default(),
            narrowed: None,
            resource: Vec::new(),
            extra: Extra::default(),
        }
    }

    /// Asks for less: "MUST NOT include any scope not originally granted" (RFC 6749 section 6).
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.narrowed = Some(scope.into());
        self
    }

    /// Asks for a token for these resources only (RFC 8707 section 2.2).
    #[must_use]
    pub fn resource<S: Into<String>>(mut self, resource: impl IntoIterator<Item = S>) -> Self {
        self.resource = resource.into_iter().map(Into::into).collect();
        self
    }

    /// A parameter that no specification here knows. May be given several times.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra
            .push(Cow::Owned(name.into()), Cow::Owned(value.into()));
        self
    }

    /// Parameters from a structure of your own, by `serde`.
    #[must_use]
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.extra.extend(parameters);
        self
    }
}

impl Operation for Refresh {
    type Output = Tokens;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let room = self.refresh_token.len() + self.extra.capacity();
        let mut form = form(&self.client, "refresh_token", room);
        form.push("refresh_token", self.refresh_token.expose());
        if let Some(scope) = self.narrowed.as_ref().filter(|scope| !scope.is_empty()) {
            if let Some(token) = scope.forbidden_token() {
                return Err(Misuse::Scope(token.to_owned()).into());
            }
            form.push("scope", scope.as_str());
        }
        post(&self.client, form, &self.resource, &self.extra)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
        let asked = Asked {
            scope: self.narrowed.as_ref().unwrap_or(&self.granted),
            resource: &self.resource,
            refresh_token: Some(&self.refresh_token),
        };
        token::read(&self.client, now, response, &asked)
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("narrowed", &self.narrowed)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// Parameters that the token endpoint's protocol owns: no extra may have such a name.
const PROTOCOL: [&str; 12] = [
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "refresh_token",
    "scope",
    "resource",
    "authorization_details",
];

/// A form with room for `room` bytes of values beside the names and the client's own credentials.
fn form(client: &Client, grant_type: &str, room: usize) -> Form {
    let mut form = Form::with_capacity(192 + room + client.client_id().len());
    form.push("grant_type", grant_type);
    form
}

fn post(
    client: &Client,
    mut form: Form,
    resource: &[String],
    extra: &Extra<'_>,
) -> Result<Draft, Error> {
    extra.check(&PROTOCOL)?;
    for resource in resource {
        form.push("resource", resource);
    }
    extra.write(&mut form);
    let address = client.metadata().endpoint(Endpoint::Token)?;
    Ok(Draft::new(request::post_form(client, address, form)))
}
