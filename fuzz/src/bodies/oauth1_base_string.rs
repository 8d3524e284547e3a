//! Invariant: whatever a request is, nothing panics, and the time is near-linear in its length. Where it
//! has a signature base string, that is the one of a second implementation, which shares nothing with the
//! first: the world's. It is of unreserved characters, `%` and two `&`, and it does not change when the
//! host is written in another case.
//!
//! Input: a digit for the media type of the body, then lines for the method, the address, the `Host`
//! header (empty: none) and the protocol parameters as a form, then the body.

use http::HeaderValue;
use http::Method;
use http::Request;
use http::Uri;
use oauth_proto::oauth1::base_string::base_string;
use url::form_urlencoded;

use crate::bodies::bytes::Bytes;

const LIMIT: usize = 200_000;

const TYPES: [&str; 4] = [
    "application/x-www-form-urlencoded",
    "APPLICATION/x-www-form-urlencoded;charset=utf-8",
    "application/json",
    "multipart/form-data; boundary=x",
];

/// Whether the request has a base string.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let content_type = input.choice(TYPES);
    let method = input.line().unwrap_or_default();
    let address = input.line().unwrap_or_default();
    let host = input.line().unwrap_or_default();
    let protocol = input.line().unwrap_or_default();
    let body = input.text(LIMIT);
    let (Ok(method), Ok(uri)) = (Method::from_bytes(method), Uri::try_from(address)) else {
        return false;
    };
    let mut request = Request::new(body.into_owned());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    if !host.is_empty() {
        let Ok(host) = HeaderValue::from_bytes(host) else {
            return false;
        };
        headers.insert("host", host);
    }
    let protocol: Vec<(String, String)> = form_urlencoded::parse(protocol).into_owned().collect();
    let pairs = || protocol.iter().map(|(name, value)| (&**name, &**value));
    let Ok(ours) = base_string(&request, pairs()) else {
        return false;
    };
    assert_eq!(*ours, oauth_proto_world::base_string(&request, &protocol));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&".contains(&byte);
    assert!(ours.bytes().all(is_plain), "{}", *ours);
    assert_eq!(ours.bytes().filter(|byte| *byte == b'&').count(), 2);

    if let Some(host) = request.headers().get("host") {
        let upper = HeaderValue::from_bytes(&host.as_bytes().to_ascii_uppercase());
        request
            .headers_mut()
            .insert("host", upper.expect("a header"));
        let again = base_string(&request, pairs());
        assert_eq!(again.as_deref(), Ok(&*ours));
    }
    true
}
