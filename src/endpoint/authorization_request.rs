//! What an authorization request says (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2,
//! RFC 9396 §2, OpenID Connect Core 1.0 §3.1.2.1).

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::time::Duration;

use serde::Serialize;

use crate::base::bytes;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::pkce;
use crate::domain::pkce::Challenge;
use crate::domain::scope::Scope;
use crate::endpoint::besides;
use crate::endpoint::besides::Besides;
use crate::endpoint::handshake::MAX_GIVEN;
use crate::endpoint::response_type::ResponseType;

/// What an authorization request says, beyond what the client knows.
///
/// Every parameter of the specifications has a method; [`parameter`](Self::parameter) is for what a
/// server adds, and cannot replace one of the protocol's. Nothing here is checked before
/// [`Client::authorize`](crate::domain::client::Client::authorize).
#[derive(Clone)]
pub struct AuthorizationRequest<'a> {
    pub(crate) response_type: ResponseType,
    /// The caller lets an access token travel through the browser.
    lets_token_travel: bool,
    pub(crate) scope: Scope,
    pub(crate) state: Option<Cow<'a, str>>,
    /// The caller lets a `state` be too short to be hard to guess.
    lets_state_be_guessed: bool,
    pub(crate) verifier: Option<Cow<'a, str>>,
    pub(crate) challenge: Challenge,
    /// None where nothing is said besides.
    besides: Option<Box<Besides<'a>>>,
}

/// The shortest `state` that a caller may give, in characters. RFC 6749 §10.10: the probability of a
/// guess "MUST be less than or equal to 2^(-128)", and 128 bits take 22 characters of base64url.
const SHORTEST_STATE: usize = 22;

impl<'a> AuthorizationRequest<'a> {
    /// Asks for this scope: `["mail", "calendar"]`, `"mail calendar"`, or `""` for the server's
    /// default.
    #[must_use]
    pub fn new(scope: impl Into<Scope>) -> Self {
        Self {
            response_type: ResponseType::Code,
            lets_token_travel: false,
            scope: scope.into(),
            state: None,
            lets_state_be_guessed: false,
            verifier: None,
            challenge: Challenge::S256,
            besides: None,
        }
    }

    /// Sends the user back here instead of the client's own redirect URI.
    #[must_use]
    pub fn redirect_uri(mut self, redirect_uri: impl Into<Cow<'a, str>>) -> Self {
        self.more().redirect_uri = Some(redirect_uri.into());
        self
    }

