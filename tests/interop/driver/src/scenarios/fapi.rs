//! FAPI 2.0 with Message Signing: pushed and signed requests, signed responses, a client that signs for itself, and tokens
//! that are bound to its certificate.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::policy::Policy;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::transport::now;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::applicant::REDIRECT_URI;
use crate::failure::Failure;
use crate::failure::about;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::player::FAPI_OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("fapi_signs_in", signs_in),
    Scenario::new("fapi_demands_a_push", demands_a_push),
    Scenario::new("fapi_demands_the_issuer", demands_the_issuer),
];

/// The answers that are signed by this algorithm, and the client with what it needs.
fn player<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    algorithm: Algorithm,
    change: impl FnOnce(ClientAssertion) -> ClientAssertion,
) -> Result<Player<'a>, Failure> {
    let answers = if algorithm == Algorithm::Ps256 {
        algorithm
    } else {
        Algorithm::Es256
    };
    let members = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": algorithm.as_str(),
        "request_object_signing_alg": algorithm.as_str(),
        "id_token_signed_response_alg": answers.as_str(),
        "authorization_signed_response_alg": answers.as_str(),
        "introspection_signed_response_alg": answers.as_str(),
        "tls_client_certificate_bound_access_tokens": true,
        "require_signed_request_object": true,
        "jwks": keyring::verifiable(algorithm)?,
    });
    let applicant = Applicant::new(stage, FAPI_OIDC_PROVIDER, adapter, members)?;
    let signer = keyring::signer(algorithm)?;
    let assertion = change(ClientAssertion::new(signer.clone()));
    let algorithms = ResponseAlgorithms::new()
        .signed(Answer::IdToken, answers)
        .signed(Answer::Authorization, answers)
        .signed(Answer::Introspection, answers);
    let client = applicant
        .client_by(Authentication::private_key_jwt(assertion))?
        .with_request_objects(signer)?
        .with_certificate_bound_access_tokens()
        .with_response_algorithms(algorithms)
        .with_policy(Policy::fapi2_message_signing())?;
    applicant.play(client)?.showing("client")
}

fn request(scope: &'static str) -> AuthorizationRequest<'static> {
    AuthorizationRequest::new(scope).response_mode(ResponseMode::Jwt)
}

fn signs_in(stage: &Stage) -> Result<(), Failure> {
    let algorithms = [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];
    for (algorithm, adapter) in algorithms.into_iter().zip(BOTH.into_iter().cycle()) {
        let player = player(stage, adapter, algorithm, |it| it)?;
        about(algorithm, plays(&player))?;
    }
    Ok(())
}

fn plays(player: &Player<'_>) -> Result<(), Failure> {
    let came_back = player.push(&mut User::new("ada"), request("openid"))?;
    let signed_in = player.resume(came_back)?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    present("userinfo", signed_in.userinfo())?;

    let came_back = player.push(&mut User::new("ada"), request("api"))?;
    let tokens = player.resume(came_back)?.into_tokens();
    let me = player.me(&tokens, &player.api)?;
    same("the API's user", &me["sub"], "ada")?;
    let refreshed = player.run(player.client.refresh(&tokens)?)?;
    player.me(&refreshed, &player.api)?;
    let answer = player.run(player.client.introspect(refreshed.access_token().clone()))?;
    same("it is active", answer.is_active(), true)
}

/// The crate knows, and sends nobody; a client that does not is refused.
fn demands_a_push(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Adapter::Ureq, Algorithm::Es256, |it| it)?;
    let outcome = player.client.authorize(now(), request("openid"));
    same("a URL at once", outcome.is_ok(), false)?;

    let unsigned = Client::new(
        player.client.metadata().clone(),
        player.client.client_id(),
        player.client.authentication().clone(),
    )?;
    let unsigned = unsigned.with_redirect_uri(REDIRECT_URI)?;
    let outcome = unsigned.push(now(), request("openid"));
    same("a request that nobody signs", outcome.is_ok(), false)
}

/// "audience (aud) must equal the issuer identifier": no other name of the server will do here.
fn demands_the_issuer(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Adapter::Reqwest, Algorithm::Ps256, |assertion| {
        assertion.danger_with_token_endpoint_audience()
    })?;
    let flow = player.client.push(now(), request("openid"))?;
    refused("the assertion", player.run(flow), &ErrorCode::InvalidClient)?;
    Ok(())
}
