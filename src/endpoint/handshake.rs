//! The secrets that bind an authorization response to its request: `state`, `nonce` and the code verifier
//! (RFC 6749 §10.10 and §10.12, RFC 7636 §4.1).

use std::ops::Range;

use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::NoEntropy;

/// The secrets of one authorization request, in one buffer: state, nonce, code verifier.
///
/// The nonce and the verifier may be absent, which is an empty range.
#[derive(Clone)]
pub(crate) struct Handshake {
    text: Secret,
    nonce_at: u16,
    verifier_at: u16,
}

/// Entropy for the state and for the nonce, in bytes. RFC 6749 §10.10: the probability of a
/// guess "SHOULD be less than or equal to 2^(-160)"; 192 bits are 32 characters without a remainder.
const TOKEN_BYTES: usize = 24;
/// RFC 7636 §4.1: "a 32-octet sequence", 43 characters.
const VERIFIER_BYTES: usize = 32;

impl Handshake {
    /// Draws what is not given from one call for entropy.
    pub(crate) fn draw(
        crypto: &dyn Crypto,
        state: Option<&str>,
        nonce: Wanted<'_>,
        verifier: Wanted<'_>,
    ) -> Result<Self, NoEntropy> {
        let state = state.map_or(Wanted::Drawn, Wanted::Given);
        let needed = state.entropy(TOKEN_BYTES)
            + nonce.entropy(TOKEN_BYTES)
            + verifier.entropy(VERIFIER_BYTES);
        let mut room = (needed > 0).then(|| Zeroizing::new([0; 2 * TOKEN_BYTES + VERIFIER_BYTES]));
        let drawn = room.as_mut().and_then(|room| room.get_mut(..needed));
        let drawn = drawn.unwrap_or_default();
        if needed > 0 {
            crypto.fill(drawn)?;
        }
        let (for_state, rest) = drawn.split_at(state.entropy(TOKEN_BYTES));
        let (for_nonce, for_verifier) = rest.split_at(nonce.entropy(TOKEN_BYTES));
        let mut text = String::with_capacity(
            state.length(for_state) + nonce.length(for_nonce) + verifier.length(for_verifier),
        );
        state.write(for_state, &mut text);
        let nonce_at = offset(&text);
        nonce.write(for_nonce, &mut text);
        let verifier_at = offset(&text);
        verifier.write(for_verifier, &mut text);
        Ok(Self {
            text: Secret::from(text),
            nonce_at,
            verifier_at,
        })
    }

    pub(super) fn of(state: &str, nonce: Option<&str>, verifier: Option<&str>) -> Self {
        Self {
            text: Secret::from([state, nonce.unwrap_or(""), verifier.unwrap_or("")].concat()),
            nonce_at: offset(state),
            verifier_at: offset(state) + offset(nonce.unwrap_or("")),
        }
    }

    pub(crate) fn state(&self) -> &str {
        self.part(0..self.nonce_at)
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        Some(self.part(self.nonce_at..self.verifier_at)).filter(|nonce| !nonce.is_empty())
    }

    pub(crate) fn verifier(&self) -> Option<&str> {
        let rest = self.text.expose().get(usize::from(self.verifier_at)..);
        rest.filter(|verifier| !verifier.is_empty())
    }

    fn part(&self, range: Range<u16>) -> &str {
        let range = usize::from(range.start)..usize::from(range.end);
        self.text.expose().get(range).unwrap_or_default()
    }
}

/// Given values are bounded ([`MAX_GIVEN`]), so that offsets fit.
fn offset(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

/// The longest `state` or `nonce` that a caller may give, in bytes. A bound of this crate: it travels
/// in a URL.
pub(crate) const MAX_GIVEN: usize = 1024;

/// Where one of the secrets comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    Absent,
    Drawn,
    Given(&'a str),
}

impl Wanted<'_> {
    /// How much entropy it takes, where one that is drawn takes `bytes`.
    const fn entropy(self, bytes: usize) -> usize {
        match self {
            Wanted::Drawn => bytes,
            Wanted::Absent | Wanted::Given(_) => 0,
        }
    }

    /// How many characters [`write`](Self::write) writes.
    const fn length(self, entropy: &[u8]) -> usize {
        match self {
            Wanted::Absent => 0,
            Wanted::Drawn => (4 * entropy.len()).div_ceil(3),
            Wanted::Given(given) => given.len(),
        }
    }

    fn write(self, entropy: &[u8], text: &mut String) {
        match self {
            Wanted::Absent => {}
            Wanted::Drawn => base64url::encode_into(entropy, text),
            Wanted::Given(given) => text.push_str(given),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::provider_system::System;

    #[test]
    fn one_call_for_entropy_serves_all_three() {
        #[derive(Debug, Default)]
        struct Counting(std::sync::atomic::AtomicUsize);
        impl Crypto for Counting {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                bytes.fill(7);
                Ok(())
            }
            fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
                System::new().sha256(bytes)
            }
        }
        let crypto = Counting::default();
        let handshake = Handshake::draw(&crypto, None, Wanted::Drawn, Wanted::Drawn).unwrap();
        assert_eq!(crypto.0.into_inner(), 1);
        assert_eq!(handshake.state().len(), 32);
        assert_eq!(handshake.nonce().unwrap().len(), 32);
        assert_eq!(handshake.verifier().unwrap().len(), 43);
    }
}
