//! Signed and encrypted authorization requests (RFC 9101), in the URL and pushed, and signed backchannel requests (CIBA
//! Core 1.0, section 7.1.1); by reference at Authlib, since `oidc-provider` takes none so.

use std::time::Duration;

use oauth_proto::base::secret::Secret;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::request_objects::RequestObjects;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::transport::now;
use serde_json::Value;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Ureq;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::applicant::REDIRECT_URI;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::keyring::SYMMETRIC;
use crate::phone::Decision;
use crate::phone::Phone;
use crate::player::AUTHLIB;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("request_object_by_every_algorithm", by_every_algorithm),
    Scenario::new("request_object_by_the_secret", by_the_secret),
    Scenario::new(
        "request_object_with_parameters_repeated",
        with_parameters_repeated,
    ),
    Scenario::new(
        "request_object_with_everything_in_it",
        with_everything_in_it,
    ),
    Scenario::new(
        "request_object_encrypted_to_the_server",
        encrypted_to_the_server,
    ),
    Scenario::new(
        "request_object_encrypted_by_the_secret",
        encrypted_by_the_secret,
    ),
    Scenario::new("request_object_is_demanded", is_demanded),
    Scenario::new("request_object_of_another_key", of_another_key),
    Scenario::new("backchannel_request_is_signed", backchannel_request),
    Scenario::new("request_object_by_reference_at_authlib", by_reference),
    Scenario::new(
        "request_object_is_demanded_by_authlib",
        is_demanded_by_authlib,
    ),
];

/// The key of RFC 7515, appendix A.3, whose public half Authlib knows its client by.
const KNOWN: &str = r#"{"kty":"EC","crv":"P-256","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// A client with a secret that signs every request, by this key, or as this changes it.
fn player<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    signer: &Signer,
    change: impl FnOnce(&Applicant<'_>, RequestObjects) -> Result<RequestObjects, Failure>,
) -> Result<Player<'a>, Failure> {
    let algorithm = signer.algorithm();
    let members = json!({
        "request_object_signing_alg": algorithm.as_str(),
        "require_signed_request_object": true,
        "jwks": keyring::verifiable(algorithm)?,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let objects = change(&applicant, RequestObjects::new(signer.clone()))?;
    let client = applicant.client()?.with_request_objects(objects)?;
    applicant.play(client)
}

fn as_it_is(_: &Applicant<'_>, objects: RequestObjects) -> Result<RequestObjects, Failure> {
    Ok(objects)
}

fn es256() -> Result<Signer, Failure> {
    keyring::signer(Algorithm::Es256)
}

/// In the URL, and pushed.
fn plays(player: &Player<'_>) -> Result<(), Failure> {
    let request = || AuthorizationRequest::new(["openid", "email"]);
    let by_value = player.visit(&mut User::new("ada"), request())?;
    let pushed = player.push(&mut User::new("ada"), request())?;
    for came_back in [by_value, pushed] {
        let signed_in = player.resume(came_back)?;
        same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
        let scope = signed_in.tokens().scope();
        same("the scope", scope.contains("email"), true)?;
    }
    Ok(())
}

fn by_every_algorithm(stage: &Stage) -> Result<(), Failure> {
    for (algorithm, adapter) in keyring::asymmetric(stage, "")?.zip(BOTH.into_iter().cycle()) {
        let signer = keyring::signer(algorithm)?;
        let player = player(stage, adapter, &signer, as_it_is)?;
        about(algorithm, plays(&player))?;
    }
    Ok(())
}

fn by_the_secret(stage: &Stage) -> Result<(), Failure> {
    for algorithm in SYMMETRIC {
        let members = json!({ "request_object_signing_alg": algorithm.as_str() });
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Ureq, members)?;
        let signer = Signer::secret(keyring::crypto(), &applicant.secret()?, algorithm)?;
        let client = applicant.client()?.with_request_objects(signer)?;
        about(algorithm, plays(&applicant.play(client)?))?;
    }
    Ok(())
}

/// As OpenID Connect Core 1.0, section 6.1 has it.
fn with_parameters_repeated(stage: &Stage) -> Result<(), Failure> {
    let repeated = |_: &Applicant<'_>, it: RequestObjects| Ok(it.with_parameters_repeated());
    plays(&player(stage, Ureq, &es256()?, repeated)?)
}

