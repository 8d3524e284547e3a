//! What every answer goes through before its content is looked at: size, redirect, status, and the
//! error document of RFC 6749 §5.2.

use http::Response;
use http::StatusCode;

use crate::base::json;
use crate::base::json::Object;
use crate::base::json::Places;
use crate::base::media_type;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// The longest body that is read, in bytes. The adapters hold the same bound before they buffer.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// Lets a 2xx through; anything else is a refusal or a broken rule.
///
/// "The authorization server responds with an HTTP 400 (Bad Request) status code (unless specified
/// otherwise)" (RFC 6749 §5.2). A redirect is never followed: it could carry credentials to
/// another origin (RFC 9700 §4.12).
pub(crate) fn accept(endpoint: Endpoint, response: &Response<Vec<u8>>) -> Result<(), Error> {
    accept_or(endpoint, response, refusal)
}

/// As [`accept`], where `refusal` reads an answer that is no 2xx.
pub(crate) fn accept_or(
    endpoint: Endpoint,
    response: &Response<Vec<u8>>,
    refusal: fn(Endpoint, &Response<Vec<u8>>) -> Refusal,
) -> Result<(), Error> {
    let status = response.status();
    check_size(response.body())?;
    if status.is_redirection() {
        return Err(Violation::new(Check::ResponseRedirect)
            .expected("an answer")
            .received(format!("status {}", status.as_u16()))
            .into());
    }
    if status.is_client_error() || status.is_server_error() {
        return Err(refusal(endpoint, response).into());
    }
    if !status.is_success() {
        return Err(Violation::new(Check::ResponseStatus)
            .expected("status 200")
            .received(format!("status {}", status.as_u16()))
            .into());
    }
    Ok(())
}

/// Lets a body through that is not too long to be read.
pub(crate) fn check_size(body: &[u8]) -> Result<(), Violation> {
    if body.len() > BODY_LIMIT {
        return Err(Violation::new(Check::ResponseSize)
            .expected(format!("at most {BODY_LIMIT} bytes"))
            .received(format!("{} bytes", body.len())));
    }
    Ok(())
}

/// The members of a JSON answer that [`accept`] let through.
///
/// An `error` in a 2xx body is a refusal as well: GitHub's token endpoint, for one, answers so.
pub(crate) fn read<'a>(
    endpoint: Endpoint,
    response: &'a Response<Vec<u8>>,
) -> Result<Object<'a>, Error> {
    let object = json::object(response.body()).map_err(|fault| Malformed { endpoint, fault })?;
    unless_refused(endpoint, response, &object)?;
    Ok(object)
}

/// As [`read`], with the members that are known put in their `places`, and the `others` beside. `error` is
/// one of the others.
pub(crate) fn sort<'a>(
    endpoint: Endpoint,
    response: &'a Response<Vec<u8>>,
    places: &mut impl Places<'a>,
    others: &mut Object<'a>,
) -> Result<(), Error> {
    json::sort(response.body(), places, others).map_err(|fault| Malformed { endpoint, fault })?;
    unless_refused(endpoint, response, others)
}

fn unless_refused(
    endpoint: Endpoint,
    response: &Response<Vec<u8>>,
    object: &Object<'_>,
) -> Result<(), Error> {
    if object
        .iter()
        .any(|(name, value)| name == "error" && !value.is_null() && value.raw() != "\"\"")
    {
        return Err(refusal_from(endpoint, response, object).into());
    }
    Ok(())
}

/// What is not as specified and does no harm.
pub(crate) fn findings(response: &Response<Vec<u8>>) -> Vec<Finding> {
    findings_beside(StatusCode::OK, response)
}

/// As [`findings`], at an endpoint whose good answers have the status `expected`.
pub(crate) fn findings_beside(expected: StatusCode, response: &Response<Vec<u8>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if response.status() != expected {
        findings.push(Finding::Status(response.status().as_u16()));
    }
    if !media_type::is_json(response.headers()) {
        findings.push(Finding::MediaType);
    }
    findings
}

/// The refusal in an error answer; one without a code where the body is no error document.
pub(crate) fn refusal(endpoint: Endpoint, response: &Response<Vec<u8>>) -> Refusal {
    match json::object(response.body()) {
        Ok(object) => refusal_from(endpoint, response, &object),
        Err(_) => Refusal::new(endpoint).with_answer(response),
    }
}

fn refusal_from(endpoint: Endpoint, response: &Response<Vec<u8>>, object: &Object<'_>) -> Refusal {
    let text = |name: &str| object.member(name)?.string().ok();
    Refusal::new(endpoint)
        .with_answer(response)
        .with_code(text("error").as_deref())
        .with_description(text("error_description").map(Into::into))
        .with_uri(text("error_uri").map(Into::into))
}
