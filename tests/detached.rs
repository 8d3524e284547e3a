//! A caller that goes away while a refresh waits for its answer, by itself or on the way to an API.
#![cfg(all(feature = "reqwest", feature = "ureq"))]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Waker;
use std::time::Duration;

use oauth_proto::domain::token::Tokens;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::lease;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::holder::Holder;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Cause;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store as _;
use oauth_proto::transport::Failure;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::shared::Shared;

#[path = "common/shared.rs"]
mod shared;

type Memory = Arc<Mutex<MemoryStore>>;

fn kept(store: &Memory, key: &Key) -> Option<Tokens> {
    let record = store.lock().unwrap().get(key);
    record.unwrap()?.tokens().cloned()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Starts a refresh, and gives it up while the provider has the request and does not answer.
fn give_up<F: Future>(shared: &Arc<Shared>, refresh: impl FnOnce() -> F) -> Runtime {
    let runtime = runtime();
    runtime.block_on(async {
        let (held, is_held) = oneshot::channel();
        let (release, is_released) = oneshot::channel::<()>();
        let provider = shared.clone();
        let holding = tokio::task::spawn_blocking(move || {
            provider.server.with(|_| {
                held.send(()).unwrap();
                is_released.blocking_recv().unwrap();
            });
        });
        is_held.await.unwrap();
        let refresh = timeout(Duration::from_millis(400), refresh());
        assert!(refresh.await.is_err(), "it was not to be answered");
        release.send(()).unwrap();
        holding.await.unwrap();
    });
    runtime
}

fn begin(shared: &Shared, store: &Memory) -> Refresh {
    let first = shared.tokens.clone();
    let mut memory = store.lock().unwrap();
    memory.sign_in(now(), &shared.key, first).unwrap();
    let refresh = Refresh::new(&shared.client, &shared.key, Renewal::refresh_token());
    refresh.rejected(&shared.tokens)
}

/// The provider's log has it that the refresh token was replaced.
fn refreshes(shared: &Shared) -> usize {
    let exchanges =
        |provider: &mut oauth_proto_world::Provider| provider.log().requests_to("/token").len() - 1;
    shared.server.with(exchanges)
}

#[test]
fn a_detached_refresh_goes_on_without_its_caller() {
    let shared = Arc::new(Shared::start());
    let store = Memory::default();
    let refresh = begin(&shared, &store);
    let client = reqwest::client().unwrap();
    let runtime = give_up(&shared, || {
        reqwest::refresh_detached(&client, refresh, store.clone())
    });
    let renewed = || kept(&store, &shared.key).filter(|tokens| *tokens != shared.tokens);
    let renewed = runtime.block_on(until(renewed));
    assert!(renewed.refresh_token() != shared.tokens.refresh_token());
    assert_eq!(refreshes(&shared), 1);
}

/// The tokens as they are an hour later.
fn expired(tokens: &Tokens) -> Tokens {
    let mut value = serde_json::to_value(tokens).unwrap();
    for member in ["received_at", "expires_at"] {
        value[member] = (value[member].as_u64().unwrap() - 3_600).into();
    }
    serde_json::from_value(value).unwrap()
}

fn base(shared: &Shared) -> String {
    format!("{}/api", shared.server.issuer())
}

/// No refresh token came twice, and no token that nobody has.
fn assert_used_once(shared: &Shared) {
    shared
        .server
        .with(|provider| assert!(provider.complaints().is_empty()));
}

async fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3_000 {
        match there() {
            Some(it) => return it,
            None => sleep(Duration::from_millis(10)).await,
        }
    }
    panic!("it did not come");
}

#[test]
fn a_call_over_a_store_that_is_dropped_leaves_the_new_tokens_there() {
    let shared = Arc::new(Shared::start());
    let store = Memory::default();
    let first = expired(&shared.tokens);
    let mut memory = store.lock().unwrap();
    memory.sign_in(now(), &shared.key, first.clone()).unwrap();
    drop(memory);
    let grant = lease::shared::Shared::new(shared.key.clone(), Renewal::refresh_token());
    let api = Api::shared(&shared.client, &base(&shared), grant).unwrap();
    let client = reqwest::client().unwrap();
    let call = || reqwest::call_shared(&client, &api, api.get("mail"), &store);
    let runtime = give_up(&shared, call);
    let renewed = || kept(&store, &shared.key).filter(|tokens| *tokens != first);
    let renewed = runtime.block_on(until(renewed));
    assert!(renewed.refresh_token() != first.refresh_token());
    let calls =
        |provider: &mut oauth_proto_world::Provider| provider.log().requests_to("/api/mail").len();
    assert_eq!(shared.server.with(calls), 0, "the call itself is stopped");

    // The next one has them.
    let answer = runtime.block_on(call()).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(refreshes(&shared), 1);
    assert_used_once(&shared);
}

