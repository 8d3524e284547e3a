//! The three places of an access token in a request (RFC 6750 §2, RFC 9449 §7.1): its header, and two
//! for servers that cannot be reached with it.

use http::HeaderValue;
use http::Method;
use http::Request;
use http::Uri;
use http::header;

use crate::base::bytes;
use crate::base::form::Form;
use crate::base::media_type;
use crate::base::percent;
use crate::base::secret::Secret;
use crate::domain::error::Misuse;
use crate::domain::token::TokenType;

/// Where the token goes. There is one place, so that it cannot go to two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Placement {
    /// The `Authorization` header (RFC 6750 §2.1).
    Header,
    /// The form in the body (§2.2).
    FormBody,
    /// The query (§2.3).
    Query,
}

impl Placement {
    /// Puts `access_token` into `request`.
    ///
    /// # Errors
    ///
    /// [`Misuse::AlreadyAuthorized`], [`Misuse::AccessTokenCharacters`], or [`Misuse::Parameter`] where
    /// the request has no such place.
    pub(crate) fn place(
        self,
        access_token: &Secret,
        token_type: TokenType,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Misuse> {
        if carries_token(request) {
            return Err(Misuse::AlreadyAuthorized);
        }
        match self {
            Self::Header => header(access_token, token_type, request),
            // RFC 9449 §7.1: it "is sent using the Authorization request header field".
            _ if token_type != TokenType::Bearer => Err(Misuse::Parameter {
                name: ACCESS_TOKEN,
                reason: "goes into the Authorization header where it is bound to a key",
            }),
            Self::FormBody => form_body(access_token, request),
            Self::Query => query(access_token, request),
        }
    }
}

/// The parameter's name in a body and in a query.
const ACCESS_TOKEN: &str = "access_token";

/// "Clients MUST NOT use more than one method to transmit the token in each request"
/// (RFC 6750 §2).
fn carries_token(request: &Request<Vec<u8>>) -> bool {
    let named = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        percent::decode_form(name).is_ok_and(|name| name == ACCESS_TOKEN)
    };
    let holds = |text: &str| text.split('&').any(named);
    request.headers().contains_key(header::AUTHORIZATION)
        || request.uri().query().is_some_and(holds)
        || (is_form(request) && std::str::from_utf8(request.body()).is_ok_and(holds))
}

fn is_form(request: &Request<Vec<u8>>) -> bool {
    media_type::of(request.headers())
        .is_some_and(|media_type| media_type.is("application", "x-www-form-urlencoded"))
}

fn header(
    access_token: &Secret,
    token_type: TokenType,
    request: &mut Request<Vec<u8>>,
) -> Result<(), Misuse> {
    let value = credentials(access_token, token_type)?;
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

/// "credentials = "Bearer" 1*SP b64token" (RFC 6750 §2.1), and `DPoP` in its place where the token is
/// bound to a key (RFC 9449 §7.1). Servers give tokens with other
/// printable characters too; a space or anything unprintable cannot be one.
pub(crate) fn credentials(
    access_token: &Secret,
    token_type: TokenType,
) -> Result<HeaderValue, Misuse> {
    let token = access_token.expose();
    if !bytes::all(token, |byte| byte.is_ascii_graphic()) {
        return Err(Misuse::AccessTokenCharacters);
    }
    let text = zeroize::Zeroizing::new(format!("{} {token}", token_type.as_str()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Misuse::AccessTokenCharacters)?;
    value.set_sensitive(true);
    Ok(value)
}

/// "The client MUST NOT use this method unless all of the following conditions are met"
/// (RFC 6750 §2.2): a form, of ASCII alone, in one part, and a method whose body has a meaning.
fn form_body(access_token: &Secret, request: &mut Request<Vec<u8>>) -> Result<(), Misuse> {
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if !has_body || !is_form(request) || !request.body().is_ascii() {
        return Err(Misuse::Parameter {
            name: ACCESS_TOKEN,
            reason: "goes into the body of a POST, PUT or PATCH request that is a form of ASCII text",
        });
    }
    let body = std::mem::take(request.body_mut());
    let mut form = Form::onto(String::from_utf8(body).unwrap_or_default());
    form.push(ACCESS_TOKEN, access_token.expose());
    *request.body_mut() = form.into_bytes();
    // One that was given counted the bytes before.
    request.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(())
}

/// "Clients using the URI Query Parameter Method SHOULD also send a Cache-Control header containing
/// the "no-store" option" (RFC 6750 §2.3).
fn query(access_token: &Secret, request: &mut Request<Vec<u8>>) -> Result<(), Misuse> {
    let mut address = request.uri().to_string();
    if request.uri().query().is_none() {
        address.push('?');
    }
    let mut form = Form::onto(address);
    form.push(ACCESS_TOKEN, access_token.expose());
    *request.uri_mut() = Uri::try_from(form.into_string()).map_err(|_| Misuse::Parameter {
        name: ACCESS_TOKEN,
        reason: "is too long for a query",
    })?;
    let no_store = HeaderValue::from_static("no-store");
    request
        .headers_mut()
        .append(header::CACHE_CONTROL, no_store);
    Ok(())
}
