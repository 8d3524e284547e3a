//! Invariant: whatever an `Authorization` header holds, nothing panics, and the time is linear in its
//! length. It is read only where its scheme is `OAuth`; then it has a bounded number of parameters, each
//! name once, and when another hand writes them, every byte escaped, they are read back equal and in
//! their order. What is printed holds no value.
//!
//! Input: the header.

use http::HeaderValue;
use oauth_proto::oauth1::header::Authorization;

use crate::bodies::bytes::Bytes;

const LIMIT: usize = 20_000;

/// Whether the header was read.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let text = Bytes::new(data).text(LIMIT);
    let Ok(value) = HeaderValue::from_bytes(&text) else {
        return false;
    };
    let Some(read) = Authorization::parse(&value) else {
        return false;
    };
    let start = text.trim_ascii_start();
    assert!(start[..5].eq_ignore_ascii_case(b"OAuth"));
    assert!(read.parameters().len() < 65);

    let mut names: Vec<_> = read.parameters().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), read.parameters().len());

    let mut written = String::from("OAuth ");
    let mut separator = "";
    if let Some(realm) = read.realm() {
        let realm = realm.replace('\\', "\\\\").replace('"', "\\\"");
        written.push_str(&format!("realm=\"{realm}\""));
        separator = ",";
    }
    for (name, value) in read.parameters() {
        // A name that is empty once it is decoded is written by nobody.
        let name = every_byte(name);
        written.push_str(&format!("{separator}{name}=\"{}\"", every_byte(value)));
        separator = ",\t ";
    }
    let again = HeaderValue::from_bytes(written.as_bytes()).expect("it is a header");
    // Three times as long, it may be longer than is read.
    if let Some(again) = Authorization::parse(&again) {
        assert_eq!(again, read);
    } else {
        assert!(written.len() > 16 * 1024, "{written}");
    }
    let printed = format!("{read:?}");
    for (name, value) in read.parameters() {
        let is_name = names.iter().any(|own| own.contains(value)) || name.contains(value);
        let is_realm = read.realm().is_some_and(|realm| realm.contains(value));
        let is_told = value.len() > 12 && printed.contains(value) && !is_name && !is_realm;
        assert!(!is_told, "{printed}");
    }
    true
}

fn every_byte(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
