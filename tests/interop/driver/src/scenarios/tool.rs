//! The command-line tool at both servers: every command, its JSON lines and its exit statuses.

use serde_json::Value;
use url::Url;

use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::hand::Hand;
use crate::hand::parameter;
use crate::hand::text;
use crate::listener::Listener;
use crate::phone::Decision;
use crate::phone::Phone;
use crate::player::AUTHLIB;
use crate::player::OIDC_PROVIDER;
use crate::scenarios::Scenario;
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
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tool_discovers_oidc_provider", |stage| {
        discovers(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_discovers_authlib", |stage| discovers(stage, AUTHLIB)),
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
    Scenario::new("tool_gets_its_own_tokens_of_oidc_provider", |stage| {
        gets_its_own(stage, OIDC_PROVIDER)
    }),
    Scenario::new("tool_gets_its_own_tokens_of_authlib", |stage| {
        gets_its_own(stage, AUTHLIB)
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
    Scenario::new(
        "tool_registers_at_oidc_provider",
        registers_at_oidc_provider,
    ),
    Scenario::new("tool_registers_at_authlib", registers_at_authlib),
    Scenario::new("tool_pushes_to_oidc_provider", pushes),
    Scenario::new("tool_has_a_user_asked", has_a_user_asked),
    Scenario::new("tool_uses_a_password", uses_a_password),
    Scenario::new("tool_uses_an_assertion", uses_an_assertion),
    Scenario::new("tool_fails_as_it_says", fails_as_it_says),
];

fn tool<'a>(server: &'a Server, client: &str) -> Result<Tool<'a>, Failure> {
    Ok(Tool::of(server, server.client(client)?))
}

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

fn is_denied(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    let ended = reading(server, "basic", User::new("ada").denying(), |callback| {
        callback
    })?;
    ended.failed(REFUSED, "error", "access_denied")
}

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

fn call(server: &Server, token: &str) -> Result<Ended, Failure> {
    Tool::at(&server.issuer).run(&["call", "--token", token, &server.api()?])
}

/// What the API says of the user, called by the tool.
fn me(server: &Server, tokens: &Value) -> Result<Value, Failure> {
    let answer = call(server, text(tokens, "access_token")?)?.result()?;
    same("the status", answer["status"].as_u64(), Some(200))?;
    Ok(answer["body"].clone())
}

fn calls(stage: &Stage, name: &str) -> Result<(), Failure> {
    let server = stage.server(name)?;
    call(server, "never-issued")?.failed(REFUSED, "error", "invalid_token")?;
    let tokens = listening(server, &["--scope", "api:write"])?.result()?;
    same("the method", &me(server, &tokens)?["method"], "GET")
}

/// The tool asks for no `openid` while the crate verifies no ID token, and this server tells of its users to nobody
/// else: the token is got by hand.
fn asks_oidc_provider_who_it_is(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let tokens = Hand::new(stage, "basic")?.sign_in(&[("scope", "openid email")])?;
    who_it_is(server, text(&tokens, "access_token")?, "ann")?;
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

fn registers_at_oidc_provider(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    register(server, &["--initial-access-token", "wrong"])?.failed(
        REFUSED,
        "error",
        "invalid_token",
    )?;
    let first = register(server, &[])?.result()?;
    let second = managed_as(
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
    let second = managed_as(
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
fn managed_as(server: &Server, first: &Value, options: &[&str]) -> Result<Value, Failure> {
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

fn has_a_user_asked(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let shop = tool(server, "shop")?;
    let user = "asked by the tool";
    let ask = [
        "ciba",
        "--scope",
        "api",
        "--login-hint",
        user,
        "--binding-message",
        "W4SCT",
    ];
    for decision in [Decision::Allow, Decision::Deny] {
        let mut running = shop.start(&ask)?;
        text(&running.line()?, "auth_req_id")?;
        Phone::at(server).decide(user, decision)?;
        let ended = running.finish(None)?;
        match decision {
            Decision::Allow => same(
                "the API's user",
                &me(server, &ended.result()?)?["sub"],
                user,
            )?,
            Decision::Deny => ended.failed(REFUSED, "error", "access_denied")?,
        }
    }
    let unknown = shop.run(&["ciba", "--scope", "api", "--login-hint", "nobody"])?;
    unknown.failed(REFUSED, "error", "unknown_user_id")?;
    let two = [
        "ciba",
        "--scope",
        "api",
        "--login-hint",
        "a",
        "--login-hint-token",
        "b",
    ];
    same(
        "the exit status for two hints",
        shop.run(&two)?.status,
        USAGE,
    )
}

fn uses_a_password(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(AUTHLIB)?;
    let service = tool(server, "service")?;
    let good = [
        "password",
        "--username",
        "ada",
        "--password-file",
        "-",
        "--scope",
        "api",
    ];
    let tokens = service.start(&good)?.finish(Some("ada"))?.result()?;
    same("the API's user", &me(server, &tokens)?["sub"], "ada")?;
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

fn fails_as_it_says(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let ended = Tool::at("http://127.0.0.1:1").run(&["discover"])?;
    same("the exit status without a server", ended.status, NO_ANSWER)?;
    let ended = Tool::at(&server.issuer).run(&["client-credentials"])?;
    same("the exit status without a client", ended.status, USAGE)?;
    let verbose = ["client-credentials", "--scope", "api", "--verbose"];
    let ended = tool(server, "service")?.run(&verbose)?;
    let tokens = ended.result()?;
    let secret = present(
        "the secret",
        server.client("service")?.client_secret.as_deref(),
    )?;
    for hidden in [secret, text(&tokens, "access_token")?] {
        same(
            "a secret in the conversation",
            ended.errors.contains(hidden),
            false,
        )?;
    }
    same(
        "the conversation",
        ended.errors.contains("grant_type=client_credentials"),
        true,
    )
}
