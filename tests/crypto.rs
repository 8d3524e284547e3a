//! One suite for every capability of this build: the same known answers, the same refusals, and each
//! capability against every other. Without a feature that adds one there is nothing to test.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::sync::Arc;

use oauth_proto::crypto::Crypto;

#[path = "crypto/jose.rs"]
mod jose;
#[path = "crypto/known_answers.rs"]
mod known_answers;
#[path = "crypto/refusals.rs"]
mod refusals;
#[path = "crypto/round_trips.rs"]
mod round_trips;
#[path = "crypto/wycheproof.rs"]
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

/// The bytes of hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "{digits}");
    let pairs = digits.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| {
        pair.iter()
            .fold(0, |byte, digit| byte * 16 + nibble(*digit))
    });
    bytes.collect()
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => panic!("{digit} is no hexadecimal digit"),
    }
}
