//! Named policies: what a client holds itself and its server to, beyond what it always does (FAPI 2.0
//! Security Profile §5.3.3 and §5.4.1, FAPI 2.0 Message Signing §5.3), and what it tolerates.

use std::fmt;

use crate::crypto::algorithm::Algorithm;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::dpop::DpopKey;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;
use crate::domain::response_algorithms::Answer;

/// A set of demands and of tolerated deviations, under a name. Each can be listed, and each is one thing.
///
/// ```
/// use oauth_proto::domain::policy::{Demand, Policy};
///
/// let policy = Policy::fapi2_security();
/// assert!(policy.demands().any(|demand| demand == Demand::PushedRequests));
/// assert_eq!(policy.relaxations().count(), 0);
///
/// let bearer = policy.danger_without(Demand::BoundTokens);
/// assert!(!bearer.has(Demand::BoundTokens));
/// assert_eq!(Policy::named("strict"), Some(Policy::strict()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    name: &'static str,
    demands: u32,
    quirks: Quirks,
}

impl Policy {
    /// The default: what RFC 9700 and OAuth 2.1 ask of every client, and no deviation.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            name: "strict",
            demands: 0,
            quirks: Quirks::none(),
        }
    }

    /// FAPI 2.0 Security Profile: pushed requests, `S256`, `iss`, bound tokens, keys instead of
    /// secrets, `PS256`, `ES256` or `EdDSA`, the issuer as the audience.
    #[must_use]
    pub fn fapi2_security() -> Self {
        Self::of("fapi2_security", &Demand::SECURITY)
    }

    /// FAPI 2.0 Message Signing: the same, and what travels through the browser is signed both ways.
    #[must_use]
    pub fn fapi2_message_signing() -> Self {
        Self::of("fapi2_message_signing", &Demand::ALL)
    }

    /// For servers that are not quite as specified: answers in their other forms are read. What is sent
    /// stays as it is.
    #[must_use]
    pub fn compat() -> Self {
        let read = [
            Quirk::FormTokenResponse,
            Quirk::VerificationUrl,
            Quirk::CallbackConfirmedCase,
            Quirk::JsonCredentials,
            Quirk::ExpiresMember,
            Quirk::CamelCaseTokens,
            Quirk::MissingTokenType,
            Quirk::OwnTokenType,
            Quirk::CommaScope,
            Quirk::ScopeList,
            Quirk::ErrorList,
        ];
        Self {
            name: "compat",
            quirks: read.into(),
            ..Self::strict()
        }
    }

    fn of(name: &'static str, demands: &[Demand]) -> Self {
        let demands = demands.iter().fold(0, |set, demand| set | demand.bit());
        let quirks = Quirks::none();
        Self {
            name,
            demands,
            quirks,
        }
    }

    /// The policy of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|policy| policy.name == name)
    }

    /// Every policy that has a name.
    #[must_use]
    pub fn all() -> [Self; 4] {
        [
            Self::strict(),
            Self::fapi2_security(),
            Self::fapi2_message_signing(),
            Self::compat(),
        ]
    }

    /// The policy without one of its demands.
    #[must_use]
    pub const fn danger_without(self, demand: Demand) -> Self {
        Self {
            demands: self.demands & !demand.bit(),
            ..self
        }
    }

    /// The policy with one demand more.
    #[must_use]
    pub const fn with(self, demand: Demand) -> Self {
        Self {
            demands: self.demands | demand.bit(),
            ..self
        }
    }

    /// Its name. It stays where demands are taken out or added.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether it has this demand.
    #[must_use]
    pub const fn has(self, demand: Demand) -> bool {
        self.demands & demand.bit() != 0
    }

    /// What it demands.
    pub fn demands(self) -> impl Iterator<Item = Demand> {
        Demand::ALL
            .into_iter()
            .filter(move |demand| self.has(*demand))
    }

    /// What it tolerates of servers. All that it relaxes, [`relaxations`](Self::relaxations) lists.
    #[must_use]
    pub const fn quirks(self) -> Quirks {
        self.quirks
    }

    /// What the policy of this name demands, and this one does not.
    pub(crate) fn without(self) -> impl Iterator<Item = Demand> {
        let whole = Self::named(self.name).unwrap_or(self);
        whole.demands().filter(move |demand| !self.has(*demand))
    }

    /// Refuses where the policy has `demand` and it is not met. What it does not demand is not looked at.
    ///
    /// # Errors
    ///
    /// [`Misuse::Policy`].
    pub(crate) fn check(self, demand: Demand, is_met: impl FnOnce() -> bool) -> Result<(), Misuse> {
        if !self.has(demand) || is_met() {
            return Ok(());
        }
        Err(Misuse::Policy {
            policy: self.name,
            demand,
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::strict()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .field("demands", &self.demands().collect::<Vec<_>>())
            .field("relaxations", &self.relaxations().collect::<Vec<_>>())
            .finish()
    }
}

/// One thing that a policy demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Demand {
    /// Authorization requests are pushed (RFC 9126).
    PushedRequests,
    /// The response type is `code`.
    CodeOnly,
    /// The proof key is by `S256` (RFC 7636).
    ProofKey,
    /// The authorization response names its issuer (RFC 9207), or is signed by it.
    IssuerNamed,
    /// Access tokens are bound to a key or a certificate of the client (RFC 9449, RFC 8705).
    BoundTokens,
    /// The client authenticates by `private_key_jwt` or by mutual TLS.
    KeyAuthentication,
    /// What client and server sign is signed by `PS256`, `ES256` or `EdDSA`.
    StrongAlgorithms,
    /// What the client signs for the server names it by its issuer.
    IssuerAudience,
    /// Authorization requests are signed (RFC 9101), for an hour at most.
    SignedRequests,
    /// Authorization responses are signed (JARM).
    SignedResponses,
}

