//! The rooms with a door to the street: two thin adapters over one contract, stores in a file and in
//! Redis, for threads and for tasks, and the clock.
//!
//! HTTP as RFC 9110 and RFC 9112 have it. An adapter sends one `http::Request` and
//! hands back one `http::Response`, or a [`Failure`] when there was no answer. Everything that an
//! answer means is decided elsewhere.
//!
//! # The contract
//!
//! - **No redirect is followed.** A 3xx comes back as it came. A token request that followed a
//!   redirect would carry the code, or the client's secret, to wherever the server pointed.
//! - **No status is an error.** A 400 with a JSON body is an answer.
//! - **Every response header field is delivered**, repeated ones in their order. Up to 128 fields;
//!   a header section with more, or longer than the HTTP client reads (64 KiB at least), is
//!   [`Failure::NotHttp`].
//! - **The body is whole or there is none.** It is capped, by default at 1 MiB: one byte more is
//!   [`Failure::TooLarge`], with a `Content-Length` or without. A connection that ends too early is
//!   [`Failure::Cut`]. Nothing is ever shortened.
//! - **Nothing is decoded.** No `Accept-Encoding` is sent, and a body that is compressed all the
//!   same is delivered as it came, with its `Content-Encoding`.
//! - **Time is bounded**: by default 10 seconds to connect, the TLS handshake included, and 20 for the
//!   whole exchange, the body included.
//! - **TLS is verified**, and there is no switch to turn that off. Versions 1.2 and 1.3.
//! - **The request goes out as it is**: method, target, header fields in any number and order of
//!   values, body. Added are only `host`, the body's `content-length`, a `user-agent`
//!   (`oauth-proto/VERSION`) and `accept: */*`, the last two where the request has none of its own.
//!   A POST without a body says `content-length: 0`, a GET says nothing. HTTP/1.1.
//! - **Once.** A request of which a single byte may have been read by the server is not sent again.
//! - **Nothing is remembered** but idle connections, for 4 seconds: no cookies, no cache.
//! - **No proxy** unless asked for: the environment is not read.
//! - **Nothing is told**: no `Failure` and no `Debug` shows a URL, a header value, a body or a key.
//!
//! A request that the contract has no place for is refused before anything is sent
//! ([`Failure::InvalidRequest`]): a target that is not an absolute `http` or `https` URI or that
//! carries credentials; a body on another method than POST, PUT or PATCH; `content-length` or
//! `transfer-encoding` given by hand. That `https` is used where it must be is the core's business:
//! it knows which endpoints may be on the loopback interface.
//!
//! # Whom TLS trusts
//!
//! Each adapter trusts what its HTTP client trusts by default: `ureq` the list of Mozilla, compiled
//! in; `reqwest` what the operating system trusts. Authorities given in the `Options` are added, or
//! stand alone with `only_given_authorities`. The cryptography is the process-wide default of `rustls`
//! if the application installed one, otherwise the client's own: ring for `ureq`, aws-lc-rs for
//! `reqwest`.
//!
//! # Where
//!
//! Not on `wasm32-unknown-unknown`, which has neither sockets nor a clock: there the whole floor is
//! left out. The host's `fetch` and `Date.now()` take its place.
//!
//! # A transport of one's own
//!
//! The adapters are a convenience. Whatever keeps the contract can take their place.

#![cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]

#[cfg(feature = "reqwest")]
pub mod blocking;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
mod exchange;
mod failure;
#[cfg(feature = "file-store")]
pub mod file_store;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
mod options;
#[cfg(feature = "redis")]
pub mod redis_store;
#[cfg(feature = "reqwest")]
pub mod reqwest;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
mod tls;
#[cfg(feature = "ureq")]
pub mod ureq;

use std::time::SystemTime;

use crate::base::time::UnixTime;

pub use failure::Failure;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub use options::{BODY_LIMIT, CONNECT_TIMEOUT, IDLE, Options, OptionsError, TIMEOUT};

/// The wall clock of this machine.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the crate reads the clock"
)]
pub fn now() -> UnixTime {
    UnixTime::from(SystemTime::now())
}
