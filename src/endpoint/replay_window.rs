//! Which tokens and proofs were seen before (RFC 7519 §4.1.7: "The jti claim can be used to prevent the JWT
//! from being replayed"; RFC 9449 §11.1): a value that the caller keeps.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use crate::base::time::UnixTime;
use crate::domain::dpop_proof::DpopProof;
use crate::domain::error::Error;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::logout_token::LogoutToken;

/// The names of tokens that were taken, until each would be refused for its age anyway.
///
/// Bounded, and no name makes room for another before its token has ended: whoever fills a window could have
/// a token taken twice otherwise. A window that is full takes nothing new, so that its capacity is to be that
/// of all that can come within the life of a token: DPoP proofs live for two minutes at most unless said
/// otherwise, and 10 000 of them are 80 requests a second. Keep a window for each server whose logout tokens
/// are taken, so that none fills another's, and limit the rate of each caller.
///
/// Whoever runs several processes keeps one window for all of them, or takes a token once in each: to end a
/// session twice does no harm, to serve a stolen request twice may.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::endpoint::replay_window::{Outcome, ReplayWindow};
///
/// let (now, end) = (UnixTime::from_secs(1_800_000_000), UnixTime::from_secs(1_800_000_120));
/// let mut window = ReplayWindow::with_capacity(2);
/// assert_eq!(window.remember(now, "https://id.example", "bWJq", end), Outcome::New);
/// assert_eq!(window.remember(now, "https://id.example", "bWJq", end), Outcome::Seen);
/// assert_eq!(window.remember(now, "https://other.example", "bWJq", end), Outcome::New);
/// assert_eq!(window.remember(now, "https://other.example", "MTIz", end), Outcome::Full);
/// assert_eq!(window.remember(end, "https://other.example", "MTIz", end), Outcome::New);
/// ```
#[derive(Clone)]
pub struct ReplayWindow {
    seen: HashSet<Name>,
    by_end: BTreeSet<(UnixTime, Name)>,
    capacity: usize,
    grace: Duration,
}

/// What a window knows of a name. Only what is new is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only what is new is to be taken"]
#[non_exhaustive]
pub enum Outcome {
    /// It was not seen before, and is remembered from now on.
    New,
    /// It was seen before.
    Seen,
    /// It is not remembered, because the window is full of what has not ended: taken now, it could be taken
    /// again.
    Full,
}

/// A digest of issuer and `jti`: whoever names tokens chooses their length.
type Name = [u8; 32];

/// How many names are remembered unless said otherwise.
const CAPACITY: usize = 10_000;

/// How much longer than its end a token is remembered unless said otherwise, while there is room: for a
/// clock that is set back. As long as a DPoP proof lives by its default.
const GRACE: Duration = Duration::from_secs(60);

/// No token counts as lasting longer than this, whatever it says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl ReplayWindow {
    /// Remembers up to 10 000 tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Remembers up to `capacity` tokens, and one at least. Each takes about 150 bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            seen: HashSet::new(),
            by_end: BTreeSet::new(),
            capacity: capacity.max(1),
            grace: GRACE,
        }
    }

    /// Remembers tokens for so long after their end, while there is room, in place of one minute: so far the
    /// clock may be set back.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Takes a logout token, once. One that lasts for more than a day is remembered for a day.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`LOGOUT-TOKEN-REPLAYED`) where it was taken before; [`Error::WindowFull`] where
    /// that could not be told the next time: to end its sessions all the same does less harm than to leave
    /// them open.
    pub fn take(&mut self, now: UnixTime, token: &LogoutToken) -> Result<(), Error> {
        let outcome = self.remember(now, token.iss(), token.jti(), token.expires_at());
        outcome.as_verdict(Check::LogoutTokenReplayed)
    }

    /// Takes a DPoP proof, once: by its `jti`, among those of its key.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`DPOP-PROOF-REPLAYED`) where it was taken before; [`Error::WindowFull`] where
    /// that could not be told the next time: the request is not to be served.
    pub fn take_proof(&mut self, now: UnixTime, proof: &DpopProof) -> Result<(), Error> {
        let outcome = self.remember(now, proof.thumbprint(), proof.jti(), proof.expires_at());
        outcome.as_verdict(Check::DpopProofReplayed)
    }

    /// Remembers the token that `issuer` calls `jti`, and says whether it is new. `end` is the first moment
    /// at which the token is refused for its age. It is remembered for a day at most.
    ///
    /// Of what has no issuer but a key, as a DPoP proof has, the thumbprint of the key stands for it.
    pub fn remember(&mut self, now: UnixTime, issuer: &str, jti: &str, end: UnixTime) -> Outcome {
        while self.has_ended(now, self.grace) {
            self.forget_first();
        }
        let name = name(issuer, jti);
        if self.seen.contains(&name) {
            return Outcome::Seen;
        }
        if self.seen.len() >= self.capacity {
            if !self.has_ended(now, Duration::ZERO) {
                return Outcome::Full;
            }
            self.forget_first();
        }
        let end = end.min(now.saturating_add(LONGEST));
        self.seen.insert(name);
        self.by_end.insert((end, name));
        Outcome::New
    }

    /// How many tokens are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Whether the token that ends first ended so long ago.
    fn has_ended(&self, now: UnixTime, ago: Duration) -> bool {
        let first = self.by_end.first();
        first.is_some_and(|(end, _)| now.has_reached_with(*end, ago))
    }

    fn forget_first(&mut self) {
        if let Some((_, name)) = self.by_end.pop_first() {
            self.seen.remove(&name);
        }
    }
}

