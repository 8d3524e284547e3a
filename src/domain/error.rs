//! Errors, cut first by whose fault it is, and each with its remedy.

use std::fmt;

use crate::base::json::JsonFault;
use crate::base::time::UnixTime;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::algorithm::Algorithm;
use crate::domain::keys::MissingKeys;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Printable;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

mod misuse;

pub use misuse::Misuse;
pub(crate) use misuse::shown;

/// Why an operation or a flow is over.
///
/// An expected answer (a pending device, say) is an output and never an error. [`Error::remedy`]
/// says what the caller can do. No variant prints a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server said no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The peer broke a rule.
    #[error(transparent)]
    Violation(Box<Violation>),
    /// The peer's answer cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The server, or this crate, does not offer what was asked for.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// A time limit passed.
    #[error(transparent)]
    Expired(#[from] Expired),
    /// The calling program's own fault, whatever the peer does.
    #[error(transparent)]
    Misuse(#[from] Misuse),
    /// The server's keys are needed to read an answer, and are not at hand.
    #[error(transparent)]
    Keys(#[from] MissingKeys),
    /// Tokens came, and their ID token could not be verified for want of keys.
    #[error(transparent)]
    Unverified(#[from] Unverified),
    /// Nothing more is remembered of what was taken, so that nothing more is taken: a replay would pass.
    #[error("the window of what was taken is full, until something in it ends")]
    WindowFull,
    /// The crypto capability failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl Error {
    /// What the caller can do about it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Refused(refusal) => remedy_of_refusal(refusal),
            Self::Violation(violation) => violation.check().remedy(),
            Self::Malformed(malformed) if malformed.endpoint == Endpoint::Token => {
                Remedy::RetryOnce
            }
            Self::Keys(missing) => missing.failure().map_or(Remedy::Retry, Self::remedy),
            Self::Unverified(_) => Remedy::TakeTokens,
            Self::Malformed(_)
            | Self::WindowFull
            | Self::Expired(Expired::HeldBack { .. })
            | Self::Crypto(CryptoError::Entropy(_)) => Remedy::Retry,
            Self::Unsupported(_) | Self::Misuse(_) | Self::Crypto(_) => Remedy::FixConfiguration,
            Self::Expired(Expired::AccessToken { .. }) => Remedy::Renew,
            Self::Expired(Expired::Pending { .. } | Expired::Polling { .. } | Expired::Grant) => {
                Remedy::SignInAgain
            }
        }
    }

    /// Prints nothing of a server's text where it holds one of these secrets of the request.
    pub(crate) fn hiding<'s>(self, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        match self {
            Self::Refused(refusal) => refusal.hiding(secrets).into(),
            other => other,
        }
    }

    /// The rule that was broken, where one was.
    #[must_use]
    pub fn check(&self) -> Option<Check> {
        match self {
            Self::Violation(violation) => Some(violation.check()),
            Self::Keys(missing) => missing.failure().and_then(Self::check),
            _ => None,
        }
    }
}

fn remedy_of_refusal(refusal: &Refusal) -> Remedy {
    use crate::domain::refusal::ErrorCode as Code;

    if refusal.leaves_grant_open() {
        return Remedy::RetryOnce;
    }
    if refusal.endpoint() == Endpoint::Resource && refusal.code().is_none() {
        return match refusal.is_unserved() {
            true => Remedy::Retry,
            false => Remedy::ReadAnswer,
        };
    }
    if refusal.is_transient() {
        return Remedy::Retry;
    }
    match refusal.code() {
        Some(Code::InvalidToken) if takes_access_tokens(refusal.endpoint()) => Remedy::Renew,
        Some(
            Code::AccessDenied
            | Code::AccountSelectionRequired
            | Code::ConsentRequired
            | Code::ExpiredToken
            | Code::InsufficientScope
            | Code::InsufficientUserAuthentication
            | Code::InteractionRequired
            | Code::InvalidGrant
            | Code::InvalidToken
            | Code::LoginRequired,
        ) => Remedy::SignInAgain,
        Some(
            Code::SlowDown
            | Code::AuthorizationPending
            | Code::UseAttestationChallenge
            | Code::UseDpopNonce,
        ) => Remedy::Retry,
        _ => Remedy::FixConfiguration,
    }
}

/// Whether an access token that can be renewed is shown there.
const fn takes_access_tokens(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Introspection | Endpoint::Resource | Endpoint::Userinfo
    )
}

/// What the caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// The same request may succeed later, and nothing is lost by sending it again.
    Retry,
    /// Send the same request once more, and no more often.
    ///
    /// The token endpoint's answer says nothing about the grant, and the code or the refresh token in
    /// the request may be spent by now (RFC 6749 §4.1.2 and §10.4). Where it is, the next answer is
    /// `invalid_grant` and the user has to sign in again; what the first answer held is lost either
    /// way. After [`Client::resume`](crate::domain::client::Client::resume), which consumed the code,
    /// the user signs in again at once.
    RetryOnce,
    /// The access token has ended or is not taken: renew it by its refresh token and send the request
    /// with the new one (RFC 6750 §3.1). Without a refresh token the user has to sign in again.
    Renew,
    /// The user has to sign in again.
    SignInAgain,
    /// The tokens came, and nothing but the error has them: take them out of it, by
    /// [`Unverified::into_tokens`], or have their ID token verified later, by `Unverified::verifying`. What
    /// gave them is spent, and not sent again.
    TakeTokens,
    /// The API answered, and says nothing of the token: what its status and its body mean is between the
    /// API and the application ([`Refusal::status`]).
    ReadAnswer,
    /// Someone has to change the client's or the server's configuration.
    FixConfiguration,
    /// It looks like an attack or a broken server: report it.
    Report,
}

