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

/// Without branches, for [`bytes::all`].
const fn is_unreserved_byte(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'0') < 10)
        | (byte == b'-')
        | (byte == b'.')
        | (byte == b'_')
        | (byte == b'~')
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

/// Decodes text that [`encode_into`] wrote, where `+` is itself; borrowed when there is nothing to decode.
///
/// # Errors
///
/// As [`decode_form`].
pub(crate) fn decode(text: &str) -> Result<Cow<'_, str>, PercentFault> {
    if text.contains('%') {
        unescape(text, b'+').map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

/// Decodes a name or a value of `application/x-www-form-urlencoded`, where `+` is a space; borrowed
/// when there is nothing to decode.
///
/// # Errors
///
/// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
pub(crate) fn decode_form(text: &str) -> Result<Cow<'_, str>, PercentFault> {
    if bytes::any(text, |byte| matches!(byte, b'%' | b'+')) {
        unescape(text, b' ').map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

/// Appends `text`, a name or a value of `application/x-www-form-urlencoded`, to `out` as [`encode_into`]
/// would write what it means, be that text or not.
///
/// # Errors
///
/// A `%` without two hexadecimal digits.
pub(crate) fn recode_form_into(text: &[u8], out: &mut String) -> Result<(), PercentFault> {
    for byte in unescaped(text, b' ') {
        let byte = byte?;
        if UNRESERVED[usize::from(byte)] {
            out.push(char::from(byte));
        } else {
            out.push_str(percent_encode_byte(byte));
        }
    }
    Ok(())
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

/// `plus` is what a `+` stands for.
fn unescape(text: &str, plus: u8) -> Result<String, PercentFault> {
    let mut bytes = Vec::with_capacity(text.len());
    for byte in unescaped(text.as_bytes(), plus) {
        bytes.push(byte?);
    }
    String::from_utf8(bytes).map_err(|_| PercentFault::Utf8)
}

fn unescaped(text: &[u8], plus: u8) -> impl Iterator<Item = Result<u8, PercentFault>> {
    let mut input = text.iter().copied();
    std::iter::from_fn(move || {
        Some(match input.next()? {
            b'%' => escaped(input.next(), input.next()),
            b'+' => Ok(plus),
            other => Ok(other),
        })
    })
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Result<u8, PercentFault> {
    Ok(hexadecimal(high)? << 4 | hexadecimal(low)?)
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
        assert_eq!(decode("a+b%2B%20").unwrap(), "a+b+ ");
    }

    #[test]
    fn bad_escapes_are_refused() {
        for text in ["%", "a%", "%4", "%4g", "%g4", "%%41", "% 41", "%+1", "%é"] {
            assert_eq!(decode_form(text), Err(PercentFault::Escape), "{text:?}");
        }
    }

    #[test]
    fn recoding_is_decoding_and_encoding() {
        let recoded = |text: &str| {
            let mut out = String::new();
            recode_form_into(text.as_bytes(), &mut out).map(|()| out)
        };
        for text in ["", "a.b", "a+b%2B%20", "%E3%82%a2", "é~%7e!*'()", "=%3D&;"] {
            let expected = encoded(&decode_form(text).unwrap());
            assert_eq!(recoded(text), Ok(expected), "{text:?}");
        }
        assert_eq!(recoded("%ff%C3").as_deref(), Ok("%FF%C3"));
        for text in ["%", "a%4", "%g4", "%%41"] {
            assert_eq!(recoded(text), Err(PercentFault::Escape), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        for text in ["%ff", "%c3", "%c3x", "%ed%a0%80", "%c0%af", "é%c3"] {
            assert_eq!(decode_form(text), Err(PercentFault::Utf8), "{text:?}");
        }
    }
}
