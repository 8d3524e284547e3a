//! The async adapter, over [reqwest](https://docs.rs/reqwest).
//!
//! It keeps [the contract](crate::transport). Like reqwest, it needs a Tokio runtime with its I/O and
//! time drivers on, and panics without. The runtime should go on between two requests: one that stands
//! still does not notice that a server has closed an idle connection.
//!
//! # A caller that goes away
//!
//! A future that is dropped (a `select!`, a timeout, a web handler whose browser hangs up) stops what it does. Where
//! that is a refresh whose request has left, its answer has the only refresh token that works from then on.
//!
//! | Function | Dropped |
//! | --- | --- |
//! | [`run`], [`refresh`] | stops at once: for callers that stay |
//! | [`call`], [`call_shared`] | stops the call; a refresh goes on, and its tokens are kept |
//! | [`run_detached`], [`refresh_detached`] | stops nothing |
//!
//! What goes on is a task of its own on the same runtime, and ends early only with it: a runtime is shut down when its
//! refreshes are over.

use std::future::Future;
use std::future::ready;
use std::ops::ControlFlow;
use std::panic;

use http::Response;

use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::endpoint::request;
use crate::flow::Flow;
use crate::flow::Step;
use crate::flow::drive;
use crate::flow::drive::DriveError;
use crate::lease;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Setback;
use crate::lease::refresh::Refresh;
use crate::lease::resource_call::ResourceCall;
use crate::lease::shared::CallError;
use crate::lease::shared::Shared;
use crate::lease::store::AsyncStore;
use crate::transport::failure::Failure;
use crate::transport::failure::Kind;
use crate::transport::now;

mod client;

pub use client::Client;
pub use client::client;

/// Runs a flow to its end: sends what it asks for, and sleeps while it wants to wait.
///
/// ```no_run
/// use oauth_proto::flow::discover::Discover;
/// use oauth_proto::transport::reqwest;
///
/// # async fn find() -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::client()?;
/// let metadata = reqwest::run(&http, Discover::new("https://id.example")?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`DriveError::Protocol`] where the flow ends in an error, [`DriveError::Transport`] where no answer
/// came and the flow cannot go on without one.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn run<F: Flow>(client: &Client, flow: F) -> Result<F::Output, DriveError<Failure>> {
    drive::asynchronous(
        flow,
        now,
        |request| client.send(request.into_http()),
        tokio::time::sleep,
    )
    .await
}

/// As [`run`], with a signer for remote keys.
///
/// # Errors
/// As [`run`], and whatever `sign` fails with.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn run_with_signer<F: Flow, G>(
    client: &Client,
    flow: F,
    sign: impl FnMut(SigningInput) -> G,
) -> Result<F::Output, DriveError<Failure>>
where
    G: Future<Output = Result<Vec<u8>, DriveError<Failure>>>,
{
    drive::asynchronous_with_signer(
        flow,
        now,
        |request| client.send(request.into_http()),
        tokio::time::sleep,
        sign,
    )
    .await
}

/// As [`run`], as a task of its own: a caller that [goes away](self#a-caller-that-goes-away) stops nothing. For what
/// must not be lost half-way, and hands its result on by itself: a call of a provider's API
/// ([`ApiCall`](crate::provider::api_call::ApiCall)).
///
/// # Errors
/// As [`run`], and [`Failure::Other`] where the runtime was shut down meanwhile.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn run_detached<F>(client: &Client, flow: F) -> Result<F::Output, DriveError<Failure>>
where
    F: Flow<Output: Send> + Send + 'static,
{
    let client = client.clone();
    let task = async move { run(&client, flow).await };
    detached(task).await.unwrap_or_else(|| Err(shut_down()))
}

/// Runs a refresh of a shared grant to its end, over a store.
///
/// Dropped between a request and the write of its answer, it loses the grant: where a caller may
/// [go away](self#a-caller-that-goes-away), [`refresh_detached`] takes its place.
///
/// The client's timeout (20 s by default) is to be no longer than
/// [`Terms::timeout`](crate::lease::terms::Terms::timeout).
///
/// # Errors
/// The store's own, where nothing is lost by giving up.
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn refresh<S: AsyncStore>(
    client: &Client,
    refresh: Refresh,
    store: &S,
) -> Result<Outcome, S::Error> {
    let sign = |input| ready(lease::drive::no_signer(input));
    refresh_with_signer(client, refresh, store, sign).await
}

