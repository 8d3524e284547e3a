//! The stored forms of OAuth 1.0a, version 1, byte for byte: what a release wrote, every later one reads.

use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::pending::Pending;

use crate::cast::NOW;
use crate::cast::RETURNED;
use crate::cast::client;
use crate::cast::form;
use crate::cast::pending;

const PENDING: &str = include_str!("../vectors/stored/oauth1-pending-v1.json");
const CREDENTIALS: &str = include_str!("../vectors/stored/oauth1-credentials-v1.json");

#[test]
fn a_pending_value_is_written_and_read_as_ever() {
    let client = client();
    assert_eq!(
        serde_json::to_string(&pending(&client)).unwrap(),
        PENDING.trim_end()
    );
    let stored: Pending = serde_json::from_str(PENDING).unwrap();
    assert_eq!(stored.token(), "hh5s93j4hdidpola");
    assert_eq!(stored.expires_at().as_secs(), 137_132_100);
    assert_eq!(stored.consumer_key(), client.consumer_key());
    drop(client.resume(NOW, stored, RETURNED).unwrap());
}

#[test]
fn credentials_are_written_and_read_as_ever() {
    let client = client();
    let call = client.resume(NOW, pending(&client), RETURNED).unwrap();
    let answer = form(
        "oauth_token=nnch734d00sl2jdk&oauth_token_secret=pfkkdhi9sl3r4s00&name=%22J%22%20%C3%A9\
         &oauth_session_handle=h",
    );
    let credentials = call.into_operation().response(NOW, &answer).unwrap();
    assert_eq!(
        serde_json::to_string(&credentials).unwrap(),
        CREDENTIALS.trim_end()
    );
    let stored: TokenCredentials = serde_json::from_str(CREDENTIALS).unwrap();
    assert!(stored == credentials);
    assert_eq!(stored.parameter("name").as_deref(), Some("\"J\" é"));
    drop(client.refresh(&stored).unwrap());
}

#[test]
fn foreign_forms_are_refused() {
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""v":1,"#, ""),
        (r#""token":"#, r#""tokens":"#),
        (r#""exp":137132100"#, r#""exp":-1"#),
    ] {
        assert!(PENDING.contains(from));
        assert!(
            serde_json::from_str::<Pending>(&PENDING.replace(from, to)).is_err(),
            "{to}"
        );
    }
    let other = CREDENTIALS.replace(r#""v":1"#, r#""v":3"#);
    assert!(serde_json::from_str::<TokenCredentials>(&other).is_err());
}
