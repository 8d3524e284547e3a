//! The wire log: what went over the wire, in order, to assert on and to read.

use std::fmt;

use http::Request;
use http::Response;
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::parameters::Parameters;
use crate::transcript;

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub at: u64,
    /// Where.
    pub endpoint: Endpoint,
    /// As it came in.
    pub request: Request<Vec<u8>>,
    /// As it went out, misbehaviour included.
    pub response: Response<Vec<u8>>,
}

impl Exchange {
    /// A header of the request; the first, if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// A header of the answer; the first, if there are several.
    #[must_use]
    pub fn answered(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The parameters of the query.
    #[must_use]
    pub fn query(&self) -> Parameters {
        Parameters::lossy(self.request.uri().query().unwrap_or_default())
    }

    /// The parameters of a form in the request's body.
    #[must_use]
    pub fn form(&self) -> Parameters {
        Parameters::lossy(&String::from_utf8_lossy(self.request.body()))
    }

    /// The JSON of the answer, or null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.response.body()).unwrap_or_default()
    }
}

/// As a person would want to read it, secrets masked.
impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        transcript::write(self, f)
    }
}

/// Every exchange so far, in order.
#[derive(Clone, Debug, Default)]
pub struct WireLog(Vec<Exchange>);

impl WireLog {
    /// The exchanges.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.0
    }

    /// The exchanges with an endpoint.
    #[must_use]
    pub fn with(&self, endpoint: Endpoint) -> Vec<&Exchange> {
        let of = |exchange: &&Exchange| endpoint.covers(exchange.endpoint);
        self.0.iter().filter(of).collect()
    }

    /// The exchanges whose path ends so: `requests_to("/token")`.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<&Exchange> {
        let to = |exchange: &&Exchange| exchange.request.uri().path().ends_with(path);
        self.0.iter().filter(to).collect()
    }

    /// The latest exchange.
    #[must_use]
    pub fn last(&self) -> Option<&Exchange> {
        self.0.last()
    }

    /// How many exchanges there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, exchange: Exchange) {
        self.0.push(exchange);
    }
}

/// The whole conversation, secrets masked.
impl fmt::Display for WireLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, exchange) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{exchange}")?;
        }
        Ok(())
    }
}
