//! Clients that show a certificate (RFC 8705): to prove who they are, and to bind their tokens to it. They speak with the
//! server's TLS front, over both adapters.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::pkcs8;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::flow::drive::DriveError;
use serde_json::Value;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Certified;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tls_client_auth", tls_client_auth),
    Scenario::new("tls_client_auth_by_another_name", by_another_name),
    Scenario::new("self_signed_tls_client_auth", self_signed_tls_client_auth),
    Scenario::new(
        "self_signed_tls_client_auth_by_another",
        by_another_certificate,
    ),
    Scenario::new("certificate_bound_tokens", bound_tokens),
    Scenario::new(
        "certificate_bound_tokens_of_a_public_client",
        bound_tokens_of_a_public_client,
    ),
];

/// The certificate that the authority made for `client.example`.
const OF_AUTHORITY: &str = "client";
const SELF_SIGNED: &str = "self_signed";

fn player<'a>(
    stage: &'a Stage,
    adapter: Adapter,
    members: Value,
    certificate: &str,
) -> Result<Player<'a>, Failure> {
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let client = applicant.client()?;
    applicant.play(client)?.showing(certificate)
}

fn by_authority(name: &str) -> Value {
    json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": name })
}

fn self_signed(stage: &Stage) -> Result<Value, Failure> {
    let server = stage.server(SIGNED_OIDC_PROVIDER)?;
    Ok(json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": { "keys": [of_certificate(server.certificate(SELF_SIGNED)?)?] },
    }))
}

/// The JWK of a certificate, which stands in it (RFC 7517, sections 4.7 and 4.9).
fn of_certificate(certified: &Certified) -> Result<Value, Failure> {
    let crypto = keyring::crypto();
    let key = pkcs8::from_pem(&*crypto, &certified.key)?;
    let mut jwk = serde_json::to_value(Jwk::new(key.public))?;
    let lines = certified.certificate.lines();
    let body: String = lines.filter(|line| !line.starts_with('-')).collect();
    let digest = crypto.digest(Hash::Sha256, &BASE64_STANDARD.decode(&body)?)?;
    jwk["x5c"] = json!([body]);
    jwk["x5t#S256"] = BASE64_URL_SAFE_NO_PAD.encode(digest).into();
    Ok(jwk)
}

/// At every endpoint that has an alias.
fn plays(player: &Player<'_>) -> Result<(), Failure> {
    let came_back = player.push(&mut User::new("ada"), AuthorizationRequest::new(["openid"]))?;
    let signed_in = player.resume(came_back)?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    present("userinfo", signed_in.userinfo())?;
    let tokens = player.run(player.client.refresh(signed_in.tokens())?)?;
    let token = tokens.access_token().clone();
    let answer = player.run(player.client.introspect(token))?;
    same("it is active", answer.is_active(), true)?;
    let answer = player.run(player.client.revoke(&tokens)?)?;
    same("it is revoked", answer.is_revoked(), true)
}

fn tls_client_auth(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        plays(&player(
            stage,
            adapter,
            by_authority("client.example"),
            OF_AUTHORITY,
        )?)?;
    }
    Ok(())
}

/// A certificate of the authority, but another's; and one for the right name of no authority.
fn by_another_name(stage: &Stage) -> Result<(), Failure> {
    for (name, certificate) in [
        ("other.example", OF_AUTHORITY),
        ("client.example", SELF_SIGNED),
    ] {
        for adapter in BOTH {
            let player = player(stage, adapter, by_authority(name), certificate)?;
            let outcome = player.run(player.client.introspect("a token"));
            refused("the certificate", outcome, &ErrorCode::InvalidClient)?;
        }
    }
    Ok(())
}

fn self_signed_tls_client_auth(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        plays(&player(stage, adapter, self_signed(stage)?, SELF_SIGNED)?)?;
    }
    Ok(())
}

fn by_another_certificate(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, self_signed(stage)?, OF_AUTHORITY)?;
        let outcome = player.run(player.client.introspect("a token"));
        refused("the certificate", outcome, &ErrorCode::InvalidClient)?;
    }
    Ok(())
}

fn bound_tokens(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let mut members = by_authority("client.example");
        members["tls_client_certificate_bound_access_tokens"] = true.into();
        let player = player(stage, adapter, members, OF_AUTHORITY)?;
        is_bound(&player)?;
    }
    Ok(())
}

/// The client proves nothing by its certificate; its tokens are bound to it all the same.
fn bound_tokens_of_a_public_client(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let members = json!({
            "token_endpoint_auth_method": "none",
            "tls_client_certificate_bound_access_tokens": true,
        });
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
        let client = applicant.client_by(Authentication::None)?;
        let client = client.with_certificate_bound_access_tokens();
        is_bound(&applicant.play(client)?.showing(SELF_SIGNED)?)?;
    }
    Ok(())
}

/// Tokens for an API and for userinfo are good with the certificate, and with no other.
fn is_bound(player: &Player<'_>) -> Result<(), Failure> {
    let tokens = player.sign_in(AuthorizationRequest::new(["api"]))?;
    let me = player.me(&tokens, &player.api)?;
    same("the API's user", &me["sub"], "ada")?;
    // Without TLS no certificate is shown: the adapter does not send it, and the API would not take it.
    let plain = player.server.api()?;
    let outcome = player.call(&tokens, &plain);
    let is_kept = matches!(outcome, Err(DriveError::Transport(_)));
    same("the token stays here", is_kept, true)?;
    let bearer = format!("Bearer {}", tokens.access_token().expose());
    let answer = wire::get(&wire::agent(), &plain, &[("authorization", bearer)])?;
    same("the API without TLS", answer.status, 401)?;
    let challenge = answer.header("www-authenticate");
    same("its reason", challenge.contains("invalid_token"), true)?;

    let refreshed = player.run(player.client.refresh(&tokens)?)?;
    player.me(&refreshed, &player.api)?;
    let answer = player.run(player.client.introspect(refreshed.access_token().clone()))?;
    let token = present("an active token", answer.token())?;
    let cnf: Option<Value> = token.member("cnf")?;
    same(
        "cnf",
        cnf.is_some_and(|cnf| cnf["x5t#S256"].is_string()),
        true,
    )?;

    let signed_in = player.signed_in(AuthorizationRequest::new(["openid"]))?;
    present("userinfo", signed_in.userinfo())?;
    Ok(())
}
