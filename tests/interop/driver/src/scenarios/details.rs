//! What is asked for in more words than a scope has: rich authorization requests (RFC 9396) and resource indicators
//! (RFC 8707), over both adapters.

use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;

use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("details_are_granted", are_granted),
    Scenario::new("details_are_pushed", are_pushed),
    Scenario::new("details_are_refused", are_refused),
    Scenario::new("resources_several", several_resources),
    Scenario::new("resource_is_refused", resource_is_refused),
    Scenario::new("scope_is_reduced", scope_is_reduced),
];

fn payment(amount: &str) -> AuthorizationDetail {
    AuthorizationDetail::new("payment")
        .actions(["initiate"])
        .member("amount", amount)
}

fn are_granted(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        // The server grants payments of at most 100.
        for (amount, granted, missing) in [("50", "50", 0), ("150", "100", 1)] {
            let asked = [payment(amount)];
            let request = AuthorizationRequest::new(["api"]).authorization_details(&asked);
            let tokens = player.sign_in(request)?;
            let details = present("the details", tokens.authorization_details()?)?;
            same("granted", &*details, [payment(granted)])?;
            let missed = AuthorizationDetail::missing(&asked, &details).count();
            same("what is missing", missed, missing)?;

            let answer = player.run(player.client.introspect(tokens.access_token().clone()))?;
            let token = present("an active token", answer.token())?;
            let told: Option<Vec<AuthorizationDetail>> = token.member("authorization_details")?;
            same("introspected", told, Some(vec![payment(granted)]))?;
        }
    }
    Ok(())
}

fn are_pushed(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "post")?;
        let asked = [payment("7")];
        let request = AuthorizationRequest::new(["api"]).authorization_details(&asked);
        let (url, pending) = player.run(player.client.push(now(), request)?)?;
        let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri())?;
        let flow = player.client.resume(now(), pending, &landing.url()?)?;
        let tokens = player.run(flow)?.into_tokens();
        same(
            "granted",
            tokens.authorization_details()?,
            Some(asked.to_vec()),
        )?;
    }
    Ok(())
}

fn are_refused(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "public")?;
        for wrong in [AuthorizationDetail::new("unheard-of"), payment("a lot")] {
            let request = AuthorizationRequest::new(["api"]).authorization_details(&[wrong]);
            let (pending, callback) = player.visit(&mut User::new("ada"), request.clone())?;
            match player.client.resume(now(), pending, &callback) {
                Err(Error::Refused(refusal)) => {
                    let code = ErrorCode::InvalidAuthorizationDetails;
                    same("the code", refusal.code(), Some(&code))?;
                }
                other => return fail(format!("expected a refusal, found {other:?}")),
            }
            let result = player.run(player.client.push(now(), request)?);
            refused("pushed", result, &ErrorCode::InvalidAuthorizationDetails)?;
        }
    }
    Ok(())
}

/// Two APIs are allowed at once; each token is for one of them.
fn several_resources(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let [first, second, ..] = &*player.server.resources else {
            return fail("two APIs are needed");
        };
        let request = AuthorizationRequest::new(["api"])
            .resource(first)
            .resource(second);
        let tokens = player.sign_in(request)?;
        player.me(&tokens, &player.api)?;

        let refresh = Grant::refresh(&player.client, &tokens)?.resource([second]);
        let other = player.run(Call::new(refresh))?;
        let address = format!("{second}/me");
        player.me(&other, &address)?;
        let elsewhere = player.call(&other, &player.api);
        refused("the first API", elsewhere, &ErrorCode::InvalidToken)?;
    }
    Ok(())
}

fn resource_is_refused(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(AuthorizationRequest::new(["api"]))?;
        let second = present("a second API", player.server.resources.get(1))?;
        // Known to the server, and not what the user allowed.
        let refresh = Grant::refresh(&player.client, &tokens)?.resource([second]);
        let result = player.run(Call::new(refresh));
        refused("a resource", result, &ErrorCode::InvalidTarget)?;
    }
    Ok(())
}

fn scope_is_reduced(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(AuthorizationRequest::new(["api", "api:write"]))?;
        same("granted", tokens.scope().contains("api:write"), true)?;
        let refresh = Grant::refresh(&player.client, &tokens)?.scope(["api"]);
        let reduced = player.run(Call::new(refresh))?;
        same("reduced", reduced.scope().as_str(), "api")?;

        let refresh = Grant::refresh(&player.client, &reduced)?.scope(["api", "unheard-of"]);
        let result = player.run(Call::new(refresh));
        refused("a scope", result, &ErrorCode::InvalidScope)?;
    }
    Ok(())
}
