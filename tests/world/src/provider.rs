//! The provider: requests in, responses out, the clock an argument.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use http::Request;
use http::Response;

use crate::answer::Answer;
use crate::endpoint;
use crate::endpoint::Endpoint;
use crate::endpoint::authorization::Asked;
use crate::endpoint::dpop;
use crate::endpoint::dpop::Proofs;
use crate::endpoint::oauth1;
use crate::endpoint::polling::Waiting;
use crate::endpoint::pushed::Pushed;
use crate::endpoint::registration::Registered;
use crate::endpoint::resource_metadata;
use crate::endpoint::webfinger;
use crate::grants::Grants;
use crate::html;
use crate::incoming::Incoming;
use crate::jose::Jose;
use crate::log::Exchange;
use crate::log::WireLog;
use crate::mutation::Mutation;
use crate::oauth1::OAuth1;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;
use crate::settings::Place;
use crate::settings::Settings;

/// An authorization server, an OIDC provider and an API in memory.
///
/// It is strict: what a careless client sends is refused *and* recorded as a complaint, so that a
/// test of a flow ends with `assert!(provider.complaints().is_empty())`. It misbehaves only when
/// told to, by a [`Mutation`].
#[derive(Clone, Debug)]
pub struct Provider {
    /// How it behaves when it behaves.
    pub settings: Settings,
    /// What it verifies and decrypts with.
    pub jose: Option<Jose>,
    issuer: String,
    pub(crate) clients: BTreeMap<String, ClientRecord>,
    /// Registrations that their clients may manage, by client.
    pub(crate) registered: BTreeMap<String, Registered>,
    pub(crate) grants: Grants,
    /// Authorization requests that wait for a human, by ticket.
    pub(crate) waiting: BTreeMap<String, Asked>,
    /// What waits for a user who is elsewhere, by device code or `auth_req_id`.
    pub(crate) waits: BTreeMap<String, Waiting>,
    /// Authorization requests that were pushed, by reference.
    pub(crate) pushed: BTreeMap<String, Pushed>,
    /// Values that may serve one authorization request only, with the request they served.
    pub(crate) spent: BTreeMap<String, String>,
    /// Identifiers of JWTs that were seen, with their clients.
    pub(crate) jtis: BTreeSet<String>,
    /// The challenge that the next proof of an attested client must hold.
    pub(crate) challenge: Option<String>,
    /// What is remembered of proofs of possession.
    pub(crate) proofs: Proofs,
    /// The wing of OAuth 1.0a: its settings, and what it gave.
    pub oauth1: OAuth1,
    orders: Vec<Order>,
    complaints: Vec<String>,
    log: WireLog,
}

/// A mutation and how many answers of its endpoint there have been since it was given.
#[derive(Clone, Debug)]
struct Order {
    mutation: Mutation,
    answers: usize,
}

