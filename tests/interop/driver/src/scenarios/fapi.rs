//! FAPI 2.0 with Message Signing: pushed and signed requests, signed responses, a client that signs for itself, and tokens
//! that are bound to its certificate or to a key of its own.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::policy::Demand;
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
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::player::FAPI_OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("fapi_signs_in_by_certificate", |stage| {
        signs_in(stage, Bound::Certificate)
    }),
    Scenario::new("fapi_signs_in_by_proof", |stage| {
        signs_in(stage, Bound::Proof)
    }),
    Scenario::new("fapi_demands_a_push", demands_a_push),
    Scenario::new("fapi_demands_the_issuer", demands_the_issuer),
];

/// What tokens are bound to.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Certificate,
    /// DPoP, with the nonces that this server demands.
    Proof,
}

/// A client that signs by this algorithm, with what it needs.
fn player<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    algorithm: Algorithm,
    bound: Bound,
    change: impl FnOnce((ClientAssertion, Policy)) -> (ClientAssertion, Policy),
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
        "tls_client_certificate_bound_access_tokens": bound == Bound::Certificate,
        "dpop_bound_access_tokens": bound == Bound::Proof,
        "require_signed_request_object": true,
        "jwks": keyring::verifiable(algorithm)?,
    });
    let applicant = Applicant::new(stage, FAPI_OIDC_PROVIDER, adapter, members)?;
    let signer = keyring::signer(algorithm)?;
    let policy = Policy::fapi2_message_signing();
    let (assertion, policy) = change((ClientAssertion::new(signer.clone()), policy));
    let algorithms = ResponseAlgorithms::new()
        .signed(Answer::IdToken, answers)
        .signed(Answer::Authorization, answers)
        .signed(Answer::Introspection, answers);
    let client = applicant
        .client_by(Authentication::private_key_jwt(assertion))?
        .with_request_objects(signer)?
        .with_response_algorithms(algorithms);
    match bound {
        Bound::Certificate => {
            let client = client.with_certificate_bound_access_tokens();
            applicant
                .play(client.with_policy(policy)?)?
                .showing("client")
        }
        Bound::Proof => {
            let key = DpopKey::generate(&keyring::crypto(), Algorithm::Es256)?;
            applicant.play(client.with_dpop(key).with_policy(policy)?)
        }
    }
}

fn request(scope: &'static str) -> AuthorizationRequest<'static> {
    AuthorizationRequest::new(scope).response_mode(ResponseMode::Jwt)
}

fn signs_in(stage: &Stage, bound: Bound) -> Result<(), Failure> {
    let algorithms = [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];
    for (algorithm, adapter) in algorithms.into_iter().zip(BOTH.into_iter().cycle()) {
        let player = player(stage, adapter, algorithm, bound, |it| it)?;
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
    let bound = Bound::Certificate;
    let player = player(stage, Adapter::Ureq, Algorithm::Es256, bound, |it| it)?;
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
    let change = |(assertion, policy): (ClientAssertion, Policy)| {
        let policy = policy.danger_without(Demand::IssuerAudience);
        (assertion.danger_with_token_endpoint_audience(), policy)
    };
    let (algorithm, bound) = (Algorithm::Ps256, Bound::Certificate);
    let player = player(stage, Adapter::Reqwest, algorithm, bound, change)?;
    let flow = player.client.push(now(), request("openid"))?;
    refused("the assertion", player.run(flow), &ErrorCode::InvalidClient)?;
    Ok(())
}