#[test]
fn a_call_that_is_dropped_leaves_the_new_tokens_to_the_holder() {
    let shared = Arc::new(Shared::start());
    let first = expired(&shared.tokens);
    let told = Arc::new(Mutex::new(Vec::new()));
    let news = Arc::clone(&told);
    let holder = Holder::new(Lease::new(first.clone()))
        .telling(move |tokens| news.lock().unwrap().push(tokens.clone()));
    let api = Api::new(&shared.client, &base(&shared), holder).unwrap();
    let client = reqwest::client().unwrap();
    let call = || reqwest::call(&client, &api, api.get("mail"));
    let runtime = give_up(&shared, call);
    let renewed = || api.lease().tokens().filter(|tokens| *tokens != first);
    let renewed = runtime.block_on(until(renewed));
    assert!(renewed.refresh_token() != first.refresh_token());
    assert_eq!(runtime.block_on(call()).unwrap().status(), 200);
    assert_eq!(*told.lock().unwrap(), [renewed]);
    assert_eq!(refreshes(&shared), 1);
    assert_used_once(&shared);
}

#[test]
fn a_flow_that_runs_detached_goes_on_without_its_caller() {
    let shared = Arc::new(Shared::start());
    let first = expired(&shared.tokens);
    let holder = Holder::new(Lease::new(first.clone()));
    let api = Api::new(&shared.client, &base(&shared), holder).unwrap();
    let client = reqwest::client().unwrap();
    let call = || reqwest::run_detached(&client, api.call(api.get("mail")));
    let runtime = give_up(&shared, call);
    runtime.block_on(until(|| {
        let calls = |provider: &mut oauth_proto_world::Provider| {
            provider.log().requests_to("/api/mail").len()
        };
        (shared.server.with(calls) == 1).then_some(())
    }));
    assert!(api.lease().tokens() != Some(first));
    assert_used_once(&shared);
}

/// Why there is the other one.
#[test]
fn a_refresh_that_is_dropped_loses_what_comes() {
    let shared = Arc::new(Shared::start());
    let store = Memory::default();
    let refresh = begin(&shared, &store);
    let client = reqwest::client().unwrap();
    let runtime = give_up(&shared, || reqwest::refresh(&client, refresh, &store));
    runtime.block_on(until(|| (refreshes(&shared) == 1).then_some(())));
    assert_eq!(kept(&store, &shared.key), Some(shared.tokens.clone()));
}

#[test]
fn a_caller_that_stays_gets_the_outcome() {
    let shared = Shared::start();
    let store = Memory::default();
    let refresh = begin(&shared, &store);
    let client = reqwest::client().unwrap();
    let outcome = reqwest::refresh_detached(&client, refresh, store.clone());
    let Ok(outcome) = runtime().block_on(outcome);
    shared.assert_one_refresh(std::slice::from_ref(&outcome));
    assert_eq!(outcome.tokens(), kept(&store, &shared.key).as_ref());
}

/// Begins in a runtime that never gets to it, and ends when that does.
fn cut_off<T>(begun: impl Future<Output = T>) -> T {
    let mut begun = pin!(begun);
    let runtime = runtime();
    let inside = runtime.enter();
    let mut context = Context::from_waker(Waker::noop());
    assert!(begun.as_mut().poll(&mut context).is_pending());
    drop(inside);
    drop(runtime);
    pollster::block_on(begun)
}

#[test]
fn a_runtime_that_ends_first_is_told_of() {
    let shared = Shared::start();
    let client = reqwest::client().unwrap();
    let holder = Holder::new(Lease::new(expired(&shared.tokens)));
    let api = Api::new(&shared.client, &base(&shared), holder).unwrap();
    let call = reqwest::call(&client, &api, api.get("mail"));
    let flow = reqwest::run_detached(&client, api.call(api.get("mail")));
    for error in [cut_off(call).unwrap_err(), cut_off(flow).unwrap_err()] {
        let DriveError::Transport(Failure::Other(source)) = error else {
            panic!("{error}");
        };
        assert_eq!(source.to_string(), "the runtime was shut down");
    }

    let store = Memory::default();
    let refresh = begin(&shared, &store);
    let Ok(outcome) = cut_off(reqwest::refresh_detached(&client, refresh, store));
    let Outcome::Ambiguous(setback) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(matches!(setback.cause, Cause::NoAnswer));
    assert_eq!(refreshes(&shared), 0);
}
