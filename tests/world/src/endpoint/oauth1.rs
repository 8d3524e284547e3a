//! The endpoints of OAuth 1.0a (RFC 5849 §2): temporary credentials, the user, token credentials, an API.

use http::Method;

use crate::answer::Answer;
use crate::answer::Callback;
use crate::answer::ResponseMode;
use crate::html;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::oauth1::Denial;
use crate::oauth1::Temporary;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::signature;
use crate::signature::Signed;

/// The user, whoever it is.
const USER: &str = "248289761001";

/// What the endpoint at a path below `/oauth1` answers.
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    let path = incoming.request.uri().path();
    match path.strip_prefix(provider.base_path()).unwrap_or(path) {
        "/oauth1/initiate" => initiate(provider, incoming),
        "/oauth1/authorize" => authorize(provider, incoming),
        "/oauth1/token" => token(provider, incoming),
        "/oauth1/moved" => Ok(moved(provider)),
        below if below.starts_with("/oauth1/api") => api(provider, incoming),
        _ => Err(Refusal::request(format!("nothing at {path}")).status(404)),
    }
}

/// A refusal in the words of problem reporting.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let problem = refusal.error.unwrap_or("parameter_rejected");
    let mut members = Members::default();
    members.add("oauth_problem", problem);
    members.add("oauth_problem_advice", refusal.description.as_str());
    let mut answer = Answer::form(members);
    answer.status = refusal.status;
    answer.with("www-authenticate", "OAuth realm=\"photos\"")
}

fn unauthorized(problem: &'static str, why: impl Into<String>) -> Refusal {
    Refusal::no(problem, why).status(401)
}

/// RFC 5849 §2.1.
fn initiate(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    let signed = verified(provider, incoming, Token::None)?;
    let callback = signed.value("oauth_callback").unwrap_or_default();
    if callback != "oob" && !callback.contains("://") {
        return Err(Refusal::request("oauth_callback is neither a URI nor oob"));
    }
    let wing = &mut provider.oauth1;
    let (token, secret) = (wing.mint.next(), wing.mint.next());
    let callback = callback.to_owned();
    let temporary = Temporary {
        secret: secret.clone(),
        callback,
        verifier: None,
    };
    wing.temporary.insert(token.clone(), temporary);
    let mut members = Members::default();
    members.add("oauth_token", token);
    members.add("oauth_token_secret", secret);
    members.add("oauth_callback_confirmed", wing.settings.confirmed.as_str());
    Ok(Answer::form(members))
}

/// RFC 5849 §2.2: the user answers at once, or on a page.
fn authorize(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::GET, Method::POST])?;
    if incoming.request.method() == Method::POST {
        let form = incoming.form()?;
        let token = form.value("ticket").unwrap_or_default().to_owned();
        let denial = match form.value("decision") {
            Some("allow") => None,
            _ => Some(Denial::Problem),
        };
        return decide(provider, token, denial);
    }
    let query = incoming.query()?;
    let token = query.value("oauth_token").unwrap_or_default().to_owned();
    if !provider.settings.interactive {
        let denial = provider.oauth1.settings.denial;
        return decide(provider, token, denial);
    }
    let page = html::consent(
        &provider.settings.user.name,
        &provider.oauth1.settings.consumer_key,
        &[],
        &provider.url("/oauth1/authorize"),
        &token,
    );
    Ok(Answer::page(200, page).with("cache-control", "no-store"))
}

fn decide(
    provider: &mut Provider,
    token: String,
    denial: Option<Denial>,
) -> Result<Answer, Refusal> {
    let wing = &mut provider.oauth1;
    let Some(temporary) = wing.temporary.get_mut(&token) else {
        return Err(Refusal::request("no such temporary credentials"));
    };
    let mut parameters = Members::default();
    match denial {
        Some(Denial::Denied) => parameters.add("denied", token),
        Some(Denial::Problem) => parameters.add("oauth_problem", "permission_denied"),
        Some(Denial::Silent) => parameters.add("oauth_token", token),
        None => {
            let verifier = wing.mint.next();
            temporary.verifier = Some(verifier.clone());
            parameters.add("oauth_token", token);
            parameters.add("oauth_verifier", verifier);
        }
    }
    if temporary.callback == "oob" {
        return Ok(Answer::page(
            200,
            "<p>Take the code to the program.</p>".into(),
        ));
    }
    Ok(Answer::callback(Callback {
        to: temporary.callback.clone(),
        mode: ResponseMode::Query,
        parameters,
    }))
}

