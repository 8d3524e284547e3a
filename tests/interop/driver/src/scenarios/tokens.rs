//! What becomes of a token: introspection (RFC 7662), revocation (RFC 7009), exchange (RFC 8693), and the user that it
//! stands for (OpenID Connect Core 1.0, section 5.3), over both adapters.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token_type::TokenTypeIdentifier;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::revocation::Revocation;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;

use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::player::Player;
use crate::player::refused;
use crate::player::violated;
use crate::scenarios::Scenario;
use crate::stage::Stage;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("client_credentials", client_credentials),
    Scenario::new("introspection", introspection),
    Scenario::new("revocation", revocation),
    Scenario::new("revocation_of_another", revocation_of_another),
    Scenario::new("exchange", exchange),
    Scenario::new("exchange_refusals", exchange_refusals),
    Scenario::new("userinfo", userinfo),
    Scenario::new("userinfo_refusals", userinfo_refusals),
];

fn request() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new(["api", "api:write"])
}

fn client_credentials(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "service")?;
        let tokens = player.run(player.client.client_credentials(["api"]))?;
        same("granted", tokens.scope().as_str(), "api")?;
        same("a refresh token", tokens.refresh_token(), None)?;

        let secret = Authentication::client_secret_basic("wrong");
        let metadata = player.client.metadata().clone();
        let client = Client::new(metadata, player.client.client_id(), secret)?;
        let result = player.run(client.client_credentials(["api"]));
        refused("a secret", result, &ErrorCode::InvalidClient)?;
    }
    Ok(())
}

fn introspection(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(request())?;
        let ask = IntrospectionRequest::access_token(&player.client, &tokens)?;
        let answer = player.run(Call::new(ask))?;
        let token = present("an active token", answer.token())?;
        same("sub", token.sub(), Some("ada"))?;
        same("scope", token.scope().as_str(), "api api:write")?;
        same(
            "client_id",
            token.client_id(),
            Some(player.client.client_id()),
        )?;
        same("iss", token.iss(), Some(&*player.server.issuer))?;
        same("aud", token.aud(), &player.server.resources[..1])?;
        same("token_type", token.token_type(), Some("Bearer"))?;
        let left = present("exp", token.exp())?.since(now()).as_secs();
        same("exp", (590..=600).contains(&left), true)?;

        let ask = IntrospectionRequest::refresh_token(&player.client, &tokens)?;
        let answer = player.run(Call::new(ask))?;
        let token = present("an active refresh token", answer.token())?;
        same("token_type", token.token_type(), None)?;

        let answer = player.run(player.client.introspect("never-issued"))?;
        same("an unknown token is active", answer.is_active(), false)?;
    }
    Ok(())
}

fn revocation(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(request())?;
        let access = tokens.access_token().clone();
        // The second time there is nothing left to revoke, which is no error.
        for _ in 0..2 {
            let revoke = Revocation::access_token(&player.client, &tokens)?;
            same("revoked", player.run(Call::new(revoke))?.is_revoked(), true)?;
            let answer = player.run(player.client.introspect(access.clone()))?;
            same("it is active", answer.is_active(), false)?;
        }
        let result = player.call(&tokens, &player.api);
        refused("the API", result, &ErrorCode::InvalidToken)?;

        // This server ends the refresh token with it, as RFC 7009, section 2.1 allows.
        let result = player.run(player.client.refresh(&tokens)?);
        refused("the refresh", result, &ErrorCode::InvalidGrant)?;

        let tokens = player.sign_in(request())?;
        same(
            "revoked",
            player.run(player.client.revoke(&tokens)?)?.is_revoked(),
            true,
        )?;
        let result = player.run(player.client.refresh(&tokens)?);
        refused("the refresh", result, &ErrorCode::InvalidGrant)?;
        let result = player.call(&tokens, &player.api);
        refused("the API", result, &ErrorCode::InvalidToken)?;
    }
    Ok(())
}

fn revocation_of_another(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let owner = Player::new(stage, adapter, "basic")?;
        let tokens = owner.sign_in(request())?;
        let thief = Player::new(stage, adapter, "post")?;
        let revoke = Revocation::token(&thief.client, tokens.access_token().clone());
        let result = thief.run(Call::new(revoke));
        refused("the revocation", result, &ErrorCode::InvalidRequest)?;
        owner.me(&tokens, &owner.api)?;
    }
    Ok(())
}

