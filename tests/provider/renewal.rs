//! Calls of one account of OAuth 1.0a at the same time, whose token has ended: a session handle is used by
//! one of them at a time.

use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow as _;
use oauth_proto::flow::Sent;
use oauth_proto::flow::Step;
use oauth_proto::lease::api::Api;
use oauth_proto::provider::api::Granted;
use oauth_proto::provider::api_call::ApiCall;
use oauth_proto::provider::connection::Connect;
use oauth_proto_world as world;

use crate::cast::Session;
use crate::cast::photos;
use crate::cast::server;
use crate::moment::NOW;
use crate::run::run;

type Moved = Result<Step<ApiCall>, Error>;

/// The API of a user who has signed in, at a provider whose tokens can be renewed.
fn signed_in() -> (world::Provider, Api<Granted, Connect>) {
    let mut server = server();
    server.oauth1.settings.sessions = true;
    let signed_in = Session::default().sign_in(&mut server, &photos()).unwrap();
    let api = signed_in.api(&photos()).unwrap();
    (server, api)
}

fn sent(step: Moved) -> (Request, Sent<ApiCall>) {
    match step.unwrap() {
        Step::Send(request, sent) => (request, sent),
        other => panic!("{other:?}"),
    }
}

fn token_expired() -> Response<Vec<u8>> {
    Response::builder()
        .status(401)
        .header("www-authenticate", "OAuth oauth_problem=\"token_expired\"")
        .body(Vec::new())
        .unwrap()
}

/// A call whose request the API refused.
fn refused(api: &Api<Granted, Connect>) -> Moved {
    let (_, call) = sent(api.call(api.get("posts")).begin(NOW));
    call.answer(NOW, &token_expired())
}

#[test]
fn one_renews_and_the_others_wait() {
    let (mut server, api) = signed_in();
    let (renewal, first) = sent(refused(&api));
    assert_eq!(renewal.uri().path(), "/oauth1/token");
    let Ok(Step::Wait(pause, second)) = refused(&api) else {
        panic!("two renew at a time");
    };
    assert_eq!(pause, Duration::from_secs(1));
    // What is to be sent once has nothing to wait for.
    let (_, once) = sent(api.call(api.get("posts").once()).begin(NOW));
    let error = once.answer(NOW, &token_expired()).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Renew, "{error}");

    // It is under way still.
    let later = NOW.saturating_add(pause);
    let Ok(Step::Wait(_, second)) = second.wake(later) else {
        panic!("two renew at a time");
    };
    let answer = server.handle(later.as_secs(), &renewal);
    let (request, first) = sent(first.answer(later, &answer));
    let answer = server.handle(later.as_secs(), &request);
    assert!(matches!(first.answer(later, &answer), Ok(Step::Done(_))));
    let renewed = api.renewed();

    // The other goes on with what was brought.
    let later = later.saturating_add(pause);
    let (request, second) = sent(second.wake(later));
    let answer = server.handle(later.as_secs(), &request);
    assert!(matches!(second.answer(later, &answer), Ok(Step::Done(_))));
    assert!(renewed.is_some());
    assert_eq!(api.renewed(), renewed);
    assert_eq!(server.complaints(), [""; 0], "{}", server.log());
}

#[test]
fn a_renewal_that_is_dropped_lets_the_next_begin() {
    let (mut server, api) = signed_in();
    let dropped = refused(&api);
    let Ok(Step::Wait(pause, second)) = refused(&api) else {
        panic!("two renew at a time");
    };
    drop(dropped);
    let later = NOW.saturating_add(pause);
    let (renewal, second) = sent(second.wake(later));
    assert_eq!(renewal.uri().path(), "/oauth1/token");
    // So does one that got no answer.
    assert!(second.lost(later, "gone").is_err());
    server.behave();
    run(&mut server, later, api.call(api.get("posts"))).unwrap();
    let (renewal, _third) = sent(refused(&api));
    assert_eq!(renewal.uri().path(), "/oauth1/token");
}

#[test]
fn a_renewal_that_never_ends_is_not_waited_for_for_ever() {
    let (_, api) = signed_in();
    let _under_way = refused(&api);
    let mut step = refused(&api);
    let mut now: UnixTime = NOW;
    let error = loop {
        match step {
            Ok(Step::Wait(pause, paused)) => {
                now = now.saturating_add(pause);
                step = paused.wake(now);
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.remedy(), Remedy::Renew, "{error}");
    assert_eq!(now.since(NOW), Duration::from_secs(35));
    assert!(api.renewed().is_none());
}
