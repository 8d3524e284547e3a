//! Clients that authenticate by something signed (RFC 7523), and signed requests (RFC 9101, CIBA Core 1.0
//! §7.1.1), over both adapters.

use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::request_objects::RequestObjects;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::revocation::Outcome;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;

use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::player::Player;
use crate::player::refused;
use crate::player::signer;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("signed_clients", clients),
    Scenario::new("signed_by_a_stranger", by_a_stranger),
    Scenario::new("signed_requests", requests),
    Scenario::new("signed_and_encrypted_requests", encrypted_requests),
    Scenario::new("signed_requests_demanded", demanded),
    Scenario::new("signed_backchannel_requests", backchannel),
];

/// A client for each algorithm.
const CLIENTS: [&str; 14] = [
    "signer RS256",
    "signer RS384",
    "signer RS512",
    "signer PS256",
    "signer PS384",
    "signer PS512",
    "signer ES256",
    "signer ES384",
    "signer ES512",
    "signer EdDSA",
    "signer Ed25519",
    "sharer HS256",
    "sharer HS384",
    "sharer HS512",
];

/// At every endpoint that wants to know the client.
fn clients(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        for name in CLIENTS {
            let player = Player::new(stage, adapter, name)?;
            let (url, pending) = player.run(player.client.push(now(), ["api"])?)?;
            let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri())?;
            let flow = player.client.resume(now(), pending, &landing.url()?)?;
            let tokens = player.run(flow)?.into_tokens();
            let tokens = player.run(player.client.refresh(&tokens)?)?;
            player.me(&tokens, &player.api)?;
            let token = tokens.access_token().clone();
            let seen = player.run(player.client.introspect(token))?;
            same("the token works", seen.is_active(), true)?;
            let outcome = player.run(player.client.revoke(&tokens)?)?;
            same("it is revoked", matches!(outcome, Outcome::Revoked), true)?;
        }
    }
    Ok(())
}

fn by_a_stranger(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = Player::new(stage, adapter, "signer ES256")?;
        let stranger = signer(player.server, "signer ES384")?;
        let client = Client::new(
            player.client.metadata().clone(),
            player.client.client_id(),
            Authentication::private_key_jwt(stranger),
        )?;
        let result = player.run(Call::new(Grant::refresh_token(&client, "anything")));
        refused("another key", result, &ErrorCode::InvalidClient)?;
    }
    Ok(())
}

/// By value and pushed, by every algorithm.
fn requests(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        for name in CLIENTS.iter().filter(|name| name.starts_with("signer")) {
            let player = Player::new(stage, adapter, name)?;
            let objects = RequestObjects::new(signer(player.server, name)?);
            sign_in_signed(player, objects)?;
        }
    }
    Ok(())
}

/// To each key of the server, in several ways.
fn encrypted_requests(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        for (algorithm, encryption) in [
            (KeyManagement::RsaOaep, ContentEncryption::A128CbcHs256),
            (KeyManagement::RsaOaep256, ContentEncryption::A256Gcm),
            (KeyManagement::EcdhEs, ContentEncryption::A128Gcm),
            (KeyManagement::EcdhEsA128Kw, ContentEncryption::A256CbcHs512),
            (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256Gcm),
        ] {
            let player = Player::new(stage, adapter, "signer ES256")?;
            let address = player.client.metadata().endpoint(Endpoint::Jwks)?;
            let published = wire::get(&wire::agent(), address.as_str(), &[])?;
            let set = JwkSet::parse(&*default_provider(), published.body.as_bytes())?;
            let key = set
                .select_encryption(algorithm, None)
                .find(|key| key.kid().is_some_and(|kid| kid.starts_with("encrypt")));
            let key = present("a key to encrypt to", key)?.clone();
            let encrypter = Encrypter::new(default_provider(), key, algorithm, encryption)?;
            let objects = RequestObjects::new(signer(player.server, "signer ES256")?);
            sign_in_signed(player, objects.with_encryption(encrypter))?;
        }
    }
    Ok(())
}

fn sign_in_signed(mut player: Player<'_>, objects: RequestObjects) -> Result<(), Failure> {
    player.client = player.client.with_request_objects(objects)?;
    let asked = || {
        let resource = player.server.resources.first().cloned().unwrap_or_default();
        AuthorizationRequest::new(["api"]).resource(resource)
    };
    let by_value = player.client.authorize(now(), asked())?;
    let pushed = player.run(player.client.push(now(), asked())?)?;
    for (url, pending) in [by_value, pushed] {
        let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri())?;
        let flow = player.client.resume(now(), pending, &landing.url()?)?;
        let tokens = player.run(flow)?.into_tokens();
        player.me(&tokens, &player.api)?;
    }
    Ok(())
}

fn demanded(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let mut player = Player::new(stage, adapter, "strict")?;
        let result = player.run(player.client.push(now(), ["api"])?);
        refused("an unsigned request", result, &ErrorCode::InvalidRequest)?;
        let key = signer(player.server, "strict")?;
        player.client = player.client.with_request_objects(key)?;
        player.run(player.client.push(now(), ["api"])?)?;
    }
    Ok(())
}

fn backchannel(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let mut player = Player::new(stage, adapter, "signing_shop")?;
        let asked = || {
            BackchannelAuthenticationRequest::new(["openid", "api"])
                .login_hint("ada")
                .binding_message("W4SCT")
        };
        let result = player.run(player.client.backchannel(asked())?);
        refused("an unsigned request", result, &ErrorCode::InvalidRequest)?;
        let key = signer(player.server, "signing_shop")?;
        player.client = player.client.with_signed_backchannel_requests(key)?;
        let pending = player.run(player.client.backchannel(asked())?)?;
        same("who asks", pending.client_id(), "signing-shop")?;
    }
    Ok(())
}
