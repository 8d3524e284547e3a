//! Invariant: what comes out of an answer is what its members say, all of it, and tells no secret.
//! Full text and body: `src/bodies/answers.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::answers;

fuzz_target!(|data: &[u8]| {
    answers::run(data);
});