impl Outcome {
    fn as_verdict(self, replayed: Check) -> Result<(), Error> {
        match self {
            Self::New => Ok(()),
            Self::Seen => Err(Violation::new(replayed)
                .expected("a token that was not seen before")
                .into()),
            Self::Full => Err(Error::WindowFull),
        }
    }
}

fn name(issuer: &str, jti: &str) -> Name {
    use sha2::Digest as _;

    let mut digest = sha2::Sha256::new();
    digest.update(issuer.len().to_be_bytes());
    digest.update(issuer);
    digest.update(jti);
    digest.finalize().into()
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ReplayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayWindow")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(1_800_000_000 + seconds)
    }

    #[test]
    fn a_name_is_forgotten_once_its_token_is_too_old() {
        let mut window = ReplayWindow::new().with_grace(Duration::from_secs(7));
        assert_eq!(window.remember(at(0), "i", "a", at(120)), Outcome::New);
        assert_eq!(window.remember(at(126), "i", "a", at(120)), Outcome::Seen);
        assert_eq!(window.remember(at(127), "i", "a", at(120)), Outcome::New);
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn no_flood_makes_a_name_new() {
        let mut window = ReplayWindow::with_capacity(3);
        assert_eq!(window.remember(at(0), "i", "mine", at(10)), Outcome::New);
        let flood = ["a", "b", "c", "d"].map(|jti| window.remember(at(0), "i", jti, at(900)));
        let (new, full) = (Outcome::New, Outcome::Full);
        assert_eq!(flood, [new, new, full, full]);
        assert_eq!(window.len(), 3);
        assert_eq!(window.remember(at(9), "i", "mine", at(10)), Outcome::Seen);
        assert_eq!(window.remember(at(9), "i", "e", at(900)), Outcome::Full);
    }

    /// What is remembered for its grace alone would be refused for its age.
    #[test]
    fn what_has_ended_makes_room() {
        let mut window = ReplayWindow::with_capacity(1);
        assert_eq!(window.remember(at(0), "i", "a", at(10)), Outcome::New);
        assert_eq!(window.remember(at(10), "i", "a", at(10)), Outcome::Seen);
        assert_eq!(window.remember(at(10), "i", "b", at(20)), Outcome::New);
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn no_token_is_remembered_for_good() {
        let mut window = ReplayWindow::with_capacity(1);
        let never = UnixTime::from_secs(u64::MAX);
        let day = 24 * 60 * 60;
        assert_eq!(window.remember(at(0), "i", "a", never), Outcome::New);
        assert_eq!(window.remember(at(day - 1), "i", "b", never), Outcome::Full);
        assert_eq!(window.remember(at(day), "i", "b", never), Outcome::New);
    }

    #[test]
    fn issuer_and_name_are_told_apart() {
        let mut window = ReplayWindow::new();
        assert_eq!(window.remember(at(0), "ab", "c", at(9)), Outcome::New);
        assert_eq!(window.remember(at(0), "a", "bc", at(9)), Outcome::New);
    }
}
