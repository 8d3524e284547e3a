//! RFC 3986 §2: percent-encoding, where everything but the unreserved characters is encoded.
//!
//! One set serves form bodies, query strings and the signature bases that RFC 5849 §3.6 defines: what
//! it writes means the same to every reader.

use std::borrow::Cow;

use percent_encoding::percent_encode_byte;

use crate::base::bytes;

/// Appends `text` to `out`, its UTF-8 bytes percent-encoded with upper-case digits.
pub(crate) fn encode_into(text: &str, out: &mut String) {
    if is_unreserved(text) {
        out.push_str(text);
        return;
    }
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !UNRESERVED[usize::from(byte)] {
            // Within a character beyond ASCII nothing lies between two bytes.
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(percent_encode_byte(byte));
            done = at + 1;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
}

/// Whether `text` has unreserved characters only, and so stands for itself: most names and tokens do.
pub(crate) fn is_unreserved(text: &str) -> bool {
    bytes::all(text, is_unreserved_byte)
}

const fn is_unreserved_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986 §2.3: `unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"`.
const UNRESERVED: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        set[byte as usize] = is_unreserved_byte(byte);
        byte += 1;
    }
    set
};

/// Decodes a name or a value of `application/x-www-form-urlencoded`, where `+` is a space; borrowed
/// when there is nothing to decode.
///
/// # Errors
///
/// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
pub(crate) fn decode_form(text: &str) -> Result<Cow<'_, str>, PercentFault> {
    if bytes::any(text, |byte| matches!(byte, b'%' | b'+')) {
        unescape(text).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

/// Why percent-encoded text cannot be read. It says no more, as the text may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PercentFault {
    /// RFC 3986 §2.1: `pct-encoded = "%" HEXDIG HEXDIG`.
    #[error("a % is not followed by two hexadecimal digits")]
    Escape,
    /// The encoded bytes are not UTF-8.
    #[error("percent-encoded bytes are not UTF-8")]
    Utf8,
}

fn unescape(text: &str) -> Result<String, PercentFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut input = text.bytes();
    while let Some(byte) = input.next() {
        bytes.push(match byte {
            b'%' => {
                let high = hexadecimal(input.next())?;
                let low = hexadecimal(input.next())?;
                high << 4 | low
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| PercentFault::Utf8)
}

fn hexadecimal(digit: Option<u8>) -> Result<u8, PercentFault> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        _ => Err(PercentFault::Escape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        encode_into(text, &mut out);
        out
    }

    #[test]
    fn only_the_unreserved_characters_stay() {
        for byte in 0..=0x7f_u8 {
            let text = char::from(byte).to_string();
            let expected = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.clone()
            } else {
                format!("%{byte:02X}")
            };
            assert_eq!(encoded(&text), expected);
            assert_eq!(decode_form(&expected).unwrap(), text);
        }
    }

    /// RFC 5849 §3.6 shares the set; the katakana letter A is the example of RFC 3986 §2.5.
    #[test]
    fn text_beyond_ascii_is_encoded_as_utf8() {
        assert_eq!(encoded("\u{30A2}"), "%E3%82%A2");
        assert_eq!(encoded("a b+c"), "a%20b%2Bc");
        assert_eq!(decode_form("%E3%82%a2").unwrap(), "\u{30A2}");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(decode_form("a.b"), Ok(Cow::Borrowed("a.b"))));
    }

    #[test]
    fn plus_is_a_space() {
        assert_eq!(decode_form("a+b%2B%20").unwrap(), "a b+ ");
    }

    #[test]
    fn bad_escapes_are_refused() {
        for text in ["%", "a%", "%4", "%4g", "%g4", "%%41", "% 41", "%+1", "%é"] {
            assert_eq!(decode_form(text), Err(PercentFault::Escape), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        for text in ["%ff", "%c3", "%c3x", "%ed%a0%80", "%c0%af", "é%c3"] {
            assert_eq!(decode_form(text), Err(PercentFault::Utf8), "{text:?}");
        }
    }
}
