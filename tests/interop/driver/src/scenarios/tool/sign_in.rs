//! Users sign in by the tool: with a browser, on another device, on their phone.

use serde_json::json;
use url::Url;

use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::hand::parameter;
use crate::hand::text;
use crate::listener::Listener;
use crate::phone::Decision;
use crate::phone::Phone;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::scenarios::registration::INITIAL_ACCESS_TOKEN;
use crate::scenarios::tool::call;
use crate::scenarios::tool::listening;
use crate::scenarios::tool::me;
use crate::scenarios::tool::reading;
use crate::scenarios::tool::tool;
use crate::stage::Registration;
use crate::stage::Server;
use crate::stage::Stage;
use crate::tool::Ended;
use crate::tool::NO_ANSWER;
use crate::tool::REFUSED;
use crate::tool::Tool;
use crate::tool::USAGE;
use crate::tool::VIOLATION;
use crate::user::User;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tool_signs_in_at_oidc_provider", |stage| {
        signs_in(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_signs_in_at_authlib", |stage| signs_in(stage, AUTHLIB)),
    Scenario::new("tool_reads_the_callback_of_oidc_provider", |stage| {
        reads_the_callback(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_reads_the_callback_of_authlib", |stage| {
        reads_the_callback(stage, AUTHLIB)
    }),
    Scenario::new("tool_is_denied_by_oidc_provider", |stage| {
        is_denied(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_is_denied_by_authlib", |stage| {
        is_denied(stage, AUTHLIB)
    }),
    Scenario::new("tool_is_a_device_of_oidc_provider", |stage| {
        is_a_device(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_is_a_device_of_authlib", |stage| {
        is_a_device(stage, AUTHLIB)
    }),
    Scenario::new("tool_is_a_denied_device_of_oidc_provider", |stage| {
        is_a_denied_device(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_is_a_denied_device_of_authlib", |stage| {
        is_a_denied_device(stage, AUTHLIB)
    }),
    Scenario::new("tool_pushes_to_oidc_provider", pushes),
    Scenario::new("tool_asks_for_details", asks_for_details),
    Scenario::new("tool_names_a_resource", names_a_resource),
    Scenario::new("tool_has_a_user_asked", has_a_user_asked),
    Scenario::new("tool_is_pinged", is_pinged),
    Scenario::new(
        "tool_has_a_user_asked_who_denies",
        has_a_user_asked_who_denies,
    ),
];

/// The tool listens; the user's browser is elsewhere, and comes back to it.
fn signs_in(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let tokens = listening(server, &[])?.result()?;
    same("scope", tokens["scope"].as_str(), Some("api"))?;
    let me = me(server, &tokens)?;
    same("the API knows the user", &me["sub"], "ada")?;

    let refresh_token = text(&tokens, "refresh_token")?;
    let refresh = ["refresh", "--refresh-token", refresh_token];
    let renewed = tool(server, "public")?.result(&refresh)?;
    same(
        "another token",
        renewed["access_token"] == tokens["access_token"],
        false,
    )?;
    let again = tool(server, "public")?.run(&refresh)?;
    again.failed(REFUSED, "error", "invalid_grant")
}

/// The user's browser is elsewhere, and its address bar is copied.
fn reads_the_callback(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    for client in ["basic", "post"] {
        let tokens = reading(server, client, User::new("ada"), |callback| callback)?.result()?;
        same("the API's user", &me(server, &tokens)?["sub"], "ada")?;

        // Scope can be reduced, and not widened.
        let token = text(&tokens, "refresh_token")?;
        let wide = [
            "refresh",
            "--refresh-token",
            token,
            "--scope",
            "api unheard-of",
        ];
        let ended = tool(server, client)?.run(&wide)?;
        ended.failed(REFUSED, "error", "invalid_scope")?;
        let refresh = ["refresh", "--refresh-token", token, "--scope", "api"];
        tool(server, client)?.result(&refresh)?;
    }
    // A callback of another issuer, one of another sign-in, and none at all.
    let other = |callback: String| callback.replace("iss=", "iss=https%3A%2F%2Fother.example&was=");
    let ended = reading(server, "basic", User::new("ada"), other)?;
    ended.failed(VIOLATION, "check", "CALLBACK-ISS")?;
    let other = |callback: String| callback.replace("state=", "state=x");
    let ended = reading(server, "basic", User::new("ada"), other)?;
    ended.failed(VIOLATION, "check", "CALLBACK-STATE")?;
    let uri = server.client("basic")?.redirect_uri()?;
    let command = [
        "code",
        "--callback",
        "stdin",
        "--redirect-uri",
        uri,
        "--scope",
        "api",
    ];
    let ended = tool(server, "basic")?.run(&command)?;
    same(
        "the exit status without a callback",
        ended.status,
        NO_ANSWER,
    )
}

fn is_denied(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let ended = reading(server, "basic", User::new("ada").denying(), |callback| {
        callback
    })?;
    ended.failed(REFUSED, "error", "access_denied")
}

fn device(server: &Server, mut user: User) -> Result<Ended, Failure> {
    let mut running = tool(server, "television")?.start(&["device", "--scope", "api"])?;
    let line = running.line()?;
    text(&line, "user_code")?;
    user.settle(text(&line, "verification_uri_complete")?)?;
    running.finish(None)
}

fn is_a_device(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let tokens = device(server, User::new("ada"))?.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], "ada")?;
    let refresh = [
        "refresh",
        "--refresh-token",
        text(&tokens, "refresh_token")?,
    ];
    tool(server, "television")?.result(&refresh)?;
    Ok(())
}

fn is_a_denied_device(stage: &Stage, name: &str) -> Result<(), Failure> {
    let ended = device(stage.server(name)?, User::new("ada").denying())?;
    ended.failed(REFUSED, "error", "access_denied")
}

fn pushes(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let free = format!("http://{}/callback", Listener::bind()?.authority()?);
    let tokens = listening(server, &["--par", "--redirect-uri", &free])?.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], "ada")?;

    let uri = server.client("basic")?.redirect_uri()?;
    let push = ["par", "--redirect-uri", uri, "--scope", "api"];
    let pushed = tool(server, "basic")?.result(&push)?;
    same("expires_in", pushed["expires_in"].as_u64(), Some(60))?;
    let url = Url::parse(text(&pushed, "authorization_url")?)?;
    let reference = parameter(&url, "request_uri");
    same(
        "the reference",
        reference.as_deref(),
        pushed["request_uri"].as_str(),
    )?;
    let callback = Url::parse(&User::new("ada").visit(url.as_str(), uri)?.url()?)?;
    present("a code", parameter(&callback, "code"))?;

    let elsewhere = [
        "par",
        "--redirect-uri",
        "https://app.example/elsewhere",
        "--scope",
        "api",
    ];
    let ended = tool(server, "basic")?.run(&elsewhere)?;
    ended.failed(REFUSED, "error", "invalid_request")
}

