//! What is refused of a key before a library sees it, the same for every capability (RFC 7518 §3.3,
//! §6.2.1, §6.3.1).

use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PublicKey;

/// The shortest RSA modulus, in bits: RFC 7518 §3.3 and §4.3 both demand it.
const RSA_SHORTEST: usize = 2048;

/// The longest RSA modulus, in bits: more only lets a peer choose how long we compute.
const RSA_LONGEST: usize = 8192;

/// The longest RSA exponent, in bits. Longer ones serve nothing but to slow a verifier down.
const RSA_EXPONENT_LONGEST: usize = 32;

impl PublicKey {
    /// What kind of key this is; for RSA with its own length.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { n, .. } => KeyKind::Rsa(bits(n)),
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
            Self::Okp { curve, .. } => KeyKind::Okp(*curve),
            Self::Akp { algorithm, .. } => KeyKind::MlDsa(*algorithm),
        }
    }

    /// Refuses what has a wrong length or is too weak; for implementations of
    /// [`Crypto`](crate::crypto::Crypto). Whether a point is on its curve, only they know.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Key`].
    pub fn check(&self) -> Result<(), CryptoError> {
        match self {
            Self::Rsa { n, e } => check_rsa(n, e),
            Self::Ec { curve, x, y } if x.len() != curve.len() || y.len() != curve.len() => {
                Err(CryptoError::Key("a coordinate of another length"))
            }
            Self::Okp { x, .. } if x.len() != 32 => {
                Err(CryptoError::Key("a public key of another length"))
            }
            Self::Okp { curve, x } if *curve == OkpCurve::Ed25519 && small_order(x) => {
                Err(CryptoError::Key("a point of small order"))
            }
            Self::Akp { algorithm, public } => match ml_dsa_lengths(*algorithm) {
                None => Err(CryptoError::Key("not an algorithm with keys of its own")),
                Some(lengths) if public.len() != lengths.public_key => {
                    Err(CryptoError::Key("a public key of another length"))
                }
                Some(_) => Ok(()),
            },
            Self::Ec { .. } | Self::Okp { .. } => Ok(()),
        }
    }
}

impl KeyKind {
    /// Whether a key of this kind makes and verifies signatures by `algorithm`.
    #[must_use]
    pub fn signs(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Es256 => self == Self::Ec(EcCurve::P256),
            Algorithm::Es256k => self == Self::Ec(EcCurve::Secp256k1),
            Algorithm::Es384 => self == Self::Ec(EcCurve::P384),
            Algorithm::Es512 => self == Self::Ec(EcCurve::P521),
            Algorithm::Ed25519 | Algorithm::EdDsa => self == Self::Okp(OkpCurve::Ed25519),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => false,
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                self == Self::MlDsa(algorithm)
            }
            Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512
            | Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512 => matches!(self, Self::Rsa(_)),
        }
    }

    /// How long a signature by a key of this kind is, in bytes; nothing where it makes none.
    #[must_use]
    pub fn signature_len(self) -> Option<usize> {
        match self {
            Self::Rsa(bits) => Some(bits.div_ceil(8)),
            // The two integers side by side, each of full length (RFC 7518 §3.4).
            Self::Ec(curve) => Some(2 * curve.len()),
            Self::Okp(OkpCurve::Ed25519) => Some(64),
            Self::Okp(OkpCurve::X25519) => None,
            Self::MlDsa(algorithm) => ml_dsa_lengths(algorithm).map(|lengths| lengths.signature),
        }
    }
}

pub(super) struct MlDsaLengths {
    pub(super) public_key: usize,
    signature: usize,
}

