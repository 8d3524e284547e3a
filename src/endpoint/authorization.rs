//! The authorization endpoint (RFC 6749 §3.1): where to send the user.

use std::fmt;

use crate::base::form;
use crate::base::form::Form;
use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Endpoint;
use crate::domain::policy::Demand;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::authorization_request::PROTOCOL;
use crate::endpoint::pending::Pending;
use crate::endpoint::prepared::ClientId;
use crate::endpoint::prepared::Prepared;

impl Client {
    /// Makes an authorization request: the URL to send the user to, and what to keep until the user
    /// comes back.
    ///
    /// A scope is enough; an [`AuthorizationRequest`] says more. `state`, and the PKCE verifier for
    /// an `S256` challenge, are drawn afresh from one call for entropy.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let (url, pending) = client.authorize(now, ["mail"])?;
    /// assert!(url.as_str().starts_with(
    ///     "https://id.example/authorize?response_type=code&client_id=my-app\
    ///      &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=mail&state="
    /// ));
    ///
    /// let request = AuthorizationRequest::new(["mail"]).prompt("consent").login_hint("ada@example");
    /// let (url, pending) = client.authorize(now, request)?;
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] where a parameter breaks a rule or there is no redirect URI,
    /// [`Error::Unsupported`] where the server has no authorization endpoint, takes pushed requests
    /// only ([`Unsupported::Unpushed`]) or signed ones ([`Unsupported::UnsignedRequest`]), or an ID token is asked for (there is no unverified
    /// identity), [`Error::Violation`] (`AUTHORIZATION-ENDPOINT-QUERY`), [`Error::Crypto`] where there
    /// is no entropy. [`Misuse::RemoteKey`](crate::domain::error::Misuse::RemoteKey) where a remote key
    /// is to sign the request.
    pub fn authorize<'a>(
        &self,
        now: UnixTime,
        request: impl Into<AuthorizationRequest<'a>>,
    ) -> Result<(AuthorizationUrl, Pending), Error> {
        self.authorization(now, request.into())
    }

    /// The same for every type that becomes a request.
    fn authorization(
        &self,
        now: UnixTime,
        request: AuthorizationRequest<'_>,
    ) -> Result<(AuthorizationUrl, Pending), Error> {
        let address = address(self)?;
        self.policy().check(Demand::PushedRequests, || false)?;
        if self.requires_push() {
            return Err(Unsupported::Unpushed.into());
        }
        if self.request_objects().is_some() {
            let (object, pending) = self.make_request_object(now, request)?;
            return Ok((object.ready()?.by_value()?, pending));
        }
        if self.requires_signature() {
            return Err(Unsupported::UnsignedRequest.into());
        }
        let prepared = Prepared::new(self, request)?;
        let mut form = Form::onto_address(address.as_str(), prepared.capacity());
        prepared.write(&mut form, ClientId::Here);
        Ok((AuthorizationUrl::of(form), prepared.into_pending(now)))
    }
}

/// Where to send the user: an absolute URL in ASCII.
///
/// It holds the `state` and often the user's name: `Debug` prints the address without its query.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl {
    text: String,
    expires_at: Option<UnixTime>,
}

impl AuthorizationUrl {
    /// The URL that `form` continued from the endpoint's address.
    pub(crate) fn of(form: Form) -> Self {
        Self {
            text: form.into_string(),
            expires_at: None,
        }
    }

    /// The URL of a request that was pushed (RFC 9126 §4): nothing but `client_id` and `request_uri`
    /// travels through the browser.
    pub(crate) fn of_pushed(
        client: &Client,
        request_uri: &str,
        expires_at: UnixTime,
    ) -> Result<Self, Error> {
        let room = 32 + client.client_id().len() + 2 * request_uri.len();
        let mut form = query(client, room)?;
        form.push("client_id", client.client_id());
        form.push("request_uri", request_uri);
        Ok(Self::until(form, expires_at))
    }

    /// The URL that is this form, good until then.
    pub(crate) fn until(form: Form, expires_at: UnixTime) -> Self {
        Self {
            text: form.into_string(),
            expires_at: Some(expires_at),
        }
    }

    /// The URL, for a `Location` header or a browser.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When it is too late to open it: only the URL of a pushed or signed request ends (RFC 9126 §2.2).
    ///
    /// That is not when it is too late to come back: see [`Pending::expires_at`].
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }
}

impl AsRef<str> for AuthorizationUrl {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl From<AuthorizationUrl> for String {
    fn from(url: AuthorizationUrl) -> Self {
        url.text
    }
}

impl fmt::Display for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.text.split('?').next().unwrap_or_default();
        write!(f, "AuthorizationUrl({address}?…)")
    }
}

/// The URL of the authorization endpoint, to be continued by `room` bytes of parameters.
pub(crate) fn query(client: &Client, room: usize) -> Result<Form, Error> {
    Ok(Form::onto_address(address(client)?.as_str(), room))
}

/// The authorization endpoint, after a look at its own query.
pub(crate) fn address(client: &Client) -> Result<&WebUri, Error> {
    let address = client.metadata().endpoint(Endpoint::Authorization)?;
    check_own_query(
        address,
        |name| PROTOCOL.contains(&name),
        Check::AuthorizationEndpointQuery,
    )?;
    Ok(address)
}

/// "Request and response parameters MUST NOT be included more than once" (RFC 6749 §3.1): an
/// endpoint's own query, which "MUST be retained", cannot hold what is about to be added.
pub(crate) fn check_own_query(
    address: &WebUri,
    is_protocol: impl Fn(&str) -> bool,
    check: Check,
) -> Result<(), Violation> {
    let Some(query) = address.query() else {
        return Ok(());
    };
    let own = form::parse(query).ok();
    let found = own
        .as_ref()
        .and_then(|pairs| pairs.iter().find(|(name, _)| is_protocol(name)));
    match (&own, found) {
        (Some(_), None) => Ok(()),
        (_, found) => Err(Violation::new(check)
            .expected("a query without parameters of the protocol")
            .received(found.map_or(query, |(name, _)| name))),
    }
}