/// Whatever is no text keeps its type.
fn with_everything_in_it(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Ureq, &es256()?, as_it_is)?;
    let claims = json!({ "id_token": { "email": { "essential": true } } });
    let request = AuthorizationRequest::new(["openid"])
        .claims(&claims)
        .max_age(Duration::from_secs(60))
        .acr_values("gold")
        .prompt("login consent")
        .login_hint("ada & \"+more\"");
    let signed_in = player.signed_in(request)?;
    let id_token = present("an ID token", signed_in.id_token())?;
    let email: Option<String> = id_token.claim("email")?;
    same("email", email.as_deref(), Some("ada@user.example"))?;
    same("acr", id_token.acr().as_deref(), Some("gold"))?;
    present("auth_time", id_token.auth_time()).map(drop)
}

fn encrypted_to_the_server(stage: &Stage) -> Result<(), Failure> {
    for (management, encryption) in [
        (KeyManagement::RsaOaep, ContentEncryption::A128CbcHs256),
        (KeyManagement::RsaOaep256, ContentEncryption::A256Gcm),
        (KeyManagement::RsaOaep512, ContentEncryption::A192Gcm),
        (KeyManagement::EcdhEs, ContentEncryption::A128Gcm),
        (KeyManagement::EcdhEsA128Kw, ContentEncryption::A192CbcHs384),
        (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256CbcHs512),
    ] {
        let encrypted = |applicant: &Applicant<'_>, objects: RequestObjects| {
            let address = applicant.metadata.endpoint(Endpoint::Jwks)?.as_str();
            let keys = wire::get(&wire::agent(), address, &[])?.body;
            let keys = JwkSet::parse(&*keyring::crypto(), keys.as_bytes())?;
            let key = present("a key", keys.select_encryption(management, None).next())?;
            let crypto = keyring::crypto();
            let encrypter = Encrypter::new(crypto, key.clone(), management, encryption)?;
            Ok(objects.with_encryption(encrypter))
        };
        let player = player(stage, Ureq, &es256()?, encrypted)?;
        about(management, plays(&player))?;
    }
    Ok(())
}

fn encrypted_by_the_secret(stage: &Stage) -> Result<(), Failure> {
    for (management, encryption, length) in [
        (KeyManagement::A128Kw, ContentEncryption::A128Gcm, 16),
        (
            KeyManagement::A256GcmKw,
            ContentEncryption::A128CbcHs256,
            32,
        ),
        (KeyManagement::Dir, ContentEncryption::A256Gcm, 32),
    ] {
        let encrypted = |applicant: &Applicant<'_>, objects: RequestObjects| {
            let key = derived(&applicant.secret()?, length)?;
            let crypto = keyring::crypto();
            let encrypter = Encrypter::symmetric(crypto, &key, management, encryption)?;
            Ok(objects.with_encryption(encrypter))
        };
        let player = player(stage, Ureq, &es256()?, encrypted)?;
        about(management, plays(&player))?;
    }
    Ok(())
}

/// OpenID Connect Core 1.0, section 10.2.
fn derived(secret: &Secret, length: usize) -> Result<PrivateJwk, Failure> {
    let mut key = keyring::crypto().digest(Hash::Sha256, secret.expose().as_bytes())?;
    key.truncate(length);
    Ok(PrivateJwk::symmetric(key.into()))
}

fn is_demanded(stage: &Stage) -> Result<(), Failure> {
    let mut player = player(stage, Ureq, &es256()?, as_it_is)?;
    let plain = Client::new(
        player.client.metadata().clone(),
        player.client.client_id(),
        player.client.authentication().clone(),
    )?;
    player.client = plain.with_redirect_uri(REDIRECT_URI)?;
    let request = AuthorizationRequest::new(["openid"]);
    let flow = player.client.push(now(), request)?;
    refused("the request", player.run(flow), &ErrorCode::InvalidRequest)?;
    Ok(())
}

