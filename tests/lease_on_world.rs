//! A lease on the provider in memory: what renews it, once and again, and what it is when nothing does.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Remedy;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::lease::Standing;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store as _;
use oauth_proto_world::PollAnswer;

use crate::common::app::public;
use crate::common::confidential::confidential;
use crate::common::device::polls;
use crate::common::device::waiting;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::patience::Patience;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod confidential;
    pub(crate) mod device;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod patience;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

const fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

#[test]
fn a_refresh_token_renews_until_it_is_forgotten() {
    let (mut provider, client) = public(ISSUER);
    let mut lease = Lease::new(tokens(&mut provider, &client, ["mail"]));
    for round in 1..=3 {
        let now = at(round * 3_600);
        assert_eq!(lease.standing(now), Standing::Expired);
        let renewed = run(&mut provider, now, lease.renew(&client).unwrap()).unwrap();
        lease.keep(renewed);
        assert_eq!(lease.standing(now), Standing::Fresh);
    }
    lease.forget();
    let error = lease.renew(&client).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Grant)));
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    assert!(provider.complaints().is_empty());
}

#[test]
fn a_code_is_redeemed_once_and_then_the_refresh_token_renews() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let authorized = client.authorization_response(NOW, pending, &landing.url);
    let grant = Grant::authorization_code(&client, authorized.unwrap());
    let mut lease = Lease::obtained_by(Renewal::code(grant));
    assert_eq!(lease.standing(NOW), Standing::Expired);
    for now in [NOW, at(3_600)] {
        let renewed = run(&mut provider, now, lease.renew(&client).unwrap()).unwrap();
        lease.keep(renewed);
    }
    let log = provider.log();
    let grants = log.requests_to("/token").into_iter();
    let kinds: Vec<_> = grants
        .map(|sent| sent.form().value("grant_type").map(ToOwned::to_owned))
        .collect();
    let expected = ["authorization_code", "refresh_token"].map(|kind| Some(kind.to_owned()));
    assert_eq!(kinds, expected);
}

#[test]
fn a_code_that_failed_is_gone() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let authorized = client.authorization_response(NOW, pending, &landing.url);
    let grant = Grant::authorization_code(&client, authorized.unwrap());
    let mut lease = Lease::obtained_by(Renewal::code(grant));
    run(&mut provider, at(3_600), lease.renew(&client).unwrap()).unwrap_err();
    assert_eq!(lease.standing(at(3_600)), Standing::NeedsSignIn);
}

#[test]
fn a_device_is_waited_for_and_then_the_refresh_token_renews() {
    let (mut provider, client, pending) = waiting(&[PollAnswer::Pending, PollAnswer::Pending]);
    let mut lease = Lease::obtained_by(Renewal::device(pending));
    let mut patience = Patience::new(&mut provider);
    let first = patience.run(lease.renew(&client).unwrap()).unwrap();
    lease.keep(first);
    assert_eq!(patience.waits.len(), 3);
    patience.now += 3_600;
    let second = patience.run(lease.renew(&client).unwrap()).unwrap();
    lease.keep(second);
    assert_eq!(lease.standing(patience.clock()), Standing::Fresh);
    assert_eq!(polls(&provider), [5, 10, 15, 3_615]);
}

#[test]
fn the_clients_own_tokens_are_asked_for_again() {
    let (mut provider, client) = confidential();
    let grant = Grant::client_credentials(&client).scope("mail");
    let mut lease = Lease::obtained_by(Renewal::grant(grant));
    for now in [NOW, at(3_600), at(7_200)] {
        assert_eq!(lease.standing(now), Standing::Expired);
        let renewed = run(&mut provider, now, lease.renew(&client).unwrap()).unwrap();
        assert_eq!(renewed.refresh_token(), None);
        lease.keep(renewed);
    }
}

#[test]
fn many_nodes_share_a_grant_whose_reuse_is_detected() {
    let (mut provider, client) = public(ISSUER);
    let key = Key::new(&client, "ada");
    let mut store = MemoryStore::new();
    let first = tokens(&mut provider, &client, ["mail"]);
    store.sign_in(NOW, &key, first).unwrap();
    for hour in 1..50 {
        let now = at(hour * 3_600);
        let before = provider.log().requests_to("/token").len();
        for _node in 0..20 {
            let refresh = Refresh::new(&client, &key, Renewal::refresh_token());
            let send = |request: oauth_proto::endpoint::request::Request| {
                Ok::<_, ()>(provider.handle(now.as_secs(), &request))
            };
            let Ok(outcome) = drive::blocking(refresh, &mut store, || now, send, |_| {});
            assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
            let token = outcome.tokens().unwrap().access_token();
            assert!(provider.honours(now.as_secs(), token.expose()));
        }
        assert_eq!(provider.log().requests_to("/token").len(), before + 1);
    }
    assert!(provider.complaints().is_empty());
}
