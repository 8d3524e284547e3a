//! The compact serialisations (RFC 7515 §7.1, RFC 7516 §7.1) and the header that both begin with
//! (RFC 7515 §4, RFC 7516 §4), read strictly.

use std::array;
use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::base::base64url;
use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::wiped::Wiped;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;

/// The longest compact text that is read, in bytes.
pub const MAX_LEN: usize = 256 * 1024;

/// The longest encoded header that is read, in bytes: room for a certificate chain that nobody here
/// looks at.
pub const MAX_HEADER_LEN: usize = 16 * 1024;

/// A protected header that has been read.
///
/// `jku`, `x5u` and `x5c` are never followed: a token does not say where its keys are.
#[derive(Clone, Debug)]
pub struct Header {
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    members: Members,
}

impl Header {
    /// The name of the key (RFC 7515 §4.1.4).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the whole, as it is written (RFC 7515 §4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The media type of the content, as it is written (RFC 7515 §4.1.10).
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// Whether `typ` is `expected`, with or without `application/`, in upper or lower case
    /// (RFC 7515 §4.1.9).
    #[must_use]
    pub fn has_type(&self, expected: &str) -> bool {
        self.typ().is_some_and(|typ| is_media_type(typ, expected))
    }

    /// Whether `cty` is `expected`, compared as by [`has_type`](Self::has_type).
    #[must_use]
    pub fn has_content_type(&self, expected: &str) -> bool {
        self.cty().is_some_and(|cty| is_media_type(cty, expected))
    }

    /// The public key in the header (RFC 7515 §4.1.3). Whoever wrote the token chose it: it proves
    /// possession, never an identity.
    ///
    /// # Errors
    ///
    /// [`KeyFault`] where the member is there and is no public key.
    pub fn jwk(&self) -> Result<Option<Jwk>, KeyFault> {
        match self.members.member::<Box<RawValue>>("jwk")? {
            Some(raw) => Jwk::parse(raw.get()).map(Some),
            None => Ok(None),
        }
    }

    /// Any other member, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the member is there and is no `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        self.members.member(name)
    }

    /// Reads an encoded header, and with `read` what is special to one kind of it.
    pub(super) fn read<T, E: From<HeaderFault>>(
        encoded: &str,
        read: impl FnOnce(&Object<'_>) -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        if encoded.len() > MAX_HEADER_LEN {
            return Err(HeaderFault::TooLong.into());
        }
        let bytes = base64url::decode(encoded).map_err(|_| HeaderFault::Encoding)?;
        let text = json::text(bytes).map_err(HeaderFault::Json)?;
        let object = json::object(text.as_bytes()).map_err(HeaderFault::Json)?;
        // RFC 7515 §4.1.11: what is listed "MUST be understood and processed", and nothing is here.
        if object.member("crit").is_some() {
            return Err(HeaderFault::Critical.into());
        }
        // RFC 7797 §3: the payload would not be encoded. RFC 7516 §4.1.3: a bomb in a small letter.
        for name in ["b64", "zip"] {
            if object.member(name).is_some() {
                return Err(HeaderFault::Refused(name).into());
            }
        }
        let special = read(&object)?;
        let kid = optional_text(&object, "kid")?;
        let typ = optional_text(&object, "typ")?;
        let cty = optional_text(&object, "cty")?;
        drop(object);
        let header = Self {
            kid,
            typ,
            cty,
            members: Members::whole(Wiped::new(text)),
        };
        Ok((header, special))
    }
}

fn is_media_type(written: &str, expected: &str) -> bool {
    // RFC 7515 §4.1.9: a recipient treats it as if "application/" stood before a value without "/".
    let full = |name: &str| match name.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest.to_owned(),
        _ => name.to_owned(),
    };
    full(written).eq_ignore_ascii_case(&full(expected))
}

/// The text of a member that must be there.
pub(super) fn text<'a>(
    object: &Object<'a>,
    name: &'static str,
) -> Result<Cow<'a, str>, HeaderFault> {
    let value = object.member(name).ok_or(HeaderFault::Missing(name))?;
    value.string().map_err(|_| HeaderFault::Member(name))
}

fn optional_text(object: &Object<'_>, name: &'static str) -> Result<Option<String>, HeaderFault> {
    let read = |value: Value<'_>| value.string().map(Cow::into_owned);
    let value = object.member(name).map(read).transpose();
    value.map_err(|_| HeaderFault::Member(name))
}

