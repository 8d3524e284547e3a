//! Who signed in (OpenID Connect Core 1.0): ID tokens in every flow, by every signature, and what was demanded of them.

use std::time::Duration;

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::implicit::ImplicitResponse;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::endpoint::response_type::ResponseType;
use oauth_proto::transport::now;
use serde_json::Value;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Ureq;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::keyring::SYMMETRIC;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::player::violated;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("identity_by_a_code", by_a_code),
    Scenario::new("identity_by_a_pushed_request", by_a_pushed_request),
    Scenario::new("identity_is_refreshed", is_refreshed),
    Scenario::new("identity_as_fresh_as_demanded", as_fresh_as_demanded),
    Scenario::new("identity_of_a_class", of_a_class),
    Scenario::new("identity_with_claims", with_claims),
    Scenario::new("identity_of_another_sign_in", of_another_sign_in),
    Scenario::new("identity_hybrid", hybrid),
    Scenario::new("identity_implicit", implicit),
    Scenario::new("identity_at_logout", at_logout),
    Scenario::new("identity_by_rs", |stage| by_algorithms(stage, "RS")),
    Scenario::new("identity_by_ps", |stage| by_algorithms(stage, "PS")),
    Scenario::new("identity_by_es", |stage| by_algorithms(stage, "ES")),
    Scenario::new("identity_by_ed", |stage| by_algorithms(stage, "Ed")),
    Scenario::new("identity_by_the_secret", by_the_secret),
    Scenario::new("identity_by_another_algorithm", by_another_algorithm),
];

/// An application with a secret, and with these members besides.
fn player<'a>(stage: &'a Stage, adapter: Adapter, members: Value) -> Result<Player<'a>, Failure> {
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
    let client = applicant.client()?;
    applicant.play(client)
}

fn openid() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new(["openid", "email"])
}

fn by_a_code(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, json!({}))?;
        let signed_in = player.signed_in(openid())?;
        let id_token = present("an ID token", signed_in.id_token())?;
        same("iss", id_token.iss(), &*player.server.issuer)?;
        same("sub", id_token.sub(), "ada")?;
        same("aud", id_token.aud(), [player.client.client_id()])?;
        let left = id_token.exp().since(now());
        same(
            "it is good for a while",
            left > Duration::from_secs(60),
            true,
        )?;
        same("findings", signed_in.findings().count(), 0)?;

        let userinfo = present("userinfo", signed_in.userinfo())?;
        same("sub", userinfo.sub(), "ada")?;
        let email: Option<String> = userinfo.member("email")?;
        same("email", email.as_deref(), Some("ada@user.example"))?;
    }
    Ok(())
}

fn by_a_pushed_request(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, json!({}))?;
        let came_back = player.push(&mut User::new("ada"), openid())?;
        let signed_in = player.resume(came_back)?;
        same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    }
    Ok(())
}

/// The second ID token is held to the first, by a process that had both from a store.
fn is_refreshed(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        // No two signatures of this kind are alike.
        let members = json!({ "id_token_signed_response_alg": "ES256" });
        let player = player(stage, adapter, members)?;
        let first = player.sign_in(openid())?;
        let first: Tokens = serde_json::from_str(&serde_json::to_string(&first)?)?;
        let second = player.run(player.client.refresh(&first)?)?;
        let (old, new) = (first.id_token(), second.id_token());
        let new = present("another ID token", new.filter(|new| old != Some(new)))?;
        same("sub", new.sub(), "ada")?;
        player.run(player.client.userinfo(&second)?)?;
        let third = player.run(player.client.refresh(&second)?)?;
        same("sub", third.id_token().map(|it| it.sub()), Some("ada"))?;
    }
    Ok(())
}

fn as_fresh_as_demanded(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Ureq, json!({}))?;
    let signed_in = player.signed_in(openid().max_age(Duration::from_secs(60)))?;
    let id_token = present("an ID token", signed_in.id_token())?;
    let age = now().since(present("auth_time", id_token.auth_time())?);
    same("it is fresh", age <= Duration::from_secs(60), true)?;

    // Not asked for, and not there.
    let signed_in = player.signed_in(openid())?;
    let id_token = present("an ID token", signed_in.id_token())?;
    same("auth_time", id_token.auth_time(), None)
}

