//! The client's RSA key, outside of the crate: it stands for a key in another process.

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

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;

/// The bare signature that `input` asks for.
pub(crate) fn sign(input: &SigningInput) -> Result<Vec<u8>, Failure> {
    let vectors = include_str!("../../../vectors/oauth1.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors)?;
    let key = present("the key", vectors["keys"]["rsa_2048"].as_str())?;
    let key = PrivateKey::from_pkcs8_der(&STANDARD.decode(key)?)?;
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
        other => return fail(format!("no {other} here")),
    };
    Ok(key.sign(padding, &digest)?)
}
