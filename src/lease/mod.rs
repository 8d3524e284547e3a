//! Tokens through time: when they are due, what renews them, and how several processes renew one grant
//! without losing it.
//!
//! A [`Lease`](lease::Lease) is for one holder: comparisons between instants. A
//! [`Refresh`](refresh::Refresh) is for a grant that several share through a [`Store`](store::Store). An
//! [`Api`](api::Api) is called with the tokens of either, which are renewed on the way.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`api`] | an API, called with tokens that are renewed on the way |
//! | [`api_request`] | a request to an API |
//! | [`base_url`] | an address that no path leads out of |
//! | [`drive`] | the drivers of a refresh and of a call over a store, blocking and async |
//! | [`fields`] | fields without a value, and booleans |
//! | [`flights`] | one refresh for all who ask at once |
//! | [`holder`] | a lease that the threads of a process share |
//! | [`kept`] | a record as a store keeps it, in clear or sealed |
//! | [`key`] | what makes two requests for tokens the same |
//! | [`lease`] | tokens, and how they stand at a moment |
//! | [`memory`] | a store in memory |
//! | [`outcome`] | what came of a refresh |
//! | [`record`] | what a store keeps |
//! | [`refresh`] | the refresh of a shared grant, as a machine |
//! | [`renewal`] | what renews tokens |
//! | [`resource_call`] | a call of an API, as a flow |
//! | [`scheduler`] | which of many grants is due, for millions of them |
//! | [`sealing`] | encryption of what a store keeps |
//! | [`shared`] | the tokens of a store, for an API |
//! | [`step`] | what a refresh asks of its driver |
//! | [`store`] | what a refresh asks of a store |
//! | [`terms`] | how early, how long, how often |
//!
//! # What outlives a crash
//!
//! A node that dies after its request has left, and before the new tokens are written, takes them with
//! it, and leaves a lease that lapses by itself ([`Terms::hold`](terms::Terms::hold), 30 s). The next node
//! sends the same refresh token once more. What comes of it is the server's to say:
//!
//! | Server | The grant |
//! | --- | --- |
//! | keeps the refresh token | lives |
//! | rotates it, and still takes the last one for longer than the lease and 5 s of waiting | lives |
//! | rotates it, and takes no old one | is lost, if the request arrived: the only token that works was in the answer |
//! | the same, and ends the grant when an old one comes | the same |
//!
//! No client can do better: a store cannot have what its node never wrote. With a server of the last
//! two kinds such a crash means a sign-in. Where a grace period is shorter than 35 s, a shorter lease helps
//! ([`Terms::with_hold`](terms::Terms::with_hold)). A crash at any other moment loses nothing at any
//! server. `examples/shared_grant.rs` kills processes to show it, at a server of the second kind that
//! ends the grant when the grace period is over.
//!
//! # Modelled
//!
//! `tests/model_refresh.rs` runs the code of a [`Refresh`](refresh::Refresh) under a model checker, in
//! every order of what the nodes, their store and their server can do, at five kinds of server: without
//! rotation, with it, and that with and without a grace period and the detection of reuse. Counted are
//! distinct states, of all five together:
//!
//! | Nodes | Refreshes each | What happens beside | States |
//! | --- | --- | --- | --- |
//! | 2 and 3 | 3 and 2 | nothing | 25 000 |
//! | 2 | 1 | a crash anywhere, and all sleep for longer than a lease | 14 000 |
//! | 2 | 1 | two requests or answers lost or late, a sleep | 54 000 |
//! | 2 | 1 | two pages of a proxy, a sleep | 8 000 |
//! | 2 | 1 | two sleeps | 52 000 |
//! | 2 | 1 | a write that is not confirmed, a sleep | 6 000 |
//! | 2 | 1 | the user signs out, a request or an answer lost or late, a sleep | 97 000 |
//! | 2 | 1 | an effect on the store that comes late, or whose answer does, a crash, a sleep | 70 000 |
//! | 2 | 1 | two such effects, two naps that leave too little of a lease | 58 000 |
//! | 3 | 1 | a crash and a sleep; a loss | 138 000 |
//! | 2 | 1 | a crash, a loss, a page, a sleep, a write (on demand, as what follows) | 429 000 |
//! | 2 | 2 | a crash, a loss, a sleep | 1 154 000 |
//! | 3 | 1 | a crash, a loss, a sleep | 940 000 |
//! | 2 | 1 | three sleeps | 925 000 |
//! | 2 | 1 | two late effects on the store, two sleeps | 882 000 |
//!
//! In each: no token is handed out that the store has not had; no refresh token goes out again once its
//! outcome is in the store, nor while another node has the lease; where a node that did not crash was
//! given a token that the server still honours, the grant is not taken for dead (unless the node gave it
//! up for fresh ones of the store); what the user has signed out of stays forgotten; once nothing fails any
//! more, all nodes get the same end; every refresh ends. Where nothing fails, one refresh serves all.

mod answered;
pub mod api;
pub mod api_request;
mod attempt;
pub mod base_url;
pub mod drive;
pub(crate) mod entries;
pub mod fields;
pub mod flights;
pub mod holder;
mod judge;
pub mod kept;
pub mod key;
#[expect(
    clippy::module_inception,
    reason = "the floor is named after the idea that stands on it"
)]
pub mod lease;
mod loan;
pub mod memory;
pub mod outcome;
mod persisted;
pub mod record;
pub mod refresh;
pub mod renewal;
pub mod resource_call;
pub mod scheduler;
pub mod sealing;
pub mod shared;
pub mod step;
pub mod store;
pub mod terms;