/// As [`refresh`], with a signer for remote keys.
///
/// # Errors
/// As [`refresh`].
///
/// # Panics
/// If it is polled outside of a Tokio runtime.
pub async fn refresh_with_signer<S: AsyncStore, G>(
    client: &Client,
    refresh: Refresh,
    store: &S,
    sign: impl FnMut(SigningInput) -> G,
) -> Result<Outcome, S::Error>
where
    G: Future<Output = Result<Vec<u8>, Error>>,
{
    lease::drive::asynchronous_with_signer(
        refresh,
        store,
        now,
        |request: request::Request| client.send(request.into_http()),
        tokio::time::sleep,
        sign,
    )
    .await
}

/// As [`refresh`], as a task of its own: a caller that goes away stops nothing, and the store gets the
/// new tokens all the same.
///
/// For another executor, spawn [`asynchronous`](lease::drive::asynchronous) there and wait for the task, as is done
/// here.
///
/// ```no_run
/// # use std::time::Duration;
/// # use oauth_proto::{lease::{refresh::Refresh, store::AsyncStore}, transport::reqwest};
/// # async fn serve<S>(http: &reqwest::Client, refresh: Refresh, store: S)
/// # where S: AsyncStore<Error: Send> + Send + Sync + 'static {
/// let refresh = reqwest::refresh_detached(http, refresh, store);
/// let outcome = tokio::time::timeout(Duration::from_secs(2), refresh).await; // too late, and nothing is lost
/// # }
/// ```
///
/// # Errors
/// As [`refresh`]. Where the runtime was shut down meanwhile, the outcome is
/// [`Ambiguous`](Outcome::Ambiguous).
///
/// # Panics
/// If it is polled outside of a Tokio runtime, or where the store panics.
pub async fn refresh_detached<S>(
    client: &Client,
    refresh: Refresh,
    store: S,
) -> Result<Outcome, S::Error>
where
    S: AsyncStore<Error: Send> + Send + Sync + 'static,
{
    let sign = |input| ready(lease::drive::no_signer(input));
    refresh_detached_with_signer(client, refresh, store, sign).await
}

/// As [`refresh_detached`], with a signer for remote keys.
///
/// # Errors
/// As [`refresh_detached`].
///
/// # Panics
/// As [`refresh_detached`], and where `sign` panics.
pub async fn refresh_detached_with_signer<S, G>(
    client: &Client,
    refresh: Refresh,
    store: S,
    sign: impl FnMut(SigningInput) -> G + Send + 'static,
) -> Result<Outcome, S::Error>
where
    S: AsyncStore<Error: Send> + Send + Sync + 'static,
    G: Future<Output = Result<Vec<u8>, Error>> + Send + 'static,
{
    let client = client.clone();
    let task = async move { refresh_with_signer(&client, refresh, &store, sign).await };
    detached(task).await.unwrap_or_else(|| {
        Ok(Outcome::Ambiguous(Setback {
            until: now(),
            cause: Cause::NoAnswer,
        }))
    })
}

/// Calls an API with tokens that are renewed on the way: [`run`] of [`Api::call`], but that a refresh goes on without
/// its caller, and the [`Holder`](lease::holder::Holder) gets the new tokens all the same.
///
/// ```no_run
/// # use oauth_proto::{domain::client::Client, domain::token::Tokens};
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::lease::Lease;
/// use oauth_proto::transport::reqwest;
///
/// # async fn users(client: Client, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::client()?;
/// let api = Api::new(&client, "https://api.example/v1", Lease::new(tokens))?;
/// let answer = reqwest::call(&http, &api, api.get("users/7")).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`run`]; a status of 400 or more is [`Error::Refused`], unless the API or the request says otherwise.
/// [`Failure::Other`] where the runtime was shut down during a refresh.
///
/// # Panics
/// If it is polled outside of a Tokio runtime, or where what the holder [tells](lease::holder::Holder::telling) panics.
pub async fn call(
    client: &Client,
    api: &Api,
    request: impl Into<ApiRequest>,
) -> Result<Response<Vec<u8>>, DriveError<Failure>> {
    let sign = |input| ready(drive::no_signer(input));
    call_with_signer(client, api, request, sign).await
}

