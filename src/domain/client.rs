//! The client: one plain value that everything starts from (RFC 6749 §2, RFC 8705 §5).

use std::fmt;
use std::sync::Arc;
use std::sync::MutexGuard;
use std::time::Duration;

use crate::base::uri::WebUri;
use crate::crypto::Crypto;
use crate::crypto::decrypter::Decrypter;
use crate::crypto::default_provider;
use crate::crypto::jwks::JwkSet;
use crate::domain::authentication::Authentication;
use crate::domain::authentication::Credentials;
use crate::domain::clocks;
use crate::domain::dpop::Dpop;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::hooks::Hooks;
use crate::domain::key_cache::KeyCache;
use crate::domain::keys::Keys;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::policy::Policy;
use crate::domain::quirks::Quirks;
use crate::domain::redirect_uri;
use crate::domain::redirect_uri::RedirectUri;
use crate::domain::request_objects::RequestObjects;
use crate::domain::response_algorithms::ResponseAlgorithms;
use crate::domain::server::Server;
use crate::domain::tenant_issuer::TenantIssuer;

/// A client at one authorization server (RFC 6749 §2).
///
/// No generics, cheap to clone, `Send` and `Sync`: keep one in your application's state. An endpoint
/// that the server lacks is an error that names it, at the call that needs it.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::domain::authentication::Authentication;
/// use oauth_proto::domain::client::Client;
/// use oauth_proto::domain::metadata::{Endpoint, Metadata};
///
/// # fn main() -> Result<(), oauth_proto::domain::error::Error> {
/// let metadata = Metadata::new("https://id.example", UriPolicy::default())?
///     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// let client = Client::new(metadata, "my-app", Authentication::client_secret_basic("s3cret"))?
///     .with_redirect_uri("https://app.example/callback")?;
/// assert_eq!(client.client_id(), "my-app");
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
    /// The issuer's text, shared with everything that is bound to it.
    server: Server,
    requires_push: bool,
    requires_signature: bool,
    client_id: Arc<str>,
    authentication: Authentication,
    credentials: Credentials,
    redirect_uri: Option<RedirectUri>,
    certificate_bound: bool,
    request_objects: Option<RequestObjects>,
    backchannel_objects: Option<RequestObjects>,
    /// Its own, beside those of its policy.
    quirks: Quirks,
    hooks: Option<Arc<Hooks>>,
    crypto: Arc<dyn Crypto>,
    response_algorithms: ResponseAlgorithms,
    leeway: Duration,
    keys: Arc<Keys>,
    decryption_keys: Arc<[Decrypter]>,
    policy: Policy,
    issuers: Option<Arc<TenantIssuer>>,
    dpop: Option<Dpop>,
}

impl Client {
    /// A client that the server knows as `client_id`.
    ///
    /// # Errors
    ///
    /// [`Misuse::ClientId`] or [`Misuse::ClientSecret`] where one is empty or holds a control
    /// character.
    pub fn new(
        metadata: Metadata,
        client_id: impl Into<String>,
        authentication: Authentication,
    ) -> Result<Self, Error> {
        let client_id = client_id.into();
        if client_id.is_empty() || client_id.chars().any(char::is_control) {
            return Err(Misuse::ClientId.into());
        }
        let quirks = Quirks::none();
        let credentials = Credentials::prepare(&authentication, &client_id, quirks)?;
        Ok(Self {
            shared: Arc::new(Shared {
                server: Server::of(&metadata),
                requires_push: says(&metadata, "require_pushed_authorization_requests"),
                requires_signature: says(&metadata, "require_signed_request_object"),
                metadata,
                client_id: Arc::from(client_id),
                authentication,
                credentials,
                redirect_uri: None,
                certificate_bound: false,
                request_objects: None,
                backchannel_objects: None,
                quirks,
                hooks: None,
                crypto: default_provider(),
                response_algorithms: ResponseAlgorithms::new(),
                leeway: clocks::LEEWAY,
                keys: Arc::new(Keys::new()),
                decryption_keys: Arc::from([]),
                policy: Policy::strict(),
                issuers: None,
                dpop: None,
            }),
        })
    }

    /// Sets where the server sends the user back to.
    ///
    /// # Errors
    ///
    /// [`Misuse::RedirectUri`] where it is not absolute, has a fragment, or is neither https, nor
    /// http on a loopback host, nor an application's own scheme with a dot in it
    /// (RFC 8252 §7.1).
    pub fn with_redirect_uri(self, redirect_uri: impl Into<String>) -> Result<Self, Error> {
        let redirect_uri = redirect_uri.into();
        redirect_uri::check(&redirect_uri)?;
        let own = RedirectUri::new(self.recipient_at(&redirect_uri));
        Ok(self.with(|shared| shared.redirect_uri = Some(own)))
    }

    /// Tolerates these deviations of the server, and those that its policy does.
    ///
    /// # Errors
    ///
    /// [`Misuse::ColonInClientId`] where raw Basic credentials could not carry the client identifier.
    pub fn with_quirks(self, quirks: impl Into<Quirks>) -> Result<Self, Error> {
        let policy = self.policy();
        self.tolerating(quirks.into(), policy)
    }

