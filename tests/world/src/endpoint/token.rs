//! The token endpoint: RFC 6749 §3.2, its answer §5.1.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::authentication;
use crate::endpoint::authorization::required;
use crate::endpoint::authorization::resources;
use crate::endpoint::code;
use crate::endpoint::direct;
use crate::endpoint::dpop;
use crate::endpoint::exchange;
use crate::endpoint::identity;
use crate::endpoint::identity::Beside;
use crate::endpoint::polling;
use crate::endpoint::refresh;
use crate::grants::Grant;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ExpiresIn;
use crate::settings::Settings;

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let form = incoming.form()?;
    let client = authentication::client(provider, incoming, &form)?;
    dpop::of_server(provider, incoming, &form)?;
    match required(&form, "grant_type")? {
        "authorization_code" => code::redeem(provider, incoming.now, &client, &form),
        "refresh_token" => refresh::renew(provider, incoming.now, &client, &form),
        "urn:ietf:params:oauth:grant-type:device_code" => {
            polling::poll(provider, incoming.now, &client, &form, "device_code")
        }
        "urn:openid:params:grant-type:ciba" => {
            polling::poll(provider, incoming.now, &client, &form, "auth_req_id")
        }
        "urn:ietf:params:oauth:grant-type:token-exchange" => {
            exchange::trade(provider, incoming.now, &client, &form)
        }
        _ => direct::answer(provider, incoming.now, &client, &form),
    }
}

/// A token response: an access token for a grant, and a refresh token if there is one.
///
/// `requested` is the scope the client asked for, so that the answer can leave out the same.
pub(crate) fn issue(
    provider: &mut Provider,
    now: u64,
    grant: &Grant,
    requested: &[String],
    refresh_token: Option<String>,
) -> Answer {
    let mut members = Members::default();
    add_access_token(provider, now, grant, &mut members);
    if let Some(token) = &refresh_token {
        dpop::bind(provider, token);
    }
    members.add_some("refresh_token", refresh_token);
    let access_token = members.text("access_token");
    let beside = Beside {
        access_token,
        ..Beside::default()
    };
    let id_token = identity::id_token(provider, now, grant, beside);
    members.add_some("id_token", id_token);
    add_scope(&provider.settings, grant, requested, &mut members);
    members.add_some("authorization_details", grant.details.clone());
    Answer::json(200, members)
        .with("cache-control", "no-store")
        .with("pragma", "no-cache")
}

/// An access token with its type and its lifetime.
pub(crate) fn add_access_token(
    provider: &mut Provider,
    now: u64,
    grant: &Grant,
    members: &mut Members,
) {
    let lifetime = provider.settings.token_lifetime;
    let expires = now.saturating_add(lifetime);
    let token = provider.grants.add_access_token(grant.clone(), expires);
    dpop::bind(provider, &token);
    members.add("access_token", token);
    let is_bound = provider.proofs.proving.is_some();
    members.add("token_type", if is_bound { "DPoP" } else { "Bearer" });
    match provider.settings.expires_in {
        ExpiresIn::Number => members.add("expires_in", lifetime),
        ExpiresIn::Text => members.add("expires_in", lifetime.to_string()),
        ExpiresIn::Absent => {}
    }
}

/// "OPTIONAL, if identical to the scope requested by the client; otherwise, REQUIRED."
pub(crate) fn add_scope(
    settings: &Settings,
    grant: &Grant,
    requested: &[String],
    members: &mut Members,
) {
    if grant.scope != requested || (settings.scope_always && !grant.scope.is_empty()) {
        members.add("scope", grant.scope.join(" "));
    }
}

/// The grant cut down to the resources a token request names (RFC 8707 §2.2).
pub(crate) fn for_resources(grant: &Grant, form: &Parameters) -> Result<Grant, Refusal> {
    let wanted = resources(form)?;
    let mut grant = grant.clone();
    if let Some(resource) = wanted.iter().find(|&one| !grant.resources.contains(one)) {
        let fault = format!("resource {resource} was not granted");
        return Err(Refusal::no("invalid_target", fault));
    }
    if !wanted.is_empty() {
        grant.resources = wanted;
    }
    Ok(grant)
}
