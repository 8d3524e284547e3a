//! Discovery (RFC 8414 §3, OpenID Connect Discovery 1.0 §4): where a server's metadata
//! lies, and fetching it from there.

use http::Response;
use http::StatusCode;

use crate::base::json;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

/// A well-known address that is derived from the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WellKnown {
    /// `/.well-known/openid-configuration` behind the issuer's path (OpenID Connect Discovery 4.1).
    OpenId,
    /// `/.well-known/oauth-authorization-server` before the issuer's path (RFC 8414 §3.1).
    OAuth,
    /// `/.well-known/openid-configuration` before the issuer's path (RFC 8414 §5).
    OpenIdInserted,
}

impl WellKnown {
    /// The address for this issuer; none where it is the same as [`WellKnown::OpenId`]'s, or the
    /// issuer cannot be the base of one.
    ///
    /// ```
    /// use oauth_proto::base::uri::{UriPolicy, WebUri};
    /// use oauth_proto::endpoint::discovery::WellKnown;
    ///
    /// let policy = UriPolicy::default();
    /// let issuer = WebUri::parse_issuer("https://id.example/tenant", policy).unwrap();
    /// let at = |form: WellKnown| form.address(&issuer, policy).unwrap().as_str().to_owned();
    /// assert_eq!(at(WellKnown::OpenId), "https://id.example/tenant/.well-known/openid-configuration");
    /// assert_eq!(
    ///     at(WellKnown::OAuth),
    ///     "https://id.example/.well-known/oauth-authorization-server/tenant"
    /// );
    /// ```
    #[must_use]
    pub fn address(self, issuer: &WebUri, policy: UriPolicy) -> Option<WebUri> {
        // "any terminating "/" MUST be removed" (RFC 8414 §3.1).
        let path = issuer.path().trim_end_matches('/');
        let path = match self {
            Self::OpenId => format!("{path}/.well-known/openid-configuration"),
            Self::OAuth => format!("/.well-known/oauth-authorization-server{path}"),
            Self::OpenIdInserted if path.is_empty() => return None,
            Self::OpenIdInserted => format!("/.well-known/openid-configuration{path}"),
        };
        WebUri::parse(&format!("{}{path}", issuer.origin()), policy).ok()
    }
}

/// Fetches a server's metadata from one well-known address.
#[derive(Clone, Debug)]
#[must_use = "an operation does nothing until it is called"]
pub struct MetadataRequest {
    issuer: WebUri,
    address: WebUri,
    policy: UriPolicy,
}

impl MetadataRequest {
    /// Fetches the metadata of `issuer` from `address`; the addresses in it are held to `policy`.
    pub fn new(issuer: WebUri, address: WebUri, policy: UriPolicy) -> Self {
        Self {
            issuer,
            address,
            policy,
        }
    }
}

impl Operation for MetadataRequest {
    /// None where there is no metadata document at the address.
    type Output = Option<Metadata>;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        Ok(Draft::new(request::get_json(&self.address)))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Option<Metadata>, Error> {
        if says_nothing_is_there(response.status()) {
            return Ok(None);
        }
        response::accept(Endpoint::Metadata, response)?;
        if is_a_page(response) {
            return Ok(None);
        }
        let metadata = Metadata::parse(response.body(), self.policy)?;
        self.check_issuer(&metadata)?;
        Ok(Some(metadata))
    }
}

impl MetadataRequest {
    /// "The "issuer" value returned MUST be identical to the authorization server's issuer identifier
    /// value into which the well-known URI string was inserted" (RFC 8414 §3.3).
    fn check_issuer(&self, metadata: &Metadata) -> Result<(), Violation> {
        let received = metadata.issuer().map_or("", |issuer| issuer.as_str());
        if received == self.issuer.as_str() {
            return Ok(());
        }
        Err(Violation::new(Check::MetadataIssuer)
            .expected(self.issuer.as_str())
            .received(received))
    }
}

/// A client error, whichever: servers answer an address that they do not know with many. Not those
/// that ask to come back later.
fn says_nothing_is_there(status: StatusCode) -> bool {
    status.is_client_error()
        && status != StatusCode::REQUEST_TIMEOUT
        && status != StatusCode::TOO_MANY_REQUESTS
}

/// A server that shows its start page for every address has no document there.
fn is_a_page(response: &Response<Vec<u8>>) -> bool {
    response.body().trim_ascii_start().starts_with(b"<") && json::object(response.body()).is_err()
}
