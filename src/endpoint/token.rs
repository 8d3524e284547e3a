//! The token response (RFC 6749 §5.1 and §5.2, RFC 9449 §5): what the token endpoint says.

use std::borrow::Cow;

use http::Response;

use crate::base::bytes;
use crate::base::form;
use crate::base::json::JsonFault;
use crate::base::json::Members;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::client_attestation;
use crate::domain::dpop::Dpop;
use crate::domain::dpop_nonces;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Unverified;
use crate::domain::hooks::HookPoint;
use crate::domain::id_token::IdToken;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Quirk;
use crate::domain::scope::Scope;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::amended;
use crate::endpoint::id_token;
use crate::endpoint::id_token::Beside;
use crate::endpoint::id_token::Expected;
use crate::endpoint::request;
use crate::endpoint::response;

/// What the request asked for, to compare with.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) scope: &'a Scope,
    /// What was granted last, where that is another scope: it stays when none comes back.
    pub(crate) granted: Option<&'a Scope>,
    pub(crate) resource: &'a [String],
    /// The refresh token that was used; it stays when none comes back.
    pub(crate) refresh_token: Option<&'a Secret>,
    pub(crate) identity: Identity<'a>,
}

impl Asked<'_> {
    /// Where hooks act on the request and on the answer.
    fn points(&self) -> [HookPoint; 2] {
        match self.refresh_token {
            Some(_) => [
                HookPoint::RefreshTokenRequest,
                HookPoint::RefreshTokenResponse,
            ],
            None => [
                HookPoint::AccessTokenRequest,
                HookPoint::AccessTokenResponse,
            ],
        }
    }
}

/// Whether an ID token is to come, and what it is held to.
#[derive(Clone, Copy)]
pub(crate) enum Identity<'a> {
    /// None was asked for. One that comes all the same is kept as a member that nobody verified.
    Unasked,
    /// One may come (OpenID Connect Core 1.0 §12.2).
    Welcome(Expected<'a>),
    /// One has to come (OpenID Connect Core 1.0 §3.1.3.3).
    Required(Expected<'a>),
}

impl Identity<'_> {
    /// With `openid` in the scope an ID token has to come. No nonce was sent.
    pub(crate) fn of(scope: &Scope) -> Self {
        if scope.has_openid() {
            Self::Required(Expected::default())
        } else {
            Self::Unasked
        }
    }
}

/// Reads the token endpoint's answer to a grant of `client`.
pub(crate) fn read(
    client: &Client,
    now: UnixTime,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
) -> Result<Tokens, Error> {
    parts(client, answer, asked, |access_token, parts| {
        let Some(token_type) = parts.token_type(client)? else {
            return Err(unknown_type(expected_type(client), NOT_APPLICABLE).into());
        };
        parts.into_tokens(client, now, asked, access_token, token_type)
    })
}

/// As [`read`], where the ID token cannot be verified for want of keys: what came beside it, kept for
/// the caller, and the answer, to be read `again`.
pub(crate) fn without_keys(
    client: &Client,
    now: UnixTime,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
    again: impl Fn(UnixTime, &Response<Vec<u8>>) -> Result<Tokens, Error> + Send + Sync + 'static,
) -> Option<Error> {
    let identity = Identity::Unasked;
    let tokens = read(client, now, answer, &Asked { identity, ..*asked }).ok()?;
    let mut answer = answer.clone();
    // What it says of the requests to come is learnt, and is old by then.
    answer.headers_mut().remove(dpop_nonces::DPOP_NONCE);
    answer.headers_mut().remove(client_attestation::CHALLENGE);
    Some(Unverified::new(tokens, move |now| again(now, &answer)).into())
}

