//! The refresh of a grant that several nodes share: each outcome, what leads to it, and what the store
//! has afterwards. Every order of events is explored in `model_refresh.rs`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Cause;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::outcome::Reason;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store as _;
use oauth_proto::lease::terms::Terms;

use crate::node::LATE;
use crate::node::at;
use crate::node::granted;
use crate::node::key;
use crate::node::number;
use crate::node::refresh;
use crate::node::reply;
use crate::node::run;
use crate::node::store;
use crate::node::tokens;

#[path = "shared_refresh/interruptions.rs"]
mod interruptions;
#[path = "shared_refresh/keys.rs"]
mod keys;
#[path = "shared_refresh/node.rs"]
mod node;
#[path = "shared_refresh/renewals.rs"]
mod renewals;

const HOLD: Duration = Duration::from_secs(30);

#[test]
fn fresh_tokens_cost_nothing() {
    let (outcome, log) = run(refresh(), &mut store(), at(10), []);
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    assert_eq!(number(&outcome), Some(1));
    assert!(log.sent.is_empty());
}

#[test]
fn expired_tokens_are_refreshed_once_for_all_nodes() {
    let mut store = store();
    let (outcome, log) = run(refresh(), &mut store, LATE, [granted(2)]);
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    assert_eq!(number(&outcome), Some(2));
    assert!(log.sent[0].contains("grant_type=refresh_token&refresh_token=refr35h-1"));
    let kept = store.get(&key()).unwrap().unwrap();
    assert_eq!(kept.tokens(), outcome.tokens());
    let (outcome, _) = run(refresh(), &mut store, LATE, []);
    assert_eq!(number(&outcome), Some(2));
    // The lease is released with the write.
    assert!(
        store
            .lease(LATE, &key(), Hold::Take(HOLD))
            .unwrap()
            .is_some()
    );
}

