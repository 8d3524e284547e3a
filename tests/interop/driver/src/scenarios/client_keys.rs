//! Clients that prove who they are by signing: assertions (RFC 7523, OpenID Connect Core 1.0, section 9), and attestations
//! of an instance.

use std::time::Duration;

use oauth_proto::base::secret::Secret;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwt::Builder;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::client_attestation::ClientAttestation;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::attestation_challenge::AttestationChallengeRequest;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Ureq;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::applicant::REDIRECT_URI;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::keyring::SYMMETRIC;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("client_secret_jwt", client_secret_jwt),
    Scenario::new("private_key_jwt_by_rs", |stage| {
        private_key_jwt(stage, "RS")
    }),
    Scenario::new("private_key_jwt_by_ps", |stage| {
        private_key_jwt(stage, "PS")
    }),
    Scenario::new("private_key_jwt_by_es", |stage| {
        private_key_jwt(stage, "ES")
    }),
    Scenario::new("private_key_jwt_by_ed", |stage| {
        private_key_jwt(stage, "Ed")
    }),
    Scenario::new("private_key_jwt_by_ml_dsa", |stage| {
        private_key_jwt(stage, "ML-DSA")
    }),
    Scenario::new("private_key_jwt_audiences", audiences),
    Scenario::new("private_key_jwt_refusals", refusals),
    Scenario::new("attested_client", attested_client),
    Scenario::new("attested_client_of_a_stranger", attested_by_a_stranger),
];

/// At every endpoint where the client says who it is.
fn plays(player: &Player<'_>) -> Result<(), Failure> {
    let came_back = player.push(&mut User::new("ada"), AuthorizationRequest::new(["openid"]))?;
    let signed_in = player.resume(came_back)?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    let tokens = player.run(player.client.refresh(signed_in.tokens())?)?;
    let token = tokens.access_token().clone();
    let answer = player.run(player.client.introspect(token.clone()))?;
    same("it is active", answer.is_active(), true)?;
    let answer = player.run(player.client.revoke(&tokens)?)?;
    same("it is revoked", answer.is_revoked(), true)?;
    let answer = player.run(player.client.introspect(token))?;
    same("it is active", answer.is_active(), false)
}

/// As the crate makes the client of its registration, and with a secret given to it.
fn client_secret_jwt(stage: &Stage) -> Result<(), Failure> {
    for (algorithm, adapter) in SYMMETRIC.into_iter().zip(BOTH.into_iter().cycle()) {
        let members = json!({
            "token_endpoint_auth_method": "client_secret_jwt",
            "token_endpoint_auth_signing_alg": algorithm.as_str(),
        });
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
        let secret = applicant.secret()?;
        let assertion = ClientAssertion::of_secret(keyring::crypto(), secret, algorithm)?;
        let given = applicant.client_by(Authentication::client_secret_jwt(assertion))?;
        let mut player = {
            let registered = applicant.client()?;
            applicant.play(registered)?
        };
        about(algorithm, plays(&player))?;
        player.client = given.with_redirect_uri(REDIRECT_URI)?;
        about(algorithm, plays(&player))?;
    }
    Ok(())
}

fn private_key_jwt(stage: &Stage, family: &str) -> Result<(), Failure> {
    let algorithms = keyring::asymmetric(stage, family)?;
    for (algorithm, adapter) in algorithms.zip(BOTH.into_iter().cycle()) {
        let player = by_key(stage, adapter, algorithm, |signer| signer.into())?;
        about(algorithm, plays(&player))?;
    }
    Ok(())
}

fn by_key<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    algorithm: Algorithm,
    assertion: impl FnOnce(Signer) -> ClientAssertion,
) -> Result<Player<'a>, Failure> {
    let members = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": algorithm.as_str(),
        "jwks": keyring::verifiable(algorithm)?,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let assertion = assertion(keyring::signer(algorithm)?);
    let client = applicant.client_by(Authentication::private_key_jwt(assertion))?;
    applicant.play(client)
}

/// What the server calls itself, by every name that it listens to; and a `typ` of older days.
fn audiences(stage: &Stage) -> Result<(), Failure> {
    let changes: [fn(ClientAssertion) -> ClientAssertion; 3] = [
        |it| it.danger_with_token_endpoint_audience(),
        |it| it.danger_with_endpoint_audience(),
        |it| it.with_type("JWT").with_lifetime(Duration::from_secs(300)),
    ];
    for change in changes {
        let player = by_key(stage, Ureq, Algorithm::Es256, |signer| {
            change(ClientAssertion::new(signer))
        })?;
        plays(&player)?;
    }
    Ok(())
}

fn refusals(stage: &Stage) -> Result<(), Failure> {
    let elsewhere = by_key(stage, Ureq, Algorithm::Es256, |signer| {
        ClientAssertion::new(signer).with_audience("https://other.example")
    })?;
    let members = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": keyring::verifiable(Algorithm::Es256)?,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Ureq, members)?;
    let other_key = keyring::signer(Algorithm::Es384)?;
    let client = applicant.client_by(Authentication::private_key_jwt(other_key))?;
    let stranger = applicant.play(client)?;
    for player in [elsewhere, stranger] {
        let outcome = player.run(player.client.introspect("a token"));
        refused("the assertion", outcome, &ErrorCode::InvalidClient)?;
    }
    Ok(())
}

/// An instance whose key somebody vouches for whom the server trusts.
fn attested_client(stage: &Stage) -> Result<(), Failure> {
    let attester = stage.server(SIGNED_OIDC_PROVIDER)?.attester()?;
    let attester = PrivateJwk::parse(&attester.to_string())?;
    for adapter in BOTH {
        let player = attested(stage, adapter, &attester)?;
        player.run(Call::new(AttestationChallengeRequest::new(&player.client)?))?;
        plays(&player)?;
    }
    Ok(())
}

fn attested_by_a_stranger(stage: &Stage) -> Result<(), Failure> {
    let player = attested(stage, Ureq, &keyring::key(keyring::P256)?)?;
    player.run(Call::new(AttestationChallengeRequest::new(&player.client)?))?;
    let outcome = player.run(player.client.introspect("a token"));
    refused("the attestation", outcome, &ErrorCode::InvalidClient)?;
    Ok(())
}

fn attested<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    attester: &PrivateJwk,
) -> Result<Player<'a>, Failure> {
    let members = json!({ "token_endpoint_auth_method": "attest_jwt_client_auth" });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let instance = keyring::signer(Algorithm::Es256)?;
    let client_id = applicant.registration.client_id();
    let attestation = attestation(attester, &instance, client_id)?;
    let attestation = ClientAttestation::new(attestation, instance);
    let client = applicant.client_by(Authentication::attestation(attestation))?;
    applicant.play(client)
}

fn attestation(
    attester: &PrivateJwk,
    instance: &Signer,
    client_id: &str,
) -> Result<Secret, Failure> {
    let public = present("the public half", instance.public())?;
    let claims = Builder::new()
        .with("sub", client_id)
        .with_time("iat", now())
        .with_time("exp", now().saturating_add(Duration::from_secs(300)))
        .with("cnf", json!({ "jwk": public }));
    let unsigned = claims.into_unsigned("oauth-client-attestation+jwt");
    match Signer::new(&keyring::crypto(), attester, Algorithm::Es256)?.sign(&unsigned)? {
        Signed::Compact(text) => Ok(text.into()),
        _ => fail("the attester's key is here"),
    }
}
