//! The server's side (RFC 5849 §3.2): a signed request, read and verified.
//!
//! Whether a timestamp is too old, whether a nonce was seen before, who the client is and what the token may
//! do is the server's to know: they are data here.

use std::fmt;

use http::Request;
use http::StatusCode;
use http::header;
use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::form;
use crate::base::repeat::first_repeat;
use crate::base::wiped::Wiped;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;
use crate::crypto::key::VerifyingKey;
use crate::crypto::signing::Scheme;
use crate::oauth1::base_string;
use crate::oauth1::base_string::BaseStringFault;
use crate::oauth1::base_string::Parameters;
use crate::oauth1::base_string::form_of;
use crate::oauth1::header::Authorization;
use crate::oauth1::method::Signature;
use crate::oauth1::method::SignatureMethod;
use crate::oauth1::method::encoded;
use crate::oauth1::placement::Placement;

/// A signed request as a server received it, read and **not verified yet**.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::crypto;
/// # use oauth_proto::domain::metadata::Metadata;
/// # use oauth_proto::endpoint::Operation;
/// # use oauth_proto::oauth1::{client::Client, signed::SignedRequest};
/// use oauth_proto::oauth1::method::SignatureMethod;
/// use oauth_proto::oauth1::verify::{ReceivedRequest, VerifyFault};
///
/// # let method = SignatureMethod::plaintext("s3cret");
/// # let client = Client::new(Metadata::default(), "my-app", method).unwrap();
/// # let request = http::Request::get("https://api.example/me").body(Vec::new()).unwrap();
/// # let request = SignedRequest::new(&client, request)
/// #     .request(UnixTime::from_secs(1_800_000_000)).unwrap().into_request().unwrap().into_http();
/// let received = ReceivedRequest::parse(&request)?;
/// assert_eq!(received.consumer_key(), "my-app");
/// assert_eq!(received.timestamp(), Some(1_800_000_000));
///
/// // The method is the one that this client is registered with, whatever the request says.
/// let crypto = crypto::default_provider();
/// received.verify(&*crypto, &SignatureMethod::plaintext("s3cret"), "")?;
/// let wrong = received.verify(&*crypto, &SignatureMethod::plaintext("other"), "");
/// assert_eq!(wrong, Err(VerifyFault::Signature));
/// # Ok::<(), VerifyFault>(())
/// ```
pub struct ReceivedRequest<'r> {
    request: &'r Request<Vec<u8>>,
    placement: Placement,
    header: Option<Authorization>,
    /// Those of the protocol, wherever they stood, decoded.
    protocol: Vec<(String, String)>,
    allows_http: bool,
}

impl<'r> ReceivedRequest<'r> {
    /// Reads a request. Its address is to be absolute, with the scheme that the client used; a `Host` header
    /// counts for more than its authority.
    ///
    /// # Errors
    ///
    /// [`VerifyFault`] where the request breaks RFC 5849 before any signature is looked at.
    pub fn parse(request: &'r Request<Vec<u8>>) -> Result<Self, VerifyFault> {
        let mut places = Vec::new();
        let mut lines = request.headers().get_all(header::AUTHORIZATION).iter();
        let header = lines.find_map(Authorization::parse);
        if let Some(header) = &header {
            let own = header.parameters();
            places.push((Placement::Header, owned(own)));
        }
        let form = form_of(request).map(|body| std::str::from_utf8(body).unwrap_or("%"));
        let query = request.uri().query();
        for (placement, text) in [(Placement::Body, form), (Placement::Query, query)] {
            let pairs = form::parse(text.unwrap_or_default()).map_err(|_| VerifyFault::Form)?;
            let own = pairs.iter().filter(|(name, _)| name.starts_with("oauth_"));
            places.push((placement, owned(own)));
        }
        places.retain(|(_, own)| own.iter().any(|(name, _)| name.starts_with("oauth_")));
        // RFC 5849 §3.5: "one and only one of the following locations".
        let (placement, protocol) = match (places.pop(), places.pop()) {
            (Some(place), None) => place,
            (None, _) => return Err(VerifyFault::Missing("oauth_consumer_key")),
            (Some(_), Some(_)) => return Err(VerifyFault::Places),
        };
        // RFC 5849 §3.1: "Each parameter MUST NOT appear more than once per request."
        if first_repeat(&protocol, |(name, _)| name).is_some() {
            return Err(VerifyFault::Repeated);
        }
        let received = Self {
            request,
            placement,
            header,
            protocol,
            allows_http: false,
        };
        received.check()?;
        Ok(received)
    }

