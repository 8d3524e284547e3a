//! Request objects: RFC 9101, RFC 9126 §3, CIBA Core 1.0 §7.1.1.

use serde_json::Value;
use serde_json::json;

use crate::endpoint::signed;
use crate::endpoint::signed::Rules;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;

/// RFC 9101 §4. FAPI 2.0 Message Signing wants `nbf`, and an hour at most.
const AUTHORIZATION: Rules = Rules {
    what: "the request object",
    error: "invalid_request_object",
    status: 400,
    typ: Some("oauth-authz-req+jwt"),
    claims: &["iat", "nbf", "client_id"],
    iss: true,
    sub: false,
    lifetime: Some(3600),
};

/// CIBA Core 1.0 §7.1.1.
const BACKCHANNEL: Rules = Rules {
    what: "the signed authentication request",
    error: "invalid_request",
    status: 400,
    typ: None,
    claims: &["iat", "nbf"],
    iss: true,
    sub: false,
    lifetime: Some(3600),
};

/// Parameters whose values are no texts in an object.
const STRUCTURED: [&str; 3] = ["claims", "authorization_details", "max_age"];

/// Claims that vouch for the others and are no parameters.
const VOUCHING: [&str; 6] = ["iss", "aud", "iat", "nbf", "exp", "jti"];

/// The parameters that an authorization request stands for: its own, or those that are signed.
pub(crate) fn authorization(
    provider: &mut Provider,
    now: u64,
    parameters: Parameters,
) -> Result<Parameters, Refusal> {
    // What it cannot verify it does not open, and refuses later.
    if provider.jose.is_none() {
        return Ok(parameters);
    }
    let object = match (parameters.value("request"), parameters.value("request_uri")) {
        (Some(object), None) => object.to_owned(),
        // RFC 9101 §5.2.1: the server fetches it.
        (None, Some(uri)) => match provider.settings.hosted.get(uri) {
            Some(object) => object.clone(),
            None => return Err(Refusal::no("invalid_request_uri", "nothing is there")),
        },
        (None, None) if provider.settings.signed_required => {
            return Err(Refusal::request("the request is not signed"));
        }
        (None, None) => return Ok(parameters),
        _ => return Err(Refusal::request("request beside request_uri")),
    };
    // RFC 9101 §5: client_id stands outside too; OpenID Connect Core 1.0 §6.1 repeats two more.
    let outside = [
        "client_id",
        "request",
        "request_uri",
        "response_type",
        "scope",
    ];
    if let Some(name) = parameters
        .names()
        .into_iter()
        .find(|name| !outside.contains(name))
    {
        return Err(Refusal::request(format!("{name} beside a request object")));
    }
    let client = known(provider, parameters.value("client_id"))?;
    let object = decrypted(provider, object)?;
    let signed = open(provider, now, &client, &object, &AUTHORIZATION)?;
    for name in ["client_id", "response_type", "scope"] {
        let outside = parameters.value(name);
        if outside.is_some() && outside != signed.value(name) {
            return Err(Refusal::request(format!(
                "{name} differs from the object's"
            )));
        }
    }
    Ok(signed)
}

/// The parameters of a pushed request by `client`.
pub(crate) fn pushed(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    parameters: Parameters,
) -> Result<Parameters, Refusal> {
    let Some(object) = parameters.value("request").map(ToOwned::to_owned) else {
        if provider.settings.signed_required {
            return Err(Refusal::request("the request is not signed"));
        }
        return Ok(parameters);
    };
    alone(&parameters)?;
    let object = decrypted(provider, object)?;
    open(provider, now, client, &object, &AUTHORIZATION)
}

/// The parameters of a backchannel authentication request by `client`.
pub(crate) fn backchannel(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    parameters: Parameters,
) -> Result<Parameters, Refusal> {
    let Some(object) = parameters.value("request").map(ToOwned::to_owned) else {
        if provider.settings.backchannel.signed_required {
            return Err(Refusal::request("the request is not signed"));
        }
        return Ok(parameters);
    };
    alone(&parameters)?;
    open(provider, now, client, &object, &BACKCHANNEL)
}

/// Nothing stands beside the object but what authenticates the client.
fn alone(parameters: &Parameters) -> Result<(), Refusal> {
    let allowed = [
        "request",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ];
    match parameters
        .names()
        .into_iter()
        .find(|name| !allowed.contains(name))
    {
        Some(name) => Err(Refusal::request(format!("{name} beside a request object"))),
        None => Ok(()),
    }
}

fn known(provider: &Provider, id: Option<&str>) -> Result<ClientRecord, Refusal> {
    let client = id.and_then(|id| provider.clients.get(id)).cloned();
    client.ok_or_else(|| Refusal::request("the request object is of no client"))
}

/// What is in a nested JWT (RFC 7519 §5.2: `cty` is `JWT`); what is none, as it is.
fn decrypted(provider: &Provider, object: String) -> Result<String, Refusal> {
    if object.matches('.').count() != 4 {
        return Ok(object);
    }
    let fault = |fault| Refusal::careless("invalid_request_object", fault);
    let jose = provider.jose.ok_or_else(|| fault("nothing decrypts it"))?;
    let opened = (jose.decrypt)(&object, &provider.settings.decryption_keys);
    let (header, text) =
        opened.ok_or_else(|| fault("the object is not encrypted to the provider"))?;
    if header["cty"] != "JWT" {
        return Err(fault("the content type of the encrypted object is not JWT"));
    }
    Ok(text)
}

fn open(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    object: &str,
    rules: &Rules,
) -> Result<Parameters, Refusal> {
    let keys = client.jwks.clone().unwrap_or(Value::Null);
    let claims = signed::read(provider, now, client, &keys, object, rules)?;
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in claims.as_object().into_iter().flatten() {
        if VOUCHING.contains(&name.as_str()) {
            continue;
        }
        let misplaced = [
            "request",
            "request_uri",
            "client_secret",
            "client_assertion",
        ];
        if misplaced.contains(&name.as_str()) {
            return Err(Refusal::request(format!("{name} in a request object")));
        }
        match value {
            Value::String(_) if STRUCTURED.contains(&name.as_str()) => {
                return Err(Refusal::request(format!("{name} is a text in the object")));
            }
            Value::String(text) => parameters.push((name.clone(), text.clone())),
            Value::Array(list) if name == "resource" => {
                let texts = list.iter().filter_map(Value::as_str);
                parameters.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            other => parameters.push((name.clone(), other.to_string())),
        }
    }
    if json!(client.id) != *claims.get("client_id").unwrap_or(&json!(client.id)) {
        return Err(Refusal::request(
            "client_id of the object is another client's",
        ));
    }
    Ok(parameters.into_iter().collect())
}
