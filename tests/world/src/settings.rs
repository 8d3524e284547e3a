//! How the provider behaves when it behaves: plain data that a test may change at any moment.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::endpoint::backchannel::BackchannelSettings;
use crate::endpoint::device::DeviceSettings;
use crate::endpoint::dpop::DpopSettings;
use crate::endpoint::identity::IdentitySettings;
use crate::endpoint::registration::RegistrationSettings;
use crate::endpoint::resource_metadata::ResourceSettings;

/// The provider's settings. The default is a modern server: RFC 9700, metadata at both well-known
/// places, PKCE demanded, `iss` sent, refresh tokens rotated and their reuse detected.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The metadata documents there are. Default: one at each standard place.
    pub documents: Vec<Document>,
    /// Metadata members added to, or in place of, those the provider would publish.
    pub metadata: Vec<(String, Value)>,
    /// Whether the metadata promise `iss` in authorization responses (RFC 9207 §3).
    pub iss_advertised: bool,
    /// Whether authorization responses carry `iss` (RFC 9207 §2).
    pub iss_sent: bool,
    /// Whether an authorization request without `code_challenge` is refused (RFC 9700 §2.1.1).
    pub pkce_required: bool,
    /// Whether an authorization request without `state` is refused.
    pub state_required: bool,
    /// Whether `state`, `nonce` and `code_challenge` serve one authorization request each (RFC 9700
    /// §2.1.1: "transaction-specific"). A test with fixed entropy and many sign-ins turns it off.
    pub fresh_required: bool,
    /// The response types there are. Default: `code` alone.
    pub response_types: Vec<String>,
    /// Whether an authorization request that was not pushed is refused (RFC 9126 §5).
    pub pushed_required: bool,
    /// Whether an authorization request that is not signed is refused (RFC 9101 §10.5).
    pub signed_required: bool,
    /// Whether a challenge must stand in the proofs of attested clients.
    pub challenges: bool,
    /// How proofs of possession are taken.
    pub dpop: DpopSettings,
    /// The keys of the attesters that are trusted, as a JWK Set.
    pub attesters: Value,
    /// The private keys that the provider decrypts with, as a JWK Set.
    pub decryption_keys: Value,
    /// Request objects that clients host, by address.
    pub hosted: BTreeMap<String, String>,
    /// Seconds until the reference to a pushed authorization request expires.
    pub request_uri_lifetime: u64,
    /// Seconds until an authorization code expires.
    pub code_lifetime: u64,
    /// Seconds until an access token expires.
    pub token_lifetime: u64,
    /// The form of `expires_in` in token responses.
    pub expires_in: ExpiresIn,
    /// Whether token responses name the granted scope even if it is the requested one.
    pub scope_always: bool,
    /// What refresh tokens are like.
    pub refresh: Refresh,
    /// What the user says.
    pub consent: Consent,
    /// Whether the authorization endpoint asks a human on a page; else the user answers at once as
    /// `consent` says.
    pub interactive: bool,
    /// Who the user is.
    pub user: User,
    /// Whether and how the user's identity is signed.
    pub identity: IdentitySettings,
    /// How devices are served.
    pub device: DeviceSettings,
    /// How users who are elsewhere are asked.
    pub backchannel: BackchannelSettings,
    /// Who may register.
    pub registration: RegistrationSettings,
    /// What the API says of itself as a protected resource.
    pub resource: ResourceSettings,
    /// The password of the user, whose name for it is the email address.
    pub password: String,
    /// Assertions about the user that somebody made and the provider trusts: JWTs, SAML documents.
    pub assertions: Vec<String>,
    /// Grant types of the provider's own. Each gives tokens for the client itself, whatever else
    /// comes with it.
    pub extension_grants: Vec<String>,
    /// The one place in a request where access tokens are taken.
    pub bearer: Bearer,
    /// Paths under `/api/` with the scope that each demands, the first fitting prefix deciding.
    pub api_scopes: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        let places = [Place::OpenidAppended, Place::OauthInserted];
        Self {
            documents: places.map(Document::at).to_vec(),
            metadata: Vec::new(),
            iss_advertised: true,
            iss_sent: true,
            pkce_required: true,
            state_required: true,
            fresh_required: true,
            response_types: vec!["code".to_owned()],
            pushed_required: false,
            signed_required: false,
            challenges: false,
            dpop: DpopSettings::default(),
            attesters: Value::Null,
            decryption_keys: Value::Null,
            hosted: BTreeMap::new(),
            request_uri_lifetime: 60,
            code_lifetime: 60,
            token_lifetime: 3600,
            expires_in: ExpiresIn::Number,
            scope_always: true,
            refresh: Refresh::default(),
            consent: Consent::All,
            interactive: false,
            user: User::default(),
            identity: IdentitySettings::default(),
            device: DeviceSettings::default(),
            backchannel: BackchannelSettings::default(),
            registration: RegistrationSettings::default(),
            resource: ResourceSettings::default(),
            password: "open sesame".to_owned(),
            assertions: Vec::new(),
            extension_grants: Vec::new(),
            bearer: Bearer::Header,
            api_scopes: Vec::new(),
        }
    }
}

/// One metadata document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is.
    pub place: Place,
    /// Members that are left out of it, so that a client must merge two documents.
    pub without: Vec<String>,
}

impl Document {
    /// A complete document at that place.
    #[must_use]
    pub fn at(place: Place) -> Self {
        let without = Vec::new();
        Self { place, without }
    }

