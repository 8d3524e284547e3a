//! What one capability makes, every capability takes, and nothing that was altered.

use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PrivatePart;

use crate::pairs;
use crate::providers;

const MESSAGE: &[u8] = b"header.payload";

fn kinds() -> Vec<KeyKind> {
    vec![
        KeyKind::Rsa(2048),
        KeyKind::Ec(EcCurve::P256),
        KeyKind::Ec(EcCurve::P384),
        KeyKind::Ec(EcCurve::P521),
        KeyKind::Ec(EcCurve::Secp256k1),
        KeyKind::Okp(OkpCurve::Ed25519),
        KeyKind::Okp(OkpCurve::X25519),
        KeyKind::MlDsa(Algorithm::MlDsa44),
        KeyKind::MlDsa(Algorithm::MlDsa65),
        KeyKind::MlDsa(Algorithm::MlDsa87),
    ]
}

#[test]
fn signatures() {
    let signing = kinds().into_iter();
    for kind in signing.filter(|kind| *kind != KeyKind::Okp(OkpCurve::X25519)) {
        for (maker, taker) in pairs() {
            let private = maker.generate(kind).unwrap();
            assert_eq!(private.public.kind(), kind);
            let signer = maker.signing_key(&private).unwrap();
            let verifier = taker.verifying_key(&private.public).unwrap();
            for algorithm in Algorithm::ALL {
                let signed = signer.sign(algorithm, MESSAGE);
                if !kind.signs(algorithm) {
                    assert!(matches!(signed, Err(CryptoError::Unsupported(_))));
                    let verified = verifier.verify(algorithm, MESSAGE, &[0; 64]);
                    assert!(matches!(verified, Err(CryptoError::Unsupported(_))));
                    continue;
                }
                let mut signature = signed.unwrap();
                let verify = |message: &[u8], signature: &[u8]| {
                    verifier.verify(algorithm, message, signature)
                };
                assert_eq!(verify(MESSAGE, &signature), Ok(()), "{algorithm} {taker:?}");
                assert_eq!(verify(b"another", &signature), Err(CryptoError::Rejected));
                let (_, shorter) = signature.split_last().unwrap();
                assert_eq!(verify(MESSAGE, shorter), Err(CryptoError::Rejected));
                let longer = [&signature[..], &[0]].concat();
                assert_eq!(verify(MESSAGE, &longer), Err(CryptoError::Rejected));
                assert_eq!(verify(MESSAGE, &[]), Err(CryptoError::Rejected));
                let zeros = vec![0; signature.len()];
                assert_eq!(verify(MESSAGE, &zeros), Err(CryptoError::Rejected));
                for place in [0, signature.len() / 2, signature.len() - 1] {
                    signature[place] ^= 1;
                    assert_eq!(verify(MESSAGE, &signature), Err(CryptoError::Rejected));
                    signature[place] ^= 1;
                }
            }
        }
    }
}

#[test]
fn agreement() {
    for kind in [
        KeyKind::Ec(EcCurve::P256),
        KeyKind::Ec(EcCurve::P384),
        KeyKind::Ec(EcCurve::P521),
        KeyKind::Okp(OkpCurve::X25519),
    ] {
        for (ours, theirs) in pairs() {
            let (our, their) = (ours.generate(kind).unwrap(), theirs.generate(kind).unwrap());
            let here = ours.decryption_key(&our).unwrap().agree(&their.public);
            let there = theirs.decryption_key(&their).unwrap().agree(&our.public);
            assert_eq!(here, there, "{kind:?} {ours:?} {theirs:?}");
            assert!(here.unwrap().iter().any(|byte| *byte != 0));
        }
    }
}

