//! Many callers at once: one refresh serves them all, whoever goes away, and nobody blocks the others.

use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::Flow as _;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive;
use oauth_proto::lease::holder::Holder;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto_world::Endpoint;

use crate::Api;
use crate::DUE;
use crate::Error;
use crate::Expired;
use crate::PollAnswer;
use crate::cast::BASE;
use crate::cast::Played;
use crate::cast::at;
use crate::cast::play;
use crate::cast::signed_in;
use crate::common::confidential::confidential;
use crate::common::device::waiting;
use crate::common::patience::START;
use crate::requests;
use crate::run;

#[test]
fn a_hundred_threads_cause_one_refresh() {
    let (provider, _, api) = signed_in();
    let provider = Arc::new(Mutex::new(provider));
    let first = api.lease().tokens();
    let callers = (0..100).map(|_| (Arc::clone(&provider), api.clone(), first.clone()));
    let callers: Vec<_> = callers
        .map(|(provider, api, first)| {
            thread::spawn(move || {
                let now = at(4_000);
                let send = |request: oauth_proto::endpoint::request::Request| {
                    Ok::<_, ()>(provider.lock().unwrap().handle(now.as_secs(), &request))
                };
                // Nobody sleeps as long as it is asked to, but until the one who renews has done so.
                let sleep = |_| {
                    for _ in 0..60_000 {
                        if api.lease().tokens() != first {
                            break;
                        }
                        thread::park_timeout(Duration::from_millis(1));
                    }
                };
                drive::blocking(api.call(api.get("mail")), || now, send, sleep)
            })
        })
        .collect();
    for caller in callers {
        let answer = caller.join().unwrap().unwrap();
        assert_eq!(answer.status(), 200);
    }
    let provider = provider.lock().unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    assert_eq!(requests(&provider, Endpoint::Api), 100);
    assert_eq!(provider.complaints(), [""; 0]);
}

