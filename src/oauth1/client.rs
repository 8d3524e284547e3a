//! A client of OAuth 1.0a (RFC 5849 §1.1): one plain value that everything here starts from.

use std::fmt;
use std::sync::Arc;

use crate::base::uri::UriPolicy;
use crate::crypto;
use crate::crypto::Crypto;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::quirks::Quirks;
use crate::domain::redirect_uri;
use crate::domain::relaxation::Relaxation;
use crate::domain::server::Server;
use crate::domain::verdict::Check;
use crate::endpoint::authorization::check_own_query;
use crate::oauth1::body_hash::BodyHash;
use crate::oauth1::header;
use crate::oauth1::method::SignatureMethod;
use crate::oauth1::placement::Placement;

/// A client at one OAuth 1.0a server: its identifier, its signature method with the secret or key, and the
/// server's endpoints.
///
/// No generics, cheap to clone, `Send` and `Sync`: keep one in your application's state.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::oauth1::client::Client;
/// use oauth_proto::oauth1::method::SignatureMethod;
///
/// # fn main() -> Result<(), oauth_proto::domain::error::Error> {
/// let server = Metadata::without_issuer(UriPolicy::default())
///     .with_endpoint(Endpoint::TemporaryCredential, "https://photos.example.net/initiate")?
///     .with_endpoint(Endpoint::Authorization, "https://photos.example.net/authorize")?
///     .with_endpoint(Endpoint::Token, "https://photos.example.net/token")?;
/// let method = SignatureMethod::hmac_sha1("kd94hf93k423kf44");
/// let client = Client::new(server, "dpf43f3p2l4k3l03", method)?
///     .with_callback("https://printer.example.com/ready")?;
/// assert_eq!(client.consumer_key(), "dpf43f3p2l4k3l03");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    metadata: Metadata,
    server: Server,
    consumer_key: Arc<str>,
    method: SignatureMethod,
    callback: Option<Arc<str>>,
    placement: Placement,
    allows_secrets_in_query: bool,
    realm: Option<String>,
    body_hash: BodyHash,
    sends_version: bool,
    quirks: Quirks,
    crypto: Arc<dyn Crypto>,
}

impl Client {
    /// A client that the server knows as `consumer_key`, "the identifier portion of the client credentials"
    /// (RFC 5849 §3.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::ClientId`] where the identifier is empty; `OAUTH1-ENDPOINT-QUERY` where the query of
    /// an endpoint holds a parameter of the protocol.
    pub fn new(
        metadata: Metadata,
        consumer_key: impl Into<String>,
        method: SignatureMethod,
    ) -> Result<Self, Error> {
        let consumer_key = consumer_key.into();
        if consumer_key.is_empty() {
            return Err(Misuse::ClientId.into());
        }
        for endpoint in [
            Endpoint::TemporaryCredential,
            Endpoint::Authorization,
            Endpoint::Token,
        ] {
            if let Ok(address) = metadata.endpoint(endpoint) {
                // "the query MUST NOT contain any parameters beginning with the "oauth_" prefix"
                // (RFC 5849 §2).
                let is_protocol = |name: &str| name.starts_with("oauth_");
                check_own_query(address, is_protocol, Check::OAuth1EndpointQuery)?;
            }
        }
        Ok(Self {
            shared: Arc::new(Shared {
                server: Server::of(&metadata),
                metadata,
                consumer_key: Arc::from(consumer_key),
                method,
                callback: None,
                placement: Placement::Header,
                allows_secrets_in_query: false,
                realm: None,
                body_hash: BodyHash::Off,
                sends_version: true,
                quirks: Quirks::none(),
                crypto: crypto::default_provider(),
            }),
        })
    }

    /// Sets where the server sends the user back to. Without it, the user brings the verification code
    /// (`oob`).
    ///
    /// # Errors
    ///
    /// [`Misuse::RedirectUri`], by the rules of OAuth 2.
    pub fn with_callback(self, callback: &str) -> Result<Self, Error> {
        redirect_uri::check(callback)?;
        Ok(self.with(|shared| shared.callback = Some(Arc::from(callback))))
    }

    /// Sets where protocol parameters stand. The default is the `Authorization` header.
    #[must_use]
    pub fn with_placement(self, placement: Placement) -> Self {
        self.with(|shared| shared.placement = placement)
    }

    /// Lets PLAINTEXT sign what has its protocol parameters in the query.
    ///
    /// Dangerous: the signature is the client's secret and the token's, which then stand in every log of
    /// addresses, at this end, at the server's and between. It is for servers that know no other way.
    #[must_use]
    pub fn danger_secrets_in_query(self) -> Self {
        self.with(|shared| shared.allows_secrets_in_query = true)
    }

