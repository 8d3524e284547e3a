//! The deep part of strict reading: names, depth, strings and numbers within a value.
//!
//! The grammar of the value has been checked, so the walk follows the brackets and the quotes alone.
//! It does not recurse.

use std::borrow::Cow;

use serde_json::Number;

use super::JsonFault;
use super::Value;
use super::check_name;
use crate::base::repeat::first_repeat;

/// Objects and arrays within one another, the outermost counted as one. JWK Sets and the largest
/// discovery documents stay under six.
const MAX_DEPTH: usize = 32;

/// Checks a value that stands in an object of depth one.
// Into the caller: for most values it is one look at a byte.
#[inline(always)]
pub(super) fn check(value: Value<'_>) -> Result<(), JsonFault> {
    match value.raw.as_bytes().first() {
        Some(b'{' | b'[') => walk(value.raw),
        Some(b'"') if value.is_escaped => string(value.raw),
        Some(b'-' | b'0'..=b'9') => number(value.raw),
        _ => Ok(()),
    }
}

fn walk(raw: &str) -> Result<(), JsonFault> {
    // The names of all open objects, and where the names of each open container begin. The object
    // around the value is the first.
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    let mut starts = [0; MAX_DEPTH];
    let mut depth = 1;
    let mut at = 0;
    while let Some(byte) = raw.as_bytes().get(at) {
        let next = match byte {
            b'{' | b'[' => {
                *starts.get_mut(depth).ok_or(JsonFault::TooDeep)? = names.len();
                depth += 1;
                at + 1
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                let start = starts.get(depth).copied().unwrap_or_default();
                let own = names.get(start..).unwrap_or_default();
                if let Some(name) = first_repeat(own, |name| name).and_then(|at| own.get(at)) {
                    return Err(JsonFault::duplicate(name));
                }
                names.truncate(start);
                at + 1
            }
            b'"' => {
                let (next, is_escaped) = after_string(raw.as_bytes(), at);
                let quoted = raw.get(at..next).unwrap_or_default();
                if is_before_colon(raw.as_bytes(), next) {
                    let name = if is_escaped {
                        Cow::Owned(text(quoted)?)
                    } else {
                        Cow::Borrowed(quoted.trim_matches('"'))
                    };
                    check_name(&name)?;
                    names.push(name);
                } else if is_escaped {
                    string(quoted)?;
                }
                next
            }
            b'-' | b'0'..=b'9' => {
                let rest = raw.as_bytes().get(at..).unwrap_or_default();
                let next = at + rest.iter().take_while(|&&byte| in_number(byte)).count();
                number(raw.get(at..next).unwrap_or_default())?;
                next
            }
            _ => at + 1,
        };
        at = next;
    }
    Ok(())
}

/// Where the string that starts at `at` is over, and whether there is a backslash in it.
fn after_string(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut is_escaped = false;
    loop {
        at += 1;
        match bytes.get(at) {
            Some(b'"') => return (at + 1, is_escaped),
            Some(b'\\') => {
                is_escaped = true;
                at += 1;
            }
            Some(_) => {}
            None => return (bytes.len(), is_escaped),
        }
    }
}

fn is_before_colon(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
    next == Some(&b':')
}

const fn in_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

/// RFC 7493 §2.1: strings "MUST NOT include code points that identify Surrogates".
fn string(quoted: &str) -> Result<(), JsonFault> {
    if quoted.contains("\\u") {
        text(quoted)?;
    }
    Ok(())
}

fn text(quoted: &str) -> Result<String, JsonFault> {
    serde_json::from_str(quoted).map_err(|_| JsonFault::Unrepresentable)
}

/// A number without exponent and of fewer than 300 digits is below the largest double, 1.8e308.
fn number(text: &str) -> Result<(), JsonFault> {
    let is_small = text.len() < 300 && !text.bytes().any(|byte| byte | 0x20 == b'e');
    if is_small || serde_json::from_str::<Number>(text).is_ok() {
        Ok(())
    } else {
        Err(JsonFault::Unrepresentable)
    }
}
