//! Grants (RFC 6749 §4.1.3, §4.3.2, §4.4.2, §4.5 and §6): what is sent to the token endpoint to get
//! tokens.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::sync::Arc;

use http::Response;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri;
use crate::domain::client::Client;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::id_token::IdToken;
use crate::domain::metadata::Endpoint;
use crate::domain::scope::Scope;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::callback::AuthorizationResponse;
use crate::endpoint::draft::Draft;
use crate::endpoint::extra::Extra;
use crate::endpoint::handshake::Handshake;
use crate::endpoint::id_token::Beside;
use crate::endpoint::id_token::Expected;
use crate::endpoint::pending::Kept;
use crate::endpoint::request;
use crate::endpoint::token;
use crate::endpoint::token::Asked;
use crate::endpoint::token::Identity;

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
#[must_use = "an operation does nothing until it is called"]
pub struct Grant {
    client: Client,
    /// The grant type and what belongs to it, as a form; nothing for a refresh, which is its token.
    own: Secret,
    /// Belongs to it as well, and stays where no other comes back.
    refresh_token: Option<Secret>,
    /// What is asked for; none where the grant itself says it.
    scope: Option<Arc<Scope>>,
    resource: Vec<String>,
    /// As JSON text.
    authorization_details: Option<String>,
    extra: Extra<'static>,
    /// The names of the grant's own parameters.
    names: &'static [&'static str],
    /// The scope that was asked for when the grant was made.
    requested: Arc<Scope>,
    /// The scope that it had last, where that is another.
    granted: Option<Scope>,
    who: Who,
    /// What forbids it to be sent. Said when the request is made.
    fault: Option<Box<Misuse>>,
}

/// What an ID token that comes is held to.
enum Who {
    /// Nobody is signed in by this grant, unless its scope asks for it.
    Anyone,
    /// Who came back from the authorization endpoint.
    Returned(Box<Returned>),
    /// Who signed in before; none where nobody did.
    Same(Option<IdToken>),
}

/// What is known of a user who came back.
struct Returned {
    handshake: Handshake,
    kept: Option<Box<Kept>>,
    code: Secret,
    /// What the browser brought.
    id_token: Option<IdToken>,
}

