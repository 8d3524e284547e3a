//! What no capability takes: weak and broken keys, halves that do not fit, signatures in another form.

use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PrivateKey;
use oauth_proto::crypto::key::PrivatePart;
use oauth_proto::crypto::key::PublicKey;
use zeroize::Zeroizing;

use crate::hex;
use crate::jose::rsa_key;
use crate::providers;

const MESSAGE: &[u8] = b"header.payload";

/// The curves with their algorithm and their order (SEC 2 §2.4.1, FIPS 186-4 §D.1.2).
const CURVES: [(EcCurve, Algorithm, &str); 4] = [
    (
        EcCurve::P256,
        Algorithm::Es256,
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    (
        EcCurve::P384,
        Algorithm::Es384,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf\
         581a0db248b0a77aecec196accc52973",
    ),
    (
        EcCurve::P521,
        Algorithm::Es512,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
         51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
    (
        EcCurve::Secp256k1,
        Algorithm::Es256k,
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    ),
];

#[test]
fn rsa_below_2048_bits_is_no_key() {
    // Odd, and of the length alone.
    let (n, e) = (vec![0xff; 128], vec![1, 0, 1]);
    let weak = PublicKey::Rsa { n, e };
    let private = PrivateKey::new(weak.clone(), rsa_key().private);
    for provider in providers() {
        assert!(no_key(&provider.verifying_key(&weak)));
        assert!(no_key(&provider.signing_key(&private)));
        assert!(no_key(&provider.decryption_key(&private)));
        assert!(no_key(&provider.rsa_oaep_encrypt(
            &weak,
            Hash::Sha256,
            b"key"
        )));
    }
}

#[test]
fn rsa_halves_that_do_not_fit_are_no_key() {
    let key = rsa_key();
    let PrivatePart::Rsa {
        d,
        p,
        q,
        dp,
        dq,
        qi,
    } = &key.private
    else {
        panic!("{key:?}");
    };
    let parts = [d, p, q, dp, dq, qi];
    for altered in 0..parts.len() {
        let mut parts = parts.map(Clone::clone);
        let last = parts[altered].last_mut().unwrap();
        // Even or odd, it stays so: only the value is another.
        *last ^= 2;
        let [d, p, q, dp, dq, qi] = parts;
        let private = PrivatePart::Rsa {
            d,
            p,
            q,
            dp,
            dq,
            qi,
        };
        let private = PrivateKey::new(key.public.clone(), private);
        for provider in providers() {
            assert!(
                no_key(&provider.signing_key(&private)),
                "{altered} {provider:?}"
            );
            assert!(
                no_key(&provider.decryption_key(&private)),
                "{altered} {provider:?}"
            );
        }
    }
    for provider in providers() {
        let other = provider.generate(KeyKind::Rsa(2048)).unwrap();
        let mixed = PrivateKey::new(other.public, key.private.clone());
        assert!(no_key(&provider.signing_key(&mixed)));
        let octets = PrivatePart::Octets(Zeroizing::new(vec![1; 32]));
        let mixed = PrivateKey::new(key.public.clone(), octets);
        assert!(no_key(&provider.signing_key(&mixed)));
        assert!(no_key(&provider.decryption_key(&mixed)));
    }
}

#[test]
fn halves_of_two_keys_are_no_key() {
    let mut kinds = CURVES.map(|(curve, ..)| KeyKind::Ec(curve)).to_vec();
    kinds.push(KeyKind::Okp(OkpCurve::Ed25519));
    kinds.push(KeyKind::Okp(OkpCurve::X25519));
    kinds.push(KeyKind::MlDsa(Algorithm::MlDsa44));
    for provider in providers() {
        for kind in &kinds {
            let (one, two) = (
                provider.generate(*kind).unwrap(),
                provider.generate(*kind).unwrap(),
            );
            let mixed = PrivateKey::new(one.public.clone(), two.private);
            assert!(refused(&*provider, &mixed), "{kind:?} {provider:?}");
            let PrivatePart::Octets(octets) = one.private else {
                panic!("{kind:?}");
            };
            let (_, shorter) = octets.split_last().unwrap();
            let longer = [&octets[..], &[0]].concat();
            let padded = [&[0], &octets[..]].concat();
            let rsa = rsa_key().private;
            for octets in [&[], shorter, &longer, &padded] {
                let private = PrivatePart::Octets(Zeroizing::new(octets.to_vec()));
                let cut = PrivateKey::new(one.public.clone(), private);
                assert!(refused(&*provider, &cut), "{kind:?} {provider:?}");
            }
            let mixed = PrivateKey::new(one.public.clone(), rsa);
            assert!(refused(&*provider, &mixed), "{kind:?} {provider:?}");
        }
    }
}

#[test]
fn a_point_off_its_curve_is_no_key() {
    for provider in providers() {
        for (curve, ..) in CURVES {
            let key = provider.generate(KeyKind::Ec(curve)).unwrap();
            let PublicKey::Ec { x, y, .. } = &key.public else {
                panic!("{key:?}");
            };
            let mut moved = y.clone();
            *moved.last_mut().unwrap() ^= 1;
            let (_, shorter) = y.split_last().unwrap();
            let padded = [&[0], &y[..]].concat();
            let zeros = vec![0; y.len()];
            let beyond = vec![0xff; y.len()];
            for y in [&moved, shorter, &padded, &zeros, &beyond, &[]] {
                let (x, y) = (x.clone(), y.to_vec());
                let point = PublicKey::Ec { curve, x, y };
                assert!(no_key(&provider.verifying_key(&point)), "{point:?}");
                if curve != EcCurve::Secp256k1 {
                    let agreed = provider.decryption_key(&key).unwrap().agree(&point);
                    assert_eq!(agreed, Err(CryptoError::Rejected), "{point:?}");
                }
            }
        }
    }
}

#[test]
fn a_scalar_out_of_range_is_no_key() {
    for provider in providers() {
        for (curve, _, order) in CURVES {
            let key = provider.generate(KeyKind::Ec(curve)).unwrap();
            for scalar in [vec![0; curve.len()], hex(order), vec![0xff; curve.len()]] {
                let private = PrivatePart::Octets(Zeroizing::new(scalar));
                let key = PrivateKey::new(key.public.clone(), private);
                assert!(refused(&*provider, &key), "{curve:?} {provider:?}");
            }
        }
    }
}

#[test]
fn keys_of_other_curves_agree_upon_nothing() {
    let kinds = [
        KeyKind::Ec(EcCurve::P256),
        KeyKind::Ec(EcCurve::P384),
        KeyKind::Ec(EcCurve::P521),
        KeyKind::Okp(OkpCurve::X25519),
        KeyKind::Okp(OkpCurve::Ed25519),
        KeyKind::Ec(EcCurve::Secp256k1),
    ];
    for provider in providers() {
        let keys = kinds.map(|kind| provider.generate(kind).unwrap());
        for own in &keys[..4] {
            let decrypter = provider.decryption_key(own).unwrap();
            for peer in keys
                .iter()
                .filter(|peer| peer.public.kind() != own.public.kind())
            {
                let agreed = decrypter.agree(&peer.public);
                assert_eq!(agreed, Err(CryptoError::Rejected), "{peer:?}");
            }
        }
    }
}

/// The two integers side by side and nothing else (RFC 7518 §3.4). Of the two signatures that differ in
/// the sign of `s` both are taken, on every curve: a JWS is not made unique by its signature.
#[test]
fn ecdsa_signatures_have_one_form_and_either_sign() {
    for provider in providers() {
        for (curve, algorithm, order) in CURVES {
            let order = hex(order);
            let key = provider.generate(KeyKind::Ec(curve)).unwrap();
            let signer = provider.signing_key(&key).unwrap();
            let verifier = provider.verifying_key(&key.public).unwrap();
            let verify = |signature: &[u8]| verifier.verify(algorithm, MESSAGE, signature);
            let signature = signer.sign(algorithm, MESSAGE).unwrap();
            assert_eq!(signature.len(), 2 * curve.len());
            let (r, s) = signature.split_at(curve.len());
            assert_eq!(verify(&signature), Ok(()));
            assert_eq!(
                verify(&[r, &minus(&order, s)].concat()),
                Ok(()),
                "{algorithm}"
            );
            let zero = vec![0; curve.len()];
            for (r, s) in [
                (r, zero.as_slice()),
                (&zero, s),
                (&zero, &zero),
                (r, &order),
                (&order, s),
                (s, r),
                (r, r),
            ] {
                let signature = [r, s].concat();
                assert_eq!(
                    verify(&signature),
                    Err(CryptoError::Rejected),
                    "{algorithm}"
                );
            }
            assert_eq!(
                verify(&der(r, s)),
                Err(CryptoError::Rejected),
                "{algorithm}"
            );
        }
    }
}

#[test]
fn an_ed25519_signature_with_a_greater_s_is_refused() {
    // The order of the group (RFC 8032 §5.1), little-endian: adding it to `s` changes nothing but bytes.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for provider in providers() {
        let key = provider.generate(KeyKind::Okp(OkpCurve::Ed25519)).unwrap();
        let signer = provider.signing_key(&key).unwrap();
        let mut signature = signer.sign(Algorithm::EdDsa, MESSAGE).unwrap();
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(&order) {
            let sum = u16::from(*byte) + u16::from(*add) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        let verifier = provider.verifying_key(&key.public).unwrap();
        let verified = verifier.verify(Algorithm::EdDsa, MESSAGE, &signature);
        assert_eq!(verified, Err(CryptoError::Rejected), "{provider:?}");
    }
}

#[test]
fn a_zero_agreement_is_refused() {
    for provider in providers() {
        let own = provider.generate(KeyKind::Okp(OkpCurve::X25519)).unwrap();
        let own = provider.decryption_key(&own).unwrap();
        for first in [0, 1] {
            let mut x = vec![0; 32];
            x[0] = first;
            let peer = PublicKey::Okp {
                curve: OkpCurve::X25519,
                x,
            };
            assert_eq!(own.agree(&peer), Err(CryptoError::Rejected));
        }
    }
}

#[test]
fn padding_that_is_none_is_refused() {
    let (key, iv) = ([7; 16], [9; 16]);
    for provider in providers() {
        for last in [0, 17, 0xff] {
            // One whole block, and its padding with the last byte exchanged by way of the block before.
            let mut ciphertext = provider.aes_cbc_encrypt(&key, &iv, &[1; 16]).unwrap();
            ciphertext[15] ^= 16 ^ last;
            let opened = provider.aes_cbc_decrypt(&key, &iv, &ciphertext);
            assert_eq!(opened, Err(CryptoError::Rejected), "{last} {provider:?}");
        }
    }
}

/// A prepared key shows what kind it is and nothing of its secret.
#[test]
fn prepared_keys_print_no_secret() {
    for provider in providers() {
        for kind in [
            KeyKind::Ec(EcCurve::P256),
            KeyKind::Okp(OkpCurve::Ed25519),
            KeyKind::Okp(OkpCurve::X25519),
        ] {
            let key = provider.generate(kind).unwrap();
            let PrivatePart::Octets(octets) = &key.private else {
                panic!("{kind:?}");
            };
            let mut printed = format!("{key:?} {:?}", key.private);
            if let Ok(signer) = provider.signing_key(&key) {
                printed += &format!("{signer:?}");
            }
            if let Ok(decrypter) = provider.decryption_key(&key) {
                printed += &format!("{decrypter:?}");
            }
            let decimal = format!("{:?}", &octets[..4]);
            let digits: String = octets[..4]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert!(
                !printed.contains(decimal.trim_matches(['[', ']'])),
                "{printed}"
            );
            assert!(!printed.to_lowercase().contains(&digits), "{printed}");
        }
    }
}

/// `RSA-SHA1` of OAuth 1.0a: made by one library, verified by the other.
#[cfg(all(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[test]
fn rsa_sha1_is_made_where_the_library_makes_it() {
    use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
    use aws_lc_rs::signature::RsaPublicKeyComponents;
    use oauth_proto::crypto::provider_aws_lc::AwsLc;
    use oauth_proto::crypto::provider_rust_crypto::RustCrypto;

    let key = rsa_key();
    let signer = RustCrypto::new().signing_key(&key).unwrap();
    let signature = signer.sign_rsa_sha1(MESSAGE).unwrap();
    let PublicKey::Rsa { n, e } = &key.public else {
        panic!("{key:?}");
    };
    let verifier = RsaPublicKeyComponents { n, e };
    let algorithm = &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
    verifier.verify(algorithm, MESSAGE, &signature).unwrap();
    assert!(verifier.verify(algorithm, b"another", &signature).is_err());
    let signer = AwsLc::new().signing_key(&key).unwrap();
    let signed = signer.sign_rsa_sha1(MESSAGE);
    assert!(matches!(signed, Err(CryptoError::Unsupported(_))));
}

fn no_key<T>(outcome: &Result<T, CryptoError>) -> bool {
    matches!(outcome, Err(CryptoError::Key(_)))
}

/// Whether the key is refused for what it could be prepared for.
fn refused(provider: &dyn Crypto, key: &PrivateKey) -> bool {
    let signing = provider.signing_key(key).err();
    let decryption = provider.decryption_key(key).err();
    let reasons = [signing, decryption];
    reasons.iter().all(Option::is_some)
        && reasons
            .iter()
            .any(|reason| matches!(reason, Some(CryptoError::Key(_))))
}

/// `minuend - subtrahend`, big-endian and of one length.
fn minus(minuend: &[u8], subtrahend: &[u8]) -> Vec<u8> {
    let mut difference = minuend.to_vec();
    let mut borrow = false;
    for (byte, take) in difference.iter_mut().zip(subtrahend).rev() {
        let (first, under) = byte.overflowing_sub(*take);
        let (second, under_again) = first.overflowing_sub(u8::from(borrow));
        (*byte, borrow) = (second, under || under_again);
    }
    difference
}

/// The form that X.509 has for the same signature: what a KMS gives that was not told otherwise.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |value: &[u8]| {
        let zeros = value.iter().take_while(|byte| **byte == 0).count();
        let value = &value[zeros..];
        let sign = if value[0] < 0x80 { &[][..] } else { &[0] };
        let length = u8::try_from(sign.len() + value.len()).unwrap();
        [&[2, length], sign, value].concat()
    };
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).unwrap();
    match length {
        ..0x80 => [&[0x30, length], &body[..]].concat(),
        _ => [&[0x30, 0x81, length], &body[..]].concat(),
    }
}
