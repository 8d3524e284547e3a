//! Invariant: a plaintext comes out only of what was encrypted with the key, by the algorithms that were
//! pinned. Full text and body: `src/bodies/jwe.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::jwe;

fuzz_target!(|data: &[u8]| {
    jwe::run(data);
});
