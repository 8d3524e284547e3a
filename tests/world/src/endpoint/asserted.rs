//! Clients that prove who they are by something signed: RFC 7523 §3,
//! draft-ietf-oauth-attestation-based-client-auth-10.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;

use crate::endpoint::signed;
use crate::endpoint::signed::Rules;
use crate::incoming::Incoming;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::ClientRecord;

/// RFC 7523 §3, OpenID Connect Core 1.0 §9; the type and the audience of
/// draft-ietf-oauth-rfc7523bis-11. The conformance suite takes a day at most.
const ASSERTION: Rules = Rules {
    what: "the client assertion",
    error: "invalid_client",
    status: 401,
    typ: Some("client-authentication+jwt"),
    claims: &["iat"],
    iss: true,
    sub: true,
    lifetime: Some(24 * 60 * 60),
};

/// Section 5.1: no `iss`, no `sub`, no `exp`.
const PROOF: Rules = Rules {
    what: "the proof of the attested key",
    error: "invalid_client",
    status: 401,
    typ: Some("oauth-client-attestation-pop+jwt"),
    claims: &["iat"],
    iss: false,
    sub: false,
    lifetime: None,
};

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client of an assertion.
pub(crate) fn by_assertion(
    provider: &mut Provider,
    now: u64,
    form: &Parameters,
    assertion: &str,
) -> Result<ClientRecord, Refusal> {
    if form.value("client_assertion_type") != Some(JWT_BEARER) {
        return Err(Refusal::request("client_assertion_type is not jwt-bearer"));
    }
    if form.value("client_secret").is_some() {
        return Err(Refusal::request("a secret beside an assertion"));
    }
    // RFC 7521 §4.2: client_id "is unnecessary for client assertion authentication", and "MUST
    // identify the same client".
    let id = form
        .value("client_id")
        .map_or_else(|| subject(assertion), ToOwned::to_owned);
    let client = known(provider, &id)?;
    let is_mac = match client.auth_method {
        AuthMethod::ClientSecretJwt => true,
        AuthMethod::PrivateKeyJwt => false,
        other => return Err(unexpected("an assertion", other)),
    };
    let keys = if is_mac {
        let secret = client.secret.as_deref().unwrap_or_default();
        json!({"keys": [{"kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret)}]})
    } else {
        client.jwks.clone().unwrap_or_default()
    };
    signed::read(provider, now, &client, &keys, assertion, &ASSERTION)?;
    Ok(client)
}

/// The client of an attestation (section 7).
pub(crate) fn by_attestation(
    provider: &mut Provider,
    incoming: &Incoming<'_>,
    form: &Parameters,
    attestation: &str,
) -> Result<ClientRecord, Refusal> {
    let fault = |fault: &str| Refusal::careless("invalid_client", fault).status(401);
    let Some(proof) = incoming.header("oauth-client-attestation-pop")? else {
        return Err(fault("an attestation without a proof"));
    };
    let client = known(provider, form.value("client_id").unwrap_or_default())?;
    if client.auth_method != AuthMethod::Attestation {
        return Err(unexpected("an attestation", client.auth_method));
    }
    let jose = provider
        .jose
        .ok_or_else(|| fault("nothing verifies attestations"))?;
    let attested = (jose.verify)(attestation, &provider.settings.attesters);
    let (header, claims) = attested.ok_or_else(|| fault("the attester is not trusted"))?;
    if header["typ"] != "oauth-client-attestation+jwt" || claims["sub"] != *client.id {
        return Err(fault("the attestation is of another client"));
    }
    if claims["exp"].as_u64().is_none_or(|end| end <= incoming.now) {
        return Err(fault("the attestation has expired"));
    }
    let keys = json!({"keys": [claims["cnf"]["jwk"]]});
    let proved = signed::read(provider, incoming.now, &client, &keys, proof, &PROOF)?;
    if provider.settings.challenges {
        let due = provider.challenge.take();
        let next = provider.grants.mint.next();
        provider.challenge = Some(next.clone());
        if due.is_none() || proved["challenge"].as_str() != due.as_deref() {
            let refusal = Refusal::no("use_attestation_challenge", "not the newest challenge");
            return Err(refusal.header("oauth-client-attestation-challenge", next));
        }
    }
    Ok(client)
}

pub(crate) fn known(provider: &Provider, id: &str) -> Result<ClientRecord, Refusal> {
    let client = provider.clients.get(id).cloned();
    client.ok_or_else(|| Refusal::no("invalid_client", format!("no client {id}")).status(401))
}

pub(crate) fn unexpected(used: &str, due: AuthMethod) -> Refusal {
    let fault = format!("{used} where {} is registered", due.name());
    Refusal::careless("invalid_client", fault).status(401)
}

/// `sub` of an assertion that nobody has verified yet.
fn subject(assertion: &str) -> String {
    let payload = assertion.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&payload).unwrap_or_default();
    claims["sub"].as_str().unwrap_or_default().to_owned()
}
