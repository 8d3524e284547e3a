//! The userinfo endpoint (OpenID Connect Core 1.0 §5.3): what the server says of the user who a
//! token is for.

use std::fmt;

use http::HeaderValue;
use http::Method;
use http::Response;
use http::header;
use serde::de::DeserializeOwned;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::response_algorithms::Answer;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::resource::ResourceRequest;
use crate::endpoint::response;
use crate::endpoint::signed;

/// Asks for the claims about the user who an access token is for.
///
/// **This does not authenticate anyone.** The answer says who the token is for, and not who brought
/// it: a token that was made for another application, or stolen, gives the same answer. Only a
/// verified ID token says that this user signed in to this client; where the tokens have one, the answer
/// has to be about the same user, and adds to it.
#[must_use = "an operation does nothing until it is called"]
pub struct UserinfoRequest {
    client: Client,
    resource: ResourceRequest,
    /// Whom the answer has to be about, by the ID token and by the caller.
    subs: Vec<String>,
}

impl UserinfoRequest {
    /// Asks with the access token of `tokens`, as the client that they were given to, by GET: what
    /// OpenID Connect Core 1.0 §5.3.1 recommends.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no userinfo endpoint,
    /// [`Misuse::OtherClient`](crate::domain::error::Misuse::OtherClient) where the tokens are of
    /// another client or issuer.
    pub fn new(client: &Client, tokens: &Tokens) -> Result<Self, Error> {
        client.check_owner("the access token", &tokens.server, tokens.client_id())?;
        let address = client.address(Endpoint::Userinfo)?;
        let mut request = request::get_json(address);
        if client.response_algorithms().is_jwt(Answer::Userinfo) {
            request.headers_mut().insert(header::ACCEPT, JWT);
        }
        Ok(Self {
            client: client.clone(),
            resource: ResourceRequest::new(client, tokens, request),
            subs: (tokens.id_token().into_iter())
                .map(|id_token| id_token.sub().to_owned())
                .collect(),
        })
    }

    /// Asks by POST with an empty body, for servers that refuse GET. The token stays in the header.
    pub fn post(self) -> Self {
        Self {
            resource: self.resource.method(Method::POST),
            ..self
        }
    }

    /// The subject that is known already, where the tokens have no ID token that says it: an answer about
    /// another one is refused.
    pub fn known_sub(mut self, sub: impl Into<String>) -> Self {
        self.subs.push(sub.into());
        self
    }
}

/// RFC 7519 §10.3.1.
const JWT: HeaderValue = HeaderValue::from_static("application/jwt");

impl Operation for UserinfoRequest {
    type Output = Userinfo;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.resource.request(now)
    }

    fn response(&self, now: UnixTime, answer: &Response<Vec<u8>>) -> Result<Userinfo, Error> {
        self.resource.learn(answer);
        if let Some(refusal) = self.resource.refusal(Endpoint::Userinfo, answer) {
            return Err(refusal.into());
        }
        let hide = |error: Error| error.hiding([self.resource.access_token()]);
        response::accept(Endpoint::Userinfo, answer).map_err(hide)?;
        let check = Check::UserinfoJwt;
        let claims = signed::claims(&self.client, now, Answer::Userinfo, check, answer)?;
        let (object, mut findings) = match &claims {
            Some(claims) => (json::object(claims).map_err(malformed)?, Vec::new()),
            None => (
                response::read(Endpoint::Userinfo, answer).map_err(hide)?,
                response::findings(answer),
            ),
        };
        findings.extend(self.resource.findings());
        let mut sub = None;
        let mut members = Members::default();
        for (name, value) in object {
            match &*name {
                "sub" if value.is_null() => {}
                "sub" => sub = Some(value.string().map_err(malformed)?.into_owned()),
                name => members.keep(name, value),
            }
        }
        Ok(Userinfo {
            sub: self.check(sub)?,
            members,
            findings,
        })
    }
}

impl UserinfoRequest {
    /// "The sub (subject) Claim MUST always be returned in the `UserInfo` Response", and it "MUST be
    /// verified to exactly match the sub Claim in the ID Token" (OpenID Connect Core 1.0 §5.3.2).
    fn check(&self, sub: Option<String>) -> Result<String, Violation> {
        let Some(sub) = sub.filter(|sub| !sub.is_empty()) else {
            return Err(Violation::new(Check::UserinfoSubMissing).received_nothing());
        };
        match self.subs.iter().find(|known| **known != sub) {
            Some(known) => Err(Violation::new(Check::UserinfoSub)
                .expected(known)
                .received(sub)),
            None => Ok(sub),
        }
    }
}

fn malformed(fault: JsonFault) -> Error {
    let endpoint = Endpoint::Userinfo;
    Malformed { endpoint, fault }.into()
}

impl fmt::Debug for UserinfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserinfoRequest")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// Claims about the user who a token is for. No proof that this user is here: see
/// [`UserinfoRequest`].
#[derive(Clone, PartialEq)]
pub struct Userinfo {
    sub: String,
    members: Members,
    findings: Vec<Finding>,
}

impl Userinfo {
    /// `sub`: the user, by an identifier that is unique at this issuer and never given to another.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// A claim, such as `email`, read as `T`; none where the server does not give it.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the claim is there and is no `T`.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsonFault> {
        self.members.member(name)
    }

    /// Every claim but `sub`.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated while the answer was read.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Names of claims alone: their values are about a person.
impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Userinfo")
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
