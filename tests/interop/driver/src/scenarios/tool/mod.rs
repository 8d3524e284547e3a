//! The command-line tool at both servers: every command, its JSON lines and its exit statuses.

pub(super) mod keys;
pub(super) mod registration;
pub(super) mod sign_in;
pub(super) mod tokens;

use serde_json::Value;
use url::Url;

use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::hand::parameter;
use crate::hand::text;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::stage::Server;
use crate::stage::Stage;
use crate::tool::Ended;
use crate::tool::NO_ANSWER;
use crate::tool::Tool;
use crate::tool::USAGE;
use crate::tool::VIOLATION;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tool_discovers_oidc_provider", |stage| {
        discovers(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_discovers_authlib", |stage| discovers(stage, AUTHLIB)),
    Scenario::new("tool_fails_as_it_says", fails_as_it_says),
];

fn discovers(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let found = Tool::at(&server.issuer).result(&["discover"])?;
    same(
        "the issuer",
        found["issuer"].as_str(),
        Some(&*server.issuer),
    )?;
    let endpoint = format!("{}/token", server.issuer);
    same(
        "the token endpoint",
        found["token_endpoint"].as_str(),
        Some(&*endpoint),
    )?;

    // The same server under another name is another issuer.
    let alias = server.issuer.replace("127.0.0.1", "localhost");
    let ended = Tool::at(&alias).run(&["discover"])?;
    ended.failed(VIOLATION, "check", "METADATA-ISSUER")
}

fn fails_as_it_says(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let ended = Tool::at("http://127.0.0.1:1").run(&["discover"])?;
    same("the exit status without a server", ended.status, NO_ANSWER)?;
    let ended = Tool::at(&server.issuer).run(&["client-credentials"])?;
    same("the exit status without a client", ended.status, USAGE)?;
    let command = ["client-credentials", "--scope", "api"];
    let ended = tool(server, "service")?.run(&command)?;
    ended.result()?;
    same(
        "the conversation",
        ended.errors.contains("grant_type=client_credentials"),
        true,
    )
}

fn tool<'a>(server: &'a Server, client: &str) -> Result<Tool<'a>, Failure> {
    Ok(Tool::of(server, server.client(client)?))
}

/// Signs in with whatever more is asked. `more` names a redirect URI where the URL does not.
fn listening(server: &Server, more: &[&str]) -> Result<Ended, Failure> {
    let command = [&["code", "--no-browser", "--scope", "api"], more].concat();
    let mut running = tool(server, "public")?.start(&command)?;
    let line = running.line()?;
    let url = text(&line, "authorization_url")?;
    let told = parameter(&Url::parse(url)?, "redirect_uri");
    let mut given = more
        .iter()
        .skip_while(|&&it| it != "--redirect-uri")
        .skip(1);
    let uri = told.or_else(|| given.next().map(|&uri| uri.to_owned()));
    let uri = present("a redirect URI", uri)?;
    let callback = User::new("ada").visit(url, &uri)?.url()?;
    let page = wire::get(&wire::agent(), &callback, &[])?;
    same("the status of the page", page.status, 200)?;
    running.finish(None)
}

fn reading(
    server: &Server,
    client: &str,
    user: User,
    change: impl FnOnce(String) -> String,
) -> Result<Ended, Failure> {
    let uri = server.client(client)?.redirect_uri()?;
    reading_by(&tool(server, client)?, uri, user, change)
}

fn reading_by(
    tool: &Tool<'_>,
    uri: &str,
    mut user: User,
    change: impl FnOnce(String) -> String,
) -> Result<Ended, Failure> {
    let command = [
        "code",
        "--callback",
        "stdin",
        "--redirect-uri",
        uri,
        "--scope",
        "api",
    ];
    let mut running = tool.start(&command)?;
    let line = running.line()?;
    let callback = user.visit(text(&line, "authorization_url")?, uri)?.url()?;
    running.finish(Some(&change(callback)))
}

fn call(server: &Server, token: &str) -> Result<Ended, Failure> {
    Tool::at(&server.issuer).run(&["call", "--token", token, &server.api()?])
}

/// What the API says of the user, called by the tool.
fn me(server: &Server, tokens: &Value) -> Result<Value, Failure> {
    let answer = call(server, text(tokens, "access_token")?)?.result()?;
    same("the status", answer["status"].as_u64(), Some(200))?;
    Ok(answer["body"].clone())
}
