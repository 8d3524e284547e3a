//! ID tokens that came by another way than a request of this crate: from the platform, or from an
//! application on a device.

use std::time::Duration;

use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use serde_json::Value;
use serde_json::json;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::hashes::CODE;
use crate::hashes::SHA512;
use crate::issuer;
use crate::issuer::ACCESS_TOKEN;
use crate::issuer::CLIENT_ID;
use crate::issuer::KEY;
use crate::verdict;

const NONCE: &str = "n-0S6_WzA2Mj";

/// One that answers a request with [`NONCE`], but for these claims.
fn received(changes: &Value) -> ReceivedIdToken {
    let text = issuer::signed(&issuer::answering(changes));
    ReceivedIdToken::new(&issuer::client(), text, NONCE)
}

/// One with this claim beside.
fn with(name: &str, value: impl Into<Value>) -> ReceivedIdToken {
    received(&json!({ name: value.into() }))
}

fn verified(received: &ReceivedIdToken) -> &'static str {
    verdict(&received.verify(NOW))
}

#[test]
fn a_token_is_verified_with_keys_that_are_fetched_for_it() {
    let text = issuer::signed(&issuer::answering(&json!({})));
    let received = ReceivedIdToken::new(&issuer::stranger(), text, NONCE);
    assert!(matches!(received.verify(NOW), Err(Error::Keys(_))));
    let Step::Send(request, sent) = received.clone().verifying().begin(NOW).unwrap() else {
        panic!("the keys lack");
    };
    assert_eq!(request.uri().to_string(), format!("{ISSUER}/jwks"));
    let published = issuer::published(&[KEY]);
    let Step::Done(id_token) = sent.answer(NOW, &published).unwrap() else {
        panic!("one request is enough");
    };
    assert_eq!(id_token.sub(), issuer::claims()["sub"]);
    assert_eq!(received.verify(NOW).unwrap().sub(), id_token.sub());
    let shown = format!("{received:?}");
    assert!(shown.contains(CLIENT_ID) && !shown.contains("eyJ") && !shown.contains(NONCE));
}

#[test]
fn the_nonce_binds_it() {
    let accepted = "accepted";
    assert_eq!(verified(&received(&json!({}))), accepted);
    assert_eq!(verified(&with("nonce", "another")), "ID-TOKEN-NONCE");
    // Taken out, and there as null.
    assert_eq!(verified(&with("nonce", Value::Null)), "ID-TOKEN-NONCE");
    let mut claims = issuer::claims();
    claims["nonce"] = Value::Null;
    let null = ReceivedIdToken::new(&issuer::client(), issuer::signed(&claims), NONCE);
    assert_eq!(verified(&null), "ID-TOKEN-CLAIMS");

    let unasked = |claims: &Value| {
        let text = issuer::signed(claims);
        verified(&ReceivedIdToken::danger_without_nonce(
            &issuer::client(),
            text,
        ))
    };
    assert_eq!(unasked(&issuer::claims()), accepted);
    assert_eq!(unasked(&issuer::answering(&json!({}))), "ID-TOKEN-NONCE");
}

#[test]
fn what_came_beside_it_is_compared() {
    let [at_hash, c_hash] = SHA512;
    let bound = received(&json!({"at_hash": at_hash, "c_hash": c_hash}));
    let whole = bound.clone().access_token(ACCESS_TOKEN).code(CODE);
    assert_eq!(verified(&whole), "accepted");
    let other = bound.clone().access_token("other");
    assert_eq!(verified(&other), "ID-TOKEN-AT-HASH");
    assert_eq!(verified(&bound.code("other")), "ID-TOKEN-C-HASH");
    let bare = received(&json!({}));
    let with_token = bare.clone().access_token(ACCESS_TOKEN);
    assert_eq!(verified(&with_token), "ID-TOKEN-AT-HASH");
    assert_eq!(verified(&bare.code(CODE)), "ID-TOKEN-C-HASH");
}

#[test]
fn the_user_authenticated_lately() {
    let minute = Duration::from_secs(60);
    let silent = received(&json!({})).max_age(minute);
    assert_eq!(verified(&silent), "ID-TOKEN-AUTH-TIME");
    let at = |age: u64| with("auth_time", NOW.as_secs() - age).max_age(minute);
    assert_eq!(verified(&at(59)), "accepted");
    assert_eq!(verified(&at(3600)), "ID-TOKEN-AUTH-TIME");
}

/// An application on a device asks for a token for its service: `aud` is the service, `azp` the
/// application.
#[test]
fn another_party_is_taken_by_name_only() {
    let of_app = with("azp", "app");
    assert_eq!(verified(&of_app), "ID-TOKEN-AZP");
    let by = |received: &ReceivedIdToken, party: &str| {
        verified(&received.clone().authorized_party(party))
    };
    assert_eq!(by(&of_app, "app"), "accepted");
    assert_eq!(by(&of_app, "other"), "ID-TOKEN-AZP");
    assert_eq!(by(&received(&json!({})), "app"), "ID-TOKEN-AZP");
    let both = received(&json!({"azp": "app", "aud": [CLIENT_ID, "app"]}));
    assert_eq!(by(&both, "app"), "accepted");
    let elsewhere = received(&json!({"azp": "app", "aud": "app"}));
    assert_eq!(by(&elsewhere, "app"), "ID-TOKEN-AUD");
}

#[test]
fn the_other_rules_hold_as_well() {
    assert_eq!(verified(&with("exp", NOW.as_secs() - 3600)), "ID-TOKEN-EXP");
    assert_eq!(
        verified(&with("iss", "https://evil.example")),
        "ID-TOKEN-ISS"
    );
    assert_eq!(verified(&with("aud", "other")), "ID-TOKEN-AUD");
    assert_eq!(verified(&with("sub", "")), "ID-TOKEN-SUB");
}
