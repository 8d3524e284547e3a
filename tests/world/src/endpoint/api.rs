//! An API that wants an access token: RFC 6750.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::dpop;
use crate::endpoint::resource_metadata;
use crate::grants::Grant;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// Answers with what it saw: method, path, subject, client and scope, and the body as text.
pub(crate) fn answer(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::POST])?;
    let grant = admit(provider, incoming, scope_due(provider, incoming))
        .map_err(|refusal| resource_metadata::point(provider, incoming, refusal))?;
    let request = incoming.request;
    let mut members = Members::default();
    members.add("method", request.method().as_str());
    members.add("path", request.uri().path());
    members.add("sub", grant.sub.as_str());
    members.add("client_id", grant.client.as_str());
    members.add("scope", grant.scope.join(" "));
    if !request.body().is_empty() {
        members.add("body", String::from_utf8_lossy(request.body()));
    }
    Ok(Answer::json(200, members))
}

/// The grant behind the access token of a request, if that token will do.
pub(crate) fn admit<'a>(
    provider: &'a Provider,
    incoming: &Incoming<'_>,
    scope: Option<&str>,
) -> Result<&'a Grant, Refusal> {
    let token = match dpop::token(provider, incoming) {
        Some(token) => Some(token.to_owned()),
        None => (incoming.bearer(provider.settings.bearer)).map_err(|refusal| {
            let error = refusal.error.unwrap_or("invalid_request");
            challenge(refusal, Some(error), None)
        })?,
    };
    let Some(token) = token else {
        // RFC 6750 §3.1: without authentication information, the server "SHOULD NOT include an
        // error code"
        let mut refusal = Refusal::no("invalid_request", "no access token").status(401);
        refusal.error = None;
        return Err(challenge(refusal, None, scope));
    };
    let Some(grant) = provider.grants.access(incoming.now, &token) else {
        return Err(invalid_token("the access token is expired or unknown"));
    };
    let target = provider.origin().to_owned() + incoming.request.uri().path();
    if !grant.resources.is_empty() && !grant.resources.iter().any(|one| covers(one, &target)) {
        return Err(invalid_token("the access token is for another resource"));
    }
    if let Some(due) = scope
        && !due
            .split(' ')
            .all(|one| grant.scope.iter().any(|had| had == one))
    {
        let refusal = Refusal::no("insufficient_scope", format!("{due} is demanded"));
        return Err(challenge(
            refusal.status(403),
            Some("insufficient_scope"),
            scope,
        ));
    }
    Ok(grant)
}

fn scope_due<'a>(provider: &'a Provider, incoming: &Incoming<'_>) -> Option<&'a str> {
    let path = provider.origin().to_owned() + incoming.request.uri().path();
    let fits = |prefix: &str| path.starts_with(&provider.url(prefix));
    let mut rules = provider.settings.api_scopes.iter();
    let rule = rules.find(|(prefix, _)| fits(prefix));
    rule.map(|(_, scope)| scope.as_str())
}

/// Whether a resource indicator (RFC 8707 §2) stands for the target: itself or what is below it.
fn covers(resource: &str, target: &str) -> bool {
    let rest = target.strip_prefix(resource.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn invalid_token(fault: &str) -> Refusal {
    let refusal = Refusal::no("invalid_token", fault).status(401);
    challenge(refusal, Some("invalid_token"), None)
}

/// The refusal with the challenge of RFC 6750 §3.
fn challenge(refusal: Refusal, error: Option<&str>, scope: Option<&str>) -> Refusal {
    let mut value = "Bearer realm=\"api\"".to_owned();
    if let Some(error) = error {
        let description = refusal.description.replace(['"', '\\'], "'");
        value += &format!(", error=\"{error}\", error_description=\"{description}\"");
    }
    if let Some(scope) = scope {
        value += &format!(", scope=\"{scope}\"");
    }
    refusal.header("www-authenticate", value)
}
