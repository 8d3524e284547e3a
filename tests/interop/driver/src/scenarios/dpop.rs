//! Tokens that are bound to a key (RFC 9449), over both adapters. The API demands a nonce of its own with every proof; of
//! the servers one demands nonces (see `fapi.rs`), and the one here does not.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::TokenType;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;
use serde_json::Value;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::player::FAPI_OIDC_PROVIDER;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("dpop_at_the_api", at_the_api),
    Scenario::new("dpop_by_every_algorithm", by_every_algorithm),
    Scenario::new("dpop_in_a_pushed_request", in_a_pushed_request),
    Scenario::new("dpop_with_demanded_nonces", with_demanded_nonces),
    Scenario::new("dpop_of_another_key", of_another_key),
];

/// A public client, whose refresh tokens are bound as well.
fn player<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    algorithm: Algorithm,
) -> Result<Player<'a>, Failure> {
    let members = json!({
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": true,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let client = applicant.client_by(Authentication::None)?;
    let key = DpopKey::generate(&keyring::crypto(), algorithm)?;
    applicant.play(client.with_dpop(key))
}

fn is_bound(player: &Player<'_>, tokens: &Tokens) -> Result<(), Failure> {
    same("the type", tokens.token_type(), TokenType::Dpop)?;
    let key = present("a key", player.client.dpop_key())?;
    let answer = player.run(player.client.introspect(tokens.access_token().clone()))?;
    let token = present("an active token", answer.token())?;
    let cnf: Option<Value> = token.member("cnf")?;
    let jkt = cnf.as_ref().and_then(|cnf| cnf["jkt"].as_str());
    same("cnf", jkt, Some(key.thumbprint()))
}

fn at_the_api(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, Algorithm::Es256)?;
        let tokens = player.sign_in(AuthorizationRequest::new(["api"]))?;
        is_bound(&player, &tokens)?;
        // The first call is told the nonce, the second one knows it.
        for _ in 0..2 {
            let me = player.me(&tokens, &player.api)?;
            same("the API's user", &me["sub"], "ada")?;
        }
        let bearer = format!("Bearer {}", tokens.access_token().expose());
        let headers = [("authorization", bearer)];
        let answer = wire::get(&wire::agent(), &player.api, &headers)?;
        same("the status without a proof", answer.status, 401)?;

        let refreshed = player.run(player.client.refresh(&tokens)?)?;
        is_bound(&player, &refreshed)?;
        player.me(&refreshed, &player.api)?;
    }
    Ok(())
}

fn by_every_algorithm(stage: &Stage) -> Result<(), Failure> {
    for (algorithm, adapter) in keyring::asymmetric(stage, "")?.zip(BOTH.into_iter().cycle()) {
        let player = player(stage, adapter, algorithm)?;
        about(algorithm, signs_in(&player))?;
    }
    Ok(())
}

/// With an identity and userinfo, whose endpoint takes proofs too.
fn signs_in(player: &Player<'_>) -> Result<(), Failure> {
    let signed_in = player.signed_in(AuthorizationRequest::new(["openid"]))?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    present("userinfo", signed_in.userinfo())?;
    let refreshed = player.run(player.client.refresh(signed_in.tokens())?)?;
    is_bound(player, &refreshed)?;
    player.run(player.client.userinfo(&refreshed)?)?;
    Ok(())
}

fn in_a_pushed_request(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, Algorithm::Es256)?;
        let request = AuthorizationRequest::new(["openid"]);
        let came_back = player.push(&mut User::new("ada"), request)?;
        let signed_in = player.resume(came_back)?;
        is_bound(&player, signed_in.tokens())?;
    }
    Ok(())
}

/// The server of FAPI 2.0 says what nonce it wants to the first proof, at each of its endpoints.
fn with_demanded_nonces(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let algorithm = Algorithm::Es256;
        let members = json!({
            "redirect_uris": [],
            "response_types": [],
            "grant_types": ["client_credentials"],
            "id_token_signed_response_alg": "ES256",
            "authorization_signed_response_alg": "ES256",
            "introspection_signed_response_alg": "ES256",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": keyring::verifiable(algorithm)?,
            "dpop_bound_access_tokens": true,
        });
        let applicant = Applicant::new(stage, FAPI_OIDC_PROVIDER, adapter, members)?;
        let authentication = Authentication::private_key_jwt(keyring::signer(algorithm)?);
        let key = DpopKey::generate(&keyring::crypto(), algorithm)?;
        let client = applicant.client_by(authentication)?.with_dpop(key);
        let player = applicant.play(client)?;
        for _ in 0..2 {
            let tokens = player.run(player.client.client_credentials(["api"]))?;
            same("the type", tokens.token_type(), TokenType::Dpop)?;
        }
    }
    Ok(())
}

/// A refresh token of a public client is good with its own key alone (RFC 9449, section 5), and so is a code whose
/// request named the key (section 10).
fn of_another_key(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, Algorithm::Es256)?;
        let request = AuthorizationRequest::new(["api"]);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let other = DpopKey::generate(&keyring::crypto(), Algorithm::Es256)?;
        let thief = player.client.clone().with_dpop(other);

        let copy = serde_json::from_value(serde_json::to_value(&pending)?)?;
        let outcome = thief
            .resume(now(), copy, &callback)
            .is_ok_and(|flow| player.run(flow).is_ok());
        same("a code with another key", outcome, false)?;

        let tokens = player.resume((pending, callback))?.into_tokens();
        let token = present("a refresh token", tokens.refresh_token())?.clone();
        let outcome = player.run(Call::new(Grant::refresh_token(&thief, token)));
        refused(
            "a refresh with another key",
            outcome,
            &ErrorCode::InvalidGrant,
        )?;
        player.run(player.client.refresh(&tokens)?)?;
    }
    Ok(())
}
