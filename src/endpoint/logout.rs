//! Logout at the provider (OpenID Connect RP-Initiated Logout 1.0): where to send the user to end the
//! session there, and what comes back.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use crate::base::form::Form;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::uri::WebUri;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::redirect_uri;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::authorization::check_own_query;
use crate::endpoint::authorization_request::is_state;
use crate::endpoint::callback;
use crate::endpoint::callback::said;
use crate::endpoint::extra::Extra;
use crate::endpoint::handshake::Handshake;
use crate::endpoint::handshake::Wanted;
use crate::endpoint::named::Named;

/// What a logout request says, beyond what the client knows.
///
/// Nothing here is checked before [`Client::logout`].
#[derive(Clone, Default)]
pub struct LogoutRequest<'a> {
    post_logout_redirect_uri: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    /// Parameters of the specification, each at most once.
    named: Named<Cow<'a, str>>,
    extra: Extra<'a>,
}

impl<'a> LogoutRequest<'a> {
    /// A request of which nothing is said yet: the provider asks the user, and keeps the user there.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `id_token_hint`: an ID token of the session that is to end, verified or as text. Providers ask the
    /// user without it.
    ///
    /// It names the user, and stands in a URL.
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<Cow<'a, str>>) -> Self {
        self.named("id_token_hint", id_token)
    }

    /// `logout_hint`: who is to be logged out, in words the provider understands.
    #[must_use]
    pub fn logout_hint(self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.named("logout_hint", hint)
    }

    /// `ui_locales`: the user's languages by preference, apart by spaces (BCP 47).
    #[must_use]
    pub fn ui_locales(self, locales: impl Into<Cow<'a, str>>) -> Self {
        self.named("ui_locales", locales)
    }

    /// `post_logout_redirect_uri`: where the user comes back to, as it was registered.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<Cow<'a, str>>) -> Self {
        self.post_logout_redirect_uri = Some(uri.into());
        self
    }

    /// Sends this `state` instead of a drawn one.
    #[must_use]
    pub fn state(mut self, state: impl Into<Cow<'a, str>>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// A parameter that the specification does not know. May be given several times.
    #[must_use]
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.extra.push(name.into(), value.into());
        self
    }

    fn named(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.named.set(name, value);
        self
    }

    /// Every parameter in its order, `state` as it was drawn or given.
    fn fields<'r>(
        &'r self,
        client_id: &'r str,
        state: Option<&'r str>,
    ) -> impl Iterator<Item = (&'r str, &'r str)> + Clone {
        let named = self.named.iter().map(|(name, value)| (name, &**value));
        let uri = self.post_logout_redirect_uri.as_deref();
        [("client_id", client_id)]
            .into_iter()
            .chain(named)
            .chain(uri.map(|uri| ("post_logout_redirect_uri", uri)))
            .chain(state.map(|state| ("state", state)))
            .chain(self.extra.iter())
    }

    fn check(&self) -> Result<(), Misuse> {
        self.extra.check(&PROTOCOL)?;
        if let Some(uri) = &self.post_logout_redirect_uri {
            redirect_uri::check(uri)?;
        }
        let refuse = |reason| {
            let name = "state";
            Err(Misuse::Parameter { name, reason })
        };
        match &self.state {
            Some(_) if self.post_logout_redirect_uri.is_none() => {
                refuse("comes back to a `post_logout_redirect_uri`, and there is none")
            }
            Some(state) if !is_state(state) => refuse("is empty, too long, or not printable ASCII"),
            _ => Ok(()),
        }
    }
}

/// Ends the session that these tokens are of: their ID token is the hint, where they have one.
impl<'a> From<&'a Tokens> for LogoutRequest<'a> {
    fn from(tokens: &'a Tokens) -> Self {
        match tokens.id_token() {
            Some(id_token) => Self::new().id_token_hint(id_token),
            None => Self::new(),
        }
    }
}

