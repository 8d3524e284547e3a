//! The server's keys are out of reach: what is in hand, be it tokens, a code or a notification, is good for
//! another try, and nobody is signed in meanwhile.

#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#![cfg(test)]

use std::error::Error as _;

use http::StatusCode;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unverified;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::notification;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::response_type::ResponseType;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::keys::FetchKeys;
use oauth_proto_world::Change;
use oauth_proto_world::Delivery;
use oauth_proto_world::DeliveryMode;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::patience::Patience;
use crate::common::signing;
use crate::common::signing::key;
use crate::common::user::send_user;

mod common {
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod patience;
    pub(crate) mod run;
    pub(crate) mod signing;
    pub(crate) mod user;
}

/// The provider's keys are out of reach.
fn strangers(outage: Change) -> (Provider, Client) {
    let (mut provider, client) = signing::parties();
    provider.mutate(Mutation::new(Endpoint::Jwks, outage));
    (provider, client)
}

/// No answer, one that says "later", one that says nothing, and one that is not to be followed.
fn outages() -> [Change; 4] {
    [
        Change::Deliver(Delivery::Lost),
        Change::Status(503),
        Change::Body(b"<html>".to_vec()),
        Change::Redirect("https://elsewhere.example/jwks".to_owned()),
    ]
}

/// A minute later: after a fetch that failed, the keys are left alone for a while.
fn after(now: UnixTime) -> UnixTime {
    UnixTime::from_secs(now.as_secs() + 60)
}

/// Runs a flow until its end, and gives the time by then.
fn run<F: Flow>(
    provider: &mut Provider,
    since: UnixTime,
    flow: F,
) -> (Result<F::Output, Error>, UnixTime) {
    let mut patience = Patience::new(provider);
    patience.now = since.as_secs();
    let outcome = patience.run(flow);
    (outcome, patience.clock())
}

fn asked(provider: &mut Provider, client: &Client) -> PendingBackchannel {
    signing::asked(provider, client, DeliveryMode::Push)
}

fn unverified<T>(outcome: Result<T, Error>) -> Unverified {
    let Err(error) = outcome else {
        panic!("nobody is known");
    };
    assert_eq!(error.remedy(), Remedy::TakeTokens, "{error}");
    match error {
        Error::Unverified(unverified) => unverified,
        error => panic!("{error}"),
    }
}

#[test]
fn pushed_tokens_are_kept_and_verified_later() {
    for outage in outages() {
        let (mut provider, client) = strangers(outage);
        let pending = asked(&mut provider, &client);
        let expires_at = pending.expires_at();
        let request = provider.push(NOW.as_secs(), pending.auth_req_id()).unwrap();
        let flow = client.pushed_tokens(request, Some(pending));
        let (outcome, now) = run(&mut provider, NOW, flow);
        // They were delivered.
        let answer = notification::answer(&outcome);
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let held = unverified(outcome);
        assert!(matches!(held.read(now), Err(Error::Keys(_))));
        assert!(!format!("{held:?}").contains("eyJ"), "{held:?}");

        // Later it is the same.
        let (outcome, now) = run(&mut provider, now, held.verifying());
        let held = unverified(outcome);

        // Once the keys are there, the request that they are for may have ended: it came in time.
        provider.behave();
        let later = now.max(expires_at);
        let (tokens, _) = run(&mut provider, later, held.verifying());
        let tokens = tokens.unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), provider.settings.user.sub);
        assert!(tokens.refresh_token().is_some());
    }
}

/// What verifies a pushed identity later is what would have done at once.
#[test]
fn a_pushed_identity_that_is_wrong_is_wrong_later_too() {
    let rt_hash = "urn:openid:params:jwt:claim:rt_hash";
    let auth_req_id = "urn:openid:params:jwt:claim:auth_req_id";
    for (claim, edit, check) in [
        (auth_req_id, Edit::append("1"), Check::IdTokenAuthReqId),
        (auth_req_id, Edit::Remove, Check::IdTokenAuthReqId),
        (rt_hash, Edit::append("1"), Check::IdTokenRtHash),
        (rt_hash, Edit::Remove, Check::IdTokenRtHash),
        ("at_hash", Edit::Remove, Check::IdTokenAtHash),
        ("nonce", Edit::set("unasked"), Check::IdTokenNonce),
    ] {
        let (mut provider, client) = strangers(Change::Status(503));
        provider.settings.identity.claims = vec![(claim.to_owned(), edit.clone())];
        let pending = asked(&mut provider, &client);
        let request = provider.push(NOW.as_secs(), pending.auth_req_id()).unwrap();
        let flow = client.pushed_tokens(request, Some(pending));
        let (outcome, now) = run(&mut provider, NOW, flow);
        let held = unverified(outcome);
        provider.behave();
        let (outcome, _) = run(&mut provider, after(now), held.verifying());
        let error = outcome.unwrap_err();
        assert_eq!(error.check(), Some(check), "{claim} {edit:?}: {error}");
    }
}

