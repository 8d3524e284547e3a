//! What has been granted: codes, access tokens, refresh tokens, and the families they form.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::mint::Mint;
use crate::settings::Refresh;

/// All that descends from one authorization; revoked together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Family(u64);

/// What a user granted a client.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) family: Family,
    pub(crate) client: String,
    pub(crate) sub: String,
    pub(crate) scope: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) details: Option<Value>,
    /// The nonce of the authentication request.
    pub(crate) nonce: Option<String>,
    /// When the user authenticated.
    pub(crate) since: u64,
}

/// An authorization code and what it is bound to.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) requested: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires: u64,
    pub(crate) used: bool,
}

/// An access token that is held by a client.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) grant: Grant,
    pub(crate) expires: u64,
}

/// A refresh token, and when another took its place.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) grant: Grant,
    pub(crate) replaced: Option<u64>,
}

/// Everything granted so far, by the string that stands for it.
#[derive(Clone, Debug)]
pub(crate) struct Grants {
    pub(crate) mint: Mint,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) access_tokens: BTreeMap<String, AccessToken>,
    pub(crate) refresh_tokens: BTreeMap<String, RefreshToken>,
    revoked: BTreeSet<Family>,
    families: u64,
}

impl Grants {
    pub(crate) fn new(seed: &str) -> Self {
        Self {
            mint: Mint::new(seed),
            codes: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            revoked: BTreeSet::new(),
            families: 0,
        }
    }

    /// A family for a fresh authorization.
    pub(crate) fn family(&mut self) -> Family {
        self.families += 1;
        Family(self.families)
    }

    pub(crate) fn add_code(&mut self, code: Code) -> String {
        let name = self.mint.next();
        self.codes.insert(name.clone(), code);
        name
    }

    pub(crate) fn add_access_token(&mut self, grant: Grant, expires: u64) -> String {
        let name = self.mint.next();
        let token = AccessToken { grant, expires };
        self.access_tokens.insert(name.clone(), token);
        name
    }

    pub(crate) fn add_refresh_token(&mut self, grant: Grant) -> String {
        let name = self.mint.next();
        let replaced = None;
        let token = RefreshToken { grant, replaced };
        self.refresh_tokens.insert(name.clone(), token);
        name
    }

    /// Ends a family: none of its tokens works any more.
    pub(crate) fn revoke(&mut self, family: Family) {
        self.revoked.insert(family);
    }

    pub(crate) fn is_revoked(&self, family: Family) -> bool {
        self.revoked.contains(&family)
    }

    /// The grant behind an access token that works at that time.
    pub(crate) fn access(&self, now: u64, token: &str) -> Option<&Grant> {
        let token = self.access_tokens.get(token)?;
        let works = now < token.expires && !self.is_revoked(token.grant.family);
        works.then_some(&token.grant)
    }

    /// Whether a refresh token works at that time.
    pub(crate) fn refreshes(&self, now: u64, token: &str, settings: &Refresh) -> bool {
        self.refresh_tokens.get(token).is_some_and(|token| {
            !self.is_revoked(token.grant.family) && !token.is_stale(now, settings)
        })
    }
}

impl RefreshToken {
    /// Whether another took its place, and the grace for that is over.
    pub(crate) fn is_stale(&self, now: u64, settings: &Refresh) -> bool {
        let over = |since: u64| now >= since.saturating_add(settings.grace);
        self.replaced.is_some_and(over)
    }
}
