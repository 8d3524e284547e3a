//! A server's keys (RFC 7517 section 5): how long an answer is good for, and what a bad one does.

use http::HeaderValue;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::keys::KeysRequest;
use serde_json::json;

use crate::answer;
use crate::cast::NOW;
use crate::id_token::STRANGER;
use crate::introspection;
use crate::introspection::read;
use crate::issuer;
use crate::issuer::KEY;
use crate::verdict;

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

/// A client that has no keys yet.
fn stranger() -> Client {
    issuer::stranger().with_response_algorithms(introspection::by_eddsa())
}

/// Whether the server's keys are at hand then, and fit.
fn has_keys(client: &Client, now: UnixTime) -> bool {
    match read(client, now, &introspection::response(&json!({}))) {
        Ok(_) => true,
        Err(Error::Keys(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_answer_says_how_long_it_is_good() {
    for (headers, seconds) in [
        (&[][..], 600),
        (&[("cache-control", "max-age=300")][..], 300),
        (&[("cache-control", "public, Max-Age=7200")], 7200),
        (&[("cache-control", "max-age=300"), ("age", "100")], 200),
        // No shorter than a minute, no longer than a day.
        (&[("cache-control", "no-store")], 60),
        (&[("cache-control", "max-age=0")], 60),
        (&[("cache-control", "max-age=31536000")], 86400),
    ] {
        let client = stranger();
        assert!(!has_keys(&client, NOW));
        let mut published = issuer::published(&[KEY]);
        for (name, value) in headers {
            let value = HeaderValue::from_static(value);
            published.headers_mut().insert(*name, value);
        }
        KeysRequest::new(&client).response(NOW, &published).unwrap();
        assert!(has_keys(&client, NOW), "{headers:?}");
        assert!(has_keys(&client, at(seconds - 1)), "{headers:?}");
        assert!(!has_keys(&client, at(seconds)), "{headers:?}");
    }
}

#[test]
fn a_bad_answer_leaves_the_last_good_keys() {
    for (status, body, check) in [
        (200, r#"{"keys":[]}"#, "KEYS-NONE"),
        (
            200,
            r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
            "KEYS-NONE",
        ),
        (200, r#"{"keys":{}}"#, "KEYS-FORM"),
        (200, "{", "another error"),
        (200, "", "another error"),
        (404, "", "another error"),
        (503, "", "another error"),
        (302, "", "RESPONSE-REDIRECT"),
    ] {
        let client = issuer::knowing(stranger());
        let request = KeysRequest::new(&client);
        let bad = answer::json(status, body);
        assert_eq!(verdict(&request.response(at(10), &bad)), check, "{body}");
        assert!(has_keys(&client, at(11)), "{status} {body}");
        // Once they are stale they serve on for a moment, and then the server is asked again.
        assert!(!has_keys(&client, at(600)));
        request.response(at(600), &bad).unwrap_err();
        assert!(has_keys(&client, at(604)), "{status} {body}");
        assert!(!has_keys(&client, at(605)));
        request.failed(at(605));
        assert!(has_keys(&client, at(606)));
        request
            .response(at(610), &issuer::published(&[KEY]))
            .unwrap();
        assert!(has_keys(&client, at(1209)));
    }
}

/// A key that the server no longer publishes is not believed, though it was a moment ago.
#[test]
fn a_key_that_is_gone_is_gone() {
    let client = issuer::knowing(stranger());
    assert!(has_keys(&client, NOW));
    let others = issuer::published(&[STRANGER]);
    KeysRequest::new(&client).response(at(1), &others).unwrap();
    let jwt = introspection::response(&json!({}));
    assert_eq!(verdict(&read(&client, at(1), &jwt)), "JWT-SIGNATURE");
}
