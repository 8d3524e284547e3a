//! What an authorization request asks of the user, for `code` and `par`.

use std::time::Duration;

use clap::Args;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;

use super::arguments::Request;

#[derive(Args)]
pub(crate) struct Asked {
    /// What the user is asked: `none`, `login`, `consent`, `select_account`, `create`.
    #[arg(long, value_name = "PROMPT")]
    prompt: Option<String>,
    /// The user's name for the login form.
    #[arg(long, value_name = "HINT", allow_hyphen_values = true)]
    login_hint: Option<String>,
    /// The oldest authentication that will do, in seconds.
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
    /// Authentication context classes by preference, apart by spaces.
    #[arg(long, value_name = "VALUES")]
    acr_values: Option<String>,
}

impl Asked {
    /// The authorization request for this, and for what every command asks.
    pub(crate) fn request<'a>(&'a self, common: &'a Request) -> AuthorizationRequest<'a> {
        let mut request = AuthorizationRequest::new(common.scope());
        if let Some(prompt) = &self.prompt {
            request = request.prompt(prompt);
        }
        if let Some(hint) = &self.login_hint {
            request = request.login_hint(hint);
        }
        if let Some(seconds) = self.max_age {
            request = request.max_age(Duration::from_secs(seconds));
        }
        if let Some(values) = &self.acr_values {
            request = request.acr_values(values);
        }
        for resource in &common.resource {
            request = request.resource(resource);
        }
        for (name, value) in &common.parameters {
            request = request.parameter(name, value);
        }
        request
    }
}
