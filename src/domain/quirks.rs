//! Quirks: deviations of real servers that a client tolerates by name, and findings, which say when
//! something was tolerated.

use std::fmt;

/// One tolerated deviation. Single-purpose, off unless a client is given it
/// ([`Client::with_quirks`](crate::domain::client::Client::with_quirks)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The token endpoint answers in `application/x-www-form-urlencoded` instead of JSON
    /// (RFC 6749 §5.1 wants `application/json`). GitHub without an `Accept` header did, early
    /// Facebook did.
    FormTokenResponse,
    /// The server reads HTTP Basic credentials without form-decoding them
    /// (against RFC 6749 §2.3.1).
    RawBasicCredentials,
    /// The device authorization response names `verification_uri` as `verification_url`
    /// (against RFC 8628 §3.2). Google does.
    VerificationUrl,
    /// The server of OAuth 1.0a confirms the callback in another case than `true` (RFC 5849 §2.1).
    CallbackConfirmedCase,
    /// The server of OAuth 1.0a does not confirm the callback (RFC 5849 §2.1): `TripIt`, for one. The
    /// verification code is demanded all the same, so that no user is given to another.
    CallbackUnconfirmed,
    /// The server of OAuth 1.0a gives credentials as a JSON object instead of a form (RFC 5849 §2.1).
    JsonCredentials,
}

impl Quirk {
    /// Every quirk.
    pub const ALL: [Self; 6] = [
        Self::FormTokenResponse,
        Self::RawBasicCredentials,
        Self::VerificationUrl,
        Self::CallbackConfirmedCase,
        Self::CallbackUnconfirmed,
        Self::JsonCredentials,
    ];

    /// The quirk's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FormTokenResponse => "form-token-response",
            Self::RawBasicCredentials => "raw-basic-credentials",
            Self::VerificationUrl => "verification-url",
            Self::CallbackConfirmedCase => "callback-confirmed-case",
            Self::CallbackUnconfirmed => "callback-unconfirmed",
            Self::JsonCredentials => "json-credentials",
        }
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of quirks, small and copied freely.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks(u64);

impl Quirks {
    /// No deviation is tolerated.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Whether `quirk` is tolerated.
    #[must_use]
    pub const fn has(self, quirk: Quirk) -> bool {
        self.0 & quirk.bit() != 0
    }

    /// The quirks in the set.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.into_iter().filter(move |quirk| self.has(*quirk))
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        Self(quirks.into_iter().fold(0, |set, quirk| set | quirk.bit()))
    }
}

impl<const N: usize> From<[Quirk; N]> for Quirks {
    fn from(quirks: [Quirk; N]) -> Self {
        quirks.into_iter().collect()
    }
}

/// Something about a peer's message that is not as specified and did no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A quirk made the difference.
    Quirk(Quirk),
    /// The answer was readable although its `Content-Type` says otherwise.
    MediaType,
    /// The answer was readable although its status is another 2xx than specified.
    Status(u16),
    /// `iss` came, and the client knows no issuer to compare it with.
    UncheckedIssuer,
    /// The user authenticated by another class than the `acr_values` asked for, which is allowed.
    AuthenticationContext,
    /// A metadata document of the same server could not be used. What the others say stands.
    UnusedMetadata {
        /// Where it was asked for.
        address: String,
        /// Why it could not be used.
        reason: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quirk(quirk) => write!(f, "tolerated: {quirk}"),
            Self::MediaType => {
                f.write_str("the answer was read although its Content-Type denies that it can be")
            }
            Self::Status(status) => write!(f, "status {status} instead of the specified one"),
            Self::UncheckedIssuer => f.write_str("`iss` came, and no issuer is known to compare"),
            Self::AuthenticationContext => f.write_str("`acr` is none of the `acr_values`"),
            Self::UnusedMetadata { address, reason } => {
                write!(f, "the metadata at {address} is not used: {reason}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_given() {
        assert_eq!(Quirks::none().iter().count(), 0);
        for quirk in Quirk::ALL {
            let set = Quirks::from([quirk]);
            assert!(set.has(quirk));
            assert_eq!(set.iter().collect::<Vec<_>>(), [quirk]);
        }
        let all: Quirks = Quirk::ALL.into_iter().collect();
        assert_eq!(all.iter().collect::<Vec<_>>(), Quirk::ALL);
    }
}
