//! A lease: tokens, what renews them, and when that is due. Comparisons between instants, no flow.
//!
//! ```text
//!   received            refresh_at        serve_until   expires_at
//!      │                     │                 │            │
//!      ├─────── Fresh ───────┼────── Due ──────┼── Expired ─┴───▶
//!      │   use               │  use, and renew │  renew first
//! ```
//!
//! `refresh_at ≤ serve_until ≤ expires_at` always. Where nothing renews the tokens, `Due` is still
//! `Fresh`, and after `serve_until` the user has to sign in. Tokens without an expiry are due after
//! [`Terms::trust`] and expire only by a 401 ([`Lease::reject`]).
//!
//! # Clocks
//!
//! The moments are computed from the tokens each time, and nothing waits inside: a clock that jumps
//! forward makes them due too early at worst. One that is set back would make them live too long:
//! tokens that seem to have come in the future are due at once, and the renewed ones are dated anew.
//!
//! # Three styles
//!
//! What to do about expired tokens is the caller's choice, a few lines each:
//!
//! ```no_run
//! # #[cfg(feature = "ureq")]
//! # mod styles {
//! # use oauth_proto::{domain::client::Client, domain::token::Tokens, transport::{now, ureq}};
//! use oauth_proto::lease::lease::{Lease, Standing};
//!
//! # fn three(client: Client, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
//! # let (agent, request) = (ureq::agent(), http::Request::new(Vec::new()));
//! let mut lease = Lease::new(tokens);
//!
//! // Expired is reported: `Expired::AccessToken`, or `Expired::Grant` where only a sign-in helps.
//! let tokens = lease.tokens(now())?;
//!
//! // Renewed and told: the request is not sent, and the caller learns of the new tokens.
//! if lease.standing(now()) == Standing::Expired {
//!     let renewed = ureq::run(&agent, lease.renew(&client)?)?;
//!     lease.keep(renewed);
//! }
//!
//! // Renewed and continued: before anything expires.
//! if lease.standing(now()).is_due() {
//!     let renewed = ureq::run(&agent, lease.renew(&client)?)?;
//!     lease.keep(renewed);
//! }
//! let answer = ureq::run(&agent, client.call(lease.tokens(now())?, request))?;
//! # Ok(()) }
//! # }
//! # fn main() {}
//! ```

use std::time::Duration;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::token::Tokens;
use crate::lease::renewal::Renewal;
use crate::lease::renewal::Renewing;
use crate::lease::terms::Terms;

/// Tokens, or none yet, and what renews them.
///
/// For one holder in one process. What several share is renewed by
/// [`Refresh`](crate::lease::refresh::Refresh).
///
/// ```
/// # use oauth_proto::{base::time::UnixTime, domain::token::Tokens};
/// use oauth_proto::lease::lease::{Lease, Standing};
///
/// # let tokens: Tokens = serde_json::from_str(r#"{"v":1,"access_token":"a","token_type":"Bearer",
/// #   "received_at":1000,"expires_at":4600,"refresh_token":"r","client_id":"app"}"#)?;
/// let at = UnixTime::from_secs;
/// let mut lease = Lease::new(tokens); // received at 1 000, for an hour
/// assert_eq!(lease.standing(at(1_000)), Standing::Fresh);
/// assert_eq!(lease.standing(at(3_900)), Standing::Due);
/// assert_eq!(lease.standing(at(4_540)), Standing::Expired);
/// lease.forget();
/// assert_eq!(lease.standing(at(1_000)), Standing::NeedsSignIn);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Lease {
    tokens: Option<Tokens>,
    renewal: Option<Renewal>,
    terms: Terms,
    /// The API refused the access token.
    is_rejected: bool,
}

