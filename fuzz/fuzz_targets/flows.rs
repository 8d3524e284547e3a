//! Invariant: no sequence of moves panics, sends too much or too often, or prints a secret.
//! Full text and body: `src/bodies/flows.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::flows;

fuzz_target!(|data: &[u8]| {
    flows::run(data);
});
