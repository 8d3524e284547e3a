//! The end-session endpoint: OpenID Connect RP-Initiated Logout 1.0 §2 and §3.

use http::Method;

use crate::answer::Answer;
use crate::answer::Callback;
use crate::answer::ResponseMode;
use crate::endpoint::authorization::required;
use crate::html;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// Ends every grant of the one user there is, and sends the browser back where it may go back.
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::POST])?;
    let parameters = if incoming.is(&Method::GET) {
        incoming.no_body()?;
        incoming.query()?
    } else {
        incoming.no_query()?;
        incoming.form()?
    };
    let back = parameters.value("post_logout_redirect_uri");
    let state = parameters.value("state");
    let Some(back) = back else {
        if state.is_some() {
            let fault = "state without a post_logout_redirect_uri";
            return Err(Refusal::request(fault));
        }
        provider.end_grants();
        return Ok(Answer::page(200, html::logged_out()));
    };
    let id = required(&parameters, "client_id")?;
    let client = provider.clients.get(id);
    let client = client.ok_or_else(|| Refusal::request(format!("no client {id}")))?;
    // §2: "The value MUST have been previously registered with the OP".
    if !client
        .post_logout_redirect_uris
        .iter()
        .any(|uri| uri == back)
    {
        let fault = format!("post-logout redirect URI {back} is not registered");
        return Err(Refusal::request(fault));
    }
    let mut members = Members::default();
    members.add_some("state", state);
    provider.end_grants();
    Ok(Answer::callback(Callback {
        to: back.to_owned(),
        mode: ResponseMode::Query,
        parameters: members,
    }))
}
