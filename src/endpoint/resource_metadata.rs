//! Protected-resource metadata (RFC 9728): what a resource says of itself, and which servers give tokens
//! for it.

use http::Response;

use crate::base::challenge::Challenge;
use crate::base::challenge::Challenges;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Value;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

/// Fetches what a protected resource says of itself.
///
/// ```
/// use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::resource_metadata::ResourceMetadataRequest;
///
/// let now = UnixTime::from_secs(1_800_000_000);
/// let resource = "https://resource.example.com/resource1";
/// let operation = ResourceMetadataRequest::new(resource, UriPolicy::default())?;
/// assert_eq!(
///     operation.request(now)?.into_request()?.uri(),
///     "https://resource.example.com/.well-known/oauth-protected-resource/resource1"
/// );
/// let response = http::Response::new(br#"{
///     "resource": "https://resource.example.com/resource1",
///     "authorization_servers": ["https://as1.example.com"]
/// }"#.to_vec());
/// let metadata = operation.response(now, &response)?;
/// assert_eq!(metadata.authorization_servers()[0].as_str(), "https://as1.example.com");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an operation does nothing until it is called"]
pub struct ResourceMetadataRequest {
    resource: WebUri,
    address: WebUri,
    policy: UriPolicy,
}

impl ResourceMetadataRequest {
    /// Fetches the metadata of `resource`, a resource identifier (RFC 9728 §1.2), from its well-known
    /// address (§3.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the identifier breaks `policy`.
    pub fn new(resource: &str, policy: UriPolicy) -> Result<Self, Error> {
        let resource = identifier(resource, policy)?;
        let address = well_known(&resource, policy)?;
        Ok(Self {
            resource,
            address,
            policy,
        })
    }

    /// Fetches the metadata of `resource`, which answered with these challenges, from the address in
    /// their `resource_metadata` (RFC 9728 §5.1); from the well-known one where they name none.
    ///
    /// The address must have the origin of the resource. RFC 9728 allows others, and warns of them
    /// (§7.7): whoever answers for a resource could make this client fetch anything.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the identifier breaks `policy`; [`Error::Violation`]
    /// (`RESOURCE-METADATA-ADDRESS`) where the address in a challenge may not be called.
    pub fn challenged(
        resource: &str,
        challenges: &Challenges,
        policy: UriPolicy,
    ) -> Result<Self, Error> {
        let Some(address) = pointer(challenges).and_then(|it| it.parameter(POINTER)) else {
            return Self::new(resource, policy);
        };
        let resource = identifier(resource, policy)?;
        let refuse = |expected: String| {
            Violation::new(Check::ResourceMetadataAddress)
                .expected(expected)
                .received(address)
        };
        let address = WebUri::parse(address, policy)
            .map_err(|faults| refuse(format!("an address without these faults: {faults}")))?;
        if address.origin() != resource.origin() {
            return Err(refuse(format!("an address at {}", resource.origin())).into());
        }
        Ok(Self {
            resource,
            address,
            policy,
        })
    }

    /// The resource that is asked for.
    #[must_use]
    pub fn resource(&self) -> &WebUri {
        &self.resource
    }

    /// Where the document is fetched from.
    #[must_use]
    pub fn address(&self) -> &WebUri {
        &self.address
    }
}

impl Operation for ResourceMetadataRequest {
    type Output = ResourceMetadata;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        Ok(Draft::new(request::get_json(&self.address)))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<ResourceMetadata, Error> {
        response::accept(ENDPOINT, response)?;
        let mut metadata = ResourceMetadata {
            resource: self.resource.clone(),
            authorization_servers: Vec::new(),
            scopes_supported: None,
            bearer_methods_supported: None,
            members: Members::default(),
            findings: response::findings(response),
        };
        let mut is_named = false;
        for (name, value) in response::read(ENDPOINT, response)? {
            if name == "resource" && !value.is_null() {
                self.check_resource(value)?;
                is_named = true;
            } else {
                metadata.read(&name, value, self.policy)?;
            }
        }
        if !is_named {
            // RFC 9728 §2: "resource REQUIRED".
            return Err(Violation::new(Check::ResourceMetadataResourceMissing)
                .expected(self.resource.as_str())
                .received_nothing()
                .into());
        }
        Ok(metadata)
    }
}

impl ResourceMetadataRequest {
    /// "If these values are not identical, the data contained in the response MUST NOT be used"
    /// (RFC 9728 §3.3).
    fn check_resource(&self, value: Value<'_>) -> Result<(), Error> {
        let received = value.string().map_err(malformed)?;
        if received == self.resource.as_str() {
            return Ok(());
        }
        Err(Violation::new(Check::ResourceMetadataResource)
            .expected(self.resource.as_str())
            .received(received)
            .into())
    }
}

/// What a protected resource says of itself (RFC 9728 §2).
///
/// `signed_metadata` is kept among the [`members`](Self::members) and not verified.
#[derive(Clone, Debug)]
pub struct ResourceMetadata {
    resource: WebUri,
    authorization_servers: Vec<WebUri>,
    scopes_supported: Option<Scope>,
    bearer_methods_supported: Option<Vec<String>>,
    members: Members,
    findings: Vec<Finding>,
}

