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
use crate::base::secret;
use crate::base::secret::Secret;
use crate::domain::error::Misuse;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;
use crate::domain::token::TokenType;

/// Where the token goes. There is one place, so that it cannot go to two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The `Authorization` header (RFC 6750 §2.1).
    Header,
    /// The form in the body (§2.2).
    FormBody,
    /// The query (§2.3).
    Query,
}

/// A place for one token in one request, and the names that the server has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    placement: Placement,
    /// The parameter's name in a body and in a query.
    parameter: &'static str,
    scheme: &'static str,
}

impl Place {
    /// The place that is asked for, or else the one that the quirks name. They are of bearer tokens alone.
    pub(crate) fn of(
        asked: Option<Placement>,
        token_type: TokenType,
        quirks: Quirks,
        request: &Request<Vec<u8>>,
    ) -> Self {
        let standard = Self {
            placement: asked.unwrap_or(Placement::Header),
            parameter: ACCESS_TOKEN,
            scheme: token_type.as_str(),
        };
        if quirks.is_empty() || token_type != TokenType::Bearer {
            return standard;
        }
        let named = if quirks.has(Quirk::TokenInForm) && has_form(request) {
            Placement::FormBody
        } else if quirks.has(Quirk::TokenInQuery) {
            Placement::Query
        } else {
            Placement::Header
        };
        let parameter = if quirks.has(Quirk::OauthTokenParameter) {
            "oauth_token"
        } else if quirks.has(Quirk::TokenParameter) {
            "token"
        } else {
            ACCESS_TOKEN
        };
        let is_oauth = quirks.has(Quirk::OauthScheme);
        Self {
            placement: asked.unwrap_or(named),
            parameter,
            scheme: if is_oauth { "OAuth" } else { standard.scheme },
        }
    }

    /// The quirks without which it were another place.
    pub(crate) fn quirks(self, asked: Option<Placement>) -> impl Iterator<Item = Quirk> {
        let place = match self.placement {
            Placement::Header => (self.scheme == "OAuth").then_some(Quirk::OauthScheme),
            Placement::FormBody => asked.is_none().then_some(Quirk::TokenInForm),
            Placement::Query => asked.is_none().then_some(Quirk::TokenInQuery),
        };
        let parameter = match self.parameter {
            _ if self.placement == Placement::Header => None,
            "oauth_token" => Some(Quirk::OauthTokenParameter),
            "token" => Some(Quirk::TokenParameter),
            _ => None,
        };
        place.into_iter().chain(parameter)
    }

    /// Puts `access_token` into `request`.
    ///
    /// # Errors
    ///
    /// [`Misuse::AlreadyAuthorized`], [`Misuse::AccessTokenCharacters`], or [`Misuse::Parameter`] where
    /// the request has no such place.
    pub(crate) fn put(
        self,
        access_token: &Secret,
        token_type: TokenType,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Misuse> {
        if carries_token(request, self.parameter) {
            return Err(Misuse::AlreadyAuthorized);
        }
        match self.placement {
            Placement::Header => {
                let value = value(self.scheme, access_token)?;
                request.headers_mut().insert(header::AUTHORIZATION, value);
                Ok(())
            }
            // RFC 9449 §7.1: it "is sent using the Authorization request header field".
            _ if token_type != TokenType::Bearer => Err(Misuse::Parameter {
                name: ACCESS_TOKEN,
                reason: "goes into the Authorization header where it is bound to a key",
            }),
            Placement::FormBody => form_body(access_token, self.parameter, request),
            Placement::Query => query(access_token, self.parameter, request),
        }
    }
}

const ACCESS_TOKEN: &str = "access_token";

/// "Clients MUST NOT use more than one method to transmit the token in each request"
/// (RFC 6750 §2).
fn carries_token(request: &Request<Vec<u8>>, parameter: &str) -> bool {
    let named = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        percent::decode_form(name).is_ok_and(|name| name == ACCESS_TOKEN || name == parameter)
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

/// Whether the request has a form in a body that has a meaning.
fn has_form(request: &Request<Vec<u8>>) -> bool {
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    has_body && is_form(request) && request.body().is_ascii()
}

/// "credentials = "Bearer" 1*SP b64token" (RFC 6750 §2.1), and `DPoP` in its place where the token is
/// bound to a key (RFC 9449 §7.1). Servers give tokens with other
/// printable characters too; a space or anything unprintable cannot be one.
pub(crate) fn credentials(
    access_token: &Secret,
    token_type: TokenType,
) -> Result<HeaderValue, Misuse> {
    value(token_type.as_str(), access_token)
}

fn value(scheme: &str, access_token: &Secret) -> Result<HeaderValue, Misuse> {
    let token = access_token.expose();
    if !bytes::all(token, |byte| byte.is_ascii_graphic()) {
        return Err(Misuse::AccessTokenCharacters);
    }
    let text = zeroize::Zeroizing::new(format!("{scheme} {token}"));
    secret::header_value(&text).map_err(|_| Misuse::AccessTokenCharacters)
}

/// "The client MUST NOT use this method unless all of the following conditions are met"
/// (RFC 6750 §2.2): a form, of ASCII alone, in one part, and a method whose body has a meaning.
fn form_body(
    access_token: &Secret,
    parameter: &'static str,
    request: &mut Request<Vec<u8>>,
) -> Result<(), Misuse> {
    if !has_form(request) {
        return Err(Misuse::Parameter {
            name: ACCESS_TOKEN,
            reason: "goes into the body of a POST, PUT or PATCH request that is a form of ASCII text",
        });
    }
    let body = std::mem::take(request.body_mut());
    let mut form = Form::onto(String::from_utf8(body).unwrap_or_default());
    form.push(parameter, access_token.expose());
    *request.body_mut() = form.into_bytes();
    // One that was given counted the bytes before.
    request.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(())
}

/// "Clients using the URI Query Parameter Method SHOULD also send a Cache-Control header containing
/// the "no-store" option" (RFC 6750 §2.3).
fn query(
    access_token: &Secret,
    parameter: &'static str,
    request: &mut Request<Vec<u8>>,
) -> Result<(), Misuse> {
    let room = 32 + access_token.len();
    let mut form = Form::onto_address(&request.uri().to_string(), room);
    form.push(parameter, access_token.expose());
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