    /// Takes PLAINTEXT by http, too.
    ///
    /// Dangerous: whoever is on the way reads both secrets. It is meant for tests within one machine. A proxy
    /// that ends TLS is no reason: the address is to have the scheme that the client used.
    #[must_use]
    pub fn danger_over_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// RFC 5849 §3.1, the parameters that are REQUIRED and the values that are fixed.
    fn check(&self) -> Result<(), VerifyFault> {
        for name in [
            "oauth_consumer_key",
            "oauth_signature_method",
            "oauth_signature",
        ] {
            if self.parameter(name).is_none() {
                return Err(VerifyFault::Missing(name));
            }
        }
        if self
            .parameter("oauth_version")
            .is_some_and(|own| own != "1.0")
        {
            return Err(VerifyFault::Version);
        }
        // RFC 5849 §3.3: "The timestamp value MUST be a positive integer."
        let timestamp = self.parameter("oauth_timestamp");
        if timestamp.is_some() && self.timestamp().is_none() {
            return Err(VerifyFault::Timestamp);
        }
        // RFC 5849 §3.1: both "MAY be omitted when using the "PLAINTEXT" signature method".
        if self.signature_method() != "PLAINTEXT" {
            for name in ["oauth_timestamp", "oauth_nonce"] {
                if self.parameter(name).is_none_or(str::is_empty) {
                    return Err(VerifyFault::Missing(name));
                }
            }
        }
        Ok(())
    }

