//! Invariant: a header that is read reads as the same when another writes it.
//! Full text and body: `src/bodies/oauth1_header.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::oauth1_header;

fuzz_target!(|data: &[u8]| {
    oauth1_header::run(data);
});
