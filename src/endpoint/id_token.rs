//! ID tokens (OpenID Connect Core 1.0 §2 and §3.1.3.7): who signed in, verified in the order of the
//! specification.

use std::time::Duration;

use crate::base::base64url;
use crate::base::json::Object;
use crate::base::secret;
use crate::base::time::UnixTime;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;
use crate::crypto::jwt;
use crate::crypto::jwt::Claims;
use crate::crypto::jwt::ClaimsFault;
use crate::crypto::jwt::claim;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::id_token::IdToken;
use crate::domain::quirks::Finding;
use crate::domain::response_algorithms::Answer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::demands::Demands;
use crate::endpoint::registered;
use crate::endpoint::signed;
use crate::endpoint::signed::Agreed;
use crate::endpoint::signed::Signed;

/// What an ID token is held to, beside the rules for all of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Expected<'a> {
    /// The nonce that was sent; none where none was.
    pub(crate) nonce: Option<&'a str>,
    /// The client that it was issued to, where that is another.
    pub(crate) authorized_party: Option<&'a str>,
    pub(crate) demands: Option<&'a Demands>,
    /// What came beside it, with whether its hash has to be there.
    pub(crate) access_token: Option<Beside<'a>>,
    pub(crate) code: Option<Beside<'a>>,
    pub(crate) state: Option<Beside<'a>>,
    pub(crate) refresh_token: Option<Beside<'a>>,
    /// The backchannel authentication request that it was pushed for.
    pub(crate) auth_req_id: Option<&'a str>,
    /// The ID token of the same sign-in that came before this one.
    pub(crate) first: Option<&'a IdToken>,
    /// Whether this one came with a refresh.
    pub(crate) is_refreshed: bool,
}

/// A value that an ID token is bound to by a hash.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) value: &'a str,
    pub(crate) is_hash_required: bool,
}

impl<'a> Beside<'a> {
    /// Its hash is compared where it is there.
    pub(crate) const fn optional(value: &'a str) -> Self {
        Self {
            value,
            is_hash_required: false,
        }
    }

    /// Its hash has to be there.
    pub(crate) const fn required(value: &'a str) -> Self {
        Self {
            value,
            is_hash_required: true,
        }
    }
}

/// Verifies an ID token of `client`'s server, and says what is remarkable about it.
///
/// # Errors
///
/// [`Error::Violation`] with one of the `JWT-…` and `ID-TOKEN-…` checks; [`Error::Keys`].
pub(crate) fn verify(
    client: &Client,
    now: UnixTime,
    text: &str,
    expected: &Expected<'_>,
) -> Result<(IdToken, Vec<Finding>), Error> {
    let Signed { verified, text } =
        signed::verify(client, now, Agreed::of(client, Answer::IdToken), text)?;
    check_type(verified.header().typ())?;
    let algorithm = verified.algorithm();
    let key_issuer = verified.key_issuer().map(str::to_owned);
    let (claims, own) = Claims::read(verified.into_payload(), Own::read)
        .map_err(|fault: ClaimsFault| malformed(&fault))?;
    // "The Issuer Identifier for the OpenID Provider [...] MUST exactly match the value of the iss
    // (issuer) Claim."
    let iss = Check::IdTokenIss;
    registered::check_users_issuer(iss, client, &claims, key_issuer.as_deref())?;
    check_subject(&claims, expected)?;
    check_audience(client, &claims, own.azp.as_deref(), expected)?;
    // "The current time MUST be before the time represented by the exp Claim", and `iat` is required
    // (§2).
    let leeway = client.leeway();
    registered::check_end(Check::IdTokenExp, now, leeway, &claims)?;
    registered::check_made(Check::IdTokenIat, now, leeway, &claims)?;
    registered::check_begun(Check::IdTokenNbf, now, leeway, &claims)?;
    check_nonce(own.nonce.as_deref(), expected)?;
    let findings = check_authentication(&own, now, leeway, expected.demands)?;
    check_hashes(client, &own, algorithm, expected)?;
    check_request(own.auth_req_id.as_deref(), expected)?;
    if let Some(first) = expected.first {
        check_same(&claims, first.claims())?;
        if expected.is_refreshed {
            check_refreshed(&claims, &own, first.claims())?;
        }
    }
    Ok((IdToken::new(text, claims), findings))
}

