//! A signed request (RFC 5849 §3.1): any request, with the protocol parameters and a signature that covers it.

use std::borrow::Cow;
use std::fmt;

use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::header;
use url::Url;

use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri;
use crate::base::uri::UriFault;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::flow::call::Call;
use crate::oauth1::base_string;
use crate::oauth1::base_string::BaseStringFault;
use crate::oauth1::base_string::Parameters;
use crate::oauth1::body_hash::BodyHash;
use crate::oauth1::client::Client;
use crate::oauth1::client::check_realm;
use crate::oauth1::credentials::TokenCredentials;
use crate::oauth1::method::Signature;
use crate::oauth1::method::encoded;
use crate::oauth1::placement;
use crate::oauth1::placement::Placement;
use crate::oauth1::problem;

impl Client {
    /// Calls a protected resource with the user's authorization.
    ///
    /// The answer is handed back whatever its status, unless the resource refuses the signature or the token
    /// in a challenge. For more than this, build a [`SignedRequest`].
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where the credentials are another client's or another server's.
    pub fn call(
        &self,
        credentials: &TokenCredentials,
        request: Request<Vec<u8>>,
    ) -> Result<Call<SignedRequest>, Error> {
        let signed = SignedRequest::new(self, request).token(credentials)?;
        Ok(Call::new(signed))
    }

    /// Calls a resource in the client's own name, without a user: "two-legged".
    pub fn call_as_client(&self, request: Request<Vec<u8>>) -> Call<SignedRequest> {
        Call::new(SignedRequest::new(self, request))
    }
}

/// A request to be signed. Each time it is made, it has a new nonce.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::oauth1::client::Client;
/// use oauth_proto::oauth1::method::SignatureMethod;
/// use oauth_proto::oauth1::signed::SignedRequest;
///
/// # fn main() -> Result<(), oauth_proto::domain::error::Error> {
/// let server = Metadata::without_issuer(UriPolicy::default());
/// let client = Client::new(server, "my-app", SignatureMethod::plaintext("s3cret"))?;
/// let request = http::Request::get("https://api.example/me").body(Vec::new()).unwrap();
/// let signed = SignedRequest::new(&client, request)
///     .request(UnixTime::from_secs(1_800_000_000))?
///     .into_request()?;
/// let header = signed.headers()["authorization"].to_str().unwrap();
/// assert!(header.starts_with(r#"OAuth oauth_consumer_key="my-app", oauth_signature_method="PLAINTEXT""#));
/// assert!(header.ends_with(r#"oauth_signature="s3cret%26""#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an operation does nothing until it is called"]
pub struct SignedRequest {
    client: Client,
    token: Option<(Secret, Secret)>,
    request: Request<Vec<u8>>,
    parameters: Vec<(Cow<'static, str>, Secret)>,
    realm: Option<String>,
    placement: Placement,
    body_hash: BodyHash,
    nonce: Option<String>,
    timestamp: Option<u64>,
    allows_http: bool,
}

/// Entropy of a nonce, in bytes: it has to be unique among those of one second (RFC 5849 §3.3), not secret. As
/// 24 hexadecimal digits it is what servers take that allow letters and digits alone, 20 to 30 of them.
const NONCE_BYTES: usize = 12;

impl SignedRequest {
    /// Signs `request` in the client's own name.
    ///
    /// The body is signed where it is a form by its media type; any other body is left alone, and covered
    /// only by a [`BodyHash`].
    pub fn new(client: &Client, request: Request<Vec<u8>>) -> Self {
        Self {
            token: None,
            request,
            parameters: Vec::new(),
            realm: client.realm().map(str::to_owned),
            placement: client.placement(),
            body_hash: client.body_hash(),
            nonce: None,
            timestamp: None,
            allows_http: false,
            client: client.clone(),
        }
    }

    /// Signs in the name of the user who the credentials are of.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] where they are another client's or another server's.
    pub fn token(self, credentials: &TokenCredentials) -> Result<Self, Error> {
        self.client.check_owner(
            "the token credentials",
            &credentials.server,
            credentials.consumer_key(),
        )?;
        Ok(self.with_token(credentials.token(), credentials.secret()))
    }

    pub(crate) fn with_token(mut self, token: &Secret, secret: &Secret) -> Self {
        self.token = Some((token.clone(), secret.clone()));
        self
    }

