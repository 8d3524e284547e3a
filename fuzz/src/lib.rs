//! What the fuzz targets run, one function each, and free of any fuzzer: `tests/corpora.rs` of the
//! crate replays the committed corpora through the same functions on stable.

#[expect(clippy::expect_used, reason = "a panic is a target's verdict")]
pub mod bodies;
