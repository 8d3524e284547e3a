//! The same text with other secrets in it: what is printed must not tell the two apart.

use std::ops::Range;

use url::form_urlencoded;

/// `json` with other letters and digits in the values of all members but the `public` ones. Names,
/// lengths and escapes stay, so a reader takes the same way through both.
pub(crate) fn other_in_json(json: &[u8], public: &[&str]) -> Vec<u8> {
    let mut other = json.to_vec();
    for range in values(json, public) {
        let mut after_backslash = false;
        let mut hexadecimal = 0;
        for byte in &mut other[range] {
            if after_backslash {
                after_backslash = false;
                hexadecimal = if *byte == b'u' { 4 } else { 0 };
            } else if hexadecimal > 0 {
                hexadecimal -= 1;
            } else if *byte == b'\\' {
                after_backslash = true;
            } else {
                *byte = another(*byte);
            }
        }
    }
    other
}

/// What of `json` is not secret: the values of all members but the `public` ones are blank.
pub(crate) fn public_of_json(json: &[u8], public: &[&str]) -> Vec<u8> {
    let mut blank = json.to_vec();
    for range in values(json, public) {
        blank[range].fill(b' ');
    }
    blank
}

/// `form`, pairs or a URI that holds them, with other letters and digits in the values that
/// `is_secret` by their decoded name.
pub(crate) fn other_in_form(form: &[u8], is_secret: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut other = Vec::with_capacity(form.len());
    let mut is_value = false;
    let mut has_fragment = is_uri(form);
    let ends_piece = |byte: &u8| {
        // In a value, a question mark is one, and so is a number sign, unless a fragment begins there.
        let begins_fragment = has_fragment && *byte == b'#';
        has_fragment &= !begins_fragment;
        let ends = *byte == b'&' || begins_fragment || !is_value && b"?#".contains(byte);
        is_value = !ends && (is_value || *byte == b'=');
        ends
    };
    for piece in form.split_inclusive(ends_piece) {
        let name = piece.split(|&byte| byte == b'=').next().unwrap_or_default();
        // A reader may trim the whole, and so the first name.
        let is_secret = form_urlencoded::parse(name.trim_ascii_start())
            .next()
            .is_some_and(|(name, _)| is_secret(&name));
        // A body that is a JSON string may have an escape there.
        let is_secret = is_secret && !piece.contains(&b'\\');
        let mut escaped = 0;
        for (at, &byte) in piece.iter().enumerate() {
            let is_plain = escaped == 0 && byte != b'%';
            escaped = if byte == b'%' {
                2_usize
            } else {
                escaped.saturating_sub(1)
            };
            other.push(if is_secret && is_plain && at > name.len() {
                another(byte)
            } else {
                byte
            });
        }
    }
    other
}

/// Whether it is a URI or a path, and not the parameters themselves.
fn is_uri(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let scheme = text.split(|&byte| byte == b':').next().unwrap_or_default();
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let has_scheme = scheme.len() < text.len()
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(is_scheme);
    has_scheme || text.starts_with(b"?") || text.starts_with(b"/")
}

/// Where the string values that are not of a `public` member stand, without their quotes.
fn values(json: &[u8], public: &[&str]) -> Vec<Range<usize>> {
    let mut values = Vec::new();
    let mut is_public = false;
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        let end = end_of_string(json, start);
        let after = json.get(end + 1..).unwrap_or_default();
        if after.trim_ascii_start().first() == Some(&b':') {
            let name = serde_json::from_slice::<String>(&json[start - 1..=end]);
            is_public = name.is_ok_and(|name| public.contains(&name.as_str()));
        } else if !is_public {
            values.push(start..end);
        }
        at = end + 1;
    }
    values
}

/// Where the quote stands that ends the string whose text starts at `start`; the end where none does.
fn end_of_string(json: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < json.len() && json[at] != b'"' {
        at += if json[at] == b'\\' { 2 } else { 1 };
    }
    at.min(json.len())
}

const fn another(byte: u8) -> u8 {
    match byte {
        b'z' => b'a',
        b'Z' => b'A',
        b'9' => b'0',
        b'a'..=b'y' | b'A'..=b'Y' | b'0'..=b'8' => byte + 1,
        other => other,
    }
}
