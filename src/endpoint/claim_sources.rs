//! Claims that others vouch for (OpenID Connect Core 1.0 §5.6.2): aggregated, as a JWT inside an ID token or
//! a userinfo response, or distributed, at an endpoint of their own.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderValue;
use http::Response;
use http::header;
use serde_json::Map;
use serde_json::Value;

use crate::base::json::Members;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwt::Claims;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::registered;
use crate::endpoint::request;
use crate::endpoint::response;
use crate::endpoint::signed;
use crate::endpoint::signed::Agreed;

/// Which claims come from elsewhere, and from where: `_claim_names` and `_claim_sources`.
///
/// ```
/// # use oauth_proto::crypto::jwt::Claims;
/// use oauth_proto::endpoint::claim_sources::{ClaimSources, Source};
///
/// // The claims of a verified ID token or userinfo response.
/// # let claims = Claims::parse(br#"{"_claim_names":{"credit_score":"src2"},"_claim_sources":{
/// #     "src2":{"endpoint":"https://creditagency.example/claims_here","access_token":"ksj3n283dke"}
/// # }}"#.to_vec())?;
/// let sources = ClaimSources::of(claims.members())?;
/// match sources.source("credit_score") {
///     Some(Source::Distributed(source)) => {
///         assert_eq!(source.endpoint(), "https://creditagency.example/claims_here");
///     }
///     _ => unreachable!("it is distributed"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClaimSources {
    names: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
}

impl ClaimSources {
    /// Reads the two members; without them there are none.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`CLAIM-SOURCES`) where they have another form.
    pub fn of(members: &Members) -> Result<Self, Error> {
        let names = members
            .member::<BTreeMap<String, String>>("_claim_names")
            .map_err(|_| refuse("`_claim_names` as an object of texts"))?;
        let sources = members
            .member::<BTreeMap<String, Map<String, Value>>>("_claim_sources")
            .map_err(|_| refuse("`_claim_sources` as an object of objects"))?;
        let read = sources
            .unwrap_or_default()
            .into_iter()
            .map(|(name, source)| {
                let source = Source::read(&source)?;
                Ok::<_, Violation>((name, source))
            });
        let read = Self {
            names: names.unwrap_or_default(),
            sources: read.collect::<Result<_, _>>()?,
        };
        match read
            .names
            .values()
            .find(|source| !read.sources.contains_key(*source))
        {
            None => Ok(read),
            Some(source) => Err(refuse("a source for every name").received(source).into()),
        }
    }

    /// The claims that come from elsewhere.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// Where a claim comes from; none where it does not come from elsewhere.
    #[must_use]
    pub fn source(&self, claim: &str) -> Option<&Source> {
        self.sources.get(self.names.get(claim)?)
    }
}

/// Where claims come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// They are here, signed by their own provider.
    Aggregated(Aggregated),
    /// They are at an endpoint.
    Distributed(Distributed),
}

impl Source {
    fn read(members: &Map<String, Value>) -> Result<Self, Violation> {
        let text = |name| members.get(name).and_then(Value::as_str);
        match (text("JWT"), text("endpoint")) {
            (Some(jwt), None) => Ok(Self::Aggregated(Aggregated {
                jwt: Secret::from(jwt),
            })),
            (None, Some(endpoint)) => {
                let endpoint = WebUri::parse(endpoint, UriPolicy::default())
                    .map_err(|faults| refuse("an endpoint").received(faults.to_string()))?;
                let access_token = text("access_token").map(Secret::from);
                Ok(Self::Distributed(Distributed {
                    endpoint,
                    access_token,
                }))
            }
            _ => Err(refuse("a source with `JWT` or `endpoint`")),
        }
    }
}

/// Aggregated claims: a JWT that is not verified yet.
#[derive(Clone, Debug)]
pub struct Aggregated {
    jwt: Secret,
}

impl Aggregated {
    /// Verifies the claims as those of `provider`'s server, which the caller trusts for them: the keys
    /// are those of its cache, and `iss` is its issuer.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] (`CLAIM-SOURCE-ISS`, `CLAIM-SOURCES` or one of the `JWT-…` checks),
    /// [`Error::Keys`] where the keys are not at hand.
    pub fn verify(
        &self,
        provider: &Client,
        now: UnixTime,
        algorithms: &[Algorithm],
    ) -> Result<Claims, Error> {
        verify(provider, now, algorithms, self.jwt.expose())
    }
}

/// Distributed claims: where they are, and the access token for them.
#[derive(Clone, Debug)]
pub struct Distributed {
    endpoint: WebUri,
    access_token: Option<Secret>,
}

impl Distributed {
    /// Where the claims are.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.endpoint.as_str()
    }

    /// Asks for the claims of `provider`'s server, which the caller trusts for them, signed by one of
    /// these algorithms. Without an access token of its own the source is asked without one, or with
    /// one that the caller has: [`DistributedClaims::access_token`].
    pub fn request(
        &self,
        provider: &Client,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> DistributedClaims {
        DistributedClaims {
            provider: provider.clone(),
            source: self.clone(),
            algorithms: algorithms.into_iter().collect(),
        }
    }
}

/// Fetches distributed claims. The address came in a signed answer, and may still be anywhere: a program
/// that must not call every host looks at [`Distributed::endpoint`] before it does.
#[derive(Clone)]
#[must_use = "an operation does nothing until it is called"]
pub struct DistributedClaims {
    provider: Client,
    source: Distributed,
    algorithms: Vec<Algorithm>,
}

impl DistributedClaims {
    /// Asks with this access token, retrieved another way.
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.access_token = Some(token.into());
        self
    }
}

impl Operation for DistributedClaims {
    type Output = Claims;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut request = request::get_json(&self.source.endpoint);
        let jwt = HeaderValue::from_static("application/jwt");
        request.headers_mut().insert(header::ACCEPT, jwt);
        let mut draft = Draft::new(request);
        if let Some(token) = &self.source.access_token {
            let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
            draft.add_secret_header(header::AUTHORIZATION, &text)?;
        }
        Ok(draft)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Claims, Error> {
        response::accept(Endpoint::Resource, response)?;
        let text = std::str::from_utf8(response.body())
            .map_err(|_| refuse("a JWT"))?
            .trim_ascii();
        verify(&self.provider, now, &self.algorithms, text)
    }
}

impl fmt::Debug for DistributedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistributedClaims")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

fn verify(
    provider: &Client,
    now: UnixTime,
    algorithms: &[Algorithm],
    text: &str,
) -> Result<Claims, Error> {
    let agreed = Agreed::among("claims", algorithms);
    let verified = signed::verify(provider, now, agreed, text)?.verified;
    // RFC 8725 §3.11: another kind of token is no set of claims.
    let header = verified.header();
    if header.typ().is_some() && !header.has_type("JWT") {
        return Err(refuse("a JWT of claims")
            .received(header.typ().unwrap_or_default())
            .into());
    }
    let claims = verified
        .into_claims()
        .map_err(|fault| refuse("claims").received(fault.to_string()))?;
    registered::check_issuer(Check::ClaimSourceIss, provider, &claims)?;
    let leeway = provider.leeway();
    if claims.expires_at().is_some() {
        registered::check_end(Check::ClaimSources, now, leeway, &claims)?;
    }
    registered::check_begun(Check::ClaimSources, now, leeway, &claims)?;
    Ok(claims)
}

fn refuse(expected: &str) -> Violation {
    Violation::new(Check::ClaimSources).expected(expected)
}
