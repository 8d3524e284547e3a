//! Arriving at a resource that nothing is known of but its `401`: RFC 9728 §5, then RFC 8414 §3, then
//! RFC 7591 §3.
//!
//! ```text
//!   401 ──▶ AskingResource ──▶ Discovering ──▶ Registering ──▶ Done(Arrived)
//!           what it says of    the server       │                  ▲
//!           itself             that it names    └──────────────────┘
//!                                               (a client that is known there,
//!                                                or a metadata document)
//! ```
//!
//! At most five requests: one for the resource's metadata, up to three for the server's, one to
//! register. Compared on the way: the origin of the address in the challenge, the resource in its
//! metadata, the issuer in the server's metadata, and the issuer that a known client belongs to.

use std::fmt;

use http::HeaderMap;
use http::Response;

use crate::base::challenge;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Metadata;
use crate::domain::scope::Scope;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::client_document::ClientDocument;
use crate::endpoint::client_metadata::ClientMetadata;
use crate::endpoint::registration::ClientRegistration;
use crate::endpoint::registration::Registration;
use crate::endpoint::resource_metadata::ResourceMetadata;
use crate::endpoint::resource_metadata::ResourceMetadataRequest;
use crate::endpoint::resource_metadata::challenged_scope;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::discover::Discover;

/// From a `401` to all that is needed to send the user away: the server that gives tokens for the
/// resource, a client that it knows, the scope, and the resource indicator.
///
/// The client is, in this order: one that is known at the server ([`known`](Self::known),
/// [`registered`](Self::registered)), the metadata document where the server reads such
/// ([`client_document`](Self::client_document)), or one that is registered on the spot.
///
/// The resource decides which server the user is sent to, and which addresses are fetched: where the
/// resource comes from someone untrusted, look at the addresses of the requests before you send them
/// (RFC 9728 §7.7).
///
/// ```
/// use http::header::WWW_AUTHENTICATE;
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::endpoint::client_metadata::ClientMetadata;
/// use oauth_proto::flow::{Flow, Step, arrival::Arrival};
///
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let refused = http::Response::builder()
///     .status(401)
///     .header(WWW_AUTHENTICATE, r#"Bearer resource_metadata="https://api.example/about""#)
///     .body(())
///     .unwrap();
/// let myself = ClientMetadata::new(["https://app.example/callback"]);
/// let arrival = Arrival::new("https://api.example/mail", refused.headers(), myself)?;
/// match arrival.begin(now)? {
///     Step::Send(request, _sent) => assert_eq!(request.uri(), "https://api.example/about"),
///     other => panic!("{other:?}"),
/// }
/// // … and in the end: client.authorize(now, arrived.authorization_request())
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "a flow does nothing until it is run"]
pub struct Arrival {
    stage: Stage,
}

enum Stage {
    /// The resource is asked what it says of itself.
    AskingResource(Call<ResourceMetadataRequest>, Plan),
    /// The metadata of the resource's server are looked for.
    Discovering(Discover, Found),
    /// The server is asked to register the client.
    Registering(Call<ClientRegistration>, Box<Met>),
}

/// What the caller and the challenge said.
struct Plan {
    metadata: ClientMetadata,
    policy: UriPolicy,
    scope: Option<Scope>,
    issuer: Option<String>,
    known: Vec<Known>,
    document: Option<ClientDocument>,
    authentication: Option<Authentication>,
}

/// A client that one server knows already.
enum Known {
    Client(String, String, Authentication),
    Registration(Registration),
}

impl Known {
    fn issuer(&self) -> Option<&str> {
        match self {
            Self::Client(issuer, ..) => Some(issuer),
            Self::Registration(registration) => registration.issuer(),
        }
    }
}

/// The resource is known.
struct Found {
    plan: Plan,
    resource: ResourceMetadata,
}

/// The resource and its server are known.
struct Met {
    found: Found,
    server: Metadata,
}

impl Arrival {
    /// Arrives at `resource`, which answered with these headers, by https. `metadata` is what the client
    /// would register; its first redirect URI is where users come back to.
    ///
    /// # Errors
    ///
    /// Those of [`ResourceMetadataRequest::challenged`] and [`challenged_scope`].
    pub fn new(
        resource: &str,
        headers: &HeaderMap,
        metadata: ClientMetadata,
    ) -> Result<Self, Error> {
        Self::with_uri_policy(resource, headers, metadata, UriPolicy::default())
    }