/// As [`call`], with a signer for remote keys. It is cloned for a refresh.
///
/// # Errors
/// As [`call`], and whatever `sign` fails with.
///
/// # Panics
/// As [`call`], and where `sign` panics.
pub async fn call_with_signer<G>(
    client: &Client,
    api: &Api,
    request: impl Into<ApiRequest>,
    mut sign: impl FnMut(SigningInput) -> G + Clone + Send + 'static,
) -> Result<Response<Vec<u8>>, DriveError<Failure>>
where
    G: Future<Output = Result<Vec<u8>, DriveError<Failure>>> + Send + 'static,
{
    let mut step = api.call(request).begin(now())?;
    loop {
        let next = if step.is_renewing() {
            let task = renewed(client.clone(), step, sign.clone());
            detached(task).await.unwrap_or_else(|| Err(shut_down()))?
        } else {
            go_on(client, step, &mut sign).await?
        };
        step = match next {
            ControlFlow::Continue(step) => step,
            ControlFlow::Break(answer) => return Ok(answer),
        };
    }
}

/// Calls an API with the tokens of a store. A refresh goes on without its caller, and the store gets the new tokens all
/// the same: every clone of it has them. For a store that blocks there is [`Blocking`](crate::transport::blocking::Blocking).
///
/// ```no_run
/// # use std::sync::{Arc, Mutex};
/// # use oauth_proto::{domain::client::Client, lease::key::Key, lease::renewal::Renewal};
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::memory::MemoryStore;
/// use oauth_proto::lease::shared::Shared;
/// use oauth_proto::transport::reqwest;
///
/// # async fn users(client: Client, key: Key) -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::client()?;
/// let store = Arc::new(Mutex::new(MemoryStore::new()));
/// let grant = Shared::new(key, Renewal::refresh_token());
/// let api = Api::shared(&client, "https://api.example/v1", grant)?;
/// let answer = reqwest::call_shared(&http, &api, api.get("users/7"), &store).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`lease::drive::call`].
///
/// # Panics
/// As [`refresh_detached`].
pub async fn call_shared<S>(
    client: &Client,
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &S,
) -> Result<Response<Vec<u8>>, CallError<Failure, S::Error>>
where
    S: AsyncStore<Error: Send> + Clone + Send + Sync + 'static,
{
    let sign = |input| ready(lease::drive::no_signer(input));
    call_shared_with_signer(client, api, request, store, sign).await
}

/// As [`call_shared`], with a signer for remote keys. It is cloned for a refresh.
///
/// # Errors
/// As [`call_shared`], and whatever `sign` fails with.
///
/// # Panics
/// As [`call_shared`], and where `sign` panics.
pub async fn call_shared_with_signer<S, G>(
    client: &Client,
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &S,
    sign: impl FnMut(SigningInput) -> G + Clone + Send + 'static,
) -> Result<Response<Vec<u8>>, CallError<Failure, S::Error>>
where
    S: AsyncStore<Error: Send> + Clone + Send + Sync + 'static,
    G: Future<Output = Result<Vec<u8>, Error>> + Send + 'static,
{
    let signer = sign.clone();
    let refresh =
        move |refresh| refresh_detached_with_signer(client, refresh, store.clone(), signer.clone());
    let call = move |call| {
        let mut sign = sign.clone();
        run_with_signer(client, call, move |input| {
            let signature = sign(input);
            async { signature.await.map_err(DriveError::from) }
        })
    };
    lease::drive::call_asynchronous_by(api, request, store, now, refresh, call).await
}

/// Goes on until the tokens are renewed, or the call is over.
async fn renewed<G>(
    client: Client,
    mut step: Step<ResourceCall>,
    mut sign: impl FnMut(SigningInput) -> G,
) -> Result<ControlFlow<Response<Vec<u8>>, Step<ResourceCall>>, DriveError<Failure>>
where
    G: Future<Output = Result<Vec<u8>, DriveError<Failure>>>,
{
    while step.is_renewing() {
        match go_on(&client, step, &mut sign).await? {
            ControlFlow::Continue(next) => step = next,
            over @ ControlFlow::Break(_) => return Ok(over),
        }
    }
    Ok(ControlFlow::Continue(step))
}

async fn go_on<F: Flow, G>(
    client: &Client,
    step: Step<F>,
    sign: impl FnMut(SigningInput) -> G,
) -> Result<ControlFlow<F::Output, Step<F>>, DriveError<Failure>>
where
    G: Future<Output = Result<Vec<u8>, DriveError<Failure>>>,
{
    let send = |request: request::Request| client.send(request.into_http());
    drive::go_on(step, now, send, tokio::time::sleep, sign).await
}

/// What comes of a task of its own; none where the runtime was shut down meanwhile.
async fn detached<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Option<T> {
    match tokio::spawn(task).await {
        Ok(result) => Some(result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            Err(_) => None,
        },
    }
}

fn shut_down() -> DriveError<Failure> {
    DriveError::Transport(Failure::new(Kind::Other, "the runtime was shut down"))
}
