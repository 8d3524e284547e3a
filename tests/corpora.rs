//! Replays the corpora of the fuzz targets through the targets' own bodies, on stable.
//!
//! A seed written by hand says in its name what becomes of it: `accepted-…` or `refused-…`. The
//! others, named by a hash, were found by running the targets; they only have to pass.

use std::fs;
use std::io;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::path::PathBuf;

#[expect(clippy::expect_used, reason = "a panic is a target's verdict")]
#[path = "../fuzz/src/bodies/mod.rs"]
pub mod bodies;

#[test]
fn answers() -> io::Result<()> {
    replay("answers", bodies::answers::run)
}

#[test]
fn callback() -> io::Result<()> {
    replay("callback", bodies::callback::run)
}

#[test]
fn challenge() -> io::Result<()> {
    replay("challenge", bodies::challenge::run)
}

#[test]
fn flows() -> io::Result<()> {
    replay("flows", bodies::flows::run)
}

#[test]
fn form() -> io::Result<()> {
    replay("form", bodies::form::run)
}

#[test]
fn id_token() -> io::Result<()> {
    replay("id_token", bodies::id_token::run)
}

#[test]
fn jwe() -> io::Result<()> {
    replay("jwe", bodies::jwe::run)
}

#[test]
fn jwk_set() -> io::Result<()> {
    replay("jwk_set", bodies::jwk_set::run)
}

#[test]
fn jws() -> io::Result<()> {
    replay("jws", bodies::jws::run)
}

#[test]
fn logout_token() -> io::Result<()> {
    replay("logout_token", bodies::logout_token::run)
}

#[test]
fn metadata() -> io::Result<()> {
    replay("metadata", bodies::metadata::run)
}

#[test]
fn notification() -> io::Result<()> {
    replay("notification", bodies::notification::run)
}

#[test]
fn oauth1_base_string() -> io::Result<()> {
    replay("oauth1_base_string", bodies::oauth1_base_string::run)
}

#[test]
fn oauth1_credentials() -> io::Result<()> {
    replay("oauth1_credentials", bodies::oauth1_credentials::run)
}

#[test]
fn oauth1_header() -> io::Result<()> {
    replay("oauth1_header", bodies::oauth1_header::run)
}

#[test]
fn receivers() -> io::Result<()> {
    replay("receivers", bodies::receivers::run)
}

#[test]
fn stored() -> io::Result<()> {
    replay("stored", bodies::stored::run)
}

#[test]
fn token_response() -> io::Result<()> {
    replay("token_response", bodies::token_response::run)
}

/// Every target has its corpus, and together they stay small enough to be read and cloned.
#[test]
fn the_corpora_are_complete_and_small() -> io::Result<()> {
    let targets: Vec<_> = files(&fuzz("fuzz_targets"))?
        .iter()
        .filter_map(|path| path.file_stem()?.to_str().map(str::to_owned))
        .collect();
    let replayed = [
        "answers",
        "callback",
        "challenge",
        "flows",
        "form",
        "id_token",
        "jwe",
        "jwk_set",
        "jws",
        "logout_token",
        "metadata",
        "notification",
        "oauth1_base_string",
        "oauth1_credentials",
        "oauth1_header",
        "receivers",
        "stored",
        "token_response",
    ];
    assert_eq!(targets, replayed);

    let (mut count, mut bytes) = (0, 0);
    for target in &targets {
        for (_, data) in seeds(target)? {
            count += 1;
            bytes += data.len();
        }
    }
    assert!(count <= 600, "{count} files");
    assert!(bytes <= 200_000, "{bytes} bytes");
    Ok(())
}

fn replay(target: &str, run: impl Fn(&[u8]) -> bool) -> io::Result<()> {
    let (mut accepted, mut refused) = (0, 0);
    for (name, data) in seeds(target)? {
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| run(&data)));
        assert!(outcome.is_ok(), "{target}/{name} breaks the invariant");
        let is_accepted = outcome.is_ok_and(|is_accepted| is_accepted);
        if name.starts_with("accepted-") {
            assert!(is_accepted, "{target}/{name} is refused");
            accepted += 1;
        } else if name.starts_with("refused-") {
            assert!(!is_accepted, "{target}/{name} is accepted");
            refused += 1;
        }
    }
    assert!(accepted > 0 && refused > 0, "a corpus shows both sides");
    Ok(())
}

/// The names and contents of a corpus, in order.
fn seeds(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let paths = files(&fuzz("corpus").join(target))?;
    let read = paths.into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default();
        Ok((name.to_string_lossy().into_owned(), fs::read(&path)?))
    });
    read.collect()
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut paths: Vec<_> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn fuzz(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder)
}
