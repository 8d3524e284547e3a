//! What is kept while the user is away: everything that the second half of an authorization needs
//! (RFC 6749 §4.1, RFC 7636 §4.1, RFC 9207 §2.4, RFC 9449 §10).

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::crypto::Crypto;
use crate::crypto::NoEntropy;
use crate::domain::dpop;
use crate::domain::pkce;
use crate::domain::redirect_uri::Recipient;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::endpoint::demands::Demands;
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
    /// None where nothing was said besides, which is mostly so.
    pub(crate) kept: Option<Box<Kept>>,
    pub(crate) expires_at: UnixTime,
}

/// What is kept of what a request said besides.
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

/// The secrets of one authorization request, in one buffer: state, nonce, code verifier.
///
/// The nonce and the verifier may be absent, which is an empty range.
#[derive(Clone)]
pub(crate) struct Handshake {
    text: Secret,
    nonce_at: u16,
    verifier_at: u16,
}

/// Entropy for the state and for the nonce, in bytes. RFC 6749 §10.10: the probability of a
/// guess "SHOULD be less than or equal to 2^(-160)"; 192 bits are 32 characters without a remainder.
const TOKEN_BYTES: usize = 24;
/// RFC 7636 §4.1: "a 32-octet sequence", 43 characters.
const VERIFIER_BYTES: usize = 32;

impl Handshake {
    /// Draws what is not given from one call for entropy.
    pub(crate) fn draw(
        crypto: &dyn Crypto,
        state: Option<&str>,
        nonce: Wanted<'_>,
        verifier: Wanted<'_>,
    ) -> Result<Self, NoEntropy> {
        let state = state.map_or(Wanted::Drawn, Wanted::Given);
        let needed = state.entropy(TOKEN_BYTES)
            + nonce.entropy(TOKEN_BYTES)
            + verifier.entropy(VERIFIER_BYTES);
        let mut room = (needed > 0).then(|| Zeroizing::new([0; 2 * TOKEN_BYTES + VERIFIER_BYTES]));
        let drawn = room.as_mut().and_then(|room| room.get_mut(..needed));
        let drawn = drawn.unwrap_or_default();
        if needed > 0 {
            crypto.fill(drawn)?;
        }
        let (for_state, rest) = drawn.split_at(state.entropy(TOKEN_BYTES));
        let (for_nonce, for_verifier) = rest.split_at(nonce.entropy(TOKEN_BYTES));
        let mut text = String::with_capacity(
            state.length(for_state) + nonce.length(for_nonce) + verifier.length(for_verifier),
        );
        state.write(for_state, &mut text);
        let nonce_at = offset(&text);
        nonce.write(for_nonce, &mut text);
        let verifier_at = offset(&text);
        verifier.write(for_verifier, &mut text);
        Ok(Self {
            text: Secret::from(text),
            nonce_at,
            verifier_at,
        })
    }

    fn of(state: &str, nonce: Option<&str>, verifier: Option<&str>) -> Self {
        Self {
            text: Secret::from([state, nonce.unwrap_or(""), verifier.unwrap_or("")].concat()),
            nonce_at: offset(state),
            verifier_at: offset(state) + offset(nonce.unwrap_or("")),
        }
    }

    pub(crate) fn state(&self) -> &str {
        self.part(0..self.nonce_at)
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        Some(self.part(self.nonce_at..self.verifier_at)).filter(|nonce| !nonce.is_empty())
    }

    pub(crate) fn verifier(&self) -> Option<&str> {
        let rest = self.text.expose().get(usize::from(self.verifier_at)..);
        rest.filter(|verifier| !verifier.is_empty())
    }

    fn part(&self, range: Range<u16>) -> &str {
        let range = usize::from(range.start)..usize::from(range.end);
        self.text.expose().get(range).unwrap_or_default()
    }
}

/// Given values are bounded ([`MAX_GIVEN`]), so that offsets fit.
fn offset(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

/// The longest `state` or `nonce` that a caller may give, in bytes. A bound of this crate: it travels
/// in a URL.
pub(crate) const MAX_GIVEN: usize = 1024;

/// Where one of the secrets comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    Absent,
    Drawn,
    Given(&'a str),
}

impl Wanted<'_> {
    /// How much entropy it takes, where one that is drawn takes `bytes`.
    const fn entropy(self, bytes: usize) -> usize {
        match self {
            Wanted::Drawn => bytes,
            Wanted::Absent | Wanted::Given(_) => 0,
        }
    }

    /// How many characters [`write`](Self::write) writes.
    const fn length(self, entropy: &[u8]) -> usize {
        match self {
            Wanted::Absent => 0,
            Wanted::Drawn => (4 * entropy.len()).div_ceil(3),
            Wanted::Given(given) => given.len(),
        }
    }

    fn write(self, entropy: &[u8], text: &mut String) {
        match self {
            Wanted::Absent => {}
            Wanted::Drawn => base64url::encode_into(entropy, text),
            Wanted::Given(given) => text.push_str(given),
        }
    }
}

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

    #[test]
    fn one_call_for_entropy_serves_all_three() {
        #[derive(Debug, Default)]
        struct Counting(std::sync::atomic::AtomicUsize);
        impl Crypto for Counting {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
                self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                bytes.fill(7);
                Ok(())
            }
            fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
                System::new().sha256(bytes)
            }
        }
        let crypto = Counting::default();
        let handshake = Handshake::draw(&crypto, None, Wanted::Drawn, Wanted::Drawn).unwrap();
        assert_eq!(crypto.0.into_inner(), 1);
        assert_eq!(handshake.state().len(), 32);
        assert_eq!(handshake.nonce().unwrap().len(), 32);
        assert_eq!(handshake.verifier().unwrap().len(), 43);
    }
}