#[test]
fn rsa_oaep() {
    for (maker, taker) in pairs() {
        let private = taker.generate(KeyKind::Rsa(2048)).unwrap();
        let decrypter = taker.decryption_key(&private).unwrap();
        for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let longest = vec![7; 256 - 2 * hash.len() - 2];
            for plaintext in [&[][..], &[1, 2, 3], &longest] {
                let encrypted = maker.rsa_oaep_encrypt(&private.public, hash, plaintext);
                let mut ciphertext = encrypted.unwrap();
                assert_eq!(*decrypter.rsa_oaep(hash, &ciphertext).unwrap(), plaintext);
                ciphertext[100] ^= 1;
                let opened = decrypter.rsa_oaep(hash, &ciphertext);
                assert_eq!(opened, Err(CryptoError::Rejected));
                let opened = decrypter.rsa_oaep(hash, &ciphertext[1..]);
                assert_eq!(opened, Err(CryptoError::Rejected));
            }
            let longer = [&longest[..], &[7]].concat();
            let encrypted = maker.rsa_oaep_encrypt(&private.public, hash, &longer);
            assert!(matches!(encrypted, Err(CryptoError::Key(_))));
        }
        let sealed = maker.rsa_oaep_encrypt(&private.public, Hash::Sha256, b"key");
        let opened = decrypter.rsa_oaep(Hash::Sha1, &sealed.unwrap());
        assert_eq!(opened, Err(CryptoError::Rejected));
    }
}

#[test]
fn wrapped_keys() {
    for (maker, taker) in pairs() {
        for length in [16, 24, 32] {
            let kek = vec![3; length];
            for key in [vec![5; 16], vec![5; 24], vec![5; 32], vec![5; 64]] {
                let mut wrapped = maker.aes_wrap(&kek, &key).unwrap();
                assert_eq!(*taker.aes_unwrap(&kek, &wrapped).unwrap(), key);
                for place in [0, 8, wrapped.len() - 1] {
                    wrapped[place] ^= 1;
                    let unwrapped = taker.aes_unwrap(&kek, &wrapped);
                    assert_eq!(unwrapped, Err(CryptoError::Rejected));
                    wrapped[place] ^= 1;
                }
                for cut in [0, 8, 16, wrapped.len() - 1, wrapped.len() - 8] {
                    let unwrapped = taker.aes_unwrap(&kek, &wrapped[..cut]);
                    assert_eq!(unwrapped, Err(CryptoError::Rejected), "{cut} {taker:?}");
                }
                let other = taker.aes_unwrap(&vec![4; length], &wrapped);
                assert_eq!(other, Err(CryptoError::Rejected));
            }
            for key in [&[][..], &[1; 8], &[1; 17]] {
                let wrapped = maker.aes_wrap(&kek, key);
                assert!(matches!(wrapped, Err(CryptoError::Key(_))));
            }
        }
        for length in [0, 15, 17, 33, 64] {
            let kek = vec![3; length];
            assert!(matches!(
                maker.aes_wrap(&kek, &[1; 16]),
                Err(CryptoError::Key(_))
            ));
            assert!(matches!(
                taker.aes_unwrap(&kek, &[1; 24]),
                Err(CryptoError::Key(_))
            ));
        }
    }
}

#[test]
fn gcm() {
    let nonce = [9; 12];
    for (maker, taker) in pairs() {
        for length in [16, 24, 32] {
            let key = vec![3; length];
            for plaintext in [&[][..], b"one", &[1; 1000]] {
                let mut sealed = maker.aes_gcm_seal(&key, &nonce, b"aad", plaintext).unwrap();
                assert_eq!(sealed.len(), plaintext.len() + 16);
                let open =
                    |aad: &[u8], sealed: &[u8]| taker.aes_gcm_open(&key, &nonce, aad, sealed);
                assert_eq!(*open(b"aad", &sealed).unwrap(), plaintext);
                assert_eq!(open(b"Aad", &sealed), Err(CryptoError::Rejected));
                let (_, shorter) = sealed.split_last().unwrap();
                assert_eq!(open(b"aad", shorter), Err(CryptoError::Rejected));
                assert_eq!(open(b"aad", &[]), Err(CryptoError::Rejected));
                for place in [0, sealed.len() - 1] {
                    sealed[place] ^= 1;
                    assert_eq!(open(b"aad", &sealed), Err(CryptoError::Rejected));
                    sealed[place] ^= 1;
                }
            }
        }
        for length in [0, 15, 17, 64] {
            let key = vec![3; length];
            let sealed = maker.aes_gcm_seal(&key, &nonce, b"", b"");
            assert!(matches!(sealed, Err(CryptoError::Key(_))));
            let opened = taker.aes_gcm_open(&key, &nonce, b"", &[0; 16]);
            assert!(matches!(opened, Err(CryptoError::Key(_))));
        }
    }
}

