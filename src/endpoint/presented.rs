//! A token that a client shows to the server that gave it (RFC 7009 §2.1, RFC 7662 §2.1): the
//! request that revocation and introspection have in common.

use std::borrow::Cow;

use http::Response;
use serde::Serialize;

use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::token::Tokens;
use crate::domain::token_type::TokenTypeHint;
use crate::endpoint::draft::Draft;
use crate::endpoint::extra::Extra;
use crate::endpoint::request;

pub(crate) struct Presented {
    client: Client,
    token: Secret,
    hint: Option<TokenTypeHint>,
    extra: Extra<'static>,
}

impl Presented {
    pub(crate) fn new(client: &Client, token: Secret) -> Self {
        Self {
            client: client.clone(),
            token,
            hint: None,
            extra: Extra::default(),
        }
    }

    /// # Errors
    ///
    /// [`Misuse::OtherClient`]: a token is never shown to a server that did not give it.
    pub(crate) fn access_token(client: &Client, tokens: &Tokens) -> Result<Self, Misuse> {
        client.check_owner("the access token", &tokens.server, tokens.client_id())?;
        let presented = Self::new(client, tokens.access_token().clone());
        Ok(presented.hinted(TokenTypeHint::AccessToken))
    }

    /// # Errors
    ///
    /// [`Misuse::OtherClient`], or [`Misuse::NoRefreshToken`].
    pub(crate) fn refresh_token(client: &Client, tokens: &Tokens) -> Result<Self, Misuse> {
        client.check_owner("the refresh token", &tokens.server, tokens.client_id())?;
        let refresh_token = tokens.refresh_token().ok_or(Misuse::NoRefreshToken)?;
        let presented = Self::new(client, refresh_token.clone());
        Ok(presented.hinted(TokenTypeHint::RefreshToken))
    }

    pub(crate) fn hinted(mut self, hint: TokenTypeHint) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) fn parameter(mut self, name: String, value: String) -> Self {
        self.extra.push(Cow::Owned(name), Cow::Owned(value));
        self
    }

    pub(crate) fn json_parameter(mut self, name: String, value: &impl Serialize) -> Self {
        self.extra.push_json(Cow::Owned(name), value);
        self
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn hint(&self) -> Option<&TokenTypeHint> {
        self.hint.as_ref()
    }

    /// Keeps what an answer says of the requests to come.
    pub(crate) fn learn(&self, endpoint: Endpoint, response: &Response<Vec<u8>>) {
        request::learn(&self.client, endpoint, response);
    }

    /// # Errors
    ///
    /// [`Error::Unsupported`] where the server has no such endpoint, [`Error::Misuse`] where the token
    /// is empty or an extra parameter has the name of one of the protocol.
    pub(crate) fn draft(&self, now: UnixTime, endpoint: Endpoint) -> Result<Draft, Error> {
        self.extra.check(&PROTOCOL)?;
        if self.token.is_empty() {
            return Err(Misuse::Parameter {
                name: "token",
                reason: "is empty",
            }
            .into());
        }
        let room = self.token.len() + self.extra.capacity() + self.client.client_id().len();
        let mut form = Form::with_capacity(128 + room);
        form.push("token", self.token.expose());
        if let Some(hint) = &self.hint {
            form.push("token_type_hint", hint.as_str());
        }
        self.extra.write(&mut form);
        request::post_form(&self.client, now, endpoint, form)
    }
}

/// Parameters that the protocol owns: no extra may have such a name.
const PROTOCOL: [&str; 6] = [
    "token",
    "token_type_hint",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];
