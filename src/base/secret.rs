//! Text that is never printed, is compared in constant time, and is wiped when dropped.

use std::fmt;

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use subtle::ConstantTimeEq;

use crate::base::wiped::Wiped;

/// Secret text: a token, a password, a code.
///
/// - `Debug` prints `Secret(…)`, whatever the text and its length. There is no `Display`.
/// - `==` takes the same time wherever two texts of one length differ. The length may be learnt.
/// - The memory is overwritten when the value is dropped. Copies made by [`expose`](Self::expose)
///   are the caller's to guard.
///
/// It is not serialised by itself: a type that stores secrets says so field by field.
///
/// ```
/// use oauth_proto::base::secret::Secret;
///
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "Secret(…)");
/// assert!(password.eq_text("correct horse"));
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone)]
pub struct Secret(Wiped);

impl Secret {
    /// Takes `text` as a secret. A `String` is moved, not copied.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Wiped::new(text))
    }

    /// The text itself, to be sent. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length of the text in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the secret is `text`, compared in constant time.
    #[must_use]
    pub fn eq_text(&self, text: &str) -> bool {
        constant_time_eq(self.0.as_bytes(), text.as_bytes())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.eq_text(&other.0)
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether two byte strings are equal. The time depends on their lengths alone.
pub(crate) fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    // By words: `subtle` looks at each byte of a slice for itself.
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let words = a
        .iter()
        .zip(b)
        .fold(a.len().ct_eq(&b.len()), |equal, (a, b)| {
            equal & u64::from_ne_bytes(*a).ct_eq(&u64::from_ne_bytes(*b))
        });
    (words & a_rest.ct_eq(b_rest)).into()
}

/// `#[serde(with = "serde_text")]` for a field that is a [`Secret`]: its text in the clear.
pub(crate) mod serde_text {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(
        secret: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

/// `#[serde(with = "serde_option")]` for a field that is an `Option<Secret>`. Add `default` and
/// `skip_serializing_if = "Option::is_none"` for a member that may be absent.
pub(crate) mod serde_option {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => serializer.serialize_some(secret.expose()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
    }
}

/// A header value that HTTP libraries neither print nor compress with others.
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::Serialize;

    use super::*;

    #[test]
    fn debug_shows_neither_text_nor_length() {
        for text in ["", "x", "a much longer text"] {
            assert_eq!(format!("{:?}", Secret::from(text)), "Secret(…)");
            assert_eq!(format!("{:?}", Some(Secret::from(text))), "Some(Secret(…))");
        }
    }

    #[test]
    fn equality_is_that_of_the_text() {
        let secret = Secret::new("kayak");
        assert_eq!(secret, Secret::from(String::from("kayak")));
        assert_eq!(secret, secret.clone());
        for other in ["", "kayaK", "Kayak", "kaya", "kayak "] {
            assert!(!secret.eq_text(other));
            assert_ne!(secret, Secret::from(other));
        }
    }

    #[test]
    fn length_counts_bytes() {
        assert_eq!(Secret::from("é").len(), 2);
        assert!(Secret::from("").is_empty());
        assert!(!Secret::from("é").is_empty());
    }

    #[test]
    fn bytes_are_compared_whole() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"ab", b"ab"));
        assert!(!constant_time_eq(b"ab", b"ac"));
        assert!(!constant_time_eq(b"ab", b"abc"));
        for length in 0..40 {
            let own = vec![7; length];
            assert!(constant_time_eq(&own, &own.clone()));
            assert!(!constant_time_eq(&own, &vec![7; length + 1]));
            assert!(!constant_time_eq(&own, &vec![7; length + 8]));
            for at in 0..length {
                let mut other = own.clone();
                other[at] = 6;
                assert!(!constant_time_eq(&own, &other), "{length}, {at}");
            }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        #[serde(with = "serde_text")]
        one: Secret,
        #[serde(
            with = "serde_option",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        other: Option<Secret>,
    }

    #[test]
    fn a_field_that_asks_for_it_is_stored() {
        for (stored, text) in [
            (
                Stored {
                    one: "a\"b".into(),
                    other: Some("c".into()),
                },
                r#"{"one":"a\"b","other":"c"}"#,
            ),
            (
                Stored {
                    one: "a".into(),
                    other: None,
                },
                r#"{"one":"a"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&stored).unwrap(), text);
            assert_eq!(serde_json::from_str::<Stored>(text).unwrap(), stored);
        }
        assert!(serde_json::from_str::<Stored>(r#"{"one":null}"#).is_err());
        assert!(serde_json::from_str::<Stored>(r#"{"one":1}"#).is_err());
    }
}