#[test]
fn a_stranger_has_no_keys_fetched() {
    let (mut provider, client) = strangers(Change::Status(503));
    let pending = asked(&mut provider, &client);
    let mut request = provider.push(NOW.as_secs(), pending.auth_req_id()).unwrap();
    request.headers_mut().remove("authorization");
    for pending in [None, Some(pending)] {
        let flow = client.pushed_tokens(request.clone(), pending);
        let (outcome, _) = run(&mut provider, NOW, flow);
        let error = outcome.unwrap_err();
        assert_eq!(error.check(), Some(Check::CibaNotificationToken));
    }
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 0);
}

/// By hand, the notification stays with the caller, and the server is told to come again.
#[test]
fn a_notification_may_be_read_again() {
    let (mut provider, client) = strangers(Change::Status(200));
    let pending = asked(&mut provider, &client);
    let request = provider.push(NOW.as_secs(), pending.auth_req_id()).unwrap();
    let notification = Notification::parse(&request).unwrap();
    let outcome = notification.push(&client, NOW, Some(&pending));
    let answer = notification::answer(&outcome);
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let Err(Error::Keys(missing)) = outcome else {
        panic!("{outcome:?}");
    };
    let (fetched, _) = run(
        &mut provider,
        NOW,
        FetchKeys::new(missing.client().unwrap()),
    );
    fetched.unwrap();
    assert!(missing.into_pending().is_none());
    let tokens = notification.push(&client, NOW, Some(&pending)).unwrap();
    assert!(tokens.id_token().is_some());
}

#[test]
fn polled_tokens_are_kept_and_verified_later() {
    let (mut provider, client) = strangers(Change::Status(503));
    let device = client.device("openid").unwrap();
    let (pending, _) = run(&mut provider, NOW, device);
    let flow = client.poll(pending.unwrap()).unwrap();
    let (outcome, now) = run(&mut provider, NOW, flow);
    let held = unverified(outcome);
    provider.behave();
    let (tokens, _) = run(&mut provider, after(now), held.verifying());
    let tokens = tokens.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), provider.settings.user.sub);
}

/// A key that nobody knows yet, once the code is spent.
#[test]
fn redeemed_tokens_are_kept_and_verified_later() {
    let (mut provider, client) = strangers(Change::Status(503));
    provider.behave();
    let (fetched, _) = run(&mut provider, NOW, FetchKeys::new(&client));
    fetched.unwrap();
    let mut newer = key();
    newer["kid"] = json!("2028");
    provider.settings.identity.keys = vec![newer];
    provider.mutate(Mutation::new(Endpoint::Jwks, Change::Status(503)));
    for (edit, check) in [
        (None, None),
        (Some(Edit::append("1")), Some(Check::IdTokenNonce)),
    ] {
        let edit = edit.map(|edit| ("nonce".to_owned(), edit));
        provider.settings.identity.claims = edit.into_iter().collect();
        let (pending, landing) = send_user(&mut provider, &client, "openid");
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let (outcome, now) = run(&mut provider, NOW, flow);
        let held = unverified(outcome);
        let came = (held.tokens().received_at(), held.tokens().expires_at());
        provider.behave();
        let (outcome, _) = run(&mut provider, after(now), held.verifying());
        match check {
            None => {
                let tokens = outcome.unwrap();
                assert!(tokens.id_token().is_some());
                assert_eq!((tokens.received_at(), tokens.expires_at()), came);
            }
            Some(check) => assert_eq!(outcome.unwrap_err().check(), Some(check)),
        }
        provider.mutate(Mutation::new(Endpoint::Jwks, Change::Status(503)));
        // Another key again.
        provider.settings.identity.keys[0]["kid"] = json!("2029");
    }
}

/// Takes what was pending out of the error, as a session would store it.
fn given_back(error: Error) -> Pending {
    let Error::Keys(missing) = error else {
        panic!("{error}");
    };
    let pending = missing.into_pending().unwrap();
    let stored = serde_json::to_string(&pending).unwrap();
    serde_json::from_str(&stored).unwrap()
}

#[test]
fn a_code_that_is_not_spent_is_good_once_more() {
    for outage in outages() {
        let (mut provider, client) = strangers(outage);
        let (pending, landing) = send_user(&mut provider, &client, "openid");
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let (outcome, now) = run(&mut provider, NOW, flow);
        assert_eq!(provider.log().with(Endpoint::Token).len(), 0);
        let pending = given_back(outcome.unwrap_err());

        // Nothing but the same answer is good for it.
        let forged = landing.url.replace(pending.state(), "forged");
        let stored = serde_json::to_string(&pending).unwrap();
        let again = serde_json::from_str(&stored).unwrap();
        let error = client.resume(now, again, &forged).unwrap_err();
        assert_eq!(error.check(), Some(Check::CallbackState));

        provider.behave();
        let flow = client.resume(now, pending, &landing.url).unwrap();
        let (outcome, _) = run(&mut provider, now, flow);
        assert!(outcome.unwrap().id_token().is_some());
        assert_eq!(provider.log().with(Endpoint::Token).len(), 1);
    }
}