impl Lease {
    /// Tokens that their refresh token renews, if they have one.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self {
            tokens: Some(tokens),
            ..Self::obtained_by(Renewal::refresh_token())
        }
    }

    /// Tokens that are still to be obtained.
    #[must_use]
    pub fn obtained_by(renewal: Renewal) -> Self {
        Self {
            tokens: None,
            renewal: Some(renewal),
            terms: Terms::new(),
            is_rejected: false,
        }
    }

    /// Sets what else than a refresh token renews them.
    #[must_use]
    pub fn with_renewal(mut self, renewal: Renewal) -> Self {
        self.renewal = Some(renewal);
        self
    }

    /// Sets other terms than the default ones.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.terms = terms;
        self
    }

    /// How the tokens stand.
    #[must_use]
    pub fn standing(&self, now: UnixTime) -> Standing {
        let standing = match &self.tokens {
            Some(tokens) if !self.is_rejected => Moments::of(tokens, &self.terms).standing(now),
            _ => Standing::Expired,
        };
        match standing {
            Standing::Due if !self.is_renewable() => Standing::Fresh,
            Standing::Expired if !self.is_renewable() => Standing::NeedsSignIn,
            standing => standing,
        }
    }

    /// When the tokens are due; none where there are none, or nothing renews them.
    #[must_use]
    pub fn due_at(&self) -> Option<UnixTime> {
        let tokens = self.tokens.as_ref().filter(|_| self.is_renewable())?;
        Some(Moments::of(tokens, &self.terms).refresh_at)
    }

    /// The tokens, to be used now.
    ///
    /// # Errors
    ///
    /// [`Expired::AccessToken`] where they have to be renewed first, [`Expired::Grant`] where nothing
    /// renews them and the user has to sign in.
    pub fn tokens(&self, now: UnixTime) -> Result<&Tokens, Error> {
        match (&self.tokens, self.standing(now)) {
            (Some(tokens), Standing::Fresh | Standing::Due) => Ok(tokens),
            (_, Standing::NeedsSignIn) => Err(Expired::Grant.into()),
            (tokens, _) => Err(Expired::AccessToken {
                expired_at: tokens.as_ref().map_or(now, |tokens| {
                    Moments::of(tokens, &self.terms).serve_until.min(now)
                }),
                now,
            }
            .into()),
        }
    }

    /// The flow that gets new tokens, for [`keep`](Self::keep). What is used once (a code, a device's
    /// wait) is taken out, and a refresh token takes its place.
    ///
    /// # Errors
    ///
    /// [`Expired::Grant`] where nothing renews them; those of [`Grant::refresh`] and of
    /// [`Client::poll`].
    ///
    /// [`Grant::refresh`]: crate::endpoint::grant::Grant::refresh
    pub fn renew(&mut self, client: &Client) -> Result<Renewing, Error> {
        if !self.is_renewable() {
            return Err(Expired::Grant.into());
        }
        let renewal = self.renewal.as_mut().ok_or(Expired::Grant)?;
        renewal.begin(client, self.tokens.as_ref())
    }

    /// Takes in what came of [`renew`](Self::renew).
    pub fn keep(&mut self, tokens: Tokens) {
        self.tokens = Some(tokens);
        self.is_rejected = false;
    }

    /// The API answered 401 to the access token: it has expired, whatever was said of its lifetime.
    pub fn reject(&mut self) {
        self.is_rejected = true;
    }

    /// Forgets the tokens and what renews them: the user has to sign in. The server keeps its grant
    /// until it is told ([`Client::revoke`]).
    pub fn forget(&mut self) {
        self.tokens = None;
        self.renewal = None;
    }

    /// Tokens, renewal, terms, and whether the API refused the access token.
    pub(crate) fn into_parts(self) -> (Option<Tokens>, Option<Renewal>, Terms, bool) {
        (self.tokens, self.renewal, self.terms, self.is_rejected)
    }

    fn is_renewable(&self) -> bool {
        self.renewal
            .as_ref()
            .is_some_and(|renewal| renewal.can_renew(self.tokens.as_ref()))
    }
}

/// How tokens stand at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller decides for every standing"
)]
pub enum Standing {
    /// Use them.
    Fresh,
    /// Use them, and renew them when convenient.
    Due,
    /// Renew them first.
    Expired,
    /// There are none to use, and nothing renews them.
    NeedsSignIn,
}

impl Standing {
    /// Whether it is time to renew, or past that.
    #[must_use]
    pub const fn is_due(self) -> bool {
        matches!(self, Self::Due | Self::Expired)
    }

    /// Whether the access token can be used.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Fresh | Self::Due)
    }
}

/// The moments of some tokens, under some terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moments {
    received_at: UnixTime,
    /// Not after `serve_until`.
    pub(crate) refresh_at: UnixTime,
    /// The end of time for tokens without an expiry.
    pub(crate) serve_until: UnixTime,
}

/// How far ahead of this clock the one may be that dated the tokens. A bound of this crate: clocks that
/// are kept differ by less.
const SKEW: Duration = Duration::from_secs(60);

impl Moments {
    pub(crate) fn of(tokens: &Tokens, terms: &Terms) -> Self {
        let received_at = tokens.received_at();
        let salt = tokens.access_token().expose();
        let wish = refresh_in(tokens);
        let (serve_until, after) = match tokens.expires_at() {
            Some(expires_at) => {
                let lifetime = expires_at.since(received_at);
                let served = lifetime.saturating_sub(terms.margin(lifetime));
                let after = wish.unwrap_or_else(|| terms.renew_at(lifetime, salt));
                (received_at.saturating_add(served), after)
            }
            None => (
                UnixTime::from_secs(u64::MAX),
                wish.unwrap_or_else(|| terms.trust()),
            ),
        };
        Self {
            received_at,
            refresh_at: received_at.saturating_add(after).min(serve_until),
            serve_until,
        }
    }

