//! What is pending after an answer: a device (RFC 8628 §3.2), a backchannel request (CIBA Core 1.0
//! §7.3), a pushed authorization request (RFC 9126 §2.2).

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::pushed::RequestUri;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Said;
use crate::bodies::fixture;
use crate::bodies::fixture::NOW;

pub(super) const PUBLIC: [&str; 9] = [
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "interval",
    "request_uri",
    "verification_uri",
    "verification_uri_complete",
    "verification_url",
];

pub(super) fn device(pending: &PendingDevice, said: &Said, takes_url: bool) {
    let url = said.of("verification_url").filter(|_| takes_url);
    let place = said.of("verification_uri").or(url).and_then(Value::as_str);
    let complete = pending.verification_uri_complete();
    assert_eq!(Some(pending.verification_uri()), place);
    assert_eq!(complete, said.text("verification_uri_complete"));
    for address in [pending.verification_uri()].into_iter().chain(complete) {
        let address = Url::parse(address).expect("a URL");
        assert_eq!(address.scheme(), "https");
        assert!(address.username().is_empty() && address.password().is_none());
    }
    let code = pending.user_code();
    assert_eq!(Some(code), said.text("user_code"));
    assert!(!code.is_empty() && !code.chars().any(char::is_control));
    check_terms(pending.interval(), pending.expires_at(), said);
    let mut known = [
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    ]
    .to_vec();
    known.extend(takes_url.then_some("verification_url"));
    assert_eq!(pending.members().to_value(), said.rest(&known));
    check_stored(pending, "code", said.text("device_code"));
    assert_eq!(pending.scope().as_str(), fixture::SCOPE);
}

pub(super) fn backchannel(pending: &PendingBackchannel, said: &Said) {
    assert_eq!(Some(pending.auth_req_id()), said.text("auth_req_id"));
    check_terms(pending.interval(), pending.expires_at(), said);
    let known = ["auth_req_id", "expires_in", "interval"];
    assert_eq!(pending.members().to_value(), said.rest(&known));
    check_stored(pending, "id", said.text("auth_req_id"));
    assert_eq!(pending.scope().as_str(), fixture::SCOPE);
}

pub(super) fn pushed(reference: &RequestUri, said: &Said, printed: &str) {
    let uri = reference.as_str();
    assert_eq!(Some(uri), said.text("request_uri"));
    assert!(Url::parse(uri).is_ok() && uri.len() <= 4096);
    let lifetime = said.of("expires_in").and_then(super::seconds);
    if let Some(lifetime) = lifetime {
        assert!(lifetime > 0);
        let end = NOW.saturating_add(Duration::from_secs(lifetime));
        assert_eq!(reference.expires_at(), end);
    }
    assert!(uri.len() < 8 || !printed.contains(uri), "{printed}");
}

/// The interval is five seconds unless said, and nothing is pending longer than a day.
fn check_terms(interval: Duration, expires_at: UnixTime, said: &Said) {
    let own = Some(interval.as_secs()).filter(|_| said.of("interval").is_some());
    assert!(own == Some(5) || said.is_seconds("interval", own));
    assert!(!interval.is_zero());
    let lifetime = said.of("expires_in").expect("an expiry");
    let longest = 24 * 60 * 60;
    let lifetime = super::seconds(lifetime).unwrap_or(longest).min(longest);
    let end = NOW.saturating_add(Duration::from_secs(lifetime));
    assert_eq!(expires_at, end);
}

/// Another process that reads it again has the same; the secret is in it.
fn check_stored<T: Serialize + DeserializeOwned>(pending: &T, name: &str, secret: Option<&str>) {
    let stored = serde_json::to_value(pending).expect("it can be stored");
    let again: T = serde_json::from_value(stored.clone()).expect("it can be read again");
    assert_eq!(serde_json::to_value(&again).ok().as_ref(), Some(&stored));
    assert_eq!(stored[name].as_str(), secret.filter(|it| !it.is_empty()));
}
