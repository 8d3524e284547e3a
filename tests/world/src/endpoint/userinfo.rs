//! The userinfo endpoint: OIDC Core 1.0 §5.3, as a plain JSON object.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::api;
use crate::endpoint::identity;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// Answers with `sub`, and the claims that the scope of the token is for (§5.4).
pub(crate) fn answer(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::POST])?;
    incoming.no_query()?;
    if !provider.settings.identity.userinfo_signed {
        incoming.accepts_json()?;
    }
    let grant = api::admit(provider, incoming, None)?;
    let user = &provider.settings.user;
    let has = |value: &str| grant.scope.iter().any(|had| had == value);
    let mut members = Members::default();
    members.add("sub", grant.sub.as_str());
    members.add_some("name", has("profile").then_some(user.name.as_str()));
    members.add_some("email", has("email").then_some(user.email.as_str()));
    if provider.settings.identity.userinfo_signed {
        members.add("iss", provider.issuer());
        members.add("aud", grant.client.as_str());
        let text = identity::signed(provider, "JWT", &members.to_json());
        let text = text.ok_or_else(|| Refusal::no("server_error", "no key signs"))?;
        return Ok(Answer::jwt(text));
    }
    Ok(Answer::json(200, members))
}