impl Demand {
    /// Every demand.
    pub const ALL: [Self; 10] = [
        Self::PushedRequests,
        Self::CodeOnly,
        Self::ProofKey,
        Self::IssuerNamed,
        Self::BoundTokens,
        Self::KeyAuthentication,
        Self::StrongAlgorithms,
        Self::IssuerAudience,
        Self::SignedRequests,
        Self::SignedResponses,
    ];

    /// Those of the FAPI 2.0 Security Profile.
    const SECURITY: [Self; 8] = [
        Self::PushedRequests,
        Self::CodeOnly,
        Self::ProofKey,
        Self::IssuerNamed,
        Self::BoundTokens,
        Self::KeyAuthentication,
        Self::StrongAlgorithms,
        Self::IssuerAudience,
    ];

    /// The demand's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PushedRequests => "pushed-requests",
            Self::CodeOnly => "code-only",
            Self::ProofKey => "proof-key",
            Self::IssuerNamed => "issuer-named",
            Self::BoundTokens => "bound-tokens",
            Self::KeyAuthentication => "key-authentication",
            Self::StrongAlgorithms => "strong-algorithms",
            Self::IssuerAudience => "issuer-audience",
            Self::SignedRequests => "signed-requests",
            Self::SignedResponses => "signed-responses",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PushedRequests => "that authorization requests are pushed",
            Self::CodeOnly => "the response type `code`",
            Self::ProofKey => "a proof key by S256",
            Self::IssuerNamed => "that the authorization response names its issuer",
            Self::BoundTokens => "access tokens that are bound to a key or a certificate",
            Self::KeyAuthentication => {
                "private_key_jwt or mutual TLS as the client's authentication"
            }
            Self::StrongAlgorithms => "PS256, ES256 or EdDSA for every signature",
            Self::IssuerAudience => "the server's issuer as the audience of what the client signs",
            Self::SignedRequests => "authorization requests that are signed for an hour at most",
            Self::SignedResponses => "signed authorization responses",
        })
    }
}

/// "PS256, ES256, or EdDSA (using the Ed25519 variant)" (FAPI 2.0 Security Profile §5.4.1).
pub(crate) const fn is_strong(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::Ps256 | Algorithm::Es256 | Algorithm::EdDsa | Algorithm::Ed25519
    )
}

