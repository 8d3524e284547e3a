//! What the user says: at once, as the settings have it, or on a page.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::authorization::Asked;
use crate::endpoint::authorization::required;
use crate::endpoint::dpop;
use crate::endpoint::implicit;
use crate::grants::Code;
use crate::grants::Grant;
use crate::html;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::Consent;

/// Asks the user, who answers at once or is shown a page.
pub(crate) fn ask(provider: &mut Provider, now: u64, asked: Asked) -> Answer {
    let settings = &provider.settings;
    let unseen = asked.prompts.iter().any(|prompt| prompt == "none");
    if unseen && (settings.interactive || settings.consent == Consent::NeedsLogin) {
        let refusal = Refusal::no("login_required", "the user is not signed in");
        return asked.reply.refuse(provider, &refusal);
    }
    if !settings.interactive {
        let agreed = settings.consent != Consent::Denied;
        return decide(provider, now, &asked, agreed);
    }
    let ticket = provider.grants.mint.next();
    let page = html::consent(
        &provider.settings.user.name,
        &asked.client,
        &asked.scope,
        &provider.url("/consent"),
        &ticket,
    );
    provider.waiting.insert(ticket, asked);
    Answer::page(200, page).with("cache-control", "no-store")
}

/// The answer of a human on the page.
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    let form = incoming.form()?;
    let decision = required(&form, "decision")?;
    let asked = provider.waiting.remove(required(&form, "ticket")?);
    let asked = asked.ok_or_else(|| Refusal::no("invalid_request", "this page is out of date"))?;
    Ok(decide(provider, incoming.now, &asked, decision == "allow"))
}

fn decide(provider: &mut Provider, now: u64, asked: &Asked, agreed: bool) -> Answer {
    if !agreed {
        let refusal = Refusal::no("access_denied", "the user said no");
        return asked.reply.refuse(provider, &refusal);
    }
    let mut scope = asked.scope.clone();
    if let Consent::Only(allowed) = &provider.settings.consent {
        scope.retain(|value| allowed.contains(value));
    }
    let grant = Grant {
        family: provider.grants.family(),
        client: asked.client.clone(),
        sub: provider.settings.user.sub.clone(),
        scope,
        resources: asked.resources.clone(),
        details: asked.details.clone(),
        nonce: asked.nonce.clone(),
        since: now,
    };
    let mut parameters = Members::default();
    provider.proofs.proving = None;
    if asked.response_type.token {
        implicit::add_token(provider, now, &grant, &asked.scope, &mut parameters);
    }
    if asked.response_type.code {
        let code = Code {
            grant: grant.clone(),
            requested: asked.scope.clone(),
            redirect_uri: asked.reply.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            expires: now.saturating_add(provider.settings.code_lifetime),
            used: false,
        };
        let code = provider.grants.add_code(code);
        provider.proofs.proving.clone_from(&asked.thumbprint);
        dpop::bind(provider, &code);
        parameters.add("code", code);
    }
    if asked.response_type.id_token {
        let id_token = implicit::id_token(provider, now, &grant, asked, &parameters);
        parameters.add_some("id_token", id_token);
    }
    asked.reply.send(provider, parameters)
}
