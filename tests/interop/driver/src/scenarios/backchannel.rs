//! A user who is elsewhere (CIBA Core 1.0), in poll and in ping mode, over both adapters.

use std::thread;
use std::time::Duration;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::notification;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::listener::Listener;
use crate::phone::Decision;
use crate::phone::Phone;
use crate::player::OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::scenarios::registration::INITIAL_ACCESS_TOKEN;
use crate::stage::Stage;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("backchannel_polls", polls),
    Scenario::new("backchannel_is_denied", is_denied),
    Scenario::new("backchannel_slows_down", slows_down),
    Scenario::new("backchannel_ping", ping),
    Scenario::new("backchannel_hints", hints),
    Scenario::new("backchannel_refusals", refusals),
];

/// A request about this user.
fn request(user: &str) -> BackchannelAuthenticationRequest {
    BackchannelAuthenticationRequest::new(["openid", "api"]).login_hint(user)
}

fn ask(
    player: &Player<'_>,
    request: BackchannelAuthenticationRequest,
) -> Result<PendingBackchannel, Failure> {
    let pending = player.run(player.client.backchannel(request)?)?;
    // Stored, and taken up by another process.
    Ok(serde_json::from_str(&serde_json::to_string(&pending)?)?)
}

fn polls(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "shop")?;
        let user = format!("polled by {adapter}");
        let request = request(&user)
            .binding_message("W4SCT")
            .requested_expiry(Duration::from_secs(60));
        let pending = ask(&player, request)?;
        let given = pending.expires_at().since(now()).as_secs();
        same("the expiry that was asked for", given <= 60, true)?;
        let mut waits = Vec::new();
        let tokens = adapter.hurry(player.client.poll_backchannel(pending)?, |pause| {
            waits.push(pause.as_secs());
            if waits.len() == 2 {
                Phone::at(player.server).decide(&user, Decision::Allow)?;
            }
            Ok(())
        })??;
        same("the waits", waits, [5, 5])?;
        same("granted", tokens.scope().contains("api"), true)?;
        let id_token = present("an ID token", tokens.id_token())?;
        same("the user who signed in", id_token.sub(), &*user)?;
        let refreshed = player.run(player.client.refresh(&tokens)?)?;
        let id_token = present("another ID token", refreshed.id_token())?;
        same("the user of the refresh", id_token.sub(), &*user)?;
        let me = player.me(&tokens, &player.api)?;
        same("the API knows the user", &me["sub"], &*user)?;
    }
    Ok(())
}

fn is_denied(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "shop")?;
        let user = format!("denying by {adapter}");
        let pending = ask(&player, request(&user))?;
        Phone::at(player.server).decide(&user, Decision::Deny)?;
        let ended = adapter.hurry(player.client.poll_backchannel(pending.clone())?, |_| Ok(()))?;
        refused("the poll", ended, &ErrorCode::AccessDenied)?;
        let again = adapter.hurry(player.client.poll_backchannel(pending)?, |_| Ok(()))?;
        refused("another poll", again, &ErrorCode::InvalidGrant)?;
    }
    Ok(())
}

fn slows_down(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "shop")?;
        let user = format!("slow by {adapter}");
        let pending = ask(&player, request(&user))?;
        let mut waits = Vec::new();
        adapter.hurry(player.client.poll_backchannel(pending)?, |pause| {
            waits.push(pause.as_secs());
            if waits.len() == 3 {
                Phone::at(player.server).decide(&user, Decision::Allow)?;
            }
            Ok(())
        })??;
        same("the waits", waits, [5, 5, 10])?;
    }
    Ok(())
}

