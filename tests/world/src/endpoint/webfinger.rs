//! WebFinger: RFC 7033 §4, OIDC Discovery 1.0 §2.

use http::Method;
use serde_json::json;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

pub(crate) const PATH: &str = "/.well-known/webfinger";

/// The issuer of the one user there is, asked about by the address.
pub(crate) fn answer(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET])?;
    incoming.no_body()?;
    let query = incoming.query()?;
    // RFC 7033 §4.2: without "resource", the server "MUST indicate that the request is bad".
    let Some(resource) = query.value("resource") else {
        return Err(Refusal::request("no resource"));
    };
    let rel = "http://openid.net/specs/connect/1.0/issuer";
    if query.value("rel") != Some(rel) {
        return Err(Refusal::request("rel is not that of an issuer"));
    }
    if resource != format!("acct:{}", provider.settings.user.email) {
        let refusal = Refusal::no("not_found", format!("nothing about {resource}"));
        return Err(refusal.status(404));
    }
    let mut members = Members::default();
    members.add("subject", resource);
    let link = json!([{"rel": rel, "href": provider.issuer()}]);
    members.add("links", link);
    let mut answer = Answer::json(200, members);
    answer.headers.remove("content-type");
    Ok(answer.with("content-type", "application/jrd+json"))
}
