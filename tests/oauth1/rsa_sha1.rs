//! RSA-SHA1: made by a key of this process, where the capability makes it, and verified by a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::provider_rust_crypto::RustCrypto;
use oauth_proto::crypto::signing::Scheme;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::Signature;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use oauth_proto::oauth1::verify::VerifyFault;

use crate::cast::NOW;
use crate::cast::made;
use crate::keys;
use crate::vectors::vectors;

#[test]
fn a_local_key_signs_as_one_in_another_process() {
    let crypto = RustCrypto::new();
    let key = vectors().keys["rsa_2048"].clone();
    let local = pkcs8::from_der(&crypto, &STANDARD.decode(&key).unwrap()).unwrap();
    let method = SignatureMethod::rsa_sha1(crypto.signing_key(&local).unwrap());
    let Signature::Ready(signature) = method.sign(&crypto, "base", "").unwrap() else {
        panic!("the key is local");
    };
    let elsewhere = SigningInput::new("key", Scheme::RsaSha1, "base");
    let elsewhere = keys::sign(&keys::key(&key), &elsewhere);
    assert_eq!(signature.expose(), STANDARD.encode(elsewhere));
}

/// A request that a key elsewhere signed by RSA-SHA1, with 2048 bits.
fn received(key: &str) -> Request<Vec<u8>> {
    let get = Request::get("https://api.example/?a=b").body(Vec::new());
    let method = SignatureMethod::rsa_sha1(RsaKey::remote("key"));
    let client = Client::new(Metadata::default(), "k", method).unwrap();
    let draft = SignedRequest::new(&client, get.unwrap())
        .request(NOW)
        .unwrap();
    let signature = keys::sign(&keys::key(key), draft.signing_input().unwrap());
    made(draft.signed(&signature).unwrap())
}

fn verified_by(crypto: &dyn Crypto) {
    let key = vectors().keys["rsa_2048"].clone();
    let der = STANDARD.decode(&key).unwrap();
    let public = pkcs8::from_der(&RustCrypto::new(), &der).unwrap().public;
    let own = crypto.verifying_key(&public).unwrap();
    let other = RustCrypto::new().generate(KeyKind::Rsa(2048)).unwrap();
    let other = crypto.verifying_key(&other.public).unwrap();
    let mut request = received(&key);
    let verdict = |request: &Request<Vec<u8>>, hash, key| {
        let received = ReceivedRequest::parse(request).unwrap();
        received.verify_rsa(hash, key)
    };
    assert_eq!(verdict(&request, Hash::Sha1, &*own), Ok(()));
    let rejected = Err(VerifyFault::Signature);
    assert_eq!(verdict(&request, Hash::Sha1, &*other), rejected);
    // The method is the client's own, whatever the request says.
    let other_method = Err(VerifyFault::Method);
    assert_eq!(verdict(&request, Hash::Sha256, &*own), other_method);
    *request.uri_mut() = "https://api.example/?a=c".parse().unwrap();
    assert_eq!(verdict(&request, Hash::Sha1, &*own), rejected);
    let short = own.verify_rsa_sha1(b"base", b"short");
    assert_eq!(short, Err(CryptoError::Rejected));
}

#[test]
fn a_server_verifies_it() {
    verified_by(&RustCrypto::new());
    #[cfg(feature = "aws-lc-rs")]
    verified_by(&oauth_proto::crypto::provider_aws_lc::AwsLc::new());
}

#[test]
fn a_key_of_another_kind_verifies_none() {
    let crypto = RustCrypto::new();
    let key = crypto.generate(KeyKind::Ec(EcCurve::P256)).unwrap();
    let key = crypto.verifying_key(&key.public).unwrap();
    let outcome = key.verify_rsa_sha1(b"base", b"signature");
    assert!(matches!(outcome, Err(CryptoError::Unsupported(_))));
}
