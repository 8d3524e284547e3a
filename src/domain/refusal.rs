//! A refusal: the server's own no (RFC 6749 §4.1.2.1 and §5.2, and the registry they founded).

use std::fmt;
use std::str;
use std::time::Duration;

use http::HeaderMap;
use http::StatusCode;
use zeroize::Zeroizing;

use crate::base::retry_after;
use crate::base::time::UnixTime;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;

mod code;

pub use code::ErrorCode;

/// The server said no.
///
/// The code, the description and the status are printed; the headers and the raw body are within
/// reach ([`headers`](Self::headers), [`body`](Self::body)) and never printed. Where the server repeats
/// a secret that it was sent, word for word, nothing of its own text is printed.
pub struct Refusal {
    endpoint: Endpoint,
    status: Option<StatusCode>,
    headers: HeaderMap,
    code: Option<ErrorCode>,
    description: Option<String>,
    uri: Option<String>,
    /// The server's text holds a secret of the request.
    is_echo: bool,
    parameters: Vec<(String, String)>,
    body: Zeroizing<Vec<u8>>,
    /// The status alone is the verdict: there is no error document to be expected.
    by_status: bool,
    findings: Vec<Finding>,
}

impl Refusal {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            status: None,
            headers: HeaderMap::new(),
            code: None,
            description: None,
            uri: None,
            is_echo: false,
            parameters: Vec::new(),
            body: Zeroizing::default(),
            by_status: false,
            findings: Vec::new(),
        }
    }

    pub(crate) fn with_answer(mut self, response: &http::Response<Vec<u8>>) -> Self {
        self.status = Some(response.status());
        self.headers = response.headers().clone();
        self.body = Zeroizing::new(response.body().clone());
        self
    }

    pub(crate) fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.filter(|code| !code.is_empty()).map(ErrorCode::from);
        self
    }

    pub(crate) fn with_description(mut self, description: Option<String>) -> Self {
        self.description = description;
        self
    }

    pub(crate) fn with_uri(mut self, uri: Option<String>) -> Self {
        self.uri = uri;
        self
    }

    /// Where a client's fault has a status and no error document (RFC 5849 §3.2).
    pub(crate) fn by_status(mut self) -> Self {
        let verdicts = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
        ];
        self.by_status = self.status.is_some_and(|status| verdicts.contains(&status));
        self
    }

    /// Where any status of an error is a verdict.
    pub(crate) fn by_any_status(mut self) -> Self {
        self.by_status = true;
        self
    }

    pub(crate) fn with_parameters(mut self, parameters: Vec<(String, String)>) -> Self {
        self.parameters = parameters;
        self
    }

    pub(crate) fn with_findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings = findings.into_iter().collect();
        self
    }

    /// Prints nothing of the server's text where it holds one of these secrets of the request. What is
    /// shorter than four bytes is found in any text, and is no secret.
    pub(crate) fn hiding<'s>(mut self, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let texts = [
            self.code.as_ref().map(ErrorCode::as_str),
            self.description(),
            self.uri(),
        ];
        let is_in = |secret: &str| texts.iter().flatten().any(|text| text.contains(secret));
        let is_echo = secrets
            .into_iter()
            .any(|secret| secret.len() >= 4 && is_in(secret));
        self.is_echo |= is_echo;
        self
    }

    /// The text of the server, where it may be printed.
    fn shown<'r>(&self, text: Option<&'r str>) -> Option<Printable<'r>> {
        text.filter(|_| !self.is_echo).map(Printable)
    }

    /// The code, where it may be printed: one that is registered is no text of the server.
    fn shown_code(&self) -> Option<&ErrorCode> {
        self.code()
            .filter(|code| !self.is_echo || !matches!(code, ErrorCode::Other(_)))
    }

    /// Who said it.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The HTTP status; none where the refusal came through the browser.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// `error`; none where the answer was no OAuth error document (a proxy's page, an empty body).
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// `error_description`: text for the developer, as the server sent it. It is untrusted.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`: a page about the error, as the server sent it. It is untrusted.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// What else came beside an `error` through the browser, such as `error_subtype`, in its order:
    /// parameters that no check knows. They are untrusted, and never printed.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// What was tolerated, so that the answer is read as this refusal.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Every header of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The raw body of the answer. It may hold secrets: do not log it.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the server asks to be left alone (`Retry-After`, RFC 9110 §10.2.3); none where it does
    /// not say, or not in a way that can be read. A moment that has passed is zero.
    ///
    /// It is the server's wish, of any length: whoever obeys it sets a bound.
    #[must_use]
    pub fn retry_after(&self, now: UnixTime) -> Option<Duration> {
        retry_after::of(&self.headers, now)
    }

    /// Whether the same request may succeed later.
    ///
    /// Only an OAuth error document is a verdict. A proxy's page, a 5xx, a 429 or
    /// `temporarily_unavailable` says nothing about the grant.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let by_trouble = self
            .status
            .is_some_and(|status| status.is_server_error() || status == 429 || status == 408);
        by_trouble
            || !self.by_status && self.code.is_none()
            || matches!(
                self.code,
                Some(ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable)
            )
    }
}

impl Refusal {
    /// Whether the token endpoint may have used up what was in the request: the answer is no verdict,
    /// nor does it say that the request was not served.
    pub(crate) fn leaves_grant_open(&self) -> bool {
        self.endpoint == Endpoint::Token && self.is_transient() && !self.is_unserved()
    }

    /// Whether the answer says that the request was not served: 408, 429, 503, `temporarily_unavailable`.
    pub(crate) fn is_unserved(&self) -> bool {
        let by_status = |status: StatusCode| matches!(status.as_u16(), 408 | 429 | 503);
        self.status.is_some_and(by_status) || self.code == Some(ErrorCode::TemporarilyUnavailable)
    }
}

/// The longest piece of the server's text that a message shows, in characters.
const SHOWN_CHARACTERS: usize = 200;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} refused", self.endpoint)?;
        if let Some(code) = self.shown_code() {
            write!(f, ": {}", Printable(code.as_str()))?;
        }
        if let Some(description) = self.shown(self.description()) {
            write!(f, " ({description})")?;
        }
        if self.is_echo {
            f.write_str(", and repeats a secret of the request")?;
        }
        if let Some(status) = self.status {
            write!(f, ", status {}", status.as_u16())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("endpoint", &self.endpoint)
            .field("status", &self.status)
            .field("code", &self.shown_code())
            .field("description", &self.shown(self.description()))
            .field("uri", &self.shown(self.uri()))
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Refusal {}

/// Text of a peer as it may stand in a message: no control characters, no end of line, bounded.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(SHOWN_CHARACTERS) {
            let shown = if is_printable(character) {
                character
            } else {
                char::REPLACEMENT_CHARACTER
            };
            fmt::Write::write_char(f, shown)?;
        }
        if characters.next().is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// In quotes, and no longer than it is shown.
impl fmt::Debug for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Neither a control character nor one that turns or hides the text around it: marks and overrides of
/// direction (Unicode Standard Annex #9, section 2), and characters without a shape, tags among them.
pub(crate) fn is_printable(character: char) -> bool {
    let is_format = matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    !character.is_control() && !is_format
}
