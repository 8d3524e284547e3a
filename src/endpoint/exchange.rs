//! Token exchange (RFC 8693): one token for another, narrower, for another audience, or of another
//! kind.

use std::fmt;
use std::sync::Arc;

use http::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::form::Form;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;
use crate::domain::token_type::TokenTypeIdentifier;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::grant;
use crate::endpoint::grant::Grant;
use crate::endpoint::token;

/// Exchanges one token for another (RFC 8693 §2).
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::exchange::{SecurityToken, TokenExchange};
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "api", Authentication::client_secret_basic("s3cret"))?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let caller = SecurityToken::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC", "access_token");
/// let exchange = TokenExchange::new(&client, caller).resource(["https://backend.example/api"]);
/// let request = exchange.request(now)?.into_request()?;
/// assert_eq!(
///     request.body(),
///     b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
///       &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
///       &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
///       &resource=https%3A%2F%2Fbackend.example%2Fapi"
/// );
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct TokenExchange {
    client: Client,
    grant: Grant,
    subject: SecurityToken,
    actor: Option<SecurityToken>,
    requested_token_type: Option<TokenTypeIdentifier>,
    audience: Vec<String>,
}

impl TokenExchange {
    /// Exchanges a token of the party on whose behalf the request is made.
    ///
    /// [`Tokens`] stand for their access token; anything else is a [`SecurityToken`].
    pub fn new(client: &Client, subject: impl Into<SecurityToken>) -> Self {
        let grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
        Self {
            grant: Grant::of(client, grant::form(grant_type, 0)).with_names(&NAMES),
            client: client.clone(),
            subject: subject.into(),
            actor: None,
            requested_token_type: None,
            audience: Vec::new(),
        }
    }

    /// `actor_token`: who acts for the subject.
    pub fn actor(mut self, actor: impl Into<SecurityToken>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// `requested_token_type`: the kind of token that is wanted, by its short name or its URI.
    pub fn requested_token_type(mut self, kind: impl Into<TokenTypeIdentifier>) -> Self {
        self.requested_token_type = Some(kind.into());
        self
    }

    /// `audience`: the services where the token will be used, by the names that the server has for
    /// them.
    pub fn audience<S: Into<String>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
        self.audience = audience.into_iter().map(Into::into).collect();
        self
    }

    /// `resource`: the services where the token will be used, by their addresses.
    pub fn resource<S: Into<String>>(self, resource: impl IntoIterator<Item = S>) -> Self {
        let grant = self.grant.resource(resource);
        Self { grant, ..self }
    }

    /// `scope`: what the token is to be good for; an empty one is omitted.
    pub fn scope(self, scope: impl Into<Scope>) -> Self {
        let grant = self.grant.scope(scope);
        Self { grant, ..self }
    }

    /// `authorization_details`: the same in more words (RFC 9396 §6).
    pub fn authorization_details(self, details: &[AuthorizationDetail]) -> Self {
        let grant = self.grant.authorization_details(details);
        Self { grant, ..self }
    }

    /// A parameter that no specification here knows. May be given several times.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let grant = self.grant.parameter(name, value);
        Self { grant, ..self }
    }

    /// The same, the value written as JSON.
    pub fn json_parameter(self, name: impl Into<String>, value: &impl Serialize) -> Self {
        let grant = self.grant.json_parameter(name, value);
        Self { grant, ..self }
    }

    fn check(&self) -> Result<(), Misuse> {
        self.subject
            .check(&self.client, "subject_token", "subject_token_type")?;
        if let Some(actor) = &self.actor {
            actor.check(&self.client, "actor_token", "actor_token_type")?;
        }
        match &self.requested_token_type {
            Some(kind) => check_kind(kind, "requested_token_type"),
            None => Ok(()),
        }
    }

    fn write(&self, form: &mut Form) {
        form.push("subject_token", self.subject.token.expose());
        form.push("subject_token_type", self.subject.kind.as_str());
        if let Some(actor) = &self.actor {
            form.push("actor_token", actor.token.expose());
            form.push("actor_token_type", actor.kind.as_str());
        }
        if let Some(kind) = &self.requested_token_type {
            form.push("requested_token_type", kind.as_str());
        }
        for audience in &self.audience {
            form.push("audience", audience);
        }
    }
}

