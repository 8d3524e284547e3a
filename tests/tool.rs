//! The command-line tool of `examples/oauth`, end to end: its commands in this process, against the
//! provider in memory on a loopback socket. `cargo test --features ureq --test tool`; what keeps tokens also takes `file-store`.

#![cfg(feature = "ureq")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests: a failure is a panic, and a server on a socket lives by the wall clock"
)]

#[expect(dead_code, reason = "the example's own entry point")]
#[path = "../examples/oauth/main.rs"]
mod oauth;

#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "common/jose.rs"]
mod jose;

mod tool {
    #[cfg(feature = "aws-lc-rs")]
    mod answers;
    mod arguments;
    #[expect(dead_code, reason = "the tests of the adapters use the rest")]
    #[path = "../adapters/authority.rs"]
    mod authority;
    #[cfg(feature = "file-store")]
    mod cache;
    mod call;
    mod code;
    mod connection;
    mod direct;
    mod grants;
    mod oauth1;
    mod polled;
    #[cfg(feature = "aws-lc-rs")]
    mod possession;
    mod providers;
    mod register;
    #[cfg(feature = "aws-lc-rs")]
    mod response_mode;
    mod run;
    #[expect(dead_code, reason = "the tests of the adapters use the rest")]
    #[path = "../adapters/server.rs"]
    mod server;
    #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
    mod signing;
}
