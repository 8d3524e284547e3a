//! Invariant: every address that comes out may be called, and nothing that was said is lost.
//! Full text and body: `src/bodies/metadata.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::metadata;

fuzz_target!(|data: &[u8]| {
    metadata::run(data);
});