    /// `response_type`: `code` unless said, or `none`.
    ///
    /// One with an access token is [`danger_response_type`](Self::danger_response_type). One with an ID
    /// token wants `openid` in the scope; the ID token that the browser brings is verified as any other.
    #[must_use]
    pub fn response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self.lets_token_travel = false;
        self
    }

    /// `response_type`, be it one that returns an access token through the browser: `token` or
    /// `code token`, for servers that have nothing better.
    ///
    /// Whoever sees the address bar, the history or the page sees that token, and nothing proves that
    /// it was given to this client (RFC 6749 §10.16, RFC 9700 §2.1.2).
    #[must_use]
    pub fn danger_response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self.lets_token_travel = true;
        self
    }

    /// `response_mode` (OAuth 2.0 Multiple Response Type Encoding Practices, §2.1).
    #[must_use]
    pub fn response_mode(self, mode: ResponseMode) -> Self {
        self.named("response_mode", mode.as_str())
    }

    /// `prompt`: `none`, `login`, `consent`, `select_account`, `create`, several apart by spaces
    /// (OpenID Connect Core 3.1.2.1, Initiating User Registration 1.0).
    #[must_use]
    pub fn prompt(self, prompt: impl Into<Cow<'a, str>>) -> Self {
        self.named("prompt", prompt)
    }

    /// `display`: `page`, `popup`, `touch` or `wap`.
    #[must_use]
    pub fn display(self, display: impl Into<Cow<'a, str>>) -> Self {
        self.named("display", display)
    }

    /// `max_age`: the oldest authentication that will do, in whole seconds. Zero asks for a fresh one.
    #[must_use]
    pub fn max_age(self, max_age: Duration) -> Self {
        self.named("max_age", max_age.as_secs().to_string())
    }

    /// `ui_locales`: the user's languages by preference, apart by spaces (BCP 47).
    #[must_use]
    pub fn ui_locales(self, locales: impl Into<Cow<'a, str>>) -> Self {
        self.named("ui_locales", locales)
    }

    /// `claims_locales`: languages for claims, apart by spaces (OpenID Connect Core 5.2).
    #[must_use]
    pub fn claims_locales(self, locales: impl Into<Cow<'a, str>>) -> Self {
        self.named("claims_locales", locales)
    }

    /// `id_token_hint`: an ID token of the user who is expected.
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<Cow<'a, str>>) -> Self {
        self.named("id_token_hint", id_token)
    }

    /// `login_hint`: the user's name for the login form.
    #[must_use]
    pub fn login_hint(self, hint: impl Into<Cow<'a, str>>) -> Self {
        self.named("login_hint", hint)
    }

    /// `acr_values`: authentication context classes by preference, apart by spaces.
    #[must_use]
    pub fn acr_values(self, values: impl Into<Cow<'a, str>>) -> Self {
        self.named("acr_values", values)
    }

    /// `claims`: single claims that are wanted (OpenID Connect Core 5.5).
    #[must_use]
    pub fn claims(self, claims: &serde_json::Value) -> Self {
        self.named("claims", claims.to_string())
    }

    /// `authorization_details`: what is asked for in more words than a scope has (RFC 9396).
    #[must_use]
    pub fn authorization_details(self, details: &[AuthorizationDetail]) -> Self {
        let details: serde_json::Value =
            details.iter().map(AuthorizationDetail::to_value).collect();
        self.named("authorization_details", details.to_string())
    }

    /// `resource`: an absolute URI of where the token will be used. May be given several times
    /// (RFC 8707 §2).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<Cow<'a, str>>) -> Self {
        self.more().resource.push(resource.into().into_owned());
        self
    }

    /// A parameter that no specification here knows. May be given several times.
    #[must_use]
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.more().extra.push(name.into(), value.into());
        self
    }

    /// Parameters from a structure of your own, by `serde`: a map, or a struct of texts and numbers.
    #[must_use]
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.more().extra.extend(parameters);
        self
    }

    /// Sends this `state` instead of a drawn one: at least 22 characters.
    ///
    /// It binds the callback to the browser: it must be as hard to guess as a drawn one, and used
    /// once. A length is all that can be checked of that.
    #[must_use]
    pub fn state(mut self, state: impl Into<Cow<'a, str>>) -> Self {
        self.state = Some(state.into());
        self.lets_state_be_guessed = false;
        self
    }

    /// Sends this `state`, however short.
    ///
    /// Whoever can guess it can hand the browser a callback of their own, and sign the user in to
    /// another account (RFC 6749 §10.12). With a challenge the code of such a callback cannot be
    /// redeemed; without one, or where a token comes back at once, nothing else stands in the way.
    #[must_use]
    pub fn danger_guessable_state(mut self, state: impl Into<Cow<'a, str>>) -> Self {
        self.state = Some(state.into());
        self.lets_state_be_guessed = true;
        self
    }

    /// Sends this `nonce` (OpenID Connect Core 3.1.2.1) instead of a drawn one.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<Cow<'a, str>>) -> Self {
        self.more().nonce = Some(nonce.into());
        self
    }

    /// Uses this code verifier instead of a drawn one: 43 to 128 unreserved characters
    /// (RFC 7636 §4.1).
    #[must_use]
    pub fn code_verifier(mut self, verifier: impl Into<Cow<'a, str>>) -> Self {
        self.verifier = Some(verifier.into());
        self
    }

    /// Sends the verifier itself as the challenge (RFC 7636 §4.2, `plain`): whoever reads the
    /// URL can redeem the code.
    #[must_use]
    pub fn danger_plain_challenge(mut self) -> Self {
        self.challenge = Challenge::Plain;
        self
    }

    /// Sends no challenge: a stolen code can be redeemed by whoever stole it.
    #[must_use]
    pub fn danger_without_challenge(mut self) -> Self {
        self.challenge = Challenge::Absent;
        self
    }

    /// How long the user may take: 1 s to a day, 15 minutes unless said.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.more().lifetime = lifetime;
        self
    }

    /// Whether it says nothing besides.
    pub(crate) const fn says_no_more(&self) -> bool {
        self.besides.is_none()
    }

    /// What it says besides.
    pub(crate) fn besides(&self) -> &Besides<'a> {
        self.besides.as_deref().unwrap_or(&besides::NOTHING)
    }

    /// Takes out the resources.
    pub(crate) fn take_resource(&mut self) -> Vec<String> {
        let resource = self.besides.as_mut().map(|besides| &mut besides.resource);
        resource.map(mem::take).unwrap_or_default()
    }

    fn more(&mut self) -> &mut Besides<'a> {
        self.besides.get_or_insert_default()
    }

    fn named(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.more().named.set(name, value);
        self
    }
}

