//! Answers that are JWTs, read by hand and without any flow: how each is signed and encrypted, and what
//! is refused. Each kind of answer has a file in `jwt_answers/`.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use oauth_proto::domain::error::Error;
use oauth_proto::domain::verdict::Check;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/issuer.rs"]
mod issuer;
#[path = "common/answer.rs"]
mod typed;

#[cfg(feature = "aws-lc-rs")]
#[path = "jwt_answers/allocations.rs"]
mod allocations;
#[path = "jwt_answers/hashes.rs"]
mod hashes;
#[path = "jwt_answers/id_token.rs"]
mod id_token;
#[path = "jwt_answers/introspection.rs"]
mod introspection;
#[path = "jwt_answers/jarm.rs"]
mod jarm;
#[path = "jwt_answers/keys.rs"]
mod keys;
#[path = "jwt_answers/leeway.rs"]
mod leeway;
#[path = "jwt_answers/received.rs"]
mod received;
#[path = "jwt_answers/recipients.rs"]
mod recipients;
#[path = "jwt_answers/userinfo.rs"]
mod userinfo;

/// The id of the check that refused it; or `accepted`.
fn verdict<T>(outcome: &Result<T, Error>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(error) => error.check().map_or("another error", Check::id),
    }
}
