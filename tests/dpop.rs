//! DPoP (RFC 9449) as messages: what a proof says, what is bound to a key, what is stored, and every
//! short conversation about nonces. On the provider in memory it is in `dpop_on_world.rs`.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

#[path = "dpop/bound.rs"]
mod bound;
#[path = "kit/cast.rs"]
mod cast;
#[path = "dpop/conversations.rs"]
mod conversations;
#[path = "kit/dpop.rs"]
mod dpop;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/keys.rs"]
mod keys;
#[path = "dpop/proofs.rs"]
mod proofs;
#[path = "dpop/validation.rs"]
mod validation;
