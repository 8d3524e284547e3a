//! ID tokens that came by another way than a request of this crate: from the platform, or from an
//! application on a device.

use std::time::Duration;

use oauth_proto::base::base64url;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::id_token::IdToken;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::signing::key;

const NONCE: &str = "n-0S6_WzA2Mj";

fn parties() -> (Provider, Client) {
    let (provider, client) = crate::common::signing::parties();
    let algorithms = ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::EdDsa);
    (provider, client.with_response_algorithms(algorithms))
}

/// An ID token of the provider for `shop`, with these claims beside.
fn id_token(more: &Value) -> String {
    let key = PrivateJwk::parse(&key().to_string()).unwrap();
    let signer = Signer::new(&crypto::default_provider(), &key, Algorithm::EdDsa).unwrap();
    let mut claims = json!({
        "iss": ISSUER, "sub": "ada", "aud": "shop", "nonce": NONCE,
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let unsigned = Unsigned::new(claims.to_string()).with_type("JWT");
    match signer.sign(&unsigned).unwrap() {
        Signed::Compact(token) => token,
        other => panic!("{other:?}"),
    }
}

fn half_hash(value: &str) -> String {
    let digest = crypto::default_provider().digest(Hash::Sha512, value.as_bytes());
    base64url::encode(&digest.unwrap()[..32])
}

fn refused(outcome: Result<IdToken, Error>) -> Check {
    outcome.unwrap_err().check().unwrap()
}

#[test]
fn a_token_is_verified_with_keys_that_are_fetched_for_it() {
    let (mut provider, client) = parties();
    let received = ReceivedIdToken::new(&client, id_token(&json!({})), NONCE);
    assert!(matches!(received.verify(NOW), Err(Error::Keys(_))));
    let id_token = run(&mut provider, NOW, received.clone().verifying()).unwrap();
    assert_eq!(id_token.sub(), "ada");
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);
    assert_eq!(received.verify(NOW).unwrap().sub(), "ada");
    let shown = format!("{received:?}");
    assert!(shown.contains("shop") && !shown.contains("eyJ") && !shown.contains(NONCE));
}

#[test]
fn what_binds_it_is_compared() {
    let (mut provider, client) = parties();
    let mut verify = |received: ReceivedIdToken| run(&mut provider, NOW, received.verifying());
    let of = |claims| ReceivedIdToken::new(&client, id_token(&claims), NONCE);

    assert!(verify(of(json!({}))).is_ok());
    let check = refused(verify(of(json!({"nonce": "another"}))));
    assert_eq!(check, Check::IdTokenNonce);
    let check = refused(verify(of(json!({"nonce": null}))));
    assert_eq!(check, Check::IdTokenClaims);
    let unbound = ReceivedIdToken::danger_without_nonce(&client, id_token(&json!({})));
    assert_eq!(refused(verify(unbound)), Check::IdTokenNonce);

    let bound = json!({"at_hash": half_hash("tok3n"), "c_hash": half_hash("c0de")});
    assert!(verify(of(bound.clone()).access_token("tok3n").code("c0de")).is_ok());
    let check = refused(verify(of(bound.clone()).access_token("other")));
    assert_eq!(check, Check::IdTokenAtHash);
    let check = refused(verify(of(bound).code("other")));
    assert_eq!(check, Check::IdTokenCHash);
    let check = refused(verify(of(json!({})).access_token("tok3n")));
    assert_eq!(check, Check::IdTokenAtHash);
    let check = refused(verify(of(json!({})).code("c0de")));
    assert_eq!(check, Check::IdTokenCHash);

    let minute = Duration::from_secs(60);
    let check = refused(verify(of(json!({})).max_age(minute)));
    assert_eq!(check, Check::IdTokenAuthTime);
    let at = |age: u64| json!({"auth_time": NOW.as_secs() - age});
    assert!(verify(of(at(59)).max_age(minute)).is_ok());
    assert_eq!(
        refused(verify(of(at(3600)).max_age(minute))),
        Check::IdTokenAuthTime
    );
}

/// An application on a device asks for a token for its service: `aud` is the service, `azp` the
/// application.
#[test]
fn another_party_is_taken_by_name_only() {
    let (mut provider, client) = parties();
    let mut verify = |received: ReceivedIdToken| run(&mut provider, NOW, received.verifying());
    let of = |claims| ReceivedIdToken::new(&client, id_token(&claims), NONCE);
    let of_app = json!({"azp": "app", "aud": "shop"});
    assert_eq!(refused(verify(of(of_app.clone()))), Check::IdTokenAzp);
    assert!(verify(of(of_app.clone()).authorized_party("app")).is_ok());
    let check = refused(verify(of(of_app).authorized_party("other")));
    assert_eq!(check, Check::IdTokenAzp);
    let check = refused(verify(of(json!({})).authorized_party("app")));
    assert_eq!(check, Check::IdTokenAzp);
    let both = json!({"azp": "app", "aud": ["shop", "app"]});
    assert!(verify(of(both).authorized_party("app")).is_ok());
    let elsewhere = json!({"azp": "app", "aud": "app"});
    let check = refused(verify(of(elsewhere).authorized_party("app")));
    assert_eq!(check, Check::IdTokenAud);
}

#[test]
fn the_other_rules_hold_as_well() {
    let (mut provider, client) = parties();
    let mut refused = |claims| {
        let received = ReceivedIdToken::new(&client, id_token(&claims), NONCE);
        refused(run(&mut provider, NOW, received.verifying()))
    };
    let past = NOW.as_secs() - 3600;
    assert_eq!(refused(json!({"exp": past})), Check::IdTokenExp);
    assert_eq!(
        refused(json!({"iss": "https://evil.example"})),
        Check::IdTokenIss
    );
    assert_eq!(refused(json!({"aud": "other"})), Check::IdTokenAud);
    assert_eq!(refused(json!({"sub": ""})), Check::IdTokenSub);
}
