//! The second half of a login: from what the browser brought to who signed in.
//!
//! ```text
//!   provider.session_key(query) ──▶ the entry is taken out of the session, for good
//!         │
//!   provider.callback(query, entry)
//!         │                    a wrong or missing state, and a denial, end it here
//!         ▼
//!    Connecting ──▶ SigningIn (OAuth 2) ──▶ Asking for the profile ──▶ Done(SignedIn)
//!         └───────▶ Redeeming (OAuth 1.0a) ────▲
//! ```

use std::fmt;

use http::HeaderValue;
use http::Response;
use http::header;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Findings;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::response;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::sign_in;
use crate::flow::sign_in::SignIn;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::oauth1::credentials::TokenCredentials;
use crate::oauth1::token::TokenCredentialRequest;
use crate::provider::api::Granted;
use crate::provider::api_call::ApiCall;
use crate::provider::callback::refused;
use crate::provider::connection::Connect;
use crate::provider::connection::Connection;
use crate::provider::failure::Failure;
use crate::provider::failure::State;
use crate::provider::next::Next;
use crate::provider::profile::Profile;
use crate::provider::record::Provider;
use crate::provider::renewed::Renewed;
use crate::provider::renewed::asks_for_token;
use crate::provider::renewed::word_for_word;
use crate::provider::session::Pending;
use crate::provider::session::Stored;
use crate::provider::signed_in::SignedIn;
use crate::provider::token::Token;

/// The second half of a login, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct Arrival {
    task: Box<Task>,
    stage: Stage,
}

struct Task {
    provider: Provider,
    next: Option<Next>,
    /// The token response, once it is there.
    raw: Option<Secret>,
    /// Whether the request that is under way is the one for the token.
    asks_for_token: bool,
    /// What was tolerated so far.
    findings: Vec<Finding>,
}

enum Stage {
    Connecting(Box<Connect>, Pending, Secret),
    SigningIn(Box<SignIn>, Client),
    Redeeming(Box<Call<TokenCredentialRequest>>),
    Asking(Box<ApiCall>, Box<Asked>),
}

/// What is known while the profile is asked for.
struct Asked {
    api: Api<Granted, Connect>,
    sub: Option<String>,
    received_at: UnixTime,
}

type Outcome = Result<Step<Arrival>, Error>;

const fn failed(failure: Failure) -> Step<Arrival> {
    Step::Done(Err(failure))
}

impl Arrival {
    /// Takes up what was stored, at once where nothing is to be fetched for it.
    pub(crate) fn new(
        provider: &Provider,
        now: UnixTime,
        connect: Connect,
        stored: Stored,
        received: &str,
    ) -> Result<Self, Failure> {
        let task = Box::new(Task {
            provider: provider.clone(),
            next: stored.next,
            raw: None,
            asks_for_token: false,
            findings: Vec::new(),
        });
        let stage = match connect.known(now) {
            Some(connection) => task.resume(now, connection, stored.pending, received)?,
            None => Stage::Connecting(Box::new(connect), stored.pending, Secret::from(received)),
        };
        Ok(Self { task, stage })
    }
}

impl Task {
    /// Takes up what was pending.
    fn resume(
        &self,
        now: UnixTime,
        connection: Connection,
        pending: Pending,
        received: &str,
    ) -> Result<Stage, Failure> {
        match (connection, pending) {
            (Connection::OAuth2(client), Pending::OAuth2(pending)) => {
                let asks_userinfo = self.provider.record().profile_url.is_none()
                    && pending.scope().has_openid()
                    && client.metadata().endpoint(Endpoint::Userinfo).is_ok();
                let mut sign_in = client.resume(now, *pending, received).map_err(refused)?;
                if asks_userinfo {
                    sign_in = sign_in.with_userinfo();
                }
                Ok(Stage::SigningIn(Box::new(sign_in), client))
            }
            (Connection::OAuth1(client), Pending::OAuth1(pending)) => {
                let call = client.resume(now, *pending, received).map_err(refused)?;
                Ok(Stage::Redeeming(Box::new(call)))
            }
            // The record has changed since.
            (Connection::OAuth1(_) | Connection::OAuth2(_), _) => {
                Err(Failure::State(State::Unreadable))
            }
        }
    }

