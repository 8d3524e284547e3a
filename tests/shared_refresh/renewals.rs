//! What renews a shared grant, beside a refresh token.

use std::sync::Arc;

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::outcome::Reason;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Assertions;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store as _;

use crate::node::LATE;
use crate::node::at;
use crate::node::client;
use crate::node::granted;
use crate::node::key;
use crate::node::number;
use crate::node::reply;
use crate::node::run;
use crate::node::store;

fn by(renewal: Renewal) -> Refresh {
    Refresh::new(&client(), &key(), renewal)
}

/// One made for each moment.
struct Dated;

impl Assertions for Dated {
    fn assertion(&self, now: UnixTime) -> Result<Secret, Error> {
        Ok(Secret::from(format!("e30.e30.{now}")))
    }
}

type Make = fn() -> Renewal;

#[test]
fn a_grant_is_made_again_each_time() {
    let grants: [(&str, Make); 4] = [
        ("grant_type=client_credentials&scope=mail", || {
            Renewal::grant(Grant::client_credentials(&client()).scope("mail"))
        }),
        ("grant_type=password&username=ada&password=sesame", || {
            Renewal::grant(Grant::password(&client(), "ada", "sesame"))
        }),
        ("&assertion=e30.e30.18000", || {
            Renewal::jwt_bearer(Arc::new(Dated))
        }),
        ("&subject_token=acc355-0", || {
            let subject = SecurityToken::new("acc355-0", "access_token");
            Renewal::exchange(TokenExchange::new(&client(), subject))
        }),
    ];
    for (form, renewal) in grants {
        let mut store = MemoryStore::new();
        let answer = |number| {
            let mut answer = granted(number).unwrap();
            let body = String::from_utf8(answer.body().clone()).unwrap();
            let kind = r#""issued_token_type":"urn:ietf:params:oauth:token-type:access_token","#;
            *answer.body_mut() = body.replacen('{', &format!("{{{kind}"), 1).into_bytes();
            Some(answer)
        };
        for (now, number) in [(LATE, 1), (at(9_000), 2)] {
            let (outcome, log) = run(by(renewal()), &mut store, now, [answer(number)]);
            assert_eq!(self::number(&outcome), Some(number), "{outcome:?}");
            assert!(log.sent[0].contains(form), "{}", log.sent[0]);
            let (outcome, _) = run(by(renewal()), &mut store, now, []);
            assert_eq!(self::number(&outcome), Some(number));
        }
    }
}

#[test]
fn the_refusal_of_such_a_grant_is_not_for_good() {
    let renewal = || Renewal::grant(Grant::password(&client(), "ada", "sesame"));
    let mut store = MemoryStore::new();
    let refused = reply(400, r#"{"error":"invalid_grant"}"#);
    let (outcome, _) = run(by(renewal()), &mut store, LATE, [refused]);
    assert!(matches!(outcome, Outcome::Permanent(Reason::Refused(_))));
    let (outcome, _) = run(by(renewal()), &mut store, LATE, []);
    assert!(matches!(outcome, Outcome::Permanent(Reason::Remembered(_))));
    let (outcome, _) = run(by(renewal()), &mut store, at(4_060), [granted(1)]);
    assert_eq!(number(&outcome), Some(1));
}

fn code() -> Renewal {
    let grant = Grant::extension(&client(), "urn:example:code").unwrap();
    Renewal::code(grant.parameter("once", "c0de"))
}

#[test]
fn a_code_takes_the_place_of_what_is_stored() {
    let mut store = store();
    let (outcome, log) = run(by(code()), &mut store, at(10), [granted(5)]);
    assert_eq!(number(&outcome), Some(5));
    assert!(log.sent[0].contains("once=c0de"));
    let (outcome, _) = run(by(Renewal::refresh_token()), &mut store, at(10), []);
    assert_eq!(number(&outcome), Some(5));
}

#[test]
fn a_code_is_used_once_and_its_failure_harms_nothing() {
    for answer in [
        None,
        reply(503, ""),
        reply(400, r#"{"error":"invalid_grant"}"#),
    ] {
        let is_lost = answer.is_none();
        let mut store = store();
        let (outcome, log) = run(by(code()), &mut store, at(10), [answer]);
        assert!(outcome.tokens().is_none(), "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Ambiguous(_)), is_lost);
        assert_eq!((log.sent.len(), log.waits.len()), (1, 0));
        let (outcome, _) = run(by(Renewal::refresh_token()), &mut store, at(10), []);
        assert_eq!(number(&outcome), Some(1));
        assert!(
            store
                .lease(
                    at(10),
                    &key(),
                    oauth_proto::lease::store::Hold::Take(crate::HOLD)
                )
                .unwrap()
                .is_some()
        );
    }
}
