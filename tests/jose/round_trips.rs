//! Every algorithm there and back.

use std::sync::Arc;

use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwe::JweFault;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jws::JwsFault;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use zeroize::Zeroizing;

use crate::providers;

/// A key for `algorithm`; none where the capability has it not. RSA keys, which take long to find, are
/// found once.
fn signing_key(crypto: &dyn Crypto, rsa: &PrivateJwk, algorithm: Algorithm) -> Option<PrivateJwk> {
    let kind = match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
            return Some(PrivateJwk::symmetric(Zeroizing::new(vec![7; 64])));
        }
        Algorithm::Es256 => KeyKind::Ec(EcCurve::P256),
        Algorithm::Es256k => KeyKind::Ec(EcCurve::Secp256k1),
        Algorithm::Es384 => KeyKind::Ec(EcCurve::P384),
        Algorithm::Es512 => KeyKind::Ec(EcCurve::P521),
        Algorithm::Ed25519 | Algorithm::EdDsa => KeyKind::Okp(OkpCurve::Ed25519),
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => KeyKind::MlDsa(algorithm),
        _ => return Some(rsa.clone()),
    };
    generated(crypto, kind)
}

fn generated(crypto: &dyn Crypto, kind: KeyKind) -> Option<PrivateJwk> {
    match crypto.generate(kind) {
        Ok(key) => Some(PrivateJwk::new(key)),
        Err(CryptoError::Unsupported(_)) => None,
        Err(other) => panic!("{other}"),
    }
}

/// As it comes back from where it is stored.
fn stored(key: &PrivateJwk) -> PrivateJwk {
    PrivateJwk::parse(key.to_private_json().expose()).unwrap()
}

fn verifier(crypto: &Arc<dyn Crypto>, key: &PrivateJwk) -> Verifier {
    match key.public() {
        Some(public) => Verifier::new(&**crypto, Jwk::parse(&public.to_json()).unwrap()).unwrap(),
        None => Verifier::symmetric(Arc::clone(crypto), key).unwrap(),
    }
}

fn signed(signer: &Signer, payload: &str) -> String {
    match signer.sign(&Unsigned::new(payload)).unwrap() {
        Signed::Compact(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_signed_is_verified_by_its_key_alone() {
    for crypto in providers() {
        let [rsa, other_rsa] =
            [2048, 2048].map(|bits| generated(&*crypto, KeyKind::Rsa(bits)).unwrap());
        for algorithm in Algorithm::ALL {
            let Some(key) = signing_key(&*crypto, &rsa, algorithm) else {
                continue;
            };
            let signer = Signer::new(&crypto, &stored(&key), algorithm).unwrap();
            let text = signed(&signer, "payload");
            let jws = Jws::parse(&text).unwrap();
            let verified = jws.clone().verify(algorithm, &verifier(&crypto, &key));
            assert_eq!(verified.unwrap().payload(), b"payload", "{algorithm}");

            let altered = text.replacen(".cGF5", ".cGF6", 1);
            let altered = Jws::parse(&altered).unwrap();
            let outcome = altered.verify(algorithm, &verifier(&crypto, &key));
            assert_eq!(outcome.unwrap_err(), JwsFault::Signature, "{algorithm}");

            if !algorithm.is_mac() {
                let other = signing_key(&*crypto, &other_rsa, algorithm).unwrap();
                let outcome = jws.verify(algorithm, &verifier(&crypto, &other));
                assert_eq!(outcome.unwrap_err(), JwsFault::Signature, "{algorithm}");
            }
        }
    }
}

#[test]
fn a_key_signs_only_what_it_is_for() {
    for crypto in providers() {
        let key = generated(&*crypto, KeyKind::Ec(EcCurve::P256)).unwrap();
        for algorithm in Algorithm::ALL {
            let outcome = Signer::new(&crypto, &key, algorithm);
            match algorithm {
                Algorithm::Es256 => assert!(outcome.is_ok()),
                _ => assert_eq!(outcome.unwrap_err(), KeyFault::Unfit, "{algorithm}"),
            }
        }
    }
}

/// A key for `algorithm` and `encryption`.
fn recipients(
    crypto: &dyn Crypto,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
) -> Vec<PrivateJwk> {
    let symmetric = |length| vec![PrivateJwk::symmetric(Zeroizing::new(vec![9; length]))];
    match algorithm {
        KeyManagement::A128Kw | KeyManagement::A128GcmKw => symmetric(16),
        KeyManagement::A192Kw | KeyManagement::A192GcmKw => symmetric(24),
        KeyManagement::A256Kw | KeyManagement::A256GcmKw => symmetric(32),
        KeyManagement::Dir => symmetric(encryption.key_len()),
        KeyManagement::EcdhEs
        | KeyManagement::EcdhEsA128Kw
        | KeyManagement::EcdhEsA192Kw
        | KeyManagement::EcdhEsA256Kw => [
            KeyKind::Ec(EcCurve::P256),
            KeyKind::Ec(EcCurve::P384),
            KeyKind::Ec(EcCurve::P521),
            KeyKind::Okp(OkpCurve::X25519),
        ]
        .into_iter()
        .filter_map(|kind| generated(crypto, kind))
        .collect(),
        _ => Vec::new(),
    }
}

fn encrypter(
    crypto: &Arc<dyn Crypto>,
    key: &PrivateJwk,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
) -> Encrypter {
    let crypto = Arc::clone(crypto);
    match key.public() {
        Some(public) => Encrypter::new(crypto, public, algorithm, encryption).unwrap(),
        None => Encrypter::symmetric(crypto, key, algorithm, encryption).unwrap(),
    }
}

#[test]
fn what_is_encrypted_is_decrypted_by_its_key_alone() {
    for crypto in providers() {
        let rsa = generated(&*crypto, KeyKind::Rsa(2048)).unwrap();
        for algorithm in KeyManagement::ALL {
            for encryption in ContentEncryption::ALL {
                let mut keys = recipients(&*crypto, algorithm, encryption);
                if keys.is_empty() {
                    keys.push(rsa.clone());
                }
                for key in keys {
                    there_and_back(&crypto, &stored(&key), algorithm, encryption);
                }
            }
        }
    }
}

fn there_and_back(
    crypto: &Arc<dyn Crypto>,
    key: &PrivateJwk,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
) {
    let what = format!("{algorithm} {encryption}");
    let decrypter = Decrypter::new(Arc::clone(crypto), key).unwrap();
    let encrypter = encrypter(crypto, key, algorithm, encryption);
    for length in [0, 16, 33] {
        let plaintext = vec![b'p'; length];
        let text = encrypter.encrypt(&plaintext, Some("JWT")).unwrap();
        let jwe = Jwe::parse(&text).unwrap();
        assert!(jwe.header().has_content_type("JWT"));
        let decrypted = jwe.decrypt(algorithm, encryption, &decrypter).unwrap();
        assert_eq!(decrypted.plaintext(), plaintext, "{what}");
    }
    let text = encrypter.encrypt(b"plaintext", None).unwrap();
    let parts: Vec<&str> = text.split('.').collect();
    for (at, part) in parts.iter().enumerate().skip(1) {
        if part.is_empty() {
            continue;
        }
        let mut altered: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let first = if part.starts_with('A') { "B" } else { "A" };
        altered[at].replace_range(..1, first);
        let altered = altered.join(".");
        let jwe = Jwe::parse(&altered).unwrap();
        let outcome = jwe.decrypt(algorithm, encryption, &decrypter);
        assert_eq!(outcome.unwrap_err(), JweFault::Decryption, "{what} {at}");
    }
}
