//! Token introspection (RFC 7662): asking the server what a token is, whether it works, and what it is bound
//! to (RFC 8705 §3.2, RFC 9449 §6.2).

use std::fmt;

use http::HeaderValue;
use http::Response;
use http::header;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::dpop_proof::DpopProof;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::response_algorithms::Answer;
use crate::domain::scope::Scope;
use crate::domain::token::Tokens;
use crate::domain::token_type::TokenTypeHint;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::access_token::Confirmation;
use crate::endpoint::access_token::Shown;
use crate::endpoint::draft::Draft;
use crate::endpoint::presented::Presented;
use crate::endpoint::response;
use crate::endpoint::signed;

/// Asks the server about one token (RFC 7662 §2.1).
///
/// The endpoint "MUST also require some form of authorization": it is the client's own
/// authentication, mostly that of a resource server which holds a caller's token.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::introspection::IntrospectionRequest;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Introspection, "https://id.example/introspect")?;
/// # let client = Client::new(metadata, "api", Authentication::client_secret_basic("s3cret"))?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let question = IntrospectionRequest::token(&client, "mF_9.B5f-4.1JqM");
/// let request = question.request(now)?.into_request()?;
/// assert_eq!(request.body(), b"token=mF_9.B5f-4.1JqM");
///
/// # let send = |_| http::Response::new(br#"{"active":true,"scope":"read write","sub":"Z5O3"}"#.to_vec());
/// let introspection = question.response(now, &send(request))?;
/// match introspection.token() {
///     Some(token) => assert!(token.scope().contains("read")),
///     None => unreachable!("nothing else is said of a token that does not work"),
/// }
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct IntrospectionRequest {
    presented: Presented,
}

impl IntrospectionRequest {
    /// Asks about the access token of `tokens`, as the client that they were given to.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient) where they are of another
    /// client or issuer.
    pub fn access_token(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        let presented = Presented::access_token(client, tokens)?;
        Ok(Self { presented })
    }

    /// Asks about the refresh token of `tokens`, as the client that they were given to.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRefreshToken`](crate::domain::error::Misuse::NoRefreshToken), or
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient) where they are of another
    /// client or issuer.
    pub fn refresh_token(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        let presented = Presented::refresh_token(client, tokens)?;
        Ok(Self { presented })
    }

    /// Asks about a token of which nothing else is known.
    pub fn token(client: &Client, token: impl Into<Secret>) -> Self {
        let presented = Presented::new(client, token.into());
        Self { presented }
    }

    /// Says what kind of token it is, so that the server finds it sooner.
    pub fn token_type_hint(self, hint: impl Into<TokenTypeHint>) -> Self {
        let presented = self.presented.hinted(hint.into());
        Self { presented }
    }

    /// A parameter that no specification here knows. May be given several times.
    pub fn parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let presented = self.presented.parameter(name.into(), value.into());
        Self { presented }
    }

    /// The same, the value written as JSON.
    pub fn json_parameter(self, name: impl Into<String>, value: &impl Serialize) -> Self {
        let presented = self.presented.json_parameter(name.into(), value);
        Self { presented }
    }
}

impl Operation for IntrospectionRequest {
    type Output = Introspection;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let draft = self.presented.draft(now, Endpoint::Introspection)?;
        let algorithms = self.presented.client().response_algorithms();
        Ok(if algorithms.is_jwt(Answer::Introspection) {
            draft.with_header(header::ACCEPT, JWT)
        } else {
            draft
        })
    }

    fn response(&self, now: UnixTime, answer: &Response<Vec<u8>>) -> Result<Introspection, Error> {
        self.presented.learn(Endpoint::Introspection, answer);
        response::accept(Endpoint::Introspection, answer)?;
        let (client, check) = (self.presented.client(), Check::IntrospectionJwt);
        let claims = signed::claims(client, now, Answer::Introspection, check, answer)?;
        let (object, findings) = match &claims {
            Some(claims) => (token_introspection(claims)?, Vec::new()),
            None => (
                response::read(Endpoint::Introspection, answer)?,
                response::findings(answer),
            ),
        };
        let token = if is_active(object.member("active"))? {
            Some(ActiveToken::read(object)?)
        } else {
            // What is said of a token that does not work is not even looked at.
            None
        };
        Ok(Introspection { token, findings })
    }
}