/// A signature that the server cannot verify.
fn of_another_key(stage: &Stage) -> Result<(), Failure> {
    let members = json!({ "jwks": keyring::verifiable(Algorithm::Es256)? });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Ureq, members)?;
    let client = applicant.client()?;
    let client = client.with_request_objects(keyring::signer(Algorithm::Es384)?)?;
    let player = applicant.play(client)?;
    let request = AuthorizationRequest::new(["openid"]);
    let flow = player.client.push(now(), request)?;
    let code = ErrorCode::InvalidRequestObject;
    refused("the request", player.run(flow), &code)?;
    Ok(())
}

fn backchannel_request(stage: &Stage) -> Result<(), Failure> {
    for (algorithm, adapter) in [
        (Algorithm::Es256, Adapter::Reqwest),
        (Algorithm::Ps256, Ureq),
        (Algorithm::EdDsa, Ureq),
    ] {
        let members: Value = json!({
            "redirect_uris": [],
            "response_types": [],
            "grant_types": ["urn:openid:params:grant-type:ciba"],
            "backchannel_token_delivery_mode": "poll",
            "backchannel_authentication_request_signing_alg": algorithm.as_str(),
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": keyring::verifiable(algorithm)?,
        });
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
        let signer = keyring::signer(algorithm)?;
        let client = applicant.client_by(Authentication::private_key_jwt(signer.clone()))?;
        let mut player = applicant.play(client)?;
        let user = format!("asked by {algorithm}");
        let unsigned =
            BackchannelAuthenticationRequest::new(["openid", "api"]).login_hint(user.as_str());
        let outcome = player.run(player.client.backchannel(unsigned)?);
        refused("an unsigned request", outcome, &ErrorCode::InvalidRequest)?;

        player.client = player.client.with_signed_backchannel_requests(signer)?;
        let request = BackchannelAuthenticationRequest::new(["openid", "api"])
            .login_hint(user.as_str())
            .binding_message("W4SCT");
        let pending = player.run(player.client.backchannel(request)?)?;
        Phone::at(player.server).decide(&user, Decision::Allow)?;
        let tokens = adapter.hurry(player.client.poll_backchannel(pending)?, |_| Ok(()))??;
        same("sub", tokens.id_token().map(|it| it.sub()), Some(&*user))?;
    }
    Ok(())
}

fn at_authlib<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    key: &PrivateJwk,
) -> Result<Player<'a>, Failure> {
    let mut player = Player::at(stage.server(AUTHLIB)?, adapter, "signing")?;
    let signer = Signer::new(&keyring::crypto(), key, Algorithm::Es256)?;
    player.client = player.client.with_request_objects(signer)?;
    Ok(player)
}

/// The server keeps the object, and is told its name.
fn by_reference(stage: &Stage) -> Result<(), Failure> {
    let stranger = keyring::key(keyring::P256)?;
    for (adapter, key, code) in [
        (Ureq, &PrivateJwk::parse(KNOWN)?, None),
        (Adapter::Reqwest, &PrivateJwk::parse(KNOWN)?, None),
        (Ureq, &stranger, Some(ErrorCode::InvalidRequestObject)),
    ] {
        let player = at_authlib(stage, adapter, key)?;
        let (object, pending) = player.run(player.client.request_object(now(), "api")?)?;
        let place = format!("{}/request_objects", player.server.issuer);
        let form = wire::encode([("object", object.as_str())]);
        let name = wire::post(&wire::agent(), &place, &[], form)?.body;
        let url = object.by_reference(&name)?;
        let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri());
        match code {
            None => {
                let signed_in = player.resume((pending, landing?.url()?))?;
                let tokens = signed_in.into_tokens();
                same("the scope", tokens.scope().as_str(), "api")?;
            }
            Some(code) => {
                let told = format!("{landing:?}");
                same("a page that tells why", told.contains(code.as_str()), true)?;
            }
        }
    }
    Ok(())
}

fn is_demanded_by_authlib(stage: &Stage) -> Result<(), Failure> {
    let signed = at_authlib(stage, Ureq, &PrivateJwk::parse(KNOWN)?)?;
    let by_value = signed.visit(&mut User::new("ada"), "api".into())?;
    signed.resume(by_value)?;
    let plain = Player::at(stage.server(AUTHLIB)?, Ureq, "signing")?;
    let (url, pending) = plain.client.authorize(now(), "api")?;
    let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri());
    let told = format!("{landing:?}");
    same(
        "a page that tells why",
        told.contains("invalid_request"),
        true,
    )
}
