//! What went over the wire, and which secrets there are.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use http::Method;
use http::header;
use oauth_proto::base::base64url;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::request::Request;
use serde_json::Value;

use super::operation::Holes;
use crate::bodies::fixture;

/// Why a request is sent, with what may stand in it.
pub(super) enum Purpose {
    /// To this issuer.
    Discovery(&'static str),
    /// To the token endpoint; these texts may stand in the body.
    Token(Vec<String>),
    /// To the caller's resource.
    Resource {
        uri: http::Uri,
        access_token: String,
        may_be_sent: bool,
    },
    /// Where an operation of the caller's own wants it.
    Own(Holes),
}

impl Purpose {
    pub(super) fn signed(&mut self, input: &[u8], signature: &[u8]) {
        let Self::Own(holes) = self else {
            unreachable!("nothing else is signed");
        };
        holes.signed(input, signature);
    }
}

/// The secrets of a session. They are made from the whole input, so no input can hold one of them.
pub(super) struct Wire {
    seed: u64,
    count: u64,
    client_secret: String,
    /// The client's credentials as HTTP Basic has them, without padding.
    basic: String,
    /// Must not be printed.
    secrets: Vec<String>,
    codes: Vec<Code>,
    /// Bodies of this conversation.
    bodies: Vec<Vec<u8>>,
}

struct Code {
    text: String,
    times_sent: usize,
}

impl Wire {
    pub(super) fn new(data: &[u8]) -> Self {
        // FNV-1a.
        let seed = data.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut wire = Self {
            seed,
            count: 0,
            client_secret: String::new(),
            basic: String::new(),
            secrets: Vec::new(),
            codes: Vec::new(),
            bodies: Vec::new(),
        };
        wire.client_secret = wire.fresh();
        // Letters and digits look the same in both alphabets.
        let pair = format!("{}:{}", fixture::CLIENT_ID, wire.client_secret);
        wire.basic = base64url::encode(pair.as_bytes());
        wire.secrets.push(wire.basic.clone());
        wire
    }

    pub(super) fn client_secret(&self) -> String {
        self.client_secret.clone()
    }

    pub(super) fn crypto(&self) -> Known {
        Known(AtomicU64::new(self.seed))
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        let secret = format!("s{:016x}", mix(self.seed.wrapping_add(self.count)));
        self.secrets.push(secret.clone());
        secret
    }

    pub(super) fn knows_pending(&mut self, pending: &Pending) {
        self.secrets.push(pending.state().to_owned());
        self.secrets.extend(verifier(pending));
    }

    /// `text` with its placeholders filled.
    pub(super) fn fill(
        &mut self,
        text: &[u8],
        pending: Option<&Pending>,
        client: &Client,
    ) -> Vec<u8> {
        let mut filled = Vec::with_capacity(text.len());
        let mut rest = text.iter();
        while let Some(&byte) = rest.next() {
            if byte != b'$' {
                filled.push(byte);
                continue;
            }
            match rest.next() {
                // Only a callback brings a code.
                Some(b'C') if pending.is_some() => {
                    let text = self.fresh();
                    filled.extend(text.bytes());
                    let times_sent = 0;
                    self.codes.push(Code { text, times_sent });
                }
                Some(b'A' | b'C' | b'P') => filled.extend(self.fresh().bytes()),
                Some(b'S') => filled.extend(pending.map_or("", Pending::state).bytes()),
                Some(b'I') => {
                    let issuer = client.metadata().issuer().map_or("", |own| own.as_str());
                    filled.extend(issuer.bytes());
                }
                other => filled.extend(other),
            }
        }
        filled
    }

    /// What stands in `public` is no secret any more.
    pub(super) fn reveal(&mut self, public: &[u8]) {
        self.secrets.retain(|secret| !contains(public, secret));
    }

    /// No secret is printed.
    pub(super) fn print(&self, text: &str) {
        for secret in &self.secrets {
            assert!(
                !text.contains(secret.as_str()),
                "a secret is printed: {text}"
            );
        }
    }

