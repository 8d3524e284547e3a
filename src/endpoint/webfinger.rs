//! Issuer discovery by WebFinger (OpenID Connect Discovery 1.0 §2, RFC 7033): from what a user types to the
//! issuer that the user's host names.

use http::Response;
use http::StatusCode;
use url::Url;

use crate::base::form::Form;
use crate::base::json::JsonFault;
use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

/// Asks a user's host for the user's issuer.
///
/// The issuer that comes is the host's word and no more: discovery compares it with what the server
/// says of itself.
///
/// ```
/// use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::webfinger::WebFinger;
///
/// let now = UnixTime::from_secs(1_800_000_000);
/// let operation = WebFinger::new("joe@example.com", UriPolicy::default())?;
/// assert_eq!(
///     operation.request(now)?.into_request()?.uri(),
///     "https://example.com/.well-known/webfinger?resource=acct%3Ajoe%40example.com\
///      &rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer"
/// );
/// let response = http::Response::new(br#"{
///     "subject": "acct:joe@example.com",
///     "links": [{
///         "rel": "http://openid.net/specs/connect/1.0/issuer",
///         "href": "https://server.example.com"
///     }]
/// }"#.to_vec());
/// let issuer = operation.response(now, &response)?;
/// assert_eq!(issuer.unwrap().as_str(), "https://server.example.com");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an operation does nothing until it is called"]
pub struct WebFinger {
    resource: String,
    address: WebUri,
    policy: UriPolicy,
}

/// OpenID Connect Discovery 1.0 §2: the relation of an issuer.
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

impl WebFinger {
    /// Asks about what a user typed: an address such as `joe@example.com`, a host, or a URL.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it names no host; [`Misuse::Address`] where the host breaks `policy`.
    pub fn new(identifier: &str, policy: UriPolicy) -> Result<Self, Error> {
        let resource = normalized(identifier)?;
        let origin = origin(&resource)?;
        let mut query = Form::with_capacity(resource.len() + 128);
        query.push("resource", &resource);
        query.push("rel", ISSUER);
        let address = format!("{origin}/.well-known/webfinger?{}", query.into_string());
        let address =
            WebUri::parse(&address, policy).map_err(|faults| Misuse::address(&origin, faults))?;
        Ok(Self {
            resource,
            address,
            policy,
        })
    }

    /// What is asked about, in its normal form: `acct:joe@example.com`, `https://example.com/joe`.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl Operation for WebFinger {
    /// None where the host knows no issuer for the user.
    type Output = Option<WebUri>;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        Ok(Draft::new(request::get_json(&self.address)))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Option<WebUri>, Error> {
        // RFC 7033 §4.2: "404 (Not Found)" where the host "has no information".
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        response::accept(ENDPOINT, response)?;
        let document = response::read(ENDPOINT, response)?;
        let Some(links) = document.member("links").filter(|links| !links.is_null()) else {
            return Ok(None);
        };
        let links: Vec<Link> = links.parse::<Vec<Option<Link>>>().map_or_else(
            |fault| Err(malformed(fault)),
            |links| Ok(links.into_iter().flatten().collect()),
        )?;
        let link = links.into_iter().find(|link| link.rel == ISSUER);
        let Some(href) = link.and_then(|link| link.href) else {
            return Ok(None);
        };
        self.issuer(&href).map(Some).map_err(Error::from)
    }
}

impl WebFinger {
    /// OpenID Connect Discovery 1.0 §2: the issuer "MUST use the https scheme", and has no query and
    /// no fragment.
    fn issuer(&self, href: &str) -> Result<WebUri, Violation> {
        WebUri::parse_issuer(href, self.policy).map_err(|faults| {
            Violation::new(Check::WebfingerIssuer)
                .expected(format!("an issuer without these faults: {faults}"))
                .received(href)
        })
    }
}

/// RFC 7033 §4.4.4: a link.
#[derive(serde::Deserialize)]
struct Link {
    rel: String,
    #[serde(default)]
    href: Option<String>,
}

const ENDPOINT: Endpoint = Endpoint::WebFinger;

/// OpenID Connect Discovery 1.0 §2.1.2: an address becomes an `acct:` URI, anything else without a
/// scheme an https URL. "The fragment component MUST be stripped".
fn normalized(identifier: &str) -> Result<String, Misuse> {
    let identifier = identifier.trim();
    let identifier = identifier.split('#').next().unwrap_or_default();
    // §2.1.1: "XRI [...] global context symbols" are reserved.
    let is_reserved = identifier.starts_with(['=', '@', '!', '+', '$', '(']);
    if identifier.is_empty() || is_reserved || identifier.chars().any(char::is_control) {
        return Err(UNUSABLE);
    }
    if identifier.starts_with("acct:") || identifier.contains("://") {
        return Ok(identifier.to_owned());
    }
    let has_path = identifier.contains(['/', '?', ':']);
    if identifier.contains('@') && !has_path {
        Ok(format!("acct:{identifier}"))
    } else {
        Ok(format!("https://{identifier}"))
    }
}

/// The host to ask, by https unless the URL says otherwise.
fn origin(resource: &str) -> Result<String, Misuse> {
    if let Some(address) = resource.strip_prefix("acct:") {
        let (user, host) = address.rsplit_once('@').ok_or(UNUSABLE)?;
        if user.is_empty() || host.is_empty() || host.contains(['/', '?', '\\']) {
            return Err(UNUSABLE);
        }
        return Ok(format!("https://{host}"));
    }
    let url = Url::parse(resource).map_err(|_| UNUSABLE)?;
    let origin = url.origin();
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if !origin.is_tuple() || has_credentials {
        return Err(UNUSABLE);
    }
    Ok(origin.ascii_serialization())
}

const UNUSABLE: Misuse = Misuse::Parameter {
    name: "identifier",
    reason: "names no host that can be asked about a user",
};

fn malformed(fault: JsonFault) -> Error {
    Malformed {
        endpoint: ENDPOINT,
        fault,
    }
    .into()
}
