//! The grant `authorization_code`: RFC 6749 §4.1.3, RFC 7636 §4.6.

use crate::answer::Answer;
use crate::endpoint::authorization::required;
use crate::endpoint::token;
use crate::grants::Code;
use crate::mint::base64url_sha256;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;

pub(crate) fn redeem(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
) -> Result<Answer, Refusal> {
    let name = required(form, "code")?;
    let redirect_uri = required(form, "redirect_uri")?;
    let verifier = verifier(form)?;
    let Some(code) = provider.grants.codes.get(name).cloned() else {
        return Err(Refusal::no("invalid_grant", "no such code"));
    };
    check(now, client, &code, redirect_uri, verifier).inspect_err(|_| {
        // RFC 6749 §4.1.2: on a second use, "revoke (when possible) all tokens previously issued
        // based on that authorization code"
        if code.used {
            provider.grants.revoke(code.grant.family);
        }
    })?;
    let grant = token::for_resources(&code.grant, form)?;
    if let Some(code) = provider.grants.codes.get_mut(name) {
        code.used = true;
    }
    let issued = provider.settings.refresh.issued;
    let refresh_token = issued.then(|| provider.grants.add_refresh_token(code.grant));
    let answer = token::issue(provider, now, &grant, &code.requested, refresh_token);
    Ok(answer)
}

fn check(
    now: u64,
    client: &ClientRecord,
    code: &Code,
    redirect_uri: &str,
    verifier: Option<&str>,
) -> Result<(), Refusal> {
    let careless = |fault: &str| Err(Refusal::careless("invalid_grant", fault));
    if code.grant.client != client.id {
        return careless("the code is another client's");
    }
    if code.used {
        return careless("the code was used before");
    }
    if now >= code.expires {
        return Err(Refusal::no("invalid_grant", "the code has expired"));
    }
    if code.redirect_uri != redirect_uri {
        return careless("redirect_uri is not that of the authorization request");
    }
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) => {
            if base64url_sha256(verifier.as_bytes()) == *challenge {
                return Ok(());
            }
            careless("code_verifier does not fit")
        }
        (Some(_), None) => careless("code_verifier is missing"),
        // RFC 9700 §4.8.2: a verifier is accepted only if there was a challenge
        (None, Some(_)) => careless("code_verifier without a code_challenge"),
    }
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn verifier(form: &Parameters) -> Result<Option<&str>, Refusal> {
    let verifier = form.value("code_verifier");
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let malformed = |text: &str| !(43..=128).contains(&text.len()) || !text.bytes().all(fits);
    if verifier.is_some_and(malformed) {
        return Err(Refusal::request("code_verifier is malformed"));
    }
    Ok(verifier)
}