    /// Signs every authorization request (RFC 9101): [`Client::authorize`] puts a request object into
    /// the URL, and a pushed request holds one. Where a remote key signs, that takes a flow:
    /// `Client::request_object` or `Client::push`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Lifetime`].
    pub fn with_request_objects(self, objects: impl Into<RequestObjects>) -> Result<Self, Error> {
        let objects = objects.into();
        objects.check()?;
        Ok(self.with(|shared| shared.request_objects = Some(objects)))
    }

    /// Signs every backchannel authentication request (CIBA Core 1.0 §7.1.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::SigningAlgorithm`] where the algorithm is a MAC, [`Misuse::Parameter`] where they are
    /// to be encrypted, [`Misuse::Lifetime`].
    pub fn with_signed_backchannel_requests(
        self,
        objects: impl Into<RequestObjects>,
    ) -> Result<Self, Error> {
        let objects = objects.into();
        objects.check_backchannel()?;
        Ok(self.with(|shared| shared.backchannel_objects = Some(objects)))
    }

    /// Asks for access tokens that are bound to the client's TLS certificate (RFC 8705 §3), whatever
    /// the client authenticates by: its requests go to the server's `mtls_endpoint_aliases`, where it
    /// has some, and carry the mark `MutualTls`, calls of resources included.
    ///
    /// Which certificate it is, the adapter is told (`Options::client_certificate_pem`). A client that
    /// authenticates by its certificate needs no more than that; whether its tokens are bound is for
    /// its registration to say (`tls_client_certificate_bound_access_tokens`).
    #[must_use]
    pub fn with_certificate_bound_access_tokens(self) -> Self {
        self.with(|shared| shared.certificate_bound = true)
    }

    /// Sets where entropy and digests come from.
    #[must_use]
    pub fn with_crypto(self, crypto: Arc<dyn Crypto>) -> Self {
        self.with(|shared| {
            shared.crypto = crypto;
            // Keys are prepared by the capability that verifies with them.
            shared.keys = Arc::new(Keys::new());
        })
    }

    /// Sets how the server signs and encrypts its answers to this client, as it is registered.
    #[must_use]
    pub fn with_response_algorithms(self, algorithms: ResponseAlgorithms) -> Self {
        self.with(|shared| shared.response_algorithms = algorithms)
    }

    /// Sets the keys that the server encrypts to, where it was told of some.
    #[must_use]
    pub fn with_decryption_keys(self, keys: impl IntoIterator<Item = Decrypter>) -> Self {
        let keys = keys.into_iter().collect();
        self.with(|shared| shared.decryption_keys = keys)
    }

    /// Sets how far the clocks of client and server may lie apart where a signed answer says when it
    /// was made and when it ends: 30 seconds unless said, and five minutes at most. What has ended is
    /// taken for so long.
    ///
    /// # Errors
    ///
    /// [`Misuse::ClocksApart`] where it is more.
    pub fn with_leeway(self, leeway: Duration) -> Result<Self, Error> {
        clocks::check(leeway)?;
        Ok(self.with(|shared| shared.leeway = leeway))
    }

    pub(super) fn under(self, policy: Policy) -> Result<Self, Error> {
        let quirks = self.shared.quirks;
        self.tolerating(quirks, policy)
    }

    fn tolerating(self, quirks: Quirks, policy: Policy) -> Result<Self, Error> {
        let all = quirks.union(policy.quirks());
        let own = &self.shared;
        let credentials = Credentials::prepare(&own.authentication, &own.client_id, all)?;
        Ok(self.with(|shared| {
            shared.quirks = quirks;
            shared.policy = policy;
            shared.credentials = credentials;
        }))
    }

    pub(super) fn with_issuers(self, issuers: Arc<TenantIssuer>) -> Self {
        self.with(|shared| shared.issuers = Some(issuers))
    }

    pub(super) fn with_possession(self, dpop: Dpop) -> Self {
        self.with(|shared| shared.dpop = Some(dpop))
    }

    pub(super) fn with_hooks(self, hooks: Arc<Hooks>) -> Self {
        self.with(|shared| shared.hooks = Some(hooks))
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// What the server says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.shared.metadata
    }

    /// The client identifier (RFC 6749 §2.2).
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    /// How the client authenticates.
    #[must_use]
    pub fn authentication(&self) -> &Authentication {
        &self.shared.authentication
    }

    /// Where the server sends the user back to, unless a request says otherwise.
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&str> {
        self.own_redirect_uri().map(RedirectUri::as_str)
    }

