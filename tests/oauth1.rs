//! OAuth 1.0a (RFC 5849) as a client: known answers, signed requests, the three-legged flow. What each part
//! is about is in `oauth1/`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

#[cfg(feature = "aws-lc-rs")]
#[path = "oauth1/capability.rs"]
mod capability;
#[path = "oauth1/cast.rs"]
mod cast;
#[path = "oauth1/flow.rs"]
mod flow;
#[path = "oauth1/keys.rs"]
mod keys;
#[path = "oauth1/macs.rs"]
mod macs;
#[path = "oauth1/properties.rs"]
mod properties;
#[path = "oauth1/redirects.rs"]
mod redirects;
#[cfg(feature = "rust-crypto")]
#[path = "oauth1/rsa_sha1.rs"]
mod rsa_sha1;
#[path = "oauth1/secrets.rs"]
mod secrets;
#[path = "oauth1/signed.rs"]
mod signed;
#[path = "oauth1/stored.rs"]
mod stored;
#[path = "oauth1/vectors.rs"]
mod vectors;
#[path = "oauth1/verify.rs"]
mod verify;
