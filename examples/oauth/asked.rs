//! What an authorization request asks of the user, for `code` and `par`.

use std::time::Duration;

use clap::Args;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::response_type::ResponseType;

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
    /// How the response travels back: `query`, `form_post`, `fragment`; by `jwt`, `query.jwt` and the
    /// others of this kind, the server signs it (JARM).
    ///
    /// A fragment is not sent to a listener: it takes --callback stdin.
    #[arg(long, value_name = "MODE", value_parser = response_mode)]
    response_mode: Option<ResponseMode>,
    /// What comes back: `code`, or `code id_token`, which travels in a fragment by default.
    #[arg(long, value_name = "TYPE", value_parser = response_type)]
    response_type: Option<ResponseType>,
    /// What is asked for in more words than a scope has, as a JSON array (RFC 9396).
    #[arg(long, value_name = "JSON", value_parser = details)]
    authorization_details: Option<Details>,
}

#[derive(Clone)]
struct Details(Vec<AuthorizationDetail>);

fn details(text: &str) -> Result<Details, String> {
    let details = serde_json::from_str(text);
    details
        .map(Details)
        .map_err(|error| format!("is no JSON array of objects with a `type`: {error}"))
}

fn response_mode(name: &str) -> Result<ResponseMode, String> {
    let modes = ResponseMode::ALL.map(ResponseMode::as_str);
    ResponseMode::named(name).ok_or_else(|| format!("is none of {}", modes.join(", ")))
}

fn response_type(name: &str) -> Result<ResponseType, String> {
    let with_code = [ResponseType::Code, ResponseType::CodeIdToken];
    let named = with_code.into_iter().find(|own| own.as_str() == name);
    named.ok_or_else(|| {
        format!(
            "is none of {}",
            with_code.map(ResponseType::as_str).join(", ")
        )
    })
}

impl Asked {
    /// Whether the response travels in a fragment, which a browser sends to no server.
    pub(crate) fn is_answered_in_a_fragment(&self) -> bool {
        match self.response_mode {
            Some(ResponseMode::Fragment | ResponseMode::FragmentJwt) => true,
            // The default of the response type.
            None | Some(ResponseMode::Jwt) => self.response_type == Some(ResponseType::CodeIdToken),
            Some(_) => false,
        }
    }

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
        if let Some(mode) = self.response_mode {
            request = request.response_mode(mode);
        }
        if let Some(response_type) = self.response_type {
            request = request.response_type(response_type);
        }
        if let Some(Details(details)) = &self.authorization_details {
            request = request.authorization_details(details);
        }
        for resource in &common.resource {
            request = request.resource(resource);
        }
        for (name, value) in &common.parameters {
            // A provider that --provider names may want one.
            request = match ResponseMode::named(value).filter(|_| name == "response_mode") {
                Some(mode) => request.response_mode(self.response_mode.unwrap_or(mode)),
                None => request.parameter(name, value),
            };
        }
        request
    }
}
