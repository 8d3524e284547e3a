//! The authorization endpoint: RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2, RFC 9396 §2,
//! OIDC Core 1.0 §3.1.2.1.

use http::Method;
use serde_json::Value;

use crate::answer::Answer;
use crate::answer::Callback;
use crate::answer::ResponseMode;
use crate::endpoint::consent;
use crate::endpoint::implicit::ResponseType;
use crate::endpoint::jarm;
use crate::endpoint::jarm::Signed;
use crate::endpoint::pushed;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;
use crate::settings::Settings;

/// An authorization request that has been read and found in order.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client: String,
    pub(crate) reply: Reply,
    pub(crate) response_type: ResponseType,
    pub(crate) scope: Vec<String>,
    pub(crate) challenge: Option<String>,
    /// `dpop_jkt` (RFC 9449 §10).
    pub(crate) thumbprint: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) details: Option<Value>,
    pub(crate) nonce: Option<String>,
    pub(crate) prompts: Vec<String>,
}

/// How the client is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) redirect_uri: String,
    mode: ResponseMode,
    signed: Option<Signed>,
    state: Option<String>,
}

/// Reads the request. Until client and redirect URI are known to belong together, a refusal stays
/// on a page: the server "MUST NOT automatically redirect" (RFC 6749 §4.1.2.1).
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::POST])?;
    let parameters = if incoming.is(&Method::GET) {
        incoming.no_body()?;
        incoming.query()?
    } else {
        incoming.no_query()?;
        incoming.form()?
    };
    let parameters = pushed::resolve(provider, incoming.now, parameters)?;
    let (client, reply) = begin(provider, incoming.now, &parameters)?;
    let asked = read(&provider.settings, &client, &reply, &parameters)
        .and_then(|asked| spend(provider, &parameters).map(|()| asked));
    Ok(match asked {
        Ok(asked) => consent::ask(provider, incoming.now, asked),
        Err(refusal) => {
            provider.complain(incoming.endpoint, &refusal);
            reply.refuse(provider, &refusal)
        }
    })
}

/// Who asks, and how to answer: known before anything else of a request is looked at.
pub(crate) fn begin(
    provider: &Provider,
    now: u64,
    parameters: &Parameters,
) -> Result<(ClientRecord, Reply), Refusal> {
    let id = required(parameters, "client_id")?;
    let client = provider.clients.get(id).cloned();
    let client = client.ok_or_else(|| Refusal::request(format!("no client {id}")))?;
    let redirect_uri = required(parameters, "redirect_uri")?;
    if !is_registered(&client, redirect_uri) {
        let fault = format!("redirect URI {redirect_uri} is not registered");
        return Err(Refusal::request(fault));
    }
    let default = ResponseType::default_mode(parameters.value("response_type"));
    let named = parameters.value("response_mode");
    let (name, signed) = match named.and_then(|name| jarm::plain_mode(provider, name)) {
        Some(name) => (Some(name), Some(Signed::new(&client.id, now))),
        None => (named, None),
    };
    let reply = Reply {
        redirect_uri: redirect_uri.to_owned(),
        mode: name.and_then(response_mode).unwrap_or(default),
        signed,
        state: parameters.value("state").map(ToOwned::to_owned),
    };
    Ok((client, reply))
}

impl Reply {
    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The error response (RFC 6749 §4.1.2.1).
    pub(crate) fn refuse(&self, provider: &Provider, refusal: &Refusal) -> Answer {
        let mut parameters = Members::default();
        parameters.add_some("error", refusal.error);
        parameters.add("error_description", refusal.description.as_str());
        self.send(provider, parameters)
    }

    /// The authorization response with these parameters (RFC 6749 §4.1.2).
    pub(crate) fn send(&self, provider: &Provider, mut parameters: Members) -> Answer {
        parameters.add_some("state", self.state.as_deref());
        let iss = provider.settings.iss_sent.then_some(provider.issuer());
        parameters.add_some("iss", iss);
        if let Some(signed) = &self.signed {
            parameters = signed.response(provider, parameters);
        }
        Answer::callback(Callback {
            to: self.redirect_uri.clone(),
            mode: self.mode,
            parameters,
        })
    }
}

