//! HTTP by hand, for the user's browser and for scenarios that speak to a server without the crate.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use ureq::Agent;
use ureq::http::HeaderMap;
use ureq::http::Request;
use url::form_urlencoded;

use crate::failure::Failure;

/// An HTTP client that follows nothing and takes every status for an answer.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .into()
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value, empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// Sends a request without a body.
pub(crate) fn get(agent: &Agent, uri: &str, headers: &[(&str, String)]) -> Result<Answer, Failure> {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    answer(agent.run(request.body(())?)?)
}

/// Sends an encoded form.
pub(crate) fn post(
    agent: &Agent,
    uri: &str,
    headers: &[(&str, String)],
    form: String,
) -> Result<Answer, Failure> {
    let mut request =
        Request::post(uri).header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    answer(agent.run(request.body(form)?)?)
}

/// `application/x-www-form-urlencoded`, as the URL Standard has it.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// One value of such a form, or one half of a Basic credential (RFC 6749, section 2.3.1).
pub(crate) fn encode_one(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// A Basic `Authorization` header of two halves, which are taken as they are (RFC 7617).
pub(crate) fn basic(user: &str, password: &str) -> (&'static str, String) {
    let credential = BASE64_STANDARD.encode(format!("{user}:{password}"));
    ("authorization", format!("Basic {credential}"))
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Answer, Failure> {
    let (parts, mut body) = response.into_parts();
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.read_to_string()?,
    })
}
