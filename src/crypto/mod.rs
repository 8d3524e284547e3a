//! Cryptography as one capability, handed to the client: entropy and digests, and the names of the
//! signature algorithms that a remote key may be asked for.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`algorithm`] | JWS algorithm names (RFC 7518 §3.1) |
//! | [`signing`] | what a key outside this process is asked to sign |
//! | [`provider_system`] | the default capability: the operating system's entropy |

use std::fmt::Debug;

pub mod algorithm;
pub mod provider_system;
pub mod signing;

/// What the protocol needs of cryptography.
///
/// A client holds one behind an [`Arc`](std::sync::Arc); the default is
/// [`System`](provider_system::System). Tests inject one whose entropy is known, and every request
/// becomes a known answer.
pub trait Crypto: Debug + Send + Sync {
    /// Fills `bytes` with entropy that an attacker cannot guess (RFC 6749 §10.10).
    ///
    /// Called once for all the secrets of one authorization request.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] where the source has none to give. Nothing is sent then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;

    /// SHA-256 of `bytes` (FIPS 180-4), as PKCE's `S256` wants it (RFC 7636 §4.2).
    fn sha256(&self, bytes: &[u8]) -> [u8; 32];
}

/// The source of entropy gave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of entropy gave none")]
#[non_exhaustive]
pub struct NoEntropy;

impl NoEntropy {
    /// For implementations of [`Crypto::fill`].
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for NoEntropy {
    fn default() -> Self {
        Self::new()
    }
}
