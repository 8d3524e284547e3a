//! Pushed authorization requests: RFC 9126.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::authentication;
use crate::endpoint::authorization;
use crate::endpoint::authorization::required;
use crate::endpoint::dpop;
use crate::endpoint::request_object;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// A request that waits for the browser which refers to it.
#[derive(Clone, Debug)]
pub(crate) struct Pushed {
    parameters: Parameters,
    expires: u64,
}

/// RFC 9126 §2.2 recommends this form of the reference.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Takes a request, after the checks that the authorization endpoint makes.
pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let form = incoming.form()?;
    // §2.1: client_id "is similarly required in a pushed authorization request", whatever the
    // authentication.
    let id = required(&form, "client_id")?;
    let by_header = incoming.header("authorization")?.is_some();
    let credentials = without(&form, if by_header { &["client_id"] } else { &[] });
    let client = authentication::client(provider, incoming, &credentials)?;
    if client.id != id {
        return Err(Refusal::request(
            "client_id is not the authenticated client",
        ));
    }
    dpop::of_server(provider, incoming, &form)?;
    // §2.1: "The request_uri authorization request parameter is one exception".
    if form.value("request_uri").is_some() {
        return Err(Refusal::request("request_uri in a pushed request"));
    }
    let form = request_object::pushed(provider, incoming.now, &client, form)?;
    let parameters = without(
        &form,
        &["client_secret", "client_assertion", "client_assertion_type"],
    );
    let (client, reply) = authorization::begin(provider, incoming.now, &parameters)?;
    authorization::read(&provider.settings, &client, &reply, &parameters)?;
    let lifetime = provider.settings.request_uri_lifetime;
    let uri = format!("{PREFIX}{}", provider.grants.mint.next());
    let expires = incoming.now.saturating_add(lifetime);
    let pushed = Pushed {
        parameters,
        expires,
    };
    provider.pushed.insert(uri.clone(), pushed);
    let mut members = Members::default();
    members.add("request_uri", uri);
    members.add("expires_in", lifetime);
    Ok(Answer::json(201, members).with("cache-control", "no-store"))
}

/// The parameters that an authorization request stands for: its own, or those it refers to.
pub(crate) fn resolve(
    provider: &mut Provider,
    now: u64,
    parameters: Parameters,
) -> Result<Parameters, Refusal> {
    let uri = parameters.value("request_uri").unwrap_or_default();
    if !uri.starts_with(PREFIX) {
        // §5: "accepts authorization request data only via PAR".
        if provider.settings.pushed_required {
            return Err(Refusal::request("the request was not pushed"));
        }
        return request_object::authorization(provider, now, parameters);
    }
    let alone = |name: &&str| *name != "client_id" && *name != "request_uri";
    if let Some(name) = parameters.names().into_iter().find(alone) {
        return Err(Refusal::request(format!("{name} beside a request_uri")));
    }
    let Some(pushed) = provider.pushed.get(uri) else {
        let fault = "no such request_uri, or one that was used before";
        return Err(Refusal::careless("invalid_request_uri", fault));
    };
    // §2.2: the reference is bound to the client that posted the request.
    if pushed.parameters.value("client_id") != parameters.value("client_id") {
        let fault = "the request_uri is another client's";
        return Err(Refusal::careless("invalid_request_uri", fault));
    }
    if now >= pushed.expires {
        let fault = "the request_uri has expired";
        return Err(Refusal::no("invalid_request_uri", fault));
    }
    // §4: "SHOULD treat request_uri values as one-time use".
    let pushed = provider.pushed.remove(uri);
    Ok(pushed.map_or(parameters, |pushed| pushed.parameters))
}

fn without(parameters: &Parameters, names: &[&str]) -> Parameters {
    let kept = parameters.iter().filter(|(name, _)| !names.contains(name));
    kept.collect()
}
