//! Access tokens that a resource server is shown (RFC 9068): JWTs that it verifies by itself, and what they
//! are bound to (RFC 7800, RFC 8705 §3.1, RFC 9449 §6.1).

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::Method;
use http::Uri;
use serde::de::DeserializeOwned;

use crate::base::base64url;
use crate::base::json::JsonFault;
use crate::base::secret;
use crate::base::time::UnixTime;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::compact::Header;
use crate::crypto::hash::Hash;
use crate::crypto::jwt::Claims;
use crate::domain::client::Client;
use crate::domain::dpop;
use crate::domain::dpop_proof::DpopProof;
use crate::domain::dpop_proof::ExpectedProof;
use crate::domain::error::Error;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::registered;
use crate::endpoint::signed;
use crate::endpoint::signed::Agreed;

/// What a resource server holds the access tokens of one authorization server to.
///
/// The keys are those of the `client`'s server, out of the client's cache. Who the client is does not
/// matter here: a resource server that is none takes any name.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::domain::authentication::Authentication;
/// use oauth_proto::domain::client::Client;
/// use oauth_proto::domain::error::Error;
/// use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::access_token::{AccessTokens, Shown};
///
/// let metadata = Metadata::new("https://id.example", UriPolicy::default())?
///     .with_endpoint(Endpoint::Jwks, "https://id.example/jwks")?;
/// let client = Client::new(metadata, "api", Authentication::None)?;
/// let tokens = AccessTokens::new(&client, "https://api.example");
/// let outcome = tokens.verify(UnixTime::from_secs(1_800_000_000), "opaque", &Shown::default());
/// assert_eq!(outcome.unwrap_err().check().map(|check| check.id()), Some("JWT-FORM"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct AccessTokens {
    client: Client,
    audience: String,
    algorithms: Cow<'static, [Algorithm]>,
    is_any_profile: bool,
}

/// What is taken unless said otherwise: what RFC 9068 §2.1 has every server and resource know, and
/// what is better.
const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
];

impl AccessTokens {
    /// Tokens for `audience`: "the resource indicator value the resource server expects for itself"
    /// (RFC 9068 §4).
    #[must_use]
    pub fn new(client: &Client, audience: impl Into<String>) -> Self {
        Self {
            client: client.clone(),
            audience: audience.into(),
            algorithms: Cow::Borrowed(&ALGORITHMS),
            is_any_profile: false,
        }
    }

    /// Signed by one of these algorithms, in place of `RS256`, `PS256`, `ES256` and `EdDSA`.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Takes JWTs that do not say that they are access tokens, and lack claims that RFC 9068 requires:
    /// `iss`, `aud` and `exp` alone are.
    ///
    /// Nothing then tells an access token from another JWT of the same server but its `aud`: the
    /// server must give no other kind of token to `audience`.
    #[must_use]
    pub fn danger_any_profile(self) -> Self {
        Self {
            is_any_profile: true,
            ..self
        }
    }

    /// Verifies a token that came with `shown`.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `ACCESS-TOKEN-…`, `DPOP-PROOF-…` or `JWT-…` checks: the request gets a
    /// `401` with `invalid_token` (RFC 9068 §4). [`Error::Keys`] where the server's keys are not at
    /// hand, which the flow `verifying` fetches.
    pub fn verify(&self, now: UnixTime, token: &str, shown: &Shown) -> Result<AccessToken, Error> {
        let agreed = Agreed::among("access token", &self.algorithms);
        let verified = signed::verify(&self.client, now, agreed, token)?.verified;
        self.check_type(verified.header())?;
        let claims = verified
            .into_claims()
            .map_err(|fault| malformed(&fault.to_string()))?;
        let leeway = self.client.leeway();
        // "The issuer identifier for the authorization server [...] MUST exactly match the value of
        // the "iss" claim."
        registered::check_issuer(Check::AccessTokenIss, &self.client, &claims)?;
        registered::check_audience(Check::AccessTokenAud, &self.audience, &claims)?;
        registered::check_end(Check::AccessTokenExp, now, leeway, &claims)?;
        registered::check_begun(Check::AccessTokenNbf, now, leeway, &claims)?;
        if !self.is_any_profile || claims.issued_at().is_some() {
            registered::check_made(Check::AccessTokenIat, now, leeway, &claims)?;
        }
        let mut read = AccessToken::read(claims)?;
        self.check_required(&read)?;
        read.proof = shown.check(&self.client, now, token, &read.confirmation)?;
        Ok(read)
    }