    /// Adds a protocol parameter, signed and placed with the others: "any other parameter using the "oauth_"
    /// prefix" (RFC 5849 §3.5). Whatever else is to be signed belongs into the query or the form of the
    /// request itself.
    ///
    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where the name does not begin with `oauth_`, is one that signing sets, or
    /// was given before.
    pub fn parameter(
        self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Secret>,
    ) -> Result<Self, Error> {
        let name = name.into();
        let is_known = OWN.contains(&&*name) || self.parameters.iter().any(|(own, _)| *own == name);
        if is_known || !name.starts_with("oauth_") {
            return Err(Misuse::ProtocolParameter(name.into_owned()).into());
        }
        Ok(self.with_parameter(name, value.into()))
    }

    /// A POST without a body to an endpoint of the server.
    pub(crate) fn post(client: &Client, endpoint: Endpoint) -> Result<Self, Error> {
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = client.metadata().endpoint(endpoint)?.uri().clone();
        Ok(Self::new(client, request))
    }

    /// A parameter of a request that is made here: one of the protocol's, or one of the form that is sent.
    pub(crate) fn additional(
        mut self,
        name: Cow<'static, str>,
        value: Secret,
    ) -> Result<Self, Error> {
        if name.starts_with("oauth_") {
            return self.parameter(name, value);
        }
        let mut form = Form::with_capacity(1 + 3 * (name.len() + value.len()));
        form.push_any(&name, value.expose());
        placement::append_form(form, &mut self.request);
        Ok(self)
    }

    pub(crate) fn with_parameter(mut self, name: Cow<'static, str>, value: Secret) -> Self {
        self.parameters.push((name, value));
        self
    }

    /// Another realm than the client's.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it holds a control character.
    pub fn realm(mut self, realm: impl Into<String>) -> Result<Self, Error> {
        let realm = realm.into();
        check_realm(&realm)?;
        self.realm = Some(realm);
        Ok(self)
    }

    /// Another placement than the client's.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Another rule for the hash of the body than the client's.
    pub fn body_hash(mut self, body_hash: BodyHash) -> Self {
        self.body_hash = body_hash;
        self
    }

    /// This nonce and timestamp in place of a drawn one and of the clock.
    ///
    /// Dangerous where the request is made twice: "The nonce value MUST be unique across all requests with the
    /// same timestamp, client credentials, and token combinations" (RFC 5849 §3.3). It is meant for known
    /// answers.
    pub fn danger_nonce(mut self, nonce: impl Into<String>, timestamp: u64) -> Self {
        self.nonce = Some(nonce.into());
        self.timestamp = Some(timestamp);
        self
    }

    /// Sends the request by http, too, where the method is not PLAINTEXT.
    ///
    /// Whoever is on the way reads and answers it: the signature protects a part of the request, and nothing
    /// of the answer (RFC 5849 §4.2 and §4.3).
    pub fn danger_over_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// The same request where a redirect leads, to be signed anew: a signature covers the address, and a
    /// nonce is used once.
    ///
    /// Of a redirect that does not keep the method (RFC 9110 §15.4) the request is a GET without a body, as
    /// browsers have it. How many are followed is the caller's to bound.
    ///
    /// # Errors
    ///
    /// `RESPONSE-REDIRECT` where the answer is no redirect, leads nowhere, or leads to another origin: the
    /// user's authorization does not go with it.
    pub fn redirected(&self, answer: &Response<Vec<u8>>) -> Result<Self, Error> {
        let refuse = |received: String| {
            Violation::new(Check::ResponseRedirect)
                .expected("a redirect within the origin")
                .received(received)
        };
        let from = self.request.uri();
        let location = answer.headers().get(header::LOCATION);
        let target = location
            .filter(|_| answer.status().is_redirection())
            .and_then(|location| location.to_str().ok())
            .and_then(|location| Url::parse(&from.to_string()).ok()?.join(location).ok())
            .and_then(|mut url| {
                url.set_fragment(None);
                Uri::try_from(String::from(url)).ok()
            });
        let Some(target) = target else {
            return Err(refuse("no address to follow".into()).into());
        };
        match (uri::origin_of(from), uri::origin_of(&target)) {
            (Some(own), Some(other)) if own == other => {}
            (_, Some(other)) => return Err(refuse(other.to_string()).into()),
            (_, None) => return Err(refuse("an address without an origin".into()).into()),
        }
        let mut redirected = self.clone();
        let request = &mut redirected.request;
        *request.uri_mut() = target;
        if becomes_get(answer.status(), request.method()) {
            *request.method_mut() = Method::GET;
            request.body_mut().clear();
            for name in [
                header::CONTENT_TYPE,
                header::CONTENT_LENGTH,
                header::CONTENT_ENCODING,
            ] {
                request.headers_mut().remove(name);
            }
        }
        redirected.nonce = None;
        redirected.timestamp = None;
        Ok(redirected)
    }

