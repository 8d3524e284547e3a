//! What is kept while the user is away: everything that the second half of an authorization needs
//! (RFC 6749 §4.1, RFC 7636 §4.1, RFC 9207 §2.4, RFC 9449 §10).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::dpop;
use crate::domain::pkce;
use crate::domain::recipient::Recipient;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::endpoint::demands::Demands;
use crate::endpoint::handshake::Handshake;
use crate::endpoint::handshake::MAX_GIVEN;
use crate::endpoint::response_type::ResponseType;

/// A pending authorization request: the half that stays here while the other half, the URL, travels
/// through the browser.
///
/// Keep it where the user's browser cannot read it: in a server-side session, or sealed in a cookie.
/// It serialises in a versioned form (`"v": 1`) of **280 bytes** of JSON for an ordinary
/// sign-in, its secrets in clear. [`Client::resume`](crate::domain::client::Client::resume) consumes
/// it: take it out of the session, so that it is used once. [`state`](Self::state) is a good key for it
/// where a user may sign in from several tabs.
///
/// `Debug` shows no secret.
pub struct Pending {
    pub(crate) recipient: Arc<Recipient>,
    pub(crate) response_type: ResponseType,
    pub(crate) handshake: Handshake,
    pub(crate) scope: Scope,
    /// Whether the answer is a JWT.
    pub(crate) is_jwt: bool,
    /// None where there is nothing else to keep, which is mostly so.
    pub(crate) kept: Option<Box<Kept>>,
    pub(crate) expires_at: UnixTime,
}

/// What only some requests leave behind.
#[derive(Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) demands: Demands,
    pub(crate) resource: Vec<String>,
    /// The thumbprint of the key that the code is bound to.
    pub(crate) jkt: Option<Arc<str>>,
}

impl Kept {
    /// Nothing where there is nothing to keep.
    pub(crate) fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Pending {
    /// The `state` that travels with the request, and comes back.
    #[must_use]
    pub fn state(&self) -> &str {
        self.handshake.state()
    }

    /// The issuer that the user was sent to.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.recipient.server.issuer()
    }

    /// The client that sent the user.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.recipient.client_id
    }

    /// The redirect URI that was sent, and is sent again with the code.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.recipient.redirect_uri
    }

    /// The response type that was asked for.
    #[must_use]
    pub fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// The scope that was asked for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The thumbprint of the key that the code is bound to, where it is to one (RFC 9449 §10). Whoever
    /// redeems it has that key.
    #[must_use]
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.kept.as_ref()?.jkt.as_deref()
    }

    /// The resource indicators (RFC 8707 §2).
    pub(crate) fn resource(&self) -> &[String] {
        self.kept.as_ref().map_or(&[], |kept| &kept.resource)
    }

    /// What is demanded of the ID token.
    pub(crate) fn demands(&self) -> Option<&Demands> {
        self.kept.as_ref().map(|kept| &kept.demands)
    }

    /// When it is too late to come back.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("issuer", &self.recipient.server)
            .field("client_id", &self.client_id())
            .field("redirect_uri", &self.redirect_uri())
            .field("response_type", &self.response_type.as_str())
            .field("scope", &self.scope.as_str())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// How long a user may take to sign in. No specification sets it; long enough to find a second
/// factor, short enough for a verifier to lie in a session.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// No pending request lives longer. A bound of this crate.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The stored form, version 1. Short names: it may live in a cookie.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    v: Version<1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iss: Option<Cow<'a, str>>,
    client: Cow<'a, str>,
    uri: Cow<'a, str>,
    /// Absent for `code`.
    #[serde(
        default,
        rename = "type",
        skip_serializing_if = "ResponseType::is_code"
    )]
    response_type: ResponseType,
    state: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verifier: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    scope: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    resource: Cow<'a, [String]>,
    /// Of the ID token.
    #[serde(default, rename = "id", skip_serializing_if = "Option::is_none")]
    demands: Option<Cow<'a, Demands>>,
    /// Whether the answer is a JWT.
    #[serde(default, rename = "jwt", skip_serializing_if = "std::ops::Not::not")]
    is_jwt: bool,
    /// The thumbprint of the key that the code is bound to.
    #[serde(default, rename = "dpop", skip_serializing_if = "Option::is_none")]
    jkt: Option<Cow<'a, str>>,
    exp: UnixTime,
}

