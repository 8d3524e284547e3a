//! Code injection (RFC 9700 §4.5) and what belongs to it: a stolen code, put into the attacker's own
//! session; a challenge taken out of the request on its way (§4.8); a code used twice.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto_world::Browser;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Landing;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::requests;

/// The landing's URL with another code.
fn with_code(landing: &Landing, code: &str) -> String {
    let url = landing.url.replace(&landing.value("code"), code);
    assert!(url.contains(code));
    url
}

fn assert_refused(error: &Error) {
    match error {
        Error::Refused(refusal) => assert_eq!(refusal.code(), Some(&ErrorCode::InvalidGrant)),
        other => panic!("{other:?}"),
    }
}

/// The state is right, being the attacker's own. The verifier is not the victim's.
#[test]
fn a_stolen_code_does_not_fit_another_verifier() {
    let (mut provider, client) = public(ISSUER);
    let (_, victims) = send_user(&mut provider, &client, ["mail"]);
    let (pending, attackers) = send_user(&mut provider, &client, ["mail"]);
    let injected = with_code(&attackers, &victims.value("code"));
    let flow = client.resume(NOW, pending, &injected).unwrap();
    assert_refused(&run(&mut provider, NOW, flow).unwrap_err());
    let verifiers: Vec<_> = provider
        .log()
        .with(Endpoint::Token)
        .iter()
        .map(|exchange| exchange.form().value("code_verifier").map(str::len))
        .collect();
    assert_eq!(verifiers, [Some(43)], "one request, with a verifier");
}

/// The challenge is taken out on the way to a server that asks for none: the verifier is sent all the
/// same, and a server that holds RFC 9700 §4.8.2 refuses it.
#[test]
fn a_challenge_cannot_be_taken_out_in_silence() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.pkce_required = false;
    let (url, pending) = client.authorize(NOW, ["mail"]).unwrap();
    let stripped: String = url
        .as_str()
        .split('&')
        .filter(|pair| !pair.starts_with("code_challenge"))
        .collect::<Vec<_>>()
        .join("&");
    assert_ne!(stripped, url.as_str());
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), &stripped);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    assert_refused(&run(&mut provider, NOW, flow).unwrap_err());
}

/// There is one pending half to one response, and it is consumed: a second delivery of the same
/// callback finds nothing to take up. Whoever kept a copy is refused by the server.
#[test]
fn a_code_is_redeemed_once() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let copy = serde_json::to_string(&pending).unwrap();
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    assert!(run(&mut provider, NOW, flow).is_ok());

    let again = serde_json::from_str(&copy).unwrap();
    let flow = client.resume(NOW, again, &landing.url).unwrap();
    assert_refused(&run(&mut provider, NOW, flow).unwrap_err());
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

/// A code that waited in a log or a history: what was pending is over, and nothing is sent.
#[test]
fn a_late_code_is_not_sent() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let later = UnixTime::from_secs(pending.expires_at().as_secs());
    let error = client.resume(later, pending, &landing.url).unwrap_err();
    assert!(matches!(error, Error::Expired(_)));
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}
