//! Signatures by the capability of this build: MACs, and RSA by a key of this process.

use http::Request;
use oauth_proto::crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use oauth_proto::oauth1::verify::VerifyFault;

use crate::cast::NOW;
use crate::cast::made;
use crate::macs::Macs;

/// A request signed by `method`, everything else by the default capability.
fn signed(method: SignatureMethod) -> SignedRequest {
    let get = Request::get("https://api.example/?a=b")
        .body(Vec::new())
        .unwrap();
    let client = Client::new(Default::default(), "k", method).unwrap();
    SignedRequest::new(&client, get)
}

#[test]
fn macs_are_those_of_another_implementation() {
    for method in [
        SignatureMethod::hmac_sha1("s"),
        SignatureMethod::hmac_sha256("s"),
        SignatureMethod::hmac_sha512("s"),
    ] {
        let request = made(signed(method.clone()).request(NOW).unwrap());
        let received = ReceivedRequest::parse(&request).unwrap();
        assert_eq!(received.verify(&Macs::default(), &method, ""), Ok(()));
        assert_eq!(
            received.verify(&*crypto::default_provider(), &method, ""),
            Ok(())
        );
    }
}

#[test]
fn rsa_by_a_key_of_this_process() {
    let crypto = crypto::default_provider();
    let key = crypto.generate(KeyKind::Rsa(2048)).unwrap();
    let other = crypto.generate(KeyKind::Rsa(2048)).unwrap();
    let local = || RsaKey::local(crypto.signing_key(&key).unwrap());
    let own = crypto.verifying_key(&key.public).unwrap();
    let other = crypto.verifying_key(&other.public).unwrap();
    for (method, hash) in [
        (SignatureMethod::rsa_sha256(local()), Hash::Sha256),
        (SignatureMethod::rsa_sha512(local()), Hash::Sha512),
    ] {
        let mut request = made(signed(method).request(NOW).unwrap());
        let verdict = |request: &Request<Vec<u8>>, key| {
            ReceivedRequest::parse(request)
                .unwrap()
                .verify_rsa(hash, key)
        };
        assert_eq!(verdict(&request, &*own), Ok(()));
        assert_eq!(verdict(&request, &*other), Err(VerifyFault::Signature));
        let received = ReceivedRequest::parse(&request).unwrap();
        assert_eq!(
            received.verify_rsa(Hash::Sha1, &*own),
            Err(VerifyFault::Method)
        );
        *request.uri_mut() = "https://api.example/?a=c".parse().unwrap();
        assert_eq!(verdict(&request, &*own), Err(VerifyFault::Signature));
    }
}

/// Either the capability signs by RSA-SHA1, or nothing is sent.
#[test]
fn rsa_sha1_is_signed_or_refused() {
    let crypto = crypto::default_provider();
    let key = crypto.generate(KeyKind::Rsa(2048)).unwrap();
    let method = SignatureMethod::rsa_sha1(crypto.signing_key(&key).unwrap());
    match signed(method).request(NOW) {
        Ok(draft) => {
            let request = made(draft);
            let received = ReceivedRequest::parse(&request).unwrap();
            assert_eq!(received.signature_method(), "RSA-SHA1");
        }
        Err(error) => {
            assert!(matches!(
                error,
                Error::Crypto(CryptoError::Unsupported("RSA-SHA1"))
            ));
        }
    }
}