impl<'a, S: Into<Scope>> From<S> for AuthorizationRequest<'a> {
    fn from(scope: S) -> Self {
        Self::new(scope)
    }
}

impl fmt::Debug for AuthorizationRequest<'_> {
    /// Names of parameters, and the scope: values may be secrets or name a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let besides = self.besides();
        let names = besides.named.names().chain(besides.extra.names());
        f.debug_struct("AuthorizationRequest")
            .field("scope", &self.scope.as_str())
            .field("parameters", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// How the answer travels back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default for a code.
    Query,
    /// In its fragment.
    Fragment,
    /// In the body of a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// As a JWT by the way that is the response type's default (JARM §2.3.4).
    Jwt,
    /// As a JWT in the query (JARM §2.3.1).
    QueryJwt,
    /// As a JWT in the fragment (JARM §2.3.2).
    FragmentJwt,
    /// As a JWT in the body of a form that the browser posts (JARM §2.3.3).
    FormPostJwt,
}

impl ResponseMode {
    /// Every mode.
    pub const ALL: [Self; 7] = [
        Self::Query,
        Self::Fragment,
        Self::FormPost,
        Self::Jwt,
        Self::QueryJwt,
        Self::FragmentJwt,
        Self::FormPostJwt,
    ];

    /// The mode of this registered value.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    /// The registered value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::Jwt => "jwt",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// Whether the answer is a JWT, signed by the server.
    #[must_use]
    pub const fn is_jwt(self) -> bool {
        matches!(
            self,
            Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt
        )
    }
}

/// Parameters that the protocol owns: no extra may have such a name, nor may an endpoint's own query.
pub(crate) const PROTOCOL: [&str; 28] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "display",
    "max_age",
    "ui_locales",
    "claims_locales",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "authorization_details",
    "resource",
    "request",
    "request_uri",
    "registration",
    "dpop_jkt",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code_verifier",
];

impl AuthorizationRequest<'_> {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(token) = self.scope.forbidden_token() {
            return Err(Misuse::Scope(token.to_owned()).into());
        }
        self.check_response_type()?;
        if let Some(besides) = &self.besides {
            besides.check()?;
        }
        self.check_given()?;
        Ok(())
    }

    /// A token in a query would stand in logs and in `Referer` headers: "the query encoding MUST NOT be
    /// used" (OAuth 2.0 Multiple Response Type Encoding Practices 1.0 §5), nor in a JWT (JARM §2.3.1).
    fn check_response_type(&self) -> Result<(), Error> {
        let asked = self.response_type;
        let refuse = |name, reason| Err(Misuse::Parameter { name, reason }.into());
        if asked.has_id_token() && !self.scope.has_openid() {
            return refuse("scope", "lacks `openid`, and an ID token is asked for");
        }
        if asked.has_token() && !self.lets_token_travel {
            return refuse(
                "response_type",
                "returns an access token through the browser: `danger_response_type` allows it",
            );
        }
        let queries = [ResponseMode::Query, ResponseMode::QueryJwt].map(ResponseMode::as_str);
        let mode = self.besides().value("response_mode");
        let is_query = mode.is_some_and(|mode| queries.contains(&mode));
        if is_query && (asked.has_token() || asked.has_id_token()) {
            return refuse("response_mode", "is a query, and a token comes back");
        }
        Ok(())
    }

    fn check_given(&self) -> Result<(), Misuse> {
        let refuse = |name, reason| Err(Misuse::Parameter { name, reason });
        if !self.state.as_deref().is_none_or(is_state) {
            return refuse("state", "is empty, too long, or not printable ASCII");
        }
        let is_short = |state: &str| state.len() < SHORTEST_STATE;
        if !self.lets_state_be_guessed && self.state.as_deref().is_some_and(is_short) {
            return refuse(
                "state",
                "has fewer than 22 characters: `danger_guessable_state` allows it",
            );
        }
        if !self.besides().nonce.as_deref().is_none_or(is_state) {
            return refuse("nonce", "is empty, too long, or not printable ASCII");
        }
        match &self.verifier {
            Some(verifier) if !pkce::is_verifier(verifier) => {
                refuse("code_verifier", "has not 43 to 128 unreserved characters")
            }
            _ => Ok(()),
        }
    }
}

/// RFC 6749 appendix A.5: "state = 1*VSCHAR", and a bound.
pub(crate) fn is_state(text: &str) -> bool {
    (1..=MAX_GIVEN).contains(&text.len()) && bytes::all(text, |byte| (0x20..=0x7e).contains(&byte))
}