/// A server may repeat what it was sent, and `error` is printed: what stands in `own`, the grant as a
/// form, and the client's secret are hidden in it.
pub(crate) fn without_secrets(client: &Client, own: &str, error: Error) -> Error {
    let pairs = form::parse(own).unwrap_or_default();
    let is_secret = |name: &str| name != "grant_type" && name != "redirect_uri";
    let sent = pairs.iter().filter(|(name, _)| is_secret(name));
    let secret = client.authentication().secret().map(Secret::expose);
    error.hiding(sent.map(|(_, value)| value).chain(secret))
}

/// What came for another token (RFC 8693 §2.2.1).
pub(crate) struct Issued {
    /// The answer as tokens, which it may not be.
    pub(crate) tokens: Tokens,
    /// How the token is used as an access token; none where it is none.
    pub(crate) token_type: Option<TokenType>,
}

/// The `token_type` of what is no access token: it says that one "is not applicable in that context"
/// (RFC 8693 §2.2.1).
pub(crate) const NOT_APPLICABLE: &str = "N_A";

/// Reads the token endpoint's answer to an exchange by `client`.
pub(crate) fn read_issued(
    client: &Client,
    now: UnixTime,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
) -> Result<Issued, Error> {
    parts(client, answer, asked, |access_token, parts| {
        let token_type = parts.token_type(client)?;
        let placed = token_type.unwrap_or(TokenType::Bearer);
        let tokens = parts.into_tokens(client, now, asked, access_token, placed)?;
        Ok(Issued { tokens, token_type })
    })
}

/// What `read` makes of the access token and the other members of the answer. It is handed them as they
/// lie: they borrow from an answer that a hook or a quirk may have changed.
fn parts<T>(
    client: &Client,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
    read: impl FnOnce(Secret, Parts<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    request::learn(client, Endpoint::Token, answer);
    response::check_size(answer.body())?;
    let hooked = hooked(client, answer, asked)?;
    let mut findings = response::findings(&hooked);
    findings.extend(hook_findings(client, asked));
    let amended = amend(client, &hooked, &mut findings);
    let object = accepted(&amended).map_err(|error| as_it_came(error, answer, &findings))?;
    let mut parts = Parts {
        findings,
        ..Parts::default()
    };
    let is_asked = !matches!(asked.identity, Identity::Unasked);
    parts.members = object.read(|name, value| match name {
        "id_token" if is_asked => parts.id_token(value),
        _ => parts.read(name, value),
    })?;
    // RFC 6749 §5.1: "access_token REQUIRED".
    let access_token = parts.access_token.take();
    let access_token = access_token.ok_or_else(|| missing(Check::TokenAccess))?;
    read(access_token, parts)
}

fn accepted(answer: &Response<Vec<u8>>) -> Result<Object<'_>, Error> {
    response::accept(Endpoint::Token, answer)?;
    response::read(Endpoint::Token, answer)
}

/// A refusal with the answer as it came, and with what was tolerated to read it.
fn as_it_came(error: Error, answer: &Response<Vec<u8>>, findings: &[Finding]) -> Error {
    let is_tolerated = |finding: &&Finding| {
        matches!(
            finding,
            Finding::Quirk(_) | Finding::Hook(_) | Finding::ExtraHeaders
        )
    };
    match error {
        Error::Refused(refusal) => refusal
            .with_answer(answer)
            .with_findings(findings.iter().filter(is_tolerated).cloned())
            .into(),
        other => other,
    }
}

/// The answer as the client's hooks leave it.
fn hooked<'a>(
    client: &Client,
    answer: &'a Response<Vec<u8>>,
    asked: &Asked<'_>,
) -> Result<Cow<'a, Response<Vec<u8>>>, Violation> {
    let [_, point] = asked.points();
    let Some(hooks) = client.hooks().filter(|hooks| hooks.has(point)) else {
        return Ok(Cow::Borrowed(answer));
    };
    let answer = hooks.response(point, answer);
    response::check_size(answer.body())?;
    Ok(Cow::Owned(answer))
}

