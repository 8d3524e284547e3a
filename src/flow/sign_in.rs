//! Signing in (RFC 6749 §4.1, steps C to E; OpenID Connect Core 1.0 §3.1.3): from what the browser brings
//! back to tokens, and to who signed in.
//!
//! ```text
//!   client.authorize ──▶ (URL, Pending)        the user is away
//!                                │
//!   client.resume(pending, callback)
//!                                │
//!        Validating ──▶ Authorized ──▶ Fetching ──▶ Redeeming ──▶ Asking ──▶ Done(SignedIn)
//!     (a signed answer               (no keys yet)            (userinfo, if
//!      waits for keys)                                          it is wanted)
//! ```
//!
//! The server's keys are there before the code is spent: where they cannot be fetched, what was pending is
//! in the error ([`Error::Keys`]), good for the same answer once more. Once it is spent, nothing that came is
//! lost: a key that is missing is fetched, several times if it must be, and then the tokens come without an
//! identity ([`Error::Unverified`]), which can be verified later; a failing userinfo is told beside the
//! tokens.

use std::fmt;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::id_token::IdToken;
use crate::domain::keys::MissingKeys;
use crate::domain::quirks::Finding;
use crate::domain::token::Tokens;
use crate::endpoint::callback::AuthorizationResponse;
use crate::endpoint::grant::Grant;
use crate::endpoint::pending::Pending;
use crate::endpoint::returned;
use crate::endpoint::returned::Returned;
use crate::endpoint::userinfo::Userinfo;
use crate::endpoint::userinfo::UserinfoRequest;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::keyed::Keyed;
use crate::flow::keyed::Reading;
use crate::flow::keys::FetchKeys;

impl Client {
    /// Takes up a sign-in where the user comes back: validates the callback, and returns the flow that
    /// redeems its code.
    ///
    /// `callback` is the full URL, its path and query, a bare query, a fragment, or the body of a
    /// `form_post`. Take `pending` out of the session for good: it is used once.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::flow::{Flow, Step};
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
    /// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let (url, pending) = client.authorize(now, ["mail"])?;
    /// // … the user signs in at `url`, and the browser comes back:
    /// let callback = format!("/callback?code=c0de&state={}", pending.state());
    /// match client.resume(now, pending, &callback)?.begin(now)? {
    ///     Step::Send(request, _sent) => assert_eq!(request.uri(), "https://id.example/token"),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::authorization_response`]. Nothing is sent then. What is wrong with a part that
    /// is signed is said by the flow where it has to fetch the server's keys first. Where the flow cannot
    /// fetch them, [`Error::Keys`] gives `pending` back
    /// ([`MissingKeys::into_pending`]): put it into the session again, for the browser to come back once
    /// more.
    pub fn resume(&self, now: UnixTime, pending: Pending, callback: &str) -> Result<SignIn, Error> {
        let response_type = pending.response_type;
        if !response_type.has_code() {
            return Err(Misuse::ResponseType {
                response_type: response_type.as_str(),
                method: "Client::resume_implicit",
            }
            .into());
        }
        let stage = match returned::read(self, now, &pending, callback) {
            Ok(returned) => Stage::authorized(returned, pending),
            Err(Error::Keys(missing)) => {
                let callback = Callback {
                    client: self.clone(),
                    pending,
                    received: Secret::from(callback),
                };
                Stage::Validating(Box::new(Keyed::wanting(callback, missing)))
            }
            Err(error) => return Err(error),
        };
        Ok(SignIn::at(self, stage))
    }
}

/// What came back, while it waits for keys.
pub(crate) struct Callback {
    pub(crate) client: Client,
    pub(crate) pending: Pending,
    pub(crate) received: Secret,
}

impl Reading for Callback {
    type Output = Returned;

    fn read(&self, now: UnixTime) -> Result<Returned, Error> {
        returned::read(&self.client, now, &self.pending, self.received.expose())
    }

    /// The code is not spent.
    fn without_keys(self: Box<Self>, _now: UnixTime, failure: Option<Error>) -> Option<Error> {
        Some(unspent(self.pending, failure))
    }
}

/// The keys cannot be had, and nothing of the answer to `pending` was used.
fn unspent(pending: Pending, failure: Option<Error>) -> Error {
    MissingKeys::after(failure).holding(pending).into()
}

/// The second half of a sign-in, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct SignIn {
    task: Task,
    stage: Stage,
}

/// What stays the same while the stages change.
struct Task {
    client: Client,
    /// Further parameters for the token endpoint.
    extra: Vec<(String, String)>,
    asks_userinfo: bool,
}

enum Stage {
    /// What came back is signed, and waits for the server's keys.
    Validating(Box<Keyed<Callback>>),
    /// What came back passed every check.
    Authorized(Box<AuthorizationResponse>),
    /// There are no keys, and the code is not spent before there are.
    Fetching(FetchKeys, Box<AuthorizationResponse>),
    /// The code is redeemed at the token endpoint.
    Redeeming(Box<Call<Grant>>, Brought),
    /// The userinfo endpoint is asked.
    Asking(Box<Call<UserinfoRequest>>, Box<SignedIn>),
}

