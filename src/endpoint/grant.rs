//! Grants (RFC 6749 §4.1.3 and §6): what is sent to the token endpoint to get tokens.

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

/// A grant on its way to the token endpoint, to become [`Tokens`].
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::grant::Grant;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let grant = Grant::refresh_token(&client, "tGzv3JOkF0XG5Qx2TlKWIA").scope("mail");
/// let request = grant.request(now)?.into_request()?;
/// assert_eq!(
///     request.body(),
///     b"grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&scope=mail&client_id=my-app"
/// );
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct Grant {
    client: Client,
    grant_type: &'static str,
    /// What belongs to the grant type, as a form.
    own: Secret,
    /// Belongs to it as well, and stays where no other comes back.
    refresh_token: Option<Secret>,
    /// What is asked for; none where the grant itself says it.
    scope: Option<Scope>,
    resource: Vec<String>,
    extra: Extra<'static>,
    /// The scope that is granted where the server does not say.
    granted: Scope,
}

impl Grant {
    /// Redeems the code of a validated response (RFC 6749 §4.1.3, RFC 7636 §4.5).
    ///
    /// The redirect URI, the verifier and the resource indicators are those of the pending request.
    #[must_use]
    pub fn authorization_code(client: &Client, authorized: AuthorizationResponse) -> Self {
        let pending = authorized.pending;
        let verifier = pending.handshake.verifier();
        let values = authorized.code.len() + verifier.map_or(0, str::len);
        // The names come to 38 bytes, and a code may have a few characters to encode.
        let mut own = Form::with_capacity(64 + values + 2 * pending.redirect_uri.len());
        own.push("code", authorized.code.expose());
        client.write_redirect_uri(&pending.redirect_uri, &mut own);
        if let Some(verifier) = verifier {
            own.push("code_verifier", verifier);
        }
        Self {
            granted: pending.scope,
            resource: pending.resource,
            ..Self::of(client, "authorization_code", own)
        }
    }

    /// Refreshes these tokens, as the client that they were given to (RFC 6749 §6).
    ///
    /// The scope stays as it was granted unless [`scope`](Self::scope) narrows it; the resource
    /// indicators are repeated, since some servers bind the grant to them (RFC 8707 §2.2). The
    /// old refresh token is in the result where the server gives no other one.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`], or [`Misuse::OtherClient`] where they are of another client or
    /// issuer: a refresh token is never shown to a server that did not give it.
    pub fn refresh(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        client.check_owner("the refresh token", tokens.issuer(), tokens.client_id())?;
        let refresh_token = tokens.refresh_token().ok_or(Misuse::NoRefreshToken)?;
        Ok(Self {
            granted: tokens.scope().clone(),
            resource: tokens.resource().to_vec(),
            ..Self::refresh_token(client, refresh_token.clone())
        })
    }

    /// Refreshes with a refresh token of which nothing else is known (RFC 6749 §6).
    #[must_use]
    pub fn refresh_token(client: &Client, refresh_token: impl Into<Secret>) -> Self {
        Self {
            refresh_token: Some(refresh_token.into()),
            ..Self::of(client, "refresh_token", Form::default())
        }
    }

    fn of(client: &Client, grant_type: &'static str, own: Form) -> Self {
        Self {
            client: client.clone(),
            grant_type,
            own: Secret::from(own.into_string()),
            refresh_token: None,
            scope: None,
            resource: Vec::new(),
            extra: Extra::default(),
            granted: Scope::default(),
        }
    }

    /// Asks for this scope. A refresh "MUST NOT include any scope not originally granted"
    /// (RFC 6749 §6); an empty one is omitted.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = Some(scope.into()).filter(|scope| !scope.is_empty());
        self
    }

    /// Asks for a token for these resources only (RFC 8707 §2.2).
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

impl Operation for Grant {
    type Output = Tokens;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let address = self.client.metadata().endpoint(Endpoint::Token)?;
        self.extra.check(&PROTOCOL)?;
        let mut form = self.form();
        if let Some(scope) = &self.scope {
            if let Some(token) = scope.forbidden_token() {
                return Err(Misuse::Scope(token.to_owned()).into());
            }
            form.push("scope", scope.as_str());
        }
        for resource in &self.resource {
            form.push("resource", resource);
        }
        self.extra.write(&mut form);
        Ok(Draft::new(request::post_form(&self.client, address, form)))
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
        let asked = Asked {
            scope: self.scope.as_ref().unwrap_or(&self.granted),
            resource: &self.resource,
            refresh_token: self.refresh_token.as_ref(),
        };
        token::read(&self.client, now, response, &asked)
    }
}

impl Grant {
    /// The form as far as the grant itself goes, with room for the rest.
    fn form(&self) -> Form {
        let scope = self.scope.as_ref().map_or(0, |scope| scope.as_str().len());
        let resource: usize = self.resource.iter().map(String::len).sum();
        let refresh_token = self.refresh_token.as_ref().map_or(0, Secret::len);
        let room = self.own.len() + refresh_token + self.extra.capacity() + 2 * (scope + resource);
        let mut form = Form::with_capacity(room + NAMES + self.client.client_id().len());
        form.push("grant_type", self.grant_type);
        form.append(self.own.expose());
        if let Some(refresh_token) = &self.refresh_token {
            form.push("refresh_token", refresh_token.expose());
        }
        form
    }
}

/// Room for the names of the parameters, the grant type and an ordinary `client_secret`, in bytes.
const NAMES: usize = 192;

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("client_id", &self.client.client_id())
            .field("scope", &self.scope)
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
