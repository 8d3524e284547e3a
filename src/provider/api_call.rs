//! A call of a provider's API, as a flow.
//!
//! ```text
//!   Connecting ──▶ OAuth 2: Calling ⟲ (the token is renewed on the way) ──▶ Done
//!         │
//!         └──────▶ OAuth 1.0a: Signed ──────────────────────────────────▶ Done
//!                         ▲      │ the token has ended, and can be renewed, once
//!                         │      ▼
//!                         ├─ Renewing
//!                         └─ Waiting, while another call renews it
//! ```

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Remedy;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::lease::api_request::Made;
use crate::lease::holder::Holder;
use crate::lease::resource_call::PAUSE;
use crate::lease::resource_call::ResourceCall;
use crate::lease::terms::Terms;
use crate::oauth1::client::Client;
use crate::oauth1::credentials::TokenCredentials;
use crate::oauth1::signed::SignedRequest;
use crate::oauth1::token::TokenCredentialRequest;
use crate::provider::api::Source;
use crate::provider::connection::Connect;
use crate::provider::connection::Connection;
use crate::provider::held::Flight;
use crate::provider::held::Held;
use crate::provider::held::Turn;
use crate::provider::renewed::Answer;
use crate::provider::renewed::News;
use crate::provider::renewed::Renewed;
use crate::provider::renewed::asks_for_token;
use crate::provider::renewed::word_for_word;
use crate::provider::token::Token;

/// A call of an API as a flow, by [`Api::call`](crate::lease::api::Api::call). It ends with the API's
/// answer.
///
/// Dropped while the answer to a refresh is under way, the server may have replaced the refresh token: a
/// caller that may go away runs the call as a task of its own (`transport::reqwest::run_detached`).
#[must_use = "a flow does nothing until it is run"]
pub struct ApiCall {
    stage: Stage,
}

enum Stage {
    Connecting(Box<Connecting>),
    Unmade(Misuse),
    Calling(ResourceCall, Watch),
    Signed(Call<SignedRequest>, Box<Run>),
    Renewing(Call<TokenCredentialRequest>, Box<Run>),
    Waiting(Box<Run>, Error),
}

struct Connecting {
    connect: Connect,
    made: Made,
    source: Source,
    news: News,
}

/// What is known of the request that is under way.
struct Watch {
    client: domain::client::Client,
    /// Whether it asks for a token.
    asks_for_token: bool,
    answer: Answer,
}

/// A call that is signed.
struct Run {
    client: Client,
    made: Made,
    held: Held,
    news: News,
    /// What the request for newer credentials was answered.
    raw: Option<Secret>,
    /// What the request was signed with.
    used: TokenCredentials,
    /// Why the token was renewed, where it was.
    refusal: Option<Error>,
    /// Its own renewal of the token.
    flight: Option<Flight>,
    waited: Duration,
}

impl Stage {
    fn connecting(connect: Connect, made: Made, source: Source, news: News) -> Self {
        Self::Connecting(Box::new(Connecting {
            connect,
            made,
            source,
            news,
        }))
    }
}

impl ApiCall {
    pub(crate) fn new(
        connect: Connect,
        made: Result<Made, Misuse>,
        source: Source,
        news: News,
    ) -> Self {
        let stage = match made {
            Ok(made) => Stage::connecting(connect, made, source, news),
            Err(misuse) => Stage::Unmade(misuse),
        };
        Self { stage }
    }

    fn connecting(
        now: UnixTime,
        step: Step<Connect>,
        made: Made,
        source: Source,
        news: News,
    ) -> Result<Step<Self>, Error> {
        let wrap = |connect, (made, source, news)| Self {
            stage: Stage::connecting(connect, made, source, news),
        };
        let rest = (made, source, news);
        step.stage(rest, wrap, |connection, (made, source, news)| {
            match (connection, source) {
                (Connection::OAuth2(client), Source::OAuth2(holder)) => {
                    let watch = Watch::new(&client);
                    let holder = watch.telling(holder, news);
                    let call = ResourceCall::of(&client, &holder, Ok(made));
                    Self::calling(call.advance(now)?, watch)
                }
                (Connection::OAuth1(client), Source::OAuth1(held)) => {
                    let used = held.credentials();
                    Box::new(Run {
                        client,
                        made,
                        held,
                        news,
                        raw: None,
                        used,
                        refusal: None,
                        flight: None,
                        waited: Duration::ZERO,
                    })
                    .sign(now)
                }
                (Connection::OAuth2(_), Source::OAuth1(_)) => Err(other_version("1.0a", "2")),
                (Connection::OAuth1(_), Source::OAuth2(_)) => Err(other_version("2", "1.0a")),
            }
        })
    }

