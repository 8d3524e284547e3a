//! The answers that hold credentials, temporary or not (RFC 5849 §2.1 and §2.3).

use std::str;

use http::Response;
use zeroize::Zeroizing;

use crate::base::form;
use crate::base::form::Pairs;
use crate::base::json;
use crate::base::json::Members;
use crate::base::media_type;
use crate::base::secret::Secret;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::response;
use crate::oauth1::problem;

/// A token, its secret, and what came with them.
pub(crate) struct Credentials {
    pub(crate) token: Secret,
    pub(crate) secret: Secret,
    /// `oauth_callback_confirmed`, which is of temporary credentials alone.
    pub(crate) confirmed: Option<String>,
    pub(crate) members: Members,
    pub(crate) findings: Vec<Finding>,
}

/// Reads an answer of `endpoint`.
pub(crate) fn read(
    endpoint: Endpoint,
    quirks: Quirks,
    answer: &Response<Vec<u8>>,
) -> Result<Credentials, Error> {
    response::accept_or(endpoint, answer, problem::refusal)?;
    let mut findings = Vec::new();
    if answer.status() != http::StatusCode::OK {
        findings.push(Finding::Status(answer.status().as_u16()));
    }
    let text = str::from_utf8(answer.body()).unwrap_or("%").trim_ascii();
    let json;
    let mut pairs = if text.starts_with('{') && quirks.has(Quirk::JsonCredentials) {
        findings.push(Finding::Quirk(Quirk::JsonCredentials));
        json = form_of_json(text)?;
        form::parse(&json)
    } else {
        let is_form = media_type::of(answer.headers())
            .is_some_and(|own| own.is("application", "x-www-form-urlencoded"));
        if !is_form {
            findings.push(Finding::MediaType);
        }
        form::parse(text)
    }
    .map_err(|_| not_a_form())?;
    // RFC 5849 §3.1: "Each parameter MUST NOT appear more than once".
    if let Some(name) = pairs.duplicate() {
        return Err(Violation::new(Check::OAuth1CredentialsDuplicate)
            .received(format!("`{name}` twice"))
            .into());
    }
    let token = pairs.take("oauth_token").filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| missing(Check::OAuth1CredentialsToken))?;
    // Empty where signatures do without it, but there: "REQUIRED".
    let secret = pairs.take("oauth_token_secret");
    let secret = secret.ok_or_else(|| missing(Check::OAuth1CredentialsSecret))?;
    Ok(Credentials {
        token: Secret::from(token.into_owned()),
        secret: Secret::from(secret.into_owned()),
        confirmed: pairs
            .take("oauth_callback_confirmed")
            .map(std::borrow::Cow::into_owned),
        members: members(&pairs)?,
        findings,
    })
}

fn not_a_form() -> Violation {
    Violation::new(Check::OAuth1CredentialsForm).expected("application/x-www-form-urlencoded")
}

fn missing(check: Check) -> Violation {
    Violation::new(check).received_nothing()
}

/// [`Quirk::JsonCredentials`]: a JSON object as the form that it should have been. Members that are no text
/// stand as they are written.
fn form_of_json(text: &str) -> Result<String, Violation> {
    let object = json::object(text.as_bytes()).map_err(|_| not_a_form())?;
    let mut form = form::Form::with_capacity(text.len());
    for (name, value) in object.iter() {
        match value.string() {
            Ok(text) => form.push_any(name, &text),
            Err(_) => form.push_any(name, value.raw()),
        }
    }
    Ok(form.into_string())
}

fn members(pairs: &Pairs<'_>) -> Result<Members, Violation> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    text.push('{');
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name).to_string());
        text.push(':');
        text.push_str(&Zeroizing::new(serde_json::Value::from(value).to_string()));
    }
    text.push('}');
    serde_json::from_str(&text).map_err(|_| not_a_form())
}
