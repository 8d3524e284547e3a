//! What a server says of itself (RFC 8414 §2, OpenID Connect Discovery 1.0 §3).

use std::fmt;

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Value;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::error::Unsupported;
use crate::domain::quirks::Finding;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// An authorization server's metadata: its issuer, its endpoints, and everything else it says.
///
/// Comes from discovery, from a cached document ([`Metadata::parse`]), or by hand
/// ([`Metadata::new`], [`Metadata::without_issuer`]). Whatever its source, every endpoint in it has
/// passed the [`UriPolicy`]: https, no credentials, no fragment. Serialises as the JSON document
/// that [`parse`](Self::parse) reads; one without an issuer as the document that
/// [`parse_without_issuer`](Self::parse_without_issuer) reads.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::domain::metadata::{Endpoint, Metadata};
///
/// # fn main() -> Result<(), oauth_proto::domain::error::Error> {
/// let metadata = Metadata::new("https://id.example", UriPolicy::default())?
///     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
///     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// assert_eq!(metadata.endpoint(Endpoint::Token)?.as_str(), "https://id.example/token");
/// assert!(metadata.endpoint(Endpoint::Revocation).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    issuer: Option<WebUri>,
    endpoints: Vec<(Endpoint, WebUri)>,
    mtls_endpoint_aliases: Vec<(Endpoint, WebUri)>,
    sends_iss: bool,
    members: Members,
    policy: UriPolicy,
    findings: Vec<Finding>,
}

/// RFC 9207 §3.
const SENDS_ISS: &str = "authorization_response_iss_parameter_supported";
/// RFC 8705 §5.
const MTLS_ALIASES: &str = "mtls_endpoint_aliases";
/// RFC 9449 §5.1.
const DPOP_ALGORITHMS: &str = "dpop_signing_alg_values_supported";

impl Metadata {
    /// A server described by hand: its issuer, and no endpoint yet.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the issuer is not an https URI without query and fragment.
    pub fn new(issuer: &str, policy: UriPolicy) -> Result<Self, Error> {
        let issuer = WebUri::parse_issuer(issuer, policy)
            .map_err(|faults| Misuse::address(issuer, faults))?;
        Ok(Self {
            issuer: Some(issuer),
            ..Self::without_issuer(policy)
        })
    }

