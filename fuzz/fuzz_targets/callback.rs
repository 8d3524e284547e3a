//! Invariant: a sign-in comes only of the pending state, the right issuer and a code, in time.
//! Full text and body: `src/bodies/callback.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::callback;

fuzz_target!(|data: &[u8]| {
    callback::run(data);
});
