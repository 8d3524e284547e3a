//! The keys of every client here, made once for a run.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use oauth_proto::crypto;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use serde_json::Value;
use serde_json::json;

use crate::failure::Failure;
use crate::failure::present;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::stage::Stage;

/// The signatures by a secret.
pub(crate) const SYMMETRIC: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// The kinds of keys that are encrypted to.
pub(crate) const RSA: KeyKind = KeyKind::Rsa(2048);
pub(crate) const P256: KeyKind = KeyKind::Ec(EcCurve::P256);
pub(crate) const P384: KeyKind = KeyKind::Ec(EcCurve::P384);
pub(crate) const P521: KeyKind = KeyKind::Ec(EcCurve::P521);
pub(crate) const X25519: KeyKind = KeyKind::Okp(OkpCurve::X25519);

/// The cryptography of this build.
pub(crate) fn crypto() -> Arc<dyn Crypto> {
    crypto::default_provider()
}

/// The signatures by a private key that both the crate and this server have, of the families whose names begin so.
pub(crate) fn asymmetric(
    stage: &Stage,
    family: &str,
) -> Result<impl Iterator<Item = Algorithm>, Failure> {
    let server = stage.server(SIGNED_OIDC_PROVIDER)?;
    let is_there = move |name: &str| server.algorithms.iter().any(|own| own == name);
    let algorithms = Algorithm::ALL.into_iter().filter(move |algorithm| {
        let name = algorithm.as_str();
        !algorithm.is_mac() && name.starts_with(family) && is_there(name)
    });
    Ok(algorithms)
}

/// The key of this kind. Its name is its thumbprint.
pub(crate) fn key(kind: KeyKind) -> Result<PrivateJwk, Failure> {
    static KEYS: Mutex<Option<HashMap<KeyKind, PrivateJwk>>> = Mutex::new(None);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = keys.get_or_insert_default();
    if let Some(key) = keys.get(&kind) {
        return Ok(key.clone());
    }
    let key = PrivateJwk::new(crypto().generate(kind)?);
    let name = present("the public half", key.public())?.thumbprint();
    let key = key.with_kid(name);
    keys.insert(kind, key.clone());
    Ok(key)
}

/// Who signs by this algorithm with the key of its kind.
pub(crate) fn signer(algorithm: Algorithm) -> Result<Signer, Failure> {
    Ok(Signer::new(&crypto(), &key(kind(algorithm)?)?, algorithm)?)
}

/// The member `jwks` of a client that signs by this algorithm.
pub(crate) fn verifiable(algorithm: Algorithm) -> Result<Value, Failure> {
    let public = present("the public half", key(kind(algorithm)?)?.public())?;
    Ok(set(&public.for_signatures()))
}

/// The member `jwks` of a client that is encrypted to with the key of this kind.
pub(crate) fn encryptable(kind: KeyKind) -> Result<Value, Failure> {
    let public = present("the public half", key(kind)?.public())?;
    Ok(set(&public.for_encryption()))
}

/// What decrypts with the key of this kind.
pub(crate) fn decrypter(kind: KeyKind) -> Result<Decrypter, Failure> {
    Ok(Decrypter::new(crypto(), &key(kind)?)?)
}

fn set(key: &Jwk) -> Value {
    json!({ "keys": [key] })
}

fn kind(algorithm: Algorithm) -> Result<KeyKind, Failure> {
    present("a kind of key", KeyKind::of(algorithm))
}