impl Serialize for Pending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let demands = self.demands().filter(|demands| !demands.are_none());
        let server = Some(&self.recipient.server).filter(|server| !server.is_unknown());
        Wire {
            v: Version,
            iss: server.map(|server| Cow::Borrowed(server.as_str())),
            client: Cow::Borrowed(self.client_id()),
            uri: Cow::Borrowed(self.redirect_uri()),
            response_type: self.response_type,
            state: Cow::Borrowed(self.handshake.state()),
            nonce: self.handshake.nonce().map(Cow::Borrowed),
            verifier: self.handshake.verifier().map(Cow::Borrowed),
            scope: Cow::Borrowed(self.scope.as_str()),
            resource: Cow::Borrowed(self.resource()),
            demands: demands.map(Cow::Borrowed),
            is_jwt: self.is_jwt,
            jkt: self.dpop_jkt().map(Cow::Borrowed),
            exp: self.expires_at,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pending {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let given = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len());
        if wire.state.is_empty() || wire.state.len() > MAX_GIVEN || given(&wire.nonce) > MAX_GIVEN {
            return Err(D::Error::custom(
                "the state or the nonce has no or too great a length",
            ));
        }
        if wire
            .verifier
            .as_deref()
            .is_some_and(|text| !pkce::is_verifier(text))
        {
            return Err(D::Error::custom(
                "the verifier is none of RFC 7636 section 4.1",
            ));
        }
        if !wire.jkt.as_deref().is_none_or(dpop::is_thumbprint) {
            return Err(D::Error::custom("the key's thumbprint is none of SHA-256"));
        }
        Ok(Self {
            recipient: Arc::new(Recipient {
                server: wire.iss.as_deref().map(Server::from).unwrap_or_default(),
                client_id: Arc::from(&*wire.client),
                redirect_uri: Box::from(wire.uri),
            }),
            response_type: wire.response_type,
            handshake: Handshake::of(&wire.state, wire.nonce.as_deref(), wire.verifier.as_deref()),
            scope: Scope::from(&*wire.scope),
            is_jwt: wire.is_jwt,
            kept: Kept {
                demands: wire.demands.map(Cow::into_owned).unwrap_or_default(),
                resource: wire.resource.into_owned(),
                jkt: wire.jkt.map(|jkt| Arc::from(&*jkt)),
            }
            .boxed(),
            expires_at: wire.exp,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::provider_system::System;
    use crate::endpoint::handshake::Wanted;

    fn pending(nonce: Wanted<'_>, verifier: Wanted<'_>) -> Pending {
        Pending {
            recipient: Arc::new(Recipient {
                server: Server::from("https://id.example"),
                client_id: Arc::from("my-app"),
                redirect_uri: Box::from("https://app.example/callback"),
            }),
            response_type: ResponseType::Code,
            handshake: Handshake::draw(&System::new(), None, nonce, verifier).unwrap(),
            scope: Scope::from(["openid", "profile", "email"]),
            is_jwt: false,
            kept: None,
            expires_at: UnixTime::from_secs(1_800_000_000),
        }
    }

    #[test]
    fn an_ordinary_pending_request_is_under_400_bytes() {
        let pending = pending(Wanted::Drawn, Wanted::Drawn);
        let stored = serde_json::to_string(&pending).unwrap();
        assert!(stored.len() < 400, "{} bytes", stored.len());
        assert_eq!(stored.len(), 280);
    }

    #[test]
    fn it_comes_back_as_it_was() {
        for (nonce, verifier) in [
            (Wanted::Drawn, Wanted::Drawn),
            (Wanted::Absent, Wanted::Drawn),
            (Wanted::Given("n"), Wanted::Absent),
        ] {
            let pending = pending(nonce, verifier);
            let stored = serde_json::to_string(&pending).unwrap();
            let back: Pending = serde_json::from_str(&stored).unwrap();
            assert_eq!(back.state(), pending.state());
            assert_eq!(back.handshake.nonce(), pending.handshake.nonce());
            assert_eq!(back.handshake.verifier(), pending.handshake.verifier());
            assert_eq!(serde_json::to_string(&back).unwrap(), stored);
        }
    }

    #[test]
    fn the_golden_form_of_version_1() {
        let stored = r#"{"v":1,"iss":"https://id.example","client":"my-app","uri":"https://app.example/callback","state":"s","verifier":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","scope":"mail","resource":["https://api.example"],"exp":1800000000}"#;
        let pending: Pending = serde_json::from_str(stored).unwrap();
        assert_eq!(pending.state(), "s");
        assert_eq!(pending.resource(), ["https://api.example"]);
        assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
    }

    #[test]
    fn the_golden_form_of_another_response_type() {
        let stored = r#"{"v":1,"client":"my-app","uri":"https://app.example/callback","type":"code token","state":"s","exp":1800000000}"#;
        let pending: Pending = serde_json::from_str(stored).unwrap();
        assert_eq!(pending.response_type(), ResponseType::CodeToken);
        assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
        let plain = stored.replace(r#""type":"code token","#, r#""type":"code","#);
        let plain: Pending = serde_json::from_str(&plain).unwrap();
        let stored = stored.replace(r#""type":"code token","#, "");
        assert_eq!(serde_json::to_string(&plain).unwrap(), stored);
    }

    #[test]
    fn the_golden_form_of_a_bound_code() {
        let stored = r#"{"v":1,"client":"my-app","uri":"https://app.example/callback","state":"s","dpop":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I","exp":1800000000}"#;
        let pending: Pending = serde_json::from_str(stored).unwrap();
        assert_eq!(
            pending.dpop_jkt(),
            Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        );
        assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
    }

    #[test]
    fn foreign_and_broken_forms_are_refused() {
        let good = r#"{"v":1,"client":"c","uri":"https://a.example/","state":"s","exp":1}"#;
        assert!(serde_json::from_str::<Pending>(good).is_ok());
        for (from, to) in [
            (r#""v":1"#, r#""v":2"#),
            (r#""v":1,"#, ""),
            (r#""state":"s""#, r#""state":"""#),
            (r#""exp":1"#, r#""exp":1,"dpop":"k""#),
            (r#""exp":1"#, r#""exp":1,"verifier":"short""#),
            (r#""exp":1"#, r#""exp":1,"type":"token code""#),
            (r#""exp":1"#, r#""exp":-1"#),
        ] {
            let bad = good.replace(from, to);
            assert!(serde_json::from_str::<Pending>(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let pending = pending(Wanted::Drawn, Wanted::Drawn);
        let text = format!("{pending:?}");
        for secret in [
            pending.handshake.state(),
            pending.handshake.nonce().unwrap(),
            pending.handshake.verifier().unwrap(),
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