fn hook_findings(client: &Client, asked: &Asked<'_>) -> impl Iterator<Item = Finding> {
    client.hooks().into_iter().flat_map(|hooks| {
        let points = asked.points().into_iter().filter(|point| hooks.has(*point));
        let headers = hooks.has_headers().then_some(Finding::ExtraHeaders);
        points.map(Finding::Hook).chain(headers)
    })
}

/// The answer as it should have been, by the quirks of the client; what acted becomes a finding.
fn amend<'a>(
    client: &Client,
    answer: &'a Response<Vec<u8>>,
    findings: &mut Vec<Finding>,
) -> Cow<'a, Response<Vec<u8>>> {
    let amended = amended::token_response(client.quirks(), answer);
    if amended.acted.contains(&Quirk::FormTokenResponse) {
        findings.retain(|finding| *finding != Finding::MediaType);
    }
    let acted = request::quirks(client).chain(amended.acted);
    findings.extend(acted.map(Finding::Quirk));
    amended.response
}

/// The members of a token response as they come.
#[derive(Default)]
struct Parts<'a> {
    access_token: Option<Secret>,
    /// Some of none is [`NOT_APPLICABLE`].
    token_type: Option<Option<Cow<'a, str>>>,
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
    id_token: Option<Cow<'a, str>>,
    scope: Option<Cow<'a, str>>,
    members: Members,
    findings: Vec<Finding>,
}

impl<'a> Parts<'a> {
    /// The members with a meaning here.
    const NAMES: [&'static str; 5] = [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
    ];