/// RFC 9701 §4: how a resource server says that it wants a JWT.
const JWT: HeaderValue = HeaderValue::from_static("application/token-introspection+jwt");

/// "`token_introspection`: A JSON object containing the members of the token introspection response"
/// (RFC 9701 §5).
fn token_introspection(claims: &[u8]) -> Result<Object<'_>, Error> {
    let malformed = |fault| Malformed {
        endpoint: Endpoint::Introspection,
        fault,
    };
    let claims = json::object(claims).map_err(malformed)?;
    let Some(members) = claims.member("token_introspection") else {
        return Err(Violation::new(Check::IntrospectionJwt)
            .expected("`token_introspection`")
            .received_nothing()
            .into());
    };
    Ok(members.object().map_err(malformed)?)
}

/// "active REQUIRED. Boolean indicator of whether or not the presented token is currently active"
/// (RFC 7662 §2.2). A text `"true"` is none: whoever writes one may write `"false"` too.
fn is_active(active: Option<Value<'_>>) -> Result<bool, Violation> {
    let violation = Violation::new(Check::IntrospectionActive).expected("true or false");
    match active {
        None => Err(violation.received_nothing()),
        Some(value) => value
            .boolean()
            .map_err(|_| violation.received(value.shown())),
    }
}

impl fmt::Debug for IntrospectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionRequest")
            .field("client_id", &self.presented.client().client_id())
            .field("token_type_hint", &self.presented.hint())
            .finish_non_exhaustive()
    }
}

/// What the server says of the token (RFC 7662 §2.2).
///
/// Of a token that does not work it says that alone: whatever else stood in the answer is gone.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the token may be of no use"]
pub struct Introspection {
    token: Option<ActiveToken>,
    findings: Vec<Finding>,
}

