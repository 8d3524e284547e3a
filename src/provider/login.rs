//! The first half of a login: from a provider's name to where the user is sent.
//!
//! ```text
//!   provider.login(callback)
//!         │
//!         ▼
//!    Connecting ──▶ OAuth 2: Done, or Pushing where the provider wants that ──▶ Done(Redirect)
//!         │
//!         └───────▶ OAuth 1.0a: Asking for temporary credentials ─────────────▶ Done(Redirect)
//! ```

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::redirect_uri;
use crate::endpoint::authorization::AuthorizationUrl;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::authorization_request::ResponseMode;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::push::Push;
use crate::oauth1;
use crate::oauth1::temporary::TemporaryCredentialRequest;
use crate::provider::connection::Connect;
use crate::provider::connection::Connection;
use crate::provider::failure::Failure;
use crate::provider::next::Next;
use crate::provider::record::Provider;
use crate::provider::session::Entry;
use crate::provider::session::Pending;
use crate::provider::session::Stored;

impl Provider {
    /// Begins a login: a flow that ends with where to send the user, and what to keep in the session.
    ///
    /// `callback` is the absolute address where the user comes back. For most providers of OAuth 2 nothing is
    /// sent.
    ///
    /// # Errors
    ///
    /// [`Failure::Disabled`]; [`Failure::Incomplete`] with what the record lacks; [`Failure::Configuration`]
    /// where an address, the key, the secret or the callback may not be used.
    pub fn login(&self, callback: impl Into<String>) -> Result<Login, Failure> {
        let callback = callback.into();
        redirect_uri::check(&callback)?;
        Ok(Login {
            task: Task {
                provider: self.clone(),
                callback,
                parameters: self.record().parameters.clone(),
                next: None,
            },
            stage: Stage::Connecting(Connect::new(self)?),
        })
    }
}

/// The first half of a login, as a flow.
#[must_use = "a flow does nothing until it is run"]
pub struct Login {
    task: Task,
    stage: Stage,
}

struct Task {
    provider: Provider,
    callback: String,
    parameters: Vec<(String, String)>,
    next: Option<Next>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one per login, on the driver's stack"
)]
enum Stage {
    Connecting(Connect),
    Pushing(Push),
    Asking(Call<TemporaryCredentialRequest>),
}

/// Where to send the user, and what to keep meanwhile.
#[derive(Debug)]
pub struct Redirect {
    url: AuthorizationUrl,
    entry: Entry,
}

impl Redirect {
    /// The address for a `Location` header.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// What to keep in the browser's session.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }
}

impl Login {
    /// A parameter for this authorization request, beside those of the record. Of the protocol's own ones
    /// `prompt`, `display`, `ui_locales`, `login_hint`, `acr_values`, `resource` and `response_mode` may be
    /// said; any other is an error of the flow.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.task.parameters.push((name.into(), value.into()));
        self
    }

    /// Where the user goes after the login.
    pub fn next(mut self, next: Next) -> Self {
        self.task.next = Some(next);
        self
    }
}

impl Task {
    fn connecting(self, now: UnixTime, step: Step<Connect>) -> Result<Step<Login>, Error> {
        let wrap = |connect, task| Login {
            task,
            stage: Stage::Connecting(connect),
        };
        step.stage(self, wrap, |connection, task| match connection {
            Connection::OAuth2(client) => task.authorize(now, &client),
            Connection::OAuth1(client) => task.ask(now, &client),
        })
    }

    fn authorize(self, now: UnixTime, client: &Client) -> Result<Step<Login>, Error> {
        let own = AuthorizationRequest::new(self.provider.scope()).redirect_uri(&*self.callback);
        let request = self.parameters.iter().fold(own, |request, (name, value)| {
            let value = value.as_str();
            match name.as_str() {
                "response_mode" => match ResponseMode::named(value) {
                    Some(mode) => request.response_mode(mode),
                    None => request.parameter(name, value),
                },
                "prompt" => request.prompt(value),
                "display" => request.display(value),
                "ui_locales" => request.ui_locales(value),
                "login_hint" => request.login_hint(value),
                "acr_values" => request.acr_values(value),
                "resource" => request.resource(value),
                name => request.parameter(name, value),
            }
        });
        if client.requires_push() {
            let step = client.push(now, request)?.advance(now)?;
            return self.pushing(step);
        }
        let (url, pending) = client.authorize(now, request)?;
        self.redirect(url, Pending::OAuth2(Box::new(pending)))
    }

    fn pushing(self, step: Step<Push>) -> Result<Step<Login>, Error> {
        let wrap = |push, task| Login {
            task,
            stage: Stage::Pushing(push),
        };
        step.stage(self, wrap, |(url, pending), task| {
            task.redirect(url, Pending::OAuth2(Box::new(pending)))
        })
    }

    fn ask(self, now: UnixTime, client: &oauth1::client::Client) -> Result<Step<Login>, Error> {
        let own = TemporaryCredentialRequest::new(client)?.callback(&*self.callback)?;
        let mut parameters = self.parameters.iter();
        let asked = parameters.try_fold(own, |request, (name, value)| {
            request.authorization_parameter(name, value)
        });
        let step = Call::new(asked?).advance(now)?;
        self.asking(step)
    }

    fn asking(self, step: Step<Call<TemporaryCredentialRequest>>) -> Result<Step<Login>, Error> {
        let wrap = |call, task| Login {
            task,
            stage: Stage::Asking(call),
        };
        step.stage(self, wrap, |(url, pending), task| {
            task.redirect(url, Pending::OAuth1(Box::new(pending)))
        })
    }

    fn redirect(self, url: AuthorizationUrl, pending: Pending) -> Result<Step<Login>, Error> {
        let stored = Stored::new(&self.provider, self.next, pending);
        let entry = stored.entry(&self.provider)?;
        Ok(Step::Done(Redirect { url, entry }))
    }
}

impl Flow for Login {
    type Output = Redirect;
}

impl Machine for Login {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Connecting(connect) => self.task.connecting(now, connect.advance(now)?),
            Stage::Pushing(push) => self.task.pushing(push.advance(now)?),
            Stage::Asking(call) => self.task.asking(call.advance(now)?),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Connecting(connect) => self.task.connecting(now, connect.answer(now, response)?),
            Stage::Pushing(push) => self.task.pushing(push.answer(now, response)?),
            Stage::Asking(call) => self.task.asking(call.answer(now, response)?),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Connecting(connect) => {
                self.task.connecting(now, connect.signed(now, signature)?)
            }
            Stage::Pushing(push) => self.task.pushing(push.signed(now, signature)?),
            Stage::Asking(call) => self.task.asking(call.signed(now, signature)?),
        }
    }

    /// The user has not left yet: the caller may begin again.
    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        let task = self.task;
        match self.stage {
            Stage::Connecting(connect) => {
                let step = connect.lost(now)?;
                step.map(|step| task.connecting(now, step)).transpose()
            }
            Stage::Pushing(push) => {
                let step = push.lost(now)?;
                step.map(|step| task.pushing(step)).transpose()
            }
            Stage::Asking(call) => {
                let step = call.lost(now)?;
                step.map(|step| task.asking(step)).transpose()
            }
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("provider", &self.task.provider)
            .finish_non_exhaustive()
    }
}
