//! The receiver of back-channel logout (OpenID Connect Back-Channel Logout 1.0): the provider itself says,
//! by a signed token, that a user or a session has ended.
//!
//! Pure functions over an `http::Request`: routing it here and sending the [`answer`] back is for
//! whoever owns the sockets. Anyone on the internet can send such a request, so that it is refused
//! before its token is looked at where it is too long or no form, and nothing of it is believed before
//! the signature holds.

use std::fmt;

use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;
use serde_json::json;

use crate::base::form;
use crate::base::time::UnixTime;
use crate::crypto::compact::Header;
use crate::crypto::jwt::Claims;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::response_algorithms::Answer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::registered;
use crate::endpoint::signed;
use crate::endpoint::signed::Agreed;

/// A logout token that passed every check but one: whether it was seen before, which a
/// [`ReplayWindow`](crate::endpoint::replay_window::ReplayWindow) says.
#[derive(Clone, PartialEq)]
pub struct LogoutToken {
    claims: Claims,
    jti: String,
    sid: Option<String>,
    expires_at: UnixTime,
}

/// What declares a JWT to be a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The most that such a request is read of.
const SIZE: usize = 64 * 1024;

impl LogoutToken {
    /// Reads what came to the back-channel logout endpoint, with the server's keys that `client` has.
    ///
    /// The flow `client.back_channel_logout` fetches keys where they lack.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `LOGOUT-TOKEN-…` or `JWT-…` checks; [`Error::Keys`] where
    /// the server's keys are not at hand.
    pub fn read(client: &Client, now: UnixTime, request: &Request<Vec<u8>>) -> Result<Self, Error> {
        Self::verify(client, now, &text(request)?)
    }

    /// Verifies the token itself, in the order of §2.6.
    fn verify(client: &Client, now: UnixTime, text: &str) -> Result<Self, Error> {
        // "Validate the alg (algorithm) Header Parameter in the same way it is validated for ID
        // Tokens."
        let agreed = Agreed::of(client, Answer::IdToken).named("logout token");
        let verified = signed::verify(client, now, agreed, text)?.verified;
        check_type(verified.header())?;
        let key_issuer = verified.key_issuer().map(str::to_owned);
        let claims = verified
            .into_claims()
            .map_err(|fault| malformed(&fault.to_string()))?;
        let leeway = client.leeway();
        let iss = Check::LogoutTokenIss;
        registered::check_users_issuer(iss, client, &claims, key_issuer.as_deref())?;
        registered::check_audience(Check::LogoutTokenAud, client.client_id(), &claims)?;
        registered::check_made(Check::LogoutTokenIat, now, leeway, &claims)?;
        let exp = registered::check_end(Check::LogoutTokenExp, now, leeway, &claims)?;
        let sid = check_subject(&claims)?;
        check_events(&claims)?;
        check_nonce(&claims)?;
        let jti = says(claims.jti()).map(str::to_owned);
        let jti = jti.ok_or_else(|| Violation::new(Check::LogoutTokenJti).received_nothing())?;
        Ok(Self {
            claims,
            jti,
            sid,
            expires_at: exp.saturating_add(leeway),
        })
    }

    /// `iss`: who says it.
    #[must_use]
    pub fn iss(&self) -> &str {
        self.claims.issuer().unwrap_or_default()
    }

    /// `sub`: whose sessions end. Without a [`sid`](Self::sid), all of them. An empty one is none.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        says(self.claims.subject())
    }

    /// `sid`: which session ends, as the ID token named it. An empty one is none.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// `jti`: the token's own name.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// `exp`: when it ends, by the server's clock.
    #[must_use]
    pub fn exp(&self) -> UnixTime {
        self.claims.expires_at().unwrap_or(UnixTime::EPOCH)
    }

    /// The first moment at which it is refused for its age, and so need not be remembered: `exp` and the
    /// client's leeway.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}

/// Issuer alone: the rest is about a person.
impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutToken")
            .field("iss", &self.iss())
            .finish_non_exhaustive()
    }
}

