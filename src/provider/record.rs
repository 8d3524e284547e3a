//! A provider, as an application keeps it: where it is, what the application is there, and what is odd
//! about it.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::uri::UriPolicy;
use crate::base::version::Version;
use crate::crypto;
use crate::crypto::Crypto;
use crate::domain::error::Misuse;
use crate::domain::quirks::Quirks;
use crate::domain::scope::Scope;
use crate::provider::connection::Connection;
use crate::provider::connection::Known;
use crate::provider::failure::Failure;
use crate::provider::method::Method;
use crate::provider::session::SessionKeys;

/// A provider that users sign in with. Cheap to clone: keep one in the application's state.
///
/// An address for temporary credentials alone makes it one of OAuth 1.0a. Any other is one of OAuth 2: with
/// an issuer, whose addresses are fetched when they are first needed and kept for a day, or with addresses
/// that are given.
///
/// It serialises in a versioned form (`"v": 1`) **with its secret in clear**: whoever stores it seals it.
/// What is no record (the [capability](Self::with_crypto), the [policy](Self::with_uri_policy), a
/// [connection](Self::with_connection)) is not stored. `Debug` shows no secret. Values that another program
/// stored encrypted are decrypted by that program: this crate reads none.
///
/// ```
/// use oauth_proto::provider::record::Provider;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = Provider::new("photos", "dpf43f3p2l4k3l03")?
///     .with_secret("kd94hf93k423kf44")
///     .with_authorization_url("https://photos.example.net/authorize")
///     .with_token_url("https://photos.example.net/token")
///     .with_profile_url("https://api.photos.example.net/me");
/// assert!(!provider.is_oauth1());
/// assert!(provider.with_request_token_url("https://photos.example.net/initiate").is_oauth1());
///
/// let stored = r#"{"v":1,"name":"id","issuer":"https://id.example","key":"my-app"}"#;
/// let provider: Provider = serde_json::from_str(stored)?;
/// assert_eq!(provider.scope().as_str(), "openid");
/// assert_eq!(serde_json::to_string(&provider)?, stored);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Provider {
    record: Arc<Record>,
    policy: UriPolicy,
    crypto: Arc<dyn Crypto>,
    known: Known,
}

/// The stored form, version 1.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    v: Version<1>,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_token_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authorization_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keys_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_url: Option<String>,
    pub(crate) key: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    pub(crate) secret: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<Method>,
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    scope: Scope,
    #[serde(default, skip_serializing_if = "has_none")]
    pub(crate) quirks: Quirks,
    /// Of the authorization request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) profile_parameters: Vec<(String, String)>,
    /// Where the identifier stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(default, skip_serializing_if = "SessionKeys::is_default")]
    pub(crate) session: SessionKeys,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    enabled: bool,
}

fn has_none(quirks: &Quirks) -> bool {
    *quirks == Quirks::none()
}

const fn yes() -> bool {
    true
}

const fn is_yes(enabled: &bool) -> bool {
    *enabled
}

/// Where the identifier is looked for unless the record says otherwise.
const ID: &str = "id";

/// The longest name of a provider. A bound of this crate: it stands in addresses and in session keys.
const MAX_NAME: usize = 50;

impl Provider {
    /// A provider called `name`, which knows the application as `key`: its client identifier, or consumer
    /// key.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the name is not of 1 to 50 letters, digits, `-`, `_` and `.`, the
    /// first a letter or a digit: it stands in addresses and session keys.
    pub fn new(name: impl Into<String>, key: impl Into<String>) -> Result<Self, Misuse> {
        Self::of(Record {
            v: Version,
            name: name.into(),
            issuer: None,
            request_token_url: None,
            authorization_url: None,
            token_url: None,
            keys_url: None,
            profile_url: None,
            api_url: None,
            key: key.into(),
            secret: None,
            method: None,
            scope: Scope::default(),
            quirks: Quirks::none(),
            parameters: Vec::new(),
            profile_parameters: Vec::new(),
            id: None,
            session: SessionKeys::PerLogin,
            enabled: true,
        })
    }

