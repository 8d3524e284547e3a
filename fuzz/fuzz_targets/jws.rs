//! Invariant: nothing verifies but what was signed, by the algorithm that was pinned; claims are what
//! the payload says. Full text and body: `src/bodies/jws.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::jws;

fuzz_target!(|data: &[u8]| {
    jws::run(data);
});
