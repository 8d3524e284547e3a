//! Asking whether the user has decided (RFC 8628 §3.4 and §3.5, CIBA Core 1.0 §10.1 and §11): a grant
//! that the token endpoint may still leave pending.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Response;

use crate::base::form::Form;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::extra::Extra;
use crate::endpoint::pending_backchannel::PendingBackchannel;
use crate::endpoint::pending_device::PendingDevice;
use crate::endpoint::request;
use crate::endpoint::token;
use crate::endpoint::token::Asked;
use crate::endpoint::token::Identity;

/// One poll of the token endpoint for a pending device or CIBA request.
///
/// The same value makes poll after poll, and never one at or after the expiry of what is pending. When
/// the next one is due, `flow::pace::Pace` says; `client.poll` runs the whole of it.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// # use oauth_proto::endpoint::pending_device::PendingDevice;
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::poll::{Poll, Polled};
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "1406020730", Authentication::None)?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// # let pending: PendingDevice = serde_json::from_str(r#"{"v":1,"iss":"https://id.example",
/// #     "client":"1406020730","code":"GmRhmhcx","user":"WDJB-MJHT",
/// #     "uri":"https://id.example/device","interval":5,"exp":1800001800}"#).unwrap();
/// let poll = Poll::device(&client, &pending)?;
/// let request = poll.request(now)?.into_request()?;
/// # assert!(request.body().ends_with(b"&device_code=GmRhmhcx&client_id=1406020730"));
/// # let response = http::Response::builder().status(400)
/// #     .body(br#"{"error":"authorization_pending"}"#.to_vec()).unwrap();
/// match poll.response(now, &response)? {
///     Polled::Granted(tokens) => println!("signed in for {}", tokens.scope()),
///     Polled::Pending { .. } => println!("the user has not decided"),
///     Polled::SlowDown { .. } => println!("and this was too early"),
///     Polled::Unavailable(refusal) => println!("{refusal}"),
///     _ => {}
/// }
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "an operation does nothing until it is called"]
pub struct Poll {
    client: Client,
    /// The grant type and what belongs to it, as a form.
    own: Secret,
    extra: Extra<'static>,
    scope: Arc<Scope>,
    resource: Vec<String>,
    expires_at: UnixTime,
}

/// RFC 8628 §3.4.
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// CIBA Core 1.0 §10.1.
const CIBA: &str = "urn:openid:params:grant-type:ciba";

impl Poll {
    /// Polls for a device (RFC 8628 §3.4).
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where it is pending at another server, or for another client;
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server names no
    /// token endpoint.
    pub fn device(client: &Client, pending: &PendingDevice) -> Result<Self, Error> {
        let code = &pending.device_code;
        Self::new(client, DEVICE_CODE, "device_code", code, &pending.terms())
    }

    /// Polls for a backchannel authentication request (CIBA Core 1.0 §10.1).
    ///
    /// # Errors
    ///
    /// As [`device`](Self::device).
    pub fn backchannel(client: &Client, pending: &PendingBackchannel) -> Result<Self, Error> {
        let id = &pending.auth_req_id;
        Self::new(client, CIBA, "auth_req_id", id, &pending.terms())
    }

    fn new(
        client: &Client,
        grant_type: &str,
        name: &'static str,
        code: &Secret,
        terms: &Terms<'_>,
    ) -> Result<Self, Error> {
        client.check_owner(terms.what, terms.server, terms.client_id)?;
        // Said here and not after the first wait.
        client.metadata().endpoint(Endpoint::Token)?;
        let mut own = Form::with_capacity(128 + code.len());
        own.push("grant_type", grant_type);
        own.push(name, code.expose());
        // Servers may bind a grant to its resources (RFC 8707 §2.2).
        for resource in terms.resource {
            own.push("resource", resource);
        }
        Ok(Self {
            client: client.clone(),
            own: Secret::from(own.into_string()),
            extra: Extra::default(),
            scope: Arc::clone(terms.scope),
            resource: terms.resource.to_vec(),
            expires_at: terms.expires_at,
        })
    }

    /// Sends a parameter that no specification here knows with each poll. May be given several times.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.add(name.into(), value.into());
        self
    }

    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where an extra parameter is one of the protocol's.
    pub(crate) fn check(&self) -> Result<(), Misuse> {
        self.extra.check(&PROTOCOL)
    }

    pub(crate) fn add(&mut self, name: String, value: String) {
        self.extra.push(Cow::Owned(name), Cow::Owned(value));
    }

    fn tokens(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Tokens, Error> {
        token::read(&self.client, now, response, &self.asked())
            .map_err(|error| token::without_secrets(&self.client, self.own.expose(), error))
    }

    fn asked(&self) -> Asked<'_> {
        asked(&self.scope, &self.resource)
    }
}

/// Whose request is pending, for what, and until when.
pub(crate) struct Terms<'a> {
    pub(crate) what: &'static str,
    pub(crate) server: &'a Server,
    pub(crate) client_id: &'a str,
    pub(crate) scope: &'a Arc<Scope>,
    pub(crate) resource: &'a [String],
    pub(crate) expires_at: UnixTime,
}

