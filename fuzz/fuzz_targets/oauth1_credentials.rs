//! Invariant: credentials come only of one token and one secret, and none is printed.
//! Full text and body: `src/bodies/oauth1_credentials.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::oauth1_credentials;

fuzz_target!(|data: &[u8]| {
    oauth1_credentials::run(data);
});
