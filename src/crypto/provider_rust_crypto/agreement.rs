//! Key agreement on curves (RFC 7518 §4.6, RFC 8037 §3.2).

use std::fmt;
use std::sync::Arc;

use p256::NistP256;
use p256::elliptic_curve::AffinePoint;
use p256::elliptic_curve::CurveArithmetic;
use p256::elliptic_curve::FieldBytesSize;
use p256::elliptic_curve::SecretKey;
use p256::elliptic_curve::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::FromSec1Point;
use p256::elliptic_curve::sec1::ModulusSize;
use p256::elliptic_curve::sec1::ToSec1Point;
use p384::NistP384;
use p521::NistP521;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::crypto::CryptoError;
use crate::crypto::hash::Hash;
use crate::crypto::key::DecryptionKey;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;
use crate::crypto::provider_rust_crypto::signatures::NO_KEY_PAIR;

pub(super) fn decryption_key(key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
    key.public.check()?;
    let PrivatePart::Octets(octets) = &key.private else {
        return Err(NO_KEY_PAIR);
    };
    Ok(match &key.public {
        PublicKey::Ec { curve, x, y } => {
            let point = uncompressed(x, y);
            match curve {
                EcCurve::P256 => Arc::new(Curve::<NistP256>::new(*curve, octets, &point)?),
                EcCurve::P384 => Arc::new(Curve::<NistP384>::new(*curve, octets, &point)?),
                EcCurve::P521 => Arc::new(Curve::<NistP521>::new(*curve, octets, &point)?),
                // RFC 8812 §3.1 registers secp256k1 for signatures only.
                EcCurve::Secp256k1 => return Err(NOT_FOR_DECRYPTION),
            }
        }
        PublicKey::Okp { curve, x } if *curve == OkpCurve::X25519 => {
            let octets: [u8; 32] = octets.as_slice().try_into().map_err(|_| NO_KEY_PAIR)?;
            let own = StaticSecret::from(*Zeroizing::new(octets));
            if x25519_dalek::PublicKey::from(&own).as_bytes() != x.as_slice() {
                return Err(NO_KEY_PAIR);
            }
            Arc::new(Montgomery(own))
        }
        _ => return Err(NOT_FOR_DECRYPTION),
    })
}

const NOT_FOR_DECRYPTION: CryptoError = CryptoError::Unsupported("decryption with such a key");

const NO_OAEP: CryptoError = CryptoError::Unsupported("RSA-OAEP with such a key");

/// The private key of `scalar`, whose public point is `point`.
pub(super) fn secret_key<C>(scalar: &[u8], point: &[u8]) -> Result<SecretKey<C>, CryptoError>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let scalar = scalar.try_into().map_err(|_| NO_KEY_PAIR)?;
    let key = SecretKey::<C>::from_bytes(scalar).map_err(|_| NO_KEY_PAIR)?;
    if key.public_key().to_sec1_point(false).as_bytes() == point {
        Ok(key)
    } else {
        Err(NO_KEY_PAIR)
    }
}

/// A point in the uncompressed form of SEC 1 §2.3.3.
pub(super) fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// A key on a curve of short Weierstrass form.
struct Curve<C: CurveArithmetic> {
    curve: EcCurve,
    own: SecretKey<C>,
}

impl<C> Curve<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn new(curve: EcCurve, scalar: &[u8], point: &[u8]) -> Result<Self, CryptoError> {
        let own = secret_key(scalar, point)?;
        Ok(Self { curve, own })
    }
}

impl<C> DecryptionKey for Curve<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn rsa_oaep(&self, _: Hash, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(NO_OAEP)
    }

    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let PublicKey::Ec { curve, x, y } = peer else {
            return Err(CryptoError::Rejected);
        };
        if *curve != self.curve || peer.check().is_err() {
            return Err(CryptoError::Rejected);
        }
        // Reading the point checks that it is on the curve, which is of prime order.
        let peer = p256::elliptic_curve::PublicKey::<C>::from_sec1_bytes(&uncompressed(x, y));
        let peer = peer.map_err(|_| CryptoError::Rejected)?;
        let shared = diffie_hellman(self.own.to_nonzero_scalar(), peer.as_affine());
        Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
    }
}

impl<C: CurveArithmetic> fmt::Debug for Curve<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Curve")
            .field("curve", &self.curve)
            .finish_non_exhaustive()
    }
}

/// A key of X25519.
struct Montgomery(StaticSecret);

impl DecryptionKey for Montgomery {
    fn rsa_oaep(&self, _: Hash, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(NO_OAEP)
    }

    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let KeyKind::Okp(OkpCurve::X25519) = peer.kind() else {
            return Err(CryptoError::Rejected);
        };
        let PublicKey::Okp { x, .. } = peer else {
            return Err(CryptoError::Rejected);
        };
        let x: [u8; 32] = x.as_slice().try_into().map_err(|_| CryptoError::Rejected)?;
        let shared = self.0.diffie_hellman(&x25519_dalek::PublicKey::from(x));
        // RFC 7748 §6.1: zero tells that the peer chose a point of small order.
        if shared.was_contributory() {
            Ok(Zeroizing::new(shared.as_bytes().to_vec()))
        } else {
            Err(CryptoError::Rejected)
        }
    }
}

impl fmt::Debug for Montgomery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Montgomery(X25519)")
    }
}
