//! Invariant: each key is used or skipped, none that is used is private; written again the set is the
//! same. Full text and body: `src/bodies/jwk_set.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::jwk_set;

fuzz_target!(|data: &[u8]| {
    jwk_set::run(data);
});
