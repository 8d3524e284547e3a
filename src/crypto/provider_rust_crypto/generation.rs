//! New keys, drawn from the entropy of `System`, as the members of RFC 7518 §6.

use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::provider_rust_crypto::public_half::public_half;
use crate::crypto::provider_rust_crypto::rsa;
use crate::crypto::provider_system::System;

/// How often a scalar is drawn. The first is below the order of its curve, but with a chance of one in
/// 2³²: a source none of whose draws is has no entropy.
const DRAWS: usize = 64;

pub(super) fn generate(kind: KeyKind) -> Result<PrivateKey, CryptoError> {
    match kind {
        KeyKind::Rsa(bits) => rsa::generate(bits),
        KeyKind::Ec(curve) => scalar(curve),
        // The seed of ML-DSA has 32 bytes, too (FIPS 204 §3.6.1), and any will do, as with the curves.
        KeyKind::Okp(_) | KeyKind::MlDsa(_) => {
            let mut seed = Zeroizing::new(vec![0; 32]);
            System.fill(&mut seed)?;
            let public = public_half(kind, &seed)?;
            Ok(PrivateKey::new(public, PrivatePart::Octets(seed)))
        }
    }
}

/// Draws scalars until one is below the order of the curve (FIPS 186-5 §A.2.2).
fn scalar(curve: EcCurve) -> Result<PrivateKey, CryptoError> {
    let mut scalar = Zeroizing::new(vec![0; curve.len()]);
    for _ in 0..DRAWS {
        System.fill(&mut scalar)?;
        // 521 bits in 66 bytes: seven of the first byte are none of the scalar's.
        if let (EcCurve::P521, Some(first)) = (curve, scalar.first_mut()) {
            *first &= 1;
        }
        if let Ok(public) = public_half(KeyKind::Ec(curve), &scalar) {
            return Ok(PrivateKey::new(public, PrivatePart::Octets(scalar)));
        }
    }
    Err(NoEntropy::new().into())
}
