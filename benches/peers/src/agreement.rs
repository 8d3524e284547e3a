//! Whether the contestants do the same thing, looked at once before anything is measured.

use std::collections::BTreeMap;
use std::error::Error;

use http::Request;
use http::header;
use url::Url;
use url::form_urlencoded;

use crate::contestant;
use crate::contestant::huskarl;
use crate::contestant::huskarl::Huskarl;
use crate::contestant::oauth2;
use crate::contestant::oauth2::OAuth2;
use crate::contestant::openidconnect;
use crate::contestant::openidconnect::OpenIdConnect;
use crate::contestant::ours::Ours;
use crate::inputs;

/// # Errors
///
/// Where two requests differ in more than the order of their parameters, or two readings of a response
/// in what both can say.
pub(crate) fn check(
    ours: &Ours,
    oauth2: &OAuth2,
    oidc: &OpenIdConnect,
    huskarl: &Huskarl,
) -> Result<(), Box<dyn Error>> {
    urls(ours, oauth2, oidc, huskarl)?;
    requests(ours, oauth2, oidc, huskarl)?;
    responses(ours)?;
    let answers = [
        ours.refresh_and_read()?.is_some(),
        oauth2.refresh_and_read(oauth2::answer()).is_some(),
        oidc.refresh_and_read(oauth2::answer()).is_some(),
        {
            huskarl.lay_answer();
            huskarl.refresh_and_read().is_some()
        },
    ];
    agree("reading after a refresh", &answers.map(|read| (read, true)))?;
    let documents = [
        ours.discovery()?
            .issuer()
            .map(|uri| uri.as_str().to_owned()),
        openidconnect::discovery().map(|document| document.issuer().to_string()),
        huskarl::discovery().map(|document| document.issuer),
    ];
    agree(
        "issuers",
        &documents.map(|said| (said, Some(inputs::ISSUER.to_owned()))),
    )
}

fn urls(
    ours: &Ours,
    oauth2: &OAuth2,
    oidc: &OpenIdConnect,
    hus: &Huskarl,
) -> Result<(), Box<dyn Error>> {
    let (state, verifier) = (inputs::STATE.to_owned(), inputs::VERIFIER.to_owned());
    let parameters = |url: &str| -> Result<BTreeMap<String, String>, Box<dyn Error>> {
        let url = Url::parse(url)?;
        // A nonce is sent by openidconnect alone.
        let pairs = url.query_pairs().into_owned();
        Ok(pairs.filter(|(name, _)| name != "nonce").collect())
    };
    let given = parameters(ours.url_with_values()?.0.as_str())?;
    let theirs = [
        parameters(
            oauth2
                .url_with_values((state.clone(), verifier.clone()))
                .0
                .as_str(),
        )?,
        parameters(
            oidc.url_with_values((state.clone(), state, verifier))
                .0
                .as_str(),
        )?,
    ];
    agree("URLs", &theirs.map(|theirs| (theirs, given.clone())))?;

    let drawn = |url: &str| -> Result<Vec<(String, usize)>, Box<dyn Error>> {
        let kept = |(name, value): (String, String)| match &*name {
            // 24 bytes by us, 16 by oauth2 and openidconnect, 32 by huskarl.
            "state" => (name, 0),
            _ => (name, value.len()),
        };
        Ok(parameters(url)?.into_iter().map(kept).collect())
    };
    let own = drawn(ours.url_with_entropy()?.0.as_str())?;
    let start = hus.url_with_entropy().ok_or("huskarl made no URL")?;
    let theirs = [
        drawn(oauth2.url_with_entropy().0.as_str())?,
        drawn(oidc.url_with_entropy().0.as_str())?,
        drawn(&start.authorization_url.to_string())?,
    ];
    agree(
        "URLs with entropy",
        &theirs.map(|theirs| (theirs, own.clone())),
    )
}

fn requests(
    ours: &Ours,
    oauth2: &OAuth2,
    oidc: &OpenIdConnect,
    hus: &Huskarl,
) -> Result<(), Box<dyn Error>> {
    let values = || (contestant::CODE.to_owned(), inputs::VERIFIER.to_owned());
    let authorized = ours.callback(ours.pending()?)?;
    let own = message(Some(ours.code_exchange(authorized)?.into_http()))?;
    let theirs = [
        message(Some(
            ours.callback_and_code_exchange(ours.pending()?)?
                .into_http(),
        ))?,
        message(oauth2.code_exchange(values()))?,
        message(oidc.code_exchange(values()))?,
        message(hus.code_exchange(values()))?,
        message(hus.callback_and_code_exchange(hus.pending()))?,
    ];
    agree(
        "code exchanges",
        &theirs.map(|theirs| (theirs, own.clone())),
    )?;

    let own = message(Some(ours.refresh()?.into_http()))?;
    let theirs = [
        message(oauth2.refresh())?,
        message(oidc.refresh())?,
        message(hus.refresh())?,
    ];
    agree("refreshes", &theirs.map(|theirs| (theirs, own.clone())))
}

fn responses(ours: &Ours) -> Result<(), Box<dyn Error>> {
    use ::oauth2::TokenResponse as _;

    let own = ours.token_response_unknown()?;
    let own = (
        own.access_token().expose().to_owned(),
        own.refresh_token().map(|token| token.expose().to_owned()),
    );
    let plain = oauth2::token_response_unknown().ok_or("oauth2 read nothing")?;
    let oidc = openidconnect::token_response_unknown().ok_or("openidconnect read nothing")?;
    let hus = huskarl::token_response(inputs::TOKEN_RESPONSE_UNKNOWN);
    let hus = hus.ok_or("huskarl read nothing")?;
    let raw = hus.raw_token_response();
    let theirs = [
        (
            plain.access_token().secret().clone(),
            plain.refresh_token().map(|token| token.secret().clone()),
        ),
        (
            oidc.access_token().secret().clone(),
            oidc.refresh_token().map(|token| token.secret().clone()),
        ),
        (
            raw.access_token.expose_secret().to_owned(),
            raw.refresh_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
        ),
    ];
    agree(
        "token responses",
        &theirs.map(|theirs| (theirs, own.clone())),
    )
}

/// Where a request goes, with what credentials, and what it says.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    address: String,
    authorization: Option<String>,
    parameters: BTreeMap<String, String>,
}

fn message<B: AsRef<[u8]>>(request: Option<Request<B>>) -> Result<Message, Box<dyn Error>> {
    let request = request.ok_or("no request was made")?;
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let parameters = form_urlencoded::parse(request.body().as_ref());
    Ok(Message {
        address: request.uri().to_string(),
        authorization: authorization.map(str::to_owned),
        parameters: parameters.into_owned().collect(),
    })
}

pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &str,
    pairs: &[(T, T)],
) -> Result<(), Box<dyn Error>> {
    match pairs.iter().find(|(theirs, ours)| theirs != ours) {
        None => Ok(()),
        Some((theirs, ours)) => Err(format!("{what} differ: {theirs:?} and {ours:?}").into()),
    }
}
