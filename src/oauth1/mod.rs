//! OAuth 1.0a as a client (RFC 5849): signed requests, and the way to a user's authorization.
//!
//! A wing of its own: of the floors before it uses what is not of OAuth 2, and nothing uses it but records of
//! providers. Its client, its pending value and its callback are those of this floor. Operations and flows
//! are the same as everywhere, and so are the drivers.
//!
//! ```text
//!   client.authorize()          the server is asked for temporary credentials
//!         │
//!         ▼
//!      (URL, Pending)           the user is away
//!         │
//!   client.resume(pending, …)   the callback is validated, the verifier redeemed
//!         │
//!         ▼
//!   TokenCredentials ──▶ client.call(credentials, request)
//! ```
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`base_string`] | a request as the text that is signed |
//! | [`body_hash`] | a body that is no form, covered by the signature |
//! | [`callback`] | what the browser brings back, validated |
//! | [`client`] | the client |
//! | [`credentials`] | what a user's authorization became |
//! | [`header`] | the `Authorization` header, written and read |
//! | [`method`] | how a client signs |
//! | [`pending`] | what is kept while the user is away |
//! | [`placement`] | where the protocol parameters stand |
//! | [`signed`] | a request to be signed |
//! | [`temporary`] | asking for temporary credentials |
//! | [`token`] | asking for token credentials |
//! | [`verify`] | the server's side: a signed request, read and verified |

mod answer;
pub mod base_string;
pub mod body_hash;
pub mod callback;
pub mod client;
pub mod credentials;
pub mod header;
pub mod method;
pub mod pending;
pub mod placement;
mod problem;
pub mod signed;
pub mod temporary;
pub mod token;
pub mod verify;