    /// The same, all addresses held to `policy`.
    ///
    /// # Errors
    ///
    /// Those of [`Arrival::new`].
    pub fn with_uri_policy(
        resource: &str,
        headers: &HeaderMap,
        metadata: ClientMetadata,
        policy: UriPolicy,
    ) -> Result<Self, Error> {
        metadata.check()?;
        let challenges = challenge::challenges(headers);
        let request = ResourceMetadataRequest::challenged(resource, &challenges, policy)?;
        let plan = Plan {
            metadata,
            policy,
            scope: challenged_scope(&challenges)?,
            issuer: None,
            known: Vec::new(),
            document: None,
            authentication: None,
        };
        Ok(Self::asking(Call::new(request), plan))
    }

    /// Takes this server, which must be one of the resource's. Otherwise it is the first that knows the
    /// client, or else the first.
    pub fn authorization_server(self, issuer: impl Into<String>) -> Self {
        self.with(|plan| plan.issuer = Some(issuer.into()))
    }

    /// At `issuer`, and nowhere else, the client is known by this identifier.
    pub fn known(
        self,
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        authentication: Authentication,
    ) -> Self {
        let known = Known::Client(issuer.into(), client_id.into(), authentication);
        self.with(|plan| plan.known.push(known))
    }

    /// The client was registered before. It is used at the server that it was registered at, and
    /// nowhere else.
    pub fn registered(self, registration: Registration) -> Self {
        self.with(|plan| plan.known.push(Known::Registration(registration)))
    }

    /// The client has published this document: its address is the identifier at every server that says
    /// `client_id_metadata_document_supported`.
    pub fn client_document(self, document: ClientDocument) -> Self {
        self.with(|plan| plan.document = Some(document))
    }

    /// The client authenticates by this where it is to authenticate by this method: by its registration,
    /// or by its document. Needed for the methods that take a key of the client's, such as
    /// `private_key_jwt`; a secret comes with the registration.
    pub fn authentication(self, authentication: Authentication) -> Self {
        self.with(|plan| plan.authentication = Some(authentication))
    }

    fn with(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(match &mut self.stage {
            Stage::AskingResource(_, plan) => plan,
            Stage::Discovering(_, found) => &mut found.plan,
            Stage::Registering(_, met) => &mut met.found.plan,
        });
        self
    }

    fn asking(call: Call<ResourceMetadataRequest>, plan: Plan) -> Self {
        Self {
            stage: Stage::AskingResource(call, plan),
        }
    }

    fn discovering(discover: Discover, found: Found) -> Self {
        Self {
            stage: Stage::Discovering(discover, found),
        }
    }

    fn registering(call: Call<ClientRegistration>, met: Met) -> Self {
        Self {
            stage: Stage::Registering(call, Box::new(met)),
        }
    }

    fn asked(
        step: Step<Call<ResourceMetadataRequest>>,
        plan: Plan,
        now: UnixTime,
    ) -> Result<Step<Self>, Error> {
        step.stage(plan, Self::asking, |resource, plan| {
            let server = plan.server(&resource)?;
            let discover = Discover::with_uri_policy(server.as_str(), plan.policy)?;
            Self::discovered(discover.advance(now)?, Found { plan, resource }, now)
        })
    }

    fn discovered(step: Step<Discover>, found: Found, now: UnixTime) -> Result<Step<Self>, Error> {
        step.stage(found, Self::discovering, |server, found| {
            Met { found, server }.introduce(now)
        })
    }

    fn introduced(step: Step<Call<ClientRegistration>>, met: Met) -> Result<Step<Self>, Error> {
        step.stage(met, Self::registering, |registration, met| {
            let client = met
                .found
                .plan
                .registered(&registration, met.server.clone())?;
            met.arrive(client, Some(registration))
        })
    }
}

impl Plan {
    fn server(&self, resource: &ResourceMetadata) -> Result<WebUri, Unsupported> {
        let servers = resource.authorization_servers();
        let is_known = |server: &&WebUri| self.known_at(server.as_str()).is_some();
        let server = match &self.issuer {
            Some(issuer) => servers.iter().find(|server| server.as_str() == issuer),
            None => servers.iter().find(is_known).or_else(|| servers.first()),
        };
        server.cloned().ok_or(Unsupported::AuthorizationServer)
    }

    fn registered(&self, registration: &Registration, server: Metadata) -> Result<Client, Error> {
        match &self.authentication {
            Some(it) if takes_key(it.method()) && it.method() == registration.method() => {
                registration.client_with(server, it.clone())
            }
            _ => registration.client(server),
        }
    }

    /// What a client authenticates by that says this of itself.
    fn authentication_of(&self, metadata: &ClientMetadata) -> Result<Authentication, Unsupported> {
        let method = metadata.token_endpoint_auth_method().unwrap_or("none");
        match &self.authentication {
            Some(it) if it.method() == method => Ok(it.clone()),
            _ if method == "none" => Ok(Authentication::None),
            _ => Err(Unsupported::AuthenticationMethod(method.to_owned())),
        }
    }

