//! An authorization request made ready (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9449 §10): checked, its secrets drawn,
//! and written by the one writer of its parameters, be it into a URL or into a body.

use std::borrow::Cow;
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
use crate::domain::recipient::Recipient;
use crate::domain::redirect_uri;
use crate::domain::request_objects::RequestObjects;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::demands::Demands;
use crate::endpoint::handshake::Handshake;
use crate::endpoint::handshake::Wanted;
use crate::endpoint::pending::Kept;
use crate::endpoint::pending::Pending;

/// An authorization request that is ready to be written.
pub(crate) struct Prepared<'a> {
    client: &'a Client,
    /// Without its resources, which are in `kept`.
    request: AuthorizationRequest<'a>,
    recipient: Arc<Recipient>,
    handshake: Handshake,
    kept: Option<Box<Kept>>,
}

impl<'a> Prepared<'a> {
    /// Checks the request, and draws what it does not give.
    pub(crate) fn new(
        client: &'a Client,
        mut request: AuthorizationRequest<'a>,
    ) -> Result<Self, Error> {
        check(client, &request)?;
        Ok(Self {
            recipient: recipient(client, &request)?,
            kept: kept(client, &mut request)?,
            handshake: handshake(client, &request)?,
            client,
            request,
        })
    }

    /// What is kept until the user comes back.
    pub(crate) fn into_pending(self, now: UnixTime) -> Pending {
        let besides = self.request.besides();
        Pending {
            is_jwt: besides.is_answered_by_jwt(),
            expires_at: now.saturating_add(besides.lifetime),
            recipient: self.recipient,
            response_type: self.request.response_type,
            handshake: self.handshake,
            kept: self.kept,
            scope: self.request.scope,
        }
    }

    /// Writes every parameter; `client_id` among them unless the client's authentication writes it.
    pub(crate) fn write(&self, form: &mut Form, client_id: ClientId) {
        let Self {
            client, request, ..
        } = self;
        self.write_head(form, client_id);
        if !request.scope.is_empty() {
            form.push("scope", &self.scope());
        }
        form.push("state", self.handshake.state());
        if let Some(nonce) = self.handshake.nonce() {
            form.push("nonce", nonce);
        }
        if let Some(verifier) = self.handshake.verifier() {
            write_challenge(client, request.challenge, verifier, form);
        }
        if let Some(thumbprint) = self.kept.as_ref().and_then(|kept| kept.jkt.as_ref()) {
            form.push_raw("dpop_jkt", thumbprint);
        }
        let besides = request.besides();
        for (name, value) in besides.named.iter() {
            form.push(name, value);
        }
        for resource in self.kept.iter().flat_map(|kept| &kept.resource) {
            form.push("resource", resource);
        }
        besides.extra.write(form);
    }

    /// `response_type`, `client_id` and `redirect_uri`.
    fn write_head(&self, form: &mut Form, client_id: ClientId) {
        let (client, response_type) = (self.client, self.request.response_type);
        let is_ordinary = client_id == ClientId::Here && response_type.is_code();
        let head = client.code_request_head(&self.recipient);
        if let Some(head) = head.filter(|_| is_ordinary) {
            form.append_pairs(head);
            return;
        }
        form.push("response_type", response_type.as_str());
        if client_id == ClientId::Here {
            form.push("client_id", client.client_id());
        }
        client.write_redirect_uri(&self.recipient.redirect_uri, form);
    }

    /// The scope as the server wants it.
    fn scope(&self) -> Cow<'_, str> {
        let scope = self.request.scope.as_str();
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
        // Names, `=`, `&`, a state, a nonce, a challenge and a thumbprint come to less than 320.
        320 + self.request.besides().capacity()
            + self.client.client_id().len()
            + 2 * (self.recipient.redirect_uri.len() + self.request.scope.as_str().len())
    }
}

fn check(client: &Client, request: &AuthorizationRequest<'_>) -> Result<(), Error> {
    request.check()?;
    if request.scope.has_openid() {
        client.check_identity()?;
    }
    check_policy(client, request)?;
    client.check_proofs()?;
    Ok(())
}

fn recipient(
    client: &Client,
    request: &AuthorizationRequest<'_>,
) -> Result<Arc<Recipient>, Misuse> {
    let Some(own) = &request.besides().redirect_uri else {
        return client.recipient().ok_or(Misuse::NoRedirectUri);
    };
    redirect_uri::check(own)?;
    Ok(client.recipient_at(own))
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
    policy.check(Demand::CodeOnly, || request.response_type.is_code())?;
    policy.check(Demand::ProofKey, || request.challenge == Challenge::S256)?;
    policy.check(Demand::SignedRequests, || {
        let objects = client.request_objects();
        objects.is_some_and(RequestObjects::is_brief)
    })?;
    policy.check(Demand::SignedResponses, || {
        request.besides().is_answered_by_jwt()
    })
}

/// Where `client_id` is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientId {
    /// Among the other parameters.
    Here,
    /// By the client's authentication.
    Elsewhere,
}

/// What else is kept of the request and of its client.
fn kept(
    client: &Client,
    request: &mut AuthorizationRequest<'_>,
) -> Result<Option<Box<Kept>>, Misuse> {
    let jkt = jkt(client, request);
    if jkt.is_none() && request.says_no_more() {
        return Ok(None);
    }
    let kept = Kept {
        demands: Demands::of(request)?,
        jkt,
        resource: request.take_resource(),
    };
    Ok(kept.boxed())
}

fn handshake(client: &Client, request: &AuthorizationRequest<'_>) -> Result<Handshake, Error> {
    let nonce = match &request.besides().nonce {
        Some(nonce) => Wanted::Given(nonce),
        None if request.scope.has_openid() => Wanted::Drawn,
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
