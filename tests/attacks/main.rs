//! Attacks, each in a file named after it: what the attacker does, and what becomes of it. Where a
//! conversation is attacked, the wire log shows that nothing left that the attacker wanted.

use oauth_proto::domain::error::Error;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;

#[cfg(test)]
mod audience_injection;
#[cfg(test)]
mod code_injection;
#[cfg(test)]
mod common;
#[cfg(test)]
mod credential_leak_by_redirect;
#[cfg(test)]
mod csrf;
#[cfg(test)]
mod issuer_confusion;
#[cfg(test)]
mod json_duplicates;
#[cfg(test)]
mod log_injection;
#[cfg(test)]
mod loopback_lookalikes;
#[cfg(test)]
mod mix_up;
#[cfg(test)]
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
mod nonce_flood;
#[cfg(test)]
mod open_redirector;
#[cfg(test)]
mod oversized_answers;
#[cfg(test)]
mod parameter_pollution;
#[cfg(test)]
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
mod stolen_bound_token;
#[cfg(test)]
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
mod token_downgrade;
#[cfg(test)]
mod token_in_url;

/// What stopped the attack: the id of a check, or the kind of another error.
fn stopped_by(error: &Error) -> &'static str {
    match error {
        Error::Violation(violation) => violation.check().id(),
        Error::Refused(_) => "refused",
        Error::Malformed(_) => "malformed",
        Error::Misuse(_) => "misuse",
        Error::Expired(_) => "expired",
        _ => "another",
    }
}

/// How many requests an endpoint got.
fn requests(provider: &Provider, endpoint: Endpoint) -> usize {
    provider.log().with(endpoint).len()
}