impl Introspection {
    /// `active`: whether the token works, for the client that asked.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.token.is_some()
    }

    /// What the server says of a token that works; none of one that does not.
    #[must_use]
    pub fn token(&self) -> Option<&ActiveToken> {
        self.token.as_ref()
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_token(self) -> Option<ActiveToken> {
        self.token
    }

    /// What was tolerated while the answer was read.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// A token that works, as the server describes it. All of it is optional but that it works.
#[derive(Clone, Default, PartialEq)]
pub struct ActiveToken {
    scope: Scope,
    client_id: Option<String>,
    username: Option<String>,
    token_type: Option<String>,
    exp: Option<UnixTime>,
    iat: Option<UnixTime>,
    nbf: Option<UnixTime>,
    sub: Option<String>,
    aud: Vec<String>,
    iss: Option<String>,
    jti: Option<String>,
    members: Members,
}

impl ActiveToken {
    /// The members with a meaning here, beside `active`.
    const NAMES: [&str; 11] = [
        "scope",
        "client_id",
        "username",
        "token_type",
        "exp",
        "iat",
        "nbf",
        "sub",
        "aud",
        "iss",
        "jti",
    ];

    fn read(object: Object<'_>) -> Result<Self, Error> {
        let mut token = Self::default();
        for (name, value) in object {
            // What has a meaning here counts as absent where it is null.
            if !(value.is_null() && Self::NAMES.contains(&&*name)) {
                token.member_of(&name, value).map_err(|fault| Malformed {
                    endpoint: Endpoint::Introspection,
                    fault,
                })?;
            }
        }
        Ok(token)
    }

    fn member_of(&mut self, name: &str, value: Value<'_>) -> Result<(), JsonFault> {
        match name {
            "active" => {}
            "scope" => self.scope = Scope::from(value.string()?.into_owned()),
            "client_id" => self.client_id = Some(value.string()?.into_owned()),
            "username" => self.username = Some(value.string()?.into_owned()),
            "token_type" => self.token_type = Some(value.string()?.into_owned()),
            "exp" => self.exp = Some(time(value)?),
            "iat" => self.iat = Some(time(value)?),
            "nbf" => self.nbf = Some(time(value)?),
            "sub" => self.sub = Some(value.string()?.into_owned()),
            // "string identifier or list of string identifiers" (RFC 7662 §2.2).
            "aud" => {
                self.aud = match value.string() {
                    Ok(one) => vec![one.into_owned()],
                    Err(_) => value.strings()?,
                }
            }
            "iss" => self.iss = Some(value.string()?.into_owned()),
            "jti" => self.jti = Some(value.string()?.into_owned()),
            _ => self.members.keep(name, value),
        }
        Ok(())
    }

    /// `scope`: what the token is good for; empty where the server does not say.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// `client_id`: the client that the token was given to.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// `username`: a name for people of who authorized it.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// `token_type`: how the token is used, such as `Bearer`, as the server wrote it.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// `exp`: when the token ends.
    #[must_use]
    pub fn exp(&self) -> Option<UnixTime> {
        self.exp
    }

    /// `iat`: when it was issued.
    #[must_use]
    pub fn iat(&self) -> Option<UnixTime> {
        self.iat
    }

    /// `nbf`: when it begins.
    #[must_use]
    pub fn nbf(&self) -> Option<UnixTime> {
        self.nbf
    }

    /// `sub`: who authorized it, as machines know them.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// `aud`: who the token is meant for; empty where the server does not say. A resource server
    /// compares it with itself.
    #[must_use]
    pub fn aud(&self) -> &[String] {
        &self.aud
    }

    /// `iss`: who issued it.
    #[must_use]
    pub fn iss(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// `jti`: the token's own identifier.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// `cnf`: what the token is bound to (RFC 8705 §3.2, RFC 9449 §6.2).
    ///
    /// # Errors
    ///
    /// `ACCESS-TOKEN-CNF` where it is bound to something that is not known here, or cannot be read:
    /// nobody can hold the request to that.
    pub fn confirmation(&self) -> Result<Confirmation, Error> {
        let cnf = self.members.member::<serde_json::Map<_, _>>("cnf");
        let cnf = cnf.map_err(|_| {
            Violation::new(Check::AccessTokenCnf)
                .expected("`jkt` or `x5t#S256`")
                .received("no object")
        })?;
        let confirmation = cnf.as_ref().map(Confirmation::read).transpose()?;
        Ok(confirmation.unwrap_or_default())
    }

    /// Holds the request that brought `token`, which this is said of, to what the token is bound to: to a
    /// proof by its key (RFC 9449 §7.1), or to the certificate of the connection (RFC 8705 §3). The proof,
    /// where there has to be one: a
    /// [`ReplayWindow`](crate::endpoint::replay_window::ReplayWindow::take_proof) says whether it comes again.
    ///
    /// ```
    /// # use oauth_proto::base::time::UnixTime;
    /// # use oauth_proto::domain::{client::Client, error::Error};
    /// # use oauth_proto::endpoint::introspection::Introspection;
    /// use oauth_proto::endpoint::access_token::Shown;
    ///
    /// # fn handler(
    /// #     client: &Client, now: UnixTime, introspection: &Introspection, token: &str,
    /// #     request: &http::Request<()>,
    /// # ) -> Result<bool, Error> {
    /// let Some(said) = introspection.token() else {
    ///     return Ok(false);
    /// };
    /// let shown = Shown::default().with_dpop(request.method(), request.uri(), request.headers(), None);
    /// said.check_binding(client, now, token, &shown)?;
    /// # Ok(true)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`ACCESS-TOKEN-CNF` or one of the `DPOP-PROOF-…` checks): the request gets a
    /// `401` with `invalid_token`.
    pub fn check_binding(
        &self,
        client: &Client,
        now: UnixTime,
        token: &str,
        shown: &Shown,
    ) -> Result<Option<DpopProof>, Error> {
        shown.check(client, now, token, &self.confirmation()?)
    }

    /// A member of the answer that has no method here, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the member is there and is no `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        self.members.member(name)
    }

    /// Every member of the answer that has no method here.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }
}

/// "Integer timestamp, measured in the number of seconds since January 1 1970 UTC" (RFC 7662 §2.2).
fn time(value: Value<'_>) -> Result<UnixTime, JsonFault> {
    value.whole_number_or_text().map(UnixTime::from_secs)
}

/// Without what names a person.
impl fmt::Debug for ActiveToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveToken")
            .field("scope", &self.scope.as_str())
            .field("client_id", &self.client_id)
            .field("exp", &self.exp)
            .field("aud", &self.aud)
            .field("iss", &self.iss)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