pub(crate) fn read(
    settings: &Settings,
    client: &ClientRecord,
    reply: &Reply,
    parameters: &Parameters,
) -> Result<Asked, Refusal> {
    let response_type = ResponseType::read(settings, required(parameters, "response_type")?)?;
    if response_type.token && reply.mode == ResponseMode::Query {
        return Err(Refusal::request("an access token in a query"));
    }
    if parameters.value("request").is_some() {
        return Err(Refusal::no("request_not_supported", "no request objects"));
    }
    if parameters.value("request_uri").is_some() {
        let fault = "no request objects by reference";
        return Err(Refusal::no("request_uri_not_supported", fault));
    }
    if settings.state_required {
        required(parameters, "state")?;
    }
    let scope = scope(parameters.value("scope"))?;
    let allowed = |value: &&String| client.scopes.is_empty() || client.scopes.contains(value);
    if let Some(value) = scope.iter().find(|value| !allowed(value)) {
        let fault = format!("{value} is not for this client");
        return Err(Refusal::no("invalid_scope", fault));
    }
    Ok(Asked {
        client: client.id.clone(),
        reply: reply.clone(),
        response_type,
        scope,
        challenge: challenge(settings, response_type, parameters)?,
        thumbprint: parameters.value("dpop_jkt").map(ToOwned::to_owned),
        resources: resources(parameters)?,
        details: details(parameters.value("authorization_details"))?,
        nonce: parameters.value("nonce").map(ToOwned::to_owned),
        prompts: openid(reply, parameters)?,
    })
}