#[test]
fn cbc() {
    let iv = [9; 16];
    for (maker, taker) in pairs() {
        for length in [16, 24, 32] {
            let key = vec![3; length];
            for plaintext in (0..50).map(|length| vec![7; length]) {
                let ciphertext = maker.aes_cbc_encrypt(&key, &iv, &plaintext).unwrap();
                assert_eq!(ciphertext.len(), (plaintext.len() / 16 + 1) * 16);
                let decrypt = |ciphertext: &[u8]| taker.aes_cbc_decrypt(&key, &iv, ciphertext);
                assert_eq!(*decrypt(&ciphertext).unwrap(), plaintext);
                let (_, shorter) = ciphertext.split_last().unwrap();
                assert_eq!(decrypt(shorter), Err(CryptoError::Rejected));
                assert_eq!(decrypt(&[]), Err(CryptoError::Rejected), "{taker:?}");
            }
            // A last byte that is no length of a padding: the block is decrypted without one.
            let padded = maker.aes_cbc_encrypt(&key, &iv, &[0; 16]).unwrap();
            let opened = taker.aes_cbc_decrypt(&key, &iv, &padded[..16]);
            assert_eq!(opened, Err(CryptoError::Rejected));
        }
        for length in [0, 15, 17, 64] {
            let key = vec![3; length];
            let encrypted = maker.aes_cbc_encrypt(&key, &iv, b"");
            assert!(matches!(encrypted, Err(CryptoError::Key(_))));
            let decrypted = taker.aes_cbc_decrypt(&key, &iv, &[0; 16]);
            assert!(matches!(decrypted, Err(CryptoError::Key(_))));
        }
    }
}

/// As far as both know it: AWS-LC does not take a scalar of secp256k1 alone.
#[test]
fn public_halves() {
    for (maker, taker) in pairs() {
        for kind in kinds() {
            let key = maker.generate(kind).unwrap();
            let PrivatePart::Octets(octets) = &key.private else {
                assert!(taker.public_half(kind, &[1; 32]).is_err());
                continue;
            };
            match taker.public_half(kind, octets) {
                Ok(public) => assert_eq!(public, key.public, "{taker:?}"),
                Err(CryptoError::Unsupported(_)) => {
                    assert_eq!(kind, KeyKind::Ec(EcCurve::Secp256k1), "{taker:?}");
                    continue;
                }
                Err(other) => panic!("{other}: {kind:?} {taker:?}"),
            }
            let (_, shorter) = octets.split_last().unwrap();
            for octets in [&[], shorter, &[&octets[..], &[0]].concat()] {
                let public = taker.public_half(kind, octets);
                assert!(
                    matches!(public, Err(CryptoError::Key(_))),
                    "{kind:?} {taker:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_generated_is_new_and_not_for_another_use() {
    for provider in providers() {
        for kind in kinds() {
            let (one, two) = (
                provider.generate(kind).unwrap(),
                provider.generate(kind).unwrap(),
            );
            assert_ne!(one.public, two.public);
        }
        for kind in [
            KeyKind::Rsa(0),
            KeyKind::Rsa(1024),
            KeyKind::Rsa(2047),
            KeyKind::Rsa(16384),
            KeyKind::MlDsa(Algorithm::Es256),
        ] {
            assert!(provider.generate(kind).is_err(), "{kind:?}");
        }
        let agreeing = provider.generate(KeyKind::Okp(OkpCurve::X25519)).unwrap();
        let verifying = provider.verifying_key(&agreeing.public);
        assert!(matches!(verifying, Err(CryptoError::Unsupported(_))));
        let signing = provider.signing_key(&agreeing);
        assert!(matches!(signing, Err(CryptoError::Unsupported(_))));
        for kind in [
            KeyKind::Ec(EcCurve::Secp256k1),
            KeyKind::Okp(OkpCurve::Ed25519),
            KeyKind::MlDsa(Algorithm::MlDsa44),
        ] {
            let signing = provider.generate(kind).unwrap();
            let decrypting = provider.decryption_key(&signing);
            assert!(
                matches!(decrypting, Err(CryptoError::Unsupported(_))),
                "{kind:?}"
            );
            let encrypted = provider.rsa_oaep_encrypt(&signing.public, Hash::Sha256, b"key");
            assert!(matches!(encrypted, Err(CryptoError::Unsupported(_))));
        }
    }
}