    /// Whether it knows the member. One that it knows counts as absent where it is null.
    fn read(&mut self, name: &str, value: Value<'a>) -> Result<bool, Error> {
        match name {
            known if value.is_null() && Self::NAMES.contains(&known) => {}
            "access_token" => self.access_token = access_token(value)?,
            "token_type" => self.token_type = Some(token_type(value)?),
            "expires_in" => self.expires_in = Some(expires_in(value)?),
            "refresh_token" => self.refresh_token = secret(value)?,
            "scope" => self.scope = Some(value.string().map_err(malformed)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn id_token(&mut self, value: Value<'a>) -> Result<bool, Error> {
        if !value.is_null() {
            self.id_token = Some(value.string().map_err(malformed)?);
        }
        Ok(true)
    }

    /// How the token is used as an access token; none where the server says that it is none.
    fn token_type(&self, client: &Client) -> Result<Option<TokenType>, Error> {
        // RFC 6749 §5.1: "token_type REQUIRED".
        let said = self.token_type.as_ref();
        let said = said.ok_or_else(|| missing(Check::TokenTypeMissing))?;
        let known = said.as_ref().map(|name| known_type(client, name));
        Ok(known.transpose()?)
    }

    fn into_tokens(
        self,
        client: &Client,
        now: UnixTime,
        asked: &Asked<'_>,
        access_token: Secret,
        token_type: TokenType,
    ) -> Result<Tokens, Error> {
        let mut findings = self.findings;
        let lifetime = self.expires_in.map(std::time::Duration::from_secs);
        let beside = (&access_token, self.refresh_token.as_ref());
        let id_token = identify(client, now, self.id_token, beside, asked.identity)?;
        let id_token = id_token.map(|(id_token, remarks)| {
            findings.extend(remarks);
            id_token
        });
        Ok(Tokens {
            v: Version,
            access_token,
            token_type,
            jkt: match token_type {
                TokenType::Dpop => client.dpop().map(Dpop::shared_thumbprint),
                TokenType::Bearer => None,
            },
            received_at: now,
            expires_at: lifetime.map(|lifetime| now.saturating_add(lifetime)),
            refresh_token: self.refresh_token.or_else(|| asked.refresh_token.cloned()),
            id_token,
            granted_scope: match self.scope {
                Some(granted) if granted == asked.scope.as_str() => None,
                Some(granted) => Some(Scope::from(granted.into_owned())),
                None => asked.granted.filter(|last| *last != asked.scope).cloned(),
            },
            requested_scope: asked.scope.clone(),
            resource: asked.resource.to_vec(),
            server: client.server().clone(),
            client_id: client.shared_client_id(),
            members: self.members,
            findings,
        })
    }
}

fn missing(check: Check) -> Error {
    Violation::new(check).received_nothing().into()
}

/// Verifies the ID token that came, or says that one is missing.
fn identify(
    client: &Client,
    now: UnixTime,
    text: Option<Cow<'_, str>>,
    (access_token, refresh_token): (&Secret, Option<&Secret>),
    identity: Identity<'_>,
) -> Result<Option<(IdToken, Vec<Finding>)>, Error> {
    let (expected, is_required) = match identity {
        Identity::Unasked => return Ok(None),
        Identity::Welcome(expected) => (expected, false),
        Identity::Required(expected) => (expected, true),
    };
    let Some(text) = text else {
        return if is_required {
            Err(Violation::new(Check::IdTokenMissing)
                .received_nothing()
                .into())
        } else {
            // §12.2: the refresh response "might not contain an id_token"; the user is the same.
            Ok(expected.first.cloned().map(|first| (first, Vec::new())))
        };
    };
    // What a server pushes is bound together by the ID token alone (CIBA Core 1.0 §10.3.1).
    let is_hash_required = expected.auth_req_id.is_some();
    let value = access_token.expose();
    let expected = Expected {
        access_token: Some(Beside {
            value,
            is_hash_required,
        }),
        refresh_token: refresh_token
            .filter(|_| is_hash_required)
            .map(|token| Beside::required(token.expose())),
        ..expected
    };
    id_token::verify(client, now, &text, &expected).map(Some)
}

/// "credentials = "Bearer" 1*SP b64token" (RFC 6750 section 2.1). Tokens with other printable
/// characters are met; one with a space or anything unprintable could end its header line early.
fn access_token(value: Value<'_>) -> Result<Option<Secret>, Error> {
    let token = secret(value)?;
    let is_printable = |token: &Secret| bytes::all(token.expose(), |byte| byte.is_ascii_graphic());
    if token.as_ref().is_none_or(is_printable) {
        return Ok(token);
    }
    Err(Violation::new(Check::TokenAccess)
        .expected("printable ASCII without a space")
        .into())
}

/// A text that is a secret; an empty one counts as absent.
fn secret(value: Value<'_>) -> Result<Option<Secret>, Error> {
    let text = value.string().map_err(malformed)?;
    Ok(Some(Secret::from(text.into_owned())).filter(|secret| !secret.is_empty()))
}

/// "Value is case insensitive" (RFC 6749 §5.1); "The client MUST NOT use an access token if
/// it does not understand the token type" (§7.1).
fn token_type(value: Value<'_>) -> Result<Option<Cow<'_, str>>, Error> {
    let text = value.string().map_err(malformed)?;
    Ok(Some(text).filter(|text| !text.eq_ignore_ascii_case(NOT_APPLICABLE)))
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

/// How the tokens are used that the client asks for.
pub(crate) fn expected_type(client: &Client) -> TokenType {
    match client.dpop() {
        Some(_) => TokenType::Dpop,
        None => TokenType::Bearer,
    }
}

pub(crate) fn unknown_type(expected: TokenType, received: &str) -> Violation {
    Violation::new(Check::TokenType)
        .expected(expected.as_str())
        .received(received)
}

/// "The lifetime in seconds of the access token" (RFC 6749 §5.1), as a number or as the whole
/// decimal text that several servers send. Zero means that it has ended.
fn expires_in(value: Value<'_>) -> Result<u64, Error> {
    value.whole_number_or_text().map_err(|_| {
        Violation::new(Check::TokenExpiresIn)
            .expected("a whole number of seconds")
            .received(value.shown())
            .into()
    })
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
            let members = json::object(body.as_bytes()).unwrap();
            let error = expires_in(members.member("expires_in").unwrap()).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(
                text.contains(shown) && !text.contains("tops3cret"),
                "{text}"
            );
        }
    }
}
