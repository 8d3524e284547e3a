//! Why a scenario failed, in words.

use std::error::Error;
use std::fmt;

/// A sentence for whoever reads the report.
pub(crate) struct Failure(String);

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self(text)
    }
}

// Not an `Error` itself: the conversion above would then cover this type too.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Fails with a sentence.
pub(crate) fn fail<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure(text.into()))
}

/// Fails unless both are equal, and says which two were not.
pub(crate) fn same<A, B>(what: &str, found: A, expected: B) -> Result<(), Failure>
where
    A: fmt::Debug + PartialEq<B>,
    B: fmt::Debug,
{
    if found == expected {
        return Ok(());
    }
    fail(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// The value, or the sentence that says what is missing.
pub(crate) fn present<T>(what: &str, value: Option<T>) -> Result<T, Failure> {
    value.map_or_else(|| fail(format!("{what} is missing")), Ok)
}
