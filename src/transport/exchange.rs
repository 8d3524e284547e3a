//! What both adapters do with a request before it goes out and with a response that came back.

use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Version;
use http::header::CONTENT_LENGTH;
use http::header::TRANSFER_ENCODING;
use http::uri::Scheme;

use crate::endpoint::request::MutualTls;
use crate::transport::failure::Failure;

/// The request if the contract has a place for it, without its extensions: through them an HTTP
/// client takes settings that would go around the contract.
///
/// `certified`: whether there is a client certificate to show.
///
/// # Errors
/// [`Failure::InvalidRequest`].
pub(super) fn checked(
    request: Request<Vec<u8>>,
    certified: bool,
) -> Result<Request<Vec<u8>>, Failure> {
    let (mut parts, body) = request.into_parts();
    if parts.extensions.get::<MutualTls>().is_some() {
        if !certified {
            return Err(Failure::InvalidRequest(
                "a client certificate is to be shown, and the options hold none",
            ));
        }
        if parts.uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(Failure::InvalidRequest(
                "a client certificate is to be shown, and the scheme is not https",
            ));
        }
    }
    if !matches!(parts.uri.scheme_str(), Some("http" | "https")) {
        return Err(Failure::InvalidRequest("the scheme is not http or https"));
    }
    // RFC 9110, section 4.2.1: "A sender MUST NOT generate an http URI with an empty host".
    let Some(authority) = parts.uri.authority().filter(|it| !it.host().is_empty()) else {
        return Err(Failure::InvalidRequest("the target has no host"));
    };
    // RFC 9110, section 4.2.4: "A sender MUST NOT generate the userinfo subcomponent".
    if authority.as_str().contains('@') {
        return Err(Failure::InvalidRequest("the target carries credentials"));
    }
    if !body.is_empty() && !takes_body(&parts.method) {
        return Err(Failure::InvalidRequest("the method takes no body"));
    }
    if parts.headers.contains_key(CONTENT_LENGTH) || parts.headers.contains_key(TRANSFER_ENCODING) {
        return Err(Failure::InvalidRequest("the body's framing is given"));
    }
    parts.extensions.clear();
    parts.version = Version::HTTP_11;
    Ok(Request::from_parts(parts, body))
}

/// Whether a request by this method has a body, be it an empty one. RFC 9110, section 8.6: "A user
/// agent SHOULD send Content-Length [...] when the method defines a meaning for enclosed content".
pub(super) fn takes_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// The response as it is handed on: what the server said, nothing of the client's.
pub(super) fn answer(
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    response
}
