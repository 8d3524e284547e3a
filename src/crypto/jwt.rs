//! Claims of a JSON Web Token (RFC 7519 §4): read strictly, or written to be signed.
//!
//! A claim of the wrong type is an error and never an absent claim (RFC 7519 §4.1), so that a check
//! that runs where a claim is there cannot be skipped by writing it oddly.

use std::fmt;
use std::slice;
use std::time::Duration;

use serde::Serialize;
use serde::Serializer;
use serde::de::DeserializeOwned;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::time::UnixTime;
use crate::base::wiped::Wiped;
use crate::crypto::jws::Unsigned;

/// The claims of a token. The whole payload is kept; what has no method is read when asked for.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::crypto::jwt::Claims;
///
/// let payload = br#"{"iss":"joe","exp":1300819380.5,"http://example.com/is_root":true}"#;
/// let claims = Claims::parse(payload.to_vec())?;
/// assert_eq!(claims.issuer(), Some("joe"));
/// assert_eq!(claims.expires_at(), Some(UnixTime::from_secs(1_300_819_380)));
/// assert_eq!(claims.member::<bool>("http://example.com/is_root")?, Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Claims {
    issuer: Option<String>,
    subject: Option<String>,
    audience: Option<Audience>,
    expires_at: Option<UnixTime>,
    not_before: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    jti: Option<String>,
    members: Members,
}

impl Claims {
    /// Reads a payload.
    ///
    /// # Errors
    ///
    /// [`ClaimsFault`].
    pub fn parse(payload: Vec<u8>) -> Result<Self, ClaimsFault> {
        Self::read(payload, |_| Ok(())).map(|(claims, ())| claims)
    }

    /// Reads a payload, and with `read` further members of it in the same pass.
    pub(crate) fn read<T, E: From<ClaimsFault>>(
        payload: Vec<u8>,
        read: impl FnOnce(&Object<'_>) -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        let text = json::text(payload).map_err(ClaimsFault::Json)?;
        let object = json::object(text.as_bytes()).map_err(ClaimsFault::Json)?;
        let mut claims = Self::core(&object)?;
        let more = read(&object)?;
        drop(object);
        claims.members = Members::whole(Wiped::new(text));
        Ok((claims, more))
    }

    fn core(object: &Object<'_>) -> Result<Self, ClaimsFault> {
        let mut claims = Self {
            issuer: None,
            subject: None,
            audience: None,
            expires_at: None,
            not_before: None,
            issued_at: None,
            jti: None,
            members: Members::default(),
        };
        for (name, value) in object.iter() {
            match name {
                "iss" => claims.issuer = claim("iss", value, text)?,
                "sub" => claims.subject = claim("sub", value, text)?,
                "aud" => claims.audience = claim("aud", value, audience)?,
                "exp" => claims.expires_at = claim("exp", value, numeric_date)?,
                "nbf" => claims.not_before = claim("nbf", value, numeric_date)?,
                "iat" => claims.issued_at = claim("iat", value, numeric_date)?,
                "jti" => claims.jti = claim("jti", value, text)?,
                _ => {}
            }
        }
        Ok(claims)
    }

    /// `iss`: who issued it (RFC 7519 §4.1.1).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `sub`: whom it is about (RFC 7519 §4.1.2).
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `aud`: whom it is for (RFC 7519 §4.1.3).
    #[must_use]
    pub fn audience(&self) -> Option<&Audience> {
        self.audience.as_ref()
    }

    /// `exp`: when it ends (RFC 7519 §4.1.4). A part of a second is dropped.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// `nbf`: when it begins (RFC 7519 §4.1.5). A part of a second is dropped.
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        self.not_before
    }

    /// `iat`: when it was issued (RFC 7519 §4.1.6). A part of a second is dropped.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// `jti`: its own name (RFC 7519 §4.1.7).
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// Any claim, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the claim is there and is no `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        self.members.member(name)
    }

    /// Every claim, as it is written.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }
}

/// Names alone.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims")?;
        f.debug_list().entries(self.members.names()).finish()
    }
}

/// Whom a token is for: one name, or a list (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// A string: "In the special case when the JWT has one audience".
    One(String),
    /// An array of strings.
    Many(Vec<String>),
}

impl Audience {
    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    /// Whether `name` is among them. Names compare exactly.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names().iter().any(|other| other == name)
    }

    /// Whether `name` is the only one.
    #[must_use]
    pub fn is_only(&self, name: &str) -> bool {
        matches!(self.names(), [only] if only == name)
    }
}

/// Why claims are refused. Names are told, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsFault {
    /// Not a strict JSON object.
    #[error("the claims: {0}")]
    Json(JsonFault),
    /// A claim is of another type.
    #[error("the claim `{0}` is of the wrong type")]
    Type(&'static str),
}

/// The claim called `name`, which is there, of the type that `read` reads.
pub(crate) fn claim<'a, T>(
    name: &'static str,
    value: Value<'a>,
    read: fn(Value<'a>) -> Option<T>,
) -> Result<Option<T>, ClaimsFault> {
    read(value).map(Some).ok_or(ClaimsFault::Type(name))
}

/// A string.
pub(crate) fn text(value: Value<'_>) -> Option<String> {
    Some(value.string().ok()?.into_owned())
}

/// A number.
pub(crate) fn number(value: Value<'_>) -> Option<f64> {
    value.parse().ok()
}

fn audience(value: Value<'_>) -> Option<Audience> {
    if value.raw().starts_with('[') {
        value.strings().ok().map(Audience::Many)
    } else {
        text(value).map(Audience::One)
    }
}