impl fmt::Debug for LogoutRequest<'_> {
    /// Names of parameters: values name a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.named.names();
        f.debug_struct("LogoutRequest")
            .field(
                "parameters",
                &named.chain(self.extra.names()).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// Parameters that the protocol owns: no extra may have such a name, nor may an endpoint's own query.
const PROTOCOL: [&str; 6] = [
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

impl Client {
    /// Makes a logout request: the URL to send the user to, and what to keep until the user comes back.
    ///
    /// End the application's own session first: the user may never come back.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::endpoint::logout::{LogoutRequest, LogoutReturn};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::EndSession, "https://id.example/logout")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?;
    /// let request = LogoutRequest::new().post_logout_redirect_uri("https://app.example/bye");
    /// let (url, pending) = client.logout(&request)?;
    /// assert!(url.as_str().starts_with("https://id.example/logout?client_id=my-app&"));
    ///
    /// // … the browser comes back:
    /// let received = format!("/bye?state={}", pending.state().unwrap());
    /// assert!(matches!(pending.returned(&received), LogoutReturn::Answered));
    /// assert!(matches!(pending.returned("/bye"), LogoutReturn::Unsolicited(_)));
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] where a parameter breaks a rule, [`Error::Unsupported`] where the server has no
    /// end-session endpoint, [`Error::Violation`] (`LOGOUT-ENDPOINT-QUERY`), [`Error::Crypto`] where
    /// there is no entropy.
    pub fn logout(&self, request: &LogoutRequest<'_>) -> Result<(LogoutUrl, PendingLogout), Error> {
        let (address, pending) = self.prepare_logout(request)?;
        let fields = request.fields(self.client_id(), pending.state());
        let room = fields
            .clone()
            .map(|(name, value)| name.len() + 2 * value.len());
        let mut form = Form::onto_address(address.as_str(), room.sum());
        for (name, value) in fields {
            form.push_any(name, value);
        }
        Ok((LogoutUrl(form.into_string()), pending))
    }

    /// Makes the same request as a form that the user's browser posts: for an ID token that shall
    /// stand in no history and no log, or one that is too long for a URL.
    ///
    /// "RPs MAY use the HTTP GET or POST methods" (OpenID Connect RP-Initiated Logout 1.0 §2).
    ///
    /// # Errors
    ///
    /// Those of [`logout`](Self::logout).
    pub fn logout_form(
        &self,
        request: &LogoutRequest<'_>,
    ) -> Result<(LogoutForm, PendingLogout), Error> {
        let (address, pending) = self.prepare_logout(request)?;
        let fields = request.fields(self.client_id(), pending.state());
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let form = LogoutForm {
            address: address.as_str().to_owned(),
            fields: fields.collect(),
        };
        Ok((form, pending))
    }

    fn prepare_logout(
        &self,
        request: &LogoutRequest<'_>,
    ) -> Result<(&WebUri, PendingLogout), Error> {
        let address = self.metadata().endpoint(Endpoint::EndSession)?;
        check_own_query(
            address,
            |name| PROTOCOL.contains(&name),
            Check::LogoutEndpointQuery,
        )?;
        request.check()?;
        let state = match &request.post_logout_redirect_uri {
            Some(_) => Some(draw(self, request.state.as_deref())?),
            None => None,
        };
        Ok((address, PendingLogout { state }))
    }
}

fn draw(client: &Client, state: Option<&str>) -> Result<Secret, Error> {
    let handshake = Handshake::draw(client.crypto(), state, Wanted::Absent, Wanted::Absent)?;
    Ok(Secret::from(handshake.state()))
}

/// Where to send the user to log out: an absolute URL in ASCII.
///
/// It may hold an ID token: `Debug` prints its origin and path only.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutUrl(String);

impl LogoutUrl {
    /// The URL, for a `Location` header or a browser.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<LogoutUrl> for String {
    fn from(url: LogoutUrl) -> Self {
        url.0
    }
}

impl fmt::Display for LogoutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LogoutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.0.split('?').next().unwrap_or_default();
        write!(f, "LogoutUrl({address}?…)")
    }
}

/// A form for the user's browser to post (`application/x-www-form-urlencoded`): a page that has it may
/// submit it by itself. Whoever writes the page escapes the address and the fields for HTML.
///
/// It may hold an ID token: `Debug` prints the address without its query, and names of fields.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutForm {
    address: String,
    fields: Vec<(String, String)>,
}

impl LogoutForm {
    /// Where to: the form's `action`, with the query that the endpoint has of its own.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The form's hidden fields, by name and value, in order. A name may stand several times.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl fmt::Debug for LogoutForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.split('?').next().unwrap_or_default();
        f.debug_struct("LogoutForm")
            .field("address", &address)
            .field(
                "fields",
                &self.fields().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .finish()
    }
}

/// A pending logout: what tells the user's return from a visit that nobody asked for.
///
/// Keep it in the browser's session or in a cookie of its own. It serialises in a versioned form
/// (`"v": 1`), its state in clear.
pub struct PendingLogout {
    state: Option<Secret>,
}

impl PendingLogout {
    /// The `state` that travels with the request and comes back; none where nobody is to come back.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_ref().map(Secret::expose)
    }

    /// Judges what came to the post-logout redirect URI: the full URL, its path and query, or a bare
    /// query.
    ///
    /// Nothing is an error here: anyone may send a browser to that address, and the page there is
    /// shown to whoever comes.
    #[must_use]
    pub fn returned(&self, received: &str) -> LogoutReturn {
        match self.check(received) {
            Ok(()) => LogoutReturn::Answered,
            Err(violation) => LogoutReturn::Unsolicited(violation),
        }
    }

    /// OpenID Connect RP-Initiated Logout 1.0 §2: "the OP passes this value back to the RP using the
    /// state parameter".
    fn check(&self, received: &str) -> Result<(), Violation> {
        let parameters = callback::parse(received)?;
        let Some(received) = said(&parameters, "state") else {
            return Err(Violation::new(Check::LogoutStateMissing).received_nothing());
        };
        let expected = self.state().unwrap_or_default();
        if secret::constant_time_eq(received.as_bytes(), expected.as_bytes()) {
            return Ok(());
        }
        Err(Violation::new(Check::LogoutState).secrets_differ())
    }
}

impl fmt::Debug for PendingLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogout").finish_non_exhaustive()
    }
}

/// What a visit to the post-logout redirect URI is.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogoutReturn {
    /// The user comes back from the logout that was pending. It does not say that the provider ended
    /// its session: the user may have refused.
    Answered,
    /// Nobody asked for it: say so in the log, show the page, and change nothing.
    Unsolicited(Violation),
}

/// The stored form, version 1.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    v: Version<1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<Cow<'a, str>>,
}

impl Serialize for PendingLogout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            v: Version,
            state: self.state().map(Cow::Borrowed),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PendingLogout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        if wire.state.as_deref().is_some_and(|state| !is_state(state)) {
            return Err(D::Error::custom("the state has no or too great a length"));
        }
        Ok(Self {
            state: wire.state.map(|state| Secret::from(&*state)),
        })
    }
}
