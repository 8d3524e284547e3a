//! A token that was renewed on the way, with the answer that it came in.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use http::Response;

use crate::base::secret::Secret;
use crate::domain::client::Client;
use crate::domain::metadata::Endpoint;
use crate::flow::Flow;
use crate::flow::Step;
use crate::provider::token::Token;

/// A token, and the answer that it came in where that is known: what an
/// [`Account`](crate::provider::account::Account) is to [keep](crate::provider::account::Account::keep) once
/// an API has renewed its token.
///
/// `Debug` shows no secret.
#[derive(Clone, PartialEq)]
pub struct Renewed {
    pub(crate) token: Token,
    pub(crate) raw: Option<Secret>,
}

impl Renewed {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The answer that it came in, word for word. None where that is not known.
    #[must_use]
    pub fn raw_token(&self) -> Option<&Secret> {
        self.raw.as_ref()
    }
}

/// A token whose answer is not known.
impl From<Token> for Renewed {
    fn from(token: Token) -> Self {
        Self { token, raw: None }
    }
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// The newest token of an API, and who is told of it. Clones share the token.
#[derive(Clone, Default)]
pub(crate) struct News {
    newest: Arc<Mutex<Option<Renewed>>>,
    told: Option<Told>,
}

type Told = Arc<dyn Fn(&Renewed) + Send + Sync>;

impl News {
    pub(crate) fn telling(self, told: impl Fn(&Renewed) + Send + Sync + 'static) -> Self {
        let told = Some(Arc::new(told) as Told);
        Self { told, ..self }
    }

    pub(crate) fn newest(&self) -> Option<Renewed> {
        lock(&self.newest).clone()
    }

    pub(crate) fn tell(&self, renewed: &Renewed) {
        *lock(&self.newest) = Some(renewed.clone());
        if let Some(told) = &self.told {
            told(renewed);
        }
    }
}

/// The answer that a call was given when it asked for a token.
#[derive(Clone, Default)]
pub(crate) struct Answer(Arc<Mutex<Option<Secret>>>);

impl Answer {
    pub(crate) fn set(&self, response: &Response<Vec<u8>>) {
        *lock(&self.0) = word_for_word(response);
    }

    pub(crate) fn take(&self) -> Option<Secret> {
        lock(&self.0).take()
    }
}

/// Whether a step asks for a token.
pub(crate) fn asks_for_token<F: Flow>(step: &Step<F>, client: &Client) -> bool {
    match (step, client.address(Endpoint::Token)) {
        (Step::Send(request, _), Ok(address)) => request.uri() == address.uri(),
        _ => false,
    }
}

/// An answer as it came, where it is text.
pub(crate) fn word_for_word(response: &Response<Vec<u8>>) -> Option<Secret> {
    let text = std::str::from_utf8(response.body()).ok()?;
    Some(Secret::from(text)).filter(|text| !text.is_empty())
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
