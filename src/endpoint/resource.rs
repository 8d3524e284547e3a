//! A protected resource, called with a bearer token (RFC 6750 §2.1 and §3).

use std::fmt;

use http::HeaderValue;
use http::Response;
use http::header;

use crate::base::challenge;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;

/// One request to a protected resource, with the access token in its `Authorization` header.
///
/// The answer is handed back whatever its status, unless the resource refuses the *token*: a Bearer
/// challenge with an `error` is [`Error::Refused`] (RFC 6750 §3).
pub struct ResourceRequest {
    request: http::Request<Vec<u8>>,
    access_token: Secret,
    expires_at: Option<UnixTime>,
    policy: UriPolicy,
}

impl ResourceRequest {
    /// Calls a resource with the access token of `tokens`.
    #[must_use]
    pub fn new(client: &Client, tokens: &Tokens, request: http::Request<Vec<u8>>) -> Self {
        Self {
            request,
            access_token: tokens.access_token().clone(),
            expires_at: tokens.expires_at(),
            policy: client.metadata().uri_policy(),
        }
    }
}

impl Operation for ResourceRequest {
    type Output = Response<Vec<u8>>;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        if let Some(expired_at) = self.expires_at.filter(|end| now.has_reached(*end)) {
            return Err(Expired::AccessToken { expired_at, now }.into());
        }
        if self.request.headers().contains_key(header::AUTHORIZATION) {
            return Err(Misuse::AlreadyAuthorized.into());
        }
        self.check_address()?;
        let mut request = self.request.clone();
        let value = bearer(&self.access_token)?;
        request.headers_mut().insert(header::AUTHORIZATION, value);
        Ok(Draft::new(request))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        match refusal(response) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(response.clone()),
        }
    }
}

impl ResourceRequest {
    /// "Clients MUST always use TLS (https) or equivalent transport security when making requests
    /// with bearer tokens" (RFC 6750 §5.3).
    fn check_address(&self) -> Result<(), Misuse> {
        let address = self.request.uri().to_string();
        match WebUri::parse(&address, self.policy) {
            Ok(_) => Ok(()),
            Err(faults) => Err(Misuse::address(&address, faults)),
        }
    }
}

/// "credentials = "Bearer" 1*SP b64token" (RFC 6750 §2.1). Servers give tokens with other
/// printable characters too; a space or anything unprintable cannot be one.
pub(crate) fn bearer(access_token: &Secret) -> Result<HeaderValue, Misuse> {
    let token = access_token.expose();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Misuse::AccessTokenCharacters);
    }
    let text = zeroize::Zeroizing::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Misuse::AccessTokenCharacters)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The refusal of the token in a Bearer challenge, where there is one.
fn refusal(response: &Response<Vec<u8>>) -> Option<Refusal> {
    let challenges = challenge::challenges(response.headers());
    let bearer = challenges.iter().find(|challenge| {
        challenge.scheme() == "bearer" && challenge.parameter("error").is_some()
    })?;
    let owned = |name| bearer.parameter(name).map(str::to_owned);
    Some(
        Refusal::new(Endpoint::Resource)
            .with_answer(response)
            .with_code(bearer.parameter("error"))
            .with_description(owned("error_description"))
            .with_uri(owned("error_uri")),
    )
}

impl fmt::Debug for ResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRequest")
            .field("method", self.request.method())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