/// All begin before the first has its answer: the most that can be at once.
#[test]
fn callers_wait_for_the_one_who_renews() {
    let (mut provider, _, api) = signed_in();
    let now = at(4_000);
    let Ok(Step::Send(refresh, leader)) = api.call(api.get("mail")).begin(now) else {
        panic!("no refresh");
    };
    let mut waiting = Vec::new();
    for _ in 0..99 {
        let Ok(Step::Wait(pause, paused)) = api.call(api.get("mail")).begin(now) else {
            panic!("no wait");
        };
        assert_eq!(pause, Duration::from_millis(250));
        waiting.push(paused);
    }
    let response = provider.handle(now.as_secs(), &refresh);
    let Ok(Step::Send(request, _)) = leader.answer(now, &response) else {
        panic!("no call");
    };
    assert_eq!(request.uri().path(), "/api/mail");
    for paused in waiting {
        let Ok(Step::Send(request, sent)) = paused.slept(now) else {
            panic!("no call");
        };
        let response = provider.handle(now.as_secs(), &request);
        let Ok(Step::Done(answer)) = sent.answer(now, &response) else {
            panic!("no answer");
        };
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

#[test]
fn callers_go_on_with_a_token_that_still_works() {
    let (mut provider, _, api) = signed_in();
    let Ok(Step::Send(_, leader)) = api.call(api.get("mail")).begin(DUE) else {
        panic!("no refresh");
    };
    for _ in 0..10 {
        run(&mut provider, DUE, api.call(api.get("mail"))).unwrap();
    }
    assert_eq!(requests(&provider, Endpoint::Token), 1);
    drop(leader);
}

/// Its request never left: the token is not spent.
#[test]
fn a_call_that_is_dropped_lets_the_next_one_renew_at_once() {
    let (mut provider, _, api) = signed_in();
    drop(api.call(api.get("mail")).begin(at(4_000)).unwrap());
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}

/// Its request left, and what came of it nobody knows: the old token goes out once more, to a server that takes it
/// within its grace period.
#[test]
fn a_call_that_is_dropped_with_its_answer_is_one_that_got_none() {
    let (mut provider, _, api) = signed_in();
    provider.settings.refresh.grace = 30;
    let step = api.call(api.get("mail")).begin(at(4_000)).unwrap();
    assert!(step.is_renewing());
    let Step::Send(refresh, sent) = step else {
        panic!("no refresh");
    };
    provider.handle(at(4_000).as_secs(), &refresh);
    drop(sent);
    let Ok(Step::Send(again, sent)) = api.call(api.get("mail")).begin(at(4_000)) else {
        panic!("no refresh");
    };
    assert_eq!(again.body(), refresh.body());
    let response = provider.handle(at(4_000).as_secs(), &again);
    let step = sent.answer(at(4_000), &response);
    assert!(
        matches!(&step, Ok(step @ Step::Send(..)) if !step.is_renewing()),
        "{step:?}"
    );
}

#[test]
fn a_call_that_is_never_gone_on_with_blocks_the_others_no_longer_than_its_lease() {
    let (mut provider, _, api) = signed_in();
    mem::forget(api.call(api.get("mail")).begin(at(4_000)).unwrap());
    let played = play(&mut provider, at(4_001), api.call(api.get("mail")), &[]);
    assert!(matches!(played, Played::Done(_)), "{played:?}");
    assert!(provider.log().last().unwrap().at <= at(4_035).as_secs());

    let (_, _, api) = signed_in();
    mem::forget(api.call(api.get("mail")).begin(at(4_000)).unwrap());
    let mut step = api.call(api.get("mail")).begin(at(4_001));
    let mut waits = 0;
    let error = loop {
        step = match step {
            // The clock stands still, and the lease with it.
            Ok(Step::Wait(_, paused)) => paused.wake(at(4_001)),
            Ok(step) => panic!("{step:?}"),
            Err(error) => break error,
        };
        waits += 1;
    };
    assert!(
        matches!(error, Error::Expired(Expired::HeldBack { .. })),
        "{error}"
    );
    assert!(waits < 20, "{waits}");
}

/// The answer to a refresh comes after its lease lapsed, and after another caller was told that the token
/// is spent.
#[test]
fn a_late_answer_brings_the_grant_back() {
    let (mut provider, _, api) = signed_in();
    provider.settings.refresh.reuse_detected = false;
    let Ok(Step::Send(refresh, late)) = api.call(api.get("mail")).begin(at(4_000)) else {
        panic!("no refresh");
    };
    let response = provider.handle(at(4_000).as_secs(), &refresh);
    let error = run(&mut provider, at(4_060), api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    let Ok(Step::Send(request, sent)) = late.answer(at(4_061), &response) else {
        panic!("no call");
    };
    let response = provider.handle(at(4_061).as_secs(), &request);
    assert!(matches!(
        sent.answer(at(4_061), &response),
        Ok(Step::Done(_))
    ));
    run(&mut provider, at(4_062), api.call(api.get("mail"))).unwrap();
}

#[test]
fn what_was_forgotten_does_not_come_back_with_a_late_answer() {
    let (mut provider, _, api) = signed_in();
    let Ok(Step::Send(refresh, late)) = api.call(api.get("mail")).begin(at(4_000)) else {
        panic!("no refresh");
    };
    let response = provider.handle(at(4_000).as_secs(), &refresh);
    api.lease().forget(at(4_000));
    let error = late.answer(at(4_000), &response).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
    assert_eq!(api.lease().tokens(), None);
}

/// Neither the one that fetches nor the one that waits for it, nor a device that the user is to confirm.
#[test]
fn what_was_forgotten_does_not_come_back_with_a_first_fetch() {
    let (mut provider, client) = confidential();
    let grant = Grant::client_credentials(&client).scope("mail");
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    let holder = Holder::new(Lease::obtained_by(Renewal::grant(grant)))
        .telling(move |_| *count.lock().unwrap() += 1);
    let api = Api::new(&client, BASE, holder).unwrap();
    let now = at(0);
    let Ok(Step::Send(fetch, late)) = api.call(api.get("mail")).begin(now) else {
        panic!("no fetch");
    };
    let Ok(Step::Wait(_, second)) = api.call(api.get("mail")).begin(now) else {
        panic!("no wait");
    };
    let response = provider.handle(now.as_secs(), &fetch);
    api.lease().forget(now);
    for step in [late.answer(now, &response), second.slept(now)] {
        let error = step.unwrap_err();
        assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
    }
    let error = run(&mut provider, now, api.call(api.get("mail"))).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
    assert_eq!(api.lease().tokens(), None);
    assert_eq!(*told.lock().unwrap(), 0);
    assert_eq!(requests(&provider, Endpoint::Token), 1);
}

#[test]
fn what_was_forgotten_does_not_come_back_with_a_device() {
    let (mut provider, client, pending) = waiting(&[PollAnswer::Pending]);
    let api = Api::new(&client, BASE, Lease::obtained_by(Renewal::device(pending))).unwrap();
    let mut now = UnixTime::from_secs(START);
    let mut step = api.call(api.get("mail")).begin(now);
    let (first, sent) = loop {
        step = match step {
            Ok(Step::Wait(pause, paused)) => {
                now = now.saturating_add(pause);
                paused.slept(now)
            }
            Ok(Step::Send(request, sent)) => {
                let response = provider.handle(now.as_secs(), &request);
                if response.status() == 200 {
                    break (response, sent);
                }
                sent.answer(now, &response)
            }
            other => panic!("{other:?}"),
        };
    };
    api.lease().forget(now);
    let error = sent.answer(now, &first).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)), "{error}");
    assert_eq!(api.lease().tokens(), None);
}