/// What to send back for the outcome of a logout. Nothing of it is to be cached.
///
/// | Outcome | Status | Body |
/// | --- | --- | --- |
/// | the sessions were ended | 200 | none |
/// | [`Error::Violation`] | 400 | the error `invalid_request`, with the id of the check |
/// | anything else: the keys could not be fetched, say | 400 | the error `server_error` |
///
/// "If the logout request was invalid or the logout failed, the RP MUST respond with HTTP 400 Bad
/// Request" (§2.8).
pub fn answer<T>(outcome: &Result<T, Error>) -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
    let body = match outcome {
        Ok(_) => return answer,
        Err(Error::Violation(violation)) => json!({
            "error": "invalid_request",
            "error_description": violation.check().id(),
        }),
        Err(_) => json!({"error": "server_error"}),
    };
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    *answer.body_mut() = body.to_string().into_bytes();
    answer
}

/// The token in the request: "uses the HTTP POST method" and "the
/// application/x-www-form-urlencoded" encoding, with `logout_token` in the body (§2.5).
fn text(request: &Request<Vec<u8>>) -> Result<String, Violation> {
    let refuse = |received: &str| {
        Violation::new(Check::LogoutTokenRequest)
            .expected("a form with one `logout_token`, by POST")
            .received(received)
    };
    if request.method() != http::Method::POST {
        return Err(refuse("another method"));
    }
    if request.body().len() > SIZE {
        return Err(refuse("more than 64 KiB"));
    }
    let body = std::str::from_utf8(request.body()).map_err(|_| refuse("no text"))?;
    let mut pairs = form::parse(body).map_err(|_| refuse("no form"))?;
    if pairs.duplicate().is_some() {
        return Err(refuse("a parameter twice"));
    }
    match pairs.take("logout_token") {
        Some(token) if !token.is_empty() => Ok(token.into_owned()),
        _ => Err(refuse("no `logout_token`")),
    }
}

/// Logout tokens are to be typed as `logout+jwt` (§2.4); older providers say `JWT` or nothing. What says that it is something else is something else
/// (RFC 8725 §3.11).
fn check_type(header: &Header) -> Result<(), Violation> {
    if header.typ().is_none() || header.has_type("logout+jwt") || header.has_type("JWT") {
        return Ok(());
    }
    Err(Violation::new(Check::LogoutTokenTyp)
        .expected("logout+jwt")
        .received(header.typ().unwrap_or_default()))
}

/// "Verify that the Logout Token contains a sub Claim, a sid Claim, or both." Gives the `sid`.
fn check_subject(claims: &Claims) -> Result<Option<String>, Error> {
    let sid = claims
        .member::<String>("sid")
        .map_err(|fault| malformed(&format!("`sid`: {fault}")))?;
    let sid = sid.filter(|sid| !sid.is_empty());
    if sid.is_some() || says(claims.subject()).is_some() {
        return Ok(sid);
    }
    Err(Violation::new(Check::LogoutTokenSub)
        .expected("`sub`, `sid`, or both")
        .received_nothing()
        .into())
}

/// A text that says something.
fn says(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// "Verify that the Logout Token contains an events Claim whose value is JSON object containing the
/// member name `http://schemas.openid.net/event/backchannel-logout`", whose value is an object too.
fn check_events(claims: &Claims) -> Result<(), Violation> {
    let violation = Violation::new(Check::LogoutTokenEvents).expected(EVENT);
    let events = match claims.member::<serde_json::Map<String, serde_json::Value>>("events") {
        Ok(Some(events)) => events,
        Ok(None) => return Err(violation.received_nothing()),
        Err(_) => return Err(violation.received("no object")),
    };
    match events.get(EVENT) {
        Some(event) if event.is_object() => Ok(()),
        Some(_) => Err(violation.received("the event, as no object")),
        None => Err(violation.received("other events")),
    }
}

/// "Verify that the Logout Token does not contain a nonce Claim": one that does is an ID token, or
/// would pass for one.
fn check_nonce(claims: &Claims) -> Result<(), Violation> {
    if claims.members().names().iter().any(|name| name == "nonce") {
        return Err(Violation::new(Check::LogoutTokenNonce)
            .expected("no `nonce`")
            .received("one"));
    }
    Ok(())
}

fn malformed(what: &str) -> Error {
    Violation::new(Check::LogoutTokenClaims)
        .expected("claims of the types that are specified")
        .received(what)
        .into()
}
