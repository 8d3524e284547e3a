//! Invariant: what is written as a form is read back equal, and so is what others write.
//! Full text and body: `src/bodies/form.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oauth_proto_fuzz::bodies::form;

fuzz_target!(|data: &[u8]| {
    form::run(data);
});
