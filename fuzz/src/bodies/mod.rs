//! The bodies of the fuzz targets. Each is a `run` that panics where its invariant does not hold, and
//! says whether what it read was accepted.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | `bytes` | the input, cut into choices, lines and text |
//! | `answers`, `callback`, `challenge`, `flows`, `form`, `id_token`, `jwe`, `jwk_set`, `jws`, `logout_token`, `metadata`, `notification`, `oauth1_base_string`, `oauth1_credentials`, `oauth1_header`, `receivers`, `stored`, `token_response` | a target each |
//! | `fixture` | the clients that the targets speak for |
//! | `secret_signed` | what a server signs with the client's secret |
//! | `secrets` | the same text with other secrets in it |
//! | `toy` | a capability without cryptography |

pub mod answers;
mod bytes;
pub mod callback;
pub mod challenge;
mod fixture;
pub mod flows;
pub mod form;
pub mod id_token;
pub mod jwe;
pub mod jwk_set;
pub mod jws;
pub mod logout_token;
pub mod metadata;
pub mod notification;
pub mod oauth1_base_string;
pub mod oauth1_credentials;
pub mod oauth1_header;
pub mod receivers;
mod secret_signed;
mod secrets;
pub mod stored;
pub mod token_response;
mod toy;
