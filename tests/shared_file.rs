//! Many callers over one file.
#![cfg(all(feature = "file-store", feature = "ureq"))]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::fs;
use std::process;

use oauth_proto::transport::file_store::FileStore;

#[path = "common/callers.rs"]
mod callers;
#[path = "common/shared.rs"]
mod shared;

#[test]
fn a_hundred_callers_cause_one_refresh() {
    let folder = std::env::temp_dir().join(format!("oauth-proto-shared-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let store = FileStore::new(folder.join("tokens.json"));
    callers::cause_one_refresh(&store);
    fs::remove_dir_all(&folder).unwrap();
}
