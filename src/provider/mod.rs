//! Records, not code: what is known of providers, what an application keeps of those that its users sign in
//! with.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`account`] | an account at a provider, with the token that it gave |
//! | [`api`] | a provider's API, whichever version of the protocol it is of |
//! | [`api_call`] | a call of it, as a flow |
//! | [`callback`] | a login's second half: who came back |
//! | [`connection`] | a provider's client |
//! | [`failure`] | why a login came to nothing |
//! | [`link`] | whose account it is |
//! | [`login`] | a login's first half: where the user is sent |
//! | [`method`] | how the application proves who it is |
//! | [`next`] | where the user goes after the login |
//! | [`presets`] | providers as they are, with links and the date last checked |
//! | [`profile`] | what a provider says of the user |
//! | [`raw_token`] | a token response as text |
//! | [`record`] | a provider, as an application keeps it |
//! | [`session`] | what lies in the session while the user is away |
//! | [`signed_in`] | a login that is done |
//! | [`token`] | what a user's authorization is kept as |

pub mod account;
pub mod api;
pub mod api_call;
pub mod callback;
pub mod connection;
pub mod failure;
pub mod link;
pub mod login;
pub mod method;
pub mod next;
pub mod presets;
pub mod profile;
pub mod raw_token;
pub mod record;
pub mod session;
pub mod signed_in;
pub mod token;
