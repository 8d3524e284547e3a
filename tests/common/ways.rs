//! One conversation, three ways to have it: by hand, by the blocking driver, by the async driver on an
//! executor that is not tokio.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;

use crate::common::scripted::START;
use crate::common::scripted::answer;

pub(crate) fn by_hand<F: Flow>(
    flow: F,
    wire: &RefCell<Wire>,
) -> Result<F::Output, DriveError<&'static str>> {
    let now = || wire.borrow_mut().now();
    let mut step = flow.begin(now())?;
    loop {
        step = match step {
            Step::Send(request, sent) => {
                let answer = wire.borrow_mut().send(request);
                match answer {
                    Ok(response) => sent.answer(now(), &response)?,
                    Err(failure) => sent.lost(now(), failure)?,
                }
            }
            Step::Done(output) => return Ok(output),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn blocking<F: Flow>(
    flow: F,
    wire: &RefCell<Wire>,
) -> Result<F::Output, DriveError<&'static str>> {
    let send = |request| wire.borrow_mut().send(request);
    let sleep = |pause| panic!("the flow waits {pause:?}");
    drive::blocking(flow, || wire.borrow_mut().now(), send, sleep)
}

pub(crate) fn asynchronous<F: Flow>(
    flow: F,
    wire: &RefCell<Wire>,
) -> Result<F::Output, DriveError<&'static str>> {
    let send = async |request| {
        yield_once().await;
        wire.borrow_mut().send(request)
    };
    let sleep = async |pause| panic!("the flow waits {pause:?}");
    let now = || wire.borrow_mut().now();
    pollster::block_on(drive::asynchronous(flow, now, send, sleep))
}

/// What a request meets.
#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// JSON with this status.
    Json(u16, &'static str),
    /// A page with this status.
    Page(u16),
    /// No answer.
    Lost,
}

/// A wire that answers by a script, and a clock that goes on by a second whenever it is read.
pub(crate) struct Wire {
    replies: VecDeque<Reply>,
    clock: UnixTime,
    pub(crate) requests: Vec<String>,
}

impl Wire {
    pub(crate) fn new(replies: &[Reply]) -> Self {
        Self {
            replies: replies.iter().copied().collect(),
            clock: START,
            requests: Vec::new(),
        }
    }

    fn now(&mut self) -> UnixTime {
        self.clock = self.clock.saturating_add(Duration::from_secs(1));
        self.clock
    }

    fn send(&mut self, request: Request) -> Result<Response<Vec<u8>>, &'static str> {
        let at = self.clock;
        self.requests
            .push(format!("{at} {:?}", request.into_http()));
        match self.replies.pop_front() {
            Some(Reply::Json(status, body)) => Ok(answer(status, "application/json", body)),
            Some(Reply::Page(status)) => Ok(answer(status, "text/html", "<html>Sorry</html>")),
            Some(Reply::Lost) => Err("cut"),
            None => panic!("no reply left"),
        }
    }
}

/// Lets the executor do something else once.
pub(crate) async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
