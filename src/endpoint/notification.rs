//! What a server sends to the notification endpoint of a CIBA client (CIBA Core 1.0 §10.2, §10.3 and
//! §12): that the user has decided (ping), or the tokens themselves (push).
//!
//! Pure functions over an `http::Request`: routing it here and sending the [`answer`] back is for
//! whoever owns the sockets. Anyone on the internet can send such a request. The order of the checks is
//! therefore: size, JSON, the token that it bears, the name that it gives, and only then what it says.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Object;
use crate::base::secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Compared;
use crate::domain::verdict::Violation;
use crate::endpoint::id_token::Expected;
use crate::endpoint::pending_backchannel::PendingBackchannel;
use crate::endpoint::response;
use crate::endpoint::token;
use crate::endpoint::token::Asked;
use crate::endpoint::token::Identity;

/// A notification that is read and not yet trusted.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// # use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
/// use std::collections::HashMap;
///
/// use oauth_proto::endpoint::notification::{self, Notification};
///
/// # fn handler(
/// #     store: &HashMap<String, PendingBackchannel>, now: UnixTime, request: &http::Request<Vec<u8>>,
/// # ) -> http::Response<Vec<u8>> {
/// // In the handler of the notification endpoint, `store` being what is pending by `auth_req_id`:
/// let outcome = Notification::parse(request).and_then(|notification| {
///     notification.ping(now, store.get(notification.auth_req_id()))
/// });
/// if let Ok(pending) = &outcome {
///     println!("poll at once: {pending:?}"); // client.poll_backchannel(pending.clone())?.pinged()
/// }
/// notification::answer(&outcome)
/// # }
/// # let stranger = http::Request::post("/ciba").body(br#"{"auth_req_id":"x"}"#.to_vec()).unwrap();
/// # assert_eq!(handler(&HashMap::new(), UnixTime::EPOCH, &stranger).status(), 401);
/// ```
pub struct Notification<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    members: Object<'a>,
    auth_req_id: Cow<'a, str>,
}

impl<'a> Notification<'a> {
    /// Reads what came to the notification endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where it is no strict JSON object, [`Error::Violation`] (`RESPONSE-SIZE`,
    /// `CIBA-NOTIFICATION-AUTH-REQ-ID`) where it is too long or names no request.
    pub fn parse(request: &'a Request<Vec<u8>>) -> Result<Self, Error> {
        let body = request.body();
        response::check_size(body)?;
        let members = json::object(body).map_err(malformed)?;
        let auth_req_id = match members.member("auth_req_id") {
            Some(value) => value.string().map_err(malformed)?,
            None => {
                return Err(Violation::new(Check::CibaNotificationAuthReqId)
                    .received_nothing()
                    .into());
            }
        };
        Ok(Self {
            headers: request.headers(),
            body,
            members,
            auth_req_id,
        })
    }

    /// `auth_req_id`: the key under which the pending request may lie. Untrusted.
    #[must_use]
    pub fn auth_req_id(&self) -> &str {
        &self.auth_req_id
    }

