//! RFC 4648 §5: base64 with the URL and filename safe alphabet, without padding.
//!
//! RFC 7515 §2 ("with all trailing '=' characters omitted") fixes the form that every JOSE structure
//! uses. Reading is strict: a byte string has one text, so nobody can make a second one of the same
//! meaning.

#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
use std::sync::LazyLock;

use base64::Engine as _;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
use base64::engine::Simd;
use base64::engine::general_purpose;

/// `NO_PAD` asks for no padding and, by default, refuses trailing bits that are not zero.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(general_purpose::NO_PAD));

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
)))]
static ENGINE: general_purpose::GeneralPurpose = general_purpose::URL_SAFE_NO_PAD;

/// `bytes` as base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Appends `bytes` as base64url without padding to `out`.
pub(crate) fn encode_into(bytes: &[u8], out: &mut String) {
    ENGINE.encode_string(bytes, out);
}

/// `bytes` as base64url without padding, written to the start of `buffer`; `None` when it is too
/// short. `n` bytes take `(4 * n).div_ceil(3)` characters: 32 bytes take 43.
pub(crate) fn encode_to_slice<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Option<&'b str> {
    let length = ENGINE.encode_slice(bytes, buffer).ok()?;
    std::str::from_utf8(buffer.get(..length)?).ok()
}

/// The bytes that `text` stands for.
///
/// # Errors
///
/// Padding, a character outside the alphabet (RFC 4648 §3.3: "implementations MUST reject the
/// encoded data"), a length no byte string has, or trailing bits that are not zero (§3.5).
pub fn decode(text: &str) -> Result<Vec<u8>, Base64UrlFault> {
    ENGINE.decode(text).map_err(|_| Base64UrlFault)
}

/// `bytes` in the standard alphabet with padding (RFC 4648 §4), as HTTP Basic wants it.
pub(crate) fn standard(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// The bytes that `text`, in the standard alphabet with padding, stands for.
///
/// # Errors
///
/// As [`decode`], where padding is missing.
pub(crate) fn decode_standard(text: &str) -> Result<Vec<u8>, Base64UrlFault> {
    general_purpose::STANDARD
        .decode(text)
        .map_err(|_| Base64UrlFault)
}

/// The text is not base64url. It says no more, as the text may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding (RFC 4648 section 5)")]
#[non_exhaustive]
pub struct Base64UrlFault;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10, without the padding.
    const KNOWN: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg"),
        ("fo", "Zm8"),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn rfc_4648_examples() {
        for (bytes, text) in KNOWN {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
    }

    /// RFC 7515 §C.
    #[test]
    fn rfc_7515_appendix_c() {
        let bytes = [3, 236, 255, 224, 193];
        assert_eq!(encode(&bytes), "A-z_4ME");
        assert_eq!(decode("A-z_4ME").unwrap(), bytes);
    }

    #[test]
    fn the_other_ways_to_write_agree() {
        let mut out = String::from("x=");
        encode_into(b"foob", &mut out);
        assert_eq!(out, "x=Zm9vYg");
        let mut buffer = [0; 43];
        assert_eq!(
            encode_to_slice(&[0; 32], &mut buffer),
            Some("A".repeat(43).as_str())
        );
        assert_eq!(encode_to_slice(b"foob", &mut buffer), Some("Zm9vYg"));
        assert_eq!(encode_to_slice(&[0; 33], &mut buffer), None);
        assert_eq!(encode_to_slice(b"", &mut []), Some(""));
    }

    /// RFC 7617 §2.
    #[test]
    fn the_standard_alphabet_is_padded() {
        assert_eq!(
            standard(b"Aladdin:open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(standard(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> = (0..=255).cycle().step_by(7).take(700).collect();
        for length in 0..bytes.len() {
            let text = encode(&bytes[..length]);
            assert_eq!(text.len(), (4 * length).div_ceil(3));
            assert_eq!(decode(&text).unwrap(), &bytes[..length]);
        }
    }

    #[test]
    fn a_second_text_for_the_same_bytes_is_refused() {
        for text in [
            "Zg==", "Zg=", "Zm8=", "Zh", "Zm9", "Zm9vYh", "Z", "Zm9vY", "=", " Zg", "Zg ", "Zg\n",
            "Zm\n8", "A+z/4ME", "Zé",
        ] {
            assert_eq!(decode(text), Err(Base64UrlFault), "{text:?}");
        }
    }

    /// The wide and the narrow reader take turns within one text: neither is laxer.
    #[test]
    fn a_foreign_character_is_refused_wherever_it_stands() {
        let good = "A".repeat(256);
        for at in 0..good.len() {
            for foreign in ["=", "+", "/", " ", "\n", "\0", ".", "\u{7f}"] {
                let mut bad = good.clone();
                bad.replace_range(at..=at, foreign);
                assert_eq!(decode(&bad), Err(Base64UrlFault), "{foreign:?} at {at}");
            }
        }
        for length in 62..200 {
            let loose = format!("{}B", "A".repeat(length - 1));
            assert_eq!(decode(&loose).is_ok(), length % 4 == 0, "length {length}");
        }
    }
}