    fn connecting(
        self: Box<Self>,
        now: UnixTime,
        step: Result<Step<Connect>, Error>,
        pending: Pending,
        received: Secret,
    ) -> Outcome {
        let wrap = |connect, (task, pending, received)| Arrival {
            task,
            stage: Stage::Connecting(Box::new(connect), pending, received),
        };
        let step = match step {
            Ok(step) => step,
            Err(error) => return Ok(failed(Failure::Token(error))),
        };
        let rest = (self, pending, received);
        step.stage(rest, wrap, |connection, (task, pending, received)| {
            let resumed = task.resume(now, connection, pending, received.expose());
            match resumed {
                Ok(stage) => Arrival { task, stage }.advance(now),
                Err(failure) => Ok(failed(failure)),
            }
        })
    }

    fn signing_in(
        mut self: Box<Self>,
        now: UnixTime,
        step: Result<Step<SignIn>, Error>,
        client: Client,
    ) -> Outcome {
        let wrap = |sign_in, (task, client)| Arrival {
            task,
            stage: Stage::SigningIn(Box::new(sign_in), client),
        };
        let step = match step {
            Ok(step) => step,
            // A signed callback is read by the flow.
            Err(Error::Refused(refusal)) if refusal.endpoint() == Endpoint::Authorization => {
                return Ok(failed(Failure::Denied(refusal)));
            }
            Err(error) => return Ok(failed(Failure::Token(error))),
        };
        self.asks_for_token = asks_for_token(&step, &client);
        step.stage((self, client), wrap, |signed_in, (task, _)| {
            task.signed_in(now, signed_in)
        })
    }

    fn signed_in(mut self: Box<Self>, now: UnixTime, signed_in: sign_in::SignedIn) -> Outcome {
        self.findings.extend(signed_in.findings().cloned());
        let sub = signed_in.id_token().map(|it| it.sub().to_owned());
        let mut said = match signed_in.userinfo() {
            Some(userinfo) => userinfo.members().to_value(),
            None => serde_json::Map::new(),
        };
        match signed_in.id_token() {
            // What is signed counts for more.
            Some(id_token) => {
                said.extend(id_token.claims().members().to_value());
                said.insert("sub".to_owned(), id_token.sub().into());
            }
            None => said.extend(signed_in.tokens().members().to_value()),
        }
        let token = Token::from(signed_in.into_tokens());
        self.arrived(now, token, sub, said)
    }

    fn redeeming(
        self: Box<Self>,
        now: UnixTime,
        step: Result<Step<Call<TokenCredentialRequest>>, Error>,
    ) -> Outcome {
        let wrap = |call, task| Arrival {
            task,
            stage: Stage::Redeeming(Box::new(call)),
        };
        let then = |credentials: TokenCredentials, mut task: Box<Self>| {
            task.findings.extend_from_slice(credentials.findings());
            let said = credentials.members().to_value();
            task.arrived(now, Token::from(credentials), None, said)
        };
        match step {
            Ok(step) => step.stage(self, wrap, then),
            Err(error) => Ok(failed(Failure::Token(error))),
        }
    }

    /// There is a token: asks for the profile, or takes what came with the token for one.
    fn arrived(
        self: Box<Self>,
        now: UnixTime,
        token: Token,
        sub: Option<String>,
        said: serde_json::Map<String, serde_json::Value>,
    ) -> Outcome {
        let Some(profile_url) = &self.provider.record().profile_url else {
            let said = serde_json::Value::Object(said).to_string();
            let done = self.done(token, Profile::parse(said.as_bytes()), sub, now);
            return Ok(Step::Done(done));
        };
        let api = Api::of_profile(&self.provider, profile_url, token, now);
        let request = http::Request::get(profile_url).body(Vec::new());
        let (api, request) = match (api, request) {
            (Ok(api), Ok(request)) => (api, request),
            (Err(failure), _) => return Ok(failed(failure)),
            (_, Err(_)) => return Ok(failed(self.provider.lacks("a profile address"))),
        };
        let request = ApiRequest::from(request)
            .query(&self.provider.record().profile_parameters)
            .header(header::ACCEPT, JSON);
        let step = api.call(request).advance(now);
        let received_at = now;
        let asked = Box::new(Asked {
            api,
            sub,
            received_at,
        });
        self.asking(step, asked)
    }

