//! A call with the tokens of a store: what every driver decides between a refresh and a request.

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::domain::token::Tokens;
use crate::endpoint::resource::ResourceRequest;
use crate::flow::call::Call;
use crate::flow::drive::DriveError;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::api_request::Made;
use crate::lease::api_request::rejects_token;
use crate::lease::key::Key;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::record::Record;
use crate::lease::refresh::Refresh;
use crate::lease::shared::CallError;
use crate::lease::shared::Shared;

/// A call over a store, between a refresh and a request.
pub(crate) struct Attempt<'a> {
    api: &'a Api<Shared>,
    made: Made,
    /// The tokens that the API refused, and how.
    rejected: Option<(Tokens, Error)>,
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(api: &'a Api<Shared>, request: ApiRequest) -> Result<Self, Error> {
        let made = request.made(&api.base, &api.defaults)?;
        let rejected = None;
        Ok(Self {
            api,
            made,
            rejected,
        })
    }

    pub(crate) fn refresh(&self) -> Refresh {
        let rejected = self.rejected.as_ref().map(|(tokens, _)| tokens);
        self.api.source.refresh(&self.api.client, rejected)
    }

    pub(crate) fn key(&self) -> &Key {
        self.api.source.key()
    }

    pub(crate) fn call(&self, tokens: &Tokens) -> Call<ResourceRequest> {
        self.made.call(&self.api.client, tokens)
    }

    /// Whether what the store has may work still: it was not renewed, and is not known to have ended.
    pub(crate) fn asks_for_kept(&self, outcome: &Outcome) -> bool {
        self.rejected.is_none()
            && matches!(
                outcome,
                Outcome::Permanent(Reason::Refused(_) | Reason::Remembered(_))
            )
    }

    pub(crate) fn tokens<E, S>(
        &mut self,
        now: UnixTime,
        outcome: Outcome,
        kept: Option<Record>,
    ) -> Result<Tokens, CallError<E, S>> {
        if let Outcome::Unsaved(tokens) = outcome {
            return Err(CallError::Unsaved(Box::new(tokens)));
        }
        if let Some(tokens) = kept.and_then(|record| self.api.source.usable(now, record)) {
            return Ok(tokens);
        }
        let is_last = matches!(outcome, Outcome::Permanent(Reason::NeedsSignIn));
        match self.rejected.take_if(|_| is_last || self.made.is_once) {
            Some((_, refusal)) => Err(refusal.into()),
            None => Ok(outcome.into_tokens()?),
        }
    }

    /// The API's answer; none where it refuses the token for the first time.
    pub(crate) fn answered<E, S>(
        &mut self,
        tokens: Tokens,
        answer: Result<Response<Vec<u8>>, DriveError<E>>,
    ) -> Result<Option<Response<Vec<u8>>>, CallError<E, S>> {
        match answer {
            Err(DriveError::Protocol(error))
                if self.rejected.is_none() && rejects_token(&error) =>
            {
                self.rejected = Some((tokens, error));
                Ok(None)
            }
            answer => Ok(Some(self.made.judge(answer?)?)),
        }
    }
}
