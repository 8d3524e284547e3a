//! The main job, with the crate, over both adapters: discover, send the user, validate what comes back, redeem, refresh,
//! call an API; and what must stop it.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Reqwest;
use crate::adapter::Adapter::Ureq;
use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("main_job_public_ureq", |stage| {
        main_job(stage, Ureq, "public")
    }),
    Scenario::new("main_job_public_reqwest", |stage| {
        main_job(stage, Reqwest, "public")
    }),
    Scenario::new("main_job_basic_ureq", |stage| {
        main_job(stage, Ureq, "basic")
    }),
    Scenario::new("main_job_basic_reqwest", |stage| {
        main_job(stage, Reqwest, "basic")
    }),
    Scenario::new("main_job_basic_utf8_ureq", |stage| {
        main_job(stage, Ureq, "basic_utf8")
    }),
    Scenario::new("main_job_basic_utf8_reqwest", |stage| {
        main_job(stage, Reqwest, "basic_utf8")
    }),
    Scenario::new("main_job_post_ureq", |stage| main_job(stage, Ureq, "post")),
    Scenario::new("main_job_post_reqwest", |stage| {
        main_job(stage, Reqwest, "post")
    }),
    Scenario::new("main_job_at_authlib", main_job_at_authlib),
    Scenario::new("response_modes", response_modes),
    Scenario::new(
        "a_used_refresh_token_is_refused",
        a_used_refresh_token_is_refused,
    ),
    Scenario::new("an_error_callback", an_error_callback),
    Scenario::new(
        "another_issuer_in_the_callback",
        another_issuer_in_the_callback,
    ),
    Scenario::new("another_verifier", another_verifier),
    Scenario::new("a_code_twice", a_code_twice),
    Scenario::new("a_token_of_another_api", a_token_of_another_api),
    Scenario::new("nobody_answers", nobody_answers),
];

fn main_job(stage: &Stage, adapter: Adapter, client: &str) -> Result<(), Failure> {
    let player = Player::new(stage, adapter, client)?;
    play(
        &player,
        AuthorizationRequest::new(["api", "offline_access"]),
    )
}

fn main_job_at_authlib(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        for client in ["public", "basic", "post"] {
            let player = Player::at(stage.server(AUTHLIB)?, adapter, client)?;
            play(&player, AuthorizationRequest::new(["api"]))?;
        }
    }
    Ok(())
}

fn play(player: &Player<'_>, request: AuthorizationRequest<'_>) -> Result<(), Failure> {
    let first = player.sign_in(request)?;
    same("granted", first.scope().contains("api"), true)?;
    let me = player.me(&first, &player.api)?;
    same(
        "the API knows the client",
        me["client_id"].as_str(),
        Some(player.client.client_id()),
    )?;

    let second = player.run(player.client.refresh(&first)?)?;
    let (old, new) = (first.refresh_token(), second.refresh_token());
    same("a refresh token came", new.is_some(), true)?;
    same("it is another one", old == new, false)?;
    same(
        "status",
        player.call(&second, &player.api)?.status(),
        http::StatusCode::OK,
    )?;

    let third = player.run(player.client.refresh(&second)?)?;
    same(
        "the rotated one is good",
        third.refresh_token() == new,
        false,
    )
}

fn response_modes(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    for mode in [
        ResponseMode::Query,
        ResponseMode::Fragment,
        ResponseMode::FormPost,
    ] {
        let request = AuthorizationRequest::new(["api"]).response_mode(mode);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let flow = player.client.resume(now(), pending, &callback)?;
        player.run(flow)?;
    }
    Ok(())
}

fn a_used_refresh_token_is_refused(stage: &Stage) -> Result<(), Failure> {
    for adapter in [Ureq, Reqwest] {
        let player = Player::new(stage, adapter, "basic")?;
        let first = player.sign_in(AuthorizationRequest::new(["api", "offline_access"]))?;
        player.run(player.client.refresh(&first)?)?;
        let again = player.run(player.client.refresh(&first)?);
        refused("the used token", again, &ErrorCode::InvalidGrant)?;
    }
    Ok(())
}

fn an_error_callback(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    let request = AuthorizationRequest::new(["api"]);
    let (pending, callback) = player.visit(&mut User::new("ada").denying(), request)?;
    match player.client.resume(now(), pending, &callback) {
        Err(Error::Refused(refusal)) => {
            same("the code", refusal.code(), Some(&ErrorCode::AccessDenied))
        }
        other => fail(format!("expected access_denied, found {other:?}")),
    }
}

fn another_issuer_in_the_callback(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    for (change, id) in [
        ("&iss=https%3A%2F%2Fevil.example", "CALLBACK-ISS"),
        ("", "CALLBACK-ISS-MISSING"),
    ] {
        let request = AuthorizationRequest::new(["api"]);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let (start, _) = present("iss", callback.split_once("&iss="))?;
        let result = player
            .client
            .resume(now(), pending, &format!("{start}{change}"));
        let check = result.err().and_then(|error| error.check());
        same("the verdict", check.map(|check| check.id()), Some(id))?;
    }
    Ok(())
}

fn another_verifier(stage: &Stage) -> Result<(), Failure> {
    for adapter in [Ureq, Reqwest] {
        let player = Player::new(stage, adapter, "public")?;
        let request = AuthorizationRequest::new(["api"]);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let mut stored = serde_json::to_value(&pending)?;
        stored["verifier"] = "x".repeat(43).into();
        let flow = player
            .client
            .resume(now(), serde_json::from_value(stored)?, &callback)?;
        refused(
            "another verifier",
            player.run(flow),
            &ErrorCode::InvalidGrant,
        )?;
    }
    Ok(())
}

fn a_code_twice(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "post")?;
    let request = AuthorizationRequest::new(["api"]);
    let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
    let copy = serde_json::from_value(serde_json::to_value(&pending)?)?;
    player.run(player.client.resume(now(), pending, &callback)?)?;
    let again = player.run(player.client.resume(now(), copy, &callback)?);
    refused("the code", again, &ErrorCode::InvalidGrant)?;
    Ok(())
}

fn a_token_of_another_api(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Reqwest, "public")?;
    let other = present("a second API", player.server.resources.get(1))?;
    let tokens = player.sign_in(AuthorizationRequest::new(["api", "offline_access"]))?;
    let result = player.call(&tokens, &format!("{other}/me"));
    refused("the token", result, &ErrorCode::InvalidToken)?;
    Ok(())
}

fn nobody_answers(stage: &Stage) -> Result<(), Failure> {
    stage.server(OIDC_PROVIDER)?;
    let policy = UriPolicy::danger_http_on_loopback();
    for adapter in [Ureq, Reqwest] {
        let flow = Discover::with_uri_policy("http://127.0.0.1:1", policy)?;
        match adapter.run(flow) {
            Err(DriveError::Transport(_)) => {}
            other => return fail(format!("{adapter}: expected no answer, found {other:?}")),
        }
    }
    Ok(())
}
