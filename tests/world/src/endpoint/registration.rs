//! Dynamic client registration and its management: RFC 7591, RFC 7592.

use http::Method;
use serde_json::Map;
use serde_json::Value;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::Bearer;
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
    /// Whether clients may manage their registration (RFC 7592).
    pub managed: bool,
    /// Whether a change gives another registration access token and another secret (RFC 7592 §2.2).
    pub rotated: bool,
}

/// A registration that its client may manage.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    issued_at: u64,
    token: String,
    metadata: Map<String, Value>,
}

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    let settings = provider.settings.registration.clone();
    if !settings.open {
        return Err(Refusal::request("there is no registration here").status(404));
    }
    let path = incoming.request.uri().path().to_owned();
    if let Some((_, id)) = path.split_once("/register/") {
        return manage(provider, incoming, id);
    }
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let token = incoming.bearer(Bearer::Header)?;
    if token != settings.initial_access_token {
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
    provider.register(client);
    let token = provider.grants.mint.next();
    let registered = Registered {
        issued_at: incoming.now,
        token,
        metadata,
    };
    provider.registered.insert(id.clone(), registered);
    Ok(information(provider, &id, 201))
}

/// The client information response: RFC 7591 §3.2.1, RFC 7592 §3.
fn information(provider: &Provider, id: &str, status: u16) -> Answer {
    let mut members = Members::default();
    members.add("client_id", id);
    let secret = provider.clients.get(id).and_then(|it| it.secret.as_deref());
    if let Some(secret) = secret {
        members.add("client_secret", secret);
        members.add("client_secret_expires_at", 0);
    }
    if let Some(registered) = provider.registered.get(id) {
        members.add("client_id_issued_at", registered.issued_at);
        if provider.settings.registration.managed {
            let address = provider.url(&format!("/register/{id}"));
            members.add("registration_client_uri", address);
            members.add("registration_access_token", registered.token.as_str());
        }
        for (name, value) in &registered.metadata {
            members.add(name, value.clone());
        }
    }
    Answer::json(status, members).with("cache-control", "no-store")
}

/// The client configuration endpoint: RFC 7592 §2.
fn manage(provider: &mut Provider, incoming: &Incoming<'_>, id: &str) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::PUT, Method::DELETE])?;
    incoming.no_query()?;
    let token = incoming.bearer(Bearer::Header)?;
    let known = provider.registered.get(id);
    if token.is_none() || token.as_deref() != known.map(|it| it.token.as_str()) {
        let refusal = Refusal::no("invalid_token", "the registration access token").status(401);
        let challenge = "Bearer realm=\"register\", error=\"invalid_token\"";
        return Err(refusal.header("www-authenticate", challenge));
    }
    if incoming.is(&Method::DELETE) {
        incoming.no_body()?;
        provider.registered.remove(id);
        provider.clients.remove(id);
        return Ok(Answer::empty(204));
    }
    incoming.accepts_json()?;
    if incoming.is(&Method::GET) {
        incoming.no_body()?;
        return Ok(information(provider, id, 200));
    }
    let mut metadata = object(incoming)?;
    let secret = provider.clients.get(id).and_then(|it| it.secret.clone());
    // RFC 7592 §2.2: "the client MUST include its "client_id" field"; a secret "MUST match".
    let named = metadata.remove("client_id");
    let proof = metadata.remove("client_secret");
    if named.as_ref().and_then(Value::as_str) != Some(id) || proof != secret.map(Value::from) {
        return Err(Refusal::request(
            "client_id or client_secret is not the client's",
        ));
    }
    own(&metadata)?;
    let mut client = ClientRecord::public(id);
    client.auth_method = method_of(&metadata)?;
    client.redirect_uris = strings(&metadata, "redirect_uris")?;
    let rotated = provider.settings.registration.rotated;
    let old = provider.clients.get(id).and_then(|it| it.secret.clone());
    if client.auth_method != AuthMethod::None {
        client.secret = old.filter(|_| !rotated);
        client
            .secret
            .get_or_insert_with(|| provider.grants.mint.next());
    }
    provider.register(client);
    let fresh = provider.grants.mint.next();
    if let Some(registered) = provider.registered.get_mut(id) {
        registered.metadata = metadata;
        if rotated {
            registered.token = fresh;
        }
    }
    Ok(information(provider, id, 200))
}

/// The object in the body: RFC 7591 §3.1.
fn metadata(incoming: &Incoming<'_>) -> Result<Map<String, Value>, Refusal> {
    let metadata = object(incoming)?;
    own(&metadata)?;
    Ok(metadata)
}

fn object(incoming: &Incoming<'_>) -> Result<Map<String, Value>, Refusal> {
    let content_type = incoming.header("content-type")?.unwrap_or_default();
    if !content_type.eq_ignore_ascii_case("application/json") {
        let fault = format!("`Content-Type: {content_type}` is not application/json");
        return Err(Refusal::request(fault).status(415));
    }
    let fault = |_| Refusal::careless("invalid_client_metadata", "the body is no JSON object");
    serde_json::from_slice(incoming.request.body()).map_err(fault)
}

/// What the server gives is not the client's to say.
fn own(metadata: &Map<String, Value>) -> Result<(), Refusal> {
    for name in [
        "client_id",
        "client_secret",
        "client_id_issued_at",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    ] {
        if metadata.contains_key(name) {
            let fault = format!("{name} is the server's to give");
            return Err(Refusal::careless("invalid_client_metadata", fault));
        }
    }
    Ok(())
}

/// RFC 7591 §2: if left out, "the default is" `client_secret_basic`.
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
