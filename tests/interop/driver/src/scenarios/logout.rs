//! Logout at the provider (OpenID Connect RP-Initiated Logout 1.0), the user's return, and what the provider tells the
//! application of it (OpenID Connect Back-Channel Logout 1.0).

use std::thread;

use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::endpoint::logout_token;
use oauth_proto::endpoint::replay_window::ReplayWindow;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::now;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::listener::Listener;
use crate::player::OIDC_PROVIDER;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::tool::Tool;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("logout_ends_the_session", ends_the_session),
    Scenario::new("logout_by_the_tool", by_the_tool),
    Scenario::new("logout_by_the_back_channel", by_the_back_channel),
];

const GOODBYE: &str = "https://app.example/bye";

fn ends_the_session(stage: &Stage) -> Result<(), Failure> {
    let player = Player::new(stage, Adapter::Ureq, "basic")?;
    let mut user = User::new("ada");
    player.visit(&mut user, AuthorizationRequest::new(["api"]))?;

    let request = LogoutRequest::new().post_logout_redirect_uri(GOODBYE);
    let (url, pending) = player.client.logout(&request)?;
    let back = user.visit(url.as_str(), GOODBYE)?.url()?;
    match pending.returned(&back) {
        LogoutReturn::Answered => {}
        other => return fail(format!("expected an answer, found {other:?}")),
    }

    let silent = AuthorizationRequest::new(["api"]).prompt("none");
    let (pending, callback) = player.visit(&mut user, silent)?;
    match player.client.resume(now(), pending, &callback) {
        Err(Error::Refused(refusal)) => same(
            "the code",
            refusal.code().map(|code| code.as_str()),
            Some("login_required"),
        ),
        other => fail(format!("expected login_required, found {other:?}")),
    }
}

fn by_the_tool(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    let tool = Tool::of(server, server.client("basic")?);
    let line = tool.result(&["logout-url", "--post-logout-redirect-uri", GOODBYE])?;
    let url = line["logout_url"].as_str().unwrap_or_default();
    let back = User::new("ada").visit(url, GOODBYE)?.url()?;
    let state = line["state"].as_str().unwrap_or_default();
    same("where it ends", back, format!("{GOODBYE}?state={state}"))
}

/// The server tells the application, with a token, that the user has logged out; a second time it is old news.
fn by_the_back_channel(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let listener = Listener::bind()?;
        // The server takes it for https, and calls it by http (see `notify` in backchannel.mjs).
        let members = json!({
            "backchannel_logout_uri": format!("https://{}/logout", listener.authority()?),
            "backchannel_logout_session_required": true,
            "post_logout_redirect_uris": [GOODBYE],
        });
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
        let client = applicant.client()?;
        let player = applicant.play(client)?;
        let mut user = User::new("ada");
        let came_back = player.visit(&mut user, AuthorizationRequest::new("openid"))?;
        let signed_in = player.resume(came_back)?;
        let id_token = present("an ID token", signed_in.id_token())?;
        let hint = id_token.text().expose();
        let request = LogoutRequest::new()
            .id_token_hint(hint)
            .post_logout_redirect_uri(GOODBYE);
        let (url, _) = player.client.logout(&request)?;

        let (told, is_refused_again) = thread::scope(|scope| {
            let leaving = scope.spawn(|| user.visit(url.as_str(), GOODBYE));
            let heard = listener.receive(|request| {
                let mut seen = ReplayWindow::new();
                let outcome = match player.run(player.client.back_channel_logout(request.clone())) {
                    Ok(told) => seen.take(now(), &told).map(|()| told),
                    Err(DriveError::Protocol(error)) => Err(error),
                    Err(DriveError::Transport(failure)) => panic!("no keys: {failure}"),
                };
                let is_old = |told| seen.take(now(), told).is_err();
                let is_refused_again = outcome.as_ref().is_ok_and(is_old);
                (
                    logout_token::answer(&outcome),
                    outcome.map(|told| (told, is_refused_again)),
                )
            })?;
            match leaving.join() {
                Ok(left) => drop(left?),
                Err(_) => return fail("the browser panicked"),
            }
            Ok(heard?)
        })?;
        same("iss", told.iss(), &*player.server.issuer)?;
        same("sub", told.sub(), Some("ada"))?;
        same("sid", told.sid(), id_token.sid().as_deref())?;
        same("it is refused a second time", is_refused_again, true)?;
    }
    Ok(())
}