impl Operation for TokenExchange {
    type Output = IssuedToken;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.check()?;
        self.grant.draft(now, |form| self.write(form))
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<IssuedToken, Error> {
        let issued = token::read_issued(&self.client, now, response, &self.grant.asked());
        let issued = issued.map_err(|error| {
            let tokens = [Some(&self.subject), self.actor.as_ref()];
            let tokens = tokens.into_iter().flatten();
            self.grant
                .without_secrets(error)
                .hiding(tokens.map(|one| one.token.expose()))
        })?;
        IssuedToken::new(issued)
    }

    /// An access token, which is what an ID token may come beside.
    fn without_keys(self: Arc<Self>, now: UnixTime, response: &Response<Vec<u8>>) -> Option<Error> {
        let exchange = Arc::clone(&self);
        let again = move |now, answer: &_| Ok(exchange.response(now, answer)?.tokens);
        token::without_keys(&self.client, now, response, &self.grant.asked(), again)
    }
}

/// RFC 8693 §2.1, beside what every request to the token endpoint has.
const NAMES: [&str; 6] = [
    "audience",
    "requested_token_type",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
];

impl fmt::Debug for TokenExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchange")
            .field("grant", &self.grant)
            .field("subject", &self.subject)
            .field("actor", &self.actor)
            .field("requested_token_type", &self.requested_token_type)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// A token to be exchanged, and what kind it is.
#[derive(Clone)]
pub struct SecurityToken {
    token: Secret,
    kind: TokenTypeIdentifier,
    /// Where it came from, where that is known.
    source: Option<Source>,
}

#[derive(Clone)]
struct Source {
    server: Server,
    client_id: Arc<str>,
}

impl SecurityToken {
    /// A token of this kind: the short name of one that RFC 8693 §3 registers (`access_token`,
    /// `refresh_token`, `id_token`, `saml1`, `saml2`, `jwt`), or a URI.
    ///
    /// Where it came from is the caller's to know: this is also the way to exchange a token of one
    /// server at another.
    #[must_use]
    pub fn new(token: impl Into<Secret>, kind: impl Into<TokenTypeIdentifier>) -> Self {
        Self {
            token: token.into(),
            kind: kind.into(),
            source: None,
        }
    }

    /// The refresh token of `tokens`, to be exchanged as one.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`].
    pub fn refresh_token(tokens: &Tokens) -> Result<Self, Error> {
        let refresh_token = tokens.refresh_token().ok_or(Misuse::NoRefreshToken)?;
        Ok(Self {
            token: refresh_token.clone(),
            kind: TokenTypeIdentifier::RefreshToken,
            source: Some(Source::of(tokens)),
        })
    }

    fn check(&self, client: &Client, name: &'static str, kind: &'static str) -> Result<(), Misuse> {
        if self.token.is_empty() {
            let reason = "is empty";
            return Err(Misuse::Parameter { name, reason });
        }
        check_kind(&self.kind, kind)?;
        let Some(source) = &self.source else {
            return Ok(());
        };
        // Access tokens travel between clients of one server; a refresh token is one client's own.
        let client_id = match self.kind {
            TokenTypeIdentifier::RefreshToken => &source.client_id,
            _ => client.client_id(),
        };
        client.check_owner("the token", &source.server, client_id)
    }
}

impl Source {
    fn of(tokens: &Tokens) -> Self {
        Self {
            server: tokens.server.clone(),
            client_id: Arc::clone(&tokens.client_id),
        }
    }
}

impl From<&Tokens> for SecurityToken {
    /// The access token, as one "issued by the given authorization server" (RFC 8693 §3): it is
    /// exchanged at its own issuer only.
    fn from(tokens: &Tokens) -> Self {
        Self {
            token: tokens.access_token().clone(),
            kind: TokenTypeIdentifier::AccessToken,
            source: Some(Source::of(tokens)),
        }
    }
}

fn check_kind(kind: &TokenTypeIdentifier, name: &'static str) -> Result<(), Misuse> {
    if kind.is_uri() {
        return Ok(());
    }
    let reason = "is neither a short name of RFC 8693 section 3 nor an absolute URI";
    Err(Misuse::Parameter { name, reason })
}

