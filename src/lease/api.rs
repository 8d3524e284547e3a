//! An API: a base URL that no request leaves, and the tokens that go with every request below it.
//!
//! Requests are values ([`ApiRequest`]); nothing is sent here. A call is a flow that renews by itself
//! ([`Api::call`]), and for tokens in a [`Store`](crate::lease::store::Store) a driver
//! ([`drive::call`](crate::lease::drive::call)).

use std::fmt;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header;

use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::lease::api_request::ApiRequest;
use crate::lease::base_url::BaseUrl;
use crate::lease::base_url::Path;
use crate::lease::fields::NoneFields;
use crate::lease::fields::Rules;
use crate::lease::holder::Holder;
use crate::lease::resource_call::ResourceCall;
use crate::lease::shared::Shared;

/// An API that is called with the tokens of one grant: those of this process ([`Holder`]), or those
/// that several share ([`Shared`]). `S` has the tokens, and `C` is who calls.
///
/// The tokens go to addresses below the base URL and nowhere else. Cloning is cheap enough to keep a
/// child ([`child`](Self::child)) for each part of a large API.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, token::Tokens};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::flow::drive;
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::lease::Lease;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "app", Authentication::None)?;
/// # let tokens: Tokens = serde_json::from_str(r#"{"v":1,"access_token":"a1","token_type":"Bearer",
/// #   "received_at":1000,"expires_at":4600,"refresh_token":"r1","issuer":"https://id.example",
/// #   "client_id":"app"}"#)?;
/// # let now = || UnixTime::from_secs(9_000);
/// # let send = |request: oauth_proto::endpoint::request::Request| {
/// #     let is_token = request.uri().path() == "/token";
/// #     let tokens = r#"{"access_token":"a2","token_type":"Bearer"}"#;
/// #     let body = if is_token { tokens } else { "[]" };
/// #     if !is_token { assert_eq!(request.headers()["authorization"], "Bearer a2"); }
/// #     Ok::<_, std::convert::Infallible>(http::Response::new(body.as_bytes().to_vec()))
/// # };
/// let api = Api::new(&client, "https://api.example/v1", Lease::new(tokens))?;
/// let request = api.get("users").query(&[("limit", 10)]);
/// // The access token has expired: it is renewed first. `ureq::call` and `reqwest::call` are this.
/// let answer = drive::blocking(api.call(request), now, send, |_| {})?;
/// assert_eq!(answer.body(), b"[]");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Api<S = Holder, C = Client> {
    pub(crate) client: C,
    pub(crate) base: BaseUrl,
    pub(crate) source: S,
    pub(crate) defaults: Defaults,
}

/// What a request says where it does not say otherwise.
#[derive(Clone)]
pub(crate) struct Defaults {
    pub(crate) headers: HeaderMap,
    pub(crate) rules: Rules,
    pub(crate) fails_on_status: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            rules: Rules::default(),
            fails_on_status: true,
        }
    }
}

impl Api {
    /// An API at `base`, called with the tokens of a lease, or of a [`Holder`] that others have too.
    ///
    /// # Errors
    ///
    /// Those of [`BaseUrl::new`], with the policy of the client's own metadata.
    pub fn new(client: &Client, base: &str, lease: impl Into<Holder>) -> Result<Self, Error> {
        let base = BaseUrl::new(base, client.metadata().uri_policy())?;
        Ok(Self::of(client.clone(), base, lease.into()))
    }

    /// The tokens: to read, to keep, to forget.
    #[must_use]
    pub fn lease(&self) -> &Holder {
        &self.source
    }

    /// A call of the API, as a flow: whatever has to be renewed is renewed, and kept before it is used.
    pub fn call(&self, request: impl Into<ApiRequest>) -> ResourceCall {
        ResourceCall::new(self, request.into())
    }
}

impl Api<Shared> {
    /// An API at `base`, called with tokens that a store has:
    /// [`drive::call`](crate::lease::drive::call).
    ///
    /// # Errors
    ///
    /// Those of [`Api::new`].
    pub fn shared(client: &Client, base: &str, grant: Shared) -> Result<Self, Error> {
        let base = BaseUrl::new(base, client.metadata().uri_policy())?;
        Ok(Self::of(client.clone(), base, grant))
    }

    /// Which tokens of the store they are.
    #[must_use]
    pub fn grant(&self) -> &Shared {
        &self.source
    }
}

impl<S: Clone, C: Clone> Api<S, C> {
    /// The API below a path, with the same tokens and the same defaults.
    ///
    /// # Errors
    ///
    /// Those of [`BaseUrl::child`].
    pub fn child(&self, path: impl Into<Path>) -> Result<Self, Error> {
        let base = self.base.child(path)?;
        let api = self.clone();
        Ok(Self { base, ..api })
    }
}

impl<S, C> Api<S, C> {
    pub(crate) fn of(client: C, base: BaseUrl, source: S) -> Self {
        Self {
            client,
            base,
            source,
            defaults: Defaults::default(),
        }
    }

    /// Sends this header with every request that has none of its name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.defaults.headers.insert(name, value);
        self
    }

    /// Says this of the program that calls, in place of what the adapter says.
    #[must_use]
    pub fn with_user_agent(self, name: HeaderValue) -> Self {
        self.with_header(header::USER_AGENT, name)
    }

    /// Sets what becomes of fields without a value: left out, unless said.
    #[must_use]
    pub fn with_none_fields(mut self, none: NoneFields) -> Self {
        self.defaults.rules.none = none;
        self
    }

    /// Sets how true and false are written in queries and forms: `true` and `false`, unless said.
    #[must_use]
    pub fn with_bool_fields(mut self, yes: impl Into<String>, no: impl Into<String>) -> Self {
        self.defaults.rules.booleans = (yes.into(), no.into());
        self
    }

    /// Sets whether a status of 400 or more is an error: it is, unless said.
    #[must_use]
    pub fn with_status_errors(mut self, fails_on_status: bool) -> Self {
        self.defaults.fails_on_status = fails_on_status;
        self
    }

    /// The address that every request is below.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base
    }

    /// A request by `GET`.
    #[must_use]
    pub fn get(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::GET, path)
    }

    /// A request by `HEAD`.
    #[must_use]
    pub fn head(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::HEAD, path)
    }

    /// A request by `POST`.
    #[must_use]
    pub fn post(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::POST, path)
    }

    /// A request by `PUT`.
    #[must_use]
    pub fn put(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::PUT, path)
    }

    /// A request by `PATCH`.
    #[must_use]
    pub fn patch(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::PATCH, path)
    }

    /// A request by `DELETE`.
    #[must_use]
    pub fn delete(&self, path: impl Into<Path>) -> ApiRequest {
        self.request(Method::DELETE, path)
    }

    /// A request by any method. A path that leads out of the base URL is an error of the call.
    #[must_use]
    pub fn request(&self, method: Method, path: impl Into<Path>) -> ApiRequest {
        ApiRequest::new(method, self.base.join(path))
    }
}

impl<S: fmt::Debug, C> fmt::Debug for Api<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("base", &self.base)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
