//! Aggregated and distributed claims (OpenID Connect Core 1.0 section 5.6.2).

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::claim_sources::ClaimSources;
use oauth_proto::endpoint::claim_sources::Source;
use oauth_proto::flow::keys::FetchKeys;
use serde_json::Value;
use serde_json::json;

use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::signing::key;
use crate::common::signing::parties;

const ALGORITHMS: [Algorithm; 1] = [Algorithm::EdDsa];

/// Claims, signed by their provider.
fn signed(name: &str, value: impl Into<Value>) -> String {
    let mut claims = json!({"iss": ISSUER});
    claims[name] = value.into();
    (JOSE.sign)("JWT", &claims.to_string(), &key()).unwrap()
}

/// The provider of the claims, without its keys and with them.
fn providers() -> [Client; 2] {
    let (_, stranger) = parties();
    let (mut own, known) = parties();
    run(&mut own, NOW, FetchKeys::new(&known)).unwrap();
    [stranger, known]
}

fn sources(names: &Value, sources: &Value) -> Result<ClaimSources, Error> {
    let claims = json!({"sub": "248289761001", "_claim_names": names, "_claim_sources": sources});
    let claims = Claims::parse(claims.to_string().into_bytes()).unwrap();
    ClaimSources::of(claims.members())
}

#[test]
fn without_the_members_there_are_none() {
    let claims = Claims::parse(br#"{"sub":"s"}"#.to_vec()).unwrap();
    let sources = ClaimSources::of(claims.members()).unwrap();
    assert_eq!(sources.names().count(), 0);
    assert!(sources.source("address").is_none());
}

#[test]
fn aggregated_claims_are_verified_as_their_providers() {
    let text = signed("phone_number", "+1 (310) 123-4567");
    let names = json!({"phone_number": "src1"});
    let read = sources(&names, &json!({"src1": {"JWT": text}})).unwrap();
    let Some(Source::Aggregated(source)) = read.source("phone_number") else {
        panic!("it is aggregated");
    };
    let [stranger, provider] = providers();
    let claims = source.verify(&provider, NOW, &ALGORITHMS).unwrap();
    let number: Option<String> = claims.member("phone_number").unwrap();
    assert_eq!(number.unwrap(), "+1 (310) 123-4567");
    assert!(!format!("{read:?}").contains(&text));

    let error = source.verify(&provider, NOW, &[Algorithm::Ps256]);
    assert_eq!(error.unwrap_err().check(), Some(Check::JwtAlg));
    let error = source.verify(&stranger, NOW, &ALGORITHMS);
    assert!(matches!(error, Err(Error::Keys(_))));
}

#[test]
fn distributed_claims_are_fetched_by_their_token() {
    let endpoint = "https://creditagency.example/claims_here";
    let with_token = json!({"src2": {"endpoint": endpoint, "access_token": "ksj3n283dke"}});
    let names = json!({"credit_score": "src2"});
    let read = sources(&names, &with_token).unwrap();
    assert!(!format!("{read:?}").contains("ksj3n283dke"));
    let Some(Source::Distributed(source)) = read.source("credit_score") else {
        panic!("it is distributed");
    };
    let [_, provider] = providers();
    let operation = source.request(&provider, ALGORITHMS);
    let request = operation.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.uri(), endpoint);
    assert_eq!(request.headers()["authorization"], "Bearer ksj3n283dke");
    let own = operation.clone().access_token("own");
    let request = own.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer own");

    let text = signed("credit_score", 650);
    let response = http::Response::new(text.into_bytes());
    let claims = operation.response(NOW, &response).unwrap();
    assert_eq!(claims.member::<u16>("credit_score").unwrap(), Some(650));
    let other = signed("iss", "https://other.example");
    let response = http::Response::new(other.into_bytes());
    let error = operation.response(NOW, &response).unwrap_err();
    assert_eq!(error.check(), Some(Check::ClaimSourceIss));
    for (name, time) in [("exp", 1), ("nbf", u64::MAX)] {
        let response = http::Response::new(signed(name, time).into_bytes());
        let error = operation.response(NOW, &response).unwrap_err();
        assert_eq!(error.check(), Some(Check::ClaimSources), "{name}");
    }
    let response = http::Response::new(b"{}".to_vec());
    assert!(operation.response(NOW, &response).is_err());
}

#[test]
fn what_is_no_source_is_refused() {
    let good = json!({"src1": {"JWT": "a.b.c"}});
    for (names, from) in [
        (json!({"address": "src2"}), good.clone()),
        (json!({"address": 1}), good.clone()),
        (json!(["address"]), good.clone()),
        (json!({}), json!({"src1": "a.b.c"})),
        (json!({}), json!({"src1": {}})),
        (json!({}), json!({"src1": {"JWT": 1}})),
        (
            json!({}),
            json!({"src1": {"endpoint": "http://id.example/"}}),
        ),
        (
            json!({}),
            json!({"src1": {"JWT": "a.b.c", "endpoint": "https://id.example/"}}),
        ),
    ] {
        let error = sources(&names, &from).unwrap_err();
        assert_eq!(error.check(), Some(Check::ClaimSources), "{names} {from}");
    }
}
