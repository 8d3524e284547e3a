//! How far the clocks may lie apart, to the second.

use std::time::Duration;

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use serde_json::Value;
use serde_json::json;

use crate::cast::NOW;
use crate::introspection;
use crate::issuer;
use crate::issuer::answering;
use crate::issuer::claims_with;
use crate::issuer::openid;
use crate::issuer::signed;
use crate::userinfo;
use crate::verdict;

/// Clients with a leeway of this many seconds: 30 unless said.
fn clients() -> Vec<(u64, Client)> {
    let algorithms = [Answer::IdToken, Answer::Userinfo, Answer::Introspection]
        .into_iter()
        .fold(ResponseAlgorithms::new(), |algorithms, answer| {
            algorithms.signed(answer, Algorithm::EdDsa)
        });
    let client = issuer::client().with_response_algorithms(algorithms);
    let with = |seconds| {
        let leeway = Duration::from_secs(seconds);
        (seconds, client.clone().with_leeway(leeway).unwrap())
    };
    vec![(30, client.clone()), with(0), with(1), with(300)]
}

/// What has ended is taken for as long as the leeway: that is bounded.
#[test]
fn no_leeway_is_longer_than_five_minutes() {
    for leeway in [Duration::from_millis(300_001), Duration::MAX] {
        let refused = issuer::client().with_leeway(leeway);
        assert!(matches!(refused, Err(Error::Misuse(Misuse::ClocksApart(own))) if own == leeway));
    }
}

fn id_token(client: &Client, request: AuthorizationRequest<'_>, changes: &Value) -> &'static str {
    let id_token = signed(&answering(changes));
    verdict(&issuer::redeemed(client, request, &id_token))
}

#[test]
fn the_times_of_an_id_token() {
    let now = NOW.as_secs();
    for (leeway, client) in clients() {
        for (name, inside, outside, check) in [
            // "The current time MUST be before the time represented by the exp Claim".
            ("exp", now + 1 - leeway, now - leeway, "ID-TOKEN-EXP"),
            ("iat", now + leeway, now + leeway + 1, "ID-TOKEN-IAT"),
            ("nbf", now + leeway, now + leeway + 1, "ID-TOKEN-NBF"),
        ] {
            let said = |time: u64| id_token(&client, openid(), &json!({ name: time }));
            assert_eq!(said(inside), "accepted", "{name} at {leeway}");
            assert_eq!(said(outside), check, "{name} at {leeway}");
        }
        let oldest = now - 60 - leeway;
        for (auth_time, expected) in [
            (oldest, "accepted"),
            (oldest - 1, "ID-TOKEN-AUTH-TIME"),
            (now + leeway, "accepted"),
            (now + leeway + 1, "ID-TOKEN-AUTH-TIME"),
        ] {
            let request = openid().max_age(Duration::from_secs(60));
            let said = id_token(&client, request, &json!({"auth_time": auth_time}));
            assert_eq!(said, expected, "{auth_time} at {leeway}");
        }
    }
}

#[test]
fn the_end_of_other_answers() {
    let now = NOW.as_secs();
    for (leeway, client) in clients() {
        for (exp, userinfo, introspection) in [
            (now + 1 - leeway, "accepted", "accepted"),
            (now - leeway, "USERINFO-JWT", "INTROSPECTION-JWT"),
        ] {
            let changes = json!({"exp": exp});
            let outcome = userinfo::read(&client, &signed(&claims_with(&changes)));
            assert_eq!(verdict(&outcome), userinfo, "{leeway}");
            let response = introspection::response(&changes);
            let outcome = introspection::read(&client, NOW, &response);
            assert_eq!(verdict(&outcome), introspection, "{leeway}");
        }
    }
}