impl Client {
    /// Holds client and server to `policy`, and tolerates what it tolerates beside the quirks of the
    /// client.
    ///
    /// What the client is by then is looked at here, and all of it again at every request, together
    /// with what the request asks.
    ///
    /// # Errors
    ///
    /// [`Misuse::Policy`] where the client authenticates by another method than the policy demands, it
    /// or the server is to sign by another algorithm, or it names the server otherwise.
    pub fn with_policy(self, policy: Policy) -> Result<Self, Error> {
        let client = self.under(policy)?;
        client.check_keys()?;
        Ok(client)
    }

    /// Refuses a client that its policy does not allow, before anything is sent.
    ///
    /// # Errors
    ///
    /// [`Misuse::Policy`].
    pub(crate) fn check_policy(&self) -> Result<(), Misuse> {
        self.check_keys()?;
        self.policy()
            .check(Demand::BoundTokens, || self.has_bound_tokens())
    }

    /// Refuses a way to authenticate, an algorithm or an audience that the client's policy does not
    /// allow.
    ///
    /// # Errors
    ///
    /// [`Misuse::Policy`].
    pub(crate) fn check_keys(&self) -> Result<(), Misuse> {
        let policy = self.policy();
        policy.check(Demand::KeyAuthentication, || {
            matches!(
                self.authentication(),
                Authentication::PrivateKeyJwt(_)
                    | Authentication::TlsClientAuth
                    | Authentication::SelfSignedTlsClientAuth
            )
        })?;
        policy.check(Demand::StrongAlgorithms, || self.has_strong_algorithms())?;
        policy.check(Demand::IssuerAudience, || self.names_issuer())
    }

    /// Whether all that the client signs is for the server's issuer, and for nothing that the server's
    /// metadata could say besides.
    fn names_issuer(&self) -> bool {
        let by_assertion = match self.authentication() {
            Authentication::PrivateKeyJwt(assertion)
            | Authentication::ClientSecretJwt(assertion) => assertion.names_issuer(self),
            _ => true,
        };
        let objects = [self.request_objects(), self.backchannel_objects()];
        let mut objects = objects.into_iter().flatten();
        by_assertion && objects.all(|objects| objects.names_issuer(self))
    }

    /// Whether every algorithm that the client was told of is a strong one.
    fn has_strong_algorithms(&self) -> bool {
        let assertion = match self.authentication() {
            Authentication::PrivateKeyJwt(assertion)
            | Authentication::ClientSecretJwt(assertion) => Some(assertion.signer().algorithm()),
            _ => None,
        };
        let objects = [self.request_objects(), self.backchannel_objects()];
        let objects = objects.into_iter().flatten();
        let answers = Answer::ALL.into_iter();
        assertion
            .into_iter()
            .chain(self.dpop_key().map(DpopKey::algorithm))
            .chain(objects.map(|objects| objects.signer().algorithm()))
            .chain(answers.filter_map(|answer| self.response_algorithms().signature(answer)))
            .all(is_strong)
    }

    /// Whether the server may sign by this algorithm.
    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        is_strong(algorithm) || !self.policy().has(Demand::StrongAlgorithms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_known_by_its_name() {
        for policy in Policy::all() {
            assert_eq!(Policy::named(policy.name()), Some(policy));
        }
        assert_eq!(Policy::named("lax"), None);
        assert_eq!(Policy::default(), Policy::strict());
    }

    #[test]
    fn demands_come_and_go_one_by_one() {
        for demand in Demand::ALL {
            let all = Policy::fapi2_message_signing();
            assert!(all.has(demand));
            let others: Vec<_> = all.danger_without(demand).demands().collect();
            assert_eq!(others.len(), Demand::ALL.len() - 1);
            assert!(!others.contains(&demand));
            let one: Vec<_> = Policy::strict().with(demand).demands().collect();
            assert_eq!(one, [demand]);
            assert!(Policy::strict().check(demand, || false).is_ok());
            assert!(all.check(demand, || false).is_err());
            assert!(all.check(demand, || true).is_ok());
        }
    }

    #[test]
    fn what_is_tolerated_changes_nothing_that_is_sent() {
        let tolerated = Policy::compat().quirks();
        assert!(!tolerated.has(Quirk::RawBasicCredentials));
        assert_eq!(Policy::strict().relaxations().count(), 0);
    }
}
