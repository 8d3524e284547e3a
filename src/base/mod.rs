//! Bytes, text, time and secrets: the ground floor, without one OAuth word.
//!
//! - [`base64url`]: the URL-safe base64 of RFC 4648 §5, read strictly.
//! - `bytes`: questions to every byte of a text.
//! - [`challenge`]: the `WWW-Authenticate` header of RFC 9110 §11.6.1.
//! - `form`: `application/x-www-form-urlencoded` pairs, written and read in order.
//! - [`json`]: JSON objects (RFC 8259) read strictly, and [`Members`](json::Members) kept as they came.
//! - `max_age`: how long an answer may be kept (RFC 9111 §5.2.2.1).
//! - `media_type`: the `Content-Type` header of RFC 9110 §8.3.
//! - `percent`: percent-encoding with the unreserved set of RFC 3986 §2.3.
//! - `repeat`: finding the first name that occurs twice.
//! - `retry_after`: the `Retry-After` header of RFC 9110 §10.2.3.
//! - [`secret`]: text that is never printed and is wiped when dropped.
//! - [`time`]: seconds since 1970 and the comparisons a clock needs.
//! - [`uri`]: absolute URIs that may be called, and origins.
//! - `version`: the version of a stored form.
//! - `wiped`: text that is overwritten when it is dropped.

pub mod base64url;
pub(crate) mod bytes;
pub mod challenge;
pub(crate) mod form;
pub mod json;
pub(crate) mod max_age;
pub(crate) mod media_type;
pub(crate) mod percent;
pub(crate) mod repeat;
pub(crate) mod retry_after;
pub mod secret;
pub mod time;
pub mod uri;
pub(crate) mod version;
pub(crate) mod wiped;
