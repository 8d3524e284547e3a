//! `call`: a protected resource.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::header;
use oauth_proto::base::uri;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::TokenType;
use oauth_proto::domain::token::Tokens;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::drive;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::shared::CallError;
use oauth_proto::lease::shared::Shared;
use oauth_proto::transport::now;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::given;
use super::place::Place;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// The access token, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<String>,
    #[command(flatten)]
    resource: Resource,
}

/// Which resource, and how it is called.
#[derive(Args)]
pub(crate) struct Resource {
    /// The resource.
    url: String,
    /// The method [default: GET, and POST with --data].
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// A header. May be given several times.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The body, or @FILE.
    #[arg(long, value_name = "BODY", allow_hyphen_values = true)]
    data: Option<String>,
}

/// Who the client is, says the token: a resource is told nothing else.
pub(crate) const UNNAMED: &str = "oauth";

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let store = session.cache().open()?;
    let token = match (&options.token, store) {
        (Some(token), None) => token,
        (None, Some(store)) => return call_kept(session, store, &options.resource),
        (None, None) => return Err(Failure::usage("--token or --store is needed")),
        (Some(_), Some(_)) => return Err(Failure::usage("one of --token and --store is enough")),
    };
    let token = given::token(token, "access_token", &mut *session.console.input)?;
    let metadata = Metadata::without_issuer(session.policy());
    // Some APIs are told the client beside the token.
    let client_id = session.client_id().unwrap_or(UNNAMED);
    let client = Client::new(metadata, client_id, Authentication::None)?;
    let client = client.with_quirks(session.known().quirks())?;
    let client = (session.signing()).bind_again(client, &mut *session.console.input)?;
    let tokens = presented(&client, token.expose())?;
    let answer = session.run(client.call(&tokens, options.resource.request()?))?;
    print(session, &answer)
}

/// Calls with the tokens of the store, which are renewed on the way and kept.
fn call_kept(
    session: &mut Session<'_>,
    mut store: Place,
    resource: &Resource,
) -> Result<(), Failure> {
    let request = resource.request()?;
    let client = session.client()?;
    let grant = Shared::new(session.cache().key(&client), Renewal::refresh_token());
    let base = match uri::origin_of(request.uri()) {
        Some(origin) => origin.to_string(),
        None => return Err(Failure::usage("the resource is no http or https URL")),
    };
    let api = Api::shared(&client, &base, grant)?.with_status_errors(false);
    let called = session.driven(None, |send, wait| {
        drive::call(&api, request, &mut store, now, send, wait)
    });
    match called {
        Ok(answer) => print(session, &answer),
        Err(CallError::Protocol(error)) => Err(error.into()),
        Err(CallError::Transport(failure)) => Err(Failure::NoAnswer(failure)),
        Err(CallError::Store(error)) => Err(error),
        Err(CallError::Unsaved(tokens)) => {
            // Nothing else has them.
            session
                .console
                .print(&Value::Object(show::tokens(&tokens)))?;
            Err(Failure::usage(
                "the store did not take the renewed tokens, which the line before this one holds",
            ))
        }
    }
}

/// Prints what the resource answered; an error is a failure.
pub(crate) fn print(session: &mut Session<'_>, answer: &Response<Vec<u8>>) -> Result<(), Failure> {
    let line = told(answer);
    if answer.status().as_u16() >= 400 {
        return Err(Failure::Answer(line));
    }
    session.console.print(&Value::Object(line))
}

/// Tokens of which no more than the access token is known, from their stored form: bound to the key of
/// the client where it has one.
pub(crate) fn presented(client: &Client, access_token: &str) -> Result<Tokens, Failure> {
    let key = client.dpop_key();
    let token_type = key.map_or(TokenType::Bearer, |_| TokenType::Dpop);
    let mut stored = json!({
        "v": 1,
        "access_token": access_token,
        "token_type": token_type.as_str(),
        "jkt": key.map(DpopKey::thumbprint),
        "received_at": now(),
        "client_id": client.client_id(),
    });
    if let Some(issuer) = client.metadata().issuer() {
        stored["issuer"] = json!(issuer.as_str());
    }
    serde_json::from_value(stored).map_err(|_| Failure::usage("the access token cannot be one"))
}

impl Resource {
    pub(crate) fn request(&self) -> Result<http::Request<Vec<u8>>, Failure> {
        let body = match &self.data {
            None => Vec::new(),
            Some(data) => match data.strip_prefix('@') {
                None => data.as_bytes().to_vec(),
                Some(file) => {
                    fs::read(file).map_err(|error| Failure::file(file.as_ref(), &error))?
                }
            },
        };
        let default = if self.data.is_some() { "POST" } else { "GET" };
        let method = self.method.as_deref().unwrap_or(default);
        let mut request = http::Request::builder().method(method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
            .body(body)
            .map_err(|error| Failure::usage(error.to_string()))
    }
}

fn told(answer: &Response<Vec<u8>>) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("status".to_owned(), json!(answer.status().as_u16()));
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if let Some(kind) = kind.and_then(|kind| kind.to_str().ok()) {
        line.insert("content_type".to_owned(), json!(kind));
    }
    let body = answer.body();
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        line.insert("body".to_owned(), value);
    } else if let Ok(text) = std::str::from_utf8(body) {
        line.insert("body".to_owned(), json!(text));
    } else {
        line.insert("body_base64".to_owned(), json!(STANDARD.encode(body)));
    }
    line
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("is not of the form NAME: VALUE")?;
    let name: HeaderName = name.trim().parse().map_err(|_| "has no header's name")?;
    let value = value.trim().parse().map_err(|_| "has no header's value")?;
    Ok((name, value))
}