    /// "The resource server MUST verify that the "typ" header value is "at+jwt" or
    /// "application/at+jwt" and reject tokens carrying any other value" (§4).
    fn check_type(&self, header: &Header) -> Result<(), Violation> {
        let is_other = self.is_any_profile && (header.typ().is_none() || header.has_type("JWT"));
        if is_other || header.has_type("at+jwt") {
            return Ok(());
        }
        let violation = Violation::new(Check::AccessTokenTyp).expected("at+jwt");
        Err(match header.typ() {
            Some(typ) => violation.received(typ),
            None => violation.received_nothing(),
        })
    }

    /// `sub`, `client_id` and `jti` are required (§2.2).
    fn check_required(&self, token: &AccessToken) -> Result<(), Violation> {
        let required = [
            ("`sub`", token.claims.subject()),
            ("`client_id`", token.client_id.as_deref()),
            ("`jti`", token.claims.jti()),
        ];
        let missing = required
            .into_iter()
            .find(|(_, value)| value.is_none_or(str::is_empty));
        match missing {
            Some((name, _)) if !self.is_any_profile => {
                Err(Violation::new(Check::AccessTokenClaims)
                    .expected(name)
                    .received_nothing())
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens")
            .field("audience", &self.audience)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

/// What a request shows beside its token. A bearer token comes with nothing.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    dpop: Option<Dpop>,
    certificate: Option<Vec<u8>>,
}

/// A request of the scheme `DPoP`.
#[derive(Clone)]
struct Dpop {
    method: Method,
    address: Uri,
    /// Its proofs, of which there may be one.
    headers: HeaderMap,
    nonce: Option<String>,
}

impl Dpop {
    fn expected(&self) -> ExpectedProof<'_> {
        let expected = ExpectedProof::new(&self.method, &self.address);
        match &self.nonce {
            Some(nonce) => expected.nonce(nonce),
            None => expected,
        }
    }
}

/// Nothing of the proof.
impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dpop({})", self.method)
    }
}

impl Shown {
    /// The scheme of the request is `DPoP`: this is its method, the absolute address that the client
    /// used, and its headers, with the proof. The proof is held to every rule, to the token, and to the
    /// nonce that was given to the client, where one was.
    #[must_use]
    pub fn with_dpop(
        self,
        method: &Method,
        address: &Uri,
        headers: &HeaderMap,
        nonce: Option<&str>,
    ) -> Self {
        let proofs = headers.get_all(dpop::DPOP).iter();
        let headers = proofs.fold(HeaderMap::new(), |mut headers, proof| {
            headers.append(dpop::DPOP, proof.clone());
            headers
        });
        let dpop = Some(Dpop {
            method: method.clone(),
            address: address.clone(),
            headers,
            nonce: nonce.map(str::to_owned),
        });
        Self { dpop, ..self }
    }

    /// The connection is by mutual TLS, and the client showed this certificate, as DER.
    #[must_use]
    pub fn with_certificate(self, der: impl Into<Vec<u8>>) -> Self {
        Self {
            certificate: Some(der.into()),
            ..self
        }
    }
}

impl Shown {
    /// A token that is bound is taken only with what it is bound to. One that is bound to a key is
    /// not taken as a bearer token, nor one that is not with a proof (RFC 9449 §7.1).
    pub(crate) fn check(
        &self,
        client: &Client,
        now: UnixTime,
        token: &str,
        confirmation: &Confirmation,
    ) -> Result<Option<DpopProof>, Error> {
        let refuse = |expected: &str| Violation::new(Check::AccessTokenCnf).expected(expected);
        let proof = match (&confirmation.jkt, &self.dpop) {
            (None, None) => None,
            (Some(_), None) => {
                let violation = refuse("a proof by the key that the token is bound to");
                return Err(violation.received_nothing().into());
            }
            (None, Some(_)) => {
                let violation = refuse("a token that is bound to the key of the proof");
                return Err(violation.into());
            }
            (Some(jkt), Some(request)) => {
                let expected = request.expected().access_token(token, jkt);
                Some(expected.validate(client.crypto(), now, &request.headers)?)
            }
        };
        let Some(bound) = &confirmation.x5t_s256 else {
            return Ok(proof);
        };
        let violation = refuse("the certificate that the token is bound to");
        let Some(certificate) = &self.certificate else {
            return Err(violation.received_nothing().into());
        };
        // RFC 8705 §3.1: "the base64url-encoded SHA-256 hash [...] of the DER encoding of the X.509
        // certificate".
        let digest = client.crypto().digest(Hash::Sha256, certificate)?;
        let thumbprint = base64url::encode(&digest);
        if secret::constant_time_eq(bound.as_bytes(), thumbprint.as_bytes()) {
            return Ok(proof);
        }
        Err(violation.received("another certificate").into())
    }
}

