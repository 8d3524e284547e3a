//! A sans-IO client for OAuth 2.x, OpenID Connect and OAuth 1.0a.

pub mod base;
pub mod crypto;
pub mod domain;
pub mod endpoint;
pub mod flow;
