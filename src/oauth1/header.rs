//! The `Authorization` header of the scheme `OAuth` (RFC 5849 §3.5.1), written and read.

use std::fmt;

use http::HeaderValue;

use crate::base::challenge;
use crate::base::percent;
use crate::base::repeat::first_repeat;
use crate::base::wiped::Wiped;

/// Writes protocol parameters, `realm` before them; both halves of each are percent-encoded.
///
/// The caller has checked the realm with [`is_realm`].
pub(crate) fn write<'p>(
    realm: Option<&str>,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Wiped {
    let mut out = Wiped::new(String::with_capacity(512));
    out.push_str("OAuth ");
    if let Some(realm) = realm {
        out.push_str("realm=\"");
        for character in realm.chars() {
            // RFC 9110 §5.6.4: a quoted-pair, so that no quote ends the realm early.
            if matches!(character, '"' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
        out.push('"');
    }
    for (name, value) in parameters {
        if out.ends_with('"') {
            out.push_str(", ");
        }
        percent::encode_into(name, &mut out);
        out.push_str("=\"");
        percent::encode_into(value, &mut out);
        out.push('"');
    }
    out
}

/// Whether a realm can stand in a quoted string (RFC 9110 §5.6.4).
pub(crate) fn is_realm(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// An `Authorization` header of the scheme `OAuth`, read: its realm, and its parameters decoded.
///
/// ```
/// use oauth_proto::oauth1::header::Authorization;
///
/// let line = r#"OAuth realm="a \"b\"", oauth_consumer_key="k%20y", oauth_signature="x%3D""#;
/// let header = Authorization::parse(&line.parse()?).unwrap();
/// assert_eq!(header.realm(), Some("a \"b\""));
/// assert_eq!(header.parameter("oauth_signature"), Some("x="));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    realm: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Authorization {
    /// Reads a header; `None` where it is of another scheme, malformed, or has a name twice: "Each parameter
    /// MUST NOT appear more than once per request" (RFC 5849 §3.1).
    #[must_use]
    pub fn parse(value: &HeaderValue) -> Option<Self> {
        let mut realm = None;
        let mut parameters = Vec::new();
        for (name, value) in challenge::credentials(value.as_bytes(), "OAuth")? {
            if name.eq_ignore_ascii_case("realm") {
                if realm.replace(value).is_some() {
                    return None;
                }
                continue;
            }
            let name = percent::decode(name).ok()?.into_owned();
            parameters.push((name, percent::decode(&value).ok()?.into_owned()));
        }
        let repeats = first_repeat(&parameters, |(name, _)| name).is_some();
        (!repeats).then_some(Self { realm, parameters })
    }

    /// `realm`, which is no parameter of the protocol and is not signed.
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.realm.as_deref()
    }

    /// The value of a parameter; names are case-sensitive.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// Every parameter but the realm, in order.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Names alone: values may be secret.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters().map(|(name, _)| name).collect();
        f.debug_struct("Authorization")
            .field("realm", &self.realm)
            .field("parameters", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Authorization> {
        Authorization::parse(&HeaderValue::from_str(line).unwrap())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let all: String = (0x20..0x250).filter_map(char::from_u32).collect();
        let realm: String = all.chars().filter(|c| !c.is_control()).collect();
        assert!(is_realm(&realm) && !is_realm("a\r\nb"));
        let line = write(Some(&realm), [("oauth_a", &*all), (&*all, "")]);
        let read = Authorization::parse(&HeaderValue::from_bytes(line.as_bytes()).unwrap());
        let read = read.unwrap();
        assert_eq!(read.realm(), Some(&*realm));
        assert!(read.parameters().eq([("oauth_a", &*all), (&*all, "")]));
        let secret = parse("OAuth oauth_signature=\"s3cret\"").unwrap();
        assert!(!format!("{secret:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_oauth_header_is_not_read() {
        for line in [
            "",
            "OAuth",
            "OAuth ",
            "OA",
            "OAuth oauth_nonce=",
            "OAuth oauth_nonce=\"a",
            "OAuth oauth_nonce=\"%4\"",
            "OAuth oauth_nonce=\"%ff\"",
            "OAuth a=\"1\", a=\"2\"",
            "OAuth a=\"1\", %61=\"2\"",
            "OAuth realm=\"a\", Realm=\"b\"",
            "OAuth a=\"1\" b=\"2\"",
            "OAuth a=\"1\", Bearer b",
            "Negotiate b2F1dGhsaWI=",
            "Bearer a=\"b\"",
        ] {
            assert_eq!(parse(line), None, "{line:?}");
        }
        assert!(parse("oAUTH\ta=\"b\"").is_none());
        let odd = parse("oauth A=\"b,c\",a=+ , ,d=\"\"").unwrap();
        assert!(odd.parameters().eq([("A", "b,c"), ("a", "+"), ("d", "")]));
    }
}
