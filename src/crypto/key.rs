//! Keys as a crypto capability takes them: material in (RFC 7518 §6), prepared keys out.
//!
//! Material is parsed once, when it enters, into the form that the library works with; a prepared
//! key is shared behind an `Arc` and cheap to use often.

use std::fmt;

use zeroize::Zeroizing;

use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;

/// The public half of a key, in big-endian integers and octet strings as RFC 7518 §6 has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// RSA (RFC 7518 §6.3.1), without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point on a curve of short Weierstrass form (RFC 7518 §6.2.1), coordinates of full length.
    Ec {
        /// The curve.
        curve: EcCurve,
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
    /// An octet key pair (RFC 8037 §2).
    Okp {
        /// The curve.
        curve: OkpCurve,
        /// The public key.
        x: Vec<u8>,
    },
    /// An algorithm key pair: ML-DSA, whose key says its algorithm.
    Akp {
        /// The algorithm.
        algorithm: Algorithm,
        /// The public key.
        public: Vec<u8>,
    },
}

/// A private key with its public half. Wiped when dropped; `Debug` shows the public half.
#[derive(Clone)]
#[non_exhaustive]
pub struct PrivateKey {
    /// The public half.
    pub public: PublicKey,
    /// The private half.
    pub private: PrivatePart,
}

/// The private half of a key.
#[derive(Clone)]
#[non_exhaustive]
pub enum PrivatePart {
    /// RSA with its Chinese remainder parameters (RFC 7518 §6.3.2), of two primes.
    Rsa {
        /// The private exponent.
        d: Zeroizing<Vec<u8>>,
        /// The first prime.
        p: Zeroizing<Vec<u8>>,
        /// The second prime.
        q: Zeroizing<Vec<u8>>,
        /// The first exponent.
        dp: Zeroizing<Vec<u8>>,
        /// The second exponent.
        dq: Zeroizing<Vec<u8>>,
        /// The coefficient.
        qi: Zeroizing<Vec<u8>>,
    },
    /// The scalar of an EC key, the private key of an octet key pair, or the seed of ML-DSA.
    Octets(Zeroizing<Vec<u8>>),
}

impl PrivateKey {
    /// A private key of these halves. That they fit is found out when a capability prepares them.
    #[must_use]
    pub fn new(public: PublicKey, private: PrivatePart) -> Self {
        Self { public, private }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PrivatePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivatePart(…)")
    }
}

/// A curve of short Weierstrass form (RFC 7518 §6.2.1.1, RFC 8812 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EcCurve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// secp256k1, for signatures only.
    Secp256k1,
}

impl EcCurve {
    /// How long a coordinate or a scalar is, in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no coordinate is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The registered `crv` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }
}

/// A curve of an octet key pair (RFC 8037 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OkpCurve {
    /// Ed25519, for signatures.
    Ed25519,
    /// X25519, for key agreement.
    X25519,
}

impl OkpCurve {
    /// The registered `crv` value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }
}

/// A kind of key to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with a modulus of this many bits, 2048 at least.
    Rsa(usize),
    /// An EC key.
    Ec(EcCurve),
    /// An octet key pair.
    Okp(OkpCurve),
    /// ML-DSA for this algorithm.
    MlDsa(Algorithm),
}

/// The modulus of an RSA key for which nobody said another length, in bits: "A key of size 2048 bits or
/// larger MUST be used" (RFC 7518 §3.3).
const RSA_BITS: usize = 2048;

impl KeyKind {
    /// The kind of a new key for `algorithm`, RSA with 2048 bits; none where it is a MAC.
    #[must_use]
    pub const fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Es256 => Self::Ec(EcCurve::P256),
            Algorithm::Es256k => Self::Ec(EcCurve::Secp256k1),
            Algorithm::Es384 => Self::Ec(EcCurve::P384),
            Algorithm::Es512 => Self::Ec(EcCurve::P521),
            Algorithm::Ed25519 | Algorithm::EdDsa => Self::Okp(OkpCurve::Ed25519),
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Self::MlDsa(algorithm),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
            Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512
            | Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512 => Self::Rsa(RSA_BITS),
        })
    }
}

/// A public key that is ready to verify.
pub trait VerifyingKey: fmt::Debug + Send + Sync {
    /// Whether `signature` over `message` is this key's.
    ///
    /// `signature` is as JWS has it: for ECDSA the two integers side by side (RFC 7518 §3.4). The
    /// caller pinned `algorithm` before it chose the key.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where it is not, [`CryptoError::Unsupported`] where the key is none
    /// for `algorithm`.
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;

    /// Whether `signature` is the RSASSA-PKCS1-v1_5 signature with SHA-1 that OAuth 1.0a knows as `RSA-SHA1`
    /// (RFC 5849 §3.4.3). Nothing of JOSE asks for it.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where it is not, [`CryptoError::Unsupported`] where the key is no RSA key
    /// or the library verifies none.
    fn verify_rsa_sha1(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let _ = (message, signature);
        Err(CryptoError::Unsupported("RSA-SHA1"))
    }
}

/// A private key that is ready to sign.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The signature over `message`, as JWS has it.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`] where the key is none for `algorithm`,
    /// [`CryptoError::Entropy`] where the source of entropy gave none.
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError>;

    /// The RSASSA-PKCS1-v1_5 signature with SHA-1 that OAuth 1.0a knows as `RSA-SHA1`
    /// (RFC 5849 §3.4.3).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Unsupported`] where the key is no RSA key or the library makes none.
    fn sign_rsa_sha1(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let _ = message;
        Err(CryptoError::Unsupported("RSA-SHA1"))
    }
}

/// A private key that is ready to decrypt or to agree upon keys.
pub trait DecryptionKey: fmt::Debug + Send + Sync {
    /// What RSAES-OAEP with `hash`, for MGF1 too, encrypted to this key (RFC 7518 §4.3).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`], whatever is wrong with `ciphertext`;
    /// [`CryptoError::Unsupported`] where the key is no RSA key.
    fn rsa_oaep(&self, hash: Hash, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError>;

    /// The shared secret Z of elliptic curve Diffie-Hellman with `peer` (RFC 7518 §4.6): the x
    /// coordinate, or the output of X25519.
    ///
    /// # Errors
    ///
    /// [`CryptoError::Rejected`] where `peer` is no point of this key's curve or X25519 gives zero;
    /// [`CryptoError::Unsupported`] where the key agrees upon nothing.
    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
}
