//! New keys, drawn from the entropy of `System`, as the members of RFC 7518 §6.

use ml_dsa::ExpandedSigningKey;
use ml_dsa::MlDsa44;
use ml_dsa::MlDsa65;
use ml_dsa::MlDsa87;
use ml_dsa::MlDsaParams;
use p256::elliptic_curve::AffinePoint;
use p256::elliptic_curve::CurveArithmetic;
use p256::elliptic_curve::FieldBytesSize;
use p256::elliptic_curve::SecretKey;
use p256::elliptic_curve::sec1::FromSec1Point;
use p256::elliptic_curve::sec1::ModulusSize;
use p256::elliptic_curve::sec1::ToSec1Point;
use x25519_dalek::StaticSecret;
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
use crate::crypto::provider_rust_crypto::rsa;
use crate::crypto::provider_system::System;

pub(super) fn generate(kind: KeyKind) -> Result<PrivateKey, CryptoError> {
    match kind {
        KeyKind::Rsa(bits) => rsa::generate(bits),
        KeyKind::Ec(EcCurve::P256) => ec::<p256::NistP256>(EcCurve::P256),
        KeyKind::Ec(EcCurve::P384) => ec::<p384::NistP384>(EcCurve::P384),
        KeyKind::Ec(EcCurve::P521) => ec::<p521::NistP521>(EcCurve::P521),
        KeyKind::Ec(EcCurve::Secp256k1) => ec::<k256::Secp256k1>(EcCurve::Secp256k1),
        KeyKind::Okp(curve) => okp(curve),
        KeyKind::MlDsa(Algorithm::MlDsa44) => akp::<MlDsa44>(Algorithm::MlDsa44),
        KeyKind::MlDsa(Algorithm::MlDsa65) => akp::<MlDsa65>(Algorithm::MlDsa65),
        KeyKind::MlDsa(Algorithm::MlDsa87) => akp::<MlDsa87>(Algorithm::MlDsa87),
        KeyKind::MlDsa(_) => Err(CryptoError::Key("not an algorithm with keys of its own")),
    }
}

/// Draws scalars until one is below the order of the curve (FIPS 186-5 §A.2.2). The first is, but with
/// a chance of one in 2³²; a source that gives no such scalar in many draws gives no entropy.
fn ec<C>(curve: EcCurve) -> Result<PrivateKey, CryptoError>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut scalar = Zeroizing::new(vec![0; curve.len()]);
    for _ in 0..64 {
        System.fill(&mut scalar)?;
        // 521 bits in 66 bytes: seven of the first are none of the scalar's.
        if let (EcCurve::P521, Some(first)) = (curve, scalar.first_mut()) {
            *first &= 1;
        }
        let Ok(own) = SecretKey::<C>::from_slice(&scalar) else {
            continue;
        };
        let point = own.public_key().to_sec1_point(false);
        let (Some(x), Some(y)) = (point.x(), point.y()) else {
            continue;
        };
        let (x, y) = (x.to_vec(), y.to_vec());
        return Ok(key(PublicKey::Ec { curve, x, y }, scalar));
    }
    Err(NoEntropy::new().into())
}

fn okp(curve: OkpCurve) -> Result<PrivateKey, CryptoError> {
    let mut seed = Zeroizing::new([0; 32]);
    System.fill(&mut *seed)?;
    let x = match curve {
        OkpCurve::Ed25519 => {
            let own = ed25519_dalek::SigningKey::from_bytes(&seed);
            own.verifying_key().as_bytes().to_vec()
        }
        OkpCurve::X25519 => {
            let own = StaticSecret::from(*seed);
            x25519_dalek::PublicKey::from(&own).as_bytes().to_vec()
        }
    };
    let seed = Zeroizing::new(seed.to_vec());
    Ok(key(PublicKey::Okp { curve, x }, seed))
}

fn akp<P: MlDsaParams>(algorithm: Algorithm) -> Result<PrivateKey, CryptoError> {
    let mut seed = Zeroizing::new([0; 32]);
    System.fill(&mut *seed)?;
    let own = ExpandedSigningKey::<P>::from_seed(&(*seed).into());
    let public = own.verifying_key().encode().to_vec();
    let seed = Zeroizing::new(seed.to_vec());
    Ok(key(PublicKey::Akp { algorithm, public }, seed))
}

fn key(public: PublicKey, octets: Zeroizing<Vec<u8>>) -> PrivateKey {
    PrivateKey::new(public, PrivatePart::Octets(octets))
}
