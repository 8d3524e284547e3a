//! What is kept while a user signs in on another device (RFC 8628 §3.2 and §3.3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::base::json::Members;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::base::version::Version;
use crate::domain::quirks::Finding;
use crate::domain::refusal;
use crate::domain::scope::Scope;
use crate::domain::server::Server;
use crate::endpoint::poll::Terms;

/// A device that waits for its user: what to show, and the half that stays here.
///
/// It serialises in a versioned form (`"v": 1`) of about 300 bytes of JSON, its secrets in clear, so
/// that another process may go on with it: `client.poll`. Where the user's browser shows the codes, keep this value out of it.
///
/// `Debug` shows no code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingDevice {
    pub(crate) v: Version<1>,
    #[serde(rename = "iss", default, skip_serializing_if = "Server::is_unknown")]
    pub(crate) server: Server,
    #[serde(rename = "client")]
    pub(crate) client_id: Arc<str>,
    #[serde(rename = "code", with = "secret::serde_text")]
    pub(crate) device_code: Secret,
    #[serde(rename = "user")]
    pub(crate) user_code: UserCode,
    #[serde(rename = "uri")]
    pub(crate) verification_uri: VerificationUri,
    #[serde(rename = "complete", default, skip_serializing_if = "Option::is_none")]
    pub(crate) verification_uri_complete: Option<VerificationUri>,
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub(crate) scope: Arc<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resource: Vec<String>,
    pub(crate) interval: u64,
    #[serde(rename = "exp")]
    pub(crate) expires_at: UnixTime,
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub(crate) members: Members,
    #[serde(skip)]
    pub(crate) findings: Vec<Finding>,
}

impl PendingDevice {
    /// The code that the user enters: printable, in the server's own spelling.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code.0
    }

    /// Where the user enters it, on any device: an https address (or http on a loopback host, where
    /// the client's policy allows that).
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri.0
    }

    /// The same with the code in it, for a QR code or a link, where the server gives one
    /// (RFC 8628 §3.3.1). Show [`user_code`](Self::user_code) beside it all the same, so that the user
    /// can compare.
    #[must_use]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete
            .as_ref()
            .map(|uri| uri.0.as_str())
    }

    /// When the codes end: at most a day after the answer, a bound of this crate.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// The least time between two polls; 5 s where the server does not say.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval)
    }

    /// The issuer that was asked.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.server.issuer()
    }

    /// The client that asked.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The scope that was asked for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The resource indicators that were asked for; each poll repeats them (RFC 8707 §2.2).
    #[must_use]
    pub fn resource(&self) -> &[String] {
        &self.resource
    }

    /// Every member of the response that has no method here.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What was tolerated while the answer was read. Not stored.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms {
            what: "the pending device",
            server: &self.server,
            client_id: self.client_id(),
            scope: &self.scope,
            resource: &self.resource,
            expires_at: self.expires_at,
        }
    }
}

impl fmt::Debug for PendingDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDevice")
            .field("issuer", &self.server)
            .field("client_id", &self.client_id)
            .field("verification_uri", &self.verification_uri.0)
            .field("scope", &self.scope.as_str())
            .field("interval", &self.interval)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Text for a user to copy. It may reach a terminal, so nothing in it controls one.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct UserCode(String);

/// The longest user code, in characters; RFC 8628 §6.1 recommends eight. A bound of this crate.
const LONGEST_USER_CODE: usize = 128;

impl TryFrom<String> for UserCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let length = text.chars().take(LONGEST_USER_CODE + 1).count();
        if (1..=LONGEST_USER_CODE).contains(&length) && text.chars().all(refusal::is_printable) {
            return Ok(Self(text));
        }
        Err("1 to 128 printable characters")
    }
}

impl From<UserCode> for String {
    fn from(code: UserCode) -> Self {
        code.0
    }
}

/// An address that a user may be sent to. It may have a fragment, for a browser opens it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct VerificationUri(String);

impl VerificationUri {
    /// RFC 8628 §3.2 says "URI" alone, and a user opens whatever it is: `javascript:`, `file:` and
    /// plain http are refused, and whoever is named before an `@`.
    pub(crate) fn parse(text: &str, policy: UriPolicy) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        WebUri::parse(address, policy).map_err(|faults| faults.to_string())?;
        if !fragment.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the URI has a fragment that is not printable ASCII".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

/// As it was stored. The policy that it passed when it came is not known any more.
impl TryFrom<String> for VerificationUri {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text, UriPolicy::danger_http_on_loopback())
    }
}

impl From<VerificationUri> for String {
    fn from(uri: VerificationUri) -> Self {
        uri.0
    }
}
