//! A call of a provider's API, as a flow.
//!
//! ```text
//!   Connecting ──▶ OAuth 2: Calling ⟲ (the token is renewed on the way) ──▶ Done
//!         │
//!         └──────▶ OAuth 1.0a: Signed ──────────────────────────────────▶ Done
//!                         ▲      │ the token has ended, and can be renewed, once
//!                         │      ▼
//!                         └─ Renewing
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Remedy;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::lease::api_request::Made;
use crate::lease::resource_call::ResourceCall;
use crate::oauth1::client::Client;
use crate::oauth1::credentials::TokenCredentials;
use crate::oauth1::signed::SignedRequest;
use crate::oauth1::token::TokenCredentialRequest;
use crate::provider::api::Held;
use crate::provider::api::Source;
use crate::provider::connection::Connect;
use crate::provider::connection::Connection;

/// A call of an API as a flow, by [`Api::call`](crate::lease::api::Api::call). It ends with the API's
/// answer.
///
/// Dropped while the answer to a refresh is under way, the server may have replaced the refresh token: a
/// caller that may go away runs the call as a task of its own (`transport::reqwest::run_detached`).
pub struct ApiCall {
    stage: Stage,
}

enum Stage {
    Connecting(Box<Connecting>),
    Unmade(Misuse),
    Calling(ResourceCall),
    Signed(Call<SignedRequest>, Box<Run>),
    Renewing(Call<TokenCredentialRequest>, Box<Run>),
}

struct Connecting {
    connect: Connect,
    made: Made,
    source: Source,
}

/// A call that is signed.
struct Run {
    client: Client,
    made: Made,
    held: Held,
    /// What the request was signed with.
    used: TokenCredentials,
    /// Why the token was renewed, where it was.
    refusal: Option<Error>,
}

impl Stage {
    fn connecting(connect: Connect, made: Made, source: Source) -> Self {
        Self::Connecting(Box::new(Connecting {
            connect,
            made,
            source,
        }))
    }
}

impl ApiCall {
    pub(crate) fn new(connect: Connect, made: Result<Made, Misuse>, source: Source) -> Self {
        let stage = match made {
            Ok(made) => Stage::connecting(connect, made, source),
            Err(misuse) => Stage::Unmade(misuse),
        };
        Self { stage }
    }

    fn connecting(
        now: UnixTime,
        step: Step<Connect>,
        made: Made,
        source: Source,
    ) -> Result<Step<Self>, Error> {
        let wrap = |connect, (made, source)| Self {
            stage: Stage::connecting(connect, made, source),
        };
        step.stage((made, source), wrap, |connection, (made, source)| {
            match (connection, source) {
                (Connection::OAuth2(client), Source::OAuth2(holder)) => {
                    let call = ResourceCall::of(&client, &holder, Ok(made));
                    Self::calling(call.advance(now)?)
                }
                (Connection::OAuth1(client), Source::OAuth1(held)) => {
                    let used = held.credentials();
                    Box::new(Run {
                        client,
                        made,
                        held,
                        used,
                        refusal: None,
                    })
                    .sign(now)
                }
                (Connection::OAuth2(_), Source::OAuth1(_)) => Err(other_version("1.0a", "2")),
                (Connection::OAuth1(_), Source::OAuth2(_)) => Err(other_version("2", "1.0a")),
            }
        })
    }

    fn calling(step: Step<ResourceCall>) -> Result<Step<Self>, Error> {
        let wrap = |call, ()| Self {
            stage: Stage::Calling(call),
        };
        step.stage((), wrap, |answer, ()| Ok(Step::Done(answer)))
    }
}

impl Run {
    fn sign(self: Box<Self>, now: UnixTime) -> Result<Step<ApiCall>, Error> {
        let signed = SignedRequest::new(&self.client, self.made.request.clone());
        let step = Call::new(signed.token(&self.used)?).advance(now);
        self.signed(now, step)
    }