/// The claims that only an ID token has and that are compared here, read in the same pass. One of another
/// type is an error, `null` as well, and never an absent one.
#[derive(Default)]
struct Own {
    nonce: Option<String>,
    azp: Option<String>,
    acr: Option<String>,
    auth_time: Option<f64>,
    at_hash: Option<String>,
    c_hash: Option<String>,
    s_hash: Option<String>,
    rt_hash: Option<String>,
    auth_req_id: Option<String>,
}

impl Own {
    fn read(object: &Object<'_>) -> Result<Self, ClaimsFault> {
        let mut own = Self::default();
        for (name, value) in object.iter() {
            match name {
                "nonce" => own.nonce = claim("nonce", value, jwt::text)?,
                "azp" => own.azp = claim("azp", value, jwt::text)?,
                "acr" => own.acr = claim("acr", value, jwt::text)?,
                "auth_time" => own.auth_time = claim("auth_time", value, jwt::number)?,
                "at_hash" => own.at_hash = claim("at_hash", value, jwt::text)?,
                "c_hash" => own.c_hash = claim("c_hash", value, jwt::text)?,
                "s_hash" => own.s_hash = claim("s_hash", value, jwt::text)?,
                RT_HASH => own.rt_hash = claim(RT_HASH, value, jwt::text)?,
                AUTH_REQ_ID => own.auth_req_id = claim(AUTH_REQ_ID, value, jwt::text)?,
                _ => {}
            }
        }
        Ok(own)
    }
}

/// Types that other JWTs have: an ID token has `JWT` or none (RFC 8725 §3.11).
fn check_type(typ: Option<&str>) -> Result<(), Violation> {
    match typ {
        None => Ok(()),
        Some(typ)
            if typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("application/jwt") =>
        {
            Ok(())
        }
        Some(typ) => Err(Violation::new(Check::IdTokenTyp)
            .expected("JWT")
            .received(typ)),
    }
}

/// "It MUST NOT exceed 255 ASCII characters in length" (§2).
fn check_subject(claims: &Claims, expected: &Expected<'_>) -> Result<(), Violation> {
    const LONGEST: usize = 255;
    let Some(sub) = claims.subject().filter(|sub| !sub.is_empty()) else {
        return Err(Violation::new(Check::IdTokenSub).received_nothing());
    };
    if sub.len() > LONGEST {
        return Err(Violation::new(Check::IdTokenSub)
            .expected(format!("at most {LONGEST} characters"))
            .received(format!("{} bytes", sub.len())));
    }
    match expected.demands.and_then(|demands| demands.sub.as_deref()) {
        Some(wanted) if wanted != sub => Err(Violation::new(Check::IdTokenSub)
            .expected(wanted)
            .received(sub)),
        _ => Ok(()),
    }
}

/// "The Client MUST validate that the aud (audience) Claim contains its `client_id` value", "if the ID
/// Token contains additional audiences not trusted by the Client" it is rejected: with several
/// audiences, `azp` has to say that it was issued to this client. One that was issued to another party
/// has to say so.
fn check_audience(
    client: &Client,
    claims: &Claims,
    azp: Option<&str>,
    expected: &Expected<'_>,
) -> Result<(), Violation> {
    let own = client.client_id();
    registered::check_audience(Check::IdTokenAud, own, claims)?;
    let is_alone = claims.audience().is_some_and(|aud| aud.is_only(own));
    let party = expected.authorized_party.unwrap_or(own);
    let violation = || Violation::new(Check::IdTokenAzp).expected(party);
    match azp {
        Some(azp) if azp == party => Ok(()),
        Some(azp) => Err(violation().received(azp)),
        None if is_alone && expected.authorized_party.is_none() => Ok(()),
        None => Err(violation().received_nothing()),
    }
}

