//! The nouns: the client, what a server says of itself, what it grants and how it says no.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`authentication`] | how a client proves who it is |
//! | [`bound_tokens`] | tokens with the key that they are bound to, to be kept together |
//! | [`client`] | the client: one plain value that everything starts from |
//! | [`client_assertion`] | the JWT by which a client proves who it is (RFC 7523) |
//! | [`client_attestation`] | another's word for this instance of the client, and a proof of its key |
//! | `client_keys` | the public keys of the client |
//! | `clocks` | how far the clocks of two parties may lie apart |
//! | `decryption` | what a server encrypts to a client |
//! | [`details`] | rich authorization details (RFC 9396) |
//! | [`dpop`] | the key that tokens are bound to, and its proofs (RFC 9449) |
//! | `dpop_nonces` | the nonces that servers gave for proofs |
//! | [`dpop_proof`] | a proof as a resource server reads it |
//! | [`error`] | errors, by whose fault, with their remedy |
//! | [`hooks`] | what an application alters in requests and answers |
//! | [`id_token`] | who signed in, verified |
//! | `key_cache` | the keys of a server, and when they are fetched again |
//! | [`keys`] | the keys of a server, and what is missing where one is not at hand |
//! | [`metadata`] | what a server says of itself (RFC 8414, OpenID Connect Discovery) |
//! | [`quirks`] | tolerated deviations of servers, by name, and findings when one acts |
//! | [`policy`] | what clients and servers are held to, by name |
//! | `recipient` | whom an answer through the browser is for |
//! | `redirect_uri` | where a server sends the user back to |
//! | [`refusal`] | the server's own no |
//! | [`relaxation`] | what is less strict than it would be, to be listed |
//! | [`request_objects`] | how a client signs what it asks for (RFC 9101) |
//! | [`response_algorithms`] | how answers to a client are signed and encrypted |
//! | [`scope`] | what is asked for, what was granted |
//! | `server` | which server something belongs to |
//! | `statement` | what all that a client signs has in common |
//! | [`stored_dpop_key`] | the key that tokens are bound to, stored |
//! | [`stored_keys`] | the keys of a server, stored |
//! | `tenant_issuer` | issuers that differ from tenant to tenant |
//! | [`token`] | tokens |
//! | [`token_type`] | which kind of token a text is (RFC 8693, RFC 7009) |
//! | [`verdict`] | checks by stable id |

pub mod authentication;
pub mod bound_tokens;
pub mod client;
pub mod client_assertion;
pub mod client_attestation;
mod client_keys;
mod clocks;
mod decryption;
pub mod details;
pub mod dpop;
pub(crate) mod dpop_nonces;
pub mod dpop_proof;
pub mod error;
pub mod hooks;
pub mod id_token;
pub(crate) mod key_cache;
pub mod keys;
pub mod metadata;
pub(crate) mod pkce;
pub mod policy;
pub mod quirks;
pub(crate) mod recipient;
pub(crate) mod redirect_uri;
pub mod refusal;
pub mod relaxation;
pub mod request_objects;
pub mod response_algorithms;
pub mod scope;
pub(crate) mod server;
pub(crate) mod statement;
pub mod stored_dpop_key;
pub mod stored_keys;
pub(crate) mod tenant_issuer;
pub mod token;
pub mod token_type;
pub mod verdict;
