//! The tool registers a client, and manages what is registered.

use serde_json::Value;

use crate::failure::Failure;
use crate::failure::same;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::scenarios::tool::me;
use crate::scenarios::tool::reading_by;
use crate::stage::Registration;
use crate::stage::Server;
use crate::stage::Stage;
use crate::tool::Ended;
use crate::tool::REFUSED;
use crate::tool::Tool;
use crate::user::User;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::new(
        "tool_registers_at_oidc_provider",
        registers_at_oidc_provider,
    ),
    Scenario::new("tool_registers_at_authlib", registers_at_authlib),
];

fn registers_at_oidc_provider(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    register(server, &["--initial-access-token", "wrong"])?.failed(
        REFUSED,
        "error",
        "invalid_token",
    )?;
    let first = register(server, &[])?.result()?;
    let second = renamed(
        server,
        &first,
        &["--client-name", "Another name", "--update"],
    )?;
    // The server gives another registration access token with each change, and the old one ends.
    let stale = managed(server, &first, &["--read"])?;
    stale.failed(REFUSED, "error", "invalid_token")?;
    is_deleted(server, &second, "invalid_token")
}

fn registers_at_authlib(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(AUTHLIB)?;
    register(server, &["--initial-access-token", "wrong"])?.failed(
        REFUSED,
        "error",
        "access_denied",
    )?;
    let first = register(server, &["--scope", "api"])?.result()?;
    let second = renamed(
        server,
        &first,
        &["--client-name", "Another name", "--update"],
    )?;
    is_deleted(server, &second, "invalid_client")
}

/// Registers a client and, once it is registered, signs a user in with it.
fn register(server: &Server, more: &[&str]) -> Result<Ended, Failure> {
    let uri = "https://client.example/callback";
    let names = ["register", "--redirect-uri", uri, "--client-name", "A name"];
    let grants = [
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "refresh_token",
    ];
    let mut command = [&names[..], &grants, more].concat();
    if !more.contains(&"--initial-access-token") {
        command.extend(["--initial-access-token", "initial-access-token"]);
    }
    let ended = Tool::at(&server.issuer).run(&command)?;
    if let Ok(registered) = ended.result() {
        let client: Registration = serde_json::from_value(registered)?;
        let tool = Tool::of(server, &client);
        let tokens = reading_by(&tool, uri, User::new("ada"), |callback| callback)?.result()?;
        same(
            "the client",
            &me(server, &tokens)?["client_id"],
            &*client.client_id,
        )?;
    }
    Ok(ended)
}

/// Manages a registration, which is given on standard input.
fn managed(server: &Server, registration: &Value, options: &[&str]) -> Result<Ended, Failure> {
    let command = [&["register"], options, &["@-"]].concat();
    let running = Tool::at(&server.issuer).start(&command)?;
    running.finish(Some(&registration.to_string()))
}

/// Changes the name of a client, and reads that it is changed.
fn renamed(server: &Server, first: &Value, options: &[&str]) -> Result<Value, Failure> {
    let read = managed(server, first, &["--read"])?.result()?;
    same("the name", read["client_name"].as_str(), Some("A name"))?;
    same("differences", read.get("differences"), None)?;
    let second = managed(server, first, options)?.result()?;
    same("the client", &second["client_id"], &first["client_id"])?;
    same(
        "the secret",
        &second["client_secret"],
        &first["client_secret"],
    )?;
    let read = managed(server, &second, &["--read"])?.result()?;
    same(
        "the name",
        read["client_name"].as_str(),
        Some("Another name"),
    )?;
    Ok(second)
}

fn is_deleted(server: &Server, registration: &Value, code: &str) -> Result<(), Failure> {
    let done = managed(server, registration, &["--delete"])?.result()?;
    same("deleted", done["deleted"].as_bool(), Some(true))?;
    managed(server, registration, &["--read"])?.failed(REFUSED, "error", code)
}
