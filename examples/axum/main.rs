//! A web application on axum: the pending value lies in a server-side session, under its state, so
//! that two sign-ins in two tabs do not disturb each other.
//!
//! ```sh
//! cargo run --example axum --features reqwest             # two tabs, finished in reverse order
//! cargo run --example axum --features reqwest -- --serve  # for a browser of yours
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;

#[path = "../support/failed.rs"]
mod failed;
#[path = "../support/sessions.rs"]
mod sessions;
mod tabs;
#[path = "../support/visits.rs"]
mod visits;

use failed::Failed;
use sessions::Sessions;

struct App {
    client: Client,
    http: reqwest::Client,
    sessions: Sessions,
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/login", get(login))
        .route("/callback", get(callback))
        .with_state(app)
}

async fn login(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failed> {
    let (url, pending) = app.client.authorize(now(), ["mail"])?;
    let cookie = app.sessions.keep(&headers, pending.state(), &pending)?;
    let headers = [(LOCATION, url.into()), (SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<String, Failed> {
    let query = query.unwrap_or_default();
    let callback = Callback::parse(&query)?;
    let pending = app.sessions.take(&headers, callback.state())?; // taken: used once
    let flow = app.client.resume(now(), pending, &query)?;
    let signed_in = reqwest::run(&app.http, flow).await?;
    Ok(format!("signed in for `{}`", signed_in.tokens().scope()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tabs::run(std::env::args().any(|argument| argument == "--serve")).await
}