    /// Sets the `realm` of the `Authorization` header. It is not signed.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it holds a control character.
    pub fn with_realm(self, realm: impl Into<String>) -> Result<Self, Error> {
        let realm = realm.into();
        check_realm(&realm)?;
        Ok(self.with(|shared| shared.realm = Some(realm)))
    }

    /// Sets whether bodies that are no forms are hashed. The default is [`BodyHash::Off`].
    #[must_use]
    pub fn with_body_hash(self, body_hash: BodyHash) -> Self {
        self.with(|shared| shared.body_hash = body_hash)
    }

    /// Leaves out `oauth_version`, which is "OPTIONAL. If present, MUST be set to "1.0"" (RFC 5849 §3.1).
    #[must_use]
    pub fn without_version(self) -> Self {
        self.with(|shared| shared.sends_version = false)
    }

    /// Tolerates these deviations of the server, and no others.
    #[must_use]
    pub fn with_quirks(self, quirks: impl Into<Quirks>) -> Self {
        let quirks = quirks.into();
        self.with(|shared| shared.quirks = quirks)
    }

    /// Sets where entropy, digests and MACs come from.
    #[must_use]
    pub fn with_crypto(self, crypto: Arc<dyn Crypto>) -> Self {
        self.with(|shared| shared.crypto = crypto)
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// The server's endpoints.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.shared.metadata
    }

    /// The identifier of the client.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        &self.shared.consumer_key
    }

    /// How the client signs.
    #[must_use]
    pub fn method(&self) -> &SignatureMethod {
        &self.shared.method
    }

    /// Where the server sends the user back to, unless a request says otherwise.
    #[must_use]
    pub fn callback(&self) -> Option<&str> {
        self.shared.callback.as_deref()
    }

    /// The deviations that are tolerated.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.shared.quirks
    }

    /// Every relaxation that is in force for all that the client does: its quirks, and each option that it was
    /// given under a name with `danger_`.
    ///
    /// What a single request relaxes, a `danger_` method of its own says where the request is made.
    ///
    /// ```
    /// # use oauth_proto::base::uri::UriPolicy;
    /// # use oauth_proto::domain::metadata::Metadata;
    /// # use oauth_proto::oauth1::client::Client;
    /// # use oauth_proto::oauth1::method::SignatureMethod;
    /// # let server = Metadata::without_issuer(UriPolicy::default());
    /// # let method = SignatureMethod::plaintext("kd94hf93k423kf44");
    /// let client = Client::new(server, "dpf43f3p2l4k3l03", method)?.danger_secrets_in_query();
    /// let names: Vec<_> = client.relaxations().map(|one| one.to_string()).collect();
    /// assert_eq!(names, ["secrets-in-query"]);
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    pub fn relaxations(&self) -> impl Iterator<Item = Relaxation> {
        let own = [
            self.policy()
                .allows_http_on_loopback()
                .then_some(Relaxation::HttpOnLoopback),
            self.allows_secrets_in_query()
                .then_some(Relaxation::SecretsInQuery),
        ];
        let quirks = self.quirks().iter().map(Relaxation::Quirk);
        quirks.chain(own.into_iter().flatten())
    }

    pub(crate) fn placement(&self) -> Placement {
        self.shared.placement
    }

    pub(crate) fn allows_secrets_in_query(&self) -> bool {
        self.shared.allows_secrets_in_query
    }

    pub(crate) fn realm(&self) -> Option<&str> {
        self.shared.realm.as_deref()
    }

    pub(crate) fn body_hash(&self) -> BodyHash {
        self.shared.body_hash
    }

    pub(crate) fn sends_version(&self) -> bool {
        self.shared.sends_version
    }

    pub(crate) fn crypto(&self) -> &dyn Crypto {
        &*self.shared.crypto
    }

    pub(crate) fn policy(&self) -> UriPolicy {
        self.shared.metadata.uri_policy()
    }

    pub(crate) fn server(&self) -> &Server {
        &self.shared.server
    }

    pub(crate) fn shared_consumer_key(&self) -> Arc<str> {
        Arc::clone(&self.shared.consumer_key)
    }

    /// Refuses what is another client's, or another server's.
    pub(crate) fn check_owner(
        &self,
        what: &'static str,
        server: &Server,
        consumer_key: &str,
    ) -> Result<(), Misuse> {
        let own = (&self.shared.server, self.consumer_key());
        Server::check_owner(what, (server, consumer_key), own)
    }
}

pub(crate) fn check_realm(realm: &str) -> Result<(), Misuse> {
    if header::is_realm(realm) {
        return Ok(());
    }
    Err(Misuse::Parameter {
        name: "realm",
        reason: "holds a control character",
    })
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("consumer_key", &self.shared.consumer_key)
            .field("method", &self.shared.method)
            .field("callback", &self.shared.callback)
            .field("placement", &self.shared.placement)
            .field("quirks", &self.shared.quirks)
            .finish_non_exhaustive()
    }
}
