//! The drivers of a refresh, as [`flow::drive`] with a store beside the wire, and of a
//! call with the tokens of a store: a refresh, the call, and where the API refuses the token both again,
//! once. They do no I/O of their own.

use std::future::Future;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::request::Request;
use crate::endpoint::resource::ResourceRequest;
use crate::flow;
use crate::flow::call::Call;
use crate::flow::drive::DriveError;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::attempt::Attempt;
use crate::lease::outcome::Outcome;
use crate::lease::record::Record;
use crate::lease::refresh::Refresh;
use crate::lease::shared::CallError;
use crate::lease::shared::Shared;
use crate::lease::step::Step;
use crate::lease::store::AsyncStore;
use crate::lease::store::Store;

/// Runs a refresh to its end, blocking. `send` gives up on a request after
/// [`Terms::timeout`](crate::lease::terms::Terms::timeout); its error is its own to tell of, a refresh
/// needs to know only that there was no answer.
///
/// # Errors
///
/// The store's own, where nothing is lost by giving up. A code or a device that was still to be used is given
/// up after [`Terms::patience`](crate::lease::terms::Terms::patience) only.
pub fn blocking<S: Store, E>(
    refresh: Refresh,
    store: &mut S,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    sleep: impl FnMut(Duration),
) -> Result<Outcome, S::Error> {
    blocking_with_signer(refresh, store, now, send, sleep, no_signer)
}

/// Runs a refresh to its end, blocking, with a signer for remote keys.
///
/// # Errors
///
/// As [`blocking`].
pub fn blocking_with_signer<S: Store, E>(
    refresh: Refresh,
    store: &mut S,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    mut sleep: impl FnMut(Duration),
    mut sign: impl FnMut(SigningInput) -> Result<Vec<u8>, Error>,
) -> Result<Outcome, S::Error> {
    let mut step = refresh.begin();
    loop {
        step = match step {
            Step::Get(key, getting) => match store.get(&key) {
                Ok(record) => getting.got(now(), record),
                Err(failure) => getting.failed(now(), failure)?,
            },
            Step::Lease(key, hold, leasing) => match store.lease(now(), &key, hold) {
                Ok(epoch) => leasing.leased(now(), epoch),
                Err(failure) => leasing.failed(now(), failure)?,
            },
            Step::Set(key, epoch, setting) => {
                match store.compare_and_set(&key, epoch, Some(setting.record())) {
                    Ok(is_written) => setting.set(now(), is_written),
                    Err(_) => setting.failed(now()),
                }
            }
            Step::Send(request, sent) => match send(request) {
                Ok(response) => sent.answer(now(), &response),
                Err(_) => sent.lost(now()),
            },
            Step::Sign(input, signing) => match sign(input) {
                Ok(signature) => signing.signed(now(), &signature),
                Err(error) => signing.failed(now(), error),
            },
            Step::Wait(pause, paused) => {
                sleep(pause);
                paused.slept(now())
            }
            Step::Done(outcome) => return Ok(outcome),
        }
    }
}

/// Runs a refresh to its end, on any executor.
///
/// Dropped between a request and the write of its answer, it loses the grant: run it as a task of its
/// own, and have callers wait for that ([`Flights`](crate::lease::flights::Flights)). On Tokio
/// `transport::reqwest::refresh_detached` does that.
///
/// # Errors
///
/// As [`blocking`].
pub async fn asynchronous<T: AsyncStore, E, S, W>(
    refresh: Refresh,
    store: &T,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> S,
    sleep: impl FnMut(Duration) -> W,
) -> Result<Outcome, T::Error>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
{
    let sign = |input| std::future::ready(no_signer(input));
    asynchronous_with_signer(refresh, store, now, send, sleep, sign).await
}

