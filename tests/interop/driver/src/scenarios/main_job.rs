//! The main job, with the crate, over both adapters: discover, send the user, validate what comes back, redeem, refresh,
//! call an API; and what must stop it.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Reqwest;
use crate::adapter::Adapter::Ureq;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::Landing;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("main_job_public_ureq", |stage| {
        main_job(stage, Ureq, "public")
    }),
    Scenario::new("main_job_public_reqwest", |stage| {
        main_job(stage, Reqwest, "public")
    }),
    Scenario::new("main_job_basic_ureq", |stage| {
        main_job(stage, Ureq, "basic")
    }),
    Scenario::new("main_job_basic_reqwest", |stage| {
        main_job(stage, Reqwest, "basic")
    }),
    Scenario::new("main_job_basic_utf8_ureq", |stage| {
        main_job(stage, Ureq, "basic_utf8")
    }),
    Scenario::new("main_job_basic_utf8_reqwest", |stage| {
        main_job(stage, Reqwest, "basic_utf8")
    }),
    Scenario::new("main_job_post_ureq", |stage| main_job(stage, Ureq, "post")),
    Scenario::new("main_job_post_reqwest", |stage| {
        main_job(stage, Reqwest, "post")
    }),
    Scenario::new("response_modes", response_modes),
    Scenario::new(
        "a_used_refresh_token_is_refused",
        a_used_refresh_token_is_refused,
    ),
    Scenario::new("an_error_callback", an_error_callback),
    Scenario::new(
        "another_issuer_in_the_callback",
        another_issuer_in_the_callback,
    ),
    Scenario::new("another_verifier", another_verifier),
    Scenario::new("a_code_twice", a_code_twice),
    Scenario::new("a_token_of_another_api", a_token_of_another_api),
    Scenario::new("nobody_answers", nobody_answers),
];

/// One client of the crate at the server, and the adapter that it speaks through.
struct Player {
    adapter: Adapter,
    client: Client,
    api: String,
}

impl Player {
    fn new(stage: &Stage, adapter: Adapter, name: &str) -> Result<Self, Failure> {
        let server = stage.server("oidc_provider")?;
        let registration = server.client(name)?;
        let secret = registration.client_secret.as_deref();
        let authentication = match (registration.token_endpoint_auth_method.as_str(), secret) {
            ("none", None) => Authentication::None,
            ("client_secret_basic", Some(secret)) => Authentication::client_secret_basic(secret),
            ("client_secret_post", Some(secret)) => Authentication::client_secret_post(secret),
            (method, _) => return fail(format!("no authentication for {method}")),
        };
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = adapter.run(Discover::with_policy(&server.issuer, policy)?)?;
        same("iss is promised", metadata.sends_iss(), true)?;
        let client = Client::new(metadata, &*registration.client_id, authentication)?
            .with_redirect_uri(registration.redirect_uri()?)?;
        Ok(Self {
            adapter,
            client,
            api: server.api()?,
        })
    }

    /// Sends this user, and gives what the browser brings back.
    fn visit(
        &self,
        user: &mut User,
        request: AuthorizationRequest<'_>,
    ) -> Result<(Pending, String), Failure> {
        let (url, pending) = self.client.authorize(now(), request)?;
        let landing = user.visit(url.as_str(), pending.redirect_uri())?;
        Ok((
            pending,
            match landing {
                Landing::Redirect(text) | Landing::FormPost(text) => text,
            },
        ))
    }

    fn sign_in(&self) -> Result<Tokens, Failure> {
        let request = AuthorizationRequest::new(["api", "offline_access"]);
        let (pending, callback) = self.visit(&mut User::new("ada"), request)?;
        // Stored, and taken up by another process.
        let pending = serde_json::from_str(&serde_json::to_string(&pending)?)?;
        let flow = self.client.resume(now(), pending, &callback)?;
        Ok(self.adapter.run(flow)?.into_tokens())
    }

    fn call(&self, tokens: &Tokens, url: &str) -> Result<http::Response<Vec<u8>>, Failure> {
        let request = http::Request::get(url).body(Vec::new())?;
        Ok(self.adapter.run(self.client.call(tokens, request))?)
    }
}

fn main_job(stage: &Stage, adapter: Adapter, client: &str) -> Result<(), Failure> {
    let player = Player::new(stage, adapter, client)?;
    let first = player.sign_in()?;
    same("granted", first.scope().contains("api"), true)?;
    let me: serde_json::Value = serde_json::from_slice(player.call(&first, &player.api)?.body())?;
    same(
        "the API knows the client",
        me["client_id"].as_str(),
        Some(player.client.client_id()),
    )?;

    let second = player.adapter.run(player.client.refresh(&first)?)?;
    let (old, new) = (first.refresh_token(), second.refresh_token());
    same("a refresh token came", new.is_some(), true)?;
    same("it is another one", old == new, false)?;
    same(
        "status",
        player.call(&second, &player.api)?.status(),
        http::StatusCode::OK,
    )?;

    let third = player.adapter.run(player.client.refresh(&second)?)?;
    same(
        "the rotated one is good",
        third.refresh_token() == new,
        false,
    )
}

