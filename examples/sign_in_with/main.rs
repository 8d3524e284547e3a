//! "Sign in with": three providers by the same handlers, one of OAuth 1.0a, one of OAuth 2.0, one of OpenID
//! Connect, and an account for each user.
//!
//! ```sh
//! cargo run --example sign_in_with --features reqwest             # signs in with each, and is its own user
//! cargo run --example sign_in_with --features reqwest -- --serve  # for a browser of yours
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::http::header::SET_COOKIE;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use oauth_proto::provider::record::Provider;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;

mod failed;
#[path = "../../tests/common/jose.rs"]
mod jose;
mod pages;
mod played;
mod providers;
mod sessions;
mod users;
#[path = "../support/visits.rs"]
mod visits;

use failed::Failed;
use sessions::Sessions;
use users::Users;

struct App {
    origin: String,
    providers: Vec<Provider>,
    http: reqwest::Client,
    sessions: Sessions,
    users: Users,
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login/{provider}", post(login))
        .route("/callback/{provider}", get(callback))
        .route("/account/{provider}", get(account))
        .with_state(app)
}

impl App {
    fn provider(&self, name: &str) -> Result<&Provider, Failed> {
        let found = self.providers.iter().find(|own| own.name() == name);
        found.ok_or(Failed::NotFound)
    }
}

async fn home(State(app): State<Arc<App>>) -> Html<String> {
    Html(pages::home(&app.providers))
}

/// By a form of ours alone: a page elsewhere that posts here does so without the session's cookie.
async fn login(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let provider = app.provider(&name)?;
    let login = provider.login(format!("{}/callback/{name}", app.origin))?;
    let redirect = reqwest::run(&app.http, login).await?;
    let cookie = app.sessions.keep(&headers, redirect.entry())?;
    let headers = [(LOCATION, redirect.url()), (SET_COOKIE, &cookie)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn callback(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failed> {
    let query = query.unwrap_or_default();
    let provider = app.provider(&name)?;
    let keys = app.sessions.keys(&headers);
    let key = provider.session_key_among(&query, keys.iter().map(String::as_str))?;
    let (began, entry) = app.sessions.take(&headers, &key).unzip(); // taken, whatever comes of it
    let arrival = provider.callback(now(), &query, entry)?;
    let signed_in = reqwest::run(&app.http, arrival).await??;
    // Whatever the application wants to know of a user who comes in, it can ask before the user is in.
    let api = signed_in.api(provider)?;
    let answer = reqwest::run(&app.http, api.call(api.get(""))).await?;
    println!("  {name} says {} bytes of its user", answer.body().len());
    let users = (began.flatten(), app.sessions.user(&headers));
    let user = app.users.welcome(users, signed_in, &api)?;
    let cookie = app.sessions.begin(&headers, user)?;
    let headers = [(LOCATION, format!("/account/{name}")), (SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Calls the provider's API as the user, with tokens that are renewed on the way.
async fn account(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Html<String>, Failed> {
    let provider = app.provider(&name)?;
    let user = app.sessions.user(&headers).ok_or(Failed::NotFound)?;
    let mut account = app.users.account(user, &name).ok_or(Failed::NotFound)?;
    let api = account.api(provider)?;
    let answer = reqwest::run(&app.http, api.call(api.get(""))).await?;
    if account.update(now(), &api) {
        app.users.keep(user, account.clone());
    }
    Ok(Html(pages::account(&account, answer.body())))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    played::run(std::env::args().any(|argument| argument == "--serve")).await
}