impl<'a> Terms<'a> {
    /// # Errors
    ///
    /// [`Expired::Polling`] once it is over.
    pub(crate) fn check_time(&self, now: UnixTime) -> Result<(), Expired> {
        check_time(self.expires_at, now)
    }

    /// What the tokens are compared with.
    pub(crate) fn asked(&self) -> Asked<'a> {
        asked(self.scope, self.resource)
    }
}

fn check_time(expired_at: UnixTime, now: UnixTime) -> Result<(), Expired> {
    if now.has_reached(expired_at) {
        return Err(Expired::Polling { expired_at, now });
    }
    Ok(())
}

fn asked<'a>(scope: &'a Arc<Scope>, resource: &'a [String]) -> Asked<'a> {
    Asked {
        scope,
        granted: None,
        resource,
        refresh_token: None,
        identity: Identity::of(scope),
    }
}

impl Operation for Poll {
    type Output = Polled;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        check_time(self.expires_at, now)?;
        self.check()?;
        if self.extra.names().next().is_none() {
            return request::post_prepared(&self.client, now, Endpoint::Token, &self.own);
        }
        let mut form = Form::onto(self.own.expose().to_owned());
        self.extra.write(&mut form);
        let own = Secret::from(form.into_string());
        request::post_prepared(&self.client, now, Endpoint::Token, &own)
    }

    /// The answer to a poll that left in time counts whenever it comes: how long a code lives is for
    /// the server to say.
    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Polled, Error> {
        match self.tokens(now, response) {
            Ok(tokens) => Ok(Polled::Granted(tokens)),
            Err(Error::Refused(refusal)) => Polled::of(refusal, now),
            Err(error) => Err(error),
        }
    }

    fn without_keys(self: Arc<Self>, now: UnixTime, response: &Response<Vec<u8>>) -> Option<Error> {
        let poll = Arc::clone(&self);
        let again = move |now, answer: &_| poll.tokens(now, answer);
        token::without_keys(&self.client, now, response, &self.asked(), again)
    }
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("client_id", &self.client.client_id())
            .field("scope", &self.scope.as_str())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What the token endpoint says to a poll. Whatever ends the wait otherwise (`access_denied`,
/// `expired_token`) is an error.
#[derive(Debug)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "one per poll, on the stack of whoever polls"
)]
pub enum Polled {
    /// The user agreed.
    Granted(Tokens),
    /// `authorization_pending`: "the end user hasn't yet completed the user-interaction steps"
    /// (RFC 8628 §3.5).
    Pending {
        /// How long the server asks to be left alone, where it does.
        retry_after: Option<Duration>,
    },
    /// `slow_down`: pending, and the interval "MUST be increased by 5 seconds for this and all
    /// subsequent requests" (RFC 8628 §3.5).
    SlowDown {
        /// How long the server asks to be left alone, where it does.
        retry_after: Option<Duration>,
    },
    /// No verdict on the grant: a 5xx, a 429, a proxy's page. The next poll may be answered.
    /// [`Refusal::retry_after`] says when, where the server does.
    Unavailable(Box<Refusal>),
}

impl Polled {
    /// The code says what it is, whatever the status: GitHub answers `authorization_pending` with 200,
    /// Google with 428.
    fn of(refusal: Box<Refusal>, now: UnixTime) -> Result<Self, Error> {
        match refusal.code() {
            Some(ErrorCode::AuthorizationPending) => Ok(Self::Pending {
                retry_after: refusal.retry_after(now),
            }),
            Some(ErrorCode::SlowDown) => Ok(Self::SlowDown {
                retry_after: refusal.retry_after(now),
            }),
            _ if refusal.is_transient() => Ok(Self::Unavailable(refusal)),
            _ => Err(Error::Refused(refusal)),
        }
    }
}

/// Parameters that the protocol owns: no extra may have such a name.
const PROTOCOL: [&str; 9] = [
    "grant_type",
    "device_code",
    "auth_req_id",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
];

/// "If no value is provided, clients MUST use 5 as the default" (RFC 8628 §3.2, CIBA Core 1.0 §7.3),
/// in seconds.
pub(crate) const DEFAULT_INTERVAL: u64 = 5;

/// Nothing is pending longer, whatever the server says. A bound of this crate.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The `interval` of an answer, in seconds. Zero is the default: it would be no interval.
pub(crate) fn interval(said: Option<u64>) -> u64 {
    said.filter(|seconds| *seconds > 0)
        .unwrap_or(DEFAULT_INTERVAL)
}

/// The moment that `expires_in` seconds from `now` are.
pub(crate) fn expiry(now: UnixTime, expires_in: u64) -> UnixTime {
    now.saturating_add(Duration::from_secs(expires_in).min(LONGEST_LIFETIME))
}

/// A count of seconds, as a number or as the whole decimal text that several servers send.
pub(crate) fn seconds(check: Check, value: Value<'_>) -> Result<u64, Violation> {
    value.whole_number_or_text().map_err(|_| {
        Violation::new(check)
            .expected("a whole number of seconds")
            .received(value.shown())
    })
}