    /// What was sent or signed with, and is not to be printed where an answer repeats it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let token = self
            .token
            .iter()
            .flat_map(|(token, secret)| [token, secret]);
        let own = self.parameters.iter().map(|(_, value)| value);
        let all = token.chain(own).chain(self.client.method().secret());
        all.map(Secret::expose)
    }

    /// Signs, or leaves a hole for a remote key's signature.
    pub(crate) fn sign(&self, now: UnixTime) -> Result<Draft, Error> {
        self.check_address()?;
        let client = &self.client;
        let crypto = client.crypto();
        let mut request = self.request.clone();
        self.placement.prepare(&mut request)?;
        let mut signed = Parameters::of(&request).map_err(unsignable)?;
        if signed.has_protocol() {
            return Err(Misuse::AlreadyAuthorized.into());
        }
        let nonce = match &self.nonce {
            Some(nonce) => nonce.clone(),
            None => {
                let mut bytes = [0; NONCE_BYTES];
                crypto.fill(&mut bytes)?;
                hexadecimal(&bytes)
            }
        };
        let timestamp = self.timestamp.unwrap_or(now.as_secs()).to_string();
        let body_hash = self.body_hash.of(crypto, client.method(), &request)?;
        let token = self.token.as_ref();

        let mut protocol = Vec::with_capacity(8 + self.parameters.len());
        protocol.push(("oauth_consumer_key", client.consumer_key()));
        protocol.extend(token.map(|(token, _)| ("oauth_token", token.expose())));
        protocol.push(("oauth_signature_method", client.method().name()));
        protocol.push(("oauth_timestamp", &timestamp));
        protocol.push(("oauth_nonce", &nonce));
        protocol.extend(client.sends_version().then_some(("oauth_version", "1.0")));
        let own = self.parameters.iter();
        protocol.extend(own.map(|(name, value)| (&**name, value.expose())));
        protocol.extend(body_hash.as_deref().map(|hash| ("oauth_body_hash", hash)));
        for (name, value) in &protocol {
            signed.push(name, value);
        }

        let base_string = base_string::build(&request, &signed).map_err(unsignable)?;
        let secret = token.map_or("", |(_, secret)| secret.expose());
        let realm = self.realm.as_deref();
        match client.method().sign(crypto, &base_string, secret)? {
            Signature::Ready(signature) => {
                protocol.push(("oauth_signature", signature.expose()));
                self.placement.write(realm, protocol, &mut request)?;
                Ok(Draft::new(request))
            }
            Signature::Remote(input) => {
                self.placement.write(realm, protocol, &mut request)?;
                let placement = self.placement;
                Ok(
                    Draft::new(request).with_signature(input, move |request, signature| {
                        placement.write_signature(encoded(signature).expose(), request)
                    }),
                )
            }
        }
    }

    /// https, but for what [`danger_over_http`](Self::danger_over_http) and the client's policy allow.
    /// PLAINTEXT "MUST be used with a transport-layer mechanism such as TLS or SSL" (RFC 5849 §3.4.4).
    fn check_address(&self) -> Result<(), Misuse> {
        let address = self.request.uri().to_string();
        let Err(faults) = WebUri::parse(&address, self.client.policy()) else {
            return Ok(());
        };
        let is_http = self.request.uri().scheme_str() == Some("http");
        let only_http = faults.iter().all(|fault| *fault == UriFault::NotHttps);
        if self.allows_http && is_http && only_http && !self.client.method().needs_tls() {
            return Ok(());
        }
        Err(Misuse::address(&address, faults))
    }
}

/// The parameters that signing sets.
const OWN: [&str; 8] = [
    "oauth_body_hash",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_version",
];

/// RFC 9110 §15.4: after 303 the method is GET; after 301 and 302 a POST becomes one.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::SEE_OTHER => *method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *method == Method::POST,
        _ => false,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

fn unsignable(fault: BaseStringFault) -> Error {
    Misuse::Unsignable(fault.to_string()).into()
}

impl Operation for SignedRequest {
    type Output = Response<Vec<u8>>;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        self.sign(now)
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        match problem::challenged(Endpoint::Resource, response) {
            Some(refusal) => Err(refusal.hiding(self.secrets()).into()),
            None => Ok(response.clone()),
        }
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("SignedRequest")
            .field("method", self.request.method())
            .field("signature_method", self.client.method())
            .field("placement", &self.placement)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