    fn of(record: Record) -> Result<Self, Misuse> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let name = &record.name;
        if name.len() > MAX_NAME
            || !name.bytes().all(is_plain)
            || !name.starts_with(|first: char| first.is_ascii_alphanumeric())
        {
            return Err(Misuse::Parameter {
                name: "name",
                reason: "is not of 1 to 50 letters, digits, `-`, `_` and `.`",
            });
        }
        Ok(Self {
            record: Arc::new(record),
            policy: UriPolicy::default(),
            crypto: crypto::default_provider(),
            known: Known::default(),
        })
    }

    /// Sets the address for temporary credentials: the provider is one of OAuth 1.0a.
    #[must_use]
    pub fn with_request_token_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.request_token_url = Some(address.into()))
    }

    /// Sets where users are sent to.
    #[must_use]
    pub fn with_authorization_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.authorization_url = Some(address.into()))
    }

    /// Sets where tokens are asked for.
    #[must_use]
    pub fn with_token_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.token_url = Some(address.into()))
    }

    /// Sets the issuer (OpenID Connect Core 1.0 §2). Without an address for tokens, all addresses are
    /// fetched from it, and the scope is `openid` where none is said.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with(|record| record.issuer = Some(issuer.into()))
    }

    /// Sets where the issuer's keys are, for a provider whose addresses are given and whose scope holds
    /// `openid`.
    #[must_use]
    pub fn with_keys_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.keys_url = Some(address.into()))
    }

    /// Sets where to ask who the user is.
    #[must_use]
    pub fn with_profile_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.profile_url = Some(address.into()))
    }

    /// Adds a parameter to the query of the request for the profile.
    #[must_use]
    pub fn with_profile_parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let pair = (name.into(), value.into());
        self.with(|record| record.profile_parameters.push(pair))
    }

    /// Sets where the API begins: the token goes to addresses below it and to the profile's, and nowhere
    /// else. The default is the origin of the profile's address.
    #[must_use]
    pub fn with_api_url(self, address: impl Into<String>) -> Self {
        self.with(|record| record.api_url = Some(address.into()))
    }

    /// Sets where in the profile the user's identifier stands: names and indices apart by dots, and paths
    /// apart by `/` where several make one ([`Profile::identifier`]). The default is `id`; with an ID token,
    /// it is the token's `sub`.
    ///
    /// [`Profile::identifier`]: crate::provider::profile::Profile::identifier
    #[must_use]
    pub fn with_id(self, path: impl Into<String>) -> Self {
        self.with(|record| record.id = Some(path.into()))
    }

    /// Sets the secret that the application shares with the provider. Without one, the client is public.
    #[must_use]
    pub fn with_secret(self, secret: impl Into<Secret>) -> Self {
        self.with(|record| record.secret = Some(secret.into()))
    }

    /// Sets how the application authenticates, or signs.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        self.with(|record| record.method = Some(method))
    }

    /// Sets the scope that is asked for.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<Scope>) -> Self {
        self.with(|record| record.scope = scope.into())
    }

    /// Tolerates these deviations of the provider, and no others.
    #[must_use]
    pub fn with_quirks(self, quirks: impl Into<Quirks>) -> Self {
        self.with(|record| record.quirks = quirks.into())
    }

    /// Adds a parameter to every authorization request, such as `access_type`.
    #[must_use]
    pub fn with_parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let pair = (name.into(), value.into());
        self.with(|record| record.parameters.push(pair))
    }

    /// Sets what session entries are called.
    #[must_use]
    pub fn with_session_keys(self, keys: SessionKeys) -> Self {
        self.with(|record| record.session = keys)
    }

    /// Sets whether the provider is in use.
    #[must_use]
    pub fn with_enabled(self, enabled: bool) -> Self {
        self.with(|record| record.enabled = enabled)
    }

    /// Sets which addresses may be called. Not stored.
    #[must_use]
    pub fn with_uri_policy(self, policy: UriPolicy) -> Self {
        let known = self.known.anew();
        Self {
            policy,
            known,
            ..self
        }
    }

    /// Sets where entropy, digests and MACs come from. Not stored.
    #[must_use]
    pub fn with_crypto(self, crypto: Arc<dyn Crypto>) -> Self {
        let known = self.known.anew();
        Self {
            crypto,
            known,
            ..self
        }
    }

    /// Uses a client of the application's own making, for what no record says: a private key, a signature
    /// by RSA, a proof of possession, a policy. It stays the one, whatever is said of the record before or
    /// after. Not stored.
    #[must_use]
    pub fn with_connection(self, connection: impl Into<Connection>) -> Self {
        let known = Known::fixed(connection.into());
        Self { known, ..self }
    }

    fn with(mut self, change: impl FnOnce(&mut Record)) -> Self {
        change(Arc::make_mut(&mut self.record));
        self.known = self.known.anew();
        self
    }

    /// The provider's name in this application.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// The application's identifier at the provider.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.record.key
    }

    /// Whether it is one of OAuth 1.0a.
    #[must_use]
    pub fn is_oauth1(&self) -> bool {
        self.record.request_token_url.is_some()
    }

    /// Whether the provider is in use.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.record.enabled
    }

    /// The scope that is asked for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if self.record.scope.is_empty() && self.is_discovered() {
            return Scope::from("openid");
        }
        self.record.scope.clone()
    }

    /// Where the user's identifier stands in the profile; none where it is the `sub` of the ID token.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let is_identified = !self.is_oauth1() && self.scope().has_openid();
        let default = (!is_identified).then_some(ID);
        self.record.id.as_deref().or(default)
    }

    /// Whether the provider's addresses are fetched from its issuer.
    pub(crate) fn is_discovered(&self) -> bool {
        let record = &self.record;
        record.issuer.is_some() && record.token_url.is_none() && !self.is_oauth1()
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn policy(&self) -> UriPolicy {
        self.policy
    }

    pub(crate) fn crypto(&self) -> &Arc<dyn Crypto> {
        &self.crypto
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    pub(crate) fn lacks(&self, lacks: &'static str) -> Failure {
        let provider = self.name().to_owned();
        Failure::Incomplete { provider, lacks }
    }

    pub(crate) fn check_enabled(&self) -> Result<(), Failure> {
        if self.is_enabled() {
            return Ok(());
        }
        Err(Failure::Disabled(self.name().to_owned()))
    }

    /// Refuses what is another provider's.
    pub(crate) fn check_owner(&self, what: &'static str, owner: &str) -> Result<(), Failure> {
        if owner == self.name() {
            return Ok(());
        }
        Err(Failure::OtherProvider {
            what,
            owner: owner.to_owned(),
            provider: self.name().to_owned(),
        })
    }
}

/// Two are equal when their records are.
impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
    }
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(Record::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.record.name)
            .field("key", &self.record.key)
            .field("method", &self.record.method)
            .field("enabled", &self.record.enabled)
            .finish_non_exhaustive()
    }
}
