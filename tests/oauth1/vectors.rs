//! Every row of `vectors/oauth1.json`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::Request;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::base_string::base_string;
use oauth_proto::oauth1::body_hash::BodyHash;
use oauth_proto::oauth1::header::Authorization;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::Signature;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use serde::Deserialize;
use url::form_urlencoded;

use crate::cast::NOW;
use crate::cast::made;
use crate::cast::stranger;
use crate::cast::token;
use crate::keys;
use crate::macs::Macs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    pub(crate) keys: BTreeMap<String, String>,
    percent_encoding: Vec<Encoding>,
    normalize_parameters: Vec<Normalization>,
    base_string_uri: Vec<BaseUri>,
    base_string_uri_errors: Vec<BaseUriError>,
    signature_from_base_string: Vec<SignatureRow>,
    requests: Vec<Signed>,
    client_outputs: Vec<Output>,
    authorization_header_parsing: Vec<Header>,
    departures_of_others: Vec<Departure>,
}

#[derive(Deserialize)]
struct Encoding {
    input: String,
    expected: String,
}

#[derive(Deserialize)]
struct Normalization {
    query_or_form: String,
    decoded: Vec<(String, String)>,
    expected: String,
}

#[derive(Deserialize)]
struct BaseUri {
    url: String,
    host_header: Option<String>,
    expected: String,
}

#[derive(Deserialize)]
struct BaseUriError {
    url: String,
}

#[derive(Deserialize)]
struct SignatureRow {
    signature_method: String,
    consumer_secret: Option<String>,
    token_secret: Option<String>,
    rsa_key: Option<String>,
    base_string: Option<String>,
    expected_signature: String,
}

#[derive(Deserialize)]
struct Signed {
    id: String,
    method: String,
    url: String,
    content_type: Option<String>,
    body: Option<String>,
    oauth_params: Vec<(String, String)>,
    realm: Option<String>,
    consumer_secret: Option<String>,
    token_secret: Option<String>,
    collected_params: Vec<(String, String)>,
    expected_base_string: Option<String>,
    expected_signature: Option<String>,
    expected_oauth_signature_header_value: Option<String>,
}

#[derive(Deserialize)]
struct Output {
    id: String,
    method: String,
    url: String,
    content_type: Option<String>,
    body: Option<String>,
    client: BTreeMap<String, String>,
    rsa_key: Option<String>,
    expected_base_string: Option<String>,
    expected_signature: String,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    url: String,
    authorization: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    header: String,
    expected_sorted_raw_pairs: Option<Vec<(String, String)>>,
}

#[derive(Deserialize)]
struct Departure {
    id: String,
    method: String,
    url: String,
    headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
    client: BTreeMap<String, String>,
    expected_base_string: String,
    expected_signature: String,
}

pub(crate) fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/oauth1.json")).unwrap()
}

fn request(
    method: &str,
    url: &str,
    content_type: Option<&str>,
    body: Option<&str>,
) -> Request<Vec<u8>> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request
        .body(body.unwrap_or_default().as_bytes().to_vec())
        .unwrap()
}

fn plain(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (&**name, &**value))
}

fn decoded(pairs: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(pairs.as_bytes()).into_owned();
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs
}

#[test]
fn percent_encoding() {
    let get = Request::get("http://h/").body(Vec::new()).unwrap();
    for row in vectors().percent_encoding {
        let base = base_string(&get, [("a", &*row.input)]).unwrap();
        let twice = row.expected.replace('%', "%25");
        assert_eq!(*base, format!("GET&http%3A%2F%2Fh%2F&a%3D{twice}"));
    }
}

