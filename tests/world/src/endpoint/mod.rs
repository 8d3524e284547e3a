//! The endpoints, one a file: each reads a request strictly and says what it answers.

pub(crate) mod api;
mod asserted;
pub(crate) mod authentication;
pub(crate) mod authorization;
pub(crate) mod backchannel;
pub(crate) mod code;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod direct;
pub(crate) mod discovery;
pub(crate) mod dpop;
pub(crate) mod exchange;
pub(crate) mod identity;
pub(crate) mod implicit;
pub(crate) mod introspection;
mod jarm;
pub(crate) mod logout;
pub(crate) mod oauth1;
pub(crate) mod polling;
pub(crate) mod pushed;
pub(crate) mod refresh;
pub(crate) mod registration;
pub(crate) mod request_object;
pub(crate) mod resource_metadata;
pub(crate) mod revocation;
mod signed;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod webfinger;

use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::Place;

/// An endpoint of the provider, or a set of them in a [`Mutation`](crate::Mutation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Every endpoint; only in a mutation.
    Any,
    /// Both metadata documents; only in a mutation.
    Metadata,
    /// The metadata document of OIDC Discovery.
    OpenidMetadata,
    /// The metadata document of RFC 8414.
    OauthMetadata,
    /// The keys: `/jwks`.
    Jwks,
    /// The authorization endpoint: `/authorize`. Its answer is the authorization response, whose
    /// parameters a mutation edits as members.
    Authorization,
    /// Where the page of an interactive authorization endpoint sends the answer of the human:
    /// `/consent`. It too answers with an authorization response.
    Consent,
    /// The endpoint for pushed authorization requests: `/par`.
    Pushed,
    /// The end-session endpoint: `/logout`. Its answer is the way back, whose parameters a mutation
    /// edits as members.
    EndSession,
    /// The token endpoint: `/token`.
    Token,
    /// The device authorization endpoint: `/device_authorization`.
    DeviceAuthorization,
    /// The backchannel authentication endpoint: `/bc-authorize`.
    BackchannelAuthentication,
    /// The introspection endpoint: `/introspect`.
    Introspection,
    /// The revocation endpoint: `/revoke`.
    Revocation,
    /// The userinfo endpoint: `/userinfo`.
    Userinfo,
    /// The API: everything below `/api`.
    Api,
    /// The registration endpoint: `/register`, and `/register/` with a client behind it.
    Registration,
    /// The metadata of the API as a protected resource (RFC 9728).
    ResourceMetadata,
    /// WebFinger, at the root of the origin.
    WebFinger,
    /// The endpoints of OAuth 1.0a: everything below `/oauth1`.
    OAuth1,
    /// No endpoint: 404.
    Unknown,
}

impl Endpoint {
    /// The endpoint at a path below the issuer.
    pub(crate) fn at(path: &str) -> Self {
        match path {
            "/jwks" => Self::Jwks,
            "/authorize" => Self::Authorization,
            "/consent" => Self::Consent,
            "/par" => Self::Pushed,
            "/logout" => Self::EndSession,
            "/token" => Self::Token,
            "/device_authorization" => Self::DeviceAuthorization,
            "/bc-authorize" => Self::BackchannelAuthentication,
            "/introspect" => Self::Introspection,
            "/revoke" => Self::Revocation,
            "/userinfo" => Self::Userinfo,
            "/register" => Self::Registration,
            _ if path.starts_with("/register/") => Self::Registration,
            _ if path.starts_with("/oauth1/") => Self::OAuth1,
            "/api" => Self::Api,
            _ if path.starts_with("/api/") => Self::Api,
            _ => Self::Unknown,
        }
    }

    /// The endpoint that a metadata document is.
    pub(crate) fn of_document(place: Place) -> Self {
        match place {
            Place::OpenidAppended | Place::OpenidInserted => Self::OpenidMetadata,
            Place::OauthInserted | Place::OauthAppended => Self::OauthMetadata,
        }
    }

    /// Whether a mutation of this endpoint strikes the answers of the other.
    pub(crate) fn covers(self, other: Self) -> bool {
        match self {
            Self::Any => true,
            Self::Metadata => matches!(other, Self::OpenidMetadata | Self::OauthMetadata),
            _ => self == other,
        }
    }
}

/// What the endpoint of a request answers.
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    if matches!(incoming.endpoint, Endpoint::Userinfo | Endpoint::Api) {
        dpop::of_api(provider, incoming)?;
    }
    match incoming.endpoint {
        Endpoint::OpenidMetadata | Endpoint::OauthMetadata => discovery::answer(provider, incoming),
        Endpoint::Jwks => identity::keys(provider, incoming),
        Endpoint::Authorization => authorization::answer(provider, incoming),
        Endpoint::Consent => consent::answer(provider, incoming),
        Endpoint::Pushed => pushed::answer(provider, incoming),
        Endpoint::EndSession => logout::answer(provider, incoming),
        Endpoint::Token => token::answer(provider, incoming),
        Endpoint::DeviceAuthorization => device::answer(provider, incoming),
        Endpoint::BackchannelAuthentication => backchannel::answer(provider, incoming),
        Endpoint::Introspection => introspection::answer(provider, incoming),
        Endpoint::Revocation => revocation::answer(provider, incoming),
        Endpoint::Userinfo => userinfo::answer(provider, incoming),
        Endpoint::Api => api::answer(provider, incoming),
        Endpoint::Registration => registration::answer(provider, incoming),
        Endpoint::OAuth1 => oauth1::answer(provider, incoming),
        Endpoint::WebFinger => webfinger::answer(provider, incoming),
        Endpoint::ResourceMetadata => resource_metadata::answer(provider, incoming),
        Endpoint::Any | Endpoint::Metadata | Endpoint::Unknown => Err(nothing_at(incoming)),
    }
}

/// 404: the client's fault, unless it looks for metadata, which may be at one place or another.
fn nothing_at(incoming: &Incoming<'_>) -> Refusal {
    let path = incoming.request.uri().path();
    let fault = format!("nothing at {path}");
    let mut refusal = Refusal::request(fault).status(404);
    refusal.careless = !path.contains("/.well-known/");
    refusal
}
