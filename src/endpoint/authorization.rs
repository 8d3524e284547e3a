//! The authorization endpoint (RFC 6749 §3.1): where to send the user.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::base::form;
use crate::base::form::Form;
use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::domain::client;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::pkce;
use crate::domain::pkce::Challenge;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::authorization_request::PROTOCOL;
use crate::endpoint::pending::Handshake;
use crate::endpoint::pending::Pending;
use crate::endpoint::pending::Wanted;

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
    /// [`Error::Unsupported`] where the server has no authorization endpoint or `openid` is asked for
    /// (there is no unverified identity), [`Error::Violation`] (`AUTHORIZATION-ENDPOINT-QUERY`),
    /// [`Error::Crypto`] where there is no entropy.
    pub fn authorize<'a>(
        &self,
        now: UnixTime,
        request: impl Into<AuthorizationRequest<'a>>,
    ) -> Result<(AuthorizationUrl, Pending), Error> {
        let request = request.into();
        let address = self.metadata().endpoint(Endpoint::Authorization)?;
        request.check()?;
        check_own_query(address)?;
        let redirect_uri = redirect_uri(self, &request)?;
        let handshake = handshake(self, &request)?;
        let url = write(self, address, &request, &redirect_uri, &handshake);
        let pending = Pending {
            issuer: self.shared_issuer(),
            client_id: self.shared_client_id(),
            redirect_uri,
            handshake,
            scope: request.scope,
            resource: request.resource.into_iter().map(Cow::into_owned).collect(),
            expires_at: now.saturating_add(request.lifetime),
        };
        Ok((url, pending))
    }
}

/// Where to send the user: an absolute URL in ASCII.
///
/// It holds the `state` and often the user's name: `Debug` prints its origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl(String);

impl AuthorizationUrl {
    /// The URL, for a `Location` header or a browser.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for AuthorizationUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<AuthorizationUrl> for String {
    fn from(url: AuthorizationUrl) -> Self {
        url.0
    }
}

impl fmt::Display for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.0.split('?').next().unwrap_or_default();
        write!(f, "AuthorizationUrl({address}?…)")
    }
}

/// "Request and response parameters MUST NOT be included more than once" (RFC 6749 §3.1): an
/// endpoint's own query, which "MUST be retained", cannot hold what is about to be added.
fn check_own_query(address: &WebUri) -> Result<(), Error> {
    let Some(query) = address.query() else {
        return Ok(());
    };
    let own = form::parse(query).ok();
    let protocol = own
        .as_ref()
        .and_then(|pairs| pairs.iter().find(|(name, _)| PROTOCOL.contains(name)));
    match (&own, protocol) {
        (Some(_), None) => Ok(()),
        (_, found) => Err(Violation::new(Check::AuthorizationEndpointQuery)
            .expected("a query without parameters of the protocol")
            .received(found.map_or(query, |(name, _)| name))
            .into()),
    }
}

fn redirect_uri(client: &Client, request: &AuthorizationRequest<'_>) -> Result<Arc<str>, Error> {
    match &request.redirect_uri {
        Some(own) => {
            client::check_redirect_uri(own)?;
            Ok(Arc::from(&**own))
        }
        None => client
            .shared_redirect_uri()
            .ok_or_else(|| Misuse::NoRedirectUri.into()),
    }
}

fn handshake(client: &Client, request: &AuthorizationRequest<'_>) -> Result<Handshake, Error> {
    let nonce = match &request.nonce {
        Some(nonce) => Wanted::Given(nonce),
        None if request.scope.contains("openid") => Wanted::Drawn,
        None => Wanted::Absent,
    };
    let verifier = match (request.challenge, &request.verifier) {
        (Challenge::Absent, _) => Wanted::Absent,
        (_, Some(verifier)) => Wanted::Given(verifier),
        (_, None) => Wanted::Drawn,
    };
    let handshake = Handshake::draw(client.crypto(), request.state.as_deref(), nonce, verifier)?;
    Ok(handshake)
}

/// Writes the URL in one pass into one buffer.
fn write(
    client: &Client,
    address: &WebUri,
    request: &AuthorizationRequest<'_>,
    redirect_uri: &str,
    handshake: &Handshake,
) -> AuthorizationUrl {
    let mut url = String::with_capacity(capacity(client, address, request, redirect_uri));
    url.push_str(address.as_str());
    if address.query().is_none() {
        url.push('?');
    }
    let mut form = Form::onto(url);
    form.push("response_type", "code");
    form.push("client_id", client.client_id());
    client.write_redirect_uri(redirect_uri, &mut form);
    if !request.scope.is_empty() {
        form.push("scope", request.scope.as_str());
    }
    form.push("state", handshake.state());
    if let Some(nonce) = handshake.nonce() {
        form.push("nonce", nonce);
    }
    if let Some(verifier) = handshake.verifier() {
        write_challenge(client, request.challenge, verifier, &mut form);
    }
    for (name, value) in &request.named {
        form.push(name, value);
    }
    for resource in &request.resource {
        form.push("resource", resource);
    }
    request.extra.write(&mut form);
    AuthorizationUrl(form.into_string())
}

fn write_challenge(client: &Client, challenge: Challenge, verifier: &str, form: &mut Form) {
    if challenge == Challenge::Plain {
        form.push("code_challenge", verifier);
        form.push("code_challenge_method", "plain");
        return;
    }
    let mut buffer = [0; pkce::S256_LENGTH];
    form.push_raw(
        "code_challenge",
        pkce::s256(client.crypto(), verifier, &mut buffer),
    );
    form.push_raw("code_challenge_method", "S256");
}

/// Enough for an ordinary request, so that the buffer is allocated once.
fn capacity(
    client: &Client,
    address: &WebUri,
    request: &AuthorizationRequest<'_>,
    redirect_uri: &str,
) -> usize {
    let named: usize = request
        .named
        .iter()
        .map(|(n, v)| n.len() + v.len() + 8)
        .sum();
    // Names, `=`, `&`, a state, a nonce and a challenge come to less than 256.
    256 + named
        + request.extra.capacity()
        + address.as_str().len()
        + client.client_id().len()
        + 2 * (redirect_uri.len() + request.scope.as_str().len())
}
