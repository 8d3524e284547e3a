//! What a token response allocates whose ID token is verified by every rule: counted are the calls of the
//! allocator by this thread, a reallocation as one. AWS-LC's own are not seen.

use std::hint::black_box;

use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
use serde_json::json;

use crate::cast::NOW;
use crate::hashes::SHA512;
use crate::issuer;
use crate::issuer::ACCESS_TOKEN;

#[test]
fn an_id_token_by_itself() {
    let client = issuer::client();
    let claims = issuer::answering(&json!({ "at_hash": SHA512[0] }));
    let (text, nonce) = (issuer::signed(&claims), claims["nonce"].as_str().unwrap());
    let received = ReceivedIdToken::new(&client, text, nonce).access_token(ACCESS_TOKEN);
    // The first time makes what is made once in the life of a key.
    assert_eq!(received.verify(NOW).unwrap().sub(), claims["sub"]);
    let counted = allocation_counter::measure(|| {
        black_box(black_box(&received).verify(NOW)).unwrap();
    });
    // As below, without the members of an answer, its tokens and the scope.
    assert_eq!(counted.count_total, 1 + 5 + 2 + 6 + 1 + 1);
}

#[test]
fn a_token_response_with_an_id_token() {
    let client = issuer::client();
    let pending = issuer::away(&client, issuer::openid());
    let callback = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
    let authorized = client
        .authorization_response(NOW, pending, &callback)
        .unwrap();
    let exchange = Grant::authorization_code(&client, authorized);
    let claims = issuer::answering(&json!({ "at_hash": SHA512[0] }));
    let answer = issuer::token_response(&issuer::signed(&claims));
    let read = || exchange.response(NOW, black_box(&answer)).unwrap();
    // The first time makes what is made once in the life of a key.
    assert_eq!(read().id_token().unwrap().sub(), issuer::claims()["sub"]);
    let counted = allocation_counter::measure(|| {
        black_box(read());
    });
    // The two tokens of the answer; the text of the ID token; its header,
    // the header's members, `kid` twice and `typ`; payload and signature; the claims' members, `iss`,
    // `sub` and `aud`, `nonce` and `at_hash`; the hash of the access token; the ID token, which is shared.
    assert_eq!(counted.count_total, 2 + 1 + 5 + 2 + 6 + 1 + 1);
}
