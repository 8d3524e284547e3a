//! The callback (RFC 5849 §2.2): what the browser brings back, validated.
//!
//! Whoever can make the user's browser open an address can forge one. The order of the checks is therefore:
//! size, form, duplicates, token, and only then what it says: a denial or a verifier.

use std::fmt;

use crate::base::form;
use crate::base::form::Pairs;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::callback::check_size;
use crate::endpoint::callback::parameters_of;
use crate::endpoint::callback::rest;
use crate::endpoint::callback::said;
use crate::flow::call::Call;
use crate::oauth1::client::Client;
use crate::oauth1::pending::Pending;
use crate::oauth1::problem;
use crate::oauth1::problem::DENIALS;
use crate::oauth1::token::TokenCredentialRequest;

impl Client {
    /// Takes the user back: validates what came for `pending`, as a flow that redeems the verifier.
    ///
    /// `received` is the full URL, its path and query, or a bare query. Nothing in it can replace what was
    /// pending.
    ///
    /// # Errors
    ///
    /// Those of [`Client::authorization_response`]. Nothing is sent then.
    pub fn resume(
        &self,
        now: UnixTime,
        pending: Pending,
        received: &str,
    ) -> Result<Call<TokenCredentialRequest>, Error> {
        let response = self.authorization_response(now, pending, received)?;
        TokenCredentialRequest::new(self, response).map(Call::new)
    }

    /// Takes the user back who brings the verification code by hand: the second half of a request that was
    /// [out of band](crate::oauth1::temporary::TemporaryCredentialRequest::out_of_band).
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] where the user took too long, [`Error::Misuse`] where `pending` is another
    /// client's, `OAUTH1-CALLBACK-VERIFIER` where the code is empty.
    pub fn resume_out_of_band(
        &self,
        now: UnixTime,
        pending: Pending,
        verifier: &str,
    ) -> Result<Call<TokenCredentialRequest>, Error> {
        self.check_pending(now, &pending)?;
        let response = AuthorizationResponse {
            verifier: verifier_of(Some(verifier.trim_ascii()))?,
            pending,
            parameters: Vec::new(),
        };
        TokenCredentialRequest::new(self, response).map(Call::new)
    }

    /// Validates what came back for `pending`: the first half of [`Client::resume`], for those who send the
    /// verifier themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `OAUTH1-CALLBACK-…` checks or `CALLBACK-SIZE`,
    /// [`Error::Refused`] where the server or the user said no, [`Error::Expired`] where the user took too
    /// long, [`Error::Misuse`] where `pending` is another client's.
    pub fn authorization_response(
        &self,
        now: UnixTime,
        pending: Pending,
        received: &str,
    ) -> Result<AuthorizationResponse, Error> {
        self.check_pending(now, &pending)?;
        let mut parameters = parse(received)?;
        let denial = problem::denial(&parameters);
        check_token(&pending, &parameters, denial.is_some())?;
        if let Some(denial) = denial {
            return Err(denial.into());
        }
        let verifier = verifier_of(parameters.take("oauth_verifier").as_deref())?;
        parameters.take("oauth_token");
        Ok(AuthorizationResponse {
            verifier,
            pending,
            parameters: rest(parameters),
        })
    }

    fn check_pending(&self, now: UnixTime, pending: &Pending) -> Result<(), Error> {
        self.check_owner(
            "the pending authorization",
            &pending.server,
            pending.consumer_key(),
        )?;
        if now.has_reached(pending.expires_at) {
            let expired_at = pending.expires_at;
            return Err(Expired::Pending { expired_at, now }.into());
        }
        Ok(())
    }
}

/// A callback that passed every check: a verifier, and the temporary credentials it is for.
pub struct AuthorizationResponse {
    pub(crate) verifier: Secret,
    pub(crate) pending: Pending,
    parameters: Vec<(String, String)>,
}