    /// The deviations that are tolerated.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.shared.quirks.union(self.shared.policy.quirks())
    }

    pub(crate) fn hooks(&self) -> Option<&Hooks> {
        self.shared.hooks.as_deref()
    }

    /// Whether the client's requests go over TLS with its certificate.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.shared.certificate_bound || matches!(self.credentials(), Credentials::Certificate)
    }

    /// Where this client finds an endpoint that it calls itself.
    ///
    /// A client that does mutual TLS "MUST use the alias URL of the endpoint within the
    /// `mtls_endpoint_aliases`, when present" (RFC 8705 §5).
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server names
    /// none.
    pub(crate) fn address(&self, endpoint: Endpoint) -> Result<&WebUri, Error> {
        let metadata = self.metadata();
        let alias = metadata.mtls_endpoint_alias(endpoint);
        match alias.filter(|_| self.shows_certificate()) {
            Some(alias) => Ok(alias),
            None => metadata.endpoint(endpoint),
        }
    }

    /// What client and server are held to.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.shared.policy
    }

    /// The issuers of ID tokens, where they differ from tenant to tenant.
    pub(crate) fn issuers(&self) -> Option<&TenantIssuer> {
        self.shared.issuers.as_deref()
    }

    /// Whether the tokens of the client are bound to a key or a certificate of its.
    pub(crate) fn has_bound_tokens(&self) -> bool {
        self.shows_certificate() || self.shared.dpop.is_some()
    }

    /// How the server signs and encrypts its answers to this client.
    #[must_use]
    pub fn response_algorithms(&self) -> &ResponseAlgorithms {
        &self.shared.response_algorithms
    }

    /// How far the clocks of client and server may lie apart.
    #[must_use]
    pub fn leeway(&self) -> Duration {
        self.shared.leeway
    }

    pub(crate) fn decryption_keys(&self) -> &[Decrypter] {
        &self.shared.decryption_keys
    }

    pub(crate) fn key_cache(&self) -> MutexGuard<'_, KeyCache<JwkSet>> {
        self.shared.keys.lock()
    }

    /// The key that tokens are bound to, and what servers said of its proofs.
    pub(crate) fn dpop(&self) -> Option<&Dpop> {
        self.shared.dpop.as_ref()
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.shared.credentials
    }

    pub(crate) fn crypto(&self) -> &dyn Crypto {
        &*self.shared.crypto
    }

    pub(crate) fn shared_crypto(&self) -> Arc<dyn Crypto> {
        Arc::clone(&self.shared.crypto)
    }

    /// Whether the server takes pushed authorization requests only (RFC 9126 §5).
    pub(crate) fn requires_push(&self) -> bool {
        self.shared.requires_push
    }

    /// Whether the server takes signed authorization requests only (RFC 9101 §10.5).
    pub(crate) fn requires_signature(&self) -> bool {
        self.shared.requires_signature
    }

    /// How authorization requests are signed.
    pub(crate) fn request_objects(&self) -> Option<&RequestObjects> {
        self.shared.request_objects.as_ref()
    }

    /// How backchannel authentication requests are signed.
    pub(crate) fn backchannel_objects(&self) -> Option<&RequestObjects> {
        self.shared.backchannel_objects.as_ref()
    }

    pub(crate) fn server(&self) -> &Server {
        &self.shared.server
    }

    pub(crate) fn shared_client_id(&self) -> Arc<str> {
        Arc::clone(&self.shared.client_id)
    }

    pub(super) fn own_redirect_uri(&self) -> Option<&RedirectUri> {
        self.shared.redirect_uri.as_ref()
    }

    /// Refuses what was pending at, or granted to, another client or by another issuer: a client
    /// that talks to several servers must not mix their artefacts (RFC 9700 §4.4).
    pub(crate) fn check_owner(
        &self,
        what: &'static str,
        server: &Server,
        client_id: &str,
    ) -> Result<(), Misuse> {
        let own = (&self.shared.server, self.client_id());
        Server::check_owner(what, (server, client_id), own)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.shared.server)
            .field("client_id", &self.shared.client_id)
            .field("authentication", &self.shared.authentication)
            .field("redirect_uri", &self.redirect_uri())
            .field("quirks", &self.quirks())
            .field("policy", &self.shared.policy)
            .finish_non_exhaustive()
    }
}

/// Whether the metadata hold `name` and say yes.
fn says(metadata: &Metadata, name: &str) -> bool {
    matches!(metadata.members().member(name), Ok(Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::uri::UriPolicy;

    fn client() -> Client {
        let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
        Client::new(metadata, "app", Authentication::None).unwrap()
    }

    #[test]
    fn a_client_is_small_shared_and_sendable() {
        fn check<T: Send + Sync + Clone + 'static>(_: &T) {}
        check(&client());
        assert_eq!(size_of::<Client>(), size_of::<usize>());
    }

    #[test]
    fn an_empty_or_unprintable_client_id_is_refused() {
        for client_id in ["", "a\nb", "a\u{7f}"] {
            let error = Client::new(Metadata::default(), client_id, Authentication::None);
            assert!(matches!(error, Err(Error::Misuse(Misuse::ClientId))));
        }
    }

    #[test]
    fn artefacts_of_another_client_are_refused() {
        let client = client();
        let server = Server::from("https://id.example");
        assert!(client.check_owner("it", &server, "app").is_ok());
        for (server, client_id) in [
            ("https://id.example/", "app"),
            ("https://id.example", "other"),
            ("@https://id.example/token", "app"),
        ] {
            let server = Server::from(server);
            let error = client.check_owner("it", &server, client_id).unwrap_err();
            assert!(matches!(error, Misuse::OtherClient { .. }));
        }
    }
}
