//! Invariant: what a browser brings is believed only where one reading of it says so.
//! Full text and body: `src/bodies/receivers.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::receivers;

fuzz_target!(|data: &[u8]| {
    receivers::run(data);
});
