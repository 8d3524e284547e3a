//! Invariant: whatever comes to the back-channel logout endpoint, nothing panics, and the time is linear in
//! its length. A logout comes out only of a token that the server signed, typed as one or not at all,
//! with the right issuer and audience, made by now and not over, with an event, a name of its own and a
//! user or a session, and without a nonce; it is what the claims say to another reader, and it comes
//! out once. The answer is 200 or 400, and is not to be cached.
//!
//! Input: a digit for the type, one for the signature, then the claims.

use http::Request;
use http::StatusCode;
use oauth_proto::endpoint::logout_token;
use oauth_proto::endpoint::logout_token::LogoutToken;
use oauth_proto::endpoint::replay_window::ReplayWindow;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture::ISSUER;
use crate::bodies::fixture::NOW;
use crate::bodies::secret_signed;
use crate::bodies::secret_signed::Token;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whether the token was taken.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let token = Token::read(Bytes::new(data));
    let body = format!("logout_token={}", token.text).into_bytes();
    let mut request = Request::new(body);
    *request.method_mut() = http::Method::POST;
    let outcome = LogoutToken::read(secret_signed::client(), NOW, &request);
    let answer = logout_token::answer(&outcome);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let status = if outcome.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    assert_eq!(answer.status(), status);
    let Ok(logout) = outcome else {
        return false;
    };
    assert!(token.is_signed && token.typ != Some("at+jwt"));
    let said = token.claims();
    assert_eq!(said["iss"], ISSUER);
    assert!(secret_signed::is_for_client(&said["aud"]));
    assert_eq!(said["jti"], logout.jti());
    let named = |name: &str| said[name].as_str().filter(|text| !text.is_empty());
    assert_eq!(named("sub"), logout.sub());
    assert_eq!(named("sid"), logout.sid());
    assert!(named("jti").is_some() && (named("sub").is_some() || named("sid").is_some()));
    assert!(said["events"][EVENT].is_object());
    assert!(said.get("nonce").is_none());
    let date = |name: &str| said[name].as_f64().expect("a number");
    assert!(date("iat") < 1_800_000_031.0 && date("exp") > 1_799_999_970.0);
    let mut window = ReplayWindow::new();
    assert!(window.take(NOW, &logout).is_ok());
    assert!(window.take(NOW, &logout).is_err());
    true
}