/// RFC 7519 §2: "A JSON numeric value representing the number of seconds from
/// 1970-01-01T00:00:00Z UTC", where "non-integer values can be represented".
pub(crate) fn numeric_date(value: Value<'_>) -> Option<UnixTime> {
    if let Ok(seconds) = value.raw().parse() {
        return Some(UnixTime::from_secs(seconds));
    }
    let seconds: f64 = value.parse().ok()?;
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    Some(UnixTime::from_secs(since.as_secs()))
}

/// Claims to be signed, in the order in which they are given, with their real JSON types.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::crypto::jwt::Builder;
///
/// let claims = Builder::new()
///     .with("iss", "app")
///     .with("aud", "https://id.example")
///     .with_time("exp", UnixTime::from_secs(1_800_000_060))
///     .with("max_age", 0);
/// assert_eq!(
///     claims.to_json(),
///     r#"{"iss":"app","aud":"https://id.example","exp":1800000060,"max_age":0}"#
/// );
/// ```
#[derive(Clone, Default)]
pub struct Builder(Vec<(String, serde_json::Value)>);

impl Builder {
    /// No claims yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a claim, which takes the place of one with the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, held)) => *held = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// With a moment as a `NumericDate` (RFC 7519 §2).
    #[must_use]
    pub fn with_time(self, name: impl Into<String>, time: UnixTime) -> Self {
        self.with(name, time.as_secs())
    }

    /// The claims as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A map of names to values cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The claims as what is to be signed, with the media type `typ` in its header
    /// (RFC 8725 §3.11 wants one).
    #[must_use]
    pub fn into_unsigned(self, typ: &str) -> Unsigned {
        Unsigned::new(self.to_json()).with_type(typ)
    }
}

impl Serialize for Builder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Names alone.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Builder")?;
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Result<Claims, ClaimsFault> {
        Claims::parse(json.as_bytes().to_vec())
    }

    #[test]
    fn core_claims_are_read() {
        let json = r#" {"iss":"i","sub":"s","aud":["a","b"],"exp":3,"nbf":1,"iat":2.9,
            "jti":"j","nonce":"n","x":null} "#;
        let claims = claims(json).unwrap();
        assert_eq!(claims.issuer(), Some("i"));
        assert_eq!(claims.subject(), Some("s"));
        let audience = claims.audience().unwrap();
        assert!(audience.contains("b") && !audience.contains("c"));
        assert!(!audience.is_only("a"));
        assert_eq!(claims.expires_at(), Some(UnixTime::from_secs(3)));
        assert_eq!(claims.not_before(), Some(UnixTime::from_secs(1)));
        assert_eq!(claims.issued_at(), Some(UnixTime::from_secs(2)));
        assert_eq!(claims.jti(), Some("j"));
        assert_eq!(claims.member::<String>("nonce").unwrap().unwrap(), "n");
        assert_eq!(claims.member::<String>("iss").unwrap().unwrap(), "i");
        assert_eq!(claims.member::<String>("x"), Ok(None));
        assert_eq!(claims.members().to_value().len(), 9);
        assert!(format!("{claims:?}").starts_with("Claims[\"iss\", "));
    }

    #[test]
    fn no_claims_are_no_fault_here() {
        for json in ["{}", " { } "] {
            let claims = claims(json).unwrap();
            assert_eq!(claims.issuer(), None);
            assert!(claims.members().is_empty());
        }
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_never_an_absent_one() {
        for (name, values) in [
            ("iss", &["1", "null", "[\"i\"]", "{}", "true"][..]),
            ("sub", &["1", "null", "[]"]),
            ("aud", &["1", "null", "[1]", "[null]", "{}", "[[\"a\"]]"]),
            ("exp", &["\"1\"", "null", "-1", "true", "[1]", "1e300"]),
            ("nbf", &["\"\"", "null", "-0.1"]),
            ("iat", &["{}", "null", "false"]),
            ("jti", &["7", "null"]),
        ] {
            for value in values {
                let json = format!(r#"{{"{name}":{value}}}"#);
                assert_eq!(claims(&json), Err(ClaimsFault::Type(name)), "{json}");
            }
        }
    }

    #[test]
    fn dates_are_numbers_of_any_form() {
        for (value, seconds) in [
            ("0", 0),
            ("1300819380", 1_300_819_380),
            ("1300819380.999", 1_300_819_380),
            ("1.5e9", 1_500_000_000),
            ("18446744073709551615", u64::MAX),
            ("1e-400", 0),
        ] {
            let claims = claims(&format!(r#"{{"exp":{value}}}"#)).unwrap();
            assert_eq!(claims.expires_at(), Some(UnixTime::from_secs(seconds)));
        }
    }

    #[test]
    fn a_claim_twice_is_refused() {
        let fault = ClaimsFault::Json(JsonFault::Duplicate("iss".to_owned()));
        assert_eq!(claims(r#"{"iss":"a","\u0069ss":"b"}"#), Err(fault));
        let fault = ClaimsFault::Json(JsonFault::NotAnObject);
        assert_eq!(claims(r#""text""#), Err(fault));
    }

    #[test]
    fn a_claim_given_again_takes_the_place_of_the_first() {
        let builder = Builder::new().with("a", "x").with("b", true).with("a", 1);
        assert_eq!(builder.to_json(), r#"{"a":1,"b":true}"#);
        assert_eq!(format!("{builder:?}"), r#"Builder["a", "b"]"#);
    }
}