#[test]
fn normalized_parameters() {
    for row in vectors().normalize_parameters {
        let expected = row.expected.replace('%', "%25");
        let expected = expected.replace('=', "%3D").replace('&', "%26");
        let expected = format!("POST&http%3A%2F%2Fh%2F&{expected}");
        let form = Some("application/x-www-form-urlencoded");
        let in_body = request("POST", "http://h/", form, Some(&row.query_or_form));
        assert_eq!(*base_string(&in_body, []).unwrap(), expected);
        let in_query = format!("http://h/?{}", row.query_or_form);
        let in_query = request("POST", &in_query, None, None);
        assert_eq!(*base_string(&in_query, []).unwrap(), expected);
        let beside = request("POST", "http://h/", None, None);
        assert_eq!(
            *base_string(&beside, plain(&row.decoded)).unwrap(),
            expected
        );
    }
}

#[test]
fn base_string_uris() {
    for row in vectors().base_string_uri {
        // The one row with a space is no `http::Uri`.
        let Ok(uri) = row.url.parse::<http::Uri>() else {
            assert!(row.url.contains(' '));
            continue;
        };
        let mut get = Request::get(uri).body(Vec::new()).unwrap();
        if let Some(host) = &row.host_header {
            get.headers_mut().insert("host", host.parse().unwrap());
        }
        let base = base_string(&get, []).unwrap();
        let expected: String = form_urlencoded::byte_serialize(row.expected.as_bytes()).collect();
        let expected = expected.replace('*', "%2A").replace("%7E", "~");
        let middle = base.split('&').nth(1).unwrap();
        assert_eq!(middle, expected, "{}", row.url);
    }
    for row in vectors().base_string_uri_errors {
        let Ok(uri) = row.url.parse::<http::Uri>() else {
            continue;
        };
        let get = Request::get(uri).body(Vec::new()).unwrap();
        assert!(base_string(&get, []).is_err(), "{}", row.url);
    }
}

