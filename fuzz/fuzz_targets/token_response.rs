//! Invariant: tokens come only of an access token and the type Bearer, and nothing tells them.
//! Full text and body: `src/bodies/token_response.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::token_response;

fuzz_target!(|data: &[u8]| {
    token_response::run(data);
});
