//! A second implementation of the signature base string, written from RFC 5849 §3.4.1 by other means: whole
//! decoded lists, `url` for the forms, nothing of the crate under test.

use http::Request;
use url::form_urlencoded;

/// The base string of `request` whose protocol parameters are `protocol`, decoded.
pub(crate) fn base_string(request: &Request<Vec<u8>>, protocol: &[(String, String)]) -> String {
    let uri = request.uri();
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut read = |text: &[u8]| {
        let decoded = form_urlencoded::parse(text).into_owned();
        pairs.extend(decoded.map(|(name, value)| (name.into_bytes(), value.into_bytes())));
    };
    read(uri.query().unwrap_or_default().as_bytes());
    let content_type = request.headers().get("content-type");
    let content_type = content_type.map_or("", |own| own.to_str().unwrap());
    let essence = content_type.split(';').next().unwrap().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        read(request.body());
    }
    let own = protocol.iter();
    pairs.extend(own.map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes())));
    pairs.retain(|(name, _)| name != b"oauth_signature");
    let mut encoded: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    encoded.sort();
    let parameters: Vec<String> = encoded
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let host = request
        .headers()
        .get("host")
        .map(|host| host.to_str().unwrap());
    let host = host.unwrap_or_else(|| uri.authority().unwrap().as_str());
    let host = host.split('@').next_back().unwrap().to_lowercase();
    let scheme = uri.scheme_str().unwrap();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).unwrap_or(&host);
    let host = host.strip_suffix(':').unwrap_or(host);
    let base = format!("{scheme}://{host}{}", uri.path());
    [
        encode(request.method().as_str().to_uppercase().as_bytes()),
        encode(base.as_bytes()),
        encode(parameters.join("&").as_bytes()),
    ]
    .join("&")
}

fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(*byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
