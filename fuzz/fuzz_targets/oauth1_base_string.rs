//! Invariant: a request has the signature base string that a second implementation gives it.
//! Full text and body: `src/bodies/oauth1_base_string.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::oauth1_base_string;

fuzz_target!(|data: &[u8]| {
    oauth1_base_string::run(data);
});
