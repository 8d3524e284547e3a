//! One suite for every capability of this build: the same known answers, the same refusals, and each
//! capability against every other. Without a feature that adds one there is nothing to test.

use std::sync::Arc;

use oauth_proto::crypto::Crypto;

#[path = "crypto/round_trips.rs"]
mod round_trips;

/// Every capability that is complete.
fn providers() -> Vec<Arc<dyn Crypto>> {
    vec![
        #[cfg(feature = "aws-lc-rs")]
        Arc::new(oauth_proto::crypto::provider_aws_lc::AwsLc::new()),
    ]
}

/// Every pair of a capability that makes something and one that takes it.
fn pairs() -> Vec<(Arc<dyn Crypto>, Arc<dyn Crypto>)> {
    let (makers, takers) = (providers(), providers());
    let pairs = makers.iter().flat_map(|maker| {
        takers
            .iter()
            .map(move |taker| (Arc::clone(maker), Arc::clone(taker)))
    });
    pairs.collect()
}