fn response_modes(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    for mode in [
        ResponseMode::Query,
        ResponseMode::Fragment,
        ResponseMode::FormPost,
    ] {
        let request = AuthorizationRequest::new(["api"]).response_mode(mode);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let flow = player.client.resume(now(), pending, &callback)?;
        player.adapter.run(flow)?;
    }
    Ok(())
}

fn a_used_refresh_token_is_refused(stage: &Stage) -> Result<(), Failure> {
    for adapter in [Ureq, Reqwest] {
        let player = Player::new(stage, adapter, "basic")?;
        let first = player.sign_in()?;
        player.adapter.run(player.client.refresh(&first)?)?;
        let again = player.adapter.run(player.client.refresh(&first)?);
        refused("the used token", again, &ErrorCode::InvalidGrant)?;
    }
    Ok(())
}

fn an_error_callback(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    let request = AuthorizationRequest::new(["api"]);
    let (pending, callback) = player.visit(&mut User::new("ada").denying(), request)?;
    match player.client.resume(now(), pending, &callback) {
        Err(Error::Refused(refusal)) => {
            same("the code", refusal.code(), Some(&ErrorCode::AccessDenied))
        }
        other => fail(format!("expected access_denied, found {other:?}")),
    }
}

fn another_issuer_in_the_callback(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "public")?;
    for (change, id) in [
        ("&iss=https%3A%2F%2Fevil.example", "CALLBACK-ISS"),
        ("", "CALLBACK-ISS-MISSING"),
    ] {
        let request = AuthorizationRequest::new(["api"]);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let (start, _) = present("iss", callback.split_once("&iss="))?;
        let result = player
            .client
            .resume(now(), pending, &format!("{start}{change}"));
        let check = result.err().and_then(|error| error.check());
        same("the verdict", check.map(|check| check.id()), Some(id))?;
    }
    Ok(())
}

fn another_verifier(stage: &Stage) -> Result<(), Failure> {
    for adapter in [Ureq, Reqwest] {
        let player = Player::new(stage, adapter, "public")?;
        let request = AuthorizationRequest::new(["api"]);
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let mut stored = serde_json::to_value(&pending)?;
        stored["verifier"] = "x".repeat(43).into();
        let flow = player
            .client
            .resume(now(), serde_json::from_value(stored)?, &callback)?;
        refused(
            "another verifier",
            player.adapter.run(flow),
            &ErrorCode::InvalidGrant,
        )?;
    }
    Ok(())
}

fn a_code_twice(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Ureq, "post")?;
    let request = AuthorizationRequest::new(["api"]);
    let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
    let copy = serde_json::from_value(serde_json::to_value(&pending)?)?;
    player
        .adapter
        .run(player.client.resume(now(), pending, &callback)?)?;
    let again = player
        .adapter
        .run(player.client.resume(now(), copy, &callback)?);
    refused("the code", again, &ErrorCode::InvalidGrant)
}

fn a_token_of_another_api(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Reqwest, "public")?;
    let brief = present(
        "a second API",
        stage.server("oidc_provider")?.resources.get(1),
    )?;
    let tokens = player.sign_in()?;
    let request = http::Request::get(format!("{brief}/me")).body(Vec::new())?;
    let result = player.adapter.run(player.client.call(&tokens, request));
    refused("the token", result, &ErrorCode::InvalidToken)
}

fn nobody_answers(stage: &Stage) -> Result<(), Failure> {
    stage.server("oidc_provider")?;
    let policy = UriPolicy::danger_http_on_loopback();
    for adapter in [Ureq, Reqwest] {
        let flow = Discover::with_policy("http://127.0.0.1:1", policy)?;
        match adapter.run(flow) {
            Err(DriveError::Transport(_)) => {}
            other => return fail(format!("{adapter}: expected no answer, found {other:?}")),
        }
    }
    Ok(())
}

fn refused<T: std::fmt::Debug, E: std::fmt::Debug>(
    what: &str,
    result: Result<T, DriveError<E>>,
    code: &ErrorCode,
) -> Result<(), Failure> {
    match result {
        Err(DriveError::Protocol(Error::Refused(refusal))) => {
            same(what, refusal.code(), Some(code))
        }
        other => fail(format!("{what}: expected {code}, found {other:?}")),
    }
}
