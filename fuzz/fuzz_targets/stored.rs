//! Invariant: what was stored in version 1 comes back as it was, and of another version it is refused.
//! Full text and body: `src/bodies/stored.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::stored;

fuzz_target!(|data: &[u8]| {
    stored::run(data);
});
