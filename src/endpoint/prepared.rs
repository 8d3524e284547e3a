//! An authorization request made ready (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9449 §10): checked, its secrets drawn,
//! and written by the one writer of its parameters, be it into a URL or into a body.

use std::borrow::Cow;
use std::mem;
use std::sync::Arc;

use crate::base::form::Form;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
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

/// Checks an authorization request, draws what it does not give, and takes out of it what is kept until
/// the user comes back.
pub(crate) fn take_pending(
    client: &Client,
    request: &mut AuthorizationRequest<'_>,
    now: UnixTime,
) -> Result<Pending, Error> {
    request.check()?;
    let has_openid = request.scope.has_openid();
    if has_openid {
        client.check_identity()?;
    }
    check_policy(client, request)?;
    client.check_proofs()?;
    Ok(Pending {
        redirect_uri: redirect_uri(client, request)?,
        handshake: handshake(client, request, has_openid)?,
        demands: demands(request)?,
        server: client.server().clone(),
        client_id: client.shared_client_id(),
        response_type: request.response_type,
        scope: mem::take(&mut request.scope),
        resource: mem::take(&mut request.resource),
        is_jwt: request.is_answered_by_jwt(),
        jkt: jkt(client, request),
        expires_at: now.saturating_add(request.lifetime),
    })
}

/// An authorization request that is ready to be written: what is said, and what is kept of it.
#[derive(Clone, Copy)]
pub(crate) struct Prepared<'a> {
    pub(crate) client: &'a Client,
    /// Without its scope and its resources, which are in `pending`.
    pub(crate) request: &'a AuthorizationRequest<'a>,
    pub(crate) pending: &'a Pending,
}

impl Prepared<'_> {
    /// Writes every parameter; `client_id` among them unless the client's authentication writes it.
    pub(crate) fn write(&self, form: &mut Form, client_id: ClientId) {
        let Self {
            client,
            request,
            pending,
        } = *self;
        self.write_head(form, client_id);
        if !pending.scope.is_empty() {
            form.push("scope", &self.scope());
        }
        form.push("state", pending.handshake.state());
        if let Some(nonce) = pending.handshake.nonce() {
            form.push("nonce", nonce);
        }
        if let Some(verifier) = pending.handshake.verifier() {
            write_challenge(client, request.challenge, verifier, form);
        }
        if let Some(thumbprint) = &pending.jkt {
            form.push_raw("dpop_jkt", thumbprint);
        }
        for (name, value) in request.named.iter() {
            form.push(name, value);
        }
        for resource in &pending.resource {
            form.push("resource", resource);
        }
        request.extra.write(form);
    }

    /// `response_type`, `client_id` and `redirect_uri`.
    fn write_head(&self, form: &mut Form, client_id: ClientId) {
        let Self {
            client, pending, ..
        } = *self;
        let is_ordinary = client_id == ClientId::Here && pending.response_type.is_code();
        let head = client.code_request_head(&pending.redirect_uri);
        if let Some(head) = head.filter(|_| is_ordinary) {
            form.append_pairs(head);
            return;
        }
        form.push("response_type", pending.response_type.as_str());
        if client_id == ClientId::Here {
            form.push("client_id", client.client_id());
        }
        client.write_redirect_uri(&pending.redirect_uri, form);
    }

    /// The scope as the server wants it.
    fn scope(&self) -> Cow<'_, str> {
        let scope = self.pending.scope.as_str();
        if self.client.quirks().has(Quirk::CommaScopeRequest) {
            return Cow::Owned(scope.replace(' ', ","));
        }
        Cow::Borrowed(scope)
    }

    /// Every parameter, as a form of its own.
    pub(crate) fn form(&self, client_id: ClientId) -> Form {
        let mut form = Form::with_capacity(self.capacity());
        self.write(&mut form, client_id);
        form
    }

    /// Room for the parameters of an ordinary request, so that a buffer is allocated once.
    pub(crate) fn capacity(&self) -> usize {
        // Names, `=`, `&`, a state, a nonce and a challenge come to less than 256.
        256 + self.request.named.capacity()
            + self.request.extra.capacity()
            + self.client.client_id().len()
            + self.pending.jkt.as_ref().map_or(0, |jkt| 16 + jkt.len())
            + 2 * (self.pending.redirect_uri.len() + self.pending.scope.as_str().len())
    }
}

/// The thumbprint of the key that a code is bound to (RFC 9449 §10); none where no code is asked for.
fn jkt(client: &Client, request: &AuthorizationRequest<'_>) -> Option<Arc<str>> {
    let dpop = client.dpop()?;
    (request.response_type.has_code()).then(|| dpop.shared_thumbprint())
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
    form.append_pairs("code_challenge_method=S256");
}
