//! The introspection endpoint: RFC 7662.

use http::Method;
use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::authentication;
use crate::endpoint::authorization::required;
use crate::grants::Grant;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let form = incoming.form()?;
    let client = authentication::client(provider, incoming, &form)?;
    // §2.1: "the endpoint MUST also require some form of authorization"
    if client.auth_method == AuthMethod::None {
        let fault = "a public client may not ask";
        return Err(Refusal::careless("unauthorized_client", fault));
    }
    let token = required(&form, "token")?;
    let grants = &provider.grants;
    let mut members = Members::default();
    if let Some(grant) = grants.access(incoming.now, token) {
        members.add("active", true);
        members.add("token_type", "Bearer");
        let expires = grants.access_tokens.get(token).map(|token| token.expires);
        members.add_some("exp", expires);
        describe(provider, grant, &mut members);
    } else if grants.refreshes(incoming.now, token, &provider.settings.refresh)
        && let Some(token) = grants.refresh_tokens.get(token)
    {
        members.add("active", true);
        describe(provider, &token.grant, &mut members);
    } else {
        // §2.2: "SHOULD NOT include any additional information about an inactive token"
        members.add("active", false);
    }
    Ok(Answer::json(200, members))
}

fn describe(provider: &Provider, grant: &Grant, members: &mut Members) {
    let user = &provider.settings.user;
    members.add("iss", provider.issuer());
    members.add("sub", grant.sub.as_str());
    members.add("client_id", grant.client.as_str());
    members.add_some("username", (grant.sub == user.sub).then_some(&*user.email));
    members.add_some(
        "scope",
        (!grant.scope.is_empty()).then(|| grant.scope.join(" ")),
    );
    match grant.resources.as_slice() {
        [] => {}
        [one] => members.add("aud", one.as_str()),
        several => members.add("aud", Value::from(several)),
    }
}
