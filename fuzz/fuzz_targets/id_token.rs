//! Invariant: an identity comes only of a token that the server signed for this client and this sign-in.
//! Full text and body: `src/bodies/id_token.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::id_token;

fuzz_target!(|data: &[u8]| {
    id_token::run(data);
});