/// RFC 5849 §2.3: "MUST revoke the temporary credentials after being used once".
fn token(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    let signed = verified(provider, incoming, Token::Temporary)?;
    let token = signed.value("oauth_token").unwrap_or_default();
    let wing = &mut provider.oauth1;
    if let Some(handle) = signed.value("oauth_session_handle") {
        if wing.tokens.remove(token).is_none() || handle != format!("session of {token}") {
            return Err(unauthorized("token_rejected", "no such session"));
        }
    } else {
        let temporary = wing.temporary.remove(token);
        let verifier = temporary.and_then(|temporary| temporary.verifier);
        if verifier.is_none() || verifier.as_deref() != signed.value("oauth_verifier") {
            return Err(unauthorized(
                "verifier_invalid",
                "another verifier, or none",
            ));
        }
    }
    let (token, secret) = (wing.mint.next(), wing.mint.next());
    let mut members = Members::default();
    members.add("oauth_token", token.as_str());
    members.add("oauth_token_secret", secret.as_str());
    members.add("user_id", USER);
    if wing.settings.sessions {
        members.add("oauth_session_handle", format!("session of {token}"));
        members.add("oauth_expires_in", "3600");
    }
    wing.tokens.insert(token, secret);
    Ok(Answer::form(members))
}

/// Answers with what it saw.
fn api(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    let signed = verified(provider, incoming, Token::Any)?;
    let request = incoming.request;
    if provider.oauth1.settings.body_hash && !signature::is_form(request) {
        let hash = signature::body_hash(request.body());
        if signed.value("oauth_body_hash") != Some(&*hash) {
            return Err(unauthorized("signature_invalid", "the body is another"));
        }
    }
    let mut members = Members::default();
    members.add("method", request.method().as_str());
    members.add("path", request.uri().path());
    members.add_some("token", signed.value("oauth_token"));
    members.add("user_id", USER);
    members.add("body", String::from_utf8_lossy(request.body()));
    Ok(Answer::json(200, members))
}

fn moved(provider: &Provider) -> Answer {
    Answer::empty(307).with("location", provider.url("/oauth1/api/new"))
}

/// Which token a request is signed with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Temporary,
    Any,
}

/// RFC 5849 §3.2.
fn verified(
    provider: &mut Provider,
    incoming: &Incoming<'_>,
    kind: Token,
) -> Result<Signed, Refusal> {
    let signed = Signed::read(incoming.request).map_err(Refusal::request)?;
    let value = |name: &str| signed.value(name).unwrap_or_default();
    let origin = provider.origin().to_owned();
    let wing = &mut provider.oauth1;
    if !wing
        .settings
        .methods
        .iter()
        .any(|own| own == value("oauth_signature_method"))
    {
        return Err(Refusal::no("signature_method_rejected", "another method"));
    }
    if !["", "1.0"].contains(&value("oauth_version")) {
        return Err(Refusal::request("oauth_version is not 1.0"));
    }
    if value("oauth_consumer_key") != wing.settings.consumer_key {
        return Err(unauthorized("consumer_key_unknown", "no such client"));
    }
    let token = value("oauth_token");
    let secret = match kind {
        _ if token.is_empty() && kind != Token::Temporary => Some(""),
        Token::None => return Err(Refusal::request("oauth_token before there is one")),
        Token::Temporary => {
            let temporary = wing.temporary.get(token).map(|own| own.secret.as_str());
            temporary.or_else(|| wing.tokens.get(token).map(String::as_str))
        }
        Token::Any => wing.tokens.get(token).map(String::as_str),
    };
    let secret = secret.ok_or_else(|| unauthorized("token_rejected", "no such token"))?;
    let secrets = (wing.settings.consumer_secret.as_str(), secret);
    let expected = signed
        .expected(incoming.request, &origin, secrets)
        .map_err(Refusal::request)?;
    if expected != value("oauth_signature") {
        return Err(unauthorized("signature_invalid", "another signature"));
    }
    let timestamp: u64 = value("oauth_timestamp").parse().unwrap_or_default();
    if timestamp.abs_diff(incoming.now) > wing.settings.leeway {
        return Err(unauthorized("timestamp_refused", "too far from the clock"));
    }
    let used = [value("oauth_timestamp"), token, value("oauth_nonce")].map(str::to_owned);
    let [timestamp, token, nonce] = used;
    if nonce.is_empty() || !wing.nonces.insert((timestamp, token, nonce)) {
        return Err(Refusal::careless("nonce_used", "a nonce comes twice").status(401));
    }
    Ok(signed)
}
