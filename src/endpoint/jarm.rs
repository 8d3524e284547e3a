//! The authorization response as a JWT (JWT Secured Authorization Response Mode for OAuth 2.0 §2):
//! signed by the server, so that nobody on the way can change it, and encrypted where that was agreed.

use std::borrow::Cow;

use crate::base::form::Pairs;
use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Object;
use crate::base::json::Value;
use crate::base::time::UnixTime;
use crate::crypto::jws::Jws;
use crate::crypto::jwt::Claims;
use crate::crypto::jwt::ClaimsFault;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::response_algorithms::Answer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::callback::said;
use crate::endpoint::registered;
use crate::endpoint::signed;
use crate::endpoint::signed::Agreed;

/// The parameters in the JWT that came as `response`. What stood beside it is not signed, and gone.
///
/// The order is that of §4: signature first here, since a state that nobody signed says nothing; then
/// `iss`, `aud`, `exp`, and `nbf` if it is there. `state` is compared by whoever compares it otherwise.
/// The header's type is that of no other token.
pub(crate) fn parameters(
    client: &Client,
    now: UnixTime,
    received: &Pairs<'_>,
) -> Result<Pairs<'static>, Error> {
    let Some(text) = said(received, "response") else {
        return Err(Violation::new(Check::JarmResponse)
            .expected("`response`")
            .received_nothing()
            .into());
    };
    let verified =
        signed::verify(client, now, Agreed::of(client, Answer::Authorization), text)?.verified;
    signed::check_typ(
        Answer::Authorization,
        Check::JarmResponse,
        verified.header(),
    )?;
    let (claims, pairs) =
        Claims::read(verified.into_payload(), pairs).map_err(|fault| malformed(&fault))?;
    registered::check_issuer(Check::JarmIss, client, &claims)?;
    registered::check_audience(Check::JarmAud, client.client_id(), &claims)?;
    registered::check_end(Check::JarmExp, now, client.leeway(), &claims)?;
    registered::check_begun(Check::JarmNbf, now, client.leeway(), &claims)?;
    Ok(pairs)
}

/// The claims that are parameters, as the texts that they would have been in a query.
fn pairs(object: &Object<'_>) -> Result<Pairs<'static>, ClaimsFault> {
    let claims = ["aud", "exp", "iat", "nbf", "jti"];
    let members = object.iter().filter(|(name, _)| !claims.contains(name));
    let pairs = members.map(|(name, value)| {
        let text = parameter(value).map_err(ClaimsFault::Json)?;
        Ok((Cow::Owned(name.to_owned()), Cow::Owned(text)))
    });
    pairs.collect()
}

fn parameter(value: Value<'_>) -> Result<String, JsonFault> {
    if value.raw().starts_with('"') {
        return value.string().map(Cow::into_owned);
    }
    Ok(value.raw().to_owned())
}

/// The claim `state` of a signed response before anything is verified: what says which request it may
/// belong to.
pub(crate) fn unverified_state(response: &str) -> Option<String> {
    let jws = Jws::parse(response).ok()?;
    let object = json::object(jws.danger_unverified_payload()).ok()?;
    let mut pairs = pairs(&object).ok()?;
    let state = pairs.take("state")?;
    Some(state.into_owned()).filter(|state| !state.is_empty())
}

fn malformed(fault: &ClaimsFault) -> Error {
    Violation::new(Check::JarmResponse)
        .expected("the parameters of a response")
        .received(fault.to_string())
        .into()
}
