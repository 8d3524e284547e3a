//! What is printed of a value, for a log or a person: no secret.

use std::fmt::Debug;

/// Every secret of the scripted conversations, and what a peer slips into an answer.
const SECRETS: [&str; 11] = [
    "c0de-1",
    "5tate-1",
    "dBjftJeZ4CVP",
    "s3cret-1",
    "acc355-1",
    "refr35h-1",
    "acc355-2",
    "refr35h-2",
    "s3cret-body",
    "s3cret-header",
    "c3Nzc3Nz",
];

pub(crate) fn assert_silent(value: &impl Debug) {
    assert_silent_text(&format!("{value:?}"));
}

pub(crate) fn assert_silent_text(text: &str) {
    let leak = SECRETS.iter().find(|secret| text.contains(**secret));
    assert_eq!(leak, None, "printed in {text}");
}