impl Stage {
    fn authorized(returned: Returned, pending: Pending) -> Self {
        Self::Authorized(Box::new(AuthorizationResponse::new(returned, pending)))
    }
}

/// What the browser brought beside the code.
struct Brought {
    tokens: Option<Box<Tokens>>,
    parameters: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl SignIn {
    /// Signs in with a validated response, as `client`.
    pub fn new(client: &Client, authorized: AuthorizationResponse) -> Self {
        Self::at(client, Stage::Authorized(Box::new(authorized)))
    }

    fn at(client: &Client, stage: Stage) -> Self {
        let task = Task {
            client: client.clone(),
            extra: Vec::new(),
            asks_userinfo: false,
        };
        Self { task, stage }
    }

    /// Sends a parameter that no specification here knows along with the code.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.task.extra.push((name.into(), value.into()));
        self
    }

    /// Asks the userinfo endpoint too, once there are tokens (OpenID Connect Core 1.0 §5.3). Where that
    /// fails the user is signed in all the same: [`SignedIn::userinfo`] tells.
    pub fn with_userinfo(mut self) -> Self {
        self.task.asks_userinfo = true;
        self
    }
}

impl Task {
    fn validating(self, now: UnixTime, step: Step<Keyed<Callback>>) -> Result<Step<SignIn>, Error> {
        let wrap = |keyed, task| SignIn {
            task,
            stage: Stage::Validating(Box::new(keyed)),
        };
        step.stage(self, wrap, |(returned, callback), task| {
            let authorized = AuthorizationResponse::new(returned, callback.pending);
            task.authorized(now, Box::new(authorized))
        })
    }

    fn authorized(
        self,
        now: UnixTime,
        authorized: Box<AuthorizationResponse>,
    ) -> Result<Step<SignIn>, Error> {
        if authorized.pending.scope().has_openid() && self.client.wants_keys(now) {
            let step = FetchKeys::new(&self.client).advance(now);
            return self.fetching(now, step, authorized);
        }
        self.redeem(now, *authorized)
    }

    fn fetching(
        self,
        now: UnixTime,
        step: Result<Step<FetchKeys>, Error>,
        authorized: Box<AuthorizationResponse>,
    ) -> Result<Step<SignIn>, Error> {
        let wrap = |fetch, (task, authorized)| SignIn {
            task,
            stage: Stage::Fetching(fetch, authorized),
        };
        match step {
            Ok(step) => step.stage((self, authorized), wrap, |(), (task, authorized)| {
                task.redeem(now, *authorized)
            }),
            // The last good keys will do.
            Err(_) if self.client.has_keys(now) => self.redeem(now, *authorized),
            Err(failure) => Err(unspent(authorized.pending, Some(failure))),
        }
    }

    fn redeem(
        mut self,
        now: UnixTime,
        mut authorized: AuthorizationResponse,
    ) -> Result<Step<SignIn>, Error> {
        let brought = Brought {
            tokens: authorized.tokens.take(),
            parameters: std::mem::take(&mut authorized.parameters),
            findings: std::mem::take(&mut authorized.findings),
        };
        let mut grant = Grant::authorization_code(&self.client, authorized);
        for (name, value) in self.extra.drain(..) {
            grant = grant.parameter(name, value);
        }
        let step = Call::new(grant).advance(now)?;
        self.redeeming(now, step, brought)
    }

    fn redeeming(
        self,
        now: UnixTime,
        step: Step<Call<Grant>>,
        brought: Brought,
    ) -> Result<Step<SignIn>, Error> {
        let wrap = |call, (task, brought)| SignIn {
            task,
            stage: Stage::Redeeming(Box::new(call), brought),
        };
        step.stage((self, brought), wrap, |tokens, (task, brought)| {
            let signed_in = SignedIn {
                tokens,
                front_channel_tokens: brought.tokens,
                userinfo: Told::Unasked,
                parameters: brought.parameters,
                findings: brought.findings,
            };
            if !task.asks_userinfo {
                return Ok(Step::Done(signed_in));
            }
            let request = UserinfoRequest::new(&task.client, &signed_in.tokens);
            let step = request.and_then(|request| Call::new(request).advance(now));
            task.asking(step, Box::new(signed_in))
        })
    }

    /// Whatever the userinfo endpoint says, or does not: the user is signed in.
    fn asking(
        self,
        step: Result<Step<Call<UserinfoRequest>>, Error>,
        mut signed_in: Box<SignedIn>,
    ) -> Result<Step<SignIn>, Error> {
        let wrap = |call, (task, signed_in)| SignIn {
            task,
            stage: Stage::Asking(Box::new(call), signed_in),
        };
        match step {
            Ok(step) => step.stage((self, signed_in), wrap, |userinfo, (_, mut signed_in)| {
                signed_in.userinfo = Told::Userinfo(Box::new(userinfo));
                Ok(Step::Done(*signed_in))
            }),
            Err(failure) => {
                signed_in.userinfo = Told::Failed(Box::new(failure));
                Ok(Step::Done(*signed_in))
            }
        }
    }
}

