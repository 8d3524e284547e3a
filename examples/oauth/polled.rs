//! `device` and `ciba`: commands that ask, and then wait for a user.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::device::DeviceAuthorizationRequest;
use oauth_proto::transport::now;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::cache;
use super::failure::Failure;
use super::given;
use super::pinged::Pinged;
use super::session::Session;
use super::show;

pub(crate) fn device(session: &mut Session<'_>) -> Result<(), Failure> {
    let client = session.client()?;
    let options = session.request();
    let mut request = DeviceAuthorizationRequest::new(options.scope());
    for resource in &options.resource {
        request = request.resource(resource);
    }
    for (name, value) in &options.parameters {
        request = request.parameter(name, value);
    }
    let pending = session.run(client.device(request)?)?;
    let mut line = waiting(pending.expires_at(), pending.interval());
    line.insert("user_code".to_owned(), json!(pending.user_code()));
    let uri = pending.verification_uri();
    line.insert("verification_uri".to_owned(), json!(uri));
    if let Some(uri) = pending.verification_uri_complete() {
        line.insert("verification_uri_complete".to_owned(), json!(uri));
    }
    show::findings(&mut line, pending.findings());
    session.console.print(&Value::Object(line))?;
    let deadline = pending.expires_at();
    let tokens = session.run_until(client.poll(pending)?, deadline)?;
    let line = cache::keep(session, &client, &tokens)?;
    session.console.print(&Value::Object(line))
}

#[derive(Args)]
pub(crate) struct CibaOptions {
    /// Who is to be asked: a name that the server knows.
    #[arg(long, value_name = "HINT", allow_hyphen_values = true)]
    login_hint: Option<String>,
    /// Who is to be asked: a token that says it, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    login_hint_token: Option<String>,
    /// Who is to be asked: an ID token of theirs, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    id_token_hint: Option<String>,
    /// A short text that the user sees here and there.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    binding_message: Option<String>,
    /// The secret by which the user allows that they are asked, or @FILE, or @- for standard input.
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    user_code: Option<String>,
    /// How long the user may take, in seconds.
    #[arg(long, value_name = "SECONDS")]
    requested_expiry: Option<u64>,
    /// Authentication context classes by preference, apart by spaces.
    #[arg(long, value_name = "VALUES")]
    acr_values: Option<String>,
    /// Waits at this address, such as 127.0.0.1:8400, for the server to say that the user has decided,
    /// and only then asks for the tokens.
    ///
    /// It is for a client that is registered for ping. The address in its registration is https: what
    /// has the certificate passes on here what comes there.
    #[arg(long, value_name = "ADDRESS")]
    ping_listen: Option<SocketAddr>,
}

pub(crate) fn ciba(session: &mut Session<'_>, options: &CibaOptions) -> Result<(), Failure> {
    let mut request = backchannel_request(session, options)?;
    // Before the server is asked: its ping may come at once.
    let pinged = options.ping_listen.map(Pinged::bind).transpose()?;
    if pinged.is_some() {
        request = request.with_notification();
    }
    let client = session.client()?;
    let pending = session.run(client.backchannel(request)?)?;
    let deadline = pending.expires_at();
    let mut line = waiting(deadline, pending.interval());
    line.insert("auth_req_id".to_owned(), json!(pending.auth_req_id()));
    if let Some(pinged) = &pinged {
        let address = pinged.address().to_string();
        line.insert("ping_listen".to_owned(), json!(address));
    }
    show::findings(&mut line, pending.findings());
    session.console.print(&Value::Object(line))?;
    let mut poll = client.poll_backchannel(pending.clone())?;
    if let Some(pinged) = pinged {
        pinged.wait(&pending, || {
            let text = "oauth: a notification that is not about this request was refused\n";
            session.console.tell(text);
        })?;
        poll = poll.pinged();
    }
    let tokens = session.run_until(poll, deadline)?;
    let line = cache::keep(session, &client, &tokens)?;
    session.console.print(&Value::Object(line))
}

fn backchannel_request(
    session: &mut Session<'_>,
    options: &CibaOptions,
) -> Result<BackchannelAuthenticationRequest, Failure> {
    let common = session.request();
    let input = &mut *session.console.input;
    let mut request = BackchannelAuthenticationRequest::new(common.scope());
    if let Some(hint) = &options.login_hint {
        request = request.login_hint(hint.as_str());
    }
    if let Some(token) = &options.login_hint_token {
        request = request.login_hint_token(given::token(token, "login_hint_token", input)?);
    }
    if let Some(token) = &options.id_token_hint {
        request = request.id_token_hint(given::token(token, "id_token", input)?);
    }
    if let Some(message) = &options.binding_message {
        request = request.binding_message(message.as_str());
    }
    if let Some(code) = &options.user_code {
        request = request.user_code(given::token(code, "user_code", input)?);
    }
    if let Some(seconds) = options.requested_expiry {
        request = request.requested_expiry(Duration::from_secs(seconds));
    }
    if let Some(values) = &options.acr_values {
        request = request.acr_values(values.as_str());
    }
    for resource in &common.resource {
        request = request.resource(resource);
    }
    for (name, value) in &common.parameters {
        request = request.parameter(name, value);
    }
    Ok(request)
}

/// How long the user has, and how often the server is asked.
fn waiting(expires_at: UnixTime, interval: Duration) -> Map<String, Value> {
    Map::from_iter([
        ("expires_at".to_owned(), json!(expires_at.as_secs())),
        (
            "expires_in".to_owned(),
            json!(expires_at.since(now()).as_secs()),
        ),
        ("interval".to_owned(), json!(interval.as_secs())),
    ])
}
