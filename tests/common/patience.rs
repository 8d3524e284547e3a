//! A flow that waits, run against the provider in memory: time passes, answers are lost, clocks are
//! set.

use std::collections::VecDeque;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Delivery;
use oauth_proto_world::Provider;

pub(crate) const START: u64 = 1_800_000_000;

/// Who runs it: the time that is, and the time that the client's clock shows.
pub(crate) struct Patience<'p> {
    pub(crate) provider: &'p mut Provider,
    /// The true time.
    pub(crate) now: u64,
    /// By how much the clock is wrong.
    pub(crate) error: i64,
    /// By how much the clock is set after each wait, in turn.
    pub(crate) sets: VecDeque<i64>,
    /// The clock shows [`START`] for ever.
    pub(crate) is_still: bool,
    /// The waits that were asked for, in seconds. All are slept to their end.
    pub(crate) waits: Vec<u64>,
}

impl<'p> Patience<'p> {
    pub(crate) fn new(provider: &'p mut Provider) -> Self {
        Self {
            provider,
            now: START,
            error: 0,
            sets: VecDeque::new(),
            is_still: false,
            waits: Vec::new(),
        }
    }

    /// What the clock shows.
    pub(crate) fn clock(&self) -> UnixTime {
        if self.is_still {
            return UnixTime::from_secs(START);
        }
        UnixTime::from_secs(self.now.saturating_add_signed(self.error))
    }

    /// Runs a flow to its end. A flow that cannot go on without an answer panics.
    pub(crate) fn run<F: Flow>(&mut self, flow: F) -> Result<F::Output, Error> {
        let mut step = flow.begin(self.clock())?;
        for _ in 0..10_000 {
            step = match step {
                Step::Send(request, sent) => {
                    let response = self.provider.handle(self.now, &request);
                    if Delivery::of(&response) == Delivery::Lost {
                        match sent.lost(self.clock(), "lost") {
                            Ok(step) => step,
                            Err(DriveError::Protocol(error)) => return Err(error),
                            Err(DriveError::Transport(failure)) => panic!("{failure}"),
                        }
                    } else {
                        sent.answer(self.clock(), &response)?
                    }
                }
                Step::Wait(pause, paused) => {
                    assert_eq!(pause.subsec_nanos(), 0);
                    self.waits.push(pause.as_secs());
                    self.now += pause.as_secs();
                    self.error += self.sets.pop_front().unwrap_or(0);
                    paused.slept(self.clock())?
                }
                Step::Done(output) => return Ok(output),
                Step::Sign(..) => panic!("no key is remote"),
            }
        }
        panic!("it goes on for ever: {:?}", self.waits);
    }
}
