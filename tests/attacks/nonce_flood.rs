//! A server that demands another nonce for ever, or gives one that is none (RFC 9449 §8): a client sends
//! two requests and no more, and keeps nothing of what cannot be a nonce.

use http::Response;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::stopped_by;

fn demand(nonce: &[u8]) -> Response<Vec<u8>> {
    Response::builder()
        .status(400)
        .header("content-type", "application/json")
        .header("dpop-nonce", nonce)
        .body(br#"{"error":"use_dpop_nonce"}"#.to_vec())
        .unwrap()
}

/// What a client ends with whose every proof is answered so, and how many it made.
fn besieged(nonce: impl Fn(usize) -> Vec<u8>) -> (Error, usize) {
    let (_, client) = public(ISSUER);
    let key = DpopKey::generate(&crypto::default_provider(), Algorithm::Es256).unwrap();
    let client = client.with_dpop(key);
    let mut step = Call::new(Grant::refresh_token(&client, "R")).begin(NOW);
    let mut requests = 0;
    loop {
        step = match step {
            Ok(Step::Send(_, sent)) => {
                requests += 1;
                sent.answer(NOW, &demand(&nonce(requests)))
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => return (error, requests),
        };
    }
}

#[test]
fn another_nonce_each_time_gets_one_more_request() {
    let (error, requests) = besieged(|n| format!("nonce-{n}").into_bytes());
    assert_eq!((stopped_by(&error), requests), ("refused", 2));
}

#[test]
fn the_same_nonce_again_gets_none() {
    let (error, requests) = besieged(|_| b"same".to_vec());
    assert_eq!((stopped_by(&error), requests), ("DPOP-NONCE-REPEATED", 2));
}

#[test]
fn what_cannot_be_a_nonce_is_not_sent_back() {
    for nonce in [
        vec![b'n'; 10 * 1024],
        b"two words".to_vec(),
        b"\"quoted\"".to_vec(),
        b"back\\slash".to_vec(),
        b"caf\xc3\xa9".to_vec(),
        Vec::new(),
    ] {
        let (error, requests) = besieged(|_| nonce.clone());
        assert_eq!((stopped_by(&error), requests), ("DPOP-NONCE", 1));
    }
}
