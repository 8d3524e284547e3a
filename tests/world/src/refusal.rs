//! A refusal, and whether the client deserves a complaint for it.

use crate::answer::Answer;
use crate::members::Members;

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The error code; none for a challenge without one (RFC 6750 §3.1) and for plain HTTP errors.
    pub(crate) error: Option<&'static str>,
    pub(crate) description: String,
    /// Whether the client broke a rule: then it is also a complaint.
    pub(crate) careless: bool,
    /// `WWW-Authenticate`, `Allow` and the like.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal that a correct client can meet.
    pub(crate) fn no(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: 400,
            error: Some(error),
            description: description.into(),
            careless: false,
            headers: Vec::new(),
        }
    }

    /// A refusal that only a client that breaks a rule can meet.
    pub(crate) fn careless(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            careless: true,
            ..Self::no(error, description)
        }
    }

    /// The usual careless one: `invalid_request`.
    pub(crate) fn request(description: impl Into<String>) -> Self {
        Self::careless("invalid_request", description)
    }

    /// The same with another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// As the error response of RFC 6749 §5.2.
    pub(crate) fn answer(&self) -> Answer {
        let mut members = Members::default();
        members.add_some("error", self.error);
        members.add("error_description", self.description.as_str());
        let answer = Answer::json(self.status, members).with("cache-control", "no-store");
        self.headers.iter().fold(answer, |answer, (name, value)| {
            answer.with(name, value.as_str())
        })
    }
}