impl Flow for SignIn {
    type Output = SignedIn;
}

impl Machine for SignIn {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Validating(keyed) => task.validating(now, keyed.advance(now)?),
            Stage::Authorized(authorized) => task.authorized(now, authorized),
            Stage::Fetching(fetch, authorized) => {
                task.fetching(now, fetch.advance(now), authorized)
            }
            Stage::Redeeming(call, brought) => task.redeeming(now, call.advance(now)?, brought),
            Stage::Asking(call, signed_in) => task.asking(call.advance(now), signed_in),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Validating(keyed) => task.validating(now, keyed.answer(now, response)?),
            Stage::Authorized(authorized) => task.authorized(now, authorized),
            Stage::Fetching(fetch, authorized) => {
                task.fetching(now, fetch.answer(now, response), authorized)
            }
            Stage::Redeeming(call, brought) => {
                task.redeeming(now, call.answer(now, response)?, brought)
            }
            Stage::Asking(call, signed_in) => task.asking(call.answer(now, response), signed_in),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Validating(keyed) => task.validating(now, keyed.signed(now, signature)?),
            Stage::Authorized(authorized) => task.authorized(now, authorized),
            Stage::Fetching(fetch, authorized) => {
                task.fetching(now, fetch.signed(now, signature), authorized)
            }
            Stage::Redeeming(call, brought) => {
                task.redeeming(now, call.signed(now, signature)?, brought)
            }
            Stage::Asking(call, signed_in) => task.asking(call.signed(now, signature), signed_in),
        }
    }

    /// A code is good for one request, and nobody knows whether it arrived: the failure goes back to
    /// the caller, and the user signs in again. Keys are asked for again; userinfo may be missing.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Validating(keyed) => {
                let step = keyed.lost(now)?;
                step.map(|step| task.validating(now, step)).transpose()
            }
            Stage::Authorized(_) => Ok(None),
            Stage::Fetching(fetch, authorized) => match fetch.lost(now)? {
                Some(step) => task.fetching(now, Ok(step), authorized).map(Some),
                None if task.client.has_keys(now) => task.redeem(now, *authorized).map(Some),
                None => Err(unspent(authorized.pending, None)),
            },
            Stage::Redeeming(call, brought) => {
                let step = call.lost(now)?;
                step.map(|step| task.redeeming(now, step, brought))
                    .transpose()
            }
            Stage::Asking(call, mut signed_in) => match call.lost(now) {
                Ok(None) => {
                    signed_in.userinfo = Told::Nothing;
                    Ok(Some(Step::Done(*signed_in)))
                }
                Ok(Some(step)) => task.asking(Ok(step), signed_in).map(Some),
                Err(failure) => task.asking(Err(failure), signed_in).map(Some),
            },
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Validating(_) => "SignIn(validating)",
            Stage::Authorized(_) => "SignIn(authorized)",
            Stage::Fetching(..) => "SignIn(fetching keys)",
            Stage::Redeeming(..) => "SignIn(redeeming)",
            Stage::Asking(..) => "SignIn(asking userinfo)",
        })
    }
}

/// A sign-in that is done.
pub struct SignedIn {
    tokens: Tokens,
    front_channel_tokens: Option<Box<Tokens>>,
    userinfo: Told,
    parameters: Vec<(String, String)>,
    findings: Vec<Finding>,
}

/// What the userinfo endpoint said.
enum Told {
    /// It was not asked.
    Unasked,
    Userinfo(Box<Userinfo>),
    Failed(Box<Error>),
    /// No answer came.
    Nothing,
}

impl SignedIn {
    /// Who signed in: the verified ID token. None where `openid` was not asked for.
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.tokens.id_token()
    }

    /// What the userinfo endpoint said of the user, who is the one of the ID token. None where it was
    /// not asked ([`SignIn::with_userinfo`]), failed or did not answer.
    #[must_use]
    pub fn userinfo(&self) -> Option<&Userinfo> {
        match &self.userinfo {
            Told::Userinfo(userinfo) => Some(userinfo),
            Told::Unasked | Told::Failed(_) | Told::Nothing => None,
        }
    }

    /// Why there is no userinfo although it was asked for; none where no answer came.
    #[must_use]
    pub fn userinfo_failure(&self) -> Option<&Error> {
        match &self.userinfo {
            Told::Failed(failure) => Some(failure),
            Told::Unasked | Told::Userinfo(_) | Told::Nothing => None,
        }
    }

    /// The tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The tokens, to keep.
    #[must_use]
    pub fn into_tokens(self) -> Tokens {
        self.tokens
    }

    /// The access token that came beside the code, for the response type `code token`: two tokens of
    /// one grant, and this one was seen by the browser.
    #[must_use]
    pub fn front_channel_tokens(&self) -> Option<&Tokens> {
        self.front_channel_tokens.as_deref()
    }

    /// The callback's parameters that no check knows, such as `session_state`, in their order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// What was tolerated in the callback and in the token response.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.tokens.findings())
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("SignedIn")
            .field("tokens", &self.tokens)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
