//! RSA-SHA1 by a key of this process, where the capability makes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::provider_rust_crypto::RustCrypto;
use oauth_proto::crypto::signing::Scheme;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::oauth1::method::Signature;
use oauth_proto::oauth1::method::SignatureMethod;

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
