//! `at_hash` and `c_hash` (OpenID Connect Core 1.0 sections 3.1.3.6 and 3.3.2.11): each by the hash of
//! the algorithm that the ID token is signed by.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::keys::KeysRequest;
use serde_json::Value;
use serde_json::json;

use crate::answer;
use crate::cast::NOW;
use crate::issuer;
use crate::issuer::answering;
use crate::issuer::openid;
use crate::recipients::of_pem;
use crate::verdict;

/// OpenID Connect Core 1.0 appendix A.6; the access token is that of [`issuer::token_response`].
pub(crate) const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";

/// `at_hash` and `c_hash` by SHA-256: those of appendix A.6.
const SHA256: [&str; 2] = ["77QmUPtjPfzWtF2AnpK9RQ", "LDktKdoQak3Pk0cnXxCltA"];
/// By SHA-384 and SHA-512, of another implementation.
const SHA384: [&str; 2] = [
    "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs",
    "Mq-knyaEMtWGfnBi2POEZb1kiLx10_DF",
];
pub(crate) const SHA512: [&str; 2] = [
    "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM",
    "E9z1C-c0Az4eTEzE0Nm3OQ3BS2BhMgxuP7x5JAQj1_4",
];

/// Redeems [`CODE`] for an ID token with these hashes, signed by `key`.
fn redeemed(key: &PrivateJwk, algorithm: Algorithm, hashes: &Value) -> Result<Tokens, Error> {
    let algorithms = ResponseAlgorithms::new().signed(Answer::IdToken, algorithm);
    let client = issuer::stranger().with_response_algorithms(algorithms);
    let set = json!({"keys": [key.public().unwrap()]}).to_string();
    KeysRequest::new(&client)
        .response(NOW, &answer::json(200, &set))
        .unwrap();
    let pending = issuer::away(&client, openid());
    let callback = format!("code={CODE}&state={}", pending.state());
    let authorized = client.authorization_response(NOW, pending, &callback)?;
    let signer = Signer::new(&default_provider(), key, algorithm).unwrap();
    let id_token = issuer::signed_by(&signer, "JWT", &answering(hashes));
    let answer = issuer::token_response(&id_token);
    Grant::authorization_code(&client, authorized).response(NOW, &answer)
}

#[test]
fn each_algorithm_has_its_hash() {
    let rsa = of_pem(include_str!("../vectors/keys/rsa.pkcs8.pem"));
    let p256 = of_pem(include_str!("../vectors/keys/ec-prime256v1.pkcs8.pem"));
    let p384 = of_pem(include_str!("../vectors/keys/ec-secp384r1.pkcs8.pem"));
    let p521 = of_pem(include_str!("../vectors/keys/ec-secp521r1.pkcs8.pem"));
    let ed25519 = PrivateJwk::parse(issuer::KEY).unwrap();
    for (key, algorithm, right) in [
        (&rsa, Algorithm::Rs256, SHA256),
        (&p256, Algorithm::Es256, SHA256),
        (&p384, Algorithm::Es384, SHA384),
        (&p521, Algorithm::Es512, SHA512),
        (&ed25519, Algorithm::EdDsa, SHA512),
    ] {
        for hashes in [SHA256, SHA384, SHA512] {
            let [at_hash, c_hash] = hashes;
            let is_right = hashes == right;
            for (claims, check) in [
                (json!({"at_hash": at_hash}), "ID-TOKEN-AT-HASH"),
                (json!({"c_hash": c_hash}), "ID-TOKEN-C-HASH"),
            ] {
                let expected = if is_right { "accepted" } else { check };
                let outcome = redeemed(key, algorithm, &claims);
                assert_eq!(verdict(&outcome), expected, "{algorithm}: {claims}");
            }
        }
    }
}

/// The whole hash, another alphabet, another type: nothing but the left half will do.
#[test]
fn a_hash_is_compared_whole() {
    let key = PrivateJwk::parse(issuer::KEY).unwrap();
    let [right, _] = SHA512;
    for (hash, check) in [
        (json!(format!("{right}=")), "ID-TOKEN-AT-HASH"),
        (json!(right[..22]), "ID-TOKEN-AT-HASH"),
        (json!(""), "ID-TOKEN-AT-HASH"),
        (json!([right]), "ID-TOKEN-CLAIMS"),
    ] {
        let outcome = redeemed(&key, Algorithm::EdDsa, &json!({"at_hash": hash}));
        assert_eq!(verdict(&outcome), check, "{hash}");
    }
}
