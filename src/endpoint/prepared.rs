//! An authorization request made ready (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9449 §10): checked, its secrets drawn,
//! and written by the one writer of its parameters, be it into a URL or into a body.

use std::borrow::Cow;
use std::mem;
use std::sync::Arc;

use crate::base::form::Form;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::dpop::Dpop;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::pkce;
use crate::domain::pkce::Challenge;
use crate::domain::policy::Demand;
use crate::domain::quirks::Quirk;
use crate::domain::redirect_uri;
use crate::domain::request_objects::RequestObjects;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::demands::Demands;
use crate::endpoint::pending::Handshake;
use crate::endpoint::pending::Pending;
use crate::endpoint::pending::Wanted;

/// What makes an authorization request of one client complete.
pub(crate) struct Prepared<'c> {
    client: &'c Client,
    redirect_uri: Arc<str>,
    handshake: Handshake,
    demands: Option<Box<Demands>>,
}

impl<'c> Prepared<'c> {
    /// Checks the request and draws what it does not give.
    pub(crate) fn new(
        client: &'c Client,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Self, Error> {
        request.check()?;
        let has_openid = request.scope.has_openid();
        if has_openid {
            client.check_identity()?;
        }
        check_policy(client, request)?;
        client.check_proofs()?;
        Ok(Self {
            redirect_uri: redirect_uri(client, request)?,
            handshake: handshake(client, request, has_openid)?,
            demands: demands(request)?,
            client,
        })
    }

    /// Writes every parameter; `client_id` among them unless the client's authentication writes it.
    pub(crate) fn write(
        &self,
        request: &AuthorizationRequest<'_>,
        form: &mut Form,
        client_id: ClientId,
    ) {
        self.write_head(request, form, client_id);
        if !request.scope.is_empty() {
            form.push("scope", &self.scope(request));
        }
        form.push("state", self.handshake.state());
        if let Some(nonce) = self.handshake.nonce() {
            form.push("nonce", nonce);
        }
        if let Some(verifier) = self.handshake.verifier() {
            write_challenge(self.client, request.challenge, verifier, form);
        }
        if let Some(thumbprint) = self.thumbprint(request) {
            form.push_raw("dpop_jkt", thumbprint);
        }
        for (name, value) in request.named.iter() {
            form.push(name, value);
        }
        for resource in &request.resource {
            form.push("resource", resource);
        }
        request.extra.write(form);
    }

    /// `response_type`, `client_id` and `redirect_uri`.
    fn write_head(&self, request: &AuthorizationRequest<'_>, form: &mut Form, client_id: ClientId) {
        let is_ordinary = client_id == ClientId::Here && request.response_type.is_code();
        let head = self.client.code_request_head(&self.redirect_uri);
        if let Some(head) = head.filter(|_| is_ordinary) {
            form.append_pairs(head);
            return;
        }
        form.push("response_type", request.response_type.as_str());
        if client_id == ClientId::Here {
            form.push("client_id", self.client.client_id());
        }
        self.client.write_redirect_uri(&self.redirect_uri, form);
    }

    /// The scope as the server wants it.
    fn scope<'r>(&self, request: &'r AuthorizationRequest<'_>) -> Cow<'r, str> {
        let scope = request.scope.as_str();
        if self.client.quirks().has(Quirk::CommaScopeRequest) {
            return Cow::Owned(scope.replace(' ', ","));
        }
        Cow::Borrowed(scope)
    }