#[test]
fn signatures_of_base_strings() {
    for row in vectors().signature_from_base_string {
        let secret = row.consumer_secret.as_deref().unwrap_or_default();
        let method = method(&row.signature_method, secret);
        let base = row.base_string.as_deref().unwrap_or_default();
        let token_secret = row.token_secret.as_deref().unwrap_or_default();
        let made = match method.sign(&Macs::default(), base, token_secret).unwrap() {
            Signature::Ready(signature) => signature.expose().to_owned(),
            Signature::Remote(input) => {
                let key = keys::key(&vectors().keys[&row.rsa_key.unwrap()]);
                STANDARD.encode(keys::sign(&key, &input))
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(made, row.expected_signature, "{}", row.signature_method);
    }
}

fn method(name: &str, secret: &str) -> SignatureMethod {
    match name {
        "HMAC-SHA1" => SignatureMethod::hmac_sha1(secret),
        "HMAC-SHA256" => SignatureMethod::hmac_sha256(secret),
        "HMAC-SHA512" => SignatureMethod::hmac_sha512(secret),
        "RSA-SHA1" => SignatureMethod::rsa_sha1(RsaKey::remote("key")),
        "RSA-SHA256" => SignatureMethod::rsa_sha256(RsaKey::remote("key")),
        "RSA-SHA512" => SignatureMethod::rsa_sha512(RsaKey::remote("key")),
        "PLAINTEXT" => SignatureMethod::plaintext(secret),
        other => panic!("{other}"),
    }
}

/// Every parameter of every request, in every place, is that of the base string; and where a secret is
/// published, so is the signature.
#[test]
fn requests() {
    for row in vectors().requests {
        let content_type = row.content_type.as_deref();
        let sent = request(&row.method, &row.url, content_type, row.body.as_deref());
        let base = base_string(&sent, plain(&row.oauth_params)).unwrap();
        if let Some(expected) = &row.expected_base_string {
            assert_eq!(*base, *expected, "{}", row.id);
        }
        assert_eq!(normalized(&row.collected_params), parameters_of(&base));
        let (Some(expected), Some(secret)) = (&row.expected_signature, &row.consumer_secret) else {
            continue;
        };
        let name = value(&row.oauth_params, "oauth_signature_method").unwrap();
        let method = method(name, secret);
        let key = value(&row.oauth_params, "oauth_consumer_key").unwrap();
        let mut client = stranger(key, method.clone());
        if value(&row.oauth_params, "oauth_version").is_none() {
            client = client.without_version();
        }
        let mut signed = SignedRequest::new(&client, sent).danger_over_http();
        let token_secret = row.token_secret.as_deref().unwrap_or_default();
        if let Some(own) = value(&row.oauth_params, "oauth_token") {
            signed = signed.token(&token(key, own, token_secret)).unwrap();
        }
        if let Some(realm) = row.realm {
            signed = signed.realm(realm).unwrap();
        }
        for (name, value) in plain(&row.oauth_params) {
            if ["oauth_callback", "oauth_verifier"].contains(&name) {
                signed = signed.parameter(name.to_owned(), value).unwrap();
            }
        }
        if value(&row.oauth_params, "oauth_body_hash").is_some() {
            signed = signed.body_hash(BodyHash::OfMethod);
        }
        let timestamp = value(&row.oauth_params, "oauth_timestamp").unwrap();
        let nonce = value(&row.oauth_params, "oauth_nonce").unwrap();
        let signed = signed.danger_nonce(nonce, timestamp.parse().unwrap());
        let request = made(signed.request(NOW).unwrap());
        let received = ReceivedRequest::parse(&request).unwrap();
        assert_eq!(
            received.parameter("oauth_signature"),
            Some(&**expected),
            "{}",
            row.id
        );
        received
            .verify(&Macs::default(), &method, token_secret)
            .unwrap();
        if let Some(escaped) = row.expected_oauth_signature_header_value {
            let header = request.headers()["authorization"].to_str().unwrap();
            assert!(header.ends_with(&format!("oauth_signature=\"{escaped}\"")));
        }
    }
}

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    plain(pairs).find_map(|(own, value)| (own == name).then_some(value))
}

/// The parameters of a base string, as a set.
fn parameters_of(base: &str) -> Vec<(String, String)> {
    let once = form_urlencoded::parse(base.rsplit('&').next().unwrap().as_bytes());
    let once: Vec<_> = once.into_owned().collect();
    decoded(&once[0].0)
}

fn normalized(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pairs = pairs.to_vec();
    pairs.sort();
    pairs
}

/// Signs as the row's client does; gives what is sent.
fn signed_by(
    client_of_row: &BTreeMap<String, String>,
    sent: Request<Vec<u8>>,
    signs_body: bool,
    key: Option<&str>,
) -> Option<Request<Vec<u8>>> {
    let has = |name: &str| client_of_row.get(name).map(String::as_str);
    let consumer_key = has("client_key").unwrap();
    let secret = has("client_secret").unwrap_or_default();
    let method = method(has("signature_method").unwrap_or("HMAC-SHA1"), secret);
    let mut signed = SignedRequest::new(&stranger(consumer_key, method), sent).danger_over_http();
    if let Some(own) = has("resource_owner_key") {
        let secret = has("resource_owner_secret").unwrap_or_default();
        signed = signed.token(&token(consumer_key, own, secret)).unwrap();
    }
    if let Some(realm) = has("realm") {
        signed = signed.realm(realm).unwrap();
    }
    if let Some(callback) = has("callback_uri") {
        signed = signed.parameter("oauth_callback", callback).unwrap();
    }
    if signs_body {
        signed = signed.body_hash(BodyHash::Of(Hash::Sha1));
    }
    signed = signed.placement(match has("signature_type") {
        None => Placement::Header,
        Some("QUERY") => Placement::Query,
        Some("BODY") => Placement::Body,
        Some(other) => panic!("{other}"),
    });
    // A timestamp that is no number is one that this crate does not write.
    let timestamp = has("timestamp").unwrap().parse().ok()?;
    let mut draft = signed
        .danger_nonce(has("nonce").unwrap(), timestamp)
        .request(NOW)
        .unwrap();
    if let Some(input) = draft.signing_input().cloned() {
        let key = keys::key(&vectors().keys[key.unwrap()]);
        draft = draft.signed(&keys::sign(&key, &input)).unwrap();
    }
    Some(made(draft))
}

#[test]
fn outputs() {
    let mut skipped = 0;
    for row in vectors().client_outputs {
        let content_type = row.content_type.as_deref();
        let mut sent = request(&row.method, &row.url, content_type, row.body.as_deref());
        let signs_body = row.expected_base_string.as_deref();
        let signs_body = signs_body.is_some_and(|base| base.contains("oauth_body_hash"));
        if row.id == "custom-method" {
            *sent.method_mut() = "M-SEARCH".parse().unwrap();
        }
        let Some(made) = signed_by(&row.client, sent, signs_body, row.rsa_key.as_deref()) else {
            skipped += 1;
            continue;
        };
        let received = ReceivedRequest::parse(&made).unwrap();
        if let Some(expected) = row.expected_base_string {
            assert_eq!(*received.base_string().unwrap(), expected, "{}", row.id);
        }
        let signature = received.parameter("oauth_signature");
        assert_eq!(signature, Some(&*row.expected_signature), "{}", row.id);

        let ours = |name: &str| {
            let value = made.headers().get(name)?;
            value.to_str().ok()
        };
        match (row.expected.authorization, ours("authorization")) {
            (None, None) => {}
            (Some(expected), Some(ours)) => {
                assert_eq!(pairs_of(ours), pairs_of(&expected), "{}", row.id);
            }
            other => panic!("{}: {other:?}", row.id),
        }
        let expected: http::Uri = row.expected.url.parse().unwrap();
        assert_eq!(made.uri().path(), expected.path());
        let query = |uri: &http::Uri| decoded(uri.query().unwrap_or_default());
        assert_eq!(query(made.uri()), query(&expected), "{}", row.id);
        let body = std::str::from_utf8(made.body()).unwrap();
        assert_eq!(
            decoded(body),
            decoded(&row.expected.body.unwrap_or_default())
        );
        assert_eq!(
            ours("content-type"),
            row.expected.content_type.as_deref(),
            "{}",
            row.id
        );
    }
    assert_eq!(skipped, 2, "those whose timestamp is no number");
}

/// A header as its realm and its parameters in no order.
fn pairs_of(line: &str) -> Vec<(String, String)> {
    let header = Authorization::parse(&HeaderValue::from_str(line).unwrap()).unwrap();
    let realm = header.realm().map(|realm| ("realm".into(), realm.into()));
    let own = header.parameters();
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut pairs: Vec<_> = own.chain(realm).collect();
    pairs.sort();
    pairs
}

#[test]
fn headers() {
    for row in vectors().authorization_header_parsing {
        // A line that is folded is one line by the time that it is a header.
        let line = row
            .header
            .split_ascii_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let read = Authorization::parse(&HeaderValue::from_str(&line).unwrap());
        let Some(expected) = row.expected_sorted_raw_pairs else {
            assert!(read.is_none(), "{line}");
            continue;
        };
        let raw = |value: &str| value.replace("%2F", "/").replace("%3D", "=");
        let expected = expected
            .iter()
            .map(|(name, value)| (name.clone(), raw(value)));
        assert_eq!(pairs_of(&line), expected.collect::<Vec<_>>());
    }
}

/// Where other libraries leave RFC 5849, this one does not.
#[test]
fn departures_of_others() {
    for row in vectors().departures_of_others {
        let headers = row.headers.unwrap_or_default();
        let content_type = headers.get("Content-Type").map(String::as_str);
        let sent = request(&row.method, &row.url, content_type, row.body.as_deref());
        let made = signed_by(&row.client, sent, false, None).unwrap();
        let received = ReceivedRequest::parse(&made).unwrap();
        assert_eq!(
            *received.base_string().unwrap(),
            row.expected_base_string,
            "{}",
            row.id
        );
        let signature = received.parameter("oauth_signature");
        assert_eq!(signature, Some(&*row.expected_signature), "{}", row.id);
        assert_eq!(
            made.headers()
                .get("content-type")
                .map(|own| own.to_str().unwrap()),
            content_type
        );
    }
}