    /// The server says that the user has decided: poll at once, by
    /// `client.poll_backchannel(pending)?.pinged()`.
    ///
    /// Without a `pending` it is refused as one with a wrong token is: a stranger does not learn which
    /// requests there are.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`CIBA-NOTIFICATION-TOKEN`, `CIBA-NOTIFICATION-AUTH-REQ-ID`),
    /// [`Expired::Polling`](crate::domain::error::Expired::Polling) where it comes too late.
    pub fn ping<'p>(
        &self,
        now: UnixTime,
        pending: Option<&'p PendingBackchannel>,
    ) -> Result<&'p PendingBackchannel, Error> {
        let pending = self.check_token(pending)?;
        self.check_name(pending)?;
        pending.terms().check_time(now)?;
        Ok(pending)
    }

    /// The server brings the tokens: checked as [`ping`](Self::ping) is, and then read as a token
    /// response is. `auth_req_id` is among [`Tokens::members`]. An ID token is bound to it, and to the
    /// tokens (CIBA Core 1.0 §10.3.1).
    ///
    /// Where the server's keys are not at hand, that is [`Error::Keys`]: the flow
    /// `client.pushed_tokens` fetches them.
    ///
    /// Once it has succeeded, or failed with [`Error::Refused`] or [`Error::Unverified`], take the pending
    /// request out of the store, so that it is used once. After any other error it stays: a stranger cannot
    /// end it.
    ///
    /// # Errors
    ///
    /// Those of [`ping`](Self::ping); [`Error::Refused`] where the user or the server said no
    /// (CIBA Core 1.0 §12); what is wrong with the tokens;
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient).
    pub fn push(
        &self,
        client: &Client,
        now: UnixTime,
        pending: Option<&PendingBackchannel>,
    ) -> Result<Tokens, Error> {
        let pending = self.ping(now, pending)?;
        self.tokens(client, now, pending)
    }

    /// What was pushed for `pending`, once it is a good [`ping`](Self::ping).
    pub(crate) fn tokens(
        &self,
        client: &Client,
        now: UnixTime,
        pending: &PendingBackchannel,
    ) -> Result<Tokens, Error> {
        let terms = pending.terms();
        client.check_owner(terms.what, terms.server, terms.client_id)?;
        self.check_error()?;
        let answer = self.as_answer();
        token::read(client, now, &answer, &pushed(pending))
    }

    /// The same, whose ID token cannot be verified for want of keys.
    pub(crate) fn without_keys(
        &self,
        client: &Client,
        now: UnixTime,
        pending: &PendingBackchannel,
        again: impl Fn(UnixTime) -> Result<Tokens, Error> + Send + Sync + 'static,
    ) -> Option<Error> {
        let (answer, asked) = (self.as_answer(), pushed(pending));
        token::without_keys(client, now, &answer, &asked, move |now, _| again(now))
    }

    /// What was pushed, as the token endpoint would have answered.
    fn as_answer(&self) -> Response<Vec<u8>> {
        let mut answer = Response::new(self.body.to_vec());
        if let Some(media_type) = self.headers.get(header::CONTENT_TYPE) {
            let media_type = media_type.clone();
            answer
                .headers_mut()
                .insert(header::CONTENT_TYPE, media_type);
        }
        answer
    }

    /// The server bears the `client_notification_token` to authenticate the request, and the client
    /// must verify it (CIBA Core 1.0 §10.2). Where nothing is pending, no token is right.
    fn check_token<'p>(
        &self,
        pending: Option<&'p PendingBackchannel>,
    ) -> Result<&'p PendingBackchannel, Violation> {
        let refuse = || Violation::new(Check::CibaNotificationToken);
        let received = bearer(self.headers).ok_or_else(|| refuse().received_nothing())?;
        let is_right = |pending: &&PendingBackchannel| match &pending.notification_token {
            Some(token) => token.eq_text(received),
            None => false,
        };
        pending
            .filter(is_right)
            .ok_or_else(|| refuse().secrets_differ())
    }

    fn check_name(&self, pending: &PendingBackchannel) -> Result<(), Violation> {
        let (received, expected) = (self.auth_req_id(), pending.auth_req_id());
        if secret::constant_time_eq(received.as_bytes(), expected.as_bytes()) {
            return Ok(());
        }
        Err(Violation::new(Check::CibaNotificationAuthReqId).secrets_differ())
    }

    /// The push error payload of CIBA Core 1.0 §12.
    fn check_error(&self) -> Result<(), Error> {
        let text = |name: &str| self.members.member(name)?.string().ok();
        match self.members.member("error") {
            Some(error) if !error.is_null() => Err(Refusal::new(ENDPOINT)
                .with_code(text("error").as_deref())
                .with_description(text("error_description").map(Into::into))
                .with_uri(text("error_uri").map(Into::into))
                .into()),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Notification<'_> {
    /// Names of members: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// What to send back for the outcome of a notification. There is no body.
///
/// | Outcome | Status |
/// | --- | --- |
/// | it was good, or was good and said no | 204 |
/// | [`Error::Unverified`]: the tokens are here, and what lacks is not for this message to bring | 204 |
/// | `CIBA-NOTIFICATION-TOKEN` | 401, with a challenge (RFC 6750 §3) |
/// | [`Error::Keys`]: nothing of it is taken yet | 503 |
/// | [`Error::Misuse`]: this program's own fault | 500 |
/// | anything else | 400 |
///
/// 204 and 401 are those of CIBA Core 1.0 §10.2, which forbids a redirect.
pub fn answer<T>(outcome: &Result<T, Error>) -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = match outcome {
        Ok(_) | Err(Error::Refused(_) | Error::Unverified(_)) => StatusCode::NO_CONTENT,
        Err(Error::Violation(violation)) if violation.check() == Check::CibaNotificationToken => {
            let challenge = challenge(violation);
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
            StatusCode::UNAUTHORIZED
        }
        Err(Error::Keys(_)) => StatusCode::SERVICE_UNAVAILABLE,
        Err(Error::Misuse(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    answer
}

/// "If the request lacks any authentication information [...] the resource server SHOULD NOT include
/// an error code" (RFC 6750 §3.1).
fn challenge(violation: &Violation) -> HeaderValue {
    match violation.received_value() {
        Compared::Absent => HeaderValue::from_static("Bearer"),
        _ => HeaderValue::from_static("Bearer error=\"invalid_token\""),
    }
}

/// "credentials = "Bearer" 1*SP b64token" (RFC 6750 §2.1), in the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| token.trim_matches(' '))
        .filter(|token| !token.is_empty())
}

/// What the pushed tokens are held to.
fn pushed(pending: &PendingBackchannel) -> Asked<'_> {
    let asked = pending.terms().asked();
    let identity = match asked.identity {
        Identity::Required(expected) => Identity::Required(Expected {
            auth_req_id: Some(pending.auth_req_id()),
            ..expected
        }),
        other => other,
    };
    Asked { identity, ..asked }
}

/// Whose message it is.
const ENDPOINT: Endpoint = Endpoint::BackchannelAuthentication;

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