    pub(super) fn begin(&mut self) {
        self.bodies.clear();
    }

    /// Judges a request by its purpose.
    pub(super) fn send(&mut self, request: &Request, purpose: &Purpose, client: &Client) {
        let uri = request.uri().to_string();
        let authorization = request.headers().get(header::AUTHORIZATION);
        let authorization = authorization.map_or(&b""[..], |value| value.as_bytes());
        let body = request.body();
        let others: Vec<u8> = request
            .headers()
            .iter()
            .filter(|(name, _)| *name != header::AUTHORIZATION)
            .flat_map(|(_, value)| value.as_bytes().to_vec())
            .collect();
        match purpose {
            Purpose::Discovery(issuer) => {
                assert_eq!(request.method(), Method::GET);
                let authority = uri.split('/').nth(2).unwrap_or_default();
                let own = issuer.split('/').nth(2).unwrap_or_default();
                let own = own.to_ascii_lowercase();
                assert_eq!(authority, own.trim_end_matches(":443"));
                assert!(uri.contains("/.well-known/"));
                assert!(body.is_empty() && authorization.is_empty());
            }
            Purpose::Token(texts) => {
                assert_eq!(request.method(), Method::POST);
                let endpoint = client.metadata().endpoint(Endpoint::Token);
                assert!(endpoint.is_ok_and(|address| uri == address.uri().to_string()));
                let in_body = contains(body, "client_secret=");
                assert!(authorization.is_empty() || !in_body, "two authentications");
                let mut texts = texts.clone();
                texts.push(self.client_secret.clone());
                self.check_place(body, &texts);
            }
            Purpose::Resource {
                uri: own,
                access_token,
                may_be_sent,
            } => {
                assert!(may_be_sent, "an access token that has ended is sent");
                assert_eq!(request.uri(), own);
                assert_eq!(own.scheme_str(), Some("https"));
                assert_eq!(authorization, format!("Bearer {access_token}").as_bytes());
                assert_eq!(body, b"body");
            }
            Purpose::Own(holes) => holes.check(request),
        }
        let (in_uri, in_authorization) = match purpose {
            Purpose::Resource {
                uri, access_token, ..
            } => (uri.to_string(), access_token.clone()),
            Purpose::Token(_) => (String::new(), self.basic.clone()),
            _ => Default::default(),
        };
        self.check_place(uri.as_bytes(), &[in_uri]);
        self.check_place(authorization, &[in_authorization]);
        self.check_place(&others, &[]);
        self.check_once(body);
    }

    /// Only secrets that are in one of `texts` stand in a place.
    fn check_place(&self, place: &[u8], texts: &[String]) {
        for secret in &self.secrets {
            let is_due = texts.iter().any(|text| text.contains(secret.as_str()));
            assert!(
                is_due || !contains(place, secret),
                "a secret travels astray"
            );
        }
    }

    /// A code is sent once, and nothing secret twice in a conversation but the client's own.
    fn check_once(&mut self, body: &[u8]) {
        for code in &mut self.codes {
            code.times_sent += usize::from(contains(body, &code.text));
            assert!(code.times_sent <= 1, "a code is sent twice");
        }
        for secret in self
            .secrets
            .iter()
            .filter(|own| **own != self.client_secret)
        {
            let is_repeated = self.bodies.iter().any(|other| contains(other, secret));
            assert!(!is_repeated || !contains(body, secret), "sent twice");
        }
        self.bodies.push(body.to_vec());
    }
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len())
        .any(|window| window == part.as_bytes())
}

/// The verifier, from the stored form.
pub(super) fn verifier(pending: &Pending) -> Option<String> {
    let stored = serde_json::to_value(pending).ok()?;
    stored
        .get("verifier")
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// Entropy that is the same for the same input.
pub(super) struct Known(AtomicU64);

impl Crypto for Known {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for byte in bytes {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            *byte = mix(count).to_le_bytes()[0];
        }
        Ok(())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System::new().sha256(bytes)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

/// `SplitMix64`.
const fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
