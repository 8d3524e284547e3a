//! `exchange`: a token for another one.

use clap::Args;
use oauth_proto::domain::token_type::TokenTypeIdentifier;
use oauth_proto::endpoint::exchange::IssuedToken;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::given;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// The token of the party on whose behalf it is, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    subject_token: String,
    /// Its kind.
    #[arg(long, value_name = "KIND", default_value = "access_token")]
    subject_token_type: String,
    /// The token of the party that acts, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    actor_token: Option<String>,
    /// Its kind.
    #[arg(long, value_name = "KIND", default_value = "access_token")]
    actor_token_type: String,
    /// The kind of the token that is wanted.
    #[arg(long, value_name = "KIND")]
    requested_token_type: Option<String>,
    /// Who will be shown the token, by a name that the server knows. May be given several times.
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
}

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let subject = token(session, &options.subject_token, &options.subject_token_type)?;
    let actor = match &options.actor_token {
        Some(actor) => Some(token(session, actor, &options.actor_token_type)?),
        None => None,
    };
    let request = session.request();
    let client = session.client()?;
    let mut exchange = TokenExchange::new(&client, subject)
        .scope(request.scope())
        .resource(&request.resource)
        .audience(&options.audience);
    if let Some(actor) = actor {
        exchange = exchange.actor(actor);
    }
    if let Some(kind) = &options.requested_token_type {
        exchange = exchange.requested_token_type(kind.as_str());
    }
    for (name, value) in &request.parameters {
        exchange = exchange.parameter(name, value);
    }
    let issued = session.run(Call::new(exchange))?;
    session.console.print(&told(&issued))
}

fn token(session: &mut Session<'_>, text: &str, kind: &str) -> Result<SecurityToken, Failure> {
    let kind = TokenTypeIdentifier::from(kind);
    let member = match kind {
        TokenTypeIdentifier::RefreshToken => "refresh_token",
        TokenTypeIdentifier::IdToken => "id_token",
        _ => "access_token",
    };
    let token = given::token(text, member, &mut *session.console.input)?;
    Ok(SecurityToken::new(token, kind))
}

fn told(issued: &IssuedToken) -> Value {
    let mut line = issued.members().to_value();
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    // RFC 8693 §2.2.1: whatever was issued, its member is `access_token`, "for historical reasons".
    put("access_token", json!(issued.token().expose()));
    let kind = issued.issued_token_type().as_str();
    put("issued_token_type", json!(kind));
    // "N_A" where it is no access token.
    let token_type = issued.token_type().map_or("N_A", |kind| kind.as_str());
    put("token_type", json!(token_type));
    if let Some(expires_at) = issued.expires_at() {
        put("expires_at", json!(expires_at.as_secs()));
        put("expires_in", json!(expires_at.since(now()).as_secs()));
    }
    if let Some(refresh_token) = issued.refresh_token() {
        put("refresh_token", json!(refresh_token.expose()));
    }
    put("scope", json!(issued.scope().as_str()));
    for (name, list) in [
        ("missing_scope", issued.missing_scope().collect::<Vec<_>>()),
        ("extra_scope", issued.extra_scope().collect()),
    ] {
        if !list.is_empty() {
            put(name, json!(list));
        }
    }
    show::findings(&mut line, issued.findings());
    Value::Object(line)
}