impl Provider {
    /// A provider with the default settings and no clients. The issuer is a URL such as
    /// `https://id.example` or `https://id.example/tenant`; every endpoint is under it.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        Self {
            settings: Settings::default(),
            issuer: issuer.to_owned(),
            clients: BTreeMap::new(),
            registered: BTreeMap::new(),
            grants: Grants::new(issuer),
            waiting: BTreeMap::new(),
            waits: BTreeMap::new(),
            pushed: BTreeMap::new(),
            spent: BTreeMap::new(),
            jtis: BTreeSet::new(),
            challenge: None,
            proofs: Proofs::default(),
            jose: None,
            oauth1: OAuth1::new(issuer),
            orders: Vec::new(),
            complaints: Vec::new(),
            log: WireLog::default(),
        }
    }

    /// Adds a client, or replaces the one of the same id.
    pub fn register(&mut self, client: ClientRecord) {
        self.clients.insert(client.id.clone(), client);
    }

    /// The same, for building a provider in one expression.
    #[must_use]
    pub fn with(mut self, client: ClientRecord) -> Self {
        self.register(client);
        self
    }

    /// Answers a request at `now`, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// The target is an absolute URL of this provider, or a path with a `Host` header.
    pub fn handle(&mut self, now: u64, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let endpoint = self.endpoint(request.uri().path());
        let incoming = Incoming {
            now,
            endpoint,
            request,
        };
        let mut answer = self
            .check_target(&incoming)
            .and_then(|()| endpoint::answer(self, &incoming))
            .unwrap_or_else(|refusal| {
                self.complain(endpoint, &refusal);
                match endpoint {
                    Endpoint::OAuth1 => oauth1::refused(&refusal),
                    Endpoint::Authorization | Endpoint::Consent | Endpoint::EndSession => {
                        Answer::page(refusal.status, html::error(&refusal.description))
                    }
                    _ => refusal.answer(),
                }
            });
        answer = dpop::remark(self, endpoint, answer);
        self.spoil(endpoint, &mut answer);
        let (response, faults) = answer.response();
        let faults = faults.iter().map(|fault| format!("world: {fault}"));
        self.complaints.extend(faults);
        self.log.push(Exchange {
            at: now,
            endpoint,
            request: request.clone(),
            response: response.clone(),
        });
        response
    }

    /// Orders misbehaviour. Several orders for one endpoint are carried out in turn.
    pub fn mutate(&mut self, mutation: Mutation) {
        let answers = 0;
        self.orders.push(Order { mutation, answers });
    }

    /// Takes back every order.
    pub fn behave(&mut self) {
        self.orders.clear();
    }

    /// What clients did wrong so far, in words.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// Every exchange so far, in order.
    #[must_use]
    pub fn log(&self) -> &WireLog {
        &self.log
    }

    /// The issuer identifier, as it was given.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The URL of a path below the issuer: `url("/token")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.trim_end_matches('/'))
    }

    /// The URL of a metadata document.
    #[must_use]
    pub fn document_url(&self, place: Place) -> String {
        format!("{}{}", self.origin(), self.document_path(place))
    }

    /// Scheme and authority of the issuer.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.split().0
    }

    /// Whether an access token or a refresh token works at that time.
    #[must_use]
    pub fn honours(&self, now: u64, token: &str) -> bool {
        self.grants.access(now, token).is_some()
            || self.grants.refreshes(now, token, &self.settings.refresh)
    }

    /// Ends every access token there is; refresh tokens go on.
    pub fn end_access_tokens(&mut self) {
        self.grants.access_tokens.clear();
    }

    /// Ends every grant, as a user does who takes back the consent.
    pub fn end_grants(&mut self) {
        let tokens = self.grants.refresh_tokens.values();
        let families: Vec<_> = tokens.map(|token| token.grant.family).collect();
        self.end_access_tokens();
        for family in families {
            self.grants.revoke(family);
        }
    }

    /// Records what a client did wrong, if it did.
    pub(crate) fn complain(&mut self, endpoint: Endpoint, refusal: &Refusal) {
        if refusal.careless {
            let complaint = format!("{endpoint:?}: {}", refusal.description);
            self.complaints.push(complaint);
        }
    }

    /// Records that bytes came over a socket that are no HTTP request.
    pub(crate) fn complain_of_bytes(&mut self, fault: &str) {
        self.complaints.push(format!("HTTP: {fault}"));
    }

    /// The endpoint at a path.
    pub(crate) fn endpoint(&self, path: &str) -> Endpoint {
        let at = |document: &&crate::settings::Document| self.document_path(document.place) == path;
        if let Some(document) = self.settings.documents.iter().find(at) {
            return Endpoint::of_document(document.place);
        }
        if path == webfinger::PATH {
            return Endpoint::WebFinger;
        }
        if resource_metadata::path_of_resource(self, path).is_some() {
            return Endpoint::ResourceMetadata;
        }
        path.strip_prefix(self.base_path())
            .map_or(Endpoint::Unknown, Endpoint::at)
    }

    /// The path of a metadata document.
    pub(crate) fn document_path(&self, place: Place) -> String {
        const OPENID: &str = "/.well-known/openid-configuration";
        const OAUTH: &str = "/.well-known/oauth-authorization-server";
        let base = self.base_path();
        match place {
            Place::OpenidAppended => format!("{base}{OPENID}"),
            Place::OpenidInserted => format!("{OPENID}{base}"),
            Place::OauthInserted => format!("{OAUTH}{base}"),
            Place::OauthAppended => format!("{base}{OAUTH}"),
        }
    }

    /// The request is for this server, and names it once.
    fn check_target(&self, incoming: &Incoming<'_>) -> Result<(), Refusal> {
        let uri = incoming.request.uri();
        let (_, authority) = self.origin().split_once("://").unwrap_or_default();
        let origin = match (uri.scheme_str(), uri.authority()) {
            (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
            _ => self.origin().to_owned(),
        };
        if origin != self.origin() {
            let fault = format!("{origin} is not {}", self.origin());
            return Err(Refusal::request(fault).status(421));
        }
        let host = incoming.header("host")?;
        // RFC 9112 §3.2: "A client MUST send a Host header field in all HTTP/1.1 request messages."
        if host.unwrap_or(authority) != authority || (host.is_none() && uri.scheme().is_none()) {
            let fault = format!("Host is not {authority}");
            return Err(Refusal::request(fault).status(421));
        }
        Ok(())
    }

    fn spoil(&mut self, endpoint: Endpoint, answer: &mut Answer) {
        for order in &mut self.orders {
            if !order.mutation.endpoint.covers(endpoint) {
                continue;
            }
            if order.mutation.strikes(order.answers) {
                for change in &order.mutation.changes {
                    change.apply(answer);
                }
            }
            order.answers += 1;
        }
    }

    /// The path of the issuer, empty where it has none.
    pub(crate) fn base_path(&self) -> &str {
        self.split().1
    }

    /// Origin and path of the issuer.
    fn split(&self) -> (&str, &str) {
        let issuer = self.issuer.trim_end_matches('/');
        let authority = issuer.find("://").map_or(0, |place| place + 3);
        let rest = issuer.get(authority..).unwrap_or_default();
        let path = rest
            .find('/')
            .map_or(issuer.len(), |place| authority + place);
        issuer.split_at(path)
    }
}
