//! `application/x-www-form-urlencoded` (WHATWG URL §5, RFC 6749 Appendix B): ordered names and values.

use std::collections::BTreeMap;

use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_decode_str;
use percent_encoding::utf8_percent_encode;

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The names and values of a query, a fragment or a form body, decoded, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes text as a strict server does.
    ///
    /// # Errors
    /// The first fault, in words: a byte that should have been encoded, a percent sign without two
    /// hexadecimal digits, text that is not UTF-8, an empty pair, a pair without `=`.
    pub fn strict(text: &str) -> Result<Self, String> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|_| !text.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(format!("`{pair}` is not a name=value pair"));
            };
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self(pairs))
    }

    /// Decodes text as far as it can be decoded; for looking at what went over the wire.
    #[must_use]
    pub fn lossy(text: &str) -> Self {
        let loose = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (loose(name), loose(value)))
                .collect(),
        )
    }

    /// The first value of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Every value of that name, in order.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.iter()
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value)
            .collect()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The names in order, repeated ones repeated.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name).collect()
    }

    /// The names that came more than once, each once.
    #[must_use]
    pub fn repeated(&self) -> Vec<&str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in self.iter() {
            *counts.entry(name).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        counts.into_keys().collect()
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().map(|(n, v)| (n.into(), v.into()));
        Self(pairs.collect())
    }
}

/// Written as a form: unreserved characters plain, space as `+`, the rest as `%XX` of UTF-8.
impl std::fmt::Display for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let joint = if index == 0 { "" } else { "&" };
            write!(f, "{joint}{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

/// One name or value in the form encoding.
pub(crate) fn encode(part: &str) -> String {
    utf8_percent_encode(part, RESERVED)
        .to_string()
        .replace("%20", "+")
}

/// One name or value out of the form encoding, strictly.
pub(crate) fn decode(part: &str) -> Result<String, String> {
    let bytes = part.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        let hex = |ahead: usize| bytes.get(index + ahead).is_some_and(u8::is_ascii_hexdigit);
        match byte {
            b'%' if !(hex(1) && hex(2)) => {
                return Err(format!("`{part}` holds a bad percent triplet"));
            }
            0..=b' ' | 0x7f.. | b'"' | b'<' | b'>' | b'#' | b'&' | b'=' => {
                return Err(format!("`{part}` holds a byte that must be encoded"));
            }
            _ => {}
        }
    }
    percent_decode_str(&part.replace('+', " "))
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| format!("`{part}` is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spaces_and_utf8_decode_to_the_same() {
        let parameters = Parameters::strict("a=%20x+y&%C3%A9=%2B").unwrap();
        let pairs: Vec<_> = parameters.iter().collect();
        assert_eq!(pairs, [("a", " x y"), ("é", "+")]);
        assert_eq!(parameters.to_string(), "a=+x+y&%C3%A9=%2B");
        assert!(Parameters::strict("").unwrap().is_empty());
    }

    #[test]
    fn each_careless_encoding_is_refused() {
        for text in [
            "a=%", "a=%2", "a=%zz", "a=b c", "a=é", "a=%ff", "a", "&a=b", "a=b&", "a=b=c", "a=<",
        ] {
            assert!(Parameters::strict(text).is_err(), "{text}");
        }
    }

    #[test]
    fn repeated_names_are_found_and_kept() {
        let parameters = Parameters::lossy("a=1&b=2&a=3&c");
        assert_eq!(parameters.repeated(), ["a"]);
        assert_eq!(parameters.all("a"), ["1", "3"]);
        assert_eq!(parameters.value("c"), Some(""));
        assert_eq!(parameters.names(), ["a", "b", "a", "c"]);
    }
}