    fn known_at(&self, issuer: &str) -> Option<&Known> {
        self.known
            .iter()
            .find(|known| known.issuer() == Some(issuer))
    }
}

impl Met {
    fn introduce(self, now: UnixTime) -> Result<Step<Arrival>, Error> {
        let plan = &self.found.plan;
        let issuer = self.server.issuer().map_or("", WebUri::as_str);
        let server = || self.server.clone();
        let client = match (plan.known_at(issuer), &plan.document) {
            (Some(Known::Client(_, client_id, authentication)), _) => {
                Client::new(server(), client_id.as_str(), authentication.clone())?
            }
            (Some(Known::Registration(registration)), _) => {
                plan.registered(registration, server())?
            }
            (None, Some(document)) if reads_documents(&self.server) => {
                let authentication = plan.authentication_of(document.metadata())?;
                Client::new(server(), document.client_id(), authentication)?
            }
            (None, _) => {
                // Before the server has registered a client that nobody could be.
                if plan
                    .metadata
                    .token_endpoint_auth_method()
                    .is_some_and(takes_key)
                {
                    plan.authentication_of(&plan.metadata)?;
                }
                let register = ClientRegistration::new(&self.server, plan.metadata.clone())?;
                return Arrival::introduced(Call::new(register).advance(now)?, self);
            }
        };
        self.arrive(client, None)
    }

    fn arrive(
        self,
        mut client: Client,
        registration: Option<Registration>,
    ) -> Result<Step<Arrival>, Error> {
        let Found { plan, resource } = self.found;
        if let Some(redirect_uri) = plan.metadata.redirect_uris().next() {
            client = client.with_redirect_uri(redirect_uri)?;
        }
        let scope = plan
            .scope
            .or_else(|| resource.scopes_supported().cloned())
            .unwrap_or_default();
        Ok(Step::Done(Arrived {
            client,
            scope,
            resource,
            registration,
        }))
    }
}

/// draft-ietf-oauth-client-id-metadata-document-01, section 5.
fn reads_documents(server: &Metadata) -> bool {
    let name = "client_id_metadata_document_supported";
    matches!(server.members().member(name), Ok(Some(true)))
}

/// Whether a client authenticates by what no registration brings.
fn takes_key(method: &str) -> bool {
    matches!(method, "private_key_jwt" | "attest_jwt_client_auth")
}

impl Flow for Arrival {
    type Output = Arrived;
}

impl Machine for Arrival {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::AskingResource(call, plan) => Self::asked(call.advance(now)?, plan, now),
            Stage::Discovering(flow, found) => Self::discovered(flow.advance(now)?, found, now),
            Stage::Registering(call, met) => Self::introduced(call.advance(now)?, *met),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::AskingResource(call, plan) => {
                Self::asked(call.answer(now, response)?, plan, now)
            }
            Stage::Discovering(flow, found) => {
                Self::discovered(flow.answer(now, response)?, found, now)
            }
            Stage::Registering(call, met) => Self::introduced(call.answer(now, response)?, *met),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::AskingResource(call, plan) => {
                Self::asked(call.signed(now, signature)?, plan, now)
            }
            Stage::Discovering(flow, found) => {
                Self::discovered(flow.signed(now, signature)?, found, now)
            }
            Stage::Registering(call, met) => Self::introduced(call.signed(now, signature)?, *met),
        }
    }

    /// A lost registration may have happened: the failure goes back to the caller.
    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::AskingResource(..) => "Arrival(asking resource)",
            Stage::Discovering(..) => "Arrival(discovering)",
            Stage::Registering(..) => "Arrival(registering)",
        })
    }
}

/// Where an arrival ends: all that is needed to send the user away.
#[derive(Debug)]
pub struct Arrived {
    client: Client,
    scope: Scope,
    resource: ResourceMetadata,
    registration: Option<Registration>,
}

impl Arrived {
    /// The client, at the server that gives tokens for the resource.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The scope that the challenge asks for; all that the resource knows where it asks for none;
    /// empty, and so left out, where the resource does not say either.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What the resource says of itself.
    #[must_use]
    pub fn resource(&self) -> &ResourceMetadata {
        &self.resource
    }

    /// The registration that was made on the way; none where none was. Store it, and give it to
    /// [`Arrival::registered`] the next time.
    #[must_use]
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// The request to send the user away with: the scope, and the resource as its indicator
    /// (RFC 8707 §2).
    #[must_use]
    pub fn authorization_request(&self) -> AuthorizationRequest<'_> {
        AuthorizationRequest::new(self.scope.clone()).resource(self.resource.resource().as_str())
    }
}
