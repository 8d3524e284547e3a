//! Dynamic client registration: RFC 7591.

use http::Method;
use serde_json::Map;
use serde_json::Value;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::ClientRecord;

/// Who may register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationSettings {
    /// Whether there is a registration endpoint.
    pub open: bool,
    /// The token without which nobody registers (RFC 7591 §3); anybody does where there is none.
    pub initial_access_token: Option<String>,
    /// The method that every client is registered with, whatever it asked for.
    pub auth_method: Option<AuthMethod>,
}

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    let settings = provider.settings.registration.clone();
    if !settings.open {
        return Err(Refusal::request("there is no registration here").status(404));
    }
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let token = incoming.bearer()?;
    if token != settings.initial_access_token.as_deref() {
        let refusal = Refusal::no("invalid_token", "the initial access token").status(401);
        let challenge = "Bearer realm=\"register\", error=\"invalid_token\"";
        return Err(refusal.header("www-authenticate", challenge));
    }
    let mut metadata = metadata(incoming)?;
    let method = match settings.auth_method {
        Some(method) => method,
        None => method_of(&metadata)?,
    };
    metadata.insert("token_endpoint_auth_method".into(), method.name().into());
    let id = provider.grants.mint.next();
    let mut client = ClientRecord::public(&id);
    client.auth_method = method;
    client.redirect_uris = strings(&metadata, "redirect_uris")?;
    let scope = metadata.get("scope").and_then(Value::as_str);
    if let Some(scope) = scope {
        client = client.scope(scope);
    }
    if method != AuthMethod::None {
        client.secret = Some(provider.grants.mint.next());
    }
    let mut members = Members::default();
    members.add("client_id", id);
    members.add("client_id_issued_at", incoming.now);
    if let Some(secret) = &client.secret {
        members.add("client_secret", secret.as_str());
        members.add("client_secret_expires_at", 0);
    }
    for (name, value) in metadata {
        members.add(&name, value);
    }
    provider.register(client);
    Ok(Answer::json(201, members).with("cache-control", "no-store"))
}

/// The object in the body: RFC 7591 §3.1.
fn metadata(incoming: &Incoming<'_>) -> Result<Map<String, Value>, Refusal> {
    let content_type = incoming.header("content-type")?.unwrap_or_default();
    if !content_type.eq_ignore_ascii_case("application/json") {
        let fault = format!("`Content-Type: {content_type}` is not application/json");
        return Err(Refusal::request(fault).status(415));
    }
    let fault = |_| Refusal::careless("invalid_client_metadata", "the body is no JSON object");
    let metadata: Map<String, Value> =
        serde_json::from_slice(incoming.request.body()).map_err(fault)?;
    for name in ["client_id", "client_secret", "registration_access_token"] {
        if metadata.contains_key(name) {
            let fault = format!("{name} is the server's to give");
            return Err(Refusal::careless("invalid_client_metadata", fault));
        }
    }
    Ok(metadata)
}

/// RFC 7591 §2: "If unspecified or omitted, the default is "client_secret_basic"".
fn method_of(metadata: &Map<String, Value>) -> Result<AuthMethod, Refusal> {
    let Some(name) = metadata.get("token_endpoint_auth_method") else {
        return Ok(AuthMethod::ClientSecretBasic);
    };
    [
        AuthMethod::None,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
    ]
    .into_iter()
    .find(|method| name == method.name())
    .ok_or_else(|| Refusal::no("invalid_client_metadata", format!("no method {name}")))
}

fn strings(metadata: &Map<String, Value>, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(value) = metadata.get(name) else {
        return Ok(Vec::new());
    };
    let fault = || Refusal::careless("invalid_redirect_uri", format!("{name} is no list of text"));
    let items = value.as_array().ok_or_else(fault)?;
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(fault)
}
