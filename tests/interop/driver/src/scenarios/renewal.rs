//! Tokens renewed over a store that several share, at a server that rotates refresh tokens and ends a grant when an old
//! one comes again (RFC 9700, section 4.14.2).

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use oauth_proto::transport::ureq;
use tokio::runtime;
use tokio::task::JoinSet;

use crate::adapter::Adapter;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Stage;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("brief_tokens_renewed", renewed),
    Scenario::new("hundred_callers_one_refresh", hundred_callers),
];

/// Where tokens live for ten minutes, and where for two seconds.
const LASTING: usize = 0;
const BRIEF: usize = 2;

/// A player, and the tokens of a user for one of the APIs.
fn signed_in(
    stage: &Stage,
    adapter: Adapter,
    api: usize,
) -> Result<(Player<'_>, String, Tokens), Failure> {
    let player = Player::new(stage, adapter, "basic")?;
    let resource = present("an API", player.server.resources.get(api))?;
    let request = AuthorizationRequest::new(["api"]).resource(resource);
    let tokens = player.sign_in(request)?;
    let api = format!("{resource}/me");
    Ok((player, api, tokens))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tokens live by the clock of the server"
)]
fn renewed(stage: &Stage) -> Result<(), Failure> {
    let (player, api, first) = signed_in(stage, Adapter::Ureq, BRIEF)?;
    let agent = ureq::agent();
    let key = Key::new(&player.client, "renewed");
    let mut store = MemoryStore::new();
    let Ok(()) = store.sign_in(now(), &key, first.clone());
    let mut renew = || {
        let refresh = Refresh::new(&player.client, &key, Renewal::refresh_token());
        let Ok(outcome) = ureq::refresh(&agent, refresh, &mut store);
        outcome
    };

    let mut seen = vec![first.clone()];
    while seen.len() < 4 {
        let outcome = renew();
        let Outcome::Fresh(tokens) = outcome else {
            return fail(format!("renewal {}: {outcome:?}", seen.len()));
        };
        player.me(&tokens, &api)?;
        if seen.last() != Some(&tokens) {
            let is_rotated = seen
                .iter()
                .all(|it| it.refresh_token() != tokens.refresh_token());
            same("another refresh token", is_rotated, true)?;
            seen.push(tokens);
        }
        thread::sleep(Duration::from_millis(700));
    }

    // Somebody has the first refresh token, and uses it.
    let result = player.run(player.client.refresh(&first)?);
    refused("the old token", result, &ErrorCode::InvalidGrant)?;
    thread::sleep(Duration::from_secs(2));
    // Told by the server, then remembered.
    for _ in 0..2 {
        let outcome = renew();
        let is_over = matches!(&outcome, Outcome::Permanent(reason) if reason.needs_sign_in());
        same("the user signs in again", is_over, true)?;
    }

    let (_, _, again) = signed_in(stage, Adapter::Ureq, BRIEF)?;
    let Ok(()) = store.sign_in(now(), &key, again);
    let refresh = Refresh::new(&player.client, &key, Renewal::refresh_token());
    let Ok(outcome) = ureq::refresh(&agent, refresh, &mut store);
    same("signed in", matches!(outcome, Outcome::Fresh(_)), true)
}

/// All of them were told by the API that the token is no good. What they get in its place must outlast them: whole
/// seconds are counted, so that a token of two may be used for less than one.
fn hundred_callers(stage: &Stage) -> Result<(), Failure> {
    let (player, api, first) = signed_in(stage, Adapter::Reqwest, LASTING)?;
    let key = Key::new(&player.client, "hundred");
    let mut store = MemoryStore::new();
    let Ok(()) = store.sign_in(now(), &key, first.clone());
    let store = Arc::new(Mutex::new(store));
    let requests = Arc::new(AtomicUsize::new(0));
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcomes: Vec<Outcome> = runtime.block_on(async {
        let http = reqwest::client()?;
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let refresh = Refresh::new(&player.client, &key, Renewal::refresh_token());
            let refresh = refresh.rejected(&first);
            let (http, store, requests) = (http.clone(), store.clone(), requests.clone());
            tasks.spawn(async move {
                let send = |request: Request| {
                    requests.fetch_add(1, Ordering::SeqCst);
                    http.send(request.into_http())
                };
                let Ok(outcome) =
                    drive::asynchronous(refresh, &*store, now, send, tokio::time::sleep).await;
                outcome
            });
        }
        Ok::<_, Failure>(tasks.join_all().await)
    })?;
    same("requests", requests.load(Ordering::SeqCst), 1)?;
    let tokens = present("an outcome", outcomes.first())?.tokens();
    for outcome in &outcomes {
        same("fresh", matches!(outcome, Outcome::Fresh(_)), true)?;
        same("the same tokens", outcome.tokens() == tokens, true)?;
    }
    // Had a second one gone out with the same token, the grant would be gone.
    let tokens = present("tokens", tokens)?;
    player.me(tokens, &api)?;
    player.run(player.client.refresh(tokens)?)?;
    Ok(())
}
