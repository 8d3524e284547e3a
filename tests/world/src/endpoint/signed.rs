//! JWTs that clients sign: RFC 7519 §4.1, RFC 7523 §3.

use serde_json::Value;
use serde_json::json;

use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;

/// What a JWT of a client must be.
pub(crate) struct Rules {
    /// In words.
    pub(crate) what: &'static str,
    /// The error code where it is not.
    pub(crate) error: &'static str,
    pub(crate) status: u16,
    /// The one `typ`; none where there is none.
    pub(crate) typ: Option<&'static str>,
    /// Claims that must be there, beside those that are compared.
    pub(crate) claims: &'static [&'static str],
    pub(crate) iss: bool,
    /// Whether `sub` is the client, or must not be there.
    pub(crate) sub: bool,
    /// The longest time to `exp`, in seconds; none where there is no `exp`.
    pub(crate) lifetime: Option<u64>,
}

/// How far `iat` and `nbf` may lie in the past, in seconds.
const OLDEST: u64 = 3600;

/// The claims of a JWT that `client` signed with one of `keys`. Its `jti` is spent.
pub(crate) fn read(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    keys: &Value,
    jwt: &str,
    rules: &Rules,
) -> Result<Value, Refusal> {
    let fault = |fault: String| {
        let fault = format!("{} {fault}", rules.what);
        Refusal::careless(rules.error, fault).status(rules.status)
    };
    let Some(jose) = provider.jose else {
        return Err(fault(
            "cannot be verified: the provider was lent no cryptography".into(),
        ));
    };
    let Some((header, claims)) = (jose.verify)(jwt, keys) else {
        return Err(fault("is not signed by a key of the client".into()));
    };
    let expected = rules.typ.map_or(Value::Null, Value::from);
    if header.get("typ").unwrap_or(&Value::Null) != &expected {
        return Err(fault(format!("has the type {:?}", header.get("typ"))));
    }
    // draft-ietf-oauth-rfc7523bis-11: the issuer and nothing else; here as a text, too.
    if claims["aud"] != provider.issuer() {
        return Err(fault(format!("has the audience {}", claims["aud"])));
    }
    if rules.iss && claims["iss"] != *client.id {
        return Err(fault(format!("has the issuer {}", claims["iss"])));
    }
    let subject = if rules.sub {
        json!(client.id)
    } else {
        Value::Null
    };
    if claims.get("sub").unwrap_or(&Value::Null) != &subject {
        return Err(fault(format!("has the subject {:?}", claims.get("sub"))));
    }
    if let Some(name) = rules
        .claims
        .iter()
        .find(|name| claims.get(**name).is_none())
    {
        return Err(fault(format!("lacks {name}")));
    }
    for name in ["iat", "nbf"] {
        let Some(time) = claims.get(name) else {
            continue;
        };
        let time = time
            .as_u64()
            .filter(|time| *time <= now && now - time <= OLDEST);
        if time.is_none() {
            return Err(fault(format!("has {name} {}", claims[name])));
        }
    }
    match (rules.lifetime, claims.get("exp").map(Value::as_u64)) {
        (None, None) => {}
        (Some(longest), Some(Some(end))) if end > now && end - now <= longest => {}
        (_, end) => return Err(fault(format!("has exp {end:?}"))),
    }
    // 128 bits take 22 characters.
    let Some(jti) = claims["jti"].as_str().filter(|jti| jti.len() >= 22) else {
        return Err(fault(format!("has jti {}", claims["jti"])));
    };
    if !provider.jtis.insert(format!("{} {jti}", client.id)) {
        return Err(fault("was seen before".into()));
    }
    Ok(claims)
}
