//! The members of a token response (RFC 6749 §5.1), each read as what it has to be.

use std::borrow::Cow;
use std::time::Duration;

use http::Response;

use super::Asked;
use super::Identity;
use super::NOT_APPLICABLE;
use super::expected_type;
use super::unknown_type;
use crate::base::bytes;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Object;
use crate::base::json::Places;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::metadata::Endpoint;
use crate::domain::token::TokenType;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::response;

/// The members of a token response, as they are written.
#[derive(Default)]
pub(super) struct Said<'a> {
    access_token: Option<Value<'a>>,
    token_type: Option<Value<'a>>,
    expires_in: Option<Value<'a>>,
    refresh_token: Option<Value<'a>>,
    scope: Option<Value<'a>>,
    id_token: Option<Value<'a>>,
    /// Whether an ID token has a meaning.
    is_identity_asked: bool,
    /// The members that have no meaning here.
    pub(super) others: Members,
}

impl<'a> Places<'a> for Said<'a> {
    fn place(&mut self, name: &str) -> Option<&mut Option<Value<'a>>> {
        match name {
            "access_token" => Some(&mut self.access_token),
            "token_type" => Some(&mut self.token_type),
            "expires_in" => Some(&mut self.expires_in),
            "refresh_token" => Some(&mut self.refresh_token),
            "scope" => Some(&mut self.scope),
            "id_token" if self.is_identity_asked => Some(&mut self.id_token),
            _ => None,
        }
    }
}

impl<'a> Said<'a> {
    /// Nothing yet.
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        Self {
            is_identity_asked: !matches!(asked.identity, Identity::Unasked),
            ..Self::default()
        }
    }

    /// Takes the members out of an answer that is no refusal.
    pub(super) fn read(&mut self, answer: &'a Response<Vec<u8>>) -> Result<(), Error> {
        response::accept(Endpoint::Token, answer)?;
        let mut others = Object::default();
        response::sort(Endpoint::Token, answer, self, &mut others)?;
        if !others.is_empty() {
            self.others = others.kept();
        }
        Ok(())
    }

    /// "`access_token` REQUIRED" (RFC 6749 §5.1).
    ///
    /// "credentials = "Bearer" 1*SP b64token" (RFC 6750 section 2.1). Tokens with other printable
    /// characters are met; one with a space or anything unprintable could end its header line early.
    pub(super) fn access_token(&self) -> Result<Secret, Error> {
        let token = text(&self.access_token)?.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| missing(Check::TokenAccess))?;
        let is_printable = bytes::all(&token, |byte| byte.is_ascii_graphic());
        let token = Secret::from(token.into_owned());
        if is_printable {
            return Ok(token);
        }
        Err(Violation::new(Check::TokenAccess)
            .expected("printable ASCII without a space")
            .into())
    }

    /// How the token is used as an access token; none where the server says that it is none.
    ///
    /// "`token_type` REQUIRED. [...] Value is case insensitive" (RFC 6749 §5.1); "The client MUST NOT use
    /// an access token if it does not understand the token type" (§7.1).
    pub(super) fn token_type(&self, client: &Client) -> Result<Option<TokenType>, Error> {
        let said = text(&self.token_type)?.ok_or_else(|| missing(Check::TokenTypeMissing))?;
        if said.eq_ignore_ascii_case(NOT_APPLICABLE) {
            return Ok(None);
        }
        Ok(Some(known_type(client, &said)?))
    }

    /// "The lifetime in seconds of the access token" (RFC 6749 §5.1), as a number or as the whole
    /// decimal text that several servers send. Zero means that it has ended.
    pub(super) fn expires_in(&self) -> Result<Option<Duration>, Error> {
        let Some(value) = there(&self.expires_in) else {
            return Ok(None);
        };
        let seconds = value.whole_number_or_text().map_err(|_| {
            Violation::new(Check::TokenExpiresIn)
                .expected("a whole number of seconds")
                .received(value.shown())
        })?;
        Ok(Some(Duration::from_secs(seconds)))
    }

    pub(super) fn refresh_token(&self) -> Result<Option<Secret>, Error> {
        secret(&self.refresh_token)
    }

    /// The scope that was granted, where the server says it.
    pub(super) fn scope(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text(&self.scope)
    }

    /// The ID token, where one has a meaning.
    pub(super) fn id_token(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text(&self.id_token)
    }
}

/// A member that is null counts as absent.
fn there<'v, 'a>(value: &'v Option<Value<'a>>) -> Option<&'v Value<'a>> {
    value.as_ref().filter(|value| !value.is_null())
}

// Into the caller: to hand a text out costs as much as to find it.
#[inline(always)]
fn text<'a>(value: &Option<Value<'a>>) -> Result<Option<Cow<'a, str>>, Error> {
    there(value)
        .map(|value| value.string().map_err(malformed))
        .transpose()
}

/// A text that is a secret; an empty one counts as absent.
#[inline(always)]
fn secret(value: &Option<Value<'_>>) -> Result<Option<Secret>, Error> {
    let text = text(value)?.filter(|text| !text.is_empty());
    Ok(text.map(|text| Secret::from(text.into_owned())))
}

/// Reads the name of a token type: the one that the request was for, and no other.
///
/// Where a proof was sent, "a `token_type` of `DPoP` MUST be included" (RFC 9449 §5); another one says
/// that the token is not bound, and is a downgrade.
fn known_type(client: &Client, name: &str) -> Result<TokenType, Violation> {
    let expected = expected_type(client);
    match TokenType::of(name) {
        Some(token_type) if token_type == expected => Ok(token_type),
        Some(TokenType::Bearer) => Err(Violation::new(Check::DpopTokenType)
            .expected(expected.as_str())
            .received(name)),
        _ => Err(unknown_type(expected, name)),
    }
}

fn missing(check: Check) -> Error {
    Violation::new(check).received_nothing().into()
}

fn malformed(fault: JsonFault) -> Error {
    let endpoint = Endpoint::Token;
    Malformed { endpoint, fault }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::json;

    #[test]
    fn a_lifetime_that_is_a_structure_is_not_shown() {
        for (body, shown) in [
            (r#"{"expires_in":-1}"#, "received -1"),
            (
                r#"{"expires_in":{"access_token":"tops3cret"}}"#,
                "an object",
            ),
            (r#"{"expires_in":["tops3cret"]}"#, "an array"),
        ] {
            let object = json::object(body.as_bytes()).unwrap();
            let said = Said {
                expires_in: object.member("expires_in"),
                ..Said::default()
            };
            let error = said.expires_in().unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(
                text.contains(shown) && !text.contains("tops3cret"),
                "{text}"
            );
        }
    }
}
