//! Logout at the provider (OpenID Connect RP-Initiated Logout 1.0), and the user's return.

use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::same;
use crate::player::OIDC_PROVIDER;
use crate::player::Player;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::tool::Tool;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("logout_ends_the_session", ends_the_session),
    Scenario::new("logout_by_the_tool", by_the_tool),
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