/// "If a nonce value was sent in the Authentication Request, a nonce Claim MUST be present and its
/// value checked." One that nobody sent answers another request.
///
/// A refreshed one "SHOULD NOT have a nonce Claim", and "its value MUST be the same as in the ID Token
/// issued when the original authentication occurred" (§12.2).
fn check_nonce(received: Option<&str>, expected: &Expected<'_>) -> Result<(), Violation> {
    let violation = Violation::new(Check::IdTokenNonce);
    if expected.is_refreshed && received.is_none() {
        return Ok(());
    }
    let first = expected
        .first
        .and_then(|first| text(first.claims(), "nonce"));
    match (received, first.as_deref().or(expected.nonce)) {
        (Some(nonce), Some(sent))
            if secret::constant_time_eq(nonce.as_bytes(), sent.as_bytes()) =>
        {
            Ok(())
        }
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(violation.secrets_differ()),
        (None, Some(_)) => Err(violation.received_nothing()),
        (Some(_), None) => Err(violation.expected("no nonce")),
    }
}

/// `auth_time` and `acr`, as the request demanded them.
fn check_authentication(
    own: &Own,
    now: UnixTime,
    leeway: Duration,
    demands: Option<&Demands>,
) -> Result<Vec<Finding>, Violation> {
    let Some(demands) = demands else {
        return Ok(Vec::new());
    };
    if let Some(max_age) = demands.max_age() {
        check_auth_time(own.auth_time, now, max_age, leeway)?;
    } else if demands.auth_time && own.auth_time.is_none() {
        return Err(Violation::new(Check::IdTokenAuthTime).received_nothing());
    }
    let acr = own.acr.as_ref();
    if demands.acr.is_empty() || acr.is_some_and(|acr| demands.acr.contains(acr)) {
        return Ok(Vec::new());
    }
    if demands.essential {
        let violation = Violation::new(Check::IdTokenAcr).expected(demands.acr.join(" "));
        return Err(match acr {
            Some(acr) => violation.received(acr),
            None => violation.received_nothing(),
        });
    }
    Ok(vec![Finding::AuthenticationContext])
}

/// "When a `max_age` request is made [...] the ID Token returned MUST include an `auth_time` Claim
/// Value" (§3.1.2.1).
fn check_auth_time(
    auth_time: Option<f64>,
    now: UnixTime,
    max_age: Duration,
    leeway: Duration,
) -> Result<(), Violation> {
    let oldest = now
        .as_secs()
        .saturating_sub(max_age.as_secs().saturating_add(leeway.as_secs()));
    let latest = now.saturating_add(leeway).as_secs();
    let violation = || {
        Violation::new(Check::IdTokenAuthTime)
            .expected(format!("an authentication between {oldest} and {latest}"))
    };
    match auth_time {
        None => Err(violation().received_nothing()),
        // Whole seconds lie within the precision of a double for longer than there will be tokens.
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds since 1970 fit in 53 bits"
        )]
        Some(time) if time >= oldest as f64 && time <= latest as f64 => Ok(()),
        Some(time) => Err(violation().received(time.to_string())),
    }
}

/// CIBA Core 1.0 §10.3.1.
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";
/// CIBA Core 1.0 §10.3.1.
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";

/// A pushed ID token names the request that it answers (CIBA Core 1.0 §10.3.1).
fn check_request(named: Option<&str>, expected: &Expected<'_>) -> Result<(), Violation> {
    let Some(sent) = expected.auth_req_id else {
        return Ok(());
    };
    let violation = Violation::new(Check::IdTokenAuthReqId);
    match named {
        Some(named) if secret::constant_time_eq(named.as_bytes(), sent.as_bytes()) => Ok(()),
        Some(_) => Err(violation.secrets_differ()),
        None => Err(violation.received_nothing()),
    }
}

fn check_hashes(
    client: &Client,
    own: &Own,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), Error> {
    let (at, c) = (Check::IdTokenAtHash, Check::IdTokenCHash);
    let (s, rt) = (Check::IdTokenSHash, Check::IdTokenRtHash);
    for (received, check, beside) in [
        (&own.at_hash, at, expected.access_token),
        (&own.c_hash, c, expected.code),
        (&own.s_hash, s, expected.state),
        (&own.rt_hash, rt, expected.refresh_token),
    ] {
        let Some(beside) = beside else { continue };
        match received {
            None if !beside.is_hash_required => {}
            None => return Err(Violation::new(check).received_nothing().into()),
            Some(received) => {
                let mut buffer = [0; LONGEST_HALF];
                let own = half_hash(client, algorithm, beside.value, &mut buffer)?;
                if !secret::constant_time_eq(received.as_bytes(), own.as_bytes()) {
                    return Err(Violation::new(check).secrets_differ().into());
                }
            }
        }
    }
    Ok(())
}

