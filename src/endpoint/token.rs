//! The token response (RFC 6749 §5.1 and §5.2, RFC 9449 §5): what the token endpoint says.

use std::borrow::Cow;
use std::mem;
use std::sync::Arc;

use http::Response;

use crate::base::form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::client_attestation;
use crate::domain::dpop::Dpop;
use crate::domain::dpop_nonces;
use crate::domain::error::Error;
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
use crate::endpoint::amended::Amended;
use crate::endpoint::id_token;
use crate::endpoint::id_token::Beside;
use crate::endpoint::id_token::Expected;
use crate::endpoint::request;
use crate::endpoint::response;

mod said;

use said::Said;

/// What the request asked for, to compare with.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) scope: &'a Arc<Scope>,
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
    tokens(client, now, answer, asked, |token_type| {
        token_type.ok_or_else(|| unknown_type(expected_type(client), NOT_APPLICABLE))
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
    let mut token_type = None;
    let tokens = tokens(client, now, answer, asked, |said| {
        token_type = said;
        Ok(said.unwrap_or(TokenType::Bearer))
    })?;
    Ok(Issued { tokens, token_type })
}

/// What the answer says, as tokens of the type that is `placed` for what it says of that.
fn tokens(
    client: &Client,
    now: UnixTime,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
    placed: impl FnOnce(Option<TokenType>) -> Result<TokenType, Violation>,
) -> Result<Tokens, Error> {
    let mut findings = Vec::new();
    let changed = changed(client, answer, asked, &mut findings)?;
    let mut said = Said::of(asked);
    said.read(changed.as_deref().unwrap_or(answer))
        .map_err(|error| as_it_came(error, answer, &findings))?;
    let access_token = said.access_token()?;
    let token_type = placed(said.token_type(client)?)?;
    let lifetime = said.expires_in()?;
    let refresh_token = said.refresh_token()?;
    let granted_scope = match said.scope()? {
        Some(granted) if granted == asked.scope.as_str() => None,
        Some(granted) => Some(Scope::from(granted.into_owned())),
        None => asked
            .granted
            .filter(|last| *last != &**asked.scope)
            .cloned(),
    };
    let beside = (&access_token, refresh_token.as_ref());
    let id_token = match asked.identity {
        Identity::Unasked => None,
        identity => identify(client, now, said.id_token()?, beside, identity)?,
    };
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
        refresh_token: refresh_token.or_else(|| asked.refresh_token.cloned()),
        id_token,
        granted_scope,
        requested_scope: Arc::clone(asked.scope),
        resource: asked.resource.to_vec(),
        server: client.server().clone(),
        client_id: client.shared_client_id(),
        // Taken: once a part is moved out of it, the rest is copied, which takes a sixth of the whole.
        members: mem::take(&mut said.others),
        findings,
    })
}

/// Learns what the answer says of requests to come, and leaves it to the client's hooks and quirks; none where
/// it stays as it came. What is tolerated of it are the `findings`.
fn changed(
    client: &Client,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Box<Response<Vec<u8>>>>, Violation> {
    request::learn(client, Endpoint::Token, answer);
    response::check_size(answer.body())?;
    let hooked = hooked(client, answer, asked)?;
    let answer = hooked.as_deref().unwrap_or(answer);
    *findings = response::findings(answer);
    findings.extend(hook_findings(client, asked));
    Ok(amended(client, answer, findings).or(hooked))
}

/// The answer as the client's hooks leave it.
fn hooked(
    client: &Client,
    answer: &Response<Vec<u8>>,
    asked: &Asked<'_>,
) -> Result<Option<Box<Response<Vec<u8>>>>, Violation> {
    let [_, point] = asked.points();
    let Some(hooks) = client.hooks().filter(|hooks| hooks.has(point)) else {
        return Ok(None);
    };
    let answer = hooks.response(point, answer);
    response::check_size(answer.body())?;
    Ok(Some(Box::new(answer)))
}

fn hook_findings(client: &Client, asked: &Asked<'_>) -> impl Iterator<Item = Finding> {
    client.hooks().into_iter().flat_map(|hooks| {
        let points = asked.points().into_iter().filter(|point| hooks.has(*point));
        let headers = hooks.has_headers().then_some(Finding::ExtraHeaders);
        points.map(Finding::Hook).chain(headers)
    })
}

/// The answer as it should have been, by the quirks of the client; what acted becomes a finding.
fn amended(
    client: &Client,
    answer: &Response<Vec<u8>>,
    findings: &mut Vec<Finding>,
) -> Option<Box<Response<Vec<u8>>>> {
    if client.quirks().is_empty() {
        return None;
    }
    let Amended { response, acted } = amended::token_response(client.quirks(), answer);
    if acted.contains(&Quirk::FormTokenResponse) {
        findings.retain(|finding| *finding != Finding::MediaType);
    }
    let acted = request::quirks(client).chain(acted);
    findings.extend(acted.map(Finding::Quirk));
    match response {
        Cow::Owned(changed) => Some(Box::new(changed)),
        Cow::Borrowed(_) => None,
    }
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
