//! The contract of `oauth_proto::transport`, against a loopback server that misbehaves by script. The
//! same tests for both adapters: `cargo test --features ureq,reqwest --test adapters`.

#![cfg(any(feature = "ureq", feature = "reqwest"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests: a failure is a panic, and time is what some of them measure"
)]

mod adapters {
    mod answers;
    mod authority;
    mod both;
    mod calls;
    mod environment;
    mod failures;
    mod options;
    mod requests;
    mod server;
    #[cfg(feature = "aws-lc-rs")]
    mod signers;
    mod tls;
}
