//! Protected-resource metadata: RFC 9728, for the API and every path below it.

use http::Method;
use serde_json::json;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// What the API says of itself as a protected resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceSettings {
    /// Whether its challenges name the metadata (RFC 9728 §5.1).
    pub challenged: bool,
    /// `scopes_supported`; not sent where there is none.
    pub scopes: Vec<String>,
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The path of the resource whose metadata are at a path.
pub(crate) fn path_of_resource<'p>(provider: &Provider, path: &'p str) -> Option<&'p str> {
    let resource = path.strip_prefix(WELL_KNOWN)?;
    let below = resource.strip_prefix(provider.base_path())?;
    (below == "/api" || below.starts_with("/api/")).then_some(resource)
}

pub(crate) fn answer(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET])?;
    incoming.no_query()?;
    incoming.no_body()?;
    incoming.accepts_json()?;
    let path = path_of_resource(provider, incoming.request.uri().path()).unwrap_or_default();
    let mut members = Members::default();
    members.add("resource", format!("{}{path}", provider.origin()));
    members.add("authorization_servers", json!([provider.issuer()]));
    let scopes = &provider.settings.resource.scopes;
    members.add_some(
        "scopes_supported",
        (!scopes.is_empty()).then(|| json!(scopes)),
    );
    members.add("bearer_methods_supported", json!(["header"]));
    Ok(Answer::json(200, members))
}

/// The refusal, its challenge naming the metadata of the resource that was asked for.
pub(crate) fn point(provider: &Provider, incoming: &Incoming<'_>, mut refusal: Refusal) -> Refusal {
    if provider.settings.resource.challenged {
        let path = incoming.request.uri().path();
        let address = format!("{}{WELL_KNOWN}{path}", provider.origin());
        for (name, value) in &mut refusal.headers {
            if *name == "www-authenticate" {
                *value += &format!(", resource_metadata=\"{address}\"");
            }
        }
    }
    refusal
}