    /// An OAuth 2 server that names no issuer, described by hand. An `iss` in its callbacks cannot
    /// be compared and becomes a [`Finding`].
    #[must_use]
    pub fn without_issuer(policy: UriPolicy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// Sets the address of an endpoint.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the address breaks the [`UriPolicy`] that this value was made with,
    /// [`Misuse::NoMember`] where no member of the metadata names such an endpoint.
    pub fn with_endpoint(mut self, endpoint: Endpoint, address: &str) -> Result<Self, Error> {
        if !MEMBERS.iter().any(|(named, _)| *named == endpoint) {
            return Err(Misuse::NoMember(endpoint).into());
        }
        let parsed = WebUri::parse(address, self.policy)
            .map_err(|faults| Misuse::address(address, faults))?;
        self.endpoints.retain(|(own, _)| *own != endpoint);
        self.endpoints.push((endpoint, parsed));
        Ok(self)
    }

    /// Says whether the server sends `iss` with every authorization response (RFC 9207 §3):
    /// one without it is refused then.
    #[must_use]
    pub fn with_iss_parameter(mut self, sends_iss: bool) -> Self {
        self.sends_iss = sends_iss;
        self
    }

    /// Reads a metadata document, fetched or cached.
    ///
    /// The issuer is not compared with anything here; discovery does that.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where it is no strict JSON object or a member read here has the wrong
    /// type, [`Error::Violation`] (`METADATA-ISSUER-MISSING`, `METADATA-ENDPOINT`) where the issuer
    /// is missing or an endpoint may not be called.
    pub fn parse(document: &[u8], policy: UriPolicy) -> Result<Self, Error> {
        let metadata = Self::parse_without_issuer(document, policy)?;
        if metadata.issuer.is_none() {
            // RFC 8414 §2: "issuer REQUIRED".
            return Err(Violation::new(Check::MetadataIssuerMissing)
                .received_nothing()
                .into());
        }
        Ok(metadata)
    }

    /// Reads a document as [`parse`](Self::parse) does, and one that names no issuer as well: what
    /// [`without_issuer`](Self::without_issuer) began is written so.
    ///
    /// For what the caller wrote. A server's own document has an issuer.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse), but `METADATA-ISSUER-MISSING`.
    pub fn parse_without_issuer(document: &[u8], policy: UriPolicy) -> Result<Self, Error> {
        let mut metadata = Self::without_issuer(policy);
        let object = json::object(document).map_err(malformed)?;
        metadata.members = object.read(|name, value| metadata.read(name, value))?;
        Ok(metadata)
    }

    /// Whether it knows the member. One that it knows counts as absent where it is null.
    fn read(&mut self, name: &str, value: Value<'_>) -> Result<bool, Error> {
        if let Some(endpoint) = Endpoint::of_member(name) {
            if !value.is_null() {
                let address = self.address(name, value)?;
                self.endpoints.push((endpoint, address));
            }
            return Ok(true);
        }
        match name {
            "issuer" | MTLS_ALIASES | SENDS_ISS if value.is_null() => {}
            "issuer" => self.issuer = Some(self.read_issuer(value)?),
            MTLS_ALIASES => {
                for (name, value) in value.object().map_err(malformed)? {
                    if let Some(endpoint) = Endpoint::of_member(&name)
                        && !value.is_null()
                    {
                        let address = self.address(&name, value)?;
                        self.mtls_endpoint_aliases.push((endpoint, address));
                    }
                }
            }
            SENDS_ISS => self.sends_iss = value.boolean().map_err(malformed)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// RFC 8414 §2: "a URL that uses the "https" scheme and has no query or fragment
    /// components".
    fn read_issuer(&self, value: Value<'_>) -> Result<WebUri, Error> {
        let text = value.string().map_err(malformed)?;
        WebUri::parse_issuer(&text, self.policy).map_err(|faults| {
            Violation::new(Check::MetadataEndpoint)
                .expected(format!("an issuer without these faults: {faults}"))
                .received(text)
                .into()
        })
    }

    fn address(&self, name: &str, value: Value<'_>) -> Result<WebUri, Error> {
        let text = value.string().map_err(malformed)?;
        WebUri::parse(&text, self.policy).map_err(|faults| {
            Violation::new(Check::MetadataEndpoint)
                .expected(format!("a `{name}` without these faults: {faults}"))
                .received(text)
                .into()
        })
    }

    /// The server's identifier, byte for byte as it says it.
    #[must_use]
    pub fn issuer(&self) -> Option<&WebUri> {
        self.issuer.as_ref()
    }

    /// The address of an endpoint.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`] where the server names none.
    pub fn endpoint(&self, endpoint: Endpoint) -> Result<&WebUri, Error> {
        find(&self.endpoints, endpoint).ok_or_else(|| Unsupported::Endpoint(endpoint).into())
    }

    /// The same endpoint for a client that authenticates by TLS certificate (RFC 8705 §5),
    /// where the server has a separate one.
    #[must_use]
    pub fn mtls_endpoint_alias(&self, endpoint: Endpoint) -> Option<&WebUri> {
        find(&self.mtls_endpoint_aliases, endpoint)
    }

    /// Whether the server sends `iss` with every authorization response (RFC 9207 §3).
    #[must_use]
    pub fn sends_iss(&self) -> bool {
        self.sends_iss
    }

    /// The algorithms that the server takes proofs by (RFC 9449 §5.1), where it lists any.
    #[must_use]
    pub fn dpop_signing_alg_values_supported(&self) -> Option<Vec<String>> {
        let listed: Vec<String> = self.members.member(DPOP_ALGORITHMS).ok()??;
        Some(listed).filter(|listed| !listed.is_empty())
    }

    /// Everything else that the server says, by the member's name: `scopes_supported`,
    /// `code_challenge_methods_supported`, and what no specification knows.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// Whether the list `name` holds `value`; none where the server gives no such list.
    ///
    /// ```
    /// # use oauth_proto::{base::uri::UriPolicy, domain::metadata::Metadata};
    /// let document = br#"{"issuer":"https://id.example","scopes_supported":["mail"]}"#;
    /// let metadata = Metadata::parse(document, UriPolicy::default()).unwrap();
    /// assert_eq!(metadata.supports("scopes_supported", "mail"), Some(true));
    /// assert_eq!(metadata.supports("response_modes_supported", "query"), None);
    /// ```
    #[must_use]
    pub fn supports(&self, name: &str, value: &str) -> Option<bool> {
        let list: Vec<String> = self.members.member(name).ok()??;
        Some(list.iter().any(|item| item == value))
    }

    /// The policy that every address in here has passed.
    #[must_use]
    pub fn uri_policy(&self) -> UriPolicy {
        self.policy
    }

    /// What was tolerated while it was discovered. Not written.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(crate) fn with_findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// Takes from `other`, a second document of the same issuer, what is missing here.
    pub(crate) fn fill_from(&mut self, other: Self) {
        fill(&mut self.endpoints, other.endpoints);
        fill(&mut self.mtls_endpoint_aliases, other.mtls_endpoint_aliases);
        self.sends_iss |= other.sends_iss;
        self.members.fill_from(&other.members);
    }
}

fn find(list: &[(Endpoint, WebUri)], endpoint: Endpoint) -> Option<&WebUri> {
    list.iter()
        .find(|(own, _)| *own == endpoint)
        .map(|(_, address)| address)
}

fn fill(own: &mut Vec<(Endpoint, WebUri)>, others: Vec<(Endpoint, WebUri)>) {
    for (endpoint, address) in others {
        if find(own, endpoint).is_none() {
            own.push((endpoint, address));
        }
    }
}

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: Endpoint::Metadata,
        fault,
    }
    .into()
}

impl Serialize for Metadata {
    /// As the JSON document of RFC 8414 §2.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(issuer) = &self.issuer {
            map.serialize_entry("issuer", issuer)?;
        }
        for (endpoint, address) in &self.endpoints {
            map.serialize_entry(endpoint.member(), address)?;
        }
        if !self.mtls_endpoint_aliases.is_empty() {
            map.serialize_entry(MTLS_ALIASES, &Addresses(&self.mtls_endpoint_aliases))?;
        }
        if self.sends_iss {
            map.serialize_entry(SENDS_ISS, &true)?;
        }
        for (name, value) in self.members.to_value() {
            map.serialize_entry(&name, &value)?;
        }
        map.end()
    }
}

