//! The public halves of keys that are stored without them (RFC 5958 §2).

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

use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PublicKey;

const NO_KEY: CryptoError = CryptoError::Key("not a private key of this kind");

pub(super) fn public_half(kind: KeyKind, private: &[u8]) -> Result<PublicKey, CryptoError> {
    match kind {
        KeyKind::Ec(curve) => match curve {
            EcCurve::P256 => ec::<p256::NistP256>(curve, private),
            EcCurve::P384 => ec::<p384::NistP384>(curve, private),
            EcCurve::P521 => ec::<p521::NistP521>(curve, private),
            EcCurve::Secp256k1 => ec::<k256::Secp256k1>(curve, private),
        },
        KeyKind::Okp(curve) => okp(curve, private),
        KeyKind::MlDsa(algorithm) => match algorithm {
            Algorithm::MlDsa44 => akp::<MlDsa44>(algorithm, private),
            Algorithm::MlDsa65 => akp::<MlDsa65>(algorithm, private),
            Algorithm::MlDsa87 => akp::<MlDsa87>(algorithm, private),
            _ => Err(CryptoError::Key("not an algorithm with keys of its own")),
        },
        KeyKind::Rsa(_) => Err(CryptoError::Unsupported("the public half of such a key")),
    }
}

fn ec<C>(curve: EcCurve, scalar: &[u8]) -> Result<PublicKey, CryptoError>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let scalar = scalar.try_into().map_err(|_| NO_KEY)?;
    let own = SecretKey::<C>::from_bytes(scalar).map_err(|_| NO_KEY)?;
    let point = own.public_key().to_sec1_point(false);
    PublicKey::from_point(curve, point.as_bytes()).ok_or(NO_KEY)
}

fn okp(curve: OkpCurve, seed: &[u8]) -> Result<PublicKey, CryptoError> {
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.try_into().map_err(|_| NO_KEY)?);
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
    Ok(PublicKey::Okp { curve, x })
}

fn akp<P: MlDsaParams>(algorithm: Algorithm, seed: &[u8]) -> Result<PublicKey, CryptoError> {
    let seed = seed.try_into().map_err(|_| NO_KEY)?;
    let own = ExpandedSigningKey::<P>::from_seed(seed);
    let public = own.verifying_key().encode().to_vec();
    Ok(PublicKey::Akp { algorithm, public })
}