impl Grant {
    /// Redeems the code of a validated response (RFC 6749 §4.1.3, RFC 7636 §4.5).
    ///
    /// The redirect URI, the verifier and the resource indicators are those of the pending request.
    pub fn authorization_code(client: &Client, authorized: AuthorizationResponse) -> Self {
        let mut pending = authorized.pending;
        let fault = client
            .check_recipient("the authorization response", &pending.recipient)
            .and_then(|()| client.check_key("the authorization response", pending.dpop_jkt()))
            .err()
            .map(Box::new);
        let verifier = pending.handshake.verifier();
        let values = authorized.code.len() + verifier.map_or(0, str::len);
        let mut own = Form::with_capacity(128 + values + 2 * pending.redirect_uri().len());
        own.append_pairs("grant_type=authorization_code");
        own.push("code", authorized.code.expose());
        client.write_redirect_uri(pending.redirect_uri(), &mut own);
        if let Some(verifier) = verifier {
            // "43*128unreserved": it stands for itself.
            own.push_raw("code_verifier", verifier);
        }
        let resource = pending.kept.as_mut().map(|kept| &mut kept.resource);
        let resource = resource.map(mem::take).unwrap_or_default();
        let who = if pending.scope.has_openid() {
            Who::Returned(Box::new(Returned {
                handshake: pending.handshake,
                kept: pending.kept,
                code: authorized.code,
                id_token: authorized.id_token,
            }))
        } else {
            Who::Anyone
        };
        Self {
            fault,
            who,
            resource,
            ..Self::asking(client, own, Arc::new(pending.scope))
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
    /// [`Misuse::OtherKey`] where they are bound to another key than the client's (RFC 9449 §5).
    pub fn refresh(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        client.check_owner("the refresh token", &tokens.server, tokens.client_id())?;
        client.check_key("the refresh token", tokens.bound_to())?;
        let refresh_token = tokens.refresh_token().ok_or(Misuse::NoRefreshToken)?;
        let requested = Arc::clone(&tokens.requested_scope);
        Ok(Self {
            refresh_token: Some(refresh_token.clone()),
            granted: tokens.granted_scope.clone(),
            who: Who::Same(tokens.id_token().cloned()),
            resource: tokens.resource().to_vec(),
            ..Self::asking(client, Form::default(), requested)
        })
    }

    /// Refreshes with a refresh token of which nothing else is known (RFC 6749 §6).
    pub fn refresh_token(client: &Client, refresh_token: impl Into<Secret>) -> Self {
        Self {
            refresh_token: Some(refresh_token.into()),
            ..Self::of(client, Form::default())
        }
    }

    /// Asks for tokens for the client itself (RFC 6749 §4.4.2).
    ///
    /// It "MUST only be used by confidential clients": one that authenticates, by a method of this
    /// crate or by its TLS certificate.
    pub fn client_credentials(client: &Client) -> Self {
        Self::of(client, form("client_credentials", 0))
    }

    /// Trades the user's own password for tokens (RFC 6749 §4.3.2). **Legacy**, for servers that offer
    /// nothing else.
    ///
    /// It "MUST NOT be used" (RFC 9700 §2.4): the user learns to type the password into other programs
    /// than the server's, and no second factor can be asked for. OAuth 2.1 does not have it.
    pub fn password(client: &Client, username: &str, password: impl Into<Secret>) -> Self {
        let password = password.into();
        let mut own = form("password", username.len() + password.len());
        own.push("username", username);
        own.push("password", password.expose());
        Self::of(client, own)
    }

    /// A grant that this crate has no constructor for, by the absolute URI of its type
    /// (RFC 6749 §4.5). What belongs to it is given as [`parameter`](Self::parameter)s.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// # use oauth_proto::endpoint::{Operation, grant::Grant};
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let grant_type = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
    /// let grant = Grant::extension(&client, grant_type)?.parameter("pre-authorized_code", "SplxlOBe");
    /// let request = grant.request(now)?.into_request()?;
    /// assert!(request.body().ends_with(b"&pre-authorized_code=SplxlOBe&client_id=my-app"));
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where `grant_type` is no absolute URI.
    pub fn extension(client: &Client, grant_type: &str) -> Result<Self, Error> {
        if !uri::is_absolute(grant_type) {
            return Err(Misuse::Parameter {
                name: "grant_type",
                reason: "is no absolute URI",
            }
            .into());
        }
        Ok(Self::of(client, form(grant_type, 0)).with_names(&[]))
    }

    pub(crate) fn of(client: &Client, own: Form) -> Self {
        Self::asking(client, own, Arc::default())
    }

    /// A grant for which this scope was asked.
    fn asking(client: &Client, own: Form, requested: Arc<Scope>) -> Self {
        Self {
            client: client.clone(),
            own: Secret::from(own.into_string()),
            refresh_token: None,
            scope: None,
            resource: Vec::new(),
            authorization_details: None,
            extra: Extra::default(),
            names: &SPECIFIED,
            requested,
            granted: None,
            who: Who::Anyone,
            fault: None,
        }
    }

    /// The grant's own parameters have these names: no extra may have one of them.
    pub(crate) fn with_names(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    /// Asks for this scope. A refresh "MUST NOT include any scope not originally granted"
    /// (RFC 6749 §6); an empty one is omitted.
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        let scope = scope.into();
        self.scope = (!scope.is_empty()).then(|| Arc::new(scope));
        self
    }

    /// Asks for a token for these resources only (RFC 8707 §2.2).
    pub fn resource<S: Into<String>>(mut self, resource: impl IntoIterator<Item = S>) -> Self {
        self.resource = resource.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for this in more words than a scope has (RFC 9396 §6); none are omitted.
    pub fn authorization_details(mut self, details: &[AuthorizationDetail]) -> Self {
        let json: serde_json::Value = details.iter().map(AuthorizationDetail::to_value).collect();
        self.authorization_details = (!details.is_empty()).then(|| json.to_string());
        self
    }

    /// A parameter that no specification here knows. May be given several times.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra
            .push(Cow::Owned(name.into()), Cow::Owned(value.into()));
        self
    }

    /// The same, the value written as JSON: for servers that want an object or a list in one
    /// parameter.
    pub fn json_parameter(mut self, name: impl Into<String>, value: &impl Serialize) -> Self {
        self.extra.push_json(Cow::Owned(name.into()), value);
        self
    }

    /// Parameters from a structure of your own, by `serde`.
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.extra.extend(parameters);
        self
    }
}

impl Operation for Grant {
    type Output = Tokens;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.draft(now, |_| ())
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
        token::read(&self.client, now, response, &self.asked())
            .map_err(|error| self.without_secrets(error))
    }

