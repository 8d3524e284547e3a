//! How a command fails: the exit status, and the line that says why.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::Path;

use clap::error::ErrorKind;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::refusal::Refusal;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::domain::verdict::Violation;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::show;

/// Why a command did not end well.
pub(crate) enum Failure {
    /// The arguments make no sense, or a file they name cannot be read.
    Usage(String),
    /// The protocol ended in an error.
    Protocol(Error),
    /// A resource answered, and what it said is an error: its answer.
    Answer(Map<String, Value>),
    /// There was no answer of the server.
    NoAnswer(transport::Failure),
    /// There was no answer of the user.
    NoUser(String),
    /// Standard output is closed.
    Output(io::Error),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn of_arguments(error: &clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::usage("a command is needed");
        }
        let text = error.to_string();
        let said: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        let said = said.join(" ");
        Self::usage(said.strip_prefix("error: ").unwrap_or(&said))
    }

    pub(crate) fn file(file: &Path, error: &io::Error) -> Self {
        Self::Usage(format!("{}: {error}", file.display()))
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self.kind() {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Violation => 3,
            Kind::NoAnswer => 4,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Answer(_) => Kind::Refused,
            Self::NoAnswer(_) | Self::NoUser(_) | Self::Output(_) => Kind::NoAnswer,
            Self::Protocol(error) => match behind(error) {
                Error::Refused(_) => Kind::Refused,
                Error::Violation(_) | Error::Malformed(_) => Kind::Violation,
                // The user did not come back, or did not decide; the server's keys are out of reach.
                Error::Expired(Expired::Pending { .. } | Expired::Polling { .. })
                | Error::Keys(_)
                | Error::Unverified(_) => Kind::NoAnswer,
                _ => Kind::Usage,
            },
            Self::Usage(_) => Kind::Usage,
        }
    }

    /// The failure as JSON.
    pub(crate) fn to_value(&self) -> Value {
        let mut line = match self {
            Self::Answer(answer) => answer.clone(),
            Self::Protocol(error) => described(behind(error)),
            _ => Map::new(),
        };
        line.insert("failed".to_owned(), json!(self.kind().name()));
        line.insert("message".to_owned(), json!(self.to_string()));
        if let Self::Protocol(error) = self {
            line.insert("remedy".to_owned(), json!(remedy(error.remedy())));
        }
        Value::Object(line)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::NoUser(message) => f.write_str(message),
            Self::Protocol(error) => {
                error.fmt(f)?;
                if let Error::Keys(missing) = error
                    && let Some(failure) = missing.failure()
                {
                    write!(f, ": {failure}")?;
                }
                Ok(())
            }
            Self::Answer(_) => f.write_str("the resource answered with an error"),
            Self::NoAnswer(failure) => {
                write!(f, "no answer: {failure}")?;
                let mut source = failure.source();
                while let Some(cause) = source {
                    write!(f, ": {cause}")?;
                    source = cause.source();
                }
                Ok(())
            }
            Self::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Protocol(error)
    }
}

impl From<DriveError<transport::Failure>> for Failure {
    fn from(error: DriveError<transport::Failure>) -> Self {
        match error {
            DriveError::Protocol(error) => Self::Protocol(error),
            DriveError::Transport(failure) => Self::NoAnswer(failure),
        }
    }
}

/// What the exit statuses but 0 mean.
#[derive(Clone, Copy)]
enum Kind {
    Refused,
    Usage,
    Violation,
    NoAnswer,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Usage => "usage",
            Self::Violation => "violation",
            Self::NoAnswer => "no_answer",
        }
    }
}

/// What there is to say of an error: for want of keys, of what came in their place.
fn behind(error: &Error) -> &Error {
    match error {
        Error::Keys(missing) => missing.failure().unwrap_or(error),
        _ => error,
    }
}

fn described(error: &Error) -> Map<String, Value> {
    match error {
        Error::Refused(refusal) => refused(refusal),
        Error::Violation(violation) => violated(violation),
        Error::Malformed(malformed) => {
            let endpoint = malformed.endpoint.member();
            Map::from_iter([("endpoint".to_owned(), json!(endpoint))])
        }
        // They are in hand, and nowhere else.
        Error::Unverified(unverified) => {
            let tokens = Value::Object(show::tokens(unverified.tokens()));
            Map::from_iter([("tokens".to_owned(), tokens)])
        }
        _ => Map::new(),
    }
}

fn refused(refusal: &Refusal) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("endpoint".to_owned(), json!(refusal.endpoint().member()));
    if let Some(code) = refusal.code() {
        line.insert("error".to_owned(), json!(code.as_str()));
    }
    if let Some(description) = refusal.description() {
        line.insert("error_description".to_owned(), json!(description));
    }
    if let Some(uri) = refusal.uri() {
        line.insert("error_uri".to_owned(), json!(uri));
    }
    if let Some(status) = refusal.status() {
        line.insert("status".to_owned(), json!(status.as_u16()));
    }
    line
}

fn violated(violation: &Violation) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("check".to_owned(), json!(violation.check().id()));
    line.insert("section".to_owned(), json!(violation.check().section()));
    for (name, value) in [
        ("expected", violation.expected_value()),
        ("received", violation.received_value()),
    ] {
        if *value != Compared::Unsaid {
            line.insert(name.to_owned(), json!(value.to_string()));
        }
    }
    line
}

fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => "retry",
        Remedy::RetryOnce => "retry_once",
        Remedy::Renew => "renew",
        Remedy::SignInAgain => "sign_in_again",
        Remedy::TakeTokens => "take_tokens",
        Remedy::ReadAnswer => "read_answer",
        Remedy::FixConfiguration => "fix_configuration",
        _ => "report",
    }
}
