//! Tokens (RFC 6749 §1.4, §1.5 and §5.1): what a grant became, and when it ends.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::id_token;
use crate::domain::id_token::IdToken;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::server::Server;

mod imported;

/// What the token endpoint gave, with everything that is needed to use and renew it.
///
/// Serialises in a versioned form (`"v": 1`) **with its secrets in clear**: whoever stores it seals
/// it. An unknown version is refused. Debug shows no secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub(crate) v: Version<1>,
    #[serde(with = "secret::serde_text")]
    pub(crate) access_token: Secret,
    pub(crate) token_type: TokenType,
    /// The thumbprint of the key that they are bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<Arc<str>>,
    pub(crate) received_at: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<UnixTime>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    pub(crate) refresh_token: Option<Secret>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "id_token::stored"
    )]
    pub(crate) id_token: Option<IdToken>,
    /// Shared with what asked for it.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub(crate) requested_scope: Arc<Scope>,
    /// None where the server said nothing: "OPTIONAL, if identical to the scope requested".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) granted_scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resource: Vec<String>,
    #[serde(default, rename = "issuer", skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    pub(crate) client_id: Arc<str>,
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub(crate) members: Members,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl Tokens {
    /// The access token.
    #[must_use]
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// How the access token is used (RFC 6749 §7.1).
    #[must_use]
    pub fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// The thumbprint of the key that they are bound to (RFC 9449 §6.1); none of bearer tokens. The
    /// key itself is not in here.
    #[must_use]
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.jkt.as_deref()
    }

    /// The thumbprint that a client's key must have to use them. Tokens that say that they are bound,
    /// and not to what, fit no key.
    pub(crate) fn bound_to(&self) -> Option<&str> {
        match self.token_type {
            TokenType::Bearer => self.dpop_jkt(),
            TokenType::Dpop => Some(self.dpop_jkt().unwrap_or_default()),
        }
    }

    /// When the answer came.
    #[must_use]
    pub fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// When the access token ends; none where the server did not say.
    ///
    /// An `expires_in` of 0 means that it has ended already.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// How long the access token still lives; zero when it has ended, none where nobody knows.
    #[must_use]
    pub fn expires_in(&self, now: UnixTime) -> Option<Duration> {
        self.expires_at.map(|end| end.since(now))
    }

    /// Whether the access token has ended. One without an expiry never has.
    #[must_use]
    pub fn has_expired(&self, now: UnixTime) -> bool {
        self.expires_at.is_some_and(|end| now.has_reached(end))
    }

    /// The refresh token: the one that came, or the one that was used where none came.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Who signed in: the ID token, verified. None where `openid` was not asked for.
    ///
    /// A refresh that brings no other one keeps it (OpenID Connect Core 1.0 §12.2).
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// The granted scope; as requested where the server did not say otherwise
    /// (RFC 6749 §5.1).
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.granted_scope.as_ref().unwrap_or(&self.requested_scope)
    }

    /// The scope that was asked for.
    #[must_use]
    pub fn requested_scope(&self) -> &Scope {
        &self.requested_scope
    }

    /// What was asked for and not granted.
    pub fn missing_scope(&self) -> impl Iterator<Item = &str> {
        self.requested_scope.missing_from(self.scope())
    }

    /// What was granted and not asked for.
    pub fn extra_scope(&self) -> impl Iterator<Item = &str> {
        self.scope().missing_from(&self.requested_scope)
    }

    /// The resource indicators that were asked for (RFC 8707); a refresh repeats them.
    #[must_use]
    pub fn resource(&self) -> &[String] {
        &self.resource
    }

    /// The issuer that gave them; none for a server without one.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.server.issuer()
    }

    /// The client they were given to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A member of the token response that has no method here, read as `T`.
    ///
    /// # Errors
    ///
    /// [`JsonFault`] where the member is there and is no `T`.
    pub fn member<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, JsonFault> {
        self.members.member(name)
    }

    /// Every member of the token response that has no method here.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("token_type", &self.token_type)
            .field("expires_at", &self.expires_at)
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope().as_str())
            .field("issuer", &self.server)
            .field("client_id", &self.client_id)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// How the access token is used. Names are compared without regard to case (RFC 6749 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TokenType {
    /// Whoever holds it may use it (RFC 6750).
    Bearer,
    /// Whoever proves to have its key may use it (RFC 9449).
    #[serde(rename = "DPoP")]
    Dpop,
}

impl TokenType {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Bearer, Self::Dpop]
            .into_iter()
            .find(|own| name.eq_ignore_ascii_case(own.as_str()))
    }
}
