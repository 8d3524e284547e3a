//! `revoke` and `introspect`: a token is shown to the server that gave it.

use clap::Args;
use oauth_proto::base::secret::Secret;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::introspection::ActiveToken;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::revocation::Outcome;
use oauth_proto::endpoint::revocation::Revocation;
use oauth_proto::flow::call::Call;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::given;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// The token, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: String,
    /// What it is: `access_token`, `refresh_token`, or a kind of the server's own. It says as well which
    /// token of a result in @FILE is meant.
    #[arg(long, value_name = "HINT", allow_hyphen_values = true)]
    token_type_hint: Option<String>,
}

impl Options {
    fn read(&self, session: &mut Session<'_>) -> Result<Secret, Failure> {
        let hint = self.token_type_hint.as_deref();
        let member = hint.unwrap_or("access_token");
        given::token(&self.token, member, &mut *session.console.input)
    }
}

pub(crate) fn revoke(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let token = options.read(session)?;
    let mut request = Revocation::token(&session.client()?, token);
    if let Some(hint) = options.token_type_hint.as_deref() {
        request = request.token_type_hint(hint);
    }
    for (name, value) in &session.request().parameters {
        request = request.parameter(name, value);
    }
    match session.run(Call::new(request))? {
        Outcome::Unconfirmed(refusal) => Err(Error::Refused(refusal).into()),
        outcome => session
            .console
            .print(&json!({ "revoked": outcome.is_revoked() })),
    }
}

pub(crate) fn introspect(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let token = options.read(session)?;
    let mut request = IntrospectionRequest::token(&session.client()?, token);
    if let Some(hint) = options.token_type_hint.as_deref() {
        request = request.token_type_hint(hint);
    }
    for (name, value) in &session.request().parameters {
        request = request.parameter(name, value);
    }
    let answer = session.run(Call::new(request))?;
    let mut line = answer.token().map(told).unwrap_or_default();
    line.insert("active".to_owned(), json!(answer.is_active()));
    show::findings(&mut line, answer.findings());
    session.console.print(&Value::Object(line))
}

/// An active token by the names of RFC 7662 §2.2.
fn told(token: &ActiveToken) -> Map<String, Value> {
    let mut line = token.members().to_value();
    if !token.scope().is_empty() {
        line.insert("scope".to_owned(), json!(token.scope().as_str()));
    }
    if !token.aud().is_empty() {
        line.insert("aud".to_owned(), json!(token.aud()));
    }
    for (name, text) in [
        ("client_id", token.client_id()),
        ("username", token.username()),
        ("token_type", token.token_type()),
        ("sub", token.sub()),
        ("iss", token.iss()),
        ("jti", token.jti()),
    ] {
        if let Some(text) = text {
            line.insert(name.to_owned(), json!(text));
        }
    }
    for (name, time) in [
        ("exp", token.exp()),
        ("iat", token.iat()),
        ("nbf", token.nbf()),
    ] {
        if let Some(time) = time {
            line.insert(name.to_owned(), json!(time.as_secs()));
        }
    }
    line
}