/// Runs a refresh to its end, on any executor, with a signer for remote keys.
///
/// # Errors
///
/// As [`blocking`].
pub async fn asynchronous_with_signer<T: AsyncStore, E, S, W, G>(
    refresh: Refresh,
    store: &T,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> S,
    mut sleep: impl FnMut(Duration) -> W,
    mut sign: impl FnMut(SigningInput) -> G,
) -> Result<Outcome, T::Error>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
    G: Future<Output = Result<Vec<u8>, Error>>,
{
    let mut step = refresh.begin();
    loop {
        step = match step {
            Step::Get(key, getting) => match store.get(&key).await {
                Ok(record) => getting.got(now(), record),
                Err(failure) => getting.failed(now(), failure)?,
            },
            Step::Lease(key, hold, leasing) => match store.lease(now(), &key, hold).await {
                Ok(epoch) => leasing.leased(now(), epoch),
                Err(failure) => leasing.failed(now(), failure)?,
            },
            Step::Set(key, epoch, setting) => {
                match store
                    .compare_and_set(&key, epoch, Some(setting.record()))
                    .await
                {
                    Ok(is_written) => setting.set(now(), is_written),
                    Err(_) => setting.failed(now()),
                }
            }
            Step::Send(request, sent) => match send(request).await {
                Ok(response) => sent.answer(now(), &response),
                Err(_) => sent.lost(now()),
            },
            Step::Sign(input, signing) => match sign(input).await {
                Ok(signature) => signing.signed(now(), &signature),
                Err(error) => signing.failed(now(), error),
            },
            Step::Wait(pause, paused) => {
                sleep(pause).await;
                paused.slept(now())
            }
            Step::Done(outcome) => return Ok(outcome),
        }
    }
}

/// Calls an API with the tokens of a store, blocking.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, token::Tokens};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::drive;
/// use oauth_proto::lease::key::Key;
/// use oauth_proto::lease::memory::MemoryStore;
/// use oauth_proto::lease::renewal::Renewal;
/// use oauth_proto::lease::shared::Shared;
/// use oauth_proto::lease::store::Store;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "app", Authentication::None)?;
/// # let tokens: Tokens = serde_json::from_str(r#"{"v":1,"access_token":"a1","token_type":"Bearer",
/// #   "received_at":1000,"expires_at":4600,"refresh_token":"r1","issuer":"https://id.example",
/// #   "client_id":"app"}"#).unwrap();
/// # fn send(request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, ()> {
/// #     let body = match request.uri().path() {
/// #         "/token" => r#"{"access_token":"a2","token_type":"Bearer"}"#,
/// #         _ => "[]",
/// #     };
/// #     Ok(http::Response::new(body.as_bytes().to_vec()))
/// # }
/// let now = UnixTime::from_secs(5_000);
/// let key = Key::new(&client, "user 7");
/// let mut store = MemoryStore::new();
/// store.sign_in(now, &key, tokens).unwrap(); // once
///
/// let grant = Shared::new(key, Renewal::refresh_token());
/// let api = Api::shared(&client, "https://api.example/v1", grant)?;
/// let send = |request| send(oauth_proto::endpoint::request::Request::into_http(request));
/// let answer = drive::call(&api, api.get("users"), &mut store, || now, send, |_| {});
/// assert_eq!(answer.unwrap().body(), b"[]");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
///
/// # Errors
///
/// [`CallError`]; a status of 400 or more, unless the API says otherwise, and what
/// [`Outcome`] says where there are no tokens.
pub fn call<S: Store, E>(
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &mut S,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    sleep: impl FnMut(Duration),
) -> Result<Response<Vec<u8>>, CallError<E, S::Error>> {
    call_with_signer(api, request, store, now, send, sleep, no_signer)
}

/// Calls an API with the tokens of a store, blocking, with a signer for remote keys.
///
/// # Errors
///
/// As [`call`].
pub fn call_with_signer<S: Store, E>(
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &mut S,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    mut sleep: impl FnMut(Duration),
    mut sign: impl FnMut(SigningInput) -> Result<Vec<u8>, Error>,
) -> Result<Response<Vec<u8>>, CallError<E, S::Error>> {
    let mut attempt = Attempt::new(api, request.into())?;
    loop {
        let refresh = attempt.refresh();
        let done = blocking_with_signer(refresh, store, &mut now, &mut send, &mut sleep, &mut sign);
        let outcome = done.map_err(CallError::Store)?;
        let kept = if attempt.asks_for_kept(&outcome) {
            store.get(attempt.key()).map_err(CallError::Store)?
        } else {
            None
        };
        let tokens = attempt.tokens(now(), outcome, kept)?;
        let call = attempt.call(&tokens);
        let sign = |input| sign(input).map_err(DriveError::from);
        let answer = flow::drive::blocking_with_signer(call, &mut now, &mut send, &mut sleep, sign);
        if let Some(answer) = attempt.answered(tokens, answer)? {
            return Ok(answer);
        }
    }
}