/// A sign-in that comes after a sign-out serves those who began before both.
#[test]
fn a_new_sign_in_serves_those_who_began_before_it() {
    let (mut provider, _, api) = signed_in();
    let tokens = api.lease().tokens().unwrap();
    let Ok(Step::Send(refresh, late)) = api.call(api.get("mail")).begin(DUE) else {
        panic!("no refresh");
    };
    let response = provider.handle(DUE.as_secs(), &refresh);
    api.lease().forget(DUE);
    api.lease().sign_in(DUE, tokens.clone());
    let Ok(Step::Send(request, _)) = late.answer(DUE, &response) else {
        panic!("no call");
    };
    assert_eq!(request.uri().path(), "/api/mail");
    assert_eq!(api.lease().tokens(), Some(tokens));
}

/// A sign-in that is under way is waited for by those who come after it.
#[test]
fn one_caller_signs_in_for_all() {
    let (mut provider, client, pending) = waiting(&[PollAnswer::Pending]);
    let lease = Lease::obtained_by(Renewal::device(pending));
    let api = Api::new(&client, BASE, lease).unwrap();
    let now = UnixTime::from_secs(START);
    let first = api.call(api.get("mail")).begin(now).unwrap();
    let Ok(Step::Wait(_, second)) = api.call(api.get("mail")).begin(now) else {
        panic!("no wait");
    };
    let mut step = first;
    let mut clock = now;
    loop {
        step = match step {
            Step::Send(request, sent) => {
                let response = provider.handle(clock.as_secs(), &request);
                sent.answer(clock, &response).unwrap()
            }
            Step::Wait(pause, paused) => {
                clock = clock.saturating_add(pause);
                paused.slept(clock).unwrap()
            }
            Step::Done(answer) => break assert_eq!(answer.status(), 200),
            Step::Sign(..) => panic!("no key is remote"),
        };
    }
    assert!(matches!(second.slept(clock), Ok(Step::Send(..))));
    assert_eq!(requests(&provider, Endpoint::Token), 2);
}
