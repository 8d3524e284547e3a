//! What every JWT that a client signs has in common (RFC 7519 §4.1): an audience, a moment, an end, an
//! identifier that is used once.

use std::time::Duration;

use crate::base::base64url;
use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::crypto::Crypto;
use crate::crypto::NoEntropy;
use crate::crypto::jwt::Builder;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;

/// Entropy of a `jti`, in bytes: no two are ever alike, and none is guessed.
const JTI_BYTES: usize = 16;

/// The longest time that something signed is good for. A bound of this crate; the OpenID
/// conformance suite takes client assertions of a day and no longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// An identifier that was never used before (RFC 7519 §4.1.7).
pub(crate) fn jti(crypto: &dyn Crypto) -> Result<String, NoEntropy> {
    let mut drawn = [0; JTI_BYTES];
    crypto.fill(&mut drawn)?;
    Ok(base64url::encode(&drawn))
}

/// Adds `iat`, `exp` and `jti`, afresh.
pub(crate) fn dated(
    claims: Builder,
    crypto: &dyn Crypto,
    now: UnixTime,
    lifetime: Duration,
) -> Result<Builder, NoEntropy> {
    Ok(claims
        .with_time("iat", now)
        .with_time("exp", now.saturating_add(lifetime))
        .with("jti", jti(crypto)?))
}

/// The audience of what the client signs for its server, unless another was said: the issuer, byte for
/// byte.
///
/// # Errors
///
/// [`Misuse::NoAudience`] where the server names no issuer.
pub(crate) fn audience<'a>(client: &'a Client, said: Option<&'a str>) -> Result<&'a str, Misuse> {
    let issuer = || client.metadata().issuer().map(WebUri::as_str);
    said.or_else(issuer).ok_or(Misuse::NoAudience)
}

/// Whether `text` is the server's issuer.
pub(crate) fn is_issuer(client: &Client, text: &str) -> bool {
    client
        .metadata()
        .issuer()
        .is_some_and(|issuer| issuer.as_str() == text)
}

/// # Errors
///
/// [`Misuse::Lifetime`] where it is shorter than a second or longer than a day.
pub(crate) fn check_lifetime(lifetime: Duration) -> Result<(), Error> {
    if lifetime < Duration::from_secs(1) || lifetime > LONGEST {
        return Err(Misuse::Lifetime(lifetime).into());
    }
    Ok(())
}
