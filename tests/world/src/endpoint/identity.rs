//! ID tokens: OpenID Connect Core 1.0 §2, §3.1.3.3 and §3.3.2.11; and the key set they are verified with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use http::Request;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;
use sha2::Sha384;
use sha2::Sha512;

use crate::answer::Answer;
use crate::grants::Grant;
use crate::incoming::Incoming;
use crate::members::Edit;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// What the provider signs, and how that goes wrong.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Private keys as JWKs with `kid` and `alg`; the first signs. Without one nothing is signed.
    pub keys: Vec<Value>,
    /// The keys that are published, where they are not those.
    pub published: Option<Vec<Value>>,
    /// Edits of the claims of every ID token.
    pub claims: Vec<(String, Edit)>,
    /// The `typ` of ID tokens.
    pub typ: String,
    /// Whether a bit of every signature is wrong.
    pub forged: bool,
    /// Whether a refresh brings an ID token too.
    pub refreshed: bool,
    /// Whether the userinfo endpoint signs its answers.
    pub userinfo_signed: bool,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            published: None,
            claims: Vec::new(),
            typ: "JWT".to_owned(),
            forged: false,
            refreshed: true,
            userinfo_signed: false,
        }
    }
}

/// The key set (RFC 7517 §5), without anything private.
pub(crate) fn keys(provider: &Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET])?;
    incoming.no_query()?;
    incoming.no_body()?;
    let identity = &provider.settings.identity;
    let mut keys = identity
        .published
        .as_ref()
        .unwrap_or(&identity.keys)
        .clone();
    for key in keys.iter_mut().filter_map(Value::as_object_mut) {
        key.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&&**name));
    }
    let mut members = Members::default();
    members.add("keys", json!(keys));
    Ok(Answer::json(200, members))
}

/// What an ID token is bound to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) refresh_token: Option<&'a str>,
    pub(crate) auth_req_id: Option<&'a str>,
}

/// An ID token for a grant whose scope asks for one.
pub(crate) fn id_token(
    provider: &Provider,
    now: u64,
    grant: &Grant,
    beside: Beside<'_>,
) -> Option<String> {
    let identity = &provider.settings.identity;
    let key = identity.keys.first()?;
    if !grant.scope.iter().any(|value| value == "openid") {
        return None;
    }
    let algorithm = key["alg"].as_str()?;
    let mut claims = Members::default();
    claims.add("iss", provider.issuer());
    claims.add("sub", grant.sub.as_str());
    claims.add("aud", grant.client.as_str());
    claims.add("exp", now.saturating_add(300));
    claims.add("iat", now);
    claims.add("auth_time", grant.since);
    claims.add_some("nonce", grant.nonce.as_deref());
    for (name, value) in [
        ("at_hash", beside.access_token),
        ("c_hash", beside.code),
        ("s_hash", beside.state),
        ("urn:openid:params:jwt:claim:rt_hash", beside.refresh_token),
    ] {
        claims.add_some(name, value.map(|value| half_hash(algorithm, value)));
    }
    claims.add_some(
        "urn:openid:params:jwt:claim:auth_req_id",
        beside.auth_req_id,
    );
    for (name, edit) in &identity.claims {
        claims.edit(name, edit);
    }
    let text = signed(provider, &identity.typ, &claims.to_json())?;
    Some(if identity.forged { forged(&text) } else { text })
}

impl Provider {
    /// What the provider sends to `client` where the user's session `sid` ends (OpenID Connect
    /// Back-Channel Logout 1.0 §2.5), with these edits of the logout token's claims; none where it has no
    /// key.
    #[must_use]
    pub fn log_out(
        &self,
        now: u64,
        client: &str,
        sid: &str,
        edits: &[(&str, Edit)],
    ) -> Option<Request<Vec<u8>>> {
        let mut claims = Members::default();
        claims.add("iss", self.issuer());
        claims.add("sub", self.settings.user.sub.as_str());
        claims.add("aud", client);
        claims.add("iat", now);
        claims.add("exp", now.saturating_add(120));
        claims.add("jti", format!("{sid}-{now}"));
        claims.add("sid", sid);
        claims.add(
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
        );
        for (name, edit) in edits {
            claims.edit(name, edit);
        }
        let text = signed(self, "logout+jwt", &claims.to_json())?;
        let forged = self.settings.identity.forged;
        let text = if forged { self::forged(&text) } else { text };
        Request::post("https://app.example/logged-out")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={text}").into_bytes())
            .ok()
    }
}

/// Signed by the provider's first key.
pub(crate) fn signed(provider: &Provider, typ: &str, payload: &str) -> Option<String> {
    let key = provider.settings.identity.keys.first()?;
    (provider.jose?.sign)(typ, payload, key)
}

/// The conformance suite's way: every byte of the signature is another.
fn forged(text: &str) -> String {
    let (input, signature) = text.rsplit_once('.').unwrap_or((text, ""));
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// §3.1.3.6: the left half of the hash that belongs to the algorithm.
fn half_hash(algorithm: &str, value: &str) -> String {
    let digest = match algorithm.get(2..) {
        Some("256") => Sha256::digest(value).to_vec(),
        Some("384") => Sha384::digest(value).to_vec(),
        _ => Sha512::digest(value).to_vec(),
    };
    let (half, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(half)
}