    fn signed(
        self: Box<Self>,
        now: UnixTime,
        step: Result<Step<Call<SignedRequest>>, Error>,
    ) -> Result<Step<ApiCall>, Error> {
        let wrap = |call, run| ApiCall {
            stage: Stage::Signed(call, run),
        };
        match step {
            Err(error) if error.remedy() == Remedy::Renew && self.refusal.is_none() => {
                self.renew(now, error)
            }
            step => step?.stage(self, wrap, |answer, run| {
                Ok(Step::Done(run.made.judge(answer)?))
            }),
        }
    }

    /// Signs with what another call renewed meanwhile, or renews.
    fn renew(mut self: Box<Self>, now: UnixTime, refusal: Error) -> Result<Step<ApiCall>, Error> {
        let newest = self.held.credentials();
        if newest != self.used {
            return self.renewed(now, newest, refusal);
        }
        match self.client.refresh(&self.used) {
            Ok(call) => {
                self.refusal = Some(refusal);
                let step = call.advance(now)?;
                self.renewing(now, step)
            }
            // There is no session handle.
            Err(_) => Err(refusal),
        }
    }

    fn renewed(
        mut self: Box<Self>,
        now: UnixTime,
        credentials: TokenCredentials,
        refusal: Error,
    ) -> Result<Step<ApiCall>, Error> {
        if self.made.is_once {
            return Err(refusal);
        }
        self.refusal = Some(refusal);
        self.used = credentials;
        self.sign(now)
    }

    fn renewing(
        self: Box<Self>,
        now: UnixTime,
        step: Step<Call<TokenCredentialRequest>>,
    ) -> Result<Step<ApiCall>, Error> {
        let wrap = |call, run| ApiCall {
            stage: Stage::Renewing(call, run),
        };
        step.stage(self, wrap, |credentials, mut run| {
            run.held.keep(credentials.clone());
            match run.refusal.take() {
                Some(refusal) => run.renewed(now, credentials, refusal),
                None => run.sign(now),
            }
        })
    }
}

fn other_version(owner: &str, client: &str) -> Error {
    let version = |version| format!("OAuth {version}");
    Misuse::OtherClient {
        what: "the token",
        owner: version(owner),
        client: version(client),
    }
    .into()
}

impl Flow for ApiCall {
    type Output = Response<Vec<u8>>;
}

impl Machine for ApiCall {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                Self::connecting(now, it.connect.advance(now)?, it.made, it.source)
            }
            Stage::Calling(call) => Self::calling(call.advance(now)?),
            Stage::Signed(call, run) => run.signed(now, call.advance(now)),
            Stage::Renewing(call, run) => run.renewing(now, call.advance(now)?),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let step = it.connect.answer(now, response)?;
                Self::connecting(now, step, it.made, it.source)
            }
            Stage::Calling(call) => Self::calling(call.answer(now, response)?),
            Stage::Signed(call, run) => run.signed(now, call.answer(now, response)),
            Stage::Renewing(call, run) => run.renewing(now, call.answer(now, response)?),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let step = it.connect.signed(now, signature)?;
                Self::connecting(now, step, it.made, it.source)
            }
            Stage::Calling(call) => Self::calling(call.signed(now, signature)?),
            Stage::Signed(call, run) => run.signed(now, call.signed(now, signature)),
            Stage::Renewing(call, run) => run.renewing(now, call.signed(now, signature)?),
        }
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let it = *it;
                let step = it.connect.lost(now)?;
                step.map(|step| Self::connecting(now, step, it.made, it.source))
                    .transpose()
            }
            Stage::Calling(call) => call.lost(now)?.map(Self::calling).transpose(),
            Stage::Signed(call, run) => {
                let step = call.lost(now).transpose();
                step.map(|step| run.signed(now, step)).transpose()
            }
            Stage::Renewing(call, run) => {
                let step = call.lost(now)?;
                step.map(|step| run.renewing(now, step)).transpose()
            }
        }
    }
}

impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Unmade(_) => "ApiCall(unmade)",
            Stage::Connecting(_) => "ApiCall(connecting)",
            Stage::Calling(_) => "ApiCall(calling)",
            Stage::Signed(..) => "ApiCall(signed)",
            Stage::Renewing(..) => "ApiCall(renewing)",
        })
    }
}
