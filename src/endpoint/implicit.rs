//! The implicit response (RFC 6749 §4.2.2, OAuth 2.0 Multiple Response Type Encoding Practices 1.0):
//! a token that the browser brings, or nothing but a yes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::form::Pairs;
use crate::base::json::Members;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::id_token::IdToken;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::callback::said;
use crate::endpoint::pending::Pending;
use crate::endpoint::returned;
use crate::endpoint::returned::Returned;

impl Client {
    /// Validates what came back for a request whose response type has no code: `id_token`,
    /// `id_token token`, `token` or `none`.
    ///
    /// `received` is the full URL, its path and query, a fragment with or without its `#`, or the body
    /// of a `form_post`. A server sees no fragment: a script of the page has to send it there.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
    /// use oauth_proto::endpoint::response_type::ResponseType;
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?
    /// #     .with_redirect_uri("https://app.example/callback")?;
    /// # let now = UnixTime::from_secs(1_800_000_000);
    /// let request = AuthorizationRequest::new("mail").danger_response_type(ResponseType::Token);
    /// let (url, pending) = client.authorize(now, request)?;
    /// // … the browser comes back:
    /// let fragment = format!("#access_token=2YotnFZF&token_type=bearer&state={}", pending.state());
    /// let response = client.implicit_response(now, pending, &fragment)?;
    /// assert_eq!(response.tokens().unwrap().scope().as_str(), "mail");
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::authorization_response`]; [`Misuse::ResponseType`] where a code was asked
    /// for, which [`Client::authorization_response`] reads.
    pub fn implicit_response(
        &self,
        now: UnixTime,
        pending: Pending,
        received: &str,
    ) -> Result<ImplicitResponse, Error> {
        let response_type = pending.response_type;
        if response_type.has_code() {
            return Err(Misuse::ResponseType {
                response_type: response_type.as_str(),
                method: "Client::authorization_response",
            }
            .into());
        }
        let (returned, _) = returned::consume(self, now, pending, received)?;
        Ok(ImplicitResponse::new(returned))
    }
}

/// A response without a code that passed every check.
pub struct ImplicitResponse {
    tokens: Option<Box<Tokens>>,
    id_token: Option<IdToken>,
    parameters: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl ImplicitResponse {
    pub(crate) fn new(returned: Returned) -> Self {
        Self {
            tokens: returned.tokens,
            id_token: returned.id_token,
            parameters: returned.parameters,
            findings: returned.findings,
        }
    }

    /// Who signed in, for the response types `id_token` and `id_token token`.
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// The access token, without a refresh token; none where the response type is `none`.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_deref()
    }

    /// The access token, to keep.
    #[must_use]
    pub fn into_tokens(self) -> Option<Tokens> {
        self.tokens.map(|tokens| *tokens)
    }

    /// The parameters that no check knows, such as `session_state`, in their order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// What was tolerated.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for ImplicitResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("ImplicitResponse")
            .field("tokens", &self.tokens)
            .field("parameters", &names)
            .field("findings", &self.findings)
            .finish()
    }
}

/// Takes the access token, and what belongs to it, out of a response that came for `pending`.
pub(crate) fn take_tokens(
    client: &Client,
    now: UnixTime,
    pending: &Pending,
    parameters: &mut Pairs<'_>,
) -> Result<Tokens, Violation> {
    // RFC 6749 §4.2.2: "The authorization server MUST NOT issue a refresh token."
    if said(parameters, "refresh_token").is_some() {
        return Err(Violation::new(Check::CallbackRefreshToken)
            .expected("no `refresh_token` in the browser"));
    }
    let access_token = access_token(parameters)?;
    let token_type = token_type(parameters)?;
    let expires_in = expires_in(parameters)?;
    let granted = said(parameters, "scope").map(Scope::from);
    for known in ["access_token", "token_type", "expires_in", "scope"] {
        parameters.take(known);
    }
    Ok(Tokens {
        v: Version,
        access_token,
        token_type,
        jkt: None,
        received_at: now,
        expires_at: expires_in.map(|lifetime| now.saturating_add(lifetime)),
        refresh_token: None,
        id_token: None,
        granted_scope: granted.filter(|granted| granted.as_str() != pending.scope.as_str()),
        requested_scope: Arc::new(pending.scope.clone()),
        resource: pending.resource().to_vec(),
        server: client.server().clone(),
        client_id: client.shared_client_id(),
        members: Members::default(),
        findings: Vec::new(),
    })
}

/// RFC 6749 §4.2.2: "`access_token` REQUIRED". One that no header can carry is none.
fn access_token(parameters: &Pairs<'_>) -> Result<Secret, Violation> {
    let refused = || Violation::new(Check::CallbackAccessToken);
    let Some(token) = said(parameters, "access_token") else {
        return Err(refused()
            .expected("`access_token` or `error`")
            .received_nothing());
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused().expected("printable ASCII without a space"));
    }
    Ok(Secret::from(token))
}

/// RFC 6749 §4.2.2: "`token_type` REQUIRED [...] Value is case insensitive."
fn token_type(parameters: &Pairs<'_>) -> Result<TokenType, Violation> {
    let refused = Violation::new(Check::CallbackTokenType).expected(TokenType::Bearer.as_str());
    match said(parameters, "token_type") {
        None => Err(refused.received_nothing()),
        // No proof went with the request, so that nothing is bound (RFC 9449 §5).
        Some(name) => TokenType::of(name)
            .filter(|known| *known == TokenType::Bearer)
            .ok_or_else(|| refused.received(name)),
    }
}

/// RFC 6749 §4.2.2: "The lifetime in seconds of the access token." Zero means that it has ended.
fn expires_in(parameters: &Pairs<'_>) -> Result<Option<Duration>, Violation> {
    let Some(text) = said(parameters, "expires_in") else {
        return Ok(None);
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if is_number => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(Violation::new(Check::CallbackExpiresIn)
            .expected("a whole number of seconds")
            .received(text)),
    }
}
