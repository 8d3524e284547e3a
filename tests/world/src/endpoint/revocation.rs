//! The revocation endpoint: RFC 7009.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::authentication;
use crate::endpoint::authorization::required;
use crate::incoming::Incoming;
use crate::provider::Provider;
use crate::refusal::Refusal;

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    let form = incoming.form()?;
    let client = authentication::client(provider, incoming, &form)?;
    let token = required(&form, "token")?;
    let grants = &mut provider.grants;
    let access = grants.access_tokens.get(token).map(|token| &token.grant);
    let refresh = grants.refresh_tokens.get(token).map(|token| &token.grant);
    // §2.1: "whether the token was issued to the client making the revocation request"
    if let Some(grant) = access.or(refresh)
        && grant.client != client.id
    {
        let fault = "the token is another client's";
        return Err(Refusal::careless("unauthorized_client", fault));
    }
    match refresh.map(|grant| grant.family) {
        // "SHOULD also invalidate all access tokens based on the same authorization grant"
        Some(family) => grants.revoke(family),
        None => {
            grants.access_tokens.remove(token);
        }
    }
    // §2.2: the same answer for a token that nobody knows
    Ok(Answer::empty(200))
}