    /// The thumbprint of the key that a code is bound to (RFC 9449 §10); none where no code is asked for.
    fn thumbprint(&self, request: &AuthorizationRequest<'_>) -> Option<&'c str> {
        let key = self.client.dpop_key()?;
        (request.response_type.has_code()).then(|| key.thumbprint())
    }

    /// Every parameter, as a form of its own.
    pub(crate) fn form(&self, request: &AuthorizationRequest<'_>, client_id: ClientId) -> Form {
        let mut form = Form::with_capacity(self.capacity(request));
        self.write(request, &mut form, client_id);
        form
    }

    /// Room for the parameters of an ordinary request, so that a buffer is allocated once.
    pub(crate) fn capacity(&self, request: &AuthorizationRequest<'_>) -> usize {
        // Names, `=`, `&`, a state, a nonce and a challenge come to less than 256.
        256 + request.named.capacity()
            + request.extra.capacity()
            + self.client.client_id().len()
            + self
                .thumbprint(request)
                .map_or(0, |thumbprint| 16 + thumbprint.len())
            + 2 * (self.redirect_uri.len() + request.scope.as_str().len())
    }

    /// What is kept of it until the user comes back.
    pub(crate) fn into_pending(
        self,
        request: &mut AuthorizationRequest<'_>,
        now: UnixTime,
    ) -> Pending {
        Pending {
            is_jwt: request.is_answered_by_jwt(),
            jkt: self
                .thumbprint(request)
                .and_then(|_| self.client.dpop())
                .map(Dpop::shared_thumbprint),
            demands: self.demands,
            server: self.client.server().clone(),
            client_id: self.client.shared_client_id(),
            redirect_uri: self.redirect_uri,
            response_type: request.response_type,
            handshake: self.handshake,
            scope: mem::take(&mut request.scope),
            resource: request.resource.drain(..).map(Cow::into_owned).collect(),
            expires_at: now.saturating_add(request.lifetime),
        }
    }
}

/// What the client's policy demands of the client, and of an authorization request.
fn check_policy(client: &Client, request: &AuthorizationRequest<'_>) -> Result<(), Misuse> {
    let policy = client.policy();
    client.check_policy()?;
    let objects = client.request_objects();
    let is_signed = objects.is_some_and(RequestObjects::is_brief);
    policy.check(Demand::CodeOnly, request.response_type.is_code())?;
    policy.check(Demand::ProofKey, request.challenge == Challenge::S256)?;
    policy.check(Demand::SignedRequests, is_signed)?;
    policy.check(Demand::SignedResponses, request.is_answered_by_jwt())
}

/// Where `client_id` is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientId {
    /// Among the other parameters.
    Here,
    /// By the client's authentication.
    Elsewhere,
}

/// What is demanded of the ID token: by parameters with names of their own.
fn demands(request: &AuthorizationRequest<'_>) -> Result<Option<Box<Demands>>, Misuse> {
    if request.named.is_empty() {
        return Ok(None);
    }
    Demands::of(request).map(Demands::kept)
}

fn redirect_uri(client: &Client, request: &AuthorizationRequest<'_>) -> Result<Arc<str>, Error> {
    match &request.redirect_uri {
        Some(own) => {
            redirect_uri::check(own)?;
            Ok(Arc::from(&**own))
        }
        None => client
            .shared_redirect_uri()
            .ok_or_else(|| Misuse::NoRedirectUri.into()),
    }
}

fn handshake(
    client: &Client,
    request: &AuthorizationRequest<'_>,
    has_openid: bool,
) -> Result<Handshake, Error> {
    let nonce = match &request.nonce {
        Some(nonce) => Wanted::Given(nonce),
        None if has_openid => Wanted::Drawn,
        None => Wanted::Absent,
    };
    let verifier = match (request.challenge, &request.verifier) {
        // A proof key proves who redeems a code; without a code there is nothing to prove.
        _ if !request.response_type.has_code() => Wanted::Absent,
        (Challenge::Absent, _) => Wanted::Absent,
        (_, Some(verifier)) => Wanted::Given(verifier),
        (_, None) => Wanted::Drawn,
    };
    let handshake = Handshake::draw(client.crypto(), request.state.as_deref(), nonce, verifier)?;
    Ok(handshake)
}

fn write_challenge(client: &Client, challenge: Challenge, verifier: &str, form: &mut Form) {
    if challenge == Challenge::Plain {
        form.push("code_challenge", verifier);
        form.push("code_challenge_method", "plain");
        return;
    }
    let mut buffer = [0; pkce::S256_LENGTH];
    form.push_raw(
        "code_challenge",
        pkce::s256(client.crypto(), verifier, &mut buffer),
    );
    form.push_raw("code_challenge_method", "S256");
}