/// What the server answers instead of its keys is told, and what to do about it.
#[test]
fn why_there_are_no_keys_is_told() {
    let outages = [
        (Change::Status(503), None, Remedy::Retry),
        (
            Change::Body(br#"{"keys":[]}"#.to_vec()),
            Some(Check::KeysNone),
            Remedy::FixConfiguration,
        ),
        (Change::Deliver(Delivery::Lost), None, Remedy::Retry),
    ];
    for (outage, check, remedy) in outages {
        let has_answer = !matches!(outage, Change::Deliver(_));
        let (mut provider, client) = strangers(outage);
        let (pending, landing) = send_user(&mut provider, &client, "openid");
        let state = pending.state().to_owned();
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let (outcome, _) = run(&mut provider, NOW, flow);
        let error = outcome.unwrap_err();
        assert_eq!((error.check(), error.remedy()), (check, remedy));
        assert_eq!(error.source().is_some(), has_answer);
        assert!(!format!("{error:?}").contains(&state));
        given_back(error);
    }
}

#[test]
fn a_signed_answer_may_be_read_again() {
    for response_type in [ResponseType::CodeIdToken, ResponseType::IdToken] {
        let (mut provider, client) = strangers(Change::Status(503));
        provider.settings.response_types = vec![response_type.as_str().to_owned()];
        provider.settings.pkce_required = response_type.has_code();
        let request = AuthorizationRequest::new("openid").danger_response_type(response_type);
        let (pending, landing) = send_user(&mut provider, &client, request);
        let by_hand = |now, pending| {
            if response_type.has_code() {
                let answer = client.authorization_response(now, pending, &landing.url);
                answer.map(|answer| answer.id_token().is_some())
            } else {
                let answer = client.implicit_response(now, pending, &landing.url);
                answer.map(|answer| answer.id_token().is_some())
            }
        };
        // By hand, by the flow, and by hand again: it is never lost.
        let pending = given_back(by_hand(NOW, pending).unwrap_err());
        let (error, now) = if response_type.has_code() {
            let flow = client.resume(NOW, pending, &landing.url).unwrap();
            let (outcome, now) = run(&mut provider, NOW, flow);
            (outcome.unwrap_err(), now)
        } else {
            let flow = client.resume_implicit(pending, &landing.url).unwrap();
            let (outcome, now) = run(&mut provider, NOW, flow);
            (outcome.unwrap_err(), now)
        };
        let pending = given_back(error);
        let pending = given_back(by_hand(now, pending).unwrap_err());
        provider.behave();
        let now = after(now);
        let (fetched, _) = run(&mut provider, now, FetchKeys::new(&client));
        fetched.unwrap();
        assert!(by_hand(now, pending).unwrap());
    }
}

/// An ID token that comes beside an exchanged token.
#[test]
fn exchanged_tokens_are_kept_and_verified_later() {
    let issued = json!("urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(exchanged(&issued).unwrap(), "24400320");
    let error = exchanged(&json!("access_token")).unwrap_err();
    assert_eq!(error.check(), Some(Check::ExchangeIssuedType));
}

/// Who it is for, verified later.
fn exchanged(issued_token_type: &Value) -> Result<String, Error> {
    let (mut provider, client) = strangers(Change::Status(503));
    let claims = json!({
        "iss": ISSUER, "sub": "24400320", "aud": "shop",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300,
    });
    let id_token = (JOSE.sign)("JWT", &claims.to_string(), &key()).unwrap();
    let body = json!({
        "access_token": "a", "token_type": "Bearer", "id_token": id_token,
        "issued_token_type": issued_token_type,
    });
    let exchange = TokenExchange::new(&client, SecurityToken::new("t", "access_token"));
    let step = Call::new(exchange.scope("openid")).begin(NOW);
    let Ok(Step::Send(_, sent)) = step else {
        panic!("{step:?}");
    };
    let answer = http::Response::new(body.to_string().into_bytes());
    let mut step = sent.answer(NOW, &answer);
    let held = loop {
        step = match step {
            Ok(Step::Send(request, sent)) => {
                sent.answer(NOW, &provider.handle(NOW.as_secs(), &request))
            }
            Ok(Step::Wait(_, paused)) => paused.wake(NOW),
            other => break unverified(other),
        };
    };
    assert_eq!(held.tokens().access_token().expose(), "a");
    provider.behave();
    let (tokens, _) = run(&mut provider, after(NOW), held.verifying());
    Ok(tokens?.id_token().unwrap().sub().to_owned())
}