/// Addresses under the names of their members, in their order.
struct Addresses<'m>(&'m [(Endpoint, WebUri)]);

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter();
        serializer.collect_map(entries.map(|(endpoint, address)| (endpoint.member(), address)))
    }
}

/// An endpoint of a server, or another place that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// Challenges for attested clients (draft-ietf-oauth-attestation-based-client-auth-10 §6.1).
    AttestationChallenge,
    /// Where the user is sent (RFC 6749 §3.1).
    Authorization,
    /// Backchannel authentication (CIBA Core 7).
    BackchannelAuthentication,
    /// Device authorization (RFC 8628 §3.1).
    DeviceAuthorization,
    /// RP-initiated logout.
    EndSession,
    /// Token introspection (RFC 7662).
    Introspection,
    /// The server's keys.
    Jwks,
    /// The metadata document itself (RFC 8414 §3).
    Metadata,
    /// Pushed authorization requests (RFC 9126).
    PushedAuthorizationRequest,
    /// Dynamic client registration (RFC 7591).
    Registration,
    /// A protected resource (RFC 6750).
    Resource,
    /// What a protected resource says of itself (RFC 9728 §3).
    ResourceMetadata,
    /// Token revocation (RFC 7009).
    Revocation,
    /// Temporary credentials of OAuth 1.0a (RFC 5849 §2.1). No document names it: the member is this crate's.
    TemporaryCredential,
    /// Where grants become tokens (RFC 6749 §3.2).
    Token,
    /// Claims about the user (OpenID Connect Core 5.3).
    Userinfo,
    /// A user's host, asked by WebFinger (RFC 7033).
    WebFinger,
}

