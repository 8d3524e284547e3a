//! A request as a strict server reads it.

use std::borrow::Cow;

use http::Method;
use http::Request;

use crate::endpoint::Endpoint;
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::settings::Bearer;

/// A request on its way to an endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) now: u64,
    pub(crate) endpoint: Endpoint,
    pub(crate) request: &'a Request<Vec<u8>>,
}

/// The media type of RFC 6749 Appendix B.
const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters that may come more than once (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// Parameters that have no business in a URL: logs, caches and `Referer` would hold them.
const NEVER_IN_A_URL: [&str; 6] = [
    "access_token",
    "client_secret",
    "client_assertion",
    "code_verifier",
    "refresh_token",
    "password",
];

impl<'a> Incoming<'a> {
    pub(crate) fn is(&self, method: &Method) -> bool {
        self.request.method() == method
    }

    /// Refuses every method but these.
    pub(crate) fn methods(&self, allowed: &[Method]) -> Result<(), Refusal> {
        if allowed.contains(self.request.method()) {
            return Ok(());
        }
        let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
        let refusal = Refusal::request(format!("no {} here", self.request.method()));
        Err(refusal.status(405).header("allow", names.join(", ")))
    }

    /// The value of a header that may come once.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.request.headers().get_all(name).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Refusal::request(format!("header {name} comes twice")));
        }
        let fault = |_| Refusal::request(format!("header {name} is not plain text"));
        value.to_str().map(Some).map_err(fault)
    }

    /// The client says that it takes JSON.
    pub(crate) fn accepts_json(&self) -> Result<(), Refusal> {
        let accept = self.request.headers().get_all("accept").iter();
        let accept: Vec<_> = accept.filter_map(|value| value.to_str().ok()).collect();
        let accept = accept.join(", ");
        let takes = accept.split(',').any(|range| {
            let essence = range.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        });
        if takes {
            return Ok(());
        }
        let fault = format!("`Accept: {accept}` does not name application/json");
        Err(Refusal::request(fault).status(406))
    }

    /// The query, decoded; nothing secret in it, nothing twice.
    pub(crate) fn query(&self) -> Result<Parameters, Refusal> {
        let query = self.request.uri().query().unwrap_or_default();
        let query = Parameters::strict(query)
            .map_err(|fault| Refusal::request(format!("query: {fault}")))?;
        if let Some(name) = NEVER_IN_A_URL
            .iter()
            .find(|name| query.value(name).is_some())
        {
            return Err(Refusal::request(format!("{name} in a URL")));
        }
        once(&query)?;
        Ok(query)
    }

    /// There is no query.
    pub(crate) fn no_query(&self) -> Result<(), Refusal> {
        match self.query()?.names().first() {
            Some(name) => Err(Refusal::request(format!("{name} in the query"))),
            None => Ok(()),
        }
    }

    /// There is no body.
    pub(crate) fn no_body(&self) -> Result<(), Refusal> {
        if self.request.body().is_empty() {
            return Ok(());
        }
        let fault = format!("{} with a body", self.request.method());
        Err(Refusal::request(fault))
    }

    /// The form in the body, decoded; of the right content type, nothing twice, nothing empty.
    pub(crate) fn form(&self) -> Result<Parameters, Refusal> {
        let content_type = self.header("content-type")?.unwrap_or_default();
        if !content_type.eq_ignore_ascii_case(FORM) {
            let fault = format!("`Content-Type: {content_type}` is not {FORM}");
            return Err(Refusal::request(fault).status(415));
        }
        let body = std::str::from_utf8(self.request.body());
        let body = body.map_err(|_| Refusal::request("the body is not UTF-8"))?;
        let form =
            Parameters::strict(body).map_err(|fault| Refusal::request(format!("body: {fault}")))?;
        once(&form)?;
        Ok(form)
    }

    /// The access token where it belongs (RFC 6750 §2), and in no other place.
    pub(crate) fn bearer(&self, place: Bearer) -> Result<Option<String>, Refusal> {
        let query = self.request.uri().query().unwrap_or_default();
        let body = match self.header("content-type")? {
            Some(FORM) => String::from_utf8_lossy(self.request.body()),
            _ => Cow::Borrowed(""),
        };
        let named = |text: &str| {
            Parameters::lossy(text)
                .value("access_token")
                .map(str::to_owned)
        };
        let header = self.credentials()?;
        let found = [
            (Bearer::Header, "the header", header),
            (Bearer::Form, "the body", named(&body)),
            (Bearer::Query, "a URL", named(query)),
        ];
        // RFC 6750 §2: "Clients MUST NOT use more than one method"; and this one method it is.
        let misplaced =
            |(at, _, token): &&(Bearer, _, Option<String>)| *at != place && token.is_some();
        if let Some((_, name, _)) = found.iter().find(misplaced) {
            return Err(Refusal::request(format!("access_token in {name}")));
        }
        let token = found.into_iter().find_map(|(_, _, token)| token);
        match place {
            // §2.2: "the "GET" method MUST NOT be used"
            Bearer::Form if token.is_some() && self.is(&Method::GET) => {
                Err(Refusal::request("a GET with a form"))
            }
            // §2.3: "SHOULD also send a Cache-Control header containing the "no-store" option"
            Bearer::Query
                if token.is_some() && self.header("cache-control")? != Some("no-store") =>
            {
                Err(Refusal::request("no Cache-Control: no-store"))
            }
            _ => Ok(token),
        }
    }

    fn credentials(&self) -> Result<Option<String>, Refusal> {
        let Some(credentials) = self.header("authorization")? else {
            return Ok(None);
        };
        let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            let fault = format!("scheme {scheme} where Bearer is due");
            return Err(Refusal::careless("invalid_token", fault).status(401));
        }
        // RFC 6750 §2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
        let stem = token.trim_end_matches('=');
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if stem.is_empty() || !stem.bytes().all(fits) {
            return Err(Refusal::request("the bearer token is not a b64token"));
        }
        Ok(Some(token.to_owned()))
    }
}

/// RFC 6749 §3.1, §3.2: "parameters MUST NOT be included more than once"; and one without a value
/// says nothing, so that a careful client leaves it out.
fn once(parameters: &Parameters) -> Result<(), Refusal> {
    let repeated = parameters.repeated();
    if let Some(name) = repeated.iter().find(|name| !REPEATABLE.contains(name)) {
        return Err(Refusal::request(format!("{name} comes twice")));
    }
    match parameters.iter().find(|(_, value)| value.is_empty()) {
        Some((name, _)) => Err(Refusal::request(format!("{name} without a value"))),
        None => Ok(()),
    }
}