#[test]
fn an_old_refresh_token_is_kept_where_no_other_comes() {
    let mut store = store();
    let answer = reply(200, r#"{"access_token":"acc355-2","token_type":"Bearer"}"#);
    let (outcome, _) = run(refresh(), &mut store, LATE, [answer]);
    let kept = outcome.tokens().unwrap().refresh_token().unwrap();
    assert!(kept.eq_text("refr35h-1"));
}

#[test]
fn an_unanswered_request_is_repeated_once_with_the_same_token() {
    let mut store = store();
    let (outcome, log) = run(refresh(), &mut store, LATE, [None, granted(2)]);
    assert_eq!(number(&outcome), Some(2));
    assert_eq!(log.sent.len(), 2);
    assert_eq!(log.sent[0], log.sent[1]);
    assert_eq!(log.waits, [Duration::from_secs(1)]);

    let never = refresh().with_terms(Terms::new().with_window(Duration::ZERO));
    let (outcome, log) = run(never, &mut self::store(), LATE, [None]);
    assert!(matches!(outcome, Outcome::Ambiguous(_)), "{outcome:?}");
    assert_eq!(log.sent.len(), 1);
}

#[test]
fn what_stays_unanswered_is_ambiguous_and_held_back() {
    let mut store = store();
    let (outcome, log) = run(refresh(), &mut store, LATE, [None, None]);
    let Outcome::Ambiguous(setback) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(matches!(setback.cause, Cause::NoAnswer));
    assert_eq!(log.sent.len(), 2);
    assert_eq!(setback.until, LATE.saturating_add(Duration::from_secs(1)));
    // Another node does not come too early.
    let (outcome, _) = run(refresh(), &mut store, LATE, []);
    let is_held_back =
        matches!(&outcome, Outcome::Transient(it) if matches!(it.cause, Cause::HeldBack));
    assert!(is_held_back, "{outcome:?}");
    assert_eq!(outcome.retry_at(), Some(setback.until));
    let (outcome, _) = run(refresh(), &mut store, setback.until, [granted(2)]);
    assert_eq!(number(&outcome), Some(2));
    assert_eq!(store.get(&key()).unwrap().unwrap().held_back_until(), None);
}

#[test]
fn only_an_error_document_is_a_verdict() {
    for (status, body, may_have_served) in [
        (500, r#"{"error":"invalid_grant"}"#, true),
        (502, "<html>", true),
        (400, "<html>", true),
        (403, "", true),
        (200, "<html>", true),
        (200, r#"{"access_token":"#, true),
        (302, "", true),
        (400, r#"{"error":"server_error"}"#, true),
        (429, r#"{"error":"slow down"}"#, false),
        (503, "<html>", false),
        (400, r#"{"error":"temporarily_unavailable"}"#, false),
    ] {
        let mut store = store();
        let (outcome, _) = run(refresh(), &mut store, LATE, [reply(status, body)]);
        let is_as_expected = match may_have_served {
            true => matches!(outcome, Outcome::Ambiguous(_)),
            false => matches!(outcome, Outcome::Transient(_)),
        };
        assert!(is_as_expected, "{status} {body}: {outcome:?}");
        let kept = store.get(&key()).unwrap().unwrap();
        assert_eq!(kept.tokens(), Some(&tokens(1)));
        assert_eq!(kept.held_back_until(), outcome.retry_at());
    }
}

/// The server's keys cannot be had, and what it gave is kept all the same: the old token is spent.
#[test]
fn an_id_token_that_cannot_be_verified_costs_no_grant() {
    let with_keys = node::client_with_keys();
    let mut store = MemoryStore::new();
    let signed_in = keys::signed_in();
    store.sign_in(at(0), &key(), signed_in.clone()).unwrap();
    let mut answer = granted(2).unwrap();
    let body = String::from_utf8(answer.body().clone()).unwrap();
    let more = format!(r#","id_token":"{REFRESHED}"}}"#);
    *answer.body_mut() = body.replace('}', &more).into_bytes();
    let mut answer = Some(answer);
    let mut targets = Vec::new();
    let send = |request: Request| {
        targets.push(request.uri().path().to_owned());
        answer.take().ok_or(())
    };
    let refresh = Refresh::new(&with_keys, &key(), Renewal::refresh_token());
    let Ok(outcome) = drive::blocking(refresh, &mut store, || LATE, send, |_| {});
    assert!(
        matches!(outcome, Outcome::Fresh(_)),
        "{outcome:?} {targets:?}"
    );
    assert_eq!(number(&outcome), Some(2));
    // The token goes out once, whatever becomes of the keys.
    assert_eq!(targets[..2], ["/token", "/keys"]);
    assert!(targets[1..].iter().all(|path| path == "/keys"));
    let kept = store.get(&key()).unwrap().unwrap();
    let kept = kept.tokens().unwrap();
    assert!(kept.refresh_token().unwrap().eq_text("refr35h-2"));
    assert_eq!(kept.id_token(), signed_in.id_token());
}

#[test]
fn failures_back_off_and_retry_after_is_obeyed_up_to_an_hour() {
    let mut store = store();
    let mut now = LATE;
    for failures in 1..12 {
        let (outcome, _) = run(refresh(), &mut store, now, [reply(503, "")]);
        let wait = outcome.retry_at().unwrap().since(now);
        let longest = Duration::from_secs((1 << (failures - 1)).min(300));
        assert!(
            wait >= Duration::from_secs(1) && wait <= longest,
            "{failures}: {wait:?}"
        );
        now = outcome.retry_at().unwrap();
    }
    for (wish, obeyed) in [("120", 120), ("86400", 3_600)] {
        let mut busy = reply(429, "").unwrap();
        busy.headers_mut()
            .insert("retry-after", wish.parse().unwrap());
        let (outcome, _) = run(refresh(), &mut self::store(), LATE, [Some(busy)]);
        assert_eq!(outcome.retry_at().unwrap().since(LATE).as_secs(), obeyed);
    }
}

#[test]
fn what_is_due_is_served_while_it_cannot_be_renewed() {
    let due = at(3_000);
    let mut store = store();
    let (outcome, _) = run(refresh(), &mut store, due, [reply(503, "")]);
    assert!(matches!(outcome, Outcome::Stale(..)), "{outcome:?}");
    assert_eq!(number(&outcome), Some(1));
    let (outcome, _) = run(refresh(), &mut store, due, []);
    assert!(matches!(outcome, Outcome::Stale(..)), "{outcome:?}");
    // Not without an end.
    let (outcome, _) = run(refresh(), &mut store, LATE, [reply(503, "")]);
    assert!(matches!(outcome, Outcome::Transient(_)), "{outcome:?}");
}

#[test]
fn a_dead_grant_is_asked_for_no_more_until_the_user_signs_in() {
    let mut store = store();
    let dead = reply(400, r#"{"error":"invalid_grant"}"#);
    let (outcome, _) = run(refresh(), &mut store, LATE, [dead]);
    let is_refused =
        matches!(&outcome, Outcome::Permanent(it @ Reason::Refused(_)) if it.needs_sign_in());
    assert!(is_refused, "{outcome:?}");
    assert!(store.get(&key()).unwrap().unwrap().is_dead());
    for seconds in [4_000, 1_000_000, 1_000_000_000] {
        let (outcome, _) = run(refresh(), &mut store, at(seconds), []);
        let is_remembered = matches!(&outcome, Outcome::Permanent(it @ Reason::Remembered(_)) if it.needs_sign_in());
        assert!(is_remembered, "{outcome:?}");
    }
    store.sign_in(LATE, &key(), tokens(5)).unwrap();
    let (outcome, _) = run(refresh(), &mut store, LATE, [granted(6)]);
    assert_eq!(number(&outcome), Some(6));
}

#[test]
fn another_refusal_is_remembered_for_a_minute() {
    let mut store = store();
    let refused = || reply(401, r#"{"error":"invalid_client"}"#);
    let (outcome, _) = run(refresh(), &mut store, LATE, [refused()]);
    let is_permanent = matches!(&outcome, Outcome::Permanent(it) if !it.needs_sign_in());
    assert!(is_permanent, "{outcome:?}");
    let (outcome, _) = run(refresh(), &mut store, at(4_059), []);
    assert!(matches!(outcome, Outcome::Permanent(Reason::Remembered(_))));
    let (outcome, _) = run(refresh(), &mut store, at(4_060), [granted(2)]);
    assert_eq!(number(&outcome), Some(2));
}

#[test]
fn a_rejected_access_token_is_renewed_before_its_time() {
    let mut store = store();
    let rejected = || refresh().rejected(&tokens(1));
    let (outcome, log) = run(rejected(), &mut store, at(10), [granted(2)]);
    assert_eq!((number(&outcome), log.sent.len()), (Some(2), 1));
    // Who comes with the same complaint later is served what there is.
    let (outcome, _) = run(rejected(), &mut store, at(10), []);
    assert_eq!(number(&outcome), Some(2));
}

#[test]
fn nothing_is_stored_means_sign_in() {
    let mut store = MemoryStore::new();
    let (outcome, _) = run(refresh(), &mut store, LATE, []);
    assert!(matches!(outcome, Outcome::Permanent(Reason::NeedsSignIn)));
}

#[test]
fn who_needs_tokens_waits_for_another_node_and_who_has_some_does_not() {
    let mut store = store();
    store.lease(at(3_000), &key(), Hold::Take(HOLD)).unwrap();
    let (outcome, log) = run(refresh(), &mut store, at(3_000), []);
    let is_busy = matches!(&outcome, Outcome::Stale(_, it) if matches!(it.cause, Cause::Busy));
    assert!(is_busy && log.waits.is_empty(), "{outcome:?}");

    store.lease(LATE, &key(), Hold::Take(HOLD)).unwrap();
    let (outcome, log) = run(refresh(), &mut store, LATE, []);
    let is_busy = matches!(&outcome, Outcome::Transient(it) if matches!(it.cause, Cause::Busy));
    assert!(is_busy, "{outcome:?}");
    let waited: Duration = log.waits.iter().sum();
    assert_eq!(waited, Duration::from_secs(35));
    assert!(log.waits.iter().all(|wait| *wait <= Duration::from_secs(5)));
    // The other node has crashed, and its lease has lapsed.
    let (outcome, _) = run(refresh(), &mut store, at(4_030), [granted(2)]);
    assert_eq!(number(&outcome), Some(2));
}

#[test]
fn no_clock_strands_a_grant() {
    for moment in [0, 1, 1_000_000_000, 4_000_000_000, u64::MAX] {
        let mut store = store();
        let (outcome, _) = run(refresh(), &mut store, LATE, [reply(503, "")]);
        assert!(outcome.retry_at().is_some());
        let now = UnixTime::from_secs(moment);
        let (outcome, _) = run(refresh(), &mut store, now, [granted(2)]);
        assert_eq!(number(&outcome), Some(2), "{moment}");
    }
}

/// What a release wrote, every later one reads.
#[test]
fn the_stored_form_is_this_byte_for_byte() {
    let client_credentials = || {
        let grant = Grant::client_credentials(&node::client());
        Refresh::new(&node::client(), &key(), Renewal::grant(grant))
    };
    let table = [
        (refresh(), store(), granted(2), TOKENS),
        (refresh(), store(), reply(503, ""), HELD_BACK),
        (
            refresh(),
            store(),
            reply(400, r#"{"error":"invalid_grant"}"#),
            DEAD,
        ),
        (
            client_credentials(),
            MemoryStore::new(),
            reply(401, r#"{"error":"invalid_client"}"#),
            REFUSED,
        ),
    ];
    for (refresh, mut store, reply, stored) in table {
        drop(run(refresh, &mut store, LATE, [reply]));
        let record = store.get(&key()).unwrap().unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Record>(stored).unwrap(), record);
        let later = stored.replacen("\"v\":1", "\"v\":2", 1);
        let error = serde_json::from_str::<Record>(&later).unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
        let more = stored.replacen('{', r#"{"more":1,"#, 1);
        assert!(serde_json::from_str::<Record>(&more).is_err());
    }
}

/// Signed by a key that nobody has.
const REFRESHED: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjIwMjkifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDQwMDMyMCIsImF1ZCI6ImFwcCIsImV4cCI6MTgwMDAwOTk5OSwiaWF0IjoxODAwMDA0MDAwfQ.c2ln";

const TOKENS: &str = include_str!("vectors/stored/record-v1-tokens.json");
const HELD_BACK: &str = include_str!("vectors/stored/record-v1-held-back.json");
const DEAD: &str = include_str!("vectors/stored/record-v1-dead.json");
const REFUSED: &str = include_str!("vectors/stored/record-v1-refused.json");
