//! What a server registers of a client (RFC 7591 §3.2.1), first and again (RFC 7592 §3).

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::registration::Registration;
use serde_json::Map;
use serde_json::Value;
use url::Url;

use super::Said;
use crate::bodies::fixture;

pub(super) const PUBLIC: [&str; 7] = [
    "error",
    "error_description",
    "error_uri",
    "client_id",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_client_uri",
];

/// What was registered before a change.
pub(super) const OLD: &str = r#"{"client_id":"s6BhdRkqt3","client_secret":"cf136dc3c1fc93f3",
    "client_secret_expires_at":1900000000,"client_id_issued_at":1700000000,
    "registration_access_token":"this.is.an.access.token.value.ffx83",
    "registration_client_uri":"https://id.example/register/s6BhdRkqt3",
    "redirect_uris":["https://app.example/cb"],"scope":"mail calendar"}"#;

const GIVEN: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

pub(super) fn first(registration: &Registration, said: &Said) {
    let secret = registration.client_secret().map(Secret::expose);
    assert_eq!(secret, said.text("client_secret"));
    let token = registration.registration_access_token();
    let token = token.map(Secret::expose);
    assert_eq!(token, said.text("registration_access_token"));
    let address = registration.registration_client_uri();
    assert_eq!(address, said.text("registration_client_uri"));
    check_times(registration, said);
    check(registration, said);
}

pub(super) fn again(registration: &Registration, old: &Registration, said: &Said) {
    assert_eq!(registration.client_id(), old.client_id());
    let secret = registration.client_secret().map(Secret::expose);
    let old_secret = old.client_secret().map(Secret::expose);
    assert_eq!(secret, said.text("client_secret").or(old_secret));
    let token = registration.registration_access_token().map(Secret::expose);
    let old_token = old.registration_access_token().map(Secret::expose);
    let said_token = said.text("registration_access_token");
    assert_eq!(token, said_token.or(old_token));
    let address = registration.registration_client_uri();
    let said_address = said.text("registration_client_uri");
    assert_eq!(address, said_address.or(old.registration_client_uri()));
    assert!(registration.is_manageable());
    if said.of("client_secret").is_some() {
        check_secret_end(registration, said);
    }
    check(registration, said);
}

fn check(registration: &Registration, said: &Said) {
    assert_eq!(Some(registration.client_id()), said.text("client_id"));
    assert!(!registration.client_id().is_empty());
    assert_eq!(registration.issuer(), Some(fixture::ISSUER));
    let secret = registration.client_secret();
    let token = registration.registration_access_token();
    for secret in [secret, token].into_iter().flatten() {
        assert!(!secret.is_empty() && !secret.expose().chars().any(char::is_control));
    }
    if let Some(address) = registration.registration_client_uri() {
        let address = Url::parse(address).expect("a URL");
        assert_eq!(address.scheme(), "https");
        assert!(address.username().is_empty() && address.fragment().is_none());
    }
    let rest = said.rest(&GIVEN).into_iter();
    let rest: Map<String, Value> = rest.filter(|(_, value)| !value.is_null()).collect();
    assert_eq!(*registration.metadata().members(), rest);
    let stored = serde_json::to_value(registration).expect("it can be stored");
    let again: Registration = serde_json::from_value(stored.clone()).expect("it can be read");
    assert_eq!(serde_json::to_value(&again).ok(), Some(stored));
}

fn check_times(registration: &Registration, said: &Said) {
    check_secret_end(registration, said);
    let issued_at = registration.client_id_issued_at().map(UnixTime::as_secs);
    assert!(said.is_seconds("client_id_issued_at", issued_at));
}

/// "or 0 if it will not expire".
fn check_secret_end(registration: &Registration, said: &Said) {
    let end = registration.client_secret_expires_at();
    let end = end.map(UnixTime::as_secs);
    let never = said.is_seconds("client_secret_expires_at", Some(0));
    assert!(said.is_seconds("client_secret_expires_at", end) || (never && end.is_none()));
}
