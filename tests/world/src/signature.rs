//! Signatures of OAuth 1.0a (RFC 5849 §3): a signed request read, and verified by its shared secrets. An
//! independent reading: whole decoded lists, and nothing of the client under test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use http::Request;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_decode;
use percent_encoding::percent_decode_str;
use percent_encoding::percent_encode;
use sha1::Digest as _;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha512;

/// Names and values, decoded: bytes, for a form may mean anything.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// What a signed request says.
pub(crate) struct Signed {
    /// The protocol parameters, wherever they stood.
    pub(crate) protocol: Vec<(String, String)>,
    /// Every parameter but the signature.
    all: Pairs,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Signed {
    /// Reads a request, strictly.
    pub(crate) fn read(request: &Request<Vec<u8>>) -> Result<Self, String> {
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let body = if is_form(request) {
            pairs(request.body())
        } else {
            Vec::new()
        };
        let header = match request.headers().get("authorization") {
            Some(header) => authorization(header.as_bytes())?,
            None => Vec::new(),
        };
        let is_own = |(name, _): &&(Vec<u8>, Vec<u8>)| name.starts_with(b"oauth_");
        let places = [&header, &query, &body].map(|place| place.iter().filter(is_own).count());
        if places.into_iter().filter(|count| *count > 0).count() != 1 {
            return Err("protocol parameters in none or in several places".into());
        }
        let all: Vec<_> = [header, query, body].concat();
        let mut protocol = Vec::new();
        for (name, value) in all.iter().filter(is_own) {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string());
            protocol.push((text(name)?, text(value)?));
        }
        let names: std::collections::BTreeSet<_> = protocol.iter().map(|(name, _)| name).collect();
        if names.len() != protocol.len() {
            return Err("a protocol parameter comes twice".into());
        }
        Ok(Self { protocol, all })
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut own = self.protocol.iter();
        own.find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }

    /// What `oauth_signature` has to be.
    pub(crate) fn expected(
        &self,
        request: &Request<Vec<u8>>,
        origin: &str,
        secrets: (&str, &str),
    ) -> Result<String, String> {
        let method = self.value("oauth_signature_method").unwrap_or_default();
        let key = format!(
            "{}&{}",
            encode(secrets.0.as_bytes()),
            encode(secrets.1.as_bytes())
        );
        let base = compose(request, origin, &self.all);
        match method {
            "PLAINTEXT" => Ok(key),
            "HMAC-SHA1" => Ok(mac::<Hmac<Sha1>>(&key, &base)),
            "HMAC-SHA256" => Ok(mac::<Hmac<Sha256>>(&key, &base)),
            "HMAC-SHA512" => Ok(mac::<Hmac<Sha512>>(&key, &base)),
            other => Err(format!("no {other} here")),
        }
    }
}

/// The signature base string of a request to an absolute URL, whose protocol parameters are `protocol`.
#[must_use]
pub fn base_string(request: &Request<Vec<u8>>, protocol: &[(String, String)]) -> String {
    let mut all = pairs(request.uri().query().unwrap_or_default().as_bytes());
    if is_form(request) {
        all.extend(pairs(request.body()));
    }
    let own = protocol.iter();
    all.extend(own.map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes())));
    compose(request, "", &all)
}

/// SHA-1 of a body, as `oauth_body_hash` has it.
pub(crate) fn body_hash(body: &[u8]) -> String {
    STANDARD.encode(Sha1::digest(body))
}

pub(crate) fn is_form(request: &Request<Vec<u8>>) -> bool {
    let content_type = request.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next();
    essence
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(FORM)
}

/// RFC 5849 §3.4.1.1. `origin` is where the server knows to be, for a target that is a path.
fn compose(request: &Request<Vec<u8>>, origin: &str, all: &[(Vec<u8>, Vec<u8>)]) -> String {
    let uri = request.uri();
    let (scheme, own) = origin.split_once("://").unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or(scheme);
    let host = request
        .headers()
        .get("host")
        .and_then(|host| host.to_str().ok());
    let host = host
        .or_else(|| Some(uri.authority()?.as_str()))
        .unwrap_or(own);
    let host = host.rsplit('@').next().unwrap_or_default().to_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).unwrap_or(&host);
    let host = host.strip_suffix(':').unwrap_or(host);
    let mut encoded: Vec<(String, String)> = all
        .iter()
        .filter(|(name, _)| name != b"oauth_signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    encoded.sort();
    let parameters: Vec<_> = encoded
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    [
        encode(request.method().as_str().to_uppercase().as_bytes()),
        encode(format!("{scheme}://{host}{}", uri.path()).as_bytes()),
        encode(parameters.join("&").as_bytes()),
    ]
    .join("&")
}

/// The pairs of a form, as bytes.
fn pairs(text: &[u8]) -> Pairs {
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect();
        percent_decode(&spaced).collect()
    };
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || decode(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

/// The parameters of an `Authorization` header (RFC 5849 §3.5.1), the realm left out.
fn authorization(line: &[u8]) -> Result<Pairs, String> {
    let line = std::str::from_utf8(line).map_err(|_| "the header is not UTF-8")?;
    let rest = line
        .strip_prefix("OAuth ")
        .ok_or("the scheme is not OAuth")?;
    let mut rest = match rest.strip_prefix("realm=\"") {
        Some(realm) => after_quote(realm).ok_or("the realm has no end")?,
        None => rest,
    };
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").ok_or("a parameter without quotes")?;
        let (value, after) = value.split_once('"').ok_or("a parameter without an end")?;
        let name = name.trim_start_matches([',', ' ']);
        pairs.push((decoded(name), decoded(value)));
        rest = after;
    }
    Ok(pairs)
}

/// What follows the quote that ends a quoted string.
fn after_quote(text: &str) -> Option<&str> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()?),
            '"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// RFC 5849 §3.6.
fn encode(bytes: &[u8]) -> String {
    const SET: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encode(bytes, SET).to_string()
}

fn mac<M: Mac + KeyInit>(key: &str, base: &str) -> String {
    // HMAC takes a key of any length.
    <M as KeyInit>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(base.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5849 §3.4.1.1, with the secrets and the signature of erratum 2550.
    #[test]
    fn the_example_of_rfc_5849() {
        let url = "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b";
        let header = "OAuth realm=\"Example\", oauth_consumer_key=\"9djdj82h48djs9d2\", \
                      oauth_token=\"kkk9d7dh3k39sjv7\", oauth_signature_method=\"HMAC-SHA1\", \
                      oauth_timestamp=\"137131201\", oauth_nonce=\"7d8f3e4a\", \
                      oauth_signature=\"bYT5CMsGcbgUdFHObYMEfcx6bsw%3D\"";
        let request = Request::post(url)
            .header("content-type", FORM)
            .header("authorization", header)
            .body(b"c2&a3=2+q".to_vec())
            .unwrap();
        let signed = Signed::read(&request).unwrap();
        let secrets = ("j49sk3j29djd", "dh893hdasih9");
        let expected = signed.expected(&request, "", secrets).unwrap();
        assert_eq!(expected, "r6/TJjbCOr97/+UU0NsvSne7s5g=");
    }
}
