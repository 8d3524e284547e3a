//! The grant of token exchange: RFC 8693.

use crate::answer::Answer;
use crate::answer::Content;
use crate::endpoint::authorization::required;
use crate::endpoint::authorization::resources;
use crate::endpoint::authorization::scope;
use crate::endpoint::direct;
use crate::endpoint::token;
use crate::grants::Grant;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;

const PREFIX: &str = "urn:ietf:params:oauth:token-type:";

pub(crate) fn trade(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
) -> Result<Answer, Refusal> {
    let kind = form.value("requested_token_type");
    let kind = kind.map_or(Ok("access_token"), short_name)?.to_owned();
    let subject = presented(provider, now, client, form, "subject_token")?;
    if form.value("actor_token").is_some() {
        presented(provider, now, client, form, "actor_token")?;
    } else if form.value("actor_token_type").is_some() {
        // RFC 8693 §2.1: "MUST NOT be included otherwise"
        return Err(Refusal::request("actor_token_type without actor_token"));
    }
    let wanted = scope(form.value("scope"))?;
    if let Some(value) = wanted.iter().find(|&value| !subject.scope.contains(value)) {
        let fault = format!("scope {value} is not of the subject token");
        return Err(Refusal::no("invalid_scope", fault));
    }
    let grant = Grant {
        client: client.id.clone(),
        scope: if wanted.is_empty() {
            subject.scope.clone()
        } else {
            wanted.clone()
        },
        resources: resources(form)?,
        ..subject
    };
    let mut answer = match kind.as_str() {
        "access_token" | "jwt" => token::issue(provider, now, &grant, &wanted, None),
        "refresh_token" => other(provider.grants.add_refresh_token(grant)),
        _ => other(provider.grants.mint.next()),
    };
    if let Content::Json(members) = &mut answer.content {
        members.add("issued_token_type", format!("{PREFIX}{kind}"));
    }
    Ok(answer)
}

/// The grant behind the token of that parameter.
fn presented(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
    name: &str,
) -> Result<Grant, Refusal> {
    let token = required(form, name)?;
    let kind = short_name(required(form, &format!("{name}_type"))?)?;
    let grants = &provider.grants;
    let settings = &provider.settings;
    // §2.2.2: a token that "is invalid for any reason" is an `invalid_request`
    let invalid = || Refusal::no("invalid_request", format!("{name} is no valid {kind}"));
    match kind {
        "access_token" => grants.access(now, token).cloned().ok_or_else(invalid),
        "refresh_token" => {
            let found = grants.refresh_tokens.get(token).map(|token| &token.grant);
            let grant = found.filter(|_| grants.refreshes(now, token, &settings.refresh));
            let grant = grant.ok_or_else(invalid)?;
            if grant.client != client.id {
                let fault = "the refresh token is another client's";
                return Err(Refusal::request(fault));
            }
            Ok(grant.clone())
        }
        "saml1" | "saml2" => {
            direct::known(provider, &direct::saml(token)?).map_err(|_| invalid())?;
            Ok(told(provider))
        }
        _ => {
            direct::known(provider, token).map_err(|_| invalid())?;
            Ok(told(provider))
        }
    }
}

/// What an assertion about the user is good for: everything a test asks for.
fn told(provider: &mut Provider) -> Grant {
    Grant {
        family: provider.grants.family(),
        client: String::new(),
        sub: provider.settings.user.sub.clone(),
        scope: vec!["mail".to_owned(), "profile".to_owned()],
        resources: Vec::new(),
        details: None,
        nonce: None,
        since: 0,
    }
}

/// RFC 8693 §3.
fn short_name(uri: &str) -> Result<&str, Refusal> {
    let known = [
        "access_token",
        "refresh_token",
        "id_token",
        "saml1",
        "saml2",
        "jwt",
    ];
    let name = uri.strip_prefix(PREFIX).filter(|name| known.contains(name));
    name.ok_or_else(|| Refusal::no("invalid_request", format!("no token type {uri}")))
}

/// §2.2.1: "not an access token or usable as an access token".
fn other(token: String) -> Answer {
    let mut members = Members::default();
    members.add("access_token", token);
    members.add("token_type", "N_A");
    Answer::json(200, members).with("cache-control", "no-store")
}
