//! MAC access tokens (draft-ietf-oauth-v2-http-mac-00, draft-ietf-oauth-v2-http-mac-01): how old APIs had
//! requests signed. Both drafts expired; DPoP is what came of the idea.
//!
//! The two differ in what is signed, and a server wants one of them. A token of this type is no bearer token,
//! so [`Tokens`](crate::domain::token::Tokens) never hold one: [`MacGrant`] reads it, and [`MacRequest`] calls
//! a resource with it.

use std::fmt;

use http::HeaderValue;
use http::Response;
use http::header;

use crate::base::base64url;
use crate::base::challenge;
use crate::base::json::JsonFault;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::crypto::Crypto;
use crate::crypto::hash::Hash;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::grant::Grant;
use crate::endpoint::response;

/// How a MAC is made: `mac_algorithm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// `hmac-sha-1`.
    HmacSha1,
    /// `hmac-sha-256`.
    HmacSha256,
}

impl MacAlgorithm {
    /// The algorithm of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hmac-sha-1" => Some(Self::HmacSha1),
            "hmac-sha-256" => Some(Self::HmacSha256),
            _ => None,
        }
    }

    const fn hash(self) -> Hash {
        match self {
            Self::HmacSha1 => Hash::Sha1,
            Self::HmacSha256 => Hash::Sha256,
        }
    }
}

/// MAC credentials: an access token, which is sent, and the key that signs, which is not.
#[derive(Clone, Debug)]
pub struct MacToken {
    id: Secret,
    key: Secret,
    algorithm: MacAlgorithm,
    issued_at: UnixTime,
}

impl MacToken {
    /// Credentials that were issued at a moment, which draft 00 counts from.
    #[must_use]
    pub fn new(
        access_token: impl Into<Secret>,
        mac_key: impl Into<Secret>,
        algorithm: MacAlgorithm,
        issued_at: UnixTime,
    ) -> Self {
        Self {
            id: access_token.into(),
            key: mac_key.into(),
            algorithm,
            issued_at,
        }
    }

    /// The access token: the MAC key identifier.
    #[must_use]
    pub fn access_token(&self) -> &Secret {
        &self.id
    }

    /// The MAC key.
    #[must_use]
    pub fn mac_key(&self) -> &Secret {
        &self.key
    }

    /// How requests are signed.
    #[must_use]
    pub fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    /// When it was issued, as far as the client knows: when the answer came.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// Reads a token response of the type `mac`.
    fn read(now: UnixTime, response: &Response<Vec<u8>>) -> Result<Self, Error> {
        response::accept(Endpoint::Token, response)?;
        let object = response::read(Endpoint::Token, response)?;
        let text = |name| {
            let value = object.member(name).filter(|value| !value.is_null());
            let text = value.map(|value| value.string().map_err(malformed));
            text.transpose()
        };
        let token_type = text("token_type")?;
        let token_type =
            token_type.ok_or_else(|| Violation::new(Check::TokenTypeMissing).received_nothing())?;
        if !token_type.eq_ignore_ascii_case("mac") {
            let violation = Violation::new(Check::TokenType).expected("mac");
            return Err(violation.received(token_type).into());
        }
        let id = text("access_token")?.filter(|id| is_plain(id));
        let id = id.ok_or_else(|| Violation::new(Check::TokenAccess).received_nothing())?;
        let missing = |expected| malformed(JsonFault::WrongType { expected });
        let key = text("mac_key")?.filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| missing("a mac_key"))?;
        let algorithm = text("mac_algorithm")?;
        let algorithm = algorithm.and_then(|name| MacAlgorithm::named(&name));
        let algorithm = algorithm.ok_or_else(|| missing("hmac-sha-1 or hmac-sha-256"))?;
        Ok(Self::new(id.into_owned(), key.into_owned(), algorithm, now))
    }
}

fn malformed(fault: JsonFault) -> Error {
    let endpoint = Endpoint::Token;
    Malformed { endpoint, fault }.into()
}

/// A grant that is answered with a MAC token.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is called"]
pub struct MacGrant(Grant);

impl MacGrant {
    /// Takes a grant, whose answer is to be of the type `mac`.
    pub const fn new(grant: Grant) -> Self {
        Self(grant)
    }
}

impl Operation for MacGrant {
    type Output = MacToken;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.0.request(now)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<MacToken, Error> {
        MacToken::read(now, response)
    }
}

/// Which of the two drafts a server follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MacDraft {
    /// Draft 00: the nonce holds the age of the credentials, and a body is hashed.
    Draft00,
    /// Draft 01: a timestamp beside the nonce, and no hash of the body.
    Draft01,
}

/// One request to a protected resource, signed with MAC credentials in its `Authorization` header.
///
/// The method, the path with its query, the host and the port are signed. **The body is not**, but by draft
/// 00, and no other header is. The answer is handed back whatever its status, unless a challenge of the
/// scheme `MAC` says why the credentials are refused.
///
/// ```
/// use http::Request;
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::mac::{MacAlgorithm, MacDraft, MacRequest, MacToken};
/// # use oauth_proto::base::uri::UriPolicy;
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, metadata::Metadata};
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
///
/// let issued_at = UnixTime::from_secs(1_800_000_000);
/// let token = MacToken::new("h480djs93hd8", "489dks293j39", MacAlgorithm::HmacSha256, issued_at);
/// let request = Request::get("https://api.example/resource?b=1").body(Vec::new()).unwrap();
/// let call = MacRequest::new(&client, &token, MacDraft::Draft01, request);
/// # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
/// # {
/// let draft = call.request(UnixTime::from_secs(1_800_000_060))?;
/// let request = draft.into_request()?;
/// let header = request.headers()["authorization"].to_str().unwrap();
/// assert!(header.starts_with(r#"MAC id="h480djs93hd8", ts="1800000060", nonce=""#));
/// # }
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct MacRequest {
    client: Client,
    token: MacToken,
    draft: MacDraft,
    ext: String,
    request: http::Request<Vec<u8>>,
}