impl fmt::Debug for SecurityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecurityToken({})", self.kind)
    }
}

/// The token that came for another (RFC 8693 §2.2.1). It is not always an access token:
/// [`issued_token_type`](Self::issued_token_type) says what it is.
#[derive(Clone, PartialEq)]
pub struct IssuedToken {
    issued_token_type: TokenTypeIdentifier,
    token_type: Option<TokenType>,
    /// The rest of the answer; as tokens they are handed out only where they are.
    tokens: Tokens,
}

impl IssuedToken {
    fn new(issued: token::Issued) -> Result<Self, Error> {
        let endpoint = Endpoint::Token;
        let text = issued.tokens.member::<String>("issued_token_type");
        // "issued_token_type REQUIRED. An identifier, as described in Section 3"
        // (RFC 8693 §2.2.1).
        let violation = Violation::new(Check::ExchangeIssuedType).expected("an absolute URI");
        let Some(text) = text.map_err(|fault| Malformed { endpoint, fault })? else {
            return Err(violation.received_nothing().into());
        };
        let issued_token_type =
            TokenTypeIdentifier::of_uri(&text).ok_or_else(|| violation.received(text))?;
        // "If the issued token is not an access token or usable as an access token, then the
        // token_type value N_A is used" (RFC 8693 §2.2.1): no access token is of no type.
        if issued.token_type.is_none() && issued_token_type == TokenTypeIdentifier::AccessToken {
            return Err(token::unknown_type(TokenType::Bearer, token::NOT_APPLICABLE).into());
        }
        Ok(Self {
            issued_token_type,
            token_type: issued.token_type,
            tokens: issued.tokens,
        })
    }

    /// The token. The answer calls it `access_token` whatever it is, "for historical reasons".
    #[must_use]
    pub fn token(&self) -> &Secret {
        self.tokens.access_token()
    }

    /// `issued_token_type`: what kind of token it is.
    #[must_use]
    pub fn issued_token_type(&self) -> &TokenTypeIdentifier {
        &self.issued_token_type
    }

    /// `token_type`: how it is used as an access token; none (`N_A`) where it cannot be.
    #[must_use]
    pub fn token_type(&self) -> Option<TokenType> {
        self.token_type
    }

    /// When it ends; none where the server did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.tokens.expires_at()
    }

    /// Whether it has ended. One without an expiry never has.
    #[must_use]
    pub fn has_expired(&self, now: UnixTime) -> bool {
        self.tokens.has_expired(now)
    }

    /// The granted scope; as requested where the server did not say otherwise.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.tokens.scope()
    }

    /// What was asked for and not granted.
    pub fn missing_scope(&self) -> impl Iterator<Item = &str> {
        self.tokens.missing_scope()
    }

    /// What was granted and not asked for.
    pub fn extra_scope(&self) -> impl Iterator<Item = &str> {
        self.tokens.extra_scope()
    }

    /// A refresh token beside it, which the server seldom gives.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.tokens.refresh_token()
    }

    /// A member of the answer that has no method here, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the member is there and is no `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        self.tokens.member(name)
    }

    /// Every member of the answer that [`Tokens`] has no method for.
    #[must_use]
    pub fn members(&self) -> &Members {
        self.tokens.members()
    }

    /// What was tolerated while the answer was read.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.tokens.findings()
    }

    /// As [`Tokens`] to call resources with; none where it is no access token, by its `token_type`
    /// or by its kind.
    #[must_use]
    pub fn into_tokens(self) -> Option<Tokens> {
        use TokenTypeIdentifier as Kind;

        let is_another_kind = matches!(
            self.issued_token_type,
            Kind::IdToken | Kind::RefreshToken | Kind::Saml1 | Kind::Saml2
        );
        (self.token_type.is_some() && !is_another_kind).then_some(self.tokens)
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("issued_token_type", &self.issued_token_type)
            .field("token_type", &self.token_type)
            .field("expires_at", &self.expires_at())
            .field("scope", &self.scope().as_str())
            .field("members", self.members())
            .finish_non_exhaustive()
    }
}
