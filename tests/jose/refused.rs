//! What must not be decrypted or encrypted: another algorithm, another key, a key for something else.

use std::sync::Arc;

use oauth_proto::base::base64url;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwe::JweFault;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use zeroize::Zeroizing;

use crate::providers;

const ALG: KeyManagement = KeyManagement::EcdhEsA256Kw;
const ENC: ContentEncryption = ContentEncryption::A256CbcHs512;

fn symmetric(length: usize) -> PrivateJwk {
    PrivateJwk::symmetric(Zeroizing::new(vec![5; length]))
}

#[test]
fn both_algorithms_are_pinned_before_the_key_is_used() {
    for crypto in providers() {
        let key = PrivateJwk::new(crypto.generate(KeyKind::Ec(EcCurve::P256)).unwrap());
        let public = key.public().unwrap();
        let encrypter = Encrypter::new(Arc::clone(&crypto), public, ALG, ENC).unwrap();
        let text = encrypter.encrypt(b"text", None).unwrap();
        let decrypter = Decrypter::new(Arc::clone(&crypto), &key).unwrap();
        for algorithm in KeyManagement::ALL {
            for encryption in ContentEncryption::ALL {
                let jwe = Jwe::parse(&text).unwrap();
                let outcome = jwe.decrypt(algorithm, encryption, &decrypter).map(|_| ());
                let expected = if algorithm != ALG {
                    Err(JweFault::Algorithm {
                        expected: algorithm,
                        received: ALG,
                    })
                } else if encryption != ENC {
                    Err(JweFault::Encryption {
                        expected: encryption,
                        received: ENC,
                    })
                } else {
                    Ok(())
                };
                assert_eq!(outcome, expected);
            }
        }
    }
}

#[test]
fn another_key_decrypts_nothing() {
    for crypto in providers() {
        let kinds = [
            KeyKind::Ec(EcCurve::P256),
            KeyKind::Ec(EcCurve::P384),
            KeyKind::Okp(OkpCurve::X25519),
        ];
        let [one, two, three] = kinds.map(|kind| PrivateJwk::new(crypto.generate(kind).unwrap()));
        let same_curve = PrivateJwk::new(crypto.generate(kinds[0]).unwrap());
        let public = one.public().unwrap();
        let encrypter = Encrypter::new(Arc::clone(&crypto), public, ALG, ENC).unwrap();
        let text = encrypter.encrypt(b"text", None).unwrap();
        for other in [&same_curve, &two, &three] {
            let decrypter = Decrypter::new(Arc::clone(&crypto), other).unwrap();
            let outcome = Jwe::parse(&text).unwrap().decrypt(ALG, ENC, &decrypter);
            assert_eq!(outcome.unwrap_err(), JweFault::Decryption);
        }
        let decrypter = Decrypter::new(Arc::clone(&crypto), &symmetric(32)).unwrap();
        let outcome = Jwe::parse(&text).unwrap().decrypt(ALG, ENC, &decrypter);
        assert!(matches!(
            outcome.unwrap_err(),
            JweFault::Crypto(CryptoError::Unsupported(_))
        ));
    }
}

/// An invalid point would give away the private key, a few bits at a time.
#[test]
fn a_point_beside_the_curve_is_refused() {
    for crypto in providers() {
        let key = PrivateJwk::new(crypto.generate(KeyKind::Ec(EcCurve::P256)).unwrap());
        let decrypter = Decrypter::new(Arc::clone(&crypto), &key).unwrap();
        let coordinate = base64url::encode(&[7; 32]);
        let header = format!(
            r#"{{"alg":"ECDH-ES","enc":"A128GCM","epk":{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}"}}}}"#
        );
        let header = base64url::encode(header.as_bytes());
        let text = format!("{header}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA");
        let jwe = Jwe::parse(&text).unwrap();
        let outcome = jwe.decrypt(
            KeyManagement::EcdhEs,
            ContentEncryption::A128Gcm,
            &decrypter,
        );
        assert_eq!(outcome.unwrap_err(), JweFault::Decryption);

        // RFC 7748 §6.1: a result of zeros, from a point of small order.
        let key = PrivateJwk::new(crypto.generate(KeyKind::Okp(OkpCurve::X25519)).unwrap());
        let decrypter = Decrypter::new(Arc::clone(&crypto), &key).unwrap();
        let zeros = base64url::encode(&[0; 32]);
        let header = format!(
            r#"{{"alg":"ECDH-ES","enc":"A128GCM","epk":{{"kty":"OKP","crv":"X25519","x":"{zeros}"}}}}"#
        );
        let header = base64url::encode(header.as_bytes());
        let text = format!("{header}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA");
        let jwe = Jwe::parse(&text).unwrap();
        let outcome = jwe.decrypt(
            KeyManagement::EcdhEs,
            ContentEncryption::A128Gcm,
            &decrypter,
        );
        assert_eq!(outcome.unwrap_err(), JweFault::Decryption);
    }
}

#[test]
fn a_key_is_used_for_what_it_says_alone() {
    for crypto in providers() {
        let key = PrivateJwk::new(crypto.generate(KeyKind::Ec(EcCurve::P256)).unwrap());
        let public = key.public().unwrap();
        for unfit in [
            public.clone().for_signatures(),
            public.clone().with_algorithm("ECDH-ES"),
            public.clone().with_algorithm("ES256"),
        ] {
            let outcome = Encrypter::new(Arc::clone(&crypto), unfit, ALG, ENC);
            assert_eq!(outcome.unwrap_err(), KeyFault::Unfit);
        }
        let signing = key.with_algorithm("ES256");
        let outcome = Decrypter::new(Arc::clone(&crypto), &signing);
        assert_eq!(outcome.unwrap_err(), KeyFault::Unfit);

        let gcm = ContentEncryption::A256Gcm;
        for (length, algorithm) in [
            (16, KeyManagement::Dir),
            (16, KeyManagement::A256Kw),
            (32, KeyManagement::A128GcmKw),
            (32, KeyManagement::RsaOaep),
            (32, KeyManagement::EcdhEs),
        ] {
            let outcome =
                Encrypter::symmetric(Arc::clone(&crypto), &symmetric(length), algorithm, gcm);
            assert_eq!(outcome.unwrap_err(), KeyFault::Unfit, "{algorithm}");
        }
    }
}

#[test]
fn nothing_secret_is_printed() {
    for crypto in providers() {
        let key = symmetric(32).with_kid("name");
        let (alg, enc) = (KeyManagement::A256Kw, ContentEncryption::A256Gcm);
        let encrypter = Encrypter::symmetric(Arc::clone(&crypto), &key, alg, enc).unwrap();
        let decrypter = Decrypter::new(Arc::clone(&crypto), &key).unwrap();
        let text = encrypter.encrypt(b"hush", None).unwrap();
        let jwe = Jwe::parse(&text).unwrap();
        let shown = format!("{encrypter:?} {decrypter:?} {jwe:?}");
        let decrypted = jwe.decrypt(alg, enc, &decrypter).unwrap();
        assert_eq!(decrypted.text(), Some("hush"));
        let shown = format!("{shown} {decrypted:?}");
        assert!(
            !shown.contains("5, 5") && !shown.contains("hush"),
            "{shown}"
        );
        assert!(shown.contains("name"), "{shown}");
    }
}
