//! Tokens by the tool: grants without a browser, and what becomes of a token.

use crate::failure::Failure;
use crate::failure::same;
use crate::hand::text;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::scenarios::tool::call;
use crate::scenarios::tool::listening;
use crate::scenarios::tool::me;
use crate::scenarios::tool::reading;
use crate::scenarios::tool::tool;
use crate::stage::Server;
use crate::stage::Stage;
use crate::tool::REFUSED;
use crate::tool::Tool;
use crate::tool::VIOLATION;
use crate::user::User;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tool_gets_its_own_tokens_of_oidc_provider", |stage| {
        gets_its_own(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_gets_its_own_tokens_of_authlib", |stage| {
        gets_its_own(stage, AUTHLIB)
    }),
    Scenario::new("tool_exchanges_at_oidc_provider", |stage| {
        exchanges(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_exchanges_at_authlib", |stage| {
        exchanges(stage, AUTHLIB)
    }),
    Scenario::new("tool_revokes_at_oidc_provider", |stage| {
        revokes(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_revokes_at_authlib", |stage| revokes(stage, AUTHLIB)),
    Scenario::new("tool_calls_the_api_of_oidc_provider", |stage| {
        calls(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_calls_the_api_of_authlib", |stage| {
        calls(stage, AUTHLIB)
    }),
    Scenario::new(
        "tool_asks_oidc_provider_who_it_is",
        asks_oidc_provider_who_it_is,
    ),
    Scenario::new("tool_asks_authlib_who_it_is", asks_authlib_who_it_is),
    Scenario::new("tool_uses_a_password", uses_a_password),
    Scenario::new("tool_uses_an_assertion", uses_an_assertion),
];

fn gets_its_own(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let command = ["client-credentials", "--scope", "api"];
    let tokens = tool(server, "service")?.result(&command)?;
    same("scope", tokens["scope"].as_str(), Some("api"))?;
    same("a refresh token", tokens.get("refresh_token"), None)?;
    let ended = tool(server, "service")?
        .secret(Some("wrong"))
        .run(&command)?;
    ended.failed(REFUSED, "error", "invalid_client")?;
    same("the status", ended.lines[0]["status"].as_u64(), Some(401))
}

fn exchanges(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let subject = listening(server, &[])?.result()?;
    let token = text(&subject, "access_token")?;
    let exchange = ["exchange", "--subject-token", token, "--scope", "api"];
    let issued = tool(server, "service")?.result(&exchange)?;
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    same("the kind", issued["issued_token_type"].as_str(), Some(kind))?;
    let me = me(server, &issued)?;
    same("the API's user", &me["sub"], "ada")?;
    same("the API's client", &me["client_id"], "service")?;

    let wide = [
        "exchange",
        "--subject-token",
        token,
        "--scope",
        "api api:write",
    ];
    let ended = tool(server, "service")?.run(&wide)?;
    ended.failed(REFUSED, "error", "invalid_scope")?;
    let unknown = ["exchange", "--subject-token", "never-issued"];
    let ended = tool(server, "service")?.run(&unknown)?;
    ended.failed(REFUSED, "error", "invalid_request")
}

fn revokes(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let tokens = reading(server, "basic", User::new("ada"), |callback| callback)?.result()?;
    let token = text(&tokens, "access_token")?;
    let introspect = [
        "introspect",
        "--token",
        token,
        "--token-type-hint",
        "access_token",
    ];
    let told = tool(server, "basic")?.result(&introspect)?;
    same("active", told["active"].as_bool(), Some(true))?;
    same("sub", told["sub"].as_str(), Some("ada"))?;
    same("scope", told["scope"].as_str(), Some("api"))?;
    same("iss", told["iss"].as_str(), Some(&*server.issuer))?;

    // The second time there is nothing left to revoke, which is no error.
    for _ in 0..2 {
        let done = tool(server, "basic")?.result(&["revoke", "--token", token])?;
        same("revoked", done["revoked"].as_bool(), Some(true))?;
        let told = tool(server, "basic")?.result(&introspect)?;
        same("what is told", told, serde_json::json!({ "active": false }))?;
    }
    let ended = call(server, token)?;
    ended.failed(REFUSED, "error", "invalid_token")?;

    // Another client's token.
    let tokens = listening(server, &[])?.result()?;
    let theirs = ["revoke", "--token", text(&tokens, "access_token")?];
    let ended = tool(server, "basic")?.run(&theirs)?;
    same("the exit status for another's token", ended.status, REFUSED)?;
    me(server, &tokens)?;
    Ok(())
}

fn calls(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    call(server, "never-issued")?.failed(REFUSED, "error", "invalid_token")?;
    let tokens = listening(server, &["--scope", "api:write"])?.result()?;
    same("the method", &me(server, &tokens)?["method"], "GET")
}

/// This server tells of its users where `openid` was asked for, and nowhere else.
fn asks_oidc_provider_who_it_is(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let tokens = listening(server, &["--scope", "openid email"])?.result()?;
    who_it_is(server, text(&tokens, "access_token")?, "ada")?;
    let tokens = listening(server, &[])?.result()?;
    let userinfo = ["userinfo", "--token", text(&tokens, "access_token")?];
    let ended = Tool::at(&server.issuer).run(&userinfo)?;
    ended.failed(REFUSED, "error", "insufficient_scope")
}

fn asks_authlib_who_it_is(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(AUTHLIB)?;
    let tokens = listening(server, &["--scope", "email"])?.result()?;
    who_it_is(server, text(&tokens, "access_token")?, "ada")
}

fn who_it_is(server: &Server, token: &str, user: &str) -> Result<(), Failure> {
    let tool = Tool::at(&server.issuer);
    let userinfo = ["userinfo", "--token", token];
    let post = ["userinfo", "--token", token, "--post", "--sub", user];
    for command in [&userinfo[..], &post] {
        let claims = tool.result(command)?;
        same("sub", claims["sub"].as_str(), Some(user))?;
        let email = format!("{user}@user.example");
        same("email", claims["email"].as_str(), Some(&*email))?;
    }
    let other = tool.run(&["userinfo", "--token", token, "--sub", "bob"])?;
    other.failed(VIOLATION, "check", "USERINFO-SUB")?;
    let unknown = tool.run(&["userinfo", "--token", "never-issued"])?;
    unknown.failed(REFUSED, "error", "invalid_token")
}

fn uses_a_password(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(AUTHLIB)?;
    let service = tool(server, "service")?;
    let good = [
        "password",
        "--username",
        "grace",
        "--password-file",
        "-",
        "--scope",
        "api",
    ];
    let tokens = service.start(&good)?.finish(Some("ecarg"))?.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], "grace")?;
    let ended = service.start(&good)?.finish(Some("wrong"))?;
    // Authlib's word for it; RFC 6749, section 5.2 would have `invalid_grant`.
    ended.failed(REFUSED, "error", "invalid_request")
}

fn uses_an_assertion(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(AUTHLIB)?;
    let service = tool(server, "service")?;
    let bearer = ["jwt-bearer", "--assertion", "@-", "--scope", "api"];
    let good = server.assertion("good")?;
    let tokens = service.start(&bearer)?.finish(Some(good))?.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], "ada")?;
    let other = server.assertion("for another server")?;
    let ended = service.start(&bearer)?.finish(Some(other))?;
    ended.failed(REFUSED, "error", "invalid_grant")
}
