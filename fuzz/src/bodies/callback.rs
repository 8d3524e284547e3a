//! Invariant: whatever the browser brings, nothing panics, and the time is linear in its length. A
//! sign-in comes out only where one reading of the text has the pending state exactly once, one code
//! that is not empty, no error, and the issuer wherever it is known and said or promised; and only in
//! time. Its one request sends that code with the redirect URI and the verifier that were pending.
//! What is printed depends on neither the code nor the state, and holds nothing that was pending.
//!
//! Input: a digit for the client, then the callback.

use std::borrow::Cow;

use oauth_proto::endpoint::callback::Callback;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use url::form_urlencoded;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::Iss;
use crate::bodies::fixture::NOW;
use crate::bodies::secrets;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = 70_000;

/// Whether the callback was accepted.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let (iss, is_late) = input.choice([
        (Iss::Promised, false),
        (Iss::Known, false),
        (Iss::Unknown, false),
        (Iss::Promised, true),
    ]);
    let text = input.text(LIMIT);
    let received = String::from_utf8_lossy(&text);

    check_lookup(&received);
    let (request, said) = resume(iss, is_late, &received);
    check_print(iss, is_late, &received, &said);
    let Some(form) = request else {
        return false;
    };

    assert!(!is_late, "a late callback is refused");
    let form: Vec<_> = form_urlencoded::parse(&form).collect();
    let code = only(&form, "code").expect("one code is sent");
    assert!(
        readings(&received).any(|reading| is_answer(&reading, iss, &code)),
        "no reading of it is a good answer"
    );
    let pending = |name, expected| assert_eq!(only(&form, name).as_deref(), Some(expected));
    pending("grant_type", "authorization_code");
    pending("redirect_uri", fixture::REDIRECT_URI);
    pending("code_verifier", fixture::VERIFIER);
    pending("client_id", fixture::CLIENT_ID);
    pending("resource", "https://api.example");
    assert_eq!(form.len(), 6, "and nothing else");
    true
}

/// The body of the request that redeems the code, where the callback is good, and what is printed.
fn resume(iss: Iss, is_late: bool, received: &str) -> (Option<Vec<u8>>, String) {
    let client = fixture::client(iss);
    let expiry = std::time::Duration::from_secs(u64::from(!is_late));
    let pending = || fixture::pending(iss, NOW.saturating_add(expiry));
    let response = client.authorization_response(NOW, pending(), received);
    let flow = client.resume(NOW, pending(), received);
    assert_eq!(response.is_ok(), flow.is_ok());
    let said = format!("{response:?} {flow:?}");
    let flow = match flow {
        Ok(flow) => flow,
        Err(error) => return (None, format!("{said} {error}")),
    };
    let step = flow.begin(NOW).expect("nothing is missing for the request");
    let said = format!("{said} {step:?}");
    let Step::Send(request, _) = step else {
        unreachable!("the first step sends");
    };
    assert_eq!(request.uri(), "https://id.example/token");
    (Some(request.into_http().into_body()), said)
}

/// The state by which a pending request is found is one that the text says.
fn check_lookup(received: &str) {
    let Ok(callback) = Callback::parse(received) else {
        return;
    };
    if let Some(state) = callback.state() {
        assert!(
            readings(received)
                .any(|reading| only(&reading, "state").is_some_and(|own| own == state))
        );
    }
}

/// Neither the code nor what is pending shows.
fn check_print(iss: Iss, is_late: bool, received: &str, said: &str) {
    let other = secrets::other_in_form(received.as_bytes(), |name| name == "code");
    let other = String::from_utf8_lossy(&other);
    assert_eq!(resume(iss, is_late, &other).1, said, "it tells of the code");
    // A forger who knows the state can have it printed as something else.
    let elsewhere: String = readings(received)
        .flatten()
        .filter(|(name, _)| name != "state")
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    for secret in fixture::PENDING_SECRETS {
        let is_told = said.contains(secret) && !elsewhere.contains(secret);
        assert!(!is_told, "it tells what is pending: {said}");
    }
}

pub(crate) type Pair<'r> = (Cow<'r, str>, Cow<'r, str>);

/// The ways to read parameters from a text: all of it, its query, its fragment.
pub(crate) fn readings(received: &str) -> impl Iterator<Item = Vec<Pair<'_>>> {
    let received = received.trim_ascii();
    let (before, fragment) = received.split_once('#').unwrap_or((received, ""));
    let (_, query) = before.split_once('?').unwrap_or((before, ""));
    [received, query, fragment]
        .into_iter()
        .map(|part| form_urlencoded::parse(part.as_bytes()).collect())
}

/// Whether a reading holds the code and everything that makes it good.
fn is_answer(reading: &[Pair<'_>], iss: Iss, code: &str) -> bool {
    let of_iss = only(reading, "iss");
    let is_issuer = match iss {
        Iss::Promised => of_iss.as_deref() == Some(fixture::ISSUER),
        Iss::Known => of_iss.is_none_or(|iss| iss == fixture::ISSUER),
        Iss::Unknown => true,
    };
    let absent = |name: &str| {
        !reading
            .iter()
            .any(|(other, value)| other == name && !value.is_empty())
    };
    is_issuer
        && !code.is_empty()
        && only(reading, "code").as_deref() == Some(code)
        && only(reading, "state").as_deref() == Some(fixture::STATE)
        && ["error", "access_token", "id_token", "response"]
            .into_iter()
            .all(absent)
}

/// The value of the one pair of this name that says something; none where there are several.
pub(crate) fn only(pairs: &[Pair<'_>], name: &str) -> Option<String> {
    let mut values = pairs.iter().filter(|(other, _)| other == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value.clone().into_owned()),
        _ => None,
    }
}