    fn calling(step: Step<ResourceCall>, mut watch: Watch) -> Result<Step<Self>, Error> {
        let wrap = |call, watch| Self {
            stage: Stage::Calling(call, watch),
        };
        watch.asks_for_token = asks_for_token(&step, &watch.client);
        step.stage(watch, wrap, |answer, _| Ok(Step::Done(answer)))
    }
}

impl Watch {
    fn new(client: &domain::client::Client) -> Self {
        Self {
            client: client.clone(),
            asks_for_token: false,
            answer: Answer::default(),
        }
    }

    /// The holder, telling of tokens with the answer that they came in.
    fn telling(&self, holder: Holder, news: News) -> Holder {
        let answer = self.answer.clone();
        holder.telling(move |tokens| {
            news.tell(&Renewed {
                token: Token::from(tokens.clone()),
                raw: answer.take(),
            });
        })
    }

    fn sees(&self, response: &Response<Vec<u8>>) {
        if self.asks_for_token {
            self.answer.set(response);
        }
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

    /// Signs with what another call renewed meanwhile, or renews, or waits for who does.
    fn renew(mut self: Box<Self>, now: UnixTime, refusal: Error) -> Result<Step<ApiCall>, Error> {
        match self.held.turn(&self.used) {
            Turn::Newer(newest) => self.renewed(now, newest, refusal),
            Turn::Mine(flight) => match self.client.refresh(&self.used) {
                Ok(call) => {
                    self.refusal = Some(refusal);
                    self.flight = Some(flight);
                    let step = call.advance(now)?;
                    self.renewing(now, step)
                }
                // There is no session handle.
                Err(_) => Err(refusal),
            },
            Turn::Theirs if self.made.is_once || self.waited >= Terms::new().patience() => {
                Err(refusal)
            }
            Turn::Theirs => {
                self.waited = self.waited.saturating_add(PAUSE);
                let stage = Stage::Waiting(self, refusal);
                Ok(Step::wait(now, PAUSE, ApiCall { stage }))
            }
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
            run.news.tell(&Renewed {
                token: Token::from(credentials.clone()),
                raw: run.raw.take(),
            });
            // The next renewal begins after that.
            run.flight = None;
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
                let step = it.connect.advance(now)?;
                Self::connecting(now, step, it.made, it.source, it.news)
            }
            Stage::Calling(call, watch) => Self::calling(call.advance(now)?, watch),
            Stage::Signed(call, run) => run.signed(now, call.advance(now)),
            Stage::Renewing(call, run) => run.renewing(now, call.advance(now)?),
            Stage::Waiting(run, refusal) => run.renew(now, refusal),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let step = it.connect.answer(now, response)?;
                Self::connecting(now, step, it.made, it.source, it.news)
            }
            Stage::Calling(call, watch) => {
                watch.sees(response);
                Self::calling(call.answer(now, response)?, watch)
            }
            Stage::Signed(call, run) => run.signed(now, call.answer(now, response)),
            Stage::Renewing(call, mut run) => {
                run.raw = word_for_word(response);
                run.renewing(now, call.answer(now, response)?)
            }
            Stage::Waiting(run, refusal) => run.renew(now, refusal),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let step = it.connect.signed(now, signature)?;
                Self::connecting(now, step, it.made, it.source, it.news)
            }
            Stage::Calling(call, watch) => Self::calling(call.signed(now, signature)?, watch),
            Stage::Signed(call, run) => run.signed(now, call.signed(now, signature)),
            Stage::Renewing(call, run) => run.renewing(now, call.signed(now, signature)?),
            Stage::Waiting(run, refusal) => run.renew(now, refusal),
        }
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.stage {
            Stage::Unmade(misuse) => Err(misuse.into()),
            Stage::Connecting(it) => {
                let it = *it;
                let step = it.connect.lost(now)?;
                step.map(|step| Self::connecting(now, step, it.made, it.source, it.news))
                    .transpose()
            }
            Stage::Calling(call, watch) => {
                let step = call.lost(now)?;
                step.map(|step| Self::calling(step, watch)).transpose()
            }
            Stage::Signed(call, run) => {
                let step = call.lost(now).transpose();
                step.map(|step| run.signed(now, step)).transpose()
            }
            Stage::Renewing(call, run) => {
                let step = call.lost(now)?;
                step.map(|step| run.renewing(now, step)).transpose()
            }
            Stage::Waiting(run, refusal) => run.renew(now, refusal).map(Some),
        }
    }
}

impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Unmade(_) => "ApiCall(unmade)",
            Stage::Connecting(_) => "ApiCall(connecting)",
            Stage::Calling(..) => "ApiCall(calling)",
            Stage::Signed(..) => "ApiCall(signed)",
            Stage::Renewing(..) => "ApiCall(renewing)",
            Stage::Waiting(..) => "ApiCall(waiting)",
        })
    }
}