fn asks_for_details(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let asked = r#"[{"type":"payment","actions":["initiate"],"amount":"150"}]"#;
    let tokens = listening(server, &["--authorization-details", asked])?.result()?;
    // The server grants payments of at most 100.
    let granted = &tokens["authorization_details"][0];
    same("the amount granted", &granted["amount"], "100")?;
    same("the action granted", &granted["actions"][0], "initiate")?;

    let without = r#"[{"type":"payment"}]"#;
    let ended = listening(server, &["--authorization-details", without])?;
    ended.failed(REFUSED, "error", "invalid_authorization_details")?;
    let none = ["code", "--authorization-details", r#"[{"amount":"1"}]"#];
    let ended = tool(server, "public")?.run(&none)?;
    same("the exit status without a type", ended.status, USAGE)
}

fn names_a_resource(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let second = present("a second API", server.resources.get(1))?;
    let tokens = listening(server, &["--resource", second])?.result()?;
    same(
        "the resource",
        tokens["resource"][0].as_str(),
        Some(&**second),
    )?;
    let token = text(&tokens, "access_token")?;
    let command = ["call", "--token", token, &format!("{second}/me")];
    let answer = Tool::at(&server.issuer).result(&command)?;
    same("the user", &answer["body"]["sub"], "ada")?;
    let elsewhere = call(server, token)?;
    same("the status at the first API", elsewhere.status, REFUSED)?;

    let unknown = ["--resource", "https://other.example/"];
    let ended = listening(server, &unknown)?;
    ended.failed(REFUSED, "error", "invalid_target")
}

fn has_a_user_asked(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let tokens = asked(server, "asked by the tool", Decision::Allow)?.result()?;
    same(
        "the API's user",
        &me(server, &tokens)?["sub"],
        "asked by the tool",
    )?;

    let unknown = ["ciba", "--scope", "openid api", "--login-hint", "nobody"];
    let ended = tool(server, "shop")?.run(&unknown)?;
    ended.failed(REFUSED, "error", "unknown_user_id")?;
    let two = [
        "ciba",
        "--scope",
        "openid api",
        "--login-hint",
        "a",
        "--login-hint-token",
        "b",
    ];
    let ended = tool(server, "shop")?.run(&two)?;
    same("the exit status for two hints", ended.status, USAGE)
}

fn has_a_user_asked_who_denies(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let ended = asked(server, "denying the tool", Decision::Deny)?;
    ended.failed(REFUSED, "error", "access_denied")
}

fn asked(server: &Server, user: &str, decision: Decision) -> Result<Ended, Failure> {
    let ask = [
        "ciba",
        "--scope",
        "openid api",
        "--login-hint",
        user,
        "--binding-message",
        "W4SCT",
    ];
    let mut running = tool(server, "shop")?.start(&ask)?;
    text(&running.line()?, "auth_req_id")?;
    Phone::at(server).decide(user, decision)?;
    running.finish(None)
}

/// The tool registers itself with the address at which it then listens.
fn is_pinged(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let address = Listener::bind()?.authority()?;
    let metadata = json!({
        "redirect_uris": [],
        "response_types": [],
        "grant_types": ["urn:openid:params:grant-type:ciba"],
        "backchannel_token_delivery_mode": "ping",
        // The server takes it for https, and calls it by http (see `notify` in backchannel.mjs).
        "backchannel_client_notification_endpoint": format!("https://{address}/notification"),
    });
    let metadata = metadata.to_string();
    let with_token = ["register", "--initial-access-token", INITIAL_ACCESS_TOKEN];
    let register = [&with_token[..], &["--metadata", &metadata]].concat();
    let registered = Tool::at(&server.issuer).result(&register)?;
    let client: Registration = serde_json::from_value(registered)?;
    let user = "pinged by the tool";
    let scope = ["--scope", "openid api", "--login-hint", user];
    let ask = [&["ciba", "--ping-listen", &address][..], &scope].concat();
    let mut running = Tool::of(server, &client).start(&ask)?;
    text(&running.line()?, "auth_req_id")?;
    Phone::at(server).decide(user, Decision::Allow)?;
    let ended = running.finish(None)?;
    let tokens = ended.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], user)?;
    let polls = ended.errors.matches("auth_req_id=").count();
    same("the polls", polls, 1)
}