/// RFC 7636 §4.3, and no method but S256.
fn challenge(
    settings: &Settings,
    response_type: ResponseType,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let method = parameters.value("code_challenge_method");
    let Some(challenge) = parameters.value("code_challenge") else {
        if (settings.pkce_required && response_type.code) || method.is_some() {
            return Err(Refusal::request("code_challenge is missing"));
        }
        return Ok(None);
    };
    if method != Some("S256") {
        return Err(Refusal::request("code_challenge_method is not S256"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(fits) {
        let fault = "code_challenge is not base64url of a SHA-256 digest";
        return Err(Refusal::request(fault));
    }
    Ok(Some(challenge.to_owned()))
}

/// RFC 6749 §3.3: scope tokens with one space between them; here also each one once.
pub(crate) fn scope(text: Option<&str>) -> Result<Vec<String>, Refusal> {
    let mut scope: Vec<String> = Vec::new();
    for token in text.into_iter().flat_map(|text| text.split(' ')) {
        let fits = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        if token.is_empty() || !token.bytes().all(fits) || scope.iter().any(|had| had == token) {
            let fault = format!("scope `{}` is malformed", text.unwrap_or_default());
            return Err(Refusal::careless("invalid_scope", fault));
        }
        scope.push(token.to_owned());
    }
    Ok(scope)
}

/// RFC 8707 §2: a resource "MUST be an absolute URI" and "MUST NOT include a fragment component".
pub(crate) fn resources(parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let mut resources = Vec::new();
    for resource in parameters.all("resource") {
        let absolute = resource
            .split_once(':')
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        if !absolute || resource.contains('#') {
            let fault = format!("resource {resource} is not an absolute URI without fragment");
            return Err(Refusal::careless("invalid_target", fault));
        }
        resources.push(resource.to_owned());
    }
    Ok(resources)
}

/// RFC 9396 §2: a JSON array of objects, each with a `type`.
pub(crate) fn details(text: Option<&str>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    let refused = || {
        let fault = "authorization_details is not an array of objects with a type";
        Refusal::careless("invalid_authorization_details", fault)
    };
    let details: Value = serde_json::from_str(text).map_err(|_| refused())?;
    let items = details.as_array().ok_or_else(refused)?;
    if items.is_empty() || !items.iter().all(|item| item["type"].is_string()) {
        return Err(refused());
    }
    Ok(Some(details))
}

/// The parameters of OIDC Core 1.0 §3.1.2.1 and Form Post Response Mode; their prompts.
fn openid(reply: &Reply, parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    if let Some(mode) = parameters.value("response_mode")
        && response_mode(mode).is_none()
        && reply.signed.is_none()
    {
        return Err(Refusal::request(format!("no response_mode {mode}")));
    }
    let known = ["page", "popup", "touch", "wap"];
    if let Some(display) = parameters.value("display")
        && !known.contains(&display)
    {
        return Err(Refusal::request(format!("no display {display}")));
    }
    if let Some(age) = parameters.value("max_age")
        && (age.is_empty() || !age.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Refusal::request(format!("max_age {age} is not in seconds")));
    }
    if let Some(claims) = parameters.value("claims")
        && !serde_json::from_str(claims).is_ok_and(|claims: Value| claims.is_object())
    {
        return Err(Refusal::request("claims is not a JSON object"));
    }
    let prompts = parameters.value("prompt").unwrap_or_default();
    let prompts: Vec<_> = prompts
        .split_terminator(' ')
        .map(ToOwned::to_owned)
        .collect();
    let known = ["none", "login", "consent", "select_account", "create"];
    if let Some(prompt) = prompts
        .iter()
        .find(|prompt| !known.contains(&prompt.as_str()))
    {
        return Err(Refusal::request(format!("no prompt {prompt}")));
    }
    // "If this parameter contains none with any other value, an error is returned."
    if prompts.len() > 1 && prompts.iter().any(|prompt| prompt == "none") {
        return Err(Refusal::request("prompt=none with another"));
    }
    Ok(prompts)
}

/// `state`, `nonce` and `code_challenge` serve one authorization request each. A browser that
/// repeats the very same request, as on a reload, is no fault of the client.
fn spend(provider: &mut Provider, parameters: &Parameters) -> Result<(), Refusal> {
    if !provider.settings.fresh_required {
        return Ok(());
    }
    let whole = parameters.to_string();
    for name in ["state", "nonce", "code_challenge"] {
        let Some(value) = parameters.value(name) else {
            continue;
        };
        let key = format!("{name}={value}");
        if *provider.spent.entry(key).or_insert_with(|| whole.clone()) != whole {
            return Err(Refusal::request(format!("{name} was used before")));
        }
    }
    Ok(())
}

fn response_mode(name: &str) -> Option<ResponseMode> {
    match name {
        "query" => Some(ResponseMode::Query),
        "fragment" => Some(ResponseMode::Fragment),
        "form_post" => Some(ResponseMode::FormPost),
        _ => None,
    }
}

/// RFC 9700 §2.1: "exact string matching", "except for port numbers in localhost redirection URIs
/// of native apps" (RFC 8252 §7.3).
fn is_registered(client: &ClientRecord, uri: &str) -> bool {
    let without_port = |uri: &str| {
        let rest = uri
            .strip_prefix("http://127.0.0.1")
            .or_else(|| uri.strip_prefix("http://[::1]"))?;
        let digits = rest.strip_prefix(':').map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit());
            rest.split_at(end.unwrap_or(rest.len())).1
        });
        let host = uri.len() - rest.len();
        Some(format!("{}{}", uri.get(..host)?, digits.unwrap_or(rest)))
    };
    let same = |registered: &String| {
        let loopback = without_port(registered);
        registered == uri || (loopback.is_some() && loopback == without_port(uri))
    };
    !uri.contains('#') && client.redirect_uris.iter().any(same)
}

pub(crate) fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    let value = parameters.value(name);
    value.ok_or_else(|| Refusal::request(format!("{name} is missing")))
}
