//! Relaxations: each thing that a client tolerates, or leaves out, against the defaults of this crate, by a name
//! of its own, to be listed while the program runs.

use std::fmt;

use crate::crypto::signer::Signer;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::client_assertion::ClientAssertion;
use crate::domain::hooks::HookPoint;
use crate::domain::policy::Demand;
use crate::domain::policy::Policy;
use crate::domain::quirks::Quirk;
use crate::domain::request_objects::RequestObjects;

/// One thing that is less strict than it would be by default, or than the named policy has it.
///
/// `Display` is its stable name.
///
/// ```
/// use oauth_proto::domain::policy::{Demand, Policy};
/// use oauth_proto::domain::relaxation::Relaxation;
///
/// let policy = Policy::fapi2_security().danger_without(Demand::BoundTokens);
/// let relaxations: Vec<_> = policy.relaxations().collect();
/// assert_eq!(relaxations, [Relaxation::Without(Demand::BoundTokens)]);
/// assert_eq!(relaxations[0].to_string(), "without:bound-tokens");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relaxation {
    /// A deviation of the server is tolerated: `Client::with_quirks`, [`Policy::quirks`].
    Quirk(Quirk),
    /// What the policy of this name demands is not demanded: [`Policy::danger_without`].
    Without(Demand),
    /// http is spoken with this machine:
    /// [`UriPolicy::danger_http_on_loopback`](crate::base::uri::UriPolicy::danger_http_on_loopback).
    HttpOnLoopback,
    /// Users of every tenant are let in: [`Client::danger_tenant_issuer`].
    TenantIssuer,
    /// Client assertions name the server by its token endpoint:
    /// [`ClientAssertion::danger_with_token_endpoint_audience`].
    TokenEndpointAudience,
    /// Client assertions name the server by the endpoint that is called:
    /// [`ClientAssertion::danger_with_endpoint_audience`].
    EndpointAudience,
    /// A secret is shorter than its HMAC demands:
    /// [`Signer::danger_short_secret`].
    ShortSecret,
    /// A client of OAuth 1.0a may put its secrets into a query: its `danger_secrets_in_query`.
    SecretsInQuery,
    /// A function of the application alters requests or answers: [`Client::danger_with_hooks`].
    Hook(HookPoint),
}

impl fmt::Display for Relaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quirk(quirk) => write!(f, "quirk:{}", quirk.name()),
            Self::Without(demand) => write!(f, "without:{}", demand.name()),
            Self::HttpOnLoopback => f.write_str("http-on-loopback"),
            Self::TenantIssuer => f.write_str("tenant-issuer"),
            Self::TokenEndpointAudience => f.write_str("token-endpoint-audience"),
            Self::EndpointAudience => f.write_str("endpoint-audience"),
            Self::ShortSecret => f.write_str("short-secret"),
            Self::SecretsInQuery => f.write_str("secrets-in-query"),
            Self::Hook(point) => write!(f, "hook:{}", point.name()),
        }
    }
}

impl Policy {
    /// Every relaxation of the policy: what it tolerates, and what its name demands and it no longer does.
    pub fn relaxations(self) -> impl Iterator<Item = Relaxation> {
        let without = self.without().map(Relaxation::Without);
        self.quirks().iter().map(Relaxation::Quirk).chain(without)
    }
}

impl Client {
    /// Every relaxation that is in force for all that the client does: those of its policy, its own quirks, and
    /// each option that it was given under a name with `danger_`.
    ///
    /// What a single request relaxes, a `danger_` method of its own says where the request is made.
    ///
    /// ```
    /// # use oauth_proto::base::uri::UriPolicy;
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client, metadata::Metadata};
    /// use oauth_proto::domain::quirks::Quirk;
    ///
    /// let policy = UriPolicy::danger_http_on_loopback();
    /// let metadata = Metadata::new("http://127.0.0.1:8080", policy)?;
    /// let client = Client::new(metadata, "my-app", Authentication::None)?
    ///     .with_quirks([Quirk::CommaScope])?;
    /// for relaxation in client.relaxations() {
    ///     eprintln!("in force: {relaxation}");
    /// }
    /// # let names: Vec<_> = client.relaxations().map(|one| one.to_string()).collect();
    /// # assert_eq!(names, ["quirk:comma-scope", "http-on-loopback"]);
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    pub fn relaxations(&self) -> impl Iterator<Item = Relaxation> {
        let uris = self.metadata().uri_policy();
        let assertion = match self.authentication() {
            Authentication::PrivateKeyJwt(assertion)
            | Authentication::ClientSecretJwt(assertion) => Some(assertion),
            _ => None,
        };
        let objects = [self.request_objects(), self.backchannel_objects()];
        let objects = objects.into_iter().flatten().map(RequestObjects::signer);
        let mut signers = assertion
            .map(ClientAssertion::signer)
            .into_iter()
            .chain(objects);
        let is_short = signers.any(Signer::has_short_secret);
        let hooks = HookPoint::ALL.into_iter().filter(|point| {
            let hooks = self.hooks();
            hooks.is_some_and(|hooks| hooks.has(*point))
        });
        // The quirks of the policy are among its own.
        let quirks = self.quirks().iter().map(Relaxation::Quirk);
        let without = self.policy().without().map(Relaxation::Without);
        let own = [
            uris.allows_http_on_loopback()
                .then_some(Relaxation::HttpOnLoopback),
            self.issuers().map(|_| Relaxation::TenantIssuer),
            assertion.and_then(ClientAssertion::relaxation),
            is_short.then_some(Relaxation::ShortSecret),
        ];
        quirks
            .chain(without)
            .chain(own.into_iter().flatten())
            .chain(hooks.map(Relaxation::Hook))
    }
}
