//! The crate's own cryptography, lent to the provider in memory, and the keys of its clients.

use oauth_proto::base::base64url;
use oauth_proto::crypto;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use oauth_proto_world::Jose;
use serde_json::Value;

pub(crate) const JOSE: Jose = Jose {
    verify,
    decrypt,
    sign,
};

fn sign(typ: &str, payload: &str, key: &Value) -> Option<String> {
    let algorithm = key["alg"].as_str()?.parse().ok()?;
    let key = PrivateJwk::parse(&key.to_string()).ok()?;
    let signer = Signer::new(&crypto::default_provider(), &key, algorithm).ok()?;
    match signer.sign(&Unsigned::new(payload).with_type(typ)).ok()? {
        Signed::Compact(text) => Some(text),
        _ => None,
    }
}

fn verify(jws: &str, keys: &Value) -> Option<(Value, Value)> {
    let algorithm = Jws::parse(jws).ok()?.algorithm();
    let verifiers = keys["keys"].as_array()?.iter().filter_map(verifier);
    let verified = verifiers
        .filter_map(|key| Jws::parse(jws).ok()?.verify(algorithm, &key).ok())
        .next()?;
    let header = base64url::decode(jws.split('.').next()?).ok()?;
    let header = serde_json::from_slice(&header).ok()?;
    Some((header, serde_json::from_slice(verified.payload()).ok()?))
}

fn decrypt(jwe: &str, keys: &Value) -> Option<(Value, String)> {
    let parsed = Jwe::parse(jwe).ok()?;
    let (algorithm, encryption) = (parsed.algorithm(), parsed.encryption());
    let keys = keys["keys"].as_array()?.iter();
    let keys = keys.filter_map(|key| PrivateJwk::parse(&key.to_string()).ok());
    let decrypted = keys
        .filter_map(|key| {
            let decrypter = Decrypter::new(crypto::default_provider(), &key).ok()?;
            let jwe = Jwe::parse(jwe).ok()?;
            jwe.decrypt(algorithm, encryption, &decrypter).ok()
        })
        .next()?;
    let header = base64url::decode(jwe.split('.').next()?).ok()?;
    let header = serde_json::from_slice(&header).ok()?;
    Some((header, decrypted.text()?.to_owned()))
}

fn verifier(key: &Value) -> Option<Verifier> {
    let crypto = crypto::default_provider();
    let json = key.to_string();
    if key["kty"] == "oct" {
        return Verifier::symmetric(crypto, &PrivateJwk::parse(&json).ok()?).ok();
    }
    Verifier::new(&*crypto, Jwk::parse(&json).ok()?).ok()
}
