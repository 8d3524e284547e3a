//! Verdicts: every check by a stable id, the section that demands it, and the values compared.
//!
//! Ids are for logs, support and alerting; they do not change. [`Check::all`] lists them, and the
//! tests trip every one.

use std::fmt;

use crate::domain::refusal::Printable;

mod check;
mod facts;

pub use check::Check;

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
mod tests;
