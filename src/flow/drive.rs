//! The drivers: any flow, with closures for what a driver must own: the clock, the wire, the pause,
//! and where remote keys are used, the signer.
//!
//! They do no I/O of their own. The adapters are these drivers with the closures filled in.

use std::future::Future;
use std::ops::ControlFlow;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::crypto::signing::SigningInput;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::request::Request;
use crate::flow::Flow;
use crate::flow::Step;

/// Runs `flow` to its end, blocking.
///
/// `sleep` sleeps the whole time that it is given: the flow goes on by that where `now` stands still.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::flow::discover::Discover;
/// use oauth_proto::flow::drive::{DriveError, blocking};
///
/// let now = || UnixTime::from_secs(1_800_000_000);
/// let send = |_request| Err("the wire is cut");
/// let result = blocking(Discover::new("https://id.example")?, now, send, |_: Duration| {});
/// assert!(matches!(result, Err(DriveError::Transport("the wire is cut"))));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
///
/// # Errors
///
/// [`DriveError::Protocol`] where the flow ends in an error, [`DriveError::Transport`] where no answer
/// came and the flow cannot go on without one.
pub fn blocking<F: Flow, E>(
    flow: F,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    sleep: impl FnMut(Duration),
) -> Result<F::Output, DriveError<E>> {
    blocking_with_signer(flow, now, send, sleep, no_signer)
}

/// Runs `flow` to its end, blocking, with a signer for remote keys.
///
/// # Errors
///
/// As [`blocking`], and whatever `sign` fails with.
pub fn blocking_with_signer<F: Flow, E>(
    flow: F,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> Result<Response<Vec<u8>>, E>,
    mut sleep: impl FnMut(Duration),
    mut sign: impl FnMut(SigningInput) -> Result<Vec<u8>, DriveError<E>>,
) -> Result<F::Output, DriveError<E>> {
    let mut step = flow.begin(now())?;
    loop {
        step = match step {
            Step::Send(request, sent) => match send(request) {
                Ok(response) => sent.answer(now(), &response)?,
                Err(failure) => sent.lost(now(), failure)?,
            },
            Step::Sign(input, signing) => {
                let signature = sign(input)?;
                signing.signed(now(), &signature)?
            }
            Step::Wait(pause, paused) => {
                sleep(pause);
                paused.slept(now())?
            }
            Step::Done(output) => return Ok(output),
        }
    }
}

/// Runs `flow` to its end, on any executor. The future is `Send` where the flow and the closures'
/// futures are.
///
/// `sleep` sleeps the whole time that it is given: the flow goes on by that where `now` stands still.
///
/// # Errors
///
/// As [`blocking`].
pub async fn asynchronous<F: Flow, E, S, W>(
    flow: F,
    now: impl FnMut() -> UnixTime,
    send: impl FnMut(Request) -> S,
    sleep: impl FnMut(Duration) -> W,
) -> Result<F::Output, DriveError<E>>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
{
    let sign = |input| std::future::ready(no_signer(input));
    asynchronous_with_signer(flow, now, send, sleep, sign).await
}

/// Runs `flow` to its end, on any executor, with a signer for remote keys.
///
/// # Errors
///
/// As [`blocking`], and whatever `sign` fails with.
pub async fn asynchronous_with_signer<F: Flow, E, S, W, G>(
    flow: F,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> S,
    mut sleep: impl FnMut(Duration) -> W,
    mut sign: impl FnMut(SigningInput) -> G,
) -> Result<F::Output, DriveError<E>>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
    G: Future<Output = Result<Vec<u8>, DriveError<E>>>,
{
    let mut step = flow.begin(now())?;
    loop {
        step = match go_on(step, &mut now, &mut send, &mut sleep, &mut sign).await? {
            ControlFlow::Continue(step) => step,
            ControlFlow::Break(output) => return Ok(output),
        };
    }
}

/// One move of an async driver.
pub(crate) async fn go_on<F: Flow, E, S, W, G>(
    step: Step<F>,
    mut now: impl FnMut() -> UnixTime,
    mut send: impl FnMut(Request) -> S,
    mut sleep: impl FnMut(Duration) -> W,
    mut sign: impl FnMut(SigningInput) -> G,
) -> Result<ControlFlow<F::Output, Step<F>>, DriveError<E>>
where
    S: Future<Output = Result<Response<Vec<u8>>, E>>,
    W: Future<Output = ()>,
    G: Future<Output = Result<Vec<u8>, DriveError<E>>>,
{
    Ok(ControlFlow::Continue(match step {
        Step::Send(request, sent) => match send(request).await {
            Ok(response) => sent.answer(now(), &response)?,
            Err(failure) => sent.lost(now(), failure)?,
        },
        Step::Sign(input, signing) => {
            let signature = sign(input).await?;
            signing.signed(now(), &signature)?
        }
        Step::Wait(pause, paused) => {
            sleep(pause).await;
            paused.slept(now())?
        }
        Step::Done(output) => return Ok(ControlFlow::Break(output)),
    }))
}

pub(crate) fn no_signer<E>(_input: SigningInput) -> Result<Vec<u8>, DriveError<E>> {
    Err(Error::from(Misuse::NoSigner).into())
}

/// Why a driven flow is over: the protocol's reason, or the wire's.
#[derive(Debug, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "there is no third side")]
pub enum DriveError<E> {
    /// The flow ended in an error.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// No answer came: the transport's own error.
    #[error(transparent)]
    Transport(E),
}
