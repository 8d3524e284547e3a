//! Verdicts: every check by a stable id, the section that demands it, and the values compared.
//!
//! Ids are for logs, support and alerting; they do not change. [`Check::ALL`] lists them, and the
//! tests trip every one.

use std::fmt;

use crate::domain::error::Remedy;
use crate::domain::refusal::Printable;

/// A rule that a peer's message is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The authorization endpoint's own query holds a parameter of the protocol.
    AuthorizationEndpointQuery,
    /// The callback is longer than this crate reads.
    CallbackSize,
    /// The callback is not `application/x-www-form-urlencoded`.
    CallbackForm,
    /// A callback parameter occurs twice.
    CallbackDuplicate,
    /// The callback has no `iss` although the server promises one.
    CallbackIssMissing,
    /// The callback's `iss` is another server's.
    CallbackIss,
    /// The callback has no `state`.
    CallbackStateMissing,
    /// The callback's `state` is not the one sent.
    CallbackState,
    /// The callback answers another response type than the one asked for.
    CallbackResponseType,
    /// The callback has neither `code` nor `error`.
    CallbackCode,
    /// The server's metadata has no `issuer`.
    MetadataIssuerMissing,
    /// The server's metadata names another issuer than the one asked for.
    MetadataIssuer,
    /// An endpoint in the server's metadata may not be called.
    MetadataEndpoint,
    /// The answer is longer than this crate reads.
    ResponseSize,
    /// The answer is a redirect.
    ResponseRedirect,
    /// The answer has a status that this endpoint never gives.
    ResponseStatus,
    /// The token response has no `access_token`.
    TokenAccess,
    /// The token response has no `token_type`.
    TokenTypeMissing,
    /// The token response's `token_type` is not one that was asked for.
    TokenType,
    /// The token response's `expires_in` is not a count of seconds.
    TokenExpiresIn,
}

struct Facts {
    check: Check,
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
}

/// A bound that no specification sets.
const OWN_BOUND: &str = "a bound of this crate";

static FACTS: [Facts; 20] = {
    use Check as C;
    use Remedy as R;
    [
        facts(
            C::AuthorizationEndpointQuery,
            "AUTHORIZATION-ENDPOINT-QUERY",
            "RFC 6749 section 3.1",
            R::FixConfiguration,
        ),
        facts(C::CallbackSize, "CALLBACK-SIZE", OWN_BOUND, R::Report),
        facts(
            C::CallbackForm,
            "CALLBACK-FORM",
            "RFC 6749 appendix B",
            R::Report,
        ),
        facts(
            C::CallbackDuplicate,
            "CALLBACK-DUPLICATE",
            "RFC 6749 section 3.1",
            R::Report,
        ),
        facts(
            C::CallbackIssMissing,
            "CALLBACK-ISS-MISSING",
            "RFC 9207 section 2.4",
            R::Report,
        ),
        facts(
            C::CallbackIss,
            "CALLBACK-ISS",
            "RFC 9207 section 2.4",
            R::Report,
        ),
        facts(
            C::CallbackStateMissing,
            "CALLBACK-STATE-MISSING",
            "RFC 6749 section 4.1.2",
            R::Report,
        ),
        facts(
            C::CallbackState,
            "CALLBACK-STATE",
            "RFC 6749 section 10.12",
            R::Report,
        ),
        facts(
            C::CallbackResponseType,
            "CALLBACK-RESPONSE-TYPE",
            "RFC 6749 section 4.1.2",
            R::Report,
        ),
        facts(
            C::CallbackCode,
            "CALLBACK-CODE",
            "RFC 6749 section 4.1.2",
            R::SignInAgain,
        ),
        facts(
            C::MetadataIssuerMissing,
            "METADATA-ISSUER-MISSING",
            "RFC 8414 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::MetadataIssuer,
            "METADATA-ISSUER",
            "RFC 8414 section 3.3",
            R::FixConfiguration,
        ),
        facts(
            C::MetadataEndpoint,
            "METADATA-ENDPOINT",
            "RFC 8414 section 2",
            R::FixConfiguration,
        ),
        facts(C::ResponseSize, "RESPONSE-SIZE", OWN_BOUND, R::Report),
        facts(
            C::ResponseRedirect,
            "RESPONSE-REDIRECT",
            "RFC 9700 section 4.12",
            R::FixConfiguration,
        ),
        facts(
            C::ResponseStatus,
            "RESPONSE-STATUS",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenAccess,
            "TOKEN-ACCESS",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenTypeMissing,
            "TOKEN-TYPE-MISSING",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenType,
            "TOKEN-TYPE",
            "RFC 6749 section 7.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenExpiresIn,
            "TOKEN-EXPIRES-IN",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
    ]
};

const fn facts(check: Check, id: &'static str, section: &'static str, remedy: Remedy) -> Facts {
    Facts {
        check,
        id,
        section,
        remedy,
    }
}

impl Check {
    /// Every check, in the order in which a sign-in meets them.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        FACTS.iter().map(|facts| facts.check)
    }

    /// The stable id, such as `CALLBACK-STATE`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The specification and section that demand it.
    #[must_use]
    pub fn section(self) -> &'static str {
        self.facts().section
    }

    pub(crate) fn remedy(self) -> Remedy {
        self.facts().remedy
    }

    fn facts(self) -> &'static Facts {
        // The table has the order of the variants, which a test holds.
        &FACTS[self as usize % FACTS.len()]
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id(), self.section())
    }
}

