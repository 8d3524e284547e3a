//! Proofs of possession: RFC 9449, as a strict authorization server and API read them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::incoming::Incoming;
use crate::mint::base64url_sha256;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// How proofs are taken. The default is a server that knows nothing of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DpopSettings {
    /// Whether proofs are read at all.
    pub taken: bool,
    /// Whether the token endpoint wants one with every request.
    pub required: bool,
    /// Whether the authorization server wants a nonce in proofs, another one each time.
    pub server_nonces: bool,
    /// Whether the API wants a nonce in proofs, another one each time.
    pub api_nonces: bool,
    /// Whether the API demands a nonce by the last of several challenges, in an odd case.
    pub odd_challenges: bool,
}

/// What is remembered of proofs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proofs {
    /// The thumbprint of the key behind the request that is answered.
    pub(crate) proving: Option<String>,
    /// The thumbprints that codes and tokens are bound to.
    pub(crate) bound: BTreeMap<String, String>,
    server_nonce: Option<String>,
    api_nonce: Option<String>,
}

/// How far `iat` may lie from now, in seconds: the conformance suite takes five minutes.
const WINDOW: u64 = 300;

/// Reads the proof of a request to the authorization server: whose tokens come of it are bound.
pub(crate) fn of_server(
    provider: &mut Provider,
    incoming: &Incoming<'_>,
    form: &Parameters,
) -> Result<(), Refusal> {
    provider.proofs.proving = None;
    if !provider.settings.dpop.taken {
        return Ok(());
    }
    let Some(proof) = incoming.header("dpop")? else {
        if provider.settings.dpop.required {
            return Err(Refusal::careless("invalid_dpop_proof", "no proof"));
        }
        return Ok(());
    };
    let thumbprint = read(provider, incoming, proof, None)?;
    // RFC 9449 §10.1: where both are there, they are of one key.
    if form.value("dpop_jkt").is_some_and(|own| own != thumbprint) {
        let fault = "dpop_jkt is not the thumbprint of the proof's key";
        return Err(Refusal::careless("invalid_dpop_proof", fault));
    }
    provider.proofs.proving = Some(thumbprint);
    // §5 and §10: codes and refresh tokens are bound as well.
    for name in ["code", "refresh_token"] {
        let bound = form
            .value(name)
            .and_then(|it| provider.proofs.bound.get(it));
        if bound.is_some() && bound != provider.proofs.proving.as_ref() {
            let fault = format!("the {name} is bound to another key");
            return Err(Refusal::careless("invalid_grant", fault));
        }
    }
    Ok(())
}

/// Binds a code or a token to the key of the request that is answered.
pub(crate) fn bind(provider: &mut Provider, name: &str) {
    if let Some(thumbprint) = provider.proofs.proving.clone() {
        provider.proofs.bound.insert(name.to_owned(), thumbprint);
    }
}

/// The access token in the scheme `DPoP`, where proofs are taken.
pub(crate) fn token<'a>(provider: &Provider, incoming: &Incoming<'a>) -> Option<&'a str> {
    let credentials = incoming.header("authorization").ok()??;
    let (scheme, token) = credentials.split_once(' ')?;
    let is_it = provider.settings.dpop.taken && scheme.eq_ignore_ascii_case("dpop");
    is_it.then_some(token)
}

/// Reads the proof of a request to the API, and refuses a bound token without one.
pub(crate) fn of_api(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<(), Refusal> {
    let Some(token) = token(provider, incoming) else {
        let credentials = incoming.header("authorization").ok().flatten();
        let credentials = credentials.unwrap_or_default();
        let token = credentials.split(' ').next_back().unwrap_or_default();
        // §7.2: "MUST reject a DPoP-bound access token received as a bearer token".
        if provider.proofs.bound.contains_key(token) {
            let refusal = Refusal::careless("invalid_token", "a bound token without its scheme");
            return Err(challenged(provider, refusal));
        }
        return Ok(());
    };
    let read = match incoming.header("dpop")? {
        Some(proof) => read(provider, incoming, proof, Some(token)),
        None => Err(Refusal::careless("invalid_dpop_proof", "no proof")),
    };
    let thumbprint = read.map_err(|refusal| challenged(provider, refusal))?;
    if provider.proofs.bound.get(token) != Some(&thumbprint) {
        let refusal = Refusal::careless("invalid_token", "the token is not bound to this key");
        return Err(challenged(provider, refusal));
    }
    Ok(())
}

fn challenged(provider: &Provider, refusal: Refusal) -> Refusal {
    let error = refusal.error.unwrap_or_default();
    let challenge = if provider.settings.dpop.odd_challenges {
        format!(
            "Bearer realm=\"api\", Basic realm=\"a, b\", dPoP algs=\"ES256\", ERROR=\"{error}\""
        )
    } else {
        format!("DPoP error=\"{error}\", algs=\"ES256 EdDSA\"")
    };
    refusal.status(401).header("www-authenticate", challenge)
}

/// Gives the nonce that the next proof must have, with every answer.
pub(crate) fn remark(provider: &Provider, endpoint: Endpoint, answer: Answer) -> Answer {
    let nonce = if is_api(endpoint) {
        &provider.proofs.api_nonce
    } else if matches!(endpoint, Endpoint::Token | Endpoint::Pushed) {
        &provider.proofs.server_nonce
    } else {
        &None
    };
    match nonce {
        Some(nonce) => answer.with("dpop-nonce", nonce.as_str()),
        None => answer,
    }
}

fn is_api(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Api | Endpoint::Userinfo)
}