/// The client registers itself with the address at which it listens; the server calls there once the user has decided,
/// and the first poll waits for nothing.
fn ping(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let listener = Listener::bind()?;
        let player = pinged(stage, adapter, &listener)?;
        let user = format!("pinged by {adapter}");
        let pending = ask(&player, request(&user).with_notification())?;

        let phone = Phone::at(player.server);
        let is_good = thread::scope(|scope| {
            let deciding = scope.spawn(|| phone.decide(&user, Decision::Allow));
            let is_good = listener.receive(|request| {
                let outcome = Notification::parse(request)
                    .and_then(|notification| notification.ping(now(), Some(&pending)));
                (notification::answer(&outcome), outcome.map(drop))
            })?;
            match deciding.join() {
                Ok(decided) => decided?,
                Err(_) => return fail("the phone panicked"),
            }
            Ok(is_good)
        })?;
        is_good?;

        let poll = player.client.poll_backchannel(pending)?.pinged();
        let nothing = |pause| fail(format!("waits for {pause:?} after a ping"));
        let tokens = adapter.hurry(poll, nothing)??;
        let me = player.me(&tokens, &player.api)?;
        same("the API knows the user", &me["sub"], &*user)?;
    }
    Ok(())
}

/// A client that is registered for pings to this listener.
fn pinged<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    listener: &Listener,
) -> Result<Player<'a>, Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = adapter.run(Discover::with_uri_policy(&server.issuer, policy)?)?;
    // The server takes it for https, and calls it by http (see `notify` in backchannel.mjs).
    let address = format!("https://{}/notification", listener.authority()?);
    let asked = ClientMetadata::new(Vec::<String>::new())
        .with_grant_types(["urn:openid:params:grant-type:ciba"])
        .with_response_types(Vec::<String>::new())
        .with_member("backchannel_token_delivery_mode", "ping")
        .with_member("backchannel_client_notification_endpoint", address);
    let register =
        ClientRegistration::new(&metadata, asked)?.initial_access_token(INITIAL_ACCESS_TOKEN);
    let registration = adapter.run(Call::new(register))?;
    let client = registration.client(metadata)?;
    Player::playing(adapter, server, client, None)
}

fn hints(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "shop")?;
        let user = format!("hinted by {adapter}");
        let request = BackchannelAuthenticationRequest::new(["openid", "api"])
            .login_hint_token(format!("token of {user}"))
            .user_code(user.chars().rev().collect::<String>());
        let pending = ask(&player, request)?;
        Phone::at(player.server).decide(&user, Decision::Allow)?;
        let tokens = adapter.hurry(player.client.poll_backchannel(pending)?, |_| Ok(()))??;
        let me = player.me(&tokens, &player.api)?;
        same("the API knows the user", &me["sub"], &*user)?;

        // The ID token that came of it names the user the next time.
        let id_token = present("an ID token", tokens.id_token())?;
        let request = BackchannelAuthenticationRequest::new(["openid", "api"])
            .id_token_hint(id_token.text().clone());
        let pending = ask(&player, request)?;
        Phone::at(player.server).decide(&user, Decision::Allow)?;
        let tokens = adapter.hurry(player.client.poll_backchannel(pending)?, |_| Ok(()))??;
        let again = present("an ID token", tokens.id_token())?;
        same("the user", again.sub(), &*user)?;
    }
    Ok(())
}

fn refusals(stage: &Stage) -> Result<(), Failure> {
    let with_token =
        BackchannelAuthenticationRequest::new(["openid", "api"]).login_hint_token("expired");
    let cases = [
        (request("nobody"), ErrorCode::UnknownUserId),
        (with_token, ErrorCode::ExpiredLoginHintToken),
        (
            request("ada").binding_message("far too long a text to be shown on both devices"),
            ErrorCode::InvalidBindingMessage,
        ),
        (request("ada").user_code("wrong"), ErrorCode::InvalidRequest),
        (
            request("ada").resource("https://other.example/"),
            ErrorCode::InvalidTarget,
        ),
    ];
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "shop")?;
        for (request, code) in &cases {
            let result = player.run(player.client.backchannel(request.clone())?);
            refused("the request", result, code)?;
        }
    }
    Ok(())
}