/// Calls an API with the tokens of a store, on any executor. Dropped during a refresh it may lose the grant, as
/// [`asynchronous`] does: where its caller may go away, it is run as a task of its own, or
/// [`call_asynchronous_by`] with such a task for each refresh.
///
/// # Errors
///
/// As [`call`].
pub async fn call_asynchronous<T: AsyncStore, E, S, W>(
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &T,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> S,
    sleep: impl FnMut(Duration) -> W,
) -> Result<Response<Vec<u8>>, CallError<E, T::Error>>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
{
    let sign = |input| std::future::ready(no_signer(input));
    call_asynchronous_with_signer(api, request, store, now, send, sleep, sign).await
}

/// Calls an API with the tokens of a store, on any executor, with a signer for remote keys.
///
/// # Errors
///
/// As [`call`].
pub async fn call_asynchronous_with_signer<T: AsyncStore, E, S, W, G>(
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &T,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> S,
    mut sleep: impl FnMut(Duration) -> W,
    mut sign: impl FnMut(SigningInput) -> G,
) -> Result<Response<Vec<u8>>, CallError<E, T::Error>>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
    G: Future<Output = Result<Vec<u8>, Error>>,
{
    let mut attempt = Attempt::new(api, request.into())?;
    loop {
        let refresh = attempt.refresh();
        let done =
            asynchronous_with_signer(refresh, store, &mut now, &mut send, &mut sleep, &mut sign);
        let outcome = done.await.map_err(CallError::Store)?;
        let kept = kept(&attempt, &outcome, store).await?;
        let tokens = attempt.tokens(now(), outcome, kept)?;
        let call = attempt.call(&tokens);
        let sign = |input| {
            let signature = sign(input);
            async { signature.await.map_err(DriveError::from) }
        };
        let answer =
            flow::drive::asynchronous_with_signer(call, &mut now, &mut send, &mut sleep, sign);
        if let Some(answer) = attempt.answered(tokens, answer.await)? {
            return Ok(answer);
        }
    }
}

/// Calls an API with the tokens of a store, on any executor, with a driver for each part: `refresh` runs
/// a refresh, and `call` the request with the tokens.
///
/// A `refresh` that runs as a task of its own is not stopped where this future is dropped, and no tokens are lost;
/// the call itself is stopped. `transport::reqwest::call_shared` is this on Tokio.
///
/// # Errors
///
/// As [`call`].
pub async fn call_asynchronous_by<T: AsyncStore, E, R, C>(
    api: &Api<Shared>,
    request: impl Into<ApiRequest>,
    store: &T,
    mut now: impl FnMut() -> UnixTime,
    mut refresh: impl FnMut(Refresh) -> R,
    mut call: impl FnMut(Call<ResourceRequest>) -> C,
) -> Result<Response<Vec<u8>>, CallError<E, T::Error>>
where
    R: Future<Output = Result<Outcome, T::Error>>,
    C: Future<Output = Result<Response<Vec<u8>>, DriveError<E>>>,
{
    let mut attempt = Attempt::new(api, request.into())?;
    loop {
        let outcome = refresh(attempt.refresh()).await.map_err(CallError::Store)?;
        let kept = kept(&attempt, &outcome, store).await?;
        let tokens = attempt.tokens(now(), outcome, kept)?;
        let answer = call(attempt.call(&tokens)).await;
        if let Some(answer) = attempt.answered(tokens, answer)? {
            return Ok(answer);
        }
    }
}

/// What the store has, where that may work still.
async fn kept<T: AsyncStore, E>(
    attempt: &Attempt<'_>,
    outcome: &Outcome,
    store: &T,
) -> Result<Option<Record>, CallError<E, T::Error>> {
    if !attempt.asks_for_kept(outcome) {
        return Ok(None);
    }
    store.get(attempt.key()).await.map_err(CallError::Store)
}

pub(crate) fn no_signer(_input: SigningInput) -> Result<Vec<u8>, Error> {
    Err(Misuse::NoSigner.into())
}
