//! New keys by AWS-LC, taken apart into the members of RFC 7518 §6.

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Curve25519SeedBin;
use aws_lc_rs::encoding::EcPrivateKeyBin;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair;
use aws_lc_rs::signature::PqdsaKeyPair;
use aws_lc_rs::signature::RsaKeyPair;
use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;
use crate::crypto::pkcs8;
use crate::crypto::provider_aws_lc::signatures::ecdsa;
use crate::crypto::provider_aws_lc::signatures::ml_dsa;
use crate::crypto::provider_system::System;

/// The library says of no failure what it was. Where the parameters are right, entropy is missing.
const FAILED: CryptoError = CryptoError::Entropy(NoEntropy::new());

pub(super) fn generate(kind: KeyKind) -> Result<PrivateKey, CryptoError> {
    match kind {
        KeyKind::Rsa(bits) => rsa(bits),
        KeyKind::Ec(curve) => ec(curve).map_err(|_| FAILED)?.ok_or(FAILED),
        KeyKind::Okp(curve) => okp(curve).map_err(|_| FAILED),
        KeyKind::MlDsa(algorithm) => akp(algorithm),
    }
}

fn rsa(bits: usize) -> Result<PrivateKey, CryptoError> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        8192 => KeySize::Rsa8192,
        _ => return Err(CryptoError::Unsupported("an RSA key of this length")),
    };
    let pair = RsaKeyPair::generate(size).map_err(|_| FAILED)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| FAILED)?;
    pkcs8::from_der(&System, der.as_ref()).map_err(|_| FAILED)
}

/// Nothing where the library gives a point in a form that it was not asked for.
fn ec(curve: EcCurve) -> Result<Option<PrivateKey>, Unspecified> {
    let pair = EcdsaKeyPair::generate(ecdsa(curve))?;
    let scalar: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    let public = PublicKey::from_point(curve, pair.public_key().as_ref());
    Ok(public.map(|public| key(public, scalar.as_ref())))
}

fn okp(curve: OkpCurve) -> Result<PrivateKey, Unspecified> {
    let (x, seed): (_, Curve25519SeedBin<'_>) = match curve {
        OkpCurve::Ed25519 => {
            let pair = Ed25519KeyPair::generate()?;
            (
                pair.public_key().as_ref().to_vec(),
                pair.seed()?.as_be_bytes()?,
            )
        }
        OkpCurve::X25519 => {
            let own = agreement::PrivateKey::generate(&agreement::X25519)?;
            (
                own.compute_public_key()?.as_ref().to_vec(),
                own.as_be_bytes()?,
            )
        }
    };
    Ok(key(PublicKey::Okp { curve, x }, seed.as_ref()))
}

/// The seed is drawn here: FIPS 204 §3.6.1 makes it the whole of the entropy.
fn akp(algorithm: Algorithm) -> Result<PrivateKey, CryptoError> {
    let mut seed = Zeroizing::new([0; 32]);
    let library = ml_dsa(algorithm)?;
    System.fill(&mut *seed)?;
    let pair = PqdsaKeyPair::from_seed(library, &*seed).map_err(|_| FAILED)?;
    let public = pair.public_key().as_ref().to_vec();
    Ok(key(PublicKey::Akp { algorithm, public }, &*seed))
}

fn key(public: PublicKey, octets: &[u8]) -> PrivateKey {
    let octets = Zeroizing::new(octets.to_vec());
    PrivateKey::new(public, PrivatePart::Octets(octets))
}
