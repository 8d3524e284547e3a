//! Tokens through time: when they are due, what renews them, and how several processes renew one grant
//! without losing it.
//!
//! A [`Lease`](lease::Lease) is for one holder: comparisons between instants. A
//! [`Refresh`](refresh::Refresh) is for a grant that several share through a [`Store`](store::Store).
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`drive`] | the drivers of a refresh, blocking and async |
//! | [`flights`] | one refresh for all who ask at once |
//! | [`key`] | what makes two requests for tokens the same |
//! | [`lease`] | tokens, and how they stand at a moment |
//! | [`memory`] | a store in memory |
//! | [`outcome`] | what came of a refresh |
//! | [`record`] | what a store keeps |
//! | [`refresh`] | the refresh of a shared grant, as a machine |
//! | [`renewal`] | what renews tokens |
//! | [`scheduler`] | which of many grants is due, for millions of them |
//! | [`sealing`] | encryption of what a store keeps |
//! | [`step`] | what a refresh asks of its driver |
//! | [`store`] | what a refresh asks of a store |
//! | [`terms`] | how early, how long, how often |

mod answered;
pub mod drive;
pub mod flights;
mod judge;
pub mod key;
#[expect(
    clippy::module_inception,
    reason = "the floor is named after the idea that stands on it"
)]
pub mod lease;
pub mod memory;
pub mod outcome;
mod persisted;
pub mod record;
pub mod refresh;
pub mod renewal;
pub mod scheduler;
pub mod sealing;
pub mod step;
pub mod store;
pub mod terms;
