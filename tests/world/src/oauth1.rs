//! The wing of OAuth 1.0a (RFC 5849): its settings, and what it gave.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::mint::Mint;

/// A server of OAuth 1.0a with one client: `/oauth1/initiate`, `/oauth1/authorize`, `/oauth1/token`, and an
/// API below `/oauth1/api`.
#[derive(Clone, Debug)]
pub struct OAuth1 {
    /// How it behaves when it behaves.
    pub settings: OAuth1Settings,
    pub(crate) mint: Mint,
    /// Temporary credentials, by their identifier.
    pub(crate) temporary: BTreeMap<String, Temporary>,
    /// Secrets of token credentials, by their identifier.
    pub(crate) tokens: BTreeMap<String, String>,
    /// Timestamp, token and nonce of every request so far.
    pub(crate) nonces: BTreeSet<(String, String, String)>,
}

/// Temporary credentials.
#[derive(Clone, Debug)]
pub(crate) struct Temporary {
    pub(crate) secret: String,
    pub(crate) callback: String,
    /// Once the user agreed.
    pub(crate) verifier: Option<String>,
}

impl OAuth1 {
    pub(crate) fn new(issuer: &str) -> Self {
        Self {
            settings: OAuth1Settings::default(),
            mint: Mint::new(&format!("{issuer} 1.0a")),
            temporary: BTreeMap::new(),
            tokens: BTreeMap::new(),
            nonces: BTreeSet::new(),
        }
    }

    /// The verifier that the user is shown for temporary credentials, once there is one.
    #[must_use]
    pub fn verifier(&self, token: &str) -> Option<&str> {
        self.temporary.get(token)?.verifier.as_deref()
    }

    /// Ends every token.
    pub fn end_tokens(&mut self) {
        self.tokens.clear();
    }
}

/// The settings. The default is a server as RFC 5849 wants it, with the client of its example.
#[derive(Clone, Debug)]
pub struct OAuth1Settings {
    /// The identifier of the client.
    pub consumer_key: String,
    /// The secret of the client.
    pub consumer_secret: String,
    /// The signature methods there are.
    pub methods: Vec<String>,
    /// How far a timestamp may be from the clock, in seconds.
    pub leeway: u64,
    /// The value of `oauth_callback_confirmed`.
    pub confirmed: String,
    /// How the user's no is spelt; the user agrees without.
    pub denial: Option<Denial>,
    /// Whether token credentials come with a session handle, and end when they are renewed.
    pub sessions: bool,
    /// Whether a body that is no form must be hashed.
    pub body_hash: bool,
}

impl Default for OAuth1Settings {
    fn default() -> Self {
        let methods = ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"];
        Self {
            consumer_key: "dpf43f3p2l4k3l03".into(),
            consumer_secret: "kd94hf93k423kf44".into(),
            methods: methods.map(Into::into).into(),
            leeway: 300,
            confirmed: "true".into(),
            denial: None,
            sessions: false,
            body_hash: false,
        }
    }
}

/// How a server says that the user said no: no standard has a word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// `denied` with the temporary token.
    Denied,
    /// `oauth_problem=permission_denied`.
    Problem,
    /// The temporary token and no verifier.
    Silent,
}
