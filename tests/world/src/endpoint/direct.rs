//! Grants without a browser: RFC 6749 §4.3.2, §4.4.2 and §4.5, RFC 7522 §2.1, RFC 7523 §2.1.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::answer::Answer;
use crate::endpoint::authorization::details;
use crate::endpoint::authorization::required;
use crate::endpoint::authorization::resources;
use crate::endpoint::authorization::scope;
use crate::endpoint::token;
use crate::grants::Grant;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::ClientRecord;

pub(crate) fn answer(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
) -> Result<Answer, Refusal> {
    let grant_type = required(form, "grant_type")?;
    let sub = subject(provider, client, form, grant_type)?;
    let wanted = scope(form.value("scope"))?;
    let allowed = |value: &&String| client.scopes.is_empty() || client.scopes.contains(value);
    if let Some(value) = wanted.iter().find(|value| !allowed(value)) {
        let fault = format!("{value} is not for this client");
        return Err(Refusal::no("invalid_scope", fault));
    }
    let grant = Grant {
        family: provider.grants.family(),
        client: client.id.clone(),
        sub,
        scope: wanted.clone(),
        resources: resources(form)?,
        details: details(form.value("authorization_details"))?,
        nonce: None,
        since: now,
    };
    // RFC 6749 §4.4.3: "A refresh token SHOULD NOT be included"; RFC 7521 §4.1 says as much.
    let refreshes = grant_type == "password" && provider.settings.refresh.issued;
    let refresh_token = refreshes.then(|| provider.grants.add_refresh_token(grant.clone()));
    Ok(token::issue(provider, now, &grant, &wanted, refresh_token))
}

/// On whose behalf it is.
fn subject(
    provider: &Provider,
    client: &ClientRecord,
    form: &Parameters,
    grant_type: &str,
) -> Result<String, Refusal> {
    let settings = &provider.settings;
    let user = || Ok(settings.user.sub.clone());
    match grant_type {
        // "MUST only be used by confidential clients"
        "client_credentials" if client.auth_method == AuthMethod::None => Err(Refusal::careless(
            "unauthorized_client",
            "client_credentials of a public client",
        )),
        "client_credentials" => Ok(client.id.clone()),
        "password" => {
            let given = (required(form, "username")?, required(form, "password")?);
            if given == (&settings.user.email, &settings.password) {
                return user();
            }
            let fault = "the username or the password is wrong";
            Err(Refusal::no("invalid_grant", fault))
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            known(provider, required(form, "assertion")?)?;
            user()
        }
        "urn:ietf:params:oauth:grant-type:saml2-bearer" => {
            known(provider, &saml(required(form, "assertion")?)?)?;
            user()
        }
        other if settings.extension_grants.iter().any(|known| known == other) => {
            Ok(client.id.clone())
        }
        other => {
            let fault = format!("no grant type {other}");
            Err(Refusal::no("unsupported_grant_type", fault))
        }
    }
}

/// Whether somebody made this assertion.
pub(crate) fn known(provider: &Provider, assertion: &str) -> Result<(), Refusal> {
    let mut assertions = provider.settings.assertions.iter();
    if assertions.any(|known| known == assertion) {
        return Ok(());
    }
    Err(Refusal::no("invalid_grant", "the assertion is no good"))
}

/// RFC 7522 §2.1: base64url, neither wrapped nor padded.
pub(crate) fn saml(text: &str) -> Result<String, Refusal> {
    let fault = || Refusal::careless("invalid_grant", "the assertion is not base64url of XML");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| fault())?;
    String::from_utf8(bytes).map_err(|_| fault())
}
