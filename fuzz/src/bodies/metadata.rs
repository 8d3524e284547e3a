//! Invariant: whatever a metadata document holds, reading it does not panic and takes time linear in
//! its length. What comes out has an issuer without query, and every address in it is https (http too
//! on loopback, where the policy says so), without credentials and without a fragment, and the
//! readers of URIs agree on its host. Written and read again, it is the same; nothing that the
//! document says is lost.
//!
//! Input: a digit for the policy, then the document.

use std::net::Ipv4Addr;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::bodies::bytes::Bytes;

const LIMIT: usize = 100_000;

/// Members that are read into a form of their own.
const FLAG: &str = "authorization_response_iss_parameter_supported";
const ALIASES: &str = "mtls_endpoint_aliases";

const ENDPOINTS: [Endpoint; 11] = [
    Endpoint::Authorization,
    Endpoint::BackchannelAuthentication,
    Endpoint::DeviceAuthorization,
    Endpoint::EndSession,
    Endpoint::Introspection,
    Endpoint::Jwks,
    Endpoint::PushedAuthorizationRequest,
    Endpoint::Registration,
    Endpoint::Revocation,
    Endpoint::Token,
    Endpoint::Userinfo,
];

/// Whether the document was accepted.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let allows_loopback = input.choice([false, true]);
    let policy = if allows_loopback {
        UriPolicy::danger_http_on_loopback()
    } else {
        UriPolicy::default()
    };
    let document = input.text(LIMIT);
    let metadata = match Metadata::parse(&document, policy) {
        Ok(metadata) => metadata,
        Err(error) => {
            assert!(!format!("{error} {error:?}").is_empty());
            return false;
        }
    };

    let issuer = metadata.issuer().expect("no issuer");
    check_address(issuer, allows_loopback);
    assert_eq!(issuer.query(), None);
    for endpoint in ENDPOINTS {
        let own = metadata.endpoint(endpoint).ok();
        for address in own
            .into_iter()
            .chain(metadata.mtls_endpoint_alias(endpoint))
        {
            check_address(address, allows_loopback);
        }
    }

    let written = serde_json::to_vec(&metadata).expect("it can be written");
    let again = Metadata::parse(&written, policy).expect("it can be read again");
    assert_eq!(again, metadata);
    let said = serde_json::from_slice(&document).expect("the document is JSON");
    let kept = serde_json::from_slice(&written).expect("what is written is JSON");
    check_kept(&said, &kept);
    assert!(!format!("{metadata:?}").is_empty());
    true
}

/// All that a client may call, by the rules of `url` and of `http`.
pub(crate) fn check_address(address: &WebUri, allows_loopback: bool) {
    let url = Url::parse(address.as_str()).expect("it is a URL");
    let host = url.host_str().expect("it has a host");
    let is_loopback = host == "localhost"
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" => assert!(allows_loopback && is_loopback, "{address}"),
        _ => unreachable!("{address}"),
    }
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{address}"
    );
    assert_eq!(url.fragment(), None, "{address}");
    assert!(address.as_str().is_ascii());
    let uri = address.uri();
    assert_eq!(uri.scheme_str(), Some(url.scheme()));
    let is_same_host = uri.host().is_some_and(|own| own.eq_ignore_ascii_case(host));
    assert!(is_same_host || host.starts_with('['), "{address}");
    assert!(
        uri.authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
    );
    let default = if url.scheme() == "https" { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(default);
    assert_eq!(url.port_or_known_default(), Some(port));
    assert_eq!(uri.query(), address.query());
}

/// Every member is written as it was said; where it has a meaning, `null` says nothing.
fn check_kept(said: &Map<String, Value>, kept: &Map<String, Value>) {
    let has_meaning = |name: &str| {
        ["issuer", FLAG, ALIASES].contains(&name)
            || ENDPOINTS.iter().any(|own| own.member() == name)
    };
    for (name, value) in said {
        match name.as_str() {
            known if value.is_null() && has_meaning(known) => assert!(!kept.contains_key(known)),
            FLAG => assert_eq!(kept.contains_key(FLAG), *value == true),
            ALIASES => {
                for (name, value) in kept
                    .get(ALIASES)
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    assert_eq!(said[ALIASES].get(name), Some(value));
                }
            }
            _ => assert_eq!(kept.get(name), Some(value), "{name}"),
        }
    }
    assert!(kept.keys().all(|name| said.contains_key(name)));
}