/// Tokens came, and the server's keys, which their ID token is verified with, could not be fetched.
///
/// Who signed in is not known yet. The grant that gave the tokens is spent, and neither they nor the answer
/// that they came in are lost: `Unverified::verifying` fetches the keys later and verifies the ID token as
/// it would have been, [`read`](Self::read) does where they were fetched, and
/// [`into_tokens`](Self::into_tokens) does without an identity.
#[derive(thiserror::Error)]
#[error("the ID token could not be verified: the server's keys could not be fetched")]
pub struct Unverified {
    tokens: Box<Tokens>,
    read: Read,
}

/// Reads an answer once more.
type Read = Box<dyn Fn(UnixTime) -> Result<Tokens, Error> + Send + Sync>;

impl Unverified {
    pub(crate) fn new(
        tokens: Tokens,
        read: impl Fn(UnixTime) -> Result<Tokens, Error> + Send + Sync + 'static,
    ) -> Self {
        let (tokens, read) = (Box::new(tokens), Box::new(read));
        Self { tokens, read }
    }

    /// The tokens, without the ID token's claims.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_tokens(self) -> Tokens {
        *self.tokens
    }

    /// Reads the answer once more, by every rule: the tokens and who signed in, where the server's keys
    /// are at hand by now. An ID token that has ended meanwhile is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Keys`] while they are not; else what is wrong with the ID token. Nothing is lost by either.
    pub fn read(&self, now: UnixTime) -> Result<Tokens, Error> {
        let read = (self.read)(now)?;
        // They came when they came, however late their ID token is verified.
        Ok(Tokens {
            received_at: self.tokens.received_at,
            expires_at: self.tokens.expires_at,
            ..read
        })
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// The peer's answer cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the answer of the {endpoint} cannot be read: {fault}")]
#[non_exhaustive]
pub struct Malformed {
    /// Who answered.
    pub endpoint: Endpoint,
    /// What is wrong with it. No part of the answer is in it.
    pub fault: JsonFault,
}

/// The server, or this crate, does not offer what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// The server's metadata has no such endpoint.
    #[error("the server names no {0}")]
    Endpoint(Endpoint),
    /// The server publishes no metadata at any well-known address.
    #[error("the server publishes no metadata at any well-known address")]
    Discovery,
    /// A client is registered to authenticate by a method that this crate does not have, or by a key
    /// that was not given.
    #[error("the client is to authenticate by `{}`, and has nothing to do so", Printable(.0))]
    AuthenticationMethod(String),
    /// The server gave no way to manage the registration (RFC 7592 §3).
    #[error("the server gave no way to manage the registration")]
    Management,
    /// The resource names no authorization server, or not the one that was chosen.
    #[error("the resource names no authorization server that can be used")]
    AuthorizationServer,
    /// `openid` is in the scope, and an ID token of this server could not be verified.
    #[error("the scope holds `openid`, and the server names no issuer or no keys")]
    OpenId,
    /// The server takes no DPoP proofs by the algorithm of the client's key (RFC 9449 §5.1).
    #[error(
        "the DPoP key signs by {algorithm}, and the server takes proofs by {}",
        Printable(.supported)
    )]
    DpopAlgorithm {
        /// That of the key.
        algorithm: Algorithm,
        /// Those of the server, with a comma between two.
        supported: String,
    },
    /// The server takes authorization requests only as signed request objects (RFC 9101 §10.5).
    #[error("the server takes signed requests only: `Client::with_request_objects`")]
    UnsignedRequest,
    /// The server takes authorization requests only when they are pushed (RFC 9126 §5).
    #[error("the server takes authorization requests only when they are pushed: `Client::push`")]
    Unpushed,
}

/// A time limit passed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Expired {
    /// The user came back after the pending request's lifetime.
    #[error("the pending authorization request expired at {expired_at}, it is {now}")]
    Pending {
        /// When it ended.
        expired_at: UnixTime,
        /// When the user came back.
        now: UnixTime,
    },
    /// The access token is past its expiry; renew it first.
    #[error("the access token expired at {expired_at}, it is {now}")]
    AccessToken {
        /// When it ended.
        expired_at: UnixTime,
        /// When it was to be used.
        now: UnixTime,
    },
    /// The user did not decide in time: a device code or an `auth_req_id` is over.
    #[error("the wait for the user was to end at {expired_at}, and it is {now}")]
    Polling {
        /// When it was to end.
        expired_at: UnixTime,
        /// When it did.
        now: UnixTime,
    },
    /// The access token is past its expiry, and cannot be renewed just now: an attempt failed a while
    /// ago, or another one is under way.
    #[error("the access token has expired, and its renewal is held back until {until}")]
    HeldBack {
        /// When to try again.
        until: UnixTime,
    },
    /// The grant is over, or there never was one: nothing renews the tokens.
    #[error("nothing is left to renew the tokens with: sign in again")]
    Grant,
}

impl From<NoEntropy> for Error {
    fn from(fault: NoEntropy) -> Self {
        Self::Crypto(fault.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Violation(Box::new(violation))
    }
}
