//! Invariant: a logout comes only of a token that the server signed for it, and comes once.
//! Full text and body: `src/bodies/logout_token.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::logout_token;

fuzz_target!(|data: &[u8]| {
    logout_token::run(data);
});