impl MacRequest {
    /// Calls a resource. The credentials are the caller's to keep apart from those of other servers.
    pub fn new(
        client: &Client,
        token: &MacToken,
        draft: MacDraft,
        request: http::Request<Vec<u8>>,
    ) -> Self {
        Self {
            client: client.clone(),
            token: token.clone(),
            draft,
            ext: String::new(),
            request,
        }
    }

    /// Sets `ext`, further text that the server wants signed.
    pub fn ext(mut self, ext: impl Into<String>) -> Self {
        self.ext = ext.into();
        self
    }

    /// The header for this nonce.
    fn authorization(
        &self,
        crypto: &dyn Crypto,
        now: UnixTime,
        nonce: &str,
    ) -> Result<HeaderValue, Error> {
        let uri = self.request.uri();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let default = if uri.scheme_str() == Some("http") {
            80
        } else {
            443
        };
        let port = uri.port_u16().unwrap_or(default);
        let method = self.request.method();
        let ext = &self.ext;
        let hash = self.token.algorithm.hash();
        let (signed, middle) = match self.draft {
            MacDraft::Draft00 => {
                let body = self.request.body();
                let body_hash = if body.is_empty() {
                    String::new()
                } else {
                    base64url::standard(&crypto.digest(hash, body)?)
                };
                let signed =
                    format!("{nonce}\n{method}\n{path}\n{host}\n{port}\n{body_hash}\n{ext}\n");
                (
                    signed,
                    format!("nonce=\"{nonce}\"{}", field("bodyhash", &body_hash)),
                )
            }
            MacDraft::Draft01 => {
                let ts = now.as_secs();
                let signed = format!("{ts}\n{nonce}\n{method}\n{path}\n{host}\n{port}\n{ext}\n");
                (signed, format!("ts=\"{ts}\", nonce=\"{nonce}\""))
            }
        };
        let mac = crypto.hmac(hash, self.token.key.expose().as_bytes(), signed.as_bytes())?;
        let mac = base64url::standard(&mac);
        let (id, ext) = (self.token.id.expose(), field("ext", ext));
        let text = format!("MAC id=\"{id}\", {middle}{ext}, mac=\"{mac}\"");
        let text = zeroize::Zeroizing::new(text);
        Ok(secret::header_value(&text).map_err(|_| Misuse::AccessTokenCharacters)?)
    }

    fn nonce(&self, crypto: &dyn Crypto, now: UnixTime) -> Result<String, Error> {
        let mut random = [0; 16];
        crypto.fill(&mut random).map_err(Error::from)?;
        let random = base64url::encode(&random);
        Ok(match self.draft {
            // Draft 00 §3.1: the age of the credentials in seconds, a colon, and what is unique.
            MacDraft::Draft00 => format!("{}:{random}", now.since(self.token.issued_at).as_secs()),
            MacDraft::Draft01 => random,
        })
    }
}

/// A field of the header, where there is one.
fn field(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    format!(", {name}=\"{value}\"")
}

/// What may stand between two quotation marks as it is.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(is_plain)
}

impl Operation for MacRequest {
    type Output = Response<Vec<u8>>;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let address = self.request.uri().to_string();
        WebUri::parse(&address, self.client.metadata().uri_policy())
            .map_err(|faults| Misuse::address(&address, faults))?;
        if self.request.headers().contains_key(header::AUTHORIZATION) {
            return Err(Misuse::AlreadyAuthorized.into());
        }
        if !is_plain(self.token.id.expose()) {
            return Err(Misuse::AccessTokenCharacters.into());
        }
        if !self.ext.is_empty() && !is_plain(&self.ext) {
            let (name, reason) = ("ext", "holds a character that cannot be quoted");
            return Err(Misuse::Parameter { name, reason }.into());
        }
        let crypto = self.client.crypto();
        let nonce = self.nonce(crypto, now)?;
        let value = self.authorization(crypto, now, &nonce)?;
        let request = Draft::new(self.request.clone());
        Ok(request.with_header(header::AUTHORIZATION, value))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        let challenges = challenge::challenges(response.headers());
        let error = challenges.iter().find_map(|challenge| {
            let error = challenge.parameter("error")?;
            (challenge.scheme() == "mac").then(|| error.to_owned())
        });
        match error {
            // The drafts have words there, no code.
            Some(words) => Err(Refusal::new(Endpoint::Resource)
                .with_answer(response)
                .with_description(Some(words))
                .hiding([self.token.id.expose(), self.token.key.expose()])
                .into()),
            None => Ok(response.clone()),
        }
    }
}

impl fmt::Debug for MacRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacRequest")
            .field("method", self.request.method())
            .field("draft", &self.draft)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
