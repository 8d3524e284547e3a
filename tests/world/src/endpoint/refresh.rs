//! The grant `refresh_token`: RFC 6749 §6, RFC 9700 §4.14.2.

use crate::answer::Answer;
use crate::endpoint::authorization::required;
use crate::endpoint::authorization::scope;
use crate::endpoint::token;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;

pub(crate) fn renew(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
) -> Result<Answer, Refusal> {
    let name = required(form, "refresh_token")?;
    let settings = provider.settings.refresh.clone();
    let Some(token) = provider.grants.refresh_tokens.get(name) else {
        return Err(Refusal::no("invalid_grant", "no such refresh token"));
    };
    let whole = token.grant.clone();
    if whole.client != client.id {
        let fault = "the refresh token is another client's";
        return Err(Refusal::careless("invalid_grant", fault));
    }
    if provider.grants.is_revoked(whole.family) {
        return Err(Refusal::no("invalid_grant", "the grant was revoked"));
    }
    if token.is_stale(now, &settings) {
        if settings.reuse_detected {
            provider.grants.revoke(whole.family);
        }
        let fault = "the refresh token was replaced and used again";
        return Err(Refusal::careless("invalid_grant", fault));
    }
    let mut grant = token::for_resources(&whole, form)?;
    let wanted = scope(form.value("scope"))?;
    // "MUST NOT include any scope not originally granted by the resource owner"
    if let Some(value) = wanted.iter().find(|&value| !whole.scope.contains(value)) {
        let fault = format!("scope {value} was not granted");
        return Err(Refusal::careless("invalid_scope", fault));
    }
    // OpenID Connect Core 1.0 §12.2: "it SHOULD NOT have a nonce Claim".
    grant.nonce = None;
    if !wanted.is_empty() {
        grant.scope = wanted;
    }
    let next = settings.rotated.then(|| {
        if let Some(token) = provider.grants.refresh_tokens.get_mut(name) {
            token.replaced.get_or_insert(now);
        }
        provider.grants.add_refresh_token(whole)
    });
    let requested = grant.scope.clone();
    Ok(token::issue(provider, now, &grant, &requested, next))
}