/// The checks of RFC 9449 §4.3: the thumbprint of the key.
fn read(
    provider: &mut Provider,
    incoming: &Incoming<'_>,
    proof: &str,
    token: Option<&str>,
) -> Result<String, Refusal> {
    let fault = |fault: String| Err(Refusal::careless("invalid_dpop_proof", fault));
    let Some(jose) = provider.jose else {
        return fault("the provider was lent no cryptography".to_owned());
    };
    let jwk = key(proof);
    let Some((header, claims)) = (jose.verify)(proof, &json!({ "keys": [jwk] })) else {
        return fault("the proof is not signed by its own key".to_owned());
    };
    if header["typ"] != "dpop+jwt" || header.get("kid").is_some() {
        return fault(format!("the header {header}"));
    }
    let Some(thumbprint) = thumbprint(&jwk).filter(|_| jwk.get("d").is_none()) else {
        return fault("the key is none of a proof, or a private one".to_owned());
    };
    let htu = provider.origin().to_owned() + incoming.request.uri().path();
    if claims["htu"] != htu || claims["htm"] != incoming.request.method().as_str() {
        return fault(format!("a proof for {} {}", claims["htm"], claims["htu"]));
    }
    if (claims["iat"].as_u64()).is_none_or(|iat| iat.abs_diff(incoming.now) > WINDOW) {
        return fault(format!("iat {}", claims["iat"]));
    }
    let ath = token.map_or(Value::Null, |token| {
        base64url_sha256(token.as_bytes()).into()
    });
    if claims.get("ath").unwrap_or(&Value::Null) != &ath {
        return fault("ath is another token's".to_owned());
    }
    let jti = claims["jti"].as_str().filter(|jti| jti.len() >= 22);
    if jti.is_none_or(|jti| !provider.jtis.insert(format!("dpop {jti}"))) {
        return fault(format!("jti {} is short or was seen before", claims["jti"]));
    }
    check_nonce(provider, incoming.endpoint, &claims)?;
    Ok(thumbprint)
}

/// A nonce serves once; none is sent that was not given.
fn check_nonce(provider: &mut Provider, endpoint: Endpoint, claims: &Value) -> Result<(), Refusal> {
    let settings = &provider.settings.dpop;
    let (wanted, held) = if is_api(endpoint) {
        (settings.api_nonces, &mut provider.proofs.api_nonce)
    } else {
        (settings.server_nonces, &mut provider.proofs.server_nonce)
    };
    let due = held.take();
    let sent = claims.get("nonce").and_then(Value::as_str);
    if wanted {
        *held = Some(provider.grants.mint.next());
        if due.is_none() || sent != due.as_deref() {
            let fault = "not the newest nonce";
            return Err(Refusal::no("use_dpop_nonce", fault));
        }
    } else if sent.is_some() && sent != due.as_deref() {
        let fault = "a nonce that was not given";
        return Err(Refusal::careless("invalid_dpop_proof", fault));
    }
    Ok(())
}

/// The key in the header of a proof that nobody has verified yet.
fn key(proof: &str) -> Value {
    let header = proof.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    header["jwk"].clone()
}

/// RFC 7638, of an asymmetric key.
fn thumbprint(jwk: &Value) -> Option<String> {
    let names: &[&str] = match jwk["kty"].as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let members = names
        .iter()
        .map(|name| format!("\"{name}\":{}", jwk[*name]));
    let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    Some(base64url_sha256(json.as_bytes()))
}
