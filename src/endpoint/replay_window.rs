//! Which tokens were seen before (RFC 7519 §4.1.7: "The jti claim can be used to prevent the JWT from
//! being replayed"): a value that the caller keeps.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fmt;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::logout_token::LogoutToken;

/// The names of tokens that were taken, until each would be refused for its age anyway.
///
/// Bounded: where it is full, the name that ends first is forgotten for the new one. Whoever runs
/// several processes keeps one window for all of them, or sees a token once in each: to end a session
/// twice does no harm.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::endpoint::replay_window::ReplayWindow;
///
/// let (now, end) = (UnixTime::from_secs(1_800_000_000), UnixTime::from_secs(1_800_000_120));
/// let mut window = ReplayWindow::new();
/// assert!(window.is_new(now, "https://id.example", "bWJq", end));
/// assert!(!window.is_new(now, "https://id.example", "bWJq", end));
/// assert!(window.is_new(now, "https://other.example", "bWJq", end));
/// ```
#[derive(Clone)]
pub struct ReplayWindow {
    seen: HashMap<Name, UnixTime>,
    by_end: BTreeSet<(UnixTime, Name)>,
    capacity: usize,
}

/// A digest of issuer and `jti`: whoever names tokens chooses their length.
type Name = [u8; 32];

/// How many names are remembered unless said otherwise: a token a second for two hours and more.
const CAPACITY: usize = 10_000;

/// How much longer than its end a token is remembered, for clocks that lie apart.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5 * 60);

/// No token is remembered longer than this, whatever it says.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

impl ReplayWindow {
    /// Remembers up to 10 000 tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Remembers up to `capacity` tokens, and one at least.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            seen: HashMap::new(),
            by_end: BTreeSet::new(),
            capacity: capacity.max(1),
        }
    }

    /// Takes a logout token, once.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`LOGOUT-TOKEN-REPLAYED`) where it was taken before.
    pub fn take(&mut self, now: UnixTime, token: &LogoutToken) -> Result<(), Error> {
        if self.is_new(now, token.iss(), token.id(), token.exp()) {
            return Ok(());
        }
        Err(Violation::new(Check::LogoutTokenReplayed)
            .expected("a token that was not seen before")
            .into())
    }

    /// Remembers the token that `issuer` calls `jti` until `end`, and says whether it is new.
    pub fn is_new(&mut self, now: UnixTime, issuer: &str, jti: &str, end: UnixTime) -> bool {
        self.forget(now);
        let name = name(issuer, jti);
        if self.seen.contains_key(&name) {
            return false;
        }
        if self.seen.len() >= self.capacity
            && let Some((_, first)) = self.by_end.pop_first()
        {
            self.seen.remove(&first);
        }
        let end = end.saturating_add(GRACE).min(now.saturating_add(LONGEST));
        self.seen.insert(name, end);
        self.by_end.insert((end, name));
        true
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

    fn forget(&mut self, now: UnixTime) {
        while let Some((end, name)) = self.by_end.first().copied()
            && now.has_reached(end)
        {
            self.by_end.pop_first();
            self.seen.remove(&name);
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
        let mut window = ReplayWindow::new();
        assert!(window.is_new(at(0), "i", "a", at(120)));
        assert!(!window.is_new(at(419), "i", "a", at(120)));
        assert!(window.is_new(at(420), "i", "a", at(120)));
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn a_flood_is_bounded_and_forgets_what_ends_first() {
        let mut window = ReplayWindow::with_capacity(3);
        assert!(window.is_new(at(0), "i", "short", at(10)));
        for jti in ["a", "b", "c", "d"] {
            assert!(window.is_new(at(0), "i", jti, at(900)));
        }
        assert_eq!(window.len(), 3);
        assert!(window.is_new(at(0), "i", "short", at(10)));
    }

    #[test]
    fn no_token_is_remembered_for_good() {
        let mut window = ReplayWindow::new();
        assert!(window.is_new(at(0), "i", "a", UnixTime::from_secs(u64::MAX)));
        assert!(window.is_new(at(24 * 60 * 60), "i", "a", at(0)));
    }

    #[test]
    fn issuer_and_name_are_told_apart() {
        let mut window = ReplayWindow::new();
        assert!(window.is_new(at(0), "ab", "c", at(9)));
        assert!(window.is_new(at(0), "a", "bc", at(9)));
    }
}