    /// Fresh, due or expired; what renews them is not known here.
    pub(crate) fn standing(&self, now: UnixTime) -> Standing {
        if now.has_reached(self.serve_until) {
            Standing::Expired
        } else if now.has_reached(self.refresh_at) || self.received_at.since(now) > SKEW {
            Standing::Due
        } else {
            Standing::Fresh
        }
    }
}

/// The server's own wish, in seconds, as some send it beside `expires_in`.
fn refresh_in(tokens: &Tokens) -> Option<Duration> {
    let number = |value: serde_json::Value| match value {
        serde_json::Value::Number(number) => number.as_u64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let wish = tokens.member("refresh_in").ok().flatten();
    wish.and_then(number).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVED: u64 = 1_000_000;

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(RECEIVED + seconds)
    }

    fn tokens(expires_in: Option<u64>, more: &str) -> Tokens {
        let expiry = expires_in.map_or_else(String::new, |seconds| {
            format!(r#""expires_at":{},"#, RECEIVED + seconds)
        });
        serde_json::from_str(&format!(
            r#"{{"v":1,"access_token":"acc355","token_type":"Bearer","received_at":{RECEIVED},{expiry}{more}"client_id":"app"}}"#
        ))
        .unwrap()
    }

    fn renewable(expires_in: Option<u64>) -> Lease {
        Lease::new(tokens(expires_in, r#""refresh_token":"refr35h","#))
    }

    #[test]
    fn the_margin_is_a_minute_or_a_tenth() {
        for (lifetime, until) in [(3_600, 3_540), (600, 540), (300, 270), (30, 27), (1, 1)] {
            let lease = renewable(Some(lifetime));
            assert!(lease.standing(at(until - 1)).is_usable(), "{lifetime}");
            assert_eq!(lease.standing(at(until)), Standing::Expired, "{lifetime}");
            assert!(lease.tokens(at(until)).is_err());
        }
        assert_eq!(renewable(Some(0)).standing(at(0)), Standing::Expired);
    }

    #[test]
    fn a_lease_is_due_at_four_fifths_less_jitter() {
        let mut moments = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let lease = renewable(Some(3_600)).with_terms(Terms::new().with_seed(seed));
            let due = lease.due_at().unwrap();
            assert!(at(2_520) < due && due <= at(2_880), "{due}");
            assert_eq!(lease.standing(due), Standing::Due);
            assert!(lease.tokens(due).is_ok());
            moments.insert(due);
        }
        assert!(moments.len() > 20);
    }

    #[test]
    fn the_servers_wish_comes_before_the_share() {
        for (wish, due) in [("600", 600), ("\"600\"", 600), ("9999", 3_540), ("0", 0)] {
            let more = format!(r#""refresh_token":"r","members":{{"refresh_in":{wish}}},"#);
            let lease = Lease::new(tokens(Some(3_600), &more));
            assert_eq!(lease.due_at(), Some(at(due)), "{wish}");
        }
        let more = r#""refresh_token":"r","members":{"refresh_in":[1]},"#;
        let lease = Lease::new(tokens(Some(3_600), more));
        assert!(lease.due_at().unwrap() > at(2_000));
    }

    #[test]
    fn without_an_expiry_they_serve_until_they_are_rejected() {
        let mut lease = renewable(None);
        assert_eq!(lease.standing(at(299)), Standing::Fresh);
        assert_eq!(lease.standing(at(300)), Standing::Due);
        assert_eq!(lease.standing(at(u64::MAX - RECEIVED - 1)), Standing::Due);
        lease.reject();
        assert_eq!(lease.standing(at(0)), Standing::Expired);
        lease.keep(tokens(None, ""));
        assert_eq!(lease.standing(at(300)), Standing::Fresh, "nothing renews");
        lease.reject();
        assert_eq!(lease.standing(at(300)), Standing::NeedsSignIn);
    }

    #[test]
    fn nothing_that_renews_means_sign_in_and_not_before_the_end() {
        let lease = Lease::new(tokens(Some(3_600), ""));
        assert_eq!(lease.standing(at(3_500)), Standing::Fresh);
        assert_eq!(lease.due_at(), None);
        let error = lease.tokens(at(3_540)).unwrap_err();
        assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
        let error = renewable(Some(3_600)).tokens(at(3_540)).unwrap_err();
        let is_expired = matches!(error, Error::Expired(Expired::AccessToken { .. }));
        assert!(is_expired, "{error}");
    }

    #[test]
    fn no_clock_strands_a_lease() {
        let lease = renewable(Some(3_600));
        let back = UnixTime::from_secs(RECEIVED - 86_400);
        assert_eq!(lease.standing(back), Standing::Due);
        let skewed = UnixTime::from_secs(RECEIVED - 60);
        assert_eq!(lease.standing(skewed), Standing::Fresh);
        let forward = UnixTime::from_secs(u64::MAX);
        assert_eq!(lease.standing(forward), Standing::Expired);
    }
}
