//! What the tests of flows share.

#[path = "../common/app.rs"]
pub(crate) mod app;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "../common/jose.rs"]
pub(crate) mod jose;
#[path = "../common/moment.rs"]
pub(crate) mod moment;
#[path = "../common/parties.rs"]
pub(crate) mod parties;
#[path = "../common/run.rs"]
pub(crate) mod run;
#[path = "../common/session.rs"]
pub(crate) mod session;
#[path = "../common/user.rs"]
pub(crate) mod user;
#[path = "../common/wire.rs"]
pub(crate) mod wire;
