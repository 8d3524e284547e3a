//! Attestation-based client authentication (draft-ietf-oauth-attestation-based-client-auth-10): the two
//! headers, the challenge, and what is said again for want of a new one.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use http::Response;
use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_attestation::ClientAttestation;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::attestation_challenge::AttestationChallengeRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use serde_json::Value;
use serde_json::json;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::JTI;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::keys::RSA;
use crate::keys::secret;
use crate::keys::signer;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/keys.rs"]
mod keys;

const ATTESTATION: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzNkJoZFJrcXQzIn0.c2lnbmF0dXJl";

fn attested(signer: Signer) -> Client {
    let attestation = ClientAttestation::new(ATTESTATION, signer);
    client_at(metadata(), Authentication::attestation(attestation))
}

/// Header and claims of a proof, by a reader that verifies nothing.
fn read(proof: &str) -> (Value, Value) {
    let part = |part: &str| serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap();
    let mut parts = proof.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

fn made(client: &Client, now: UnixTime) -> Request {
    let grant = Grant::client_credentials(client);
    grant.request(now).and_then(Draft::into_request).unwrap()
}

fn proof(request: &Request) -> &str {
    let value = &request.headers()["oauth-client-attestation-pop"];
    assert!(value.is_sensitive());
    value.to_str().unwrap()
}

#[test]
fn the_attestation_and_a_proof_stand_in_headers() {
    let client = attested(signer(ED25519, Algorithm::EdDsa));
    let request = made(&client, NOW);
    let attestation = &request.headers()["oauth-client-attestation"];
    assert_eq!(attestation, ATTESTATION);
    assert!(attestation.is_sensitive());
    assert_eq!(
        request.body(),
        b"grant_type=client_credentials&client_id=s6BhdRkqt3"
    );
    let (header, claims) = read(proof(&request));
    assert_eq!(header["typ"], "oauth-client-attestation-pop+jwt");
    assert_eq!(header["alg"], "EdDSA");
    let expected = json!({"aud": ISSUER, "jti": JTI, "iat": 1_800_000_000});
    assert_eq!(claims, expected);
    for text in [format!("{client:?}"), format!("{request:?}")] {
        assert!(!text.contains("eyJhbGc"), "{text}");
    }
}

#[test]
fn any_signature_proves() {
    for (key, algorithm) in [(P256, Algorithm::Es256), (RSA, Algorithm::Ps256)] {
        let signer = signer(key, algorithm);
        let verifier = Verifier::new(&*default_provider(), signer.public().unwrap().clone());
        let request = made(&attested(signer), NOW);
        let jws = Jws::parse(proof(&request)).unwrap();
        assert!(jws.verify(algorithm, &verifier.unwrap()).is_ok());
    }
}

#[test]
fn another_client_sends_neither_header() {
    let request = made(&client(), NOW);
    let mut names = request.headers().keys();
    assert!(!names.any(|name| name.as_str().contains("attestation")));
}

#[test]
fn a_remote_key_proves_too() {
    let client = attested(Signer::remote("enclave", Algorithm::Es256));
    let draft = Grant::client_credentials(&client).request(NOW).unwrap();
    let input = draft.signing_input().unwrap().clone();
    assert_eq!(input.key(), "enclave");
    let request = draft.signed(b"signature").unwrap().into_request().unwrap();
    assert_eq!(proof(&request), input.compact(b"signature"));
}

#[test]
fn the_newest_challenge_is_in_the_next_proof() {
    let client = attested(signer(ED25519, Algorithm::EdDsa));
    let challenge = |client: &Client| read(proof(&made(client, NOW))).1["challenge"].clone();
    assert_eq!(challenge(&client), Value::Null);

    // A refusal brings one, and an answer another.
    let grant = Grant::client_credentials(&client);
    let refused = Response::builder()
        .status(400)
        .header("OAuth-Client-Attestation-Challenge", "first")
        .body(br#"{"error":"use_attestation_challenge"}"#.to_vec())
        .unwrap();
    let error = grant.response(NOW, &refused).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Retry);
    let Error::Refused(refusal) = error else {
        panic!("{error}");
    };
    assert_eq!(refusal.code(), Some(&ErrorCode::UseAttestationChallenge));
    assert_eq!(challenge(&client), "first");

    let granted = Response::builder()
        .header("OAuth-Client-Attestation-Challenge", "second")
        .body(br#"{"access_token":"t","token_type":"Bearer"}"#.to_vec())
        .unwrap();
    grant.response(NOW, &granted).unwrap();
    // Clones are one client.
    assert_eq!(challenge(&client.clone()), "second");

    let empty = Response::builder()
        .header("OAuth-Client-Attestation-Challenge", "")
        .body(br#"{"access_token":"t","token_type":"Bearer"}"#.to_vec())
        .unwrap();
    grant.response(NOW, &empty).unwrap();
    assert_eq!(challenge(&client), "second");
}

#[test]
fn a_challenge_has_at_most_1024_bytes() {
    let longest = "c".repeat(1024);
    let client = attested(signer(ED25519, Algorithm::EdDsa));
    let granted = |challenge: &str| {
        let response = Response::builder()
            .header("OAuth-Client-Attestation-Challenge", challenge)
            .body(br#"{"access_token":"t","token_type":"Bearer"}"#.to_vec());
        let grant = Grant::client_credentials(&client);
        grant.response(NOW, &response.unwrap()).unwrap();
        read(proof(&made(&client, NOW))).1["challenge"].clone()
    };
    assert_eq!(granted(&longest), longest);
    assert_eq!(granted(&format!("{longest}d")), longest);
}

/// A call, and what it sent: the challenge of each request, as a call does with these answers in turn.
fn conversation(
    client: &Client,
    answers: &[Response<Vec<u8>>],
) -> (Result<Tokens, Error>, Vec<Value>) {
    let mut step = Call::new(Grant::client_credentials(client)).begin(NOW);
    let (mut answers, mut challenges) = (answers.iter(), Vec::new());
    let outcome = loop {
        step = match step {
            Ok(Step::Send(request, sent)) => {
                challenges.push(read(proof(&request)).1["challenge"].clone());
                sent.answer(NOW, answers.next().unwrap())
            }
            Ok(Step::Sign(input, signing)) => {
                let signature = input.key().repeat(2);
                signing.signed(NOW, signature.as_bytes())
            }
            Ok(Step::Done(tokens)) => break Ok(tokens),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break Err(error),
        };
    };
    assert_eq!(answers.len(), 0, "as many requests as answers");
    (outcome, challenges)
}

fn said(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.as_bytes().to_vec()).unwrap()
}

fn demand(challenges: &[&str]) -> Response<Vec<u8>> {
    let name = "OAuth-Client-Attestation-Challenge";
    let headers: Vec<_> = challenges.iter().map(|one| (name, *one)).collect();
    said(400, &headers, r#"{"error":"use_attestation_challenge"}"#)
}

fn granted() -> Response<Vec<u8>> {
    said(200, &[], r#"{"access_token":"t","token_type":"Bearer"}"#)
}

#[test]
fn a_demand_for_a_challenge_is_met_once() {
    for signer in [
        signer(ED25519, Algorithm::EdDsa),
        Signer::remote("enclave", Algorithm::Es256),
    ] {
        let client = attested(signer);
        let (outcome, challenges) = conversation(&client, &[demand(&["a"]), granted()]);
        assert!(outcome.is_ok());
        assert_eq!(challenges, [Value::Null, json!("a")]);

        // The next call begins with it, and is asked for another one.
        let (outcome, challenges) = conversation(&client, &[demand(&["b"]), granted()]);
        assert!(outcome.is_ok());
        assert_eq!(challenges, ["a", "b"]);

        // Whoever demands again and again is asked twice.
        let (outcome, challenges) = conversation(&client, &[demand(&["c"]), demand(&["d"])]);
        let error = outcome.unwrap_err();
        assert_eq!(error.remedy(), Remedy::Retry);
        assert!(matches!(error, Error::Refused(_)), "{error}");
        assert_eq!(challenges, ["b", "c"]);
    }
}

#[test]
fn a_demand_gives_a_new_challenge() {
    let long = "c".repeat(1025);
    for bad in [&[][..], &[""], &["b", "c"], &[long.as_str()], &["a"]] {
        let client = attested(signer(ED25519, Algorithm::EdDsa));
        let (outcome, challenges) = conversation(&client, &[demand(&["a"]), demand(bad)]);
        let check = outcome.unwrap_err().check();
        assert_eq!(check, Some(Check::AttestationChallenge), "{bad:?}");
        assert_eq!(challenges, [Value::Null, json!("a")]);
    }
}

/// Only what says that it was not carried out is said again.
#[test]
fn another_refusal_is_final() {
    let client = attested(signer(ED25519, Algorithm::EdDsa));
    let header = ("OAuth-Client-Attestation-Challenge", "a");
    for (status, body) in [
        (503, r#"{"error":"use_attestation_challenge"}"#),
        (400, r#"{"error":"invalid_client"}"#),
        (400, r#"{"error":"use_fresh_attestation"}"#),
        (400, r#"{"error":"use_dpop_nonce"}"#),
    ] {
        let (outcome, _) = conversation(&client, &[said(status, &[header], body)]);
        assert!(matches!(outcome, Err(Error::Refused(_))), "{status} {body}");
    }
    // Who is not attested cannot meet it.
    let step = Call::new(Grant::refresh_token(&cast::client(), "R")).begin(NOW);
    let Ok(Step::Send(_, sent)) = step else {
        panic!("{step:?}");
    };
    let error = sent.answer(NOW, &demand(&["a"])).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}

/// A nonce and a challenge are different things, each demanded once.
#[test]
fn a_nonce_and_a_challenge_make_three_requests() {
    let crypto = default_provider();
    let key = DpopKey::generate(&crypto, Algorithm::Es256).unwrap();
    let nonce = |nonce| {
        said(
            400,
            &[("DPoP-Nonce", nonce)],
            r#"{"error":"use_dpop_nonce"}"#,
        )
    };
    let bound = || attested(signer(ED25519, Algorithm::EdDsa)).with_dpop(key.clone());
    let granted = said(200, &[], r#"{"access_token":"t","token_type":"DPoP"}"#);
    for demands in [[nonce("n"), demand(&["a"])], [demand(&["a"]), nonce("n")]] {
        let [first, second] = demands;
        let (outcome, challenges) = conversation(&bound(), &[first, second, granted.clone()]);
        assert!(outcome.is_ok());
        assert_eq!(
            (&challenges[0], &challenges[2]),
            (&Value::Null, &json!("a"))
        );
    }
    let (outcome, challenges) = conversation(&bound(), &[nonce("n"), demand(&["a"]), nonce("m")]);
    assert!(matches!(outcome, Err(Error::Refused(_))));
    assert_eq!(challenges.len(), 3);
}

#[test]
fn a_challenge_is_fetched_where_the_server_has_an_endpoint_for_it() {
    let client = attested(signer(ED25519, Algorithm::EdDsa));
    let error = AttestationChallengeRequest::new(&client).unwrap_err();
    let expected = matches!(
        error,
        Error::Unsupported(Unsupported::Endpoint(Endpoint::AttestationChallenge))
    );
    assert!(expected, "{error}");

    let metadata = metadata()
        .with_endpoint(
            Endpoint::AttestationChallenge,
            &format!("{ISSUER}/challenge"),
        )
        .unwrap();
    let client = client_at(metadata, client.authentication().clone());
    let operation = AttestationChallengeRequest::new(&client).unwrap();
    let request = operation
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/challenge");
    assert!(request.body().is_empty());
    for (body, expected) in [
        (r#"{"attestation_challenge":"one"}"#, "one"),
        (r#"{"nonce":"for something else"}"#, "one"),
        (r#"{"attestation_challenge":null}"#, "one"),
        (r#"{"attestation_challenge":"two"}"#, "two"),
    ] {
        let answer = Response::new(body.as_bytes().to_vec());
        operation.response(NOW, &answer).unwrap();
        assert_eq!(read(proof(&made(&client, NOW))).1["challenge"], expected);
    }
    let answer = Response::new(br#"{"attestation_challenge":1}"#.to_vec());
    let error = operation.response(NOW, &answer).unwrap_err();
    assert!(matches!(error, Error::Malformed(_)), "{error}");
}

#[test]
fn another_client_fetches_no_challenge() {
    let error = AttestationChallengeRequest::new(&client()).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::NotAttested)),
        "{error}"
    );
}

#[test]
fn a_challenge_may_be_given() {
    let attestation = ClientAttestation::new(ATTESTATION, signer(ED25519, Algorithm::EdDsa))
        .with_challenge("given");
    let client = client_at(metadata(), Authentication::attestation(attestation));
    assert_eq!(read(proof(&made(&client, NOW))).1["challenge"], "given");
}

#[test]
fn a_secret_proves_no_instance() {
    let attestation = ClientAttestation::new(ATTESTATION, secret(Algorithm::Hs256));
    let error = Client::new(metadata(), "app", Authentication::attestation(attestation));
    let error = error.unwrap_err();
    let expected = matches!(error, Error::Misuse(Misuse::SigningAlgorithm { .. }));
    assert!(expected, "{error}");
}

#[test]
fn what_is_no_jwt_is_no_attestation() {
    for bad in ["", "a b", "a\nb", "é"] {
        let attestation = ClientAttestation::new(bad, signer(ED25519, Algorithm::EdDsa));
        let error = Client::new(metadata(), "app", Authentication::attestation(attestation));
        let error = error.unwrap_err();
        let expected = matches!(error, Error::Misuse(Misuse::Parameter { .. }));
        assert!(expected, "{error}");
    }
}
