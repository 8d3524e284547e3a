//! Metadata: RFC 8414 §3, OIDC Discovery 1.0 §4.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use serde_json::json;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::members::Edit;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

pub(crate) fn answer(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET])?;
    incoming.no_query()?;
    incoming.no_body()?;
    incoming.accepts_json()?;
    let mut metadata = metadata(provider);
    let path = incoming.request.uri().path();
    let documents = provider.settings.documents.iter();
    for document in documents.filter(|document| provider.document_path(document.place) == path) {
        for member in &document.without {
            metadata.remove(member);
        }
    }
    Ok(Answer::json(200, metadata))
}

/// Every member the provider has, in the order of RFC 8414 §2.
fn metadata(provider: &Provider) -> Members {
    let settings = &provider.settings;
    let clients = || provider.clients.values();
    let scopes: BTreeSet<_> = clients().flat_map(|client| &client.scopes).collect();
    let methods: BTreeSet<_> = clients().map(|client| client.auth_method.name()).collect();
    let mut members = Members::default();
    members.add("issuer", provider.issuer());
    members.add("authorization_endpoint", provider.url("/authorize"));
    members.add("token_endpoint", provider.url("/token"));
    members.add("jwks_uri", provider.url("/jwks"));
    members.add("userinfo_endpoint", provider.url("/userinfo"));
    let device = provider.url("/device_authorization");
    members.add("device_authorization_endpoint", device);
    let backchannel = provider.url("/bc-authorize");
    members.add("backchannel_authentication_endpoint", backchannel);
    let mode = settings.backchannel.mode.name();
    members.add("backchannel_token_delivery_modes_supported", json!([mode]));
    if settings.registration.open {
        members.add("registration_endpoint", provider.url("/register"));
    }
    let pushed = "pushed_authorization_request_endpoint";
    members.add(pushed, provider.url("/par"));
    if settings.pushed_required {
        members.add("require_pushed_authorization_requests", true);
    }
    if settings.signed_required {
        members.add("require_signed_request_object", true);
    }
    members.add("end_session_endpoint", provider.url("/logout"));
    members.add("revocation_endpoint", provider.url("/revoke"));
    members.add("introspection_endpoint", provider.url("/introspect"));
    if !scopes.is_empty() {
        members.add("scopes_supported", json!(scopes));
    }
    members.add("response_types_supported", json!(settings.response_types));
    let mut modes = vec!["query", "fragment", "form_post"];
    if !settings.identity.keys.is_empty() {
        modes.extend(["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]);
    }
    members.add("response_modes_supported", json!(modes));
    let mut grants = vec!["authorization_code"];
    grants.extend(settings.refresh.issued.then_some("refresh_token"));
    grants.push("urn:ietf:params:oauth:grant-type:device_code");
    grants.push("urn:openid:params:grant-type:ciba");
    members.add("grant_types_supported", json!(grants));
    members.add("token_endpoint_auth_methods_supported", json!(methods));
    members.add("code_challenge_methods_supported", json!(["S256"]));
    members.add("subject_types_supported", json!(["public"]));
    let algorithms = settings.identity.keys.iter().map(|key| key["alg"].clone());
    let algorithms = Some(algorithms.collect()).filter(|all: &Vec<_>| !all.is_empty());
    let algorithms = json!(algorithms.unwrap_or_else(|| vec![json!("RS256")]));
    members.add("id_token_signing_alg_values_supported", algorithms.clone());
    if !settings.identity.keys.is_empty() {
        let name = "authorization_signing_alg_values_supported";
        members.add(name, algorithms.clone());
    }
    if settings.identity.userinfo_signed {
        members.add("userinfo_signing_alg_values_supported", algorithms);
    }
    if settings.iss_advertised {
        let name = "authorization_response_iss_parameter_supported";
        members.add(name, Value::Bool(true));
    }
    for (name, value) in &settings.metadata {
        members.edit(name, &Edit::Set(value.clone()));
    }
    members
}