fn of_a_class(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Ureq, json!({}))?;
    let essential = |class: &str| {
        let acr = json!({ "essential": true, "values": [class] });
        openid().claims(&json!({ "id_token": { "acr": acr } }))
    };
    for request in [openid().acr_values("gold bronze"), essential("gold")] {
        let signed_in = player.signed_in(request)?;
        let id_token = present("an ID token", signed_in.id_token())?;
        same("acr", id_token.acr().as_deref(), Some("gold"))?;
        same("findings", signed_in.findings().count(), 0)?;
    }
    Ok(())
}

fn with_claims(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Ureq, json!({}))?;
    let claims = json!({
        "id_token": { "email": { "essential": true }, "auth_time": null },
        "userinfo": { "name": null },
    });
    let signed_in = player.signed_in(AuthorizationRequest::new("openid").claims(&claims))?;
    let id_token = present("an ID token", signed_in.id_token())?;
    let email: Option<String> = id_token.claim("email")?;
    same("email", email.as_deref(), Some("ada@user.example"))?;
    present("auth_time", id_token.auth_time())?;
    let userinfo = present("userinfo", signed_in.userinfo())?;
    let name: Option<String> = userinfo.member("name")?;
    same("name", name.as_deref(), Some("Name of ada"))?;

    // This user and no other: the server holds to it, too.
    for (sub, is_this_one) in [("ada", true), ("bob", false)] {
        let claims = json!({ "id_token": { "sub": { "value": sub } } });
        let request = AuthorizationRequest::new("openid")
            .claims(&claims)
            .prompt("login");
        let outcome = player.signed_in(request);
        same(sub, outcome.is_ok(), is_this_one)?;
    }
    Ok(())
}

/// The code of one sign-in, brought to another: the nonce is not that of its ID token.
fn of_another_sign_in(stage: &Stage) -> Result<(), Failure> {
    let player = player(stage, Ureq, json!({}))?;
    let (pending, callback) = player.visit(&mut User::new("ada"), openid())?;
    let mut stored = serde_json::to_value(&pending)?;
    present("a nonce", stored["nonce"].as_str())?;
    stored["nonce"] = "another".into();
    let pending = serde_json::from_value(stored)?;
    let flow = player.client.resume(now(), pending, &callback)?;
    violated("the nonce", player.run(flow), "ID-TOKEN-NONCE")
}

const EVERYTHING: [ResponseType; 6] = [
    ResponseType::Code,
    ResponseType::CodeIdToken,
    ResponseType::CodeToken,
    ResponseType::CodeIdTokenToken,
    ResponseType::IdToken,
    ResponseType::IdTokenToken,
];

fn of_every_response_type() -> Value {
    json!({
        "response_types": EVERYTHING.map(ResponseType::as_str),
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
    })
}

fn hybrid(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, of_every_response_type())?;
        for response_type in EVERYTHING.into_iter().filter(|it| it.has_code()) {
            for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
                let request = asking(response_type).response_mode(mode);
                let what = format!("{} by {}", response_type.as_str(), mode.as_str());
                about(what, signs_in(&player, request, response_type))?;
            }
        }
    }
    Ok(())
}

fn signs_in(
    player: &Player<'_>,
    request: AuthorizationRequest<'_>,
    response_type: ResponseType,
) -> Result<(), Failure> {
    let signed_in = player.signed_in(request)?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    present("userinfo", signed_in.userinfo())?;
    let beside = signed_in.front_channel_tokens();
    same(
        "an access token beside",
        beside.is_some(),
        response_type.has_token(),
    )?;
    if let Some(beside) = beside {
        let me = player.me(beside, &player.api)?;
        same("the user of the token beside", &me["sub"], "ada")?;
    }
    Ok(())
}

/// A token in the browser's hands is asked for by a name that says so. It is for the API.
fn asking(response_type: ResponseType) -> AuthorizationRequest<'static> {
    let request = AuthorizationRequest::new(["openid", "email", "api"]);
    if response_type.has_token() {
        request.danger_response_type(response_type)
    } else {
        request.response_type(response_type)
    }
}