fn exchange(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let subject = player.sign_in(request())?;
        let service = Player::new(stage, adapter, "service")?;
        let second = present("a second API", player.server.resources.get(1))?;

        let issued = service.run(service.client.exchange(&subject))?;
        let kind = issued.issued_token_type();
        same("the kind", kind, &TokenTypeIdentifier::AccessToken)?;
        same("scope", issued.scope().as_str(), "api api:write")?;
        let tokens = present("an access token", issued.into_tokens())?;
        let me = service.me(&tokens, &service.api)?;
        same("the API knows the user", &me["sub"], "ada")?;
        same("the API knows the client", &me["client_id"], "service")?;

        let actor = player.sign_in(request())?;
        let exchange = TokenExchange::new(&service.client, &subject)
            .actor(&actor)
            .requested_token_type("access_token")
            .resource([second])
            .scope(["api"]);
        let issued = service.run(Call::new(exchange))?;
        let tokens = present("an access token", issued.into_tokens())?;
        service.me(&tokens, &format!("{second}/me"))?;
        let answer = service.run(service.client.introspect(tokens.access_token().clone()))?;
        let token = present("an active token", answer.token())?;
        let act: Option<serde_json::Value> = token.member("act")?;
        same("act", act, Some(serde_json::json!({ "sub": "ada" })))?;
    }
    Ok(())
}

fn exchange_refusals(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let subject = player.sign_in(AuthorizationRequest::new(["api"]))?;
        let service = Player::new(stage, adapter, "service")?;
        let exchange = || TokenExchange::new(&service.client, &subject);
        let unknown = SecurityToken::new("never-issued", "access_token");
        let other_kind = SecurityToken::new("a.b.c", "jwt");
        for (exchange, code) in [
            (
                exchange().scope(["api", "api:write"]),
                ErrorCode::InvalidScope,
            ),
            (exchange().audience(["elsewhere"]), ErrorCode::InvalidTarget),
            (
                exchange().resource(&player.server.resources),
                ErrorCode::InvalidTarget,
            ),
            (
                exchange().requested_token_type("saml2"),
                ErrorCode::InvalidRequest,
            ),
            (
                TokenExchange::new(&service.client, unknown),
                ErrorCode::InvalidRequest,
            ),
            (
                TokenExchange::new(&service.client, other_kind),
                ErrorCode::InvalidRequest,
            ),
        ] {
            refused("the exchange", service.run(Call::new(exchange)), &code)?;
        }
        // This client may not exchange tokens at all.
        let result = player.run(player.client.exchange(&subject));
        refused("the grant", result, &ErrorCode::InvalidRequest)?;
    }
    Ok(())
}

fn userinfo(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(AuthorizationRequest::new(["openid", "email"]))?;
        let ask = || UserinfoRequest::new(&player.client, &tokens);
        for ask in [ask()?, ask()?.post(), ask()?.known_sub("ada")] {
            let userinfo = player.run(Call::new(ask))?;
            same("sub", userinfo.sub(), "ada")?;
            let email: Option<String> = userinfo.member("email")?;
            same("email", email.as_deref(), Some("ada@user.example"))?;
        }
        let other = player.run(Call::new(ask()?.known_sub("bob")));
        violated("another user", other, "USERINFO-SUB")?;
    }
    Ok(())
}

fn userinfo_refusals(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "basic")?;
        let tokens = player.sign_in(request())?;
        let result = player.run(player.client.userinfo(&tokens)?);
        let refusal = refused("without openid", result, &ErrorCode::InsufficientScope)?;
        same(
            "the status",
            refusal.status().map(|it| it.as_u16()),
            Some(403),
        )?;

        let tokens = player.sign_in(AuthorizationRequest::new("openid"))?;
        let revoke = Revocation::access_token(&player.client, &tokens)?;
        same("revoked", player.run(Call::new(revoke))?.is_revoked(), true)?;
        let result = player.run(player.client.userinfo(&tokens)?);
        refused("a revoked token", result, &ErrorCode::InvalidToken)?;
    }
    Ok(())
}