    /// Where the protocol parameters stood.
    #[must_use]
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// The realm of the header.
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.header.as_ref()?.realm()
    }

    /// The client that the request says it is of.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        self.parameter("oauth_consumer_key").unwrap_or_default()
    }

    /// The token that the request is made with; none where it is empty, too.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.parameter("oauth_token")
            .filter(|token| !token.is_empty())
    }

    /// The method that the request says it is signed by.
    #[must_use]
    pub fn signature_method(&self) -> &str {
        self.parameter("oauth_signature_method").unwrap_or_default()
    }

    /// When it was signed, by the client's clock; none only with PLAINTEXT.
    #[must_use]
    pub fn timestamp(&self) -> Option<u64> {
        let text = self.parameter("oauth_timestamp")?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain
            .then(|| text.parse().ok())
            .flatten()
            .filter(|at| *at > 0)
    }

    /// The nonce, which is to be new among those with this timestamp, client and token (RFC 5849 §3.3); none
    /// only with PLAINTEXT.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.parameter("oauth_nonce")
    }

    /// A protocol parameter, such as `oauth_callback` or `oauth_verifier`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut own = self.protocol.iter();
        own.find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }

    /// The signature base string of the request.
    ///
    /// # Errors
    ///
    /// Where it has none that all would agree upon.
    pub fn base_string(&self) -> Result<Zeroizing<String>, BaseStringFault> {
        let mut parameters = Parameters::of(self.request)?;
        for (name, value) in self.header.iter().flat_map(Authorization::parameters) {
            parameters.push(name, value);
        }
        base_string::build(self.request, &parameters).map(Wiped::into_zeroizing)
    }

    /// Verifies a signature by shared secrets: `method` is the one that the client is registered with, and
    /// `token_secret` is empty where there is no token.
    ///
    /// # Errors
    ///
    /// [`VerifyFault::Method`] where the request is signed by another method, or `method` is one of RSA;
    /// [`VerifyFault::Http`] where PLAINTEXT came by http; [`VerifyFault::Signature`] where the signature is
    /// another, compared in constant time.
    pub fn verify(
        &self,
        crypto: &dyn Crypto,
        method: &SignatureMethod,
        token_secret: &str,
    ) -> Result<(), VerifyFault> {
        if self.signature_method() != method.name() || method.is_rsa() {
            return Err(VerifyFault::Method);
        }
        // RFC 5849 §3.4.4: "MUST be used with a transport-layer mechanism such as TLS or SSL".
        let is_https = self.request.uri().scheme_str() == Some("https");
        if method.sends_secrets() && !is_https && !self.allows_http {
            return Err(VerifyFault::Http);
        }
        match method.sign(crypto, &self.base_string()?, token_secret)? {
            Signature::Ready(own) if own.eq_text(self.signature()) => Ok(()),
            Signature::Ready(_) | Signature::Remote(_) => Err(VerifyFault::Signature),
        }
    }

    /// Verifies a signature by the client's public RSA key, with this `hash`.
    ///
    /// RSA-SHA1 rests on a hash whose collisions are known: it is for servers that have clients without
    /// another method.
    ///
    /// # Errors
    ///
    /// [`VerifyFault::Method`] where the request is signed by another method or hash,
    /// [`VerifyFault::Signature`] where the signature is not the key's.
    pub fn verify_rsa(&self, hash: Hash, key: &dyn VerifyingKey) -> Result<(), VerifyFault> {
        let (name, scheme) = match hash {
            Hash::Sha1 => ("RSA-SHA1", Scheme::RsaSha1),
            Hash::Sha256 => ("RSA-SHA256", Scheme::from(Algorithm::Rs256)),
            Hash::Sha512 => ("RSA-SHA512", Scheme::from(Algorithm::Rs512)),
            _ => return Err(VerifyFault::Method),
        };
        if self.signature_method() != name {
            return Err(VerifyFault::Method);
        }
        let signature = base64url::decode_standard(self.signature());
        let signature = signature.map_err(|_| VerifyFault::Signature)?;
        let base_string = self.base_string()?;
        match scheme.verify(key, base_string.as_bytes(), &signature) {
            Err(CryptoError::Rejected) => Err(VerifyFault::Signature),
            other => Ok(other?),
        }
    }

    /// Verifies `oauth_body_hash`, where the request has one: whether it must is the server's to say. Only a
    /// verified signature makes it worth anything.
    ///
    /// # Errors
    ///
    /// [`VerifyFault::BodyHash`] where the body is another, or a form, which has no hash.
    pub fn verify_body_hash(&self, crypto: &dyn Crypto, hash: Hash) -> Result<(), VerifyFault> {
        let Some(received) = self.parameter("oauth_body_hash") else {
            return Ok(());
        };
        let own = encoded(&crypto.digest(hash, self.request.body())?);
        if own.eq_text(received) && form_of(self.request).is_none() {
            return Ok(());
        }
        Err(VerifyFault::BodyHash)
    }

    fn signature(&self) -> &str {
        self.parameter("oauth_signature").unwrap_or_default()
    }
}

impl fmt::Debug for ReceivedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.protocol.iter().map(|(name, _)| name).collect();
        f.debug_struct("ReceivedRequest")
            .field("placement", &self.placement)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}

/// Why a server refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyFault {
    /// A protocol parameter that is REQUIRED is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A protocol parameter is there twice.
    #[error("a protocol parameter stands twice")]
    Repeated,
    /// Protocol parameters stand in two places.
    #[error("protocol parameters stand in more than one place")]
    Places,
    /// The query or the form cannot be read.
    #[error("the query or the form is not form-urlencoded")]
    Form,
    /// `oauth_version` is not `1.0`.
    #[error("oauth_version is not 1.0")]
    Version,
    /// `oauth_timestamp` is not a positive integer.
    #[error("oauth_timestamp is not a positive integer")]
    Timestamp,
    /// The request is signed by another method than the client's.
    #[error("the signature method is not the client's")]
    Method,
    /// The request shows its secrets, by PLAINTEXT, and came without TLS.
    #[error("PLAINTEXT is not taken by http")]
    Http,
    /// The request has no base string.
    #[error(transparent)]
    BaseString(#[from] BaseStringFault),
    /// The signature is not the client's over this request.
    #[error("the signature is not the client's over this request")]
    Signature,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    BodyHash,
    /// The crypto capability failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl VerifyFault {
    /// What to answer: 400 "when receiving a request with unsupported parameters, an unsupported signature
    /// method, missing parameters, or duplicated protocol parameters", 401 for "an invalid signature"
    /// (RFC 5849 §3.2), 500 where this side fails.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Signature | Self::BodyHash => StatusCode::UNAUTHORIZED,
            Self::Crypto(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

fn owned<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
