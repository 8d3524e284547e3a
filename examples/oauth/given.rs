//! Secrets that are given to the tool: by value, by environment variable, by file.

use std::fs;
use std::io::BufRead;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use oauth_proto::base::secret::Secret;
use serde_json::Map;
use serde_json::Value;

use super::failure::Failure;

/// The largest file that is read for a secret, in bytes.
const LIMIT: usize = 1024 * 1024;

/// The client's secret, given in one of three ways.
#[derive(Args)]
pub(crate) struct ClientSecret {
    /// The client secret. It stands in the process list: prefer one of the next two.
    #[arg(long, global = true, value_name = "SECRET", allow_hyphen_values = true)]
    client_secret: Option<String>,
    /// The environment variable that holds the client secret.
    #[arg(long, global = true, value_name = "VAR")]
    client_secret_env: Option<String>,
    /// The file that holds the client secret; `-` is standard input.
    #[arg(long, global = true, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
}

impl ClientSecret {
    pub(crate) fn is_given(&self) -> bool {
        let by_text = self.client_secret.is_some() || self.client_secret_env.is_some();
        by_text || self.client_secret_file.is_some()
    }

    pub(crate) fn read(&self, input: &mut dyn BufRead) -> Result<Option<Secret>, Failure> {
        let (value, variable, file) = (
            &self.client_secret,
            &self.client_secret_env,
            &self.client_secret_file,
        );
        one_of("client-secret", value, variable, file, input)
    }
}

/// The user's password, given in one of three ways.
#[derive(Args)]
pub(crate) struct Password {
    /// The user's password. It stands in the process list: prefer one of the next two.
    #[arg(long, value_name = "PASSWORD", allow_hyphen_values = true)]
    password: Option<String>,
    /// The environment variable that holds the password.
    #[arg(long, value_name = "VAR")]
    password_env: Option<String>,
    /// The file that holds the password; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Password {
    pub(crate) fn read(&self, input: &mut dyn BufRead) -> Result<Secret, Failure> {
        let (value, variable, file) = (&self.password, &self.password_env, &self.password_file);
        one_of("password", value, variable, file, input)?.ok_or_else(|| {
            Failure::usage("--password, --password-env or --password-file is needed")
        })
    }
}

/// A secret that is given by value, by variable or by file, or not at all.
fn one_of(
    name: &str,
    value: &Option<String>,
    variable: &Option<String>,
    file: &Option<PathBuf>,
    input: &mut dyn BufRead,
) -> Result<Option<Secret>, Failure> {
    match (value, variable, file) {
        (None, None, None) => Ok(None),
        (Some(value), None, None) => Ok(Some(Secret::from(value.as_str()))),
        (None, Some(variable), None) => match std::env::var(variable) {
            Ok(value) => Ok(Some(Secret::from(value))),
            Err(_) => Err(Failure::usage(format!(
                "the environment has no text in {variable}"
            ))),
        },
        (None, None, Some(file)) => contents(file, input).map(Some),
        _ => Err(Failure::usage(format!(
            "one of --{name}, --{name}-env and --{name}-file is enough"
        ))),
    }
}

/// A token or an assertion: the text itself, or `@FILE`, or `@-` for standard input. Where the file is
/// a JSON object, such as a result of this tool, the token is its `member`.
pub(crate) fn token(text: &str, member: &str, input: &mut dyn BufRead) -> Result<Secret, Failure> {
    let Some(file) = text.strip_prefix('@') else {
        return Ok(Secret::from(text));
    };
    let secret = contents(Path::new(file), input)?;
    // The result is the last line.
    let line = secret.expose().lines().next_back().unwrap_or_default();
    match serde_json::from_str(line) {
        Ok(Value::Object(result)) => match result.get(member) {
            Some(Value::String(token)) => Ok(Secret::from(token.as_str())),
            _ => Err(Failure::usage(format!("{file} holds no `{member}`"))),
        },
        _ => Ok(secret),
    }
}

/// A JSON object: the text itself, or `@FILE`, or `@-` for standard input. Where the file holds several
/// lines of JSON, such as the output of this tool, it is the last.
pub(crate) fn object(text: &str, input: &mut dyn BufRead) -> Result<Map<String, Value>, Failure> {
    let (name, secret) = match text.strip_prefix('@') {
        Some(file) => (file, contents(Path::new(file), input)?),
        None => ("the argument", Secret::from(text)),
    };
    let text = secret.expose();
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(last))
        .map_err(|_| Failure::usage(format!("{name} holds no JSON object")))
}

/// What a file holds, or standard input where it is `-`, without the end of its last line.
pub(crate) fn contents(file: &Path, input: &mut dyn BufRead) -> Result<Secret, Failure> {
    let mut text = String::new();
    let bound = LIMIT as u64 + 1;
    let read = if file == Path::new("-") {
        input.take(bound).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(bound).read_to_string(&mut text))
    };
    if let Err(error) = read {
        return Err(Failure::file(file, &error));
    }
    if text.len() > LIMIT {
        let name = file.display();
        return Err(Failure::usage(format!(
            "{name} is longer than {LIMIT} bytes"
        )));
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::from(text))
}
