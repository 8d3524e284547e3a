//! The drivers of a refresh, as [`flow::drive`](crate::flow::drive) with a store beside the wire. They do
//! no I/O of their own.

use std::future::Future;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::request::Request;
use crate::lease::outcome::Outcome;
use crate::lease::refresh::Refresh;
use crate::lease::step::Step;
use crate::lease::store::AsyncStore;
use crate::lease::store::Store;

/// Runs a refresh to its end, blocking. `send` gives up on a request after
/// [`Terms::timeout`](crate::lease::terms::Terms::timeout); its error is its own to tell of, a refresh
/// needs to know only that there was no answer.
///
/// # Errors
///
/// The store's own, where nothing is lost by giving up.
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
/// own, and have callers wait for that ([`Flights`](crate::lease::flights::Flights)).
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

fn no_signer(_input: SigningInput) -> Result<Vec<u8>, Error> {
    Err(Misuse::NoSigner.into())
}
