//! Commands that are one request to the token endpoint.

use clap::Args;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::call::Call;
use serde_json::Value;

use super::cache;
use super::failure::Failure;
use super::given;
use super::given::Password;
use super::session::Session;

pub(crate) fn client_credentials(session: &mut Session<'_>) -> Result<(), Failure> {
    let client = session.client()?;
    redeem(session, &client, Grant::client_credentials(&client))
}

#[derive(Args)]
pub(crate) struct PasswordOptions {
    /// The user's name at the server.
    #[arg(long, value_name = "NAME")]
    username: String,
    #[command(flatten)]
    password: Password,
}

pub(crate) fn password(
    session: &mut Session<'_>,
    options: &PasswordOptions,
) -> Result<(), Failure> {
    let password = options.password.read(&mut *session.console.input)?;
    let client = session.client()?;
    redeem(
        session,
        &client,
        Grant::password(&client, &options.username, password),
    )
}

#[derive(Args)]
pub(crate) struct JwtBearerOptions {
    /// The JWT, ready made, or @FILE, or @- for standard input.
    #[arg(long, value_name = "JWT", allow_hyphen_values = true)]
    assertion: String,
}

pub(crate) fn jwt_bearer(
    session: &mut Session<'_>,
    options: &JwtBearerOptions,
) -> Result<(), Failure> {
    let input = &mut *session.console.input;
    let assertion = given::token(&options.assertion, "assertion", input)?;
    let client = session.client()?;
    redeem(session, &client, Grant::jwt_bearer(&client, assertion)?)
}

#[derive(Args)]
pub(crate) struct RefreshOptions {
    /// The refresh token, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    refresh_token: String,
}

pub(crate) fn refresh(session: &mut Session<'_>, options: &RefreshOptions) -> Result<(), Failure> {
    let token = given::token(
        &options.refresh_token,
        "refresh_token",
        &mut *session.console.input,
    )?;
    let client = session.client()?;
    redeem(session, &client, Grant::refresh_token(&client, token))
}

/// Sends the grant with what the options add to it, and prints the tokens.
fn redeem(session: &mut Session<'_>, client: &Client, grant: Grant) -> Result<(), Failure> {
    let request = session.request();
    let grant = grant.scope(request.scope()).resource(&request.resource);
    let grant = request
        .parameters
        .iter()
        .fold(grant, |grant, (name, value)| grant.parameter(name, value));
    let tokens = session.run(Call::new(grant))?;
    let line = cache::keep(session, client, &tokens)?;
    session.console.print(&Value::Object(line))
}
