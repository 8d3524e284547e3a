//! The registered claims (RFC 7519 §4.1) that every signed thing is held to, whatever it is called.

use std::time::Duration;

use crate::base::time::UnixTime;
use crate::crypto::jwt::Claims;
use crate::domain::client::Client;
use crate::domain::tenant_issuer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// `iss` is there, and is the client's server, by simple comparison.
pub(crate) fn check_issuer(
    check: Check,
    client: &Client,
    claims: &Claims,
) -> Result<(), Violation> {
    let own = client.metadata().issuer();
    compare(check, own.map_or("", |issuer| issuer.as_str()), claims)
}

/// As [`check_issuer`] for what is said of a user: where the client takes every tenant of its server, `iss`
/// is that of the tenant which the token names, and a key that is for one issuer's tokens alone
/// (`key_issuer`) signs no other's.
pub(crate) fn check_users_issuer(
    check: Check,
    client: &Client,
    claims: &Claims,
    key_issuer: Option<&str>,
) -> Result<(), Violation> {
    let Some(issuers) = client.issuers() else {
        return check_issuer(check, client, claims);
    };
    let tid = claims.member::<String>("tid").ok().flatten();
    let tenant = tid.and_then(|tid| Some((issuers.of(&tid)?, tid)));
    let (issuer, tid) = tenant.ok_or_else(|| told(check, &issuers.text(), claims))?;
    compare(check, &issuer, claims)?;
    match key_issuer.map(|template| tenant_issuer::fill(template, &tid)) {
        Some(own) if own != issuer => Err(Violation::new(Check::JwtKeyIssuer)
            .expected(own)
            .received(issuer)),
        _ => Ok(()),
    }
}

fn compare(check: Check, expected: &str, claims: &Claims) -> Result<(), Violation> {
    match claims.issuer() {
        Some(iss) if iss == expected && !iss.is_empty() => Ok(()),
        _ => Err(told(check, expected, claims)),
    }
}

fn told(check: Check, expected: &str, claims: &Claims) -> Violation {
    let violation = Violation::new(check).expected(expected);
    match claims.issuer() {
        None => violation.received_nothing(),
        Some(iss) => violation.received(iss),
    }
}

/// `aud` is there, and `own` is among its names.
pub(crate) fn check_audience(check: Check, own: &str, claims: &Claims) -> Result<(), Violation> {
    let violation = || Violation::new(check).expected(own);
    match claims.audience() {
        None => Err(violation().received_nothing()),
        Some(audience) if audience.contains(own) => Ok(()),
        Some(audience) => Err(violation().received(audience.names().join(" "))),
    }
}

/// `exp` is there, and lies ahead: "The current date/time MUST be before the expiration date/time"
/// (§4.1.4).
pub(crate) fn check_end(
    check: Check,
    now: UnixTime,
    leeway: Duration,
    claims: &Claims,
) -> Result<UnixTime, Violation> {
    let violation = || Violation::new(check).expected(format!("an end after {now}"));
    match claims.expires_at() {
        None => Err(violation().received_nothing()),
        Some(exp) if now.has_reached_with(exp, leeway) => {
            Err(violation().received(exp.to_string()))
        }
        Some(exp) => Ok(exp),
    }
}

/// `iat` is there, and does not lie ahead: what was made in the future was made by a clock that is
/// wrong, or to be used later.
pub(crate) fn check_made(
    check: Check,
    now: UnixTime,
    leeway: Duration,
    claims: &Claims,
) -> Result<UnixTime, Violation> {
    let iat = claims
        .issued_at()
        .ok_or_else(|| Violation::new(check).received_nothing())?;
    check_past(check, now, leeway, iat)?;
    Ok(iat)
}

/// `nbf`, where it is there, does not lie ahead: "The current date/time MUST be after or equal to the
/// not-before date/time" (§4.1.5).
pub(crate) fn check_begun(
    check: Check,
    now: UnixTime,
    leeway: Duration,
    claims: &Claims,
) -> Result<(), Violation> {
    let nbf = claims.not_before();
    nbf.map_or(Ok(()), |nbf| check_past(check, now, leeway, nbf))
}

fn check_past(
    check: Check,
    now: UnixTime,
    leeway: Duration,
    time: UnixTime,
) -> Result<(), Violation> {
    let latest = now.saturating_add(leeway);
    if time <= latest {
        return Ok(());
    }
    Err(Violation::new(check)
        .expected(format!("no later than {latest}"))
        .received(time.to_string()))
}
