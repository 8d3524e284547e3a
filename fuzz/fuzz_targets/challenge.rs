//! Invariant: whatever challenges are read, written again they read as the same; all is bounded.
//! Full text and body: `src/bodies/challenge.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::challenge;

fuzz_target!(|data: &[u8]| {
    challenge::run(data);
});