/// Endpoints that metadata names, with the member that does.
const MEMBERS: [(Endpoint, &str); 13] = [
    (Endpoint::AttestationChallenge, "challenge_endpoint"),
    (Endpoint::Authorization, "authorization_endpoint"),
    (
        Endpoint::BackchannelAuthentication,
        "backchannel_authentication_endpoint",
    ),
    (
        Endpoint::DeviceAuthorization,
        "device_authorization_endpoint",
    ),
    (Endpoint::EndSession, "end_session_endpoint"),
    (Endpoint::Introspection, "introspection_endpoint"),
    (Endpoint::Jwks, "jwks_uri"),
    (
        Endpoint::PushedAuthorizationRequest,
        "pushed_authorization_request_endpoint",
    ),
    (Endpoint::Registration, "registration_endpoint"),
    (Endpoint::Revocation, "revocation_endpoint"),
    (
        Endpoint::TemporaryCredential,
        "temporary_credential_endpoint",
    ),
    (Endpoint::Token, "token_endpoint"),
    (Endpoint::Userinfo, "userinfo_endpoint"),
];

impl Endpoint {
    /// The metadata member that names it; for a place that metadata does not name, what it is.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::Metadata => "metadata document",
            Self::Resource => "protected resource",
            Self::ResourceMetadata => "protected resource metadata",
            Self::WebFinger => "WebFinger host",
            named => MEMBERS
                .iter()
                .find(|(endpoint, _)| *endpoint == named)
                .map_or("endpoint", |(_, member)| member),
        }
    }

    fn of_member(name: &str) -> Option<Self> {
        MEMBERS
            .iter()
            .find(|(_, member)| *member == name)
            .map(|(endpoint, _)| *endpoint)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.member())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_equal() {
        let document = br#"{"issuer":"https://id.example","token_endpoint":"https://id.example/t",
            "authorization_endpoint":"https://id.example/a","x":[0.1],"mtls_endpoint_aliases":{
            "token_endpoint":"https://mtls.example/t","revocation_endpoint":"https://mtls.example/r"},
            "authorization_response_iss_parameter_supported":true}"#;
        let metadata = Metadata::parse(document, UriPolicy::default()).unwrap();
        let written = serde_json::to_vec(&metadata).unwrap();
        let again = Metadata::parse(&written, UriPolicy::default()).unwrap();
        assert_eq!(again, metadata);
        let alias = again.mtls_endpoint_alias(Endpoint::Token).unwrap();
        assert_eq!(alias.as_str(), "https://mtls.example/t");
    }

    #[test]
    fn what_names_no_issuer_is_read_back_equal() {
        let policy = UriPolicy::default();
        let metadata = Metadata::without_issuer(policy)
            .with_endpoint(Endpoint::Token, "https://id.example/t")
            .unwrap();
        let written = serde_json::to_vec(&metadata).unwrap();
        let again = Metadata::parse_without_issuer(&written, policy).unwrap();
        assert_eq!(again, metadata);
        let error = Metadata::parse(&written, policy).unwrap_err();
        assert_eq!(error.check(), Some(Check::MetadataIssuerMissing));
    }

    #[test]
    fn only_what_metadata_names_is_set() {
        for (endpoint, member) in MEMBERS {
            let metadata = Metadata::without_issuer(UriPolicy::default());
            let metadata = metadata.with_endpoint(endpoint, "https://id.example/x");
            let written = serde_json::to_value(metadata.unwrap()).unwrap();
            assert_eq!(written[member], "https://id.example/x");
        }
        for place in [
            Endpoint::Metadata,
            Endpoint::Resource,
            Endpoint::ResourceMetadata,
            Endpoint::WebFinger,
        ] {
            let metadata = Metadata::without_issuer(UriPolicy::default());
            let error = metadata.with_endpoint(place, "https://id.example/x");
            let Err(Error::Misuse(Misuse::NoMember(refused))) = error else {
                panic!("{place}");
            };
            assert_eq!(refused, place);
        }
    }
}
