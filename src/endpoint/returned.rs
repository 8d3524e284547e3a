//! What the browser brings back, read for what was pending (OAuth 2.0 Multiple Response Type Encoding
//! Practices 1.0, OpenID Connect Core 1.0 §3.2.2.5 and §3.3.2.5): each part that was asked for, once
//! it is verified.

use crate::base::form::Pairs;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::id_token::IdToken;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Quirk;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::callback;
use crate::endpoint::callback::said;
use crate::endpoint::id_token;
use crate::endpoint::id_token::Beside;
use crate::endpoint::id_token::Expected;
use crate::endpoint::implicit;
use crate::endpoint::pending::Pending;

/// The parts of a response that passed every check.
pub(crate) struct Returned {
    /// There where the response type has one.
    pub(crate) code: Option<Secret>,
    /// In a box: they are there for few response types.
    pub(crate) tokens: Option<Box<Tokens>>,
    pub(crate) id_token: Option<IdToken>,
    /// What no check knows.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads what came back for `pending`.
pub(crate) fn read(
    client: &Client,
    now: UnixTime,
    pending: &Pending,
    received: &str,
) -> Result<Returned, Error> {
    let (mut parameters, mut findings) = callback::validate(client, now, pending, received)?;
    let has_commas = client.quirks().has(Quirk::CommaScopeRequest);
    if has_commas && pending.scope.as_str().contains(' ') {
        findings.push(Finding::Quirk(Quirk::CommaScopeRequest));
    }
    let asked = pending.response_type;
    let code = if asked.has_code() {
        Some(take_code(&mut parameters)?)
    } else {
        None
    };
    let mut tokens = if asked.has_token() {
        let tokens = implicit::take_tokens(client, now, pending, &mut parameters)?;
        Some(Box::new(tokens))
    } else {
        None
    };
    let id_token = if asked.has_id_token() {
        let beside = (code.as_ref(), tokens.as_deref());
        let (id_token, remarks) = take_id_token(client, now, pending, &mut parameters, beside)?;
        findings.extend(remarks);
        Some(id_token)
    } else {
        None
    };
    if let Some(tokens) = &mut tokens {
        tokens.id_token.clone_from(&id_token);
    }
    Ok(Returned {
        code,
        tokens,
        id_token,
        parameters: callback::rest(parameters),
        findings,
    })
}

/// As [`read`], for a `pending` that is used once: it is given back where keys lack, as nothing of the answer
/// was used then.
pub(crate) fn consume(
    client: &Client,
    now: UnixTime,
    pending: Pending,
    received: &str,
) -> Result<(Returned, Pending), Error> {
    match read(client, now, &pending, received) {
        Ok(returned) => Ok((returned, pending)),
        Err(Error::Keys(missing)) => Err(missing.holding(pending).into()),
        Err(error) => Err(error),
    }
}

fn take_code(parameters: &mut Pairs<'_>) -> Result<Secret, Violation> {
    match parameters.take("code") {
        Some(code) if !code.is_empty() => Ok(Secret::from(code.into_owned())),
        _ => Err(Violation::new(Check::CallbackCode)
            .expected("`code` or `error`")
            .received_nothing()),
    }
}

/// "`c_hash` [...] If the ID Token is issued from the Authorization Endpoint with a code [...] this is
/// REQUIRED" (§3.3.2.11), and so is `at_hash` with an access token.
fn take_id_token(
    client: &Client,
    now: UnixTime,
    pending: &Pending,
    parameters: &mut Pairs<'_>,
    (code, tokens): (Option<&Secret>, Option<&Tokens>),
) -> Result<(IdToken, Vec<Finding>), Error> {
    let Some(text) = said(parameters, "id_token") else {
        return Err(Violation::new(Check::IdTokenMissing)
            .received_nothing()
            .into());
    };
    let expected = Expected {
        nonce: pending.handshake.nonce(),
        demands: pending.demands(),
        code: code.map(|code| Beside::required(code.expose())),
        access_token: tokens.map(|tokens| Beside::required(tokens.access_token().expose())),
        state: Some(Beside::optional(pending.state())),
        ..Expected::default()
    };
    let verified = id_token::verify(client, now, text, &expected)?;
    parameters.take("id_token");
    Ok(verified)
}