/// The parts of a compact text, where there are exactly `N` of them.
pub(super) fn split<const N: usize>(text: &str) -> Option<[&str; N]> {
    let mut dots = memchr::memchr_iter(b'.', text.as_bytes());
    let mut start = 0;
    let parts: [Option<&str>; N] = array::from_fn(|at| {
        let end = if at + 1 < N { dots.next()? } else { text.len() };
        let part = text.get(start..end);
        start = end + 1;
        part
    });
    if dots.next().is_some() || parts.iter().any(Option::is_none) {
        return None;
    }
    Some(parts.map(Option::unwrap_or_default))
}

/// Why a header is refused. It tells nothing of what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// Longer than [`MAX_HEADER_LEN`].
    #[error("the header is longer than {MAX_HEADER_LEN} bytes")]
    TooLong,
    /// Not base64url.
    #[error("the header is not base64url")]
    Encoding,
    /// Not a strict JSON object.
    #[error("the header: {0}")]
    Json(JsonFault),
    /// A member that must be there is not.
    #[error("the header has no `{0}`")]
    Missing(&'static str),
    /// A member is of another type or form.
    #[error("the header's `{0}` is malformed")]
    Member(&'static str),
    /// Extensions must be understood, and none is (RFC 7515 §4.1.11).
    #[error("the header has `crit`, and no extension is understood")]
    Critical,
    /// A member that changes how the rest is read: `b64` (RFC 7797), `zip` (RFC 7516 §4.1.3).
    #[error("the header has `{0}`, which is refused")]
    Refused(&'static str),
    /// The algorithm has no name here; `none` has none.
    #[error("the header's `{0}` is no algorithm that is accepted")]
    Algorithm(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(json: &str) -> Result<Header, HeaderFault> {
        let encoded = base64url::encode(json.as_bytes());
        Header::read(&encoded, |_| Ok(())).map(|(header, ())| header)
    }

    #[test]
    fn exactly_as_many_parts_as_asked_for() {
        assert_eq!(split::<3>("a.b.c"), Some(["a", "b", "c"]));
        assert_eq!(split::<3>(".."), Some(["", "", ""]));
        assert_eq!(split::<5>("a..é.d."), Some(["a", "", "é", "d", ""]));
        for text in ["", "a", "a.b", "a.b.c.", "a.b.c.d", "...."] {
            assert_eq!(split::<3>(text), None, "{text}");
        }
    }

    #[test]
    fn members_are_read() {
        let json = r#"{"kid":"k","typ":"JWT","cty":"a/b","x":[1],"jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#;
        let header = header(json).unwrap();
        assert_eq!(header.kid(), Some("k"));
        assert_eq!(header.typ(), Some("JWT"));
        assert_eq!(header.cty(), Some("a/b"));
        assert_eq!(header.member::<Vec<u8>>("x"), Ok(Some(vec![1])));
        assert!(header.jwk().unwrap().is_some());
    }

    #[test]
    fn media_types_are_compared_as_such() {
        for typ in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "APPLICATION/AT+jwt",
        ] {
            let header = header(&format!(r#"{{"typ":"{typ}"}}"#)).unwrap();
            assert!(header.has_type("at+jwt"), "{typ}");
            assert!(header.has_type("application/at+jwt"), "{typ}");
            assert!(!header.has_type("JWT"), "{typ}");
            assert!(!header.has_content_type("at+jwt"), "{typ}");
        }
        assert!(!header("{}").unwrap().has_type(""));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (json, fault) in [
            (r#"{"crit":["exp"]}"#, HeaderFault::Critical),
            (r#"{"crit":[]}"#, HeaderFault::Critical),
            (r#"{"b64":true}"#, HeaderFault::Refused("b64")),
            (r#"{"zip":"DEF"}"#, HeaderFault::Refused("zip")),
            (r#"{"kid":1}"#, HeaderFault::Member("kid")),
            (r#"{"typ":null}"#, HeaderFault::Member("typ")),
            (r#"{"cty":["a"]}"#, HeaderFault::Member("cty")),
            ("[]", HeaderFault::Json(JsonFault::NotAnObject)),
            (
                r#"{"a":1,"a":1}"#,
                HeaderFault::Json(JsonFault::Duplicate("a".to_owned())),
            ),
        ] {
            assert_eq!(header(json).unwrap_err(), fault, "{json}");
        }
        let long = "A".repeat(MAX_HEADER_LEN + 1);
        let read = |encoded| Header::read(encoded, |_| Ok::<_, HeaderFault>(())).unwrap_err();
        assert_eq!(read(&long), HeaderFault::TooLong);
        assert_eq!(read("e30="), HeaderFault::Encoding);
        assert_eq!(read("_w"), HeaderFault::Json(JsonFault::NotUtf8));
    }
}
