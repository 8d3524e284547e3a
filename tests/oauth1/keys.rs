//! RSA keys outside of any capability: they stand for a key in another process.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signing::Scheme;
use oauth_proto::crypto::signing::SigningInput;
use rsa::Pkcs1v15Sign;
use rsa::PrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use sha1::Sha1;
use sha2::Digest;
use sha2::Sha256;
use sha2::Sha512;

/// The key that is PKCS #8 in base64.
pub(crate) fn key(base64: &str) -> PrivateKey {
    PrivateKey::from_pkcs8_der(&STANDARD.decode(base64).unwrap()).unwrap()
}

/// The bare signature that `input` asks for.
pub(crate) fn sign(key: &PrivateKey, input: &SigningInput) -> Vec<u8> {
    let bytes = input.bytes();
    let (padding, digest) = match input.scheme() {
        Scheme::RsaSha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(bytes).to_vec()),
        Scheme::Jws(Algorithm::Rs256) => (
            Pkcs1v15Sign::new::<Sha256>(),
            Sha256::digest(bytes).to_vec(),
        ),
        Scheme::Jws(Algorithm::Rs512) => (
            Pkcs1v15Sign::new::<Sha512>(),
            Sha512::digest(bytes).to_vec(),
        ),
        other => panic!("{other}"),
    };
    key.sign(padding, &digest).unwrap()
}
