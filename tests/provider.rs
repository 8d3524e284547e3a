//! Records of providers and accounts, and logins with them, on the provider in memory: one of OAuth 1.0a and
//! two of OAuth 2. What each part is about is in `provider/`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

#[path = "provider/api.rs"]
mod api;
#[path = "provider/cast.rs"]
mod cast;
#[path = "provider/failures.rs"]
mod failures;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "common/jose.rs"]
mod jose;
#[path = "provider/login.rs"]
mod login;
#[path = "oauth1/macs.rs"]
mod macs;
#[path = "common/moment.rs"]
mod moment;
#[path = "provider/properties.rs"]
mod properties;
#[path = "provider/renewal.rs"]
mod renewal;
#[path = "common/run.rs"]
mod run;
#[path = "provider/stored.rs"]
mod stored;
