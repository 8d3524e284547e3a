//! Pushed authorization requests (RFC 9126), over both adapters.

use std::thread;
use std::time::Duration;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::transport::now;
use url::Url;

use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::player::OPEN_OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("pushed_signs_in", signs_in),
    Scenario::new("pushed_is_used_once", is_used_once),
    Scenario::new("pushed_is_too_late", is_too_late),
    Scenario::new("pushed_by_another_client", by_another_client),
    Scenario::new("pushed_refusals", refusals),
];

fn signs_in(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        for name in ["public", "basic", "basic_utf8", "post"] {
            let player = Player::new(stage, adapter, name)?;
            let (url, pending) = player.run(player.client.push(now(), ["api"])?)?;
            let end = present("the end of the URL", url.expires_at())?;
            let left = end.since(now()).as_secs();
            same("how long it lives", (50..=60).contains(&left), true)?;
            let names: Vec<_> = Url::parse(url.as_str())?
                .query_pairs()
                .map(|(name, _)| name.into_owned())
                .collect();
            same("what travels", names, ["client_id", "request_uri"])?;
            let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri())?;
            let flow = player.client.resume(now(), pending, &landing.url()?)?;
            let tokens = player.run(flow)?.into_tokens();
            player.me(&tokens, &player.api)?;
        }
    }
    Ok(())
}

fn is_used_once(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let (url, pending) = player.run(player.client.push(now(), ["api"])?)?;
        let mut user = User::new("ada");
        user.visit(url.as_str(), pending.redirect_uri())?;
        turned_away(url.as_str(), "invalid_request_uri")?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a pushed request expires by a clock that is the server's own"
)]
fn is_too_late(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OPEN_OIDC_PROVIDER)?;
    for adapter in BOTH {
        let player = Player::at(server, adapter, "basic")?;
        let (url, _) = player.run(player.client.push(now(), ["api"])?)?;
        thread::sleep(Duration::from_millis(1200));
        turned_away(url.as_str(), "invalid_request_uri")?;
    }
    Ok(())
}

fn by_another_client(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let (url, _) = player.run(player.client.push(now(), ["api"])?)?;
        let mine = Url::parse(url.as_str())?;
        let mut foreign = mine.clone();
        let pairs = mine.query_pairs().map(|(name, value)| match &*name {
            "client_id" => (name, "public".into()),
            _ => (name, value),
        });
        foreign.query_pairs_mut().clear().extend_pairs(pairs);
        turned_away(foreign.as_str(), "invalid_request")?;
    }
    Ok(())
}

/// The browser is shown an error, and sent nowhere.
fn turned_away(url: &str, error: &str) -> Result<(), Failure> {
    let answer = wire::get(&wire::agent(), url, &[])?;
    same("the status", answer.status, 400)?;
    same("the location", answer.header("location"), "")?;
    same("the error on the page", answer.body.contains(error), true)
}

fn refusals(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let elsewhere =
            AuthorizationRequest::new(["api"]).redirect_uri("https://app.example/elsewhere");
        let result = player.run(player.client.push(now(), elsewhere)?);
        refused("a redirect URI", result, &ErrorCode::InvalidRequest)?;

        let resource = AuthorizationRequest::new(["api"]).resource("https://other.example/");
        let result = player.run(player.client.push(now(), resource)?);
        refused("a resource", result, &ErrorCode::InvalidTarget)?;

        let metadata = player.client.metadata().clone();
        let secret = Authentication::client_secret_basic("wrong");
        let client = Client::new(metadata, player.client.client_id(), secret)?
            .with_redirect_uri("https://app.example/callback")?;
        let result = player.run(client.push(now(), ["api"])?);
        let refusal = refused("a secret", result, &ErrorCode::InvalidClient)?;
        same(
            "the status",
            refusal.status().map(|it| it.as_u16()),
            Some(401),
        )?;
    }
    Ok(())
}