impl AuthorizationResponse {
    /// The parameters that no check knows, those of the callback's own address among them, in their order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("pending", &self.pending)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}

/// A callback that is read and not yet trusted: good for one thing, finding the [`Pending`] that belongs to
/// it.
///
/// ```
/// use oauth_proto::oauth1::callback::Callback;
///
/// let callback = Callback::parse("https://app.example/cb?x=1&oauth_token=hdk48Djdsa&oauth_verifier=473f82d3")?;
/// assert_eq!(callback.token(), Some("hdk48Djdsa"));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct Callback<'a> {
    pairs: Pairs<'a>,
}

impl<'a> Callback<'a> {
    /// Reads a full URL, its path and query, or a bare query.
    ///
    /// # Errors
    ///
    /// `CALLBACK-SIZE`, `OAUTH1-CALLBACK-FORM`, `OAUTH1-CALLBACK-DUPLICATE`.
    pub fn parse(received: &'a str) -> Result<Self, Error> {
        let pairs = parse(received)?;
        Ok(Self { pairs })
    }

    /// The temporary token: the key under which the pending value may lie. Untrusted. A denial has it under
    /// names of its own.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        token(&self.pairs)
    }

    /// The user's or the server's no, in any of its usual spellings. Untrusted: whoever forges one ends a
    /// sign-in, and gains nothing.
    #[must_use]
    pub fn denial(&self) -> Option<Refusal> {
        problem::denial(&self.pairs)
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.pairs.iter().map(|(name, _)| name).collect();
        f.debug_struct("Callback")
            .field("parameters", &names)
            .finish()
    }
}

/// The callback's own address may have a name twice; a name of the protocol stands once.
fn parse(received: &str) -> Result<Pairs<'_>, Misread> {
    check_size(received).map_err(Misread)?;
    let pairs = form::parse(parameters_of(received, "oauth_token")).map_err(|_| {
        Misread(Violation::new(Check::OAuth1CallbackForm).expected("percent-encoded UTF-8"))
    })?;
    let count = |name: &str| pairs.iter().filter(|(other, _)| *other == name).count();
    match PROTOCOL.into_iter().find(|name| count(name) > 1) {
        None => Ok(pairs),
        Some(name) => Err(Misread(
            Violation::new(Check::OAuth1CallbackDuplicate).received(format!("`{name}` twice")),
        )),
    }
}

/// What is read of a callback.
const PROTOCOL: [&str; 8] = [
    "oauth_token",
    "oauth_verifier",
    "oauth_problem",
    "oauth_problem_advice",
    "error",
    "error_description",
    DENIALS[0],
    DENIALS[1],
];

struct Misread(Violation);

impl From<Misread> for Error {
    fn from(misread: Misread) -> Self {
        misread.0.into()
    }
}

fn token<'p>(parameters: &'p Pairs<'_>) -> Option<&'p str> {
    said(parameters, "oauth_token").or_else(|| said(parameters, DENIALS[0]))
}

/// "The temporary credentials identifier received from the client" (RFC 5849 §2.2). A denial may come
/// without it: whoever forges one ends a sign-in, and gains nothing.
fn check_token(
    pending: &Pending,
    parameters: &Pairs<'_>,
    is_denial: bool,
) -> Result<(), Violation> {
    match said(parameters, "oauth_token") {
        Some(received) if pending.token.eq_text(received) => Ok(()),
        Some(_) => Err(Violation::new(Check::OAuth1CallbackToken).secrets_differ()),
        None if is_denial => Ok(()),
        None => Err(Violation::new(Check::OAuth1CallbackTokenMissing).received_nothing()),
    }
}

/// "`oauth_verifier`: The verification code", "REQUIRED to complete the process" (RFC 5849 §2.2).
fn verifier_of(received: Option<&str>) -> Result<Secret, Violation> {
    match received {
        Some(verifier) if !verifier.is_empty() => Ok(Secret::from(verifier)),
        _ => Err(Violation::new(Check::OAuth1CallbackVerifier)
            .expected("`oauth_verifier`")
            .received_nothing()),
    }
}
