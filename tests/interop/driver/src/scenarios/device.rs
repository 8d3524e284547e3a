//! Signing in on another device (RFC 8628), over both adapters. The clock of the client jumps over the waits, so that
//! what the server calls hasty is easily done.

use std::time::Duration;

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::device::DeviceAuthorizationRequest;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::flow::drive::DriveError;

use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::AUTHLIB;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("device_signs_in", signs_in),
    Scenario::new("device_signs_a_user_in", signs_a_user_in),
    Scenario::new("device_is_denied", is_denied),
    Scenario::new("device_slows_down", slows_down),
    Scenario::new("device_slows_down_for_authlib", slows_down_for_authlib),
    Scenario::new("device_gives_up", gives_up),
    Scenario::new("device_code_is_used_once", code_is_used_once),
    Scenario::new("device_for_another_api", for_another_api),
    Scenario::new("device_asks_for_no_such_api", asks_for_no_such_api),
];

fn ask(player: &Player<'_>) -> Result<PendingDevice, Failure> {
    let pending = player.run(player.client.device(["api"])?)?;
    // Stored, and taken up by another process.
    Ok(serde_json::from_str(&serde_json::to_string(&pending)?)?)
}

/// The user opens the address on another device, and does what this user does.
fn decide(pending: &PendingDevice, mut user: User) -> Result<String, Failure> {
    let address = pending.verification_uri_complete();
    user.settle(present("an address that needs no typing", address)?)
}

fn signs_in(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let pending = ask(&player)?;
        same("the interval", pending.interval().as_secs(), 5)?;
        let copy = pending.clone();
        let mut waits = Vec::new();
        let tokens = adapter.hurry(player.client.poll(pending)?, |pause| {
            waits.push(pause.as_secs());
            if waits.len() == 2 {
                let page = decide(&copy, User::new("ada"))?;
                same("the last page", page.contains("Success"), true)?;
            }
            Ok(())
        })??;
        // The first poll found no decision, the second one did.
        same("the waits", waits, [5, 5])?;
        same("granted", tokens.scope().as_str(), "api")?;
        let me = player.me(&tokens, &player.api)?;
        same("the API knows the user", &me["sub"], "ada")?;
        let refreshed = player.run(player.client.refresh(&tokens)?)?;
        player.me(&refreshed, &player.api)?;
    }
    Ok(())
}

/// With an identity, which a refresh says again.
fn signs_a_user_in(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let pending = player.run(player.client.device(["openid", "email"])?)?;
        decide(&pending, User::new("ada"))?;
        let tokens = adapter.hurry(player.client.poll(pending)?, |_| Ok(()))??;
        let id_token = present("an ID token", tokens.id_token())?;
        same("sub", id_token.sub(), "ada")?;
        let refreshed = player.run(player.client.refresh(&tokens)?)?;
        let id_token = present("another ID token", refreshed.id_token())?;
        same("sub", id_token.sub(), "ada")?;
        let userinfo = player.run(player.client.userinfo(&refreshed)?)?;
        same("sub", userinfo.sub(), "ada")?;
    }
    Ok(())
}

fn is_denied(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let pending = ask(&player)?;
        decide(&pending, User::new("ada").denying())?;
        let ended = adapter.hurry(player.client.poll(pending)?, |_| Ok(()))?;
        let refusal = refused("the poll", ended, &ErrorCode::AccessDenied)?;
        let said = "The user said \"no\", 100 % sure";
        same("the description", refusal.description(), Some(said))?;
    }
    Ok(())
}

fn slows_down(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let pending = ask(&player)?;
        let copy = pending.clone();
        let mut waits = Vec::new();
        adapter.hurry(player.client.poll(pending)?, |pause| {
            waits.push(pause.as_secs());
            if waits.len() == 4 {
                decide(&copy, User::new("ada"))?;
            }
            Ok(())
        })??;
        // Every poll after the first is hasty by the server's clock; each answer adds five seconds.
        same("the waits", waits, [5, 5, 10, 15])?;
    }
    Ok(())
}

/// A server that says how long to wait, and a `slow_down` of another make.
fn slows_down_for_authlib(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::at(stage.server(AUTHLIB)?, adapter, "television")?;
        let pending = ask(&player)?;
        let copy = pending.clone();
        let mut waits = Vec::new();
        let tokens = adapter.hurry(player.client.poll(pending)?, |pause| {
            waits.push(pause.as_secs());
            if waits.len() == 3 {
                decide(&copy, User::new("ada"))?;
            }
            Ok(())
        })??;
        same("the waits", waits, [1, 1, 6])?;
        player.me(&tokens, &player.api)?;
    }
    Ok(())
}

fn gives_up(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let mut waited = Duration::ZERO;
        let ended = adapter.hurry(player.client.poll(ask(&player)?)?, |pause| {
            waited += pause;
            Ok(())
        })?;
        match ended {
            Err(DriveError::Protocol(Error::Expired(Expired::Polling { .. }))) => {}
            other => return fail(format!("expected the deadline, found {other:?}")),
        }
        // The server gave ten minutes, some of which went by on the way.
        let is_close = (500..=600).contains(&waited.as_secs());
        same("the time that was waited", is_close, true)?;
    }
    Ok(())
}

fn code_is_used_once(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let pending = ask(&player)?;
        decide(&pending, User::new("ada"))?;
        adapter.hurry(player.client.poll(pending.clone())?, |_| Ok(()))??;
        let again = adapter.hurry(player.client.poll(pending.clone())?, |_| Ok(()))?;
        refused("the used code", again, &ErrorCode::InvalidGrant)?;

        let mut stored = serde_json::to_value(&pending)?;
        stored["code"] = "never-issued".into();
        let unknown = serde_json::from_value(stored)?;
        let ended = adapter.hurry(player.client.poll(unknown)?, |_| Ok(()))?;
        refused("an unknown code", ended, &ErrorCode::InvalidGrant)?;
    }
    Ok(())
}

fn for_another_api(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let other = present("a second API", player.server.resources.get(1))?;
        let request = DeviceAuthorizationRequest::new(["api"]).resource(other);
        let pending = player.run(player.client.device(request)?)?;
        decide(&pending, User::new("ada"))?;
        let tokens = adapter.hurry(player.client.poll(pending)?, |_| Ok(()))??;
        player.me(&tokens, &format!("{other}/me"))?;
        let elsewhere = player.call(&tokens, &player.api);
        refused("the first API", elsewhere, &ErrorCode::InvalidToken)?;
    }
    Ok(())
}

fn asks_for_no_such_api(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "television")?;
        let request = DeviceAuthorizationRequest::new(["api"]).resource("https://other.example/");
        let result = player.run(player.client.device(request)?);
        refused("the request", result, &ErrorCode::InvalidTarget)?;
    }
    Ok(())
}