fn implicit(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = player(stage, adapter, of_every_response_type())?;
        for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
            let request = asking(ResponseType::IdToken).response_mode(mode);
            let response = implicitly(&player, request)?;
            let id_token = present("an ID token", response.id_token())?;
            same("sub", id_token.sub(), "ada")?;
            same("tokens", response.tokens().is_some(), false)?;
            let email: Option<String> = id_token.claim("email")?;
            same("email", email.as_deref(), Some("ada@user.example"))?;

            let request = asking(ResponseType::IdTokenToken).response_mode(mode);
            let response = implicitly(&player, request)?;
            let tokens = present("tokens", response.tokens())?;
            let me = player.me(tokens, &player.api)?;
            same("the API's user", &me["sub"], "ada")?;
        }
    }
    Ok(())
}

fn implicitly(
    player: &Player<'_>,
    request: AuthorizationRequest<'_>,
) -> Result<ImplicitResponse, Failure> {
    let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
    Ok(player.run(player.client.resume_implicit(pending, &callback)?)?)
}

/// The ID token is a hint: who is to be logged out, and who is to be signed in without a word.
fn at_logout(stage: &Stage) -> Result<(), Failure> {
    const GOODBYE: &str = "https://client.example/bye";
    let members = json!({ "post_logout_redirect_uris": [GOODBYE] });
    let player = player(stage, Ureq, members)?;
    let mut user = User::new("ada");
    let came_back = player.visit(&mut user, openid())?;
    let signed_in = player.resume(came_back)?;
    let hint = present("an ID token", signed_in.id_token())?
        .text()
        .expose();

    let silent = || openid().prompt("none").id_token_hint(hint);
    let came_back = player.visit(&mut user, silent())?;
    let again = player.resume(came_back)?;
    same("sub", again.id_token().map(|it| it.sub()), Some("ada"))?;

    let request = LogoutRequest::new()
        .id_token_hint(hint)
        .post_logout_redirect_uri(GOODBYE);
    let (url, pending) = player.client.logout(&request)?;
    match pending.returned(&user.visit(url.as_str(), GOODBYE)?.url()?) {
        LogoutReturn::Answered => {}
        other => return fail(format!("expected an answer, found {other:?}")),
    }
    let (pending, callback) = player.visit(&mut user, silent())?;
    match player.client.resume(now(), pending, &callback) {
        Err(Error::Refused(refusal)) => {
            same("the code", refusal.code(), Some(&ErrorCode::LoginRequired))
        }
        other => fail(format!("expected login_required, found {other:?}")),
    }
}

fn by_algorithms(stage: &Stage, family: &str) -> Result<(), Failure> {
    for algorithm in keyring::asymmetric(stage, family)? {
        about(algorithm, by(stage, algorithm))?;
    }
    Ok(())
}

/// The client secret has 64 bytes at least.
fn by_the_secret(stage: &Stage) -> Result<(), Failure> {
    for algorithm in SYMMETRIC {
        about(algorithm, by(stage, algorithm))?;
    }
    Ok(())
}

/// With every hash in it that there can be.
fn by(stage: &Stage, algorithm: Algorithm) -> Result<(), Failure> {
    let mut members = of_every_response_type();
    members["id_token_signed_response_alg"] = algorithm.as_str().into();
    let mut player = player(stage, Ureq, members)?;
    let algorithms = ResponseAlgorithms::new().signed(Answer::IdToken, algorithm);
    player.client = player.client.with_response_algorithms(algorithms);
    let response_type = ResponseType::CodeIdTokenToken;
    signs_in(&player, asking(response_type), response_type)
}

/// The server signs as the client is registered, which is not what the client was told.
fn by_another_algorithm(stage: &Stage) -> Result<(), Failure> {
    let mut player = player(
        stage,
        Ureq,
        json!({ "id_token_signed_response_alg": "ES256" }),
    )?;
    let algorithms = ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::Rs256);
    player.client = player.client.with_response_algorithms(algorithms);
    let (pending, callback) = player.visit(&mut User::new("ada"), openid())?;
    let flow = player.client.resume(now(), pending, &callback)?;
    violated("the algorithm", player.run(flow), "JWT-ALG")
}