    /// The document without a member.
    #[must_use]
    pub fn without(mut self, member: &str) -> Self {
        self.without.push(member.to_owned());
        self
    }
}

/// Where a metadata document is. For an issuer without a path, "inserted" and "appended" coincide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `https://id.example/tenant/.well-known/openid-configuration`, OIDC Discovery 1.0 §4.
    OpenidAppended,
    /// `https://id.example/.well-known/openid-configuration/tenant`, RFC 8414 §5.
    OpenidInserted,
    /// `https://id.example/.well-known/oauth-authorization-server/tenant`, RFC 8414 §3.1.
    OauthInserted,
    /// `https://id.example/tenant/.well-known/oauth-authorization-server`, in no standard, but met.
    OauthAppended,
}

/// The form of `expires_in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiresIn {
    /// `3600`, as RFC 6749 §5.1 has it.
    Number,
    /// `"3600"`.
    Text,
    /// Not sent.
    Absent,
}

/// A place of the access token in a request (RFC 6750 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// The `Authorization` header.
    Header,
    /// A form in the body.
    Form,
    /// The query.
    Query,
}

/// What refresh tokens are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Whether there are any.
    pub issued: bool,
    /// Whether each use replaces the token.
    pub rotated: bool,
    /// Whether the use of a replaced token revokes everything of its grant (RFC 9700 §4.14.2).
    pub reuse_detected: bool,
    /// Seconds during which a replaced token still works.
    pub grace: u64,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            issued: true,
            rotated: true,
            reuse_detected: true,
            grace: 0,
        }
    }
}

/// What the user says to an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Yes, to everything asked for.
    All,
    /// Yes, to these scope values only.
    Only(Vec<String>),
    /// No: `access_denied`.
    Denied,
    /// Not signed in: `login_required` for `prompt=none`, else the user signs in and agrees.
    NeedsLogin,
}

/// The one user there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The subject identifier.
    pub sub: String,
    /// The full name, given with the scope `profile`.
    pub name: String,
    /// The address, given with the scope `email`.
    pub email: String,
}

impl Default for User {
    fn default() -> Self {
        Self {
            sub: "248289761001".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: "ada@id.example".to_owned(),
        }
    }
}

/// A client as the provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRecord {
    /// `client_id`.
    pub id: String,
    /// `client_secret`, of a confidential client.
    pub secret: Option<String>,
    /// The keys that the client signs with, as a JWK Set; symmetric ones too.
    pub jwks: Option<Value>,
    /// The name in the TLS certificate of the client.
    pub certificate: Option<String>,
    /// The one method by which the client may authenticate.
    pub auth_method: AuthMethod,
    /// The redirect URIs, compared exactly; on a loopback address any port will do (RFC 8252 §7.3).
    pub redirect_uris: Vec<String>,
    /// Where the user may be sent back to after a logout, compared exactly.
    pub post_logout_redirect_uris: Vec<String>,
    /// The scope values the client may ask for; none listed is all.
    pub scopes: Vec<String>,
}

/// `token_endpoint_auth_method` (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// `none`: `client_id` in the body.
    None,
    /// `client_secret_basic`: both halves form-encoded, in the Authorization header.
    ClientSecretBasic,
    /// `client_secret_post`: both in the body.
    ClientSecretPost,
    /// `client_secret_jwt`: an assertion under an HMAC.
    ClientSecretJwt,
    /// `private_key_jwt`: an assertion that is signed.
    PrivateKeyJwt,
    /// `tls_client_auth`: a TLS certificate.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a TLS certificate that is registered.
    SelfSignedTlsClientAuth,
    /// `attest_jwt_client_auth`: an attestation and a proof.
    Attestation,
}

impl AuthMethod {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::Attestation => "attest_jwt_client_auth",
        }
    }
}

impl ClientRecord {
    /// A public client.
    #[must_use]
    pub fn public(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: None,
            jwks: None,
            certificate: None,
            auth_method: AuthMethod::None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: Vec::new(),
        }
    }

    /// A confidential client with `client_secret_basic`.
    #[must_use]
    pub fn basic(id: &str, secret: &str) -> Self {
        Self {
            secret: Some(secret.to_owned()),
            auth_method: AuthMethod::ClientSecretBasic,
            ..Self::public(id)
        }
    }

    /// A confidential client with `client_secret_post`.
    #[must_use]
    pub fn post(id: &str, secret: &str) -> Self {
        Self {
            auth_method: AuthMethod::ClientSecretPost,
            ..Self::basic(id, secret)
        }
    }

    /// A confidential client that authenticates by another method.
    #[must_use]
    pub fn by(id: &str, auth_method: AuthMethod) -> Self {
        Self {
            auth_method,
            ..Self::public(id)
        }
    }

    /// The client with these keys to sign with, a JWK Set.
    #[must_use]
    pub fn jwks(mut self, jwks: Value) -> Self {
        self.jwks = Some(jwks);
        self
    }

    /// The client with a TLS certificate of this name.
    #[must_use]
    pub fn certificate(mut self, name: &str) -> Self {
        self.certificate = Some(name.to_owned());
        self
    }

    /// The client with one more redirect URI.
    #[must_use]
    pub fn redirect(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// The client with one more post-logout redirect URI.
    #[must_use]
    pub fn post_logout_redirect(mut self, uri: &str) -> Self {
        self.post_logout_redirect_uris.push(uri.to_owned());
        self
    }

    /// The client limited to scope values, separated by spaces.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        let values = scope.split(' ').map(ToOwned::to_owned);
        self.scopes.extend(values);
        self
    }
}
