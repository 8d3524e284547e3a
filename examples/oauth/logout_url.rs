//! `logout-url`: where to send a user who logs out.

use clap::Args;
use oauth_proto::endpoint::logout::LogoutRequest;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::given;
use super::session::Session;

#[derive(Args)]
pub(crate) struct Options {
    /// An ID token of the session that is to end, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    id_token_hint: Option<String>,
    /// Who is to be logged out, in words that the server understands.
    #[arg(long, value_name = "HINT", allow_hyphen_values = true)]
    logout_hint: Option<String>,
    /// Where the server sends the user afterwards.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Option<String>,
    /// As a form for the user's browser to post, so that the ID token stands in no history: `address`
    /// and `fields` in place of `logout_url`.
    #[arg(long)]
    form: bool,
}

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let mut request = LogoutRequest::new();
    let hint = match &options.id_token_hint {
        Some(hint) => Some(given::token(hint, "id_token", &mut *session.console.input)?),
        None => None,
    };
    if let Some(hint) = &hint {
        request = request.id_token_hint(hint.expose());
    }
    if let Some(hint) = &options.logout_hint {
        request = request.logout_hint(hint);
    }
    if let Some(uri) = &options.post_logout_redirect_uri {
        request = request.post_logout_redirect_uri(uri);
    }
    for (name, value) in &session.request().parameters {
        request = request.parameter(name, value);
    }
    let client = session.client()?;
    let (mut line, pending) = if options.form {
        let (form, pending) = client.logout_form(&request)?;
        let field = |(name, value)| json!({ "name": name, "value": value });
        let fields: Vec<Value> = form.fields().map(field).collect();
        let address = ("address".to_owned(), json!(form.address()));
        let line = Map::from_iter([address, ("fields".to_owned(), json!(fields))]);
        (line, pending)
    } else {
        let (url, pending) = client.logout(&request)?;
        let url = ("logout_url".to_owned(), json!(url.as_str()));
        (Map::from_iter([url]), pending)
    };
    if let Some(state) = pending.state() {
        line.insert("state".to_owned(), json!(state));
    }
    session.console.print(&Value::Object(line))
}