impl ResourceMetadata {
    /// A member that is read here counts as absent where it is null.
    fn read(&mut self, name: &str, value: Value<'_>, policy: UriPolicy) -> Result<(), Error> {
        match name {
            "resource" => {}
            "authorization_servers" | "scopes_supported" | "bearer_methods_supported"
                if value.is_null() => {}
            "authorization_servers" => self.authorization_servers = servers(value, policy)?,
            "scopes_supported" => self.scopes_supported = Some(scopes(value)?),
            "bearer_methods_supported" => {
                self.bearer_methods_supported = Some(value.strings().map_err(malformed)?);
            }
            _ => self.members.keep(name, value),
        }
        Ok(())
    }

    /// The resource identifier: the very one that was asked for.
    #[must_use]
    pub fn resource(&self) -> &WebUri {
        &self.resource
    }

    /// Issuers that give tokens for the resource, in its order; none where it names none.
    #[must_use]
    pub fn authorization_servers(&self) -> &[WebUri] {
        &self.authorization_servers
    }

    /// The scope values that are used at the resource; none where it does not say.
    #[must_use]
    pub fn scopes_supported(&self) -> Option<&Scope> {
        self.scopes_supported.as_ref()
    }

    /// Where the resource takes a bearer token: of `header`, `body` and `query`; none where it does not
    /// say. An empty list says that it takes no bearer token at all.
    #[must_use]
    pub fn bearer_methods_supported(&self) -> Option<&[String]> {
        self.bearer_methods_supported.as_deref()
    }

    /// Everything else that the resource says, by the member's name.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated in the answer.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// The scope that a challenge asks for (RFC 6750 §3), from the challenge that names the metadata
/// or else from the first for a bearer token; none where it asks for none.
///
/// # Errors
///
/// [`Error::Violation`] (`RESOURCE-CHALLENGE-SCOPE`) where it holds what no scope may hold.
pub fn challenged_scope(challenges: &Challenges) -> Result<Option<Scope>, Error> {
    let challenge = pointer(challenges).or_else(|| challenges.find("Bearer"));
    let Some(text) = challenge.and_then(|challenge| challenge.parameter("scope")) else {
        return Ok(None);
    };
    let scope = Scope::from(text);
    if let Some(token) = scope.forbidden_token() {
        return Err(Violation::new(Check::ResourceChallengeScope)
            .expected("printable ASCII but for quotes and backslashes")
            .received(token)
            .into());
    }
    Ok(Some(scope).filter(|scope| !scope.is_empty()))
}

const ENDPOINT: Endpoint = Endpoint::ResourceMetadata;

/// RFC 9728 §5.1: the challenge's parameter.
const POINTER: &str = "resource_metadata";

/// The challenge that names the document: a Bearer one, or else another
/// (RFC 9728 §5.1).
fn pointer(challenges: &Challenges) -> Option<&Challenge> {
    let points = |challenge: &&Challenge| challenge.parameter(POINTER).is_some();
    let is_bearer = |challenge: &&Challenge| challenge.scheme() == "bearer";
    let mut bearers = challenges.iter().filter(is_bearer);
    bearers
        .find(points)
        .or_else(|| challenges.iter().find(points))
}

fn identifier(resource: &str, policy: UriPolicy) -> Result<WebUri, Misuse> {
    WebUri::parse(resource, policy).map_err(|faults| Misuse::address(resource, faults))
}

/// "inserting a well-known URI string into the protected resource's resource identifier between the
/// host component and the path and/or query components" (RFC 9728 §3.1).
fn well_known(resource: &WebUri, policy: UriPolicy) -> Result<WebUri, Misuse> {
    // "any terminating slash (/) following the host component MUST be removed".
    let path = Some(resource.path()).filter(|path| *path != "/");
    let mut address = format!(
        "{}/.well-known/oauth-protected-resource{}",
        resource.origin(),
        path.unwrap_or_default()
    );
    if let Some(query) = resource.query() {
        address.push('?');
        address.push_str(query);
    }
    WebUri::parse(&address, policy).map_err(|faults| Misuse::address(resource.as_str(), faults))
}

/// RFC 9728 §2: "issuer identifiers, as defined in [RFC8414]".
fn servers(value: Value<'_>, policy: UriPolicy) -> Result<Vec<WebUri>, Error> {
    let texts = value.strings().map_err(malformed)?;
    let mut servers = Vec::with_capacity(texts.len());
    for text in texts {
        let server = WebUri::parse_issuer(&text, policy).map_err(|faults| {
            Violation::new(Check::ResourceMetadataServer)
                .expected(format!("an issuer without these faults: {faults}"))
                .received(text)
        })?;
        servers.push(server);
    }
    Ok(servers)
}

/// RFC 9728 §2: "scope values, as defined in OAuth 2.0".
fn scopes(value: Value<'_>) -> Result<Scope, Error> {
    let texts = value.strings().map_err(malformed)?;
    let scope: Scope = texts.iter().collect();
    let is_value = |text: &&String| text.is_empty() || text.contains(' ');
    let odd = texts.iter().find(is_value).map(String::as_str);
    if let Some(text) = odd.or_else(|| scope.forbidden_token()) {
        return Err(Violation::new(Check::ResourceMetadataScope)
            .expected("one scope value in each place")
            .received(text)
            .into());
    }
    Ok(scope)
}

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