    fn without_keys(self: Arc<Self>, now: UnixTime, response: &Response<Vec<u8>>) -> Option<Error> {
        let grant = Arc::clone(&self);
        let again = move |now, answer: &_| grant.response(now, answer);
        token::without_keys(&self.client, now, response, &self.asked(), again)
    }
}

impl Grant {
    /// The request, with what `more` adds to the grant's own parameters.
    pub(crate) fn draft(
        &self,
        now: UnixTime,
        more: impl FnOnce(&mut Form),
    ) -> Result<Draft, Error> {
        self.check()?;
        let mut form = self.form();
        more(&mut form);
        if let Some(scope) = &self.scope {
            form.push("scope", scope.as_str());
        }
        for resource in &self.resource {
            form.push("resource", resource);
        }
        if let Some(details) = &self.authorization_details {
            form.push("authorization_details", details);
        }
        self.extra.write(&mut form);
        request::post_form(&self.client, now, Endpoint::Token, form)
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(fault) = &self.fault {
            return Err(Misuse::clone(fault).into());
        }
        self.extra.check(&PROTOCOL)?;
        self.extra.check(self.names)?;
        if let Some(token) = self
            .scope
            .as_ref()
            .and_then(|scope| scope.forbidden_token())
        {
            return Err(Misuse::Scope(token.to_owned()).into());
        }
        // "Its value MUST be an absolute URI [...] MUST NOT include a fragment component"
        // (RFC 8707 §2).
        if !self
            .resource
            .iter()
            .all(|resource| uri::is_absolute(resource))
        {
            return Err(Misuse::Parameter {
                name: "resource",
                reason: "is no absolute URI without a fragment",
            }
            .into());
        }
        Ok(())
    }

    /// Hides in an error what only the server may know.
    pub(crate) fn without_secrets(&self, error: Error) -> Error {
        let own = Zeroizing::new(self.form().into_string());
        token::without_secrets(&self.client, &own, error)
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            scope: self.scope.as_ref().unwrap_or(&self.requested),
            granted: self.granted.as_ref().filter(|_| self.scope.is_none()),
            resource: &self.resource,
            refresh_token: self.refresh_token.as_ref(),
            identity: self.identity(),
        }
    }

    fn identity(&self) -> Identity<'_> {
        match &self.who {
            Who::Returned(returned) => Identity::Required(Expected {
                nonce: returned.handshake.nonce(),
                demands: returned.kept.as_ref().map(|kept| &kept.demands),
                code: Some(Beside::optional(returned.code.expose())),
                state: Some(Beside::optional(returned.handshake.state())),
                first: returned.id_token.as_ref(),
                ..Expected::default()
            }),
            Who::Same(Some(first)) => Identity::Welcome(Expected {
                first: Some(first),
                is_refreshed: true,
                ..Expected::default()
            }),
            Who::Anyone if self.scope.as_ref().is_some_and(|scope| scope.has_openid()) => {
                Identity::Welcome(Expected::default())
            }
            Who::Anyone | Who::Same(None) => Identity::Unasked,
        }
    }

    /// The form as far as the grant itself goes, with room for the rest.
    fn form(&self) -> Form {
        let scope = self.scope.as_ref().map_or(0, |scope| scope.as_str().len());
        let resource: usize = self.resource.iter().map(String::len).sum();
        let details = self.authorization_details.as_ref().map_or(0, String::len);
        let refresh_token = self.refresh_token.as_ref().map_or(0, Secret::len);
        let values = 2 * (scope + resource + details) + refresh_token + self.extra.capacity();
        let room = NAMES + self.own.len() + values + self.client.client_id().len();
        let mut text = String::with_capacity(room);
        text.push_str(self.own.expose());
        let mut form = Form::onto(text);
        if let Some(refresh_token) = &self.refresh_token {
            form.append_pairs("grant_type=refresh_token");
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

/// Parameters that the protocol owns in every request to the token endpoint: no extra may have such a
/// name.
const PROTOCOL: [&str; 8] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
    "authorization_details",
];

/// Parameters of the grants that are specified.
const SPECIFIED: [&str; 7] = [
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "username",
    "password",
    "assertion",
];

/// A form of this grant type, with room for `room` bytes of values.
pub(crate) fn form(grant_type: &str, room: usize) -> Form {
    let mut form = Form::with_capacity(128 + room);
    form.push("grant_type", grant_type);
    form
}
