//! Invariant: a notification is good only with the token of what is pending, and tells a stranger nothing.
//! Full text and body: `src/bodies/notification.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::notification;

fuzz_target!(|data: &[u8]| {
    notification::run(data);
});
