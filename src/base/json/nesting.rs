//! The deep part of strict reading: names, depth, strings and numbers within a value.
//!
//! The grammar of the value has been checked, so the walk follows the brackets and the quotes alone.
//! It does not recurse.

use std::borrow::Cow;

use serde_json::Number;

use super::JsonFault;
use super::check_name;
use crate::base::repeat::first_repeat;

/// Objects and arrays within one another, the outermost counted as one. JWK Sets and the largest
/// discovery documents stay under six.
const MAX_DEPTH: usize = 32;

/// Checks a value that stands in an object of depth one.
pub(super) fn check(raw: &str) -> Result<(), JsonFault> {
    match raw.as_bytes().first() {
        Some(b'{' | b'[') => walk(raw),
        Some(b'"') => string(raw),
        Some(b'-' | b'0'..=b'9') => number(raw),
        _ => Ok(()),
    }
}

fn walk(raw: &str) -> Result<(), JsonFault> {
    // The names of all open objects, and where the names of each open container begin.
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    let mut open: Vec<usize> = Vec::with_capacity(4);
    let mut rest = raw;
    while let Some(byte) = rest.bytes().next() {
        let length = match byte {
            b'{' | b'[' => {
                // This one, and the object around the value.
                if open.len() + 2 > MAX_DEPTH {
                    return Err(JsonFault::TooDeep);
                }
                open.push(names.len());
                1
            }
            b'}' | b']' => {
                let start = open.pop().unwrap_or_default();
                let own = names.get(start..).unwrap_or_default();
                if let Some(name) = first_repeat(own, |name| name).and_then(|at| own.get(at)) {
                    return Err(JsonFault::duplicate(name));
                }
                names.truncate(start);
                1
            }
            b'"' => {
                let length = string_length(rest);
                let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                if after.trim_start().starts_with(':') {
                    let name = name(text)?;
                    check_name(&name)?;
                    names.push(name);
                } else {
                    string(text)?;
                }
                length
            }
            b'-' | b'0'..=b'9' => {
                let length = rest.bytes().take_while(|&byte| in_number(byte)).count();
                number(rest.get(..length).unwrap_or_default())?;
                length
            }
            _ => 1,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The length of the string that `text` starts with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

const fn in_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

fn name(quoted: &str) -> Result<Cow<'_, str>, JsonFault> {
    if quoted.contains('\\') {
        serde_json::from_str(quoted)
            .map(Cow::Owned)
            .map_err(|_| JsonFault::Unrepresentable)
    } else {
        Ok(Cow::Borrowed(quoted.trim_matches('"')))
    }
}

/// RFC 7493 §2.1: strings "MUST NOT include code points that identify Surrogates".
fn string(quoted: &str) -> Result<(), JsonFault> {
    if quoted.contains("\\u") {
        name(quoted)?;
    }
    Ok(())
}

/// A number without exponent and of fewer than 300 digits is below the largest double, 1.8e308.
fn number(text: &str) -> Result<(), JsonFault> {
    let is_small = text.len() < 300 && !text.contains(['e', 'E']);
    if is_small || serde_json::from_str::<Number>(text).is_ok() {
        Ok(())
    } else {
        Err(JsonFault::Unrepresentable)
    }
}