/// The peer broke a rule.
///
/// ```text
/// CALLBACK-ISS (RFC 9207 §2.4): expected https://id.example, received https://evil.example
/// ```
#[derive(Debug)]
pub struct Violation {
    check: Check,
    expected: Compared,
    received: Compared,
}

impl Violation {
    pub(crate) fn new(check: Check) -> Self {
        Self {
            check,
            expected: Compared::Unsaid,
            received: Compared::Unsaid,
        }
    }

    pub(crate) fn expected(mut self, value: impl Into<String>) -> Self {
        self.expected = Compared::Text(value.into());
        self
    }

    pub(crate) fn received(mut self, value: impl Into<String>) -> Self {
        self.received = Compared::Text(value.into());
        self
    }

    pub(crate) fn received_nothing(mut self) -> Self {
        self.received = Compared::Absent;
        self
    }

    /// Both values are secrets: that they differ is all that is said.
    pub(crate) fn secrets_differ(mut self) -> Self {
        self.expected = Compared::Redacted;
        self.received = Compared::Redacted;
        self
    }

    /// The rule.
    #[must_use]
    pub fn check(&self) -> Check {
        self.check
    }

    /// What the rule wanted.
    #[must_use]
    pub fn expected_value(&self) -> &Compared {
        &self.expected
    }

    /// What came: a peer's text, untrusted.
    #[must_use]
    pub fn received_value(&self) -> &Compared {
        &self.received
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.check.fmt(f)?;
        match (&self.expected, &self.received) {
            (Compared::Unsaid, Compared::Unsaid) => Ok(()),
            (Compared::Unsaid, received) => write!(f, ": received {received}"),
            (expected, Compared::Unsaid) => write!(f, ": expected {expected}"),
            (expected, received) => write!(f, ": expected {expected}, received {received}"),
        }
    }
}

impl std::error::Error for Violation {}

/// One side of a comparison.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compared {
    /// The rule compares no value on this side.
    Unsaid,
    /// Nothing was there.
    Absent,
    /// A secret was there.
    Redacted,
    /// This text was there.
    Text(String),
}

/// Bounded: a peer's text may be as long as an answer.
impl fmt::Debug for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => f.write_str("Unsaid"),
            Self::Absent => f.write_str("Absent"),
            Self::Redacted => f.write_str("Redacted"),
            Self::Text(text) => f.debug_tuple("Text").field(&Printable(text)).finish(),
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => f.write_str("(not said)"),
            Self::Absent => f.write_str("nothing"),
            Self::Redacted => f.write_str("(secret)"),
            Self::Text(text) => Printable(text).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_has_the_order_of_the_variants() {
        for (place, facts) in FACTS.iter().enumerate() {
            assert_eq!(facts.check as usize, place, "{}", facts.id);
        }
    }

    #[test]
    fn ids_are_unique_and_plain() {
        let ids: HashSet<_> = Check::all().map(Check::id).collect();
        assert_eq!(ids.len(), FACTS.len());
        for id in ids {
            assert!(
                id.bytes().all(|b| b.is_ascii_uppercase() || b == b'-'),
                "{id}"
            );
        }
    }

    #[test]
    fn values_are_shown_bounded_and_without_control_characters() {
        let violation = Violation::new(Check::CallbackIss)
            .expected("https://id.example")
            .received(format!("x\r\n\u{202e}{}", "y".repeat(1000)));
        let text = violation.to_string();
        assert!(text.starts_with(
            "CALLBACK-ISS (RFC 9207 section 2.4): expected https://id.example, received x"
        ));
        assert!(!text.contains(['\r', '\n', '\u{202e}']));
        assert!(text.chars().count() < 350);
    }
}