    fn asking(self: Box<Self>, step: Result<Step<ApiCall>, Error>, asked: Box<Asked>) -> Outcome {
        let wrap = |call, (task, asked)| Arrival {
            task,
            stage: Stage::Asking(Box::new(call), asked),
        };
        let then = |answer: Response<Vec<u8>>, (mut task, asked): (Box<Self>, Box<Asked>)| {
            if let Some(findings) = answer.extensions().get::<Findings>() {
                task.findings.extend_from_slice(findings.as_slice());
            }
            if let Err(violation) = response::check_size(answer.body()) {
                return Ok(failed(Failure::Profile(violation.into())));
            }
            let profile = Profile::parse(answer.body());
            let Asked {
                api,
                sub,
                received_at,
            } = *asked;
            let token = match api.renewed() {
                Some(Renewed { token, raw }) => {
                    task.raw = raw;
                    token
                }
                None => api.token(),
            };
            let done = task.done(token, profile, sub, received_at);
            Ok(Step::Done(done))
        };
        match step {
            Ok(step) => step.stage((self, asked), wrap, then),
            Err(error) => Ok(failed(Failure::Profile(error))),
        }
    }

    fn done(
        self,
        token: Token,
        profile: Profile,
        sub: Option<String>,
        received_at: UnixTime,
    ) -> Result<SignedIn, Failure> {
        // OpenID Connect Core 1.0 §5.3.2: what is said of another user is not for this one.
        if let (Some(known), Some(said)) = (&sub, profile.identifier("sub"))
            && *known != said
        {
            let violation = Violation::new(Check::UserinfoSub).expected(known);
            return Err(Failure::Profile(violation.received(said).into()));
        }
        let path = self.provider.id();
        let identifier = match path {
            Some(path) => profile.identifier(path),
            None => sub,
        };
        let provider = self.provider.name().to_owned();
        let Some(identifier) = identifier else {
            let path = path.unwrap_or("sub").to_owned();
            return Err(Failure::Identifier { provider, path });
        };
        Ok(SignedIn {
            provider,
            identifier,
            profile,
            token,
            raw: self.raw,
            received_at,
            next: self.next,
            findings: self.findings,
        })
    }
}

/// What a profile is asked for as. Another answer is read as text.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Flow for Arrival {
    type Output = Result<SignedIn, Failure>;
}

impl Machine for Arrival {
    fn advance(self, now: UnixTime) -> Outcome {
        let task = self.task;
        match self.stage {
            Stage::Connecting(connect, pending, received) => {
                task.connecting(now, connect.advance(now), pending, received)
            }
            Stage::SigningIn(sign_in, client) => task.signing_in(now, sign_in.advance(now), client),
            Stage::Redeeming(call) => task.redeeming(now, call.advance(now)),
            Stage::Asking(call, asked) => task.asking(call.advance(now), asked),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Outcome {
        let mut task = self.task;
        match self.stage {
            Stage::Connecting(connect, pending, received) => {
                task.connecting(now, connect.answer(now, response), pending, received)
            }
            Stage::SigningIn(sign_in, client) => {
                if task.asks_for_token {
                    task.raw = word_for_word(response);
                }
                task.signing_in(now, sign_in.answer(now, response), client)
            }
            Stage::Redeeming(call) => {
                task.raw = word_for_word(response);
                task.redeeming(now, call.answer(now, response))
            }
            Stage::Asking(call, asked) => task.asking(call.answer(now, response), asked),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Outcome {
        let task = self.task;
        match self.stage {
            Stage::Connecting(connect, pending, received) => {
                task.connecting(now, connect.signed(now, signature), pending, received)
            }
            Stage::SigningIn(sign_in, client) => {
                task.signing_in(now, sign_in.signed(now, signature), client)
            }
            Stage::Redeeming(call) => task.redeeming(now, call.signed(now, signature)),
            Stage::Asking(call, asked) => task.asking(call.signed(now, signature), asked),
        }
    }

    /// A code or verifier is good for one request: the transport's failure goes back to the caller, and the
    /// user begins again.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Connecting(connect, pending, received) => {
                let step = connect.lost(now).transpose();
                step.map(|step| task.connecting(now, step, pending, received))
                    .transpose()
            }
            Stage::SigningIn(sign_in, client) => {
                let step = sign_in.lost(now).transpose();
                step.map(|step| task.signing_in(now, step, client))
                    .transpose()
            }
            Stage::Redeeming(call) => {
                let step = call.lost(now).transpose();
                step.map(|step| task.redeeming(now, step)).transpose()
            }
            Stage::Asking(call, asked) => {
                let step = call.lost(now).transpose();
                step.map(|step| task.asking(step, asked)).transpose()
            }
        }
    }
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Connecting(..) => "Arrival(connecting)",
            Stage::SigningIn(..) => "Arrival(signing in)",
            Stage::Redeeming(_) => "Arrival(redeeming)",
            Stage::Asking(..) => "Arrival(asking for the profile)",
        })
    }
}
