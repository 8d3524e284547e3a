//! The server of the model: which refresh tokens it honours.

use std::collections::BTreeSet;

/// How the server treats refresh tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Each use brings another token.
    pub(crate) rotates: bool,
    /// A replaced token works on for a time shorter than a lease, or until its successor is used.
    pub(crate) has_grace: bool,
    /// A replaced token that is used again ends the grant (RFC 9700 section 4.14.2).
    pub(crate) detects_reuse: bool,
}

/// Refresh tokens are numbers: each answer has the next one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Server {
    issued: u8,
    live: BTreeSet<u8>,
    /// Live by grace alone.
    replaced: BTreeSet<u8>,
}

/// What comes back to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Answer {
    Tokens(u8),
    InvalidGrant,
    /// A proxy's page: the request did not get to the server, or its answer not past the proxy.
    Unavailable,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            issued: 1,
            live: BTreeSet::from([1]),
            replaced: BTreeSet::new(),
        }
    }

    /// How often it gave tokens.
    pub(crate) fn answers(&self) -> u8 {
        self.issued - 1
    }

    pub(crate) fn honours(&self, token: u8) -> bool {
        self.live.contains(&token)
    }

    pub(crate) fn refresh(&mut self, policy: Policy, token: u8) -> Answer {
        if !self.live.contains(&token) {
            if policy.detects_reuse {
                self.live.clear();
                self.replaced.clear();
            }
            return Answer::InvalidGrant;
        }
        self.issued += 1;
        if policy.rotates {
            // A successor is used: those before it have had their time.
            if !self.replaced.contains(&token) {
                let replaced = std::mem::take(&mut self.replaced);
                self.live.retain(|live| !replaced.contains(live));
            }
            if policy.has_grace {
                self.replaced.insert(token);
            } else {
                self.live.remove(&token);
            }
            self.live.insert(self.issued);
        }
        Answer::Tokens(self.issued)
    }

    /// More time passes than any grace period lasts.
    pub(crate) fn grow_old(&mut self) {
        let replaced = std::mem::take(&mut self.replaced);
        self.live.retain(|live| !replaced.contains(live));
    }
}

impl Answer {
    pub(crate) fn response(self, policy: Policy) -> http::Response<Vec<u8>> {
        let (status, body) = match self {
            Self::Tokens(serial) => (200, tokens(policy, serial)),
            Self::InvalidGrant => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
            Self::Unavailable => (503, "<html>".to_owned()),
        };
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/json");
        response.body(body.into_bytes()).unwrap()
    }
}

fn tokens(policy: Policy, serial: u8) -> String {
    let refresh_token = match policy.rotates {
        true => format!(r#","refresh_token":"r{serial}""#),
        false => String::new(),
    };
    format!(
        r#"{{"access_token":"a{serial}","token_type":"Bearer","expires_in":3600{refresh_token}}}"#
    )
}
