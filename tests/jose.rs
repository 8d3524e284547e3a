//! Signed and encrypted texts, keys and sets: the examples of the specifications as known answers, and
//! every algorithm there and back, for each capability of this build that has signatures.

#![cfg(feature = "aws-lc-rs")]

use std::sync::Arc;

use oauth_proto::crypto::Crypto;

#[path = "jose/round_trips.rs"]
mod round_trips;

/// Every capability that is complete.
fn providers() -> Vec<Arc<dyn Crypto>> {
    vec![Arc::new(
        oauth_proto::crypto::provider_aws_lc::AwsLc::new(),
    )]
}
