//! Signed and encrypted texts, keys and sets: the examples of the specifications as known answers, and
//! every algorithm there and back, for each capability of this build that has signatures.

#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#![cfg(test)]

use std::sync::Arc;

use oauth_proto::crypto::Crypto;

#[cfg(feature = "aws-lc-rs")]
#[path = "jose/allocations.rs"]
mod allocations;
#[path = "jose/examples.rs"]
mod examples;
#[path = "jose/properties.rs"]
mod properties;
#[path = "jose/refused.rs"]
mod refused;
#[path = "jose/round_trips.rs"]
mod round_trips;
#[path = "jose/stored_keys.rs"]
mod stored_keys;
#[path = "jose/vectors.rs"]
mod vectors;
#[path = "jose/wycheproof.rs"]
mod wycheproof;

/// Every capability that is complete.
fn providers() -> Vec<Arc<dyn Crypto>> {
    vec![
        #[cfg(feature = "aws-lc-rs")]
        Arc::new(oauth_proto::crypto::provider_aws_lc::AwsLc::new()),
        #[cfg(feature = "rust-crypto")]
        Arc::new(oauth_proto::crypto::provider_rust_crypto::RustCrypto::new()),
    ]
}