/// FIPS 204, table 2.
pub(super) fn ml_dsa_lengths(algorithm: Algorithm) -> Option<MlDsaLengths> {
    let (public_key, signature) = match algorithm {
        Algorithm::MlDsa44 => (1312, 2420),
        Algorithm::MlDsa65 => (1952, 3309),
        Algorithm::MlDsa87 => (2592, 4627),
        _ => return None,
    };
    Some(MlDsaLengths {
        public_key,
        signature,
    })
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), CryptoError> {
    if n.first().is_none_or(|byte| *byte == 0) || e.first().is_none_or(|byte| *byte == 0) {
        return Err(CryptoError::Key(
            "an RSA integer that is empty or begins with a zero",
        ));
    }
    if n.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(CryptoError::Key("an RSA modulus that is even"));
    }
    if e == [1] || e.last().is_none_or(|byte| byte % 2 == 0) || bits(e) > RSA_EXPONENT_LONGEST {
        return Err(CryptoError::Key(
            "an RSA exponent that is one, even or too long",
        ));
    }
    match bits(n) {
        // "A key of size 2048 bits or larger MUST be used with these algorithms." (RFC 7518 §3.3)
        ..RSA_SHORTEST => Err(CryptoError::Key("an RSA modulus below 2048 bits")),
        RSA_SHORTEST..=RSA_LONGEST => Ok(()),
        _ => Err(CryptoError::Key("an RSA modulus above 8192 bits")),
    }
}

/// Whether a point of Ed25519 has an order of 8 or less: under such a key one signature fits many
/// messages. Each has one of these values of y, little-endian, with either sign of x; p and p + 1 are
/// zero and one, not reduced.
fn small_order(point: &[u8]) -> bool {
    const UNREDUCED: [u8; 30] = [0xff; 30];
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let Ok(mut y) = <[u8; 32]>::try_from(point) else {
        return false;
    };
    y[31] &= 0x7f;
    match y {
        // Zero and one.
        [0 | 1, rest @ ..] if rest == [0; 31] => true,
        // p - 1, p and p + 1, where p = 2²⁵⁵ - 19.
        [0xec..=0xee, rest @ .., 0x7f] if rest == UNREDUCED => true,
        _ => ORDER_8.contains(&y),
    }
}

/// How long a big-endian integer is, in bits.
fn bits(integer: &[u8]) -> usize {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let significant = integer.get(zeros..).unwrap_or_default();
    significant.first().map_or(0, |first| {
        let unused = first.leading_zeros();
        8 * significant.len() - usize::try_from(unused).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rsa(n: &[u8], e: &[u8]) -> Result<(), CryptoError> {
        let (n, e) = (n.to_vec(), e.to_vec());
        PublicKey::Rsa { n, e }.check()
    }

    #[test]
    fn an_rsa_modulus_has_2048_to_8192_bits() {
        for (bytes, top, good) in [
            (128, 0x80, false),
            (256, 0x7f, false),
            (256, 0x80, true),
            (1024, 0xff, true),
            (1025, 0x01, false),
        ] {
            let mut n = vec![0xff; bytes];
            n[0] = top;
            assert_eq!(rsa(&n, &[1, 0, 1]).is_ok(), good, "{bytes} bytes, {top:x}");
        }
    }

    #[test]
    fn rsa_integers_are_minimal_and_odd() {
        let good = [0xff; 256];
        let mut even = good;
        even[255] = 0xfe;
        let padded = [&[0][..], &good].concat();
        assert!(rsa(&good, &[3]).is_ok());
        assert!(rsa(&even, &[3]).is_err());
        assert!(rsa(&padded, &[3]).is_err());
        for e in [&[][..], &[0, 3], &[1], &[2], &[1, 0, 0, 0, 1]] {
            assert!(rsa(&good, e).is_err(), "{e:?}");
        }
    }

    #[test]
    fn a_point_of_small_order_is_no_key() {
        let p_minus = |below: u8| {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (0xed - below, 0x7f);
            y
        };
        let check = |x: [u8; 32]| {
            let (curve, x) = (OkpCurve::Ed25519, x.to_vec());
            PublicKey::Okp { curve, x }.check()
        };
        let (mut one, mut signed) = ([0; 32], [0; 32]);
        (one[0], signed[31]) = (1, 0x80);
        for x in [[0; 32], one, signed, p_minus(1), p_minus(0)] {
            assert!(check(x).is_err(), "{x:x?}");
        }
        assert!(check([2; 32]).is_ok());
        assert!(check(p_minus(2)).is_ok());
    }

    #[test]
    fn each_algorithm_has_one_kind_of_key() {
        let kinds = [
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
        ];
        for algorithm in Algorithm::ALL {
            let signing = kinds.iter().filter(|kind| kind.signs(algorithm)).count();
            assert_eq!(signing, usize::from(!algorithm.is_mac()), "{algorithm}");
        }
    }
}