/// A verified access token: who may do what.
#[derive(Clone, PartialEq)]
pub struct AccessToken {
    claims: Claims,
    client_id: Option<String>,
    scope: Scope,
    confirmation: Confirmation,
    proof: Option<DpopProof>,
}

impl AccessToken {
    fn read(claims: Claims) -> Result<Self, Error> {
        let cnf: Option<serde_json::Map<_, _>> = optional(&claims, "cnf")?;
        let confirmation = cnf.as_ref().map(Confirmation::read).transpose()?;
        Ok(Self {
            client_id: optional(&claims, "client_id")?,
            scope: optional::<String>(&claims, "scope")?.map_or_else(Scope::default, Scope::from),
            confirmation: confirmation.unwrap_or_default(),
            proof: None,
            claims,
        })
    }

    /// `iss`: who issued it.
    #[must_use]
    pub fn iss(&self) -> &str {
        self.claims.issuer().unwrap_or_default()
    }

    /// `sub`: the user, or the client where it acts for itself. Empty only under
    /// [`danger_any_profile`](AccessTokens::danger_any_profile).
    #[must_use]
    pub fn sub(&self) -> &str {
        self.claims.subject().unwrap_or_default()
    }

    /// `client_id`: the client that asked for it.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// `jti`: its own name.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.claims.jti()
    }

    /// `exp`: when it ends.
    #[must_use]
    pub fn exp(&self) -> Option<UnixTime> {
        self.claims.expires_at()
    }

    /// `scope`: what was granted; empty where nothing is said.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// `groups`, `roles` or `entitlements`, which are lists of text (§2.2.3.1).
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where it is there and is none.
    pub fn list(&self, name: &str) -> Result<Vec<String>, JsonFault> {
        Ok(self.claims.member(name)?.unwrap_or_default())
    }

    /// `cnf`: what it is bound to.
    #[must_use]
    pub fn confirmation(&self) -> &Confirmation {
        &self.confirmation
    }

    /// The proof that came with it, where it is bound to a key. That it was not seen before is for the caller
    /// to look at: [`ReplayWindow::take_proof`](crate::endpoint::replay_window::ReplayWindow::take_proof).
    #[must_use]
    pub fn proof(&self) -> Option<&DpopProof> {
        self.proof.as_ref()
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}

/// Issuer and client alone: the rest is about a person.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("iss", &self.iss())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What a token is bound to (RFC 7800 §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    jkt: Option<String>,
    x5t_s256: Option<String>,
}

impl Confirmation {
    /// A binding that is not known here cannot be checked, and to ignore it would make a bearer token
    /// of a bound one.
    pub(crate) fn read(
        members: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, Violation> {
        let mut read = Self::default();
        for (name, value) in members {
            let value = value.as_str().filter(|text| !text.is_empty());
            match (name.as_str(), value) {
                ("jkt", Some(text)) => read.jkt = Some(text.to_owned()),
                ("x5t#S256", Some(text)) => read.x5t_s256 = Some(text.to_owned()),
                _ => {
                    return Err(Violation::new(Check::AccessTokenCnf)
                        .expected("`jkt` or `x5t#S256`")
                        .received(name.as_str()));
                }
            }
        }
        Ok(read)
    }

    /// `jkt`: the thumbprint of the key of its `DPoP` proofs (RFC 9449 §6.1).
    #[must_use]
    pub fn jkt(&self) -> Option<&str> {
        self.jkt.as_deref()
    }

    /// `x5t#S256`: the digest of a certificate (RFC 8705 §3.1).
    #[must_use]
    pub fn x5t_s256(&self) -> Option<&str> {
        self.x5t_s256.as_deref()
    }
}

fn optional<T: DeserializeOwned>(claims: &Claims, name: &str) -> Result<Option<T>, Error> {
    let read = claims.member(name);
    read.map_err(|fault| malformed(&format!("`{name}`: {fault}")))
}

fn malformed(what: &str) -> Error {
    Violation::new(Check::AccessTokenClaims)
        .expected("claims of the types that are specified")
        .received(what)
        .into()
}