/// "The left-most half of the hash of the octets of the ASCII representation", by the hash of the
/// algorithm that the ID token is signed by (§3.1.3.6). Ed25519 hashes by SHA-512 (RFC 8032 §5.1),
/// and so do the post-quantum algorithms, which name no hash, where anyone uses them.
fn half_hash<'b>(
    client: &Client,
    algorithm: Algorithm,
    value: &str,
    buffer: &'b mut [u8; LONGEST_HALF],
) -> Result<&'b str, CryptoError> {
    let hash = match algorithm {
        Algorithm::Es256
        | Algorithm::Es256k
        | Algorithm::Hs256
        | Algorithm::Ps256
        | Algorithm::Rs256 => Hash::Sha256,
        Algorithm::Es384 | Algorithm::Hs384 | Algorithm::Ps384 | Algorithm::Rs384 => Hash::Sha384,
        _ => Hash::Sha512,
    };
    let digest = client.crypto().digest(hash, value.as_bytes())?;
    let half = digest.get(..hash.len() / 2);
    half.and_then(|half| base64url::encode_to_slice(half, buffer))
        .ok_or(CryptoError::Unsupported("a hash of another length"))
}

/// Half of SHA-512 in base64url, in characters.
const LONGEST_HALF: usize = 43;

/// §3.3.3.6, §12.2: of two ID tokens of one sign-in, `iss` and `sub` are identical.
fn check_same(claims: &Claims, first: &Claims) -> Result<(), Violation> {
    for (name, received, expected) in [
        ("iss", claims.issuer(), first.issuer()),
        ("sub", claims.subject(), first.subject()),
    ] {
        if received != expected {
            return Err(changed(name, expected, received));
        }
    }
    Ok(())
}

/// §12.2: of a refreshed one, `aud` holds the original audience, `auth_time` is that of the original
/// authentication, and `azp` is the same, or there is none where there was none.
fn check_refreshed(claims: &Claims, own: &Own, first: &Claims) -> Result<(), Violation> {
    let names = |claims: &Claims| {
        let audience = claims.audience();
        audience.map_or_else(Vec::new, |aud| aud.names().to_vec())
    };
    let (now, before) = (names(claims), names(first));
    if let Some(missing) = before.iter().find(|name| !now.contains(name)) {
        return Err(changed("aud", Some(missing), Some(&now.join(" "))));
    }
    let azp = text(first, "azp");
    if own.azp != azp {
        return Err(changed("azp", azp.as_deref(), own.azp.as_deref()));
    }
    let auth_time = first.member::<f64>("auth_time").ok().flatten();
    match (own.auth_time, auth_time) {
        // Equal to the last bit: it is the same number, read again.
        (Some(new), Some(old)) if new.total_cmp(&old).is_ne() => {
            let (old, new) = (old.to_string(), new.to_string());
            Err(changed("auth_time", Some(&old), Some(&new)))
        }
        _ => Ok(()),
    }
}

fn changed(name: &str, expected: Option<&str>, received: Option<&str>) -> Violation {
    let violation = Violation::new(Check::IdTokenRefreshed)
        .expected(format!("`{name}` {}", expected.unwrap_or("absent")));
    match received {
        Some(received) => violation.received(received),
        None => violation.received_nothing(),
    }
}

/// A claim of an ID token that was verified before.
fn text(claims: &Claims, name: &str) -> Option<String> {
    claims.member(name).ok().flatten()
}

fn malformed(what: &dyn std::fmt::Display) -> Error {
    Violation::new(Check::IdTokenClaims)
        .expected("claims of the types that are specified")
        .received(what.to_string())
        .into()
}
