//! The store in memory, held to the contract of stores.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::lease::memory::MemoryStore;

#[path = "common/conformance.rs"]
mod conformance;

#[test]
fn it_keeps_the_contract() {
    let mut now = conformance::NOW;
    conformance::conforms(&mut MemoryStore::new(), |time| {
        now = now.saturating_add(time);
        now
    });
}
