//! Signatures by AWS-LC: keys parsed once, ECDSA in the fixed form of RFC 7518 §3.4.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPairComponents as RsaKeyPairComponents;
use aws_lc_rs::signature as lc;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::PqdsaKeyPair;
use aws_lc_rs::signature::PqdsaSigningAlgorithm;
use aws_lc_rs::signature::RsaEncoding;
use aws_lc_rs::signature::RsaKeyPair;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use aws_lc_rs::signature::VerificationAlgorithm;

use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;
use crate::crypto::key::SigningKey;
use crate::crypto::key::VerifyingKey;

/// What is said of a key that the library refuses.
pub(super) const NO_KEY: CryptoError = CryptoError::Key("not a public key of its kind");

/// What is said of a private key that the library refuses.
pub(super) const NO_KEY_PAIR: CryptoError =
    CryptoError::Key("not a private key of its kind, or not of this public key");

/// What is said where a key is asked for what it cannot do.
const OTHER_ALGORITHM: CryptoError = CryptoError::Unsupported("this algorithm for such a key");

pub(super) fn verifying_key(key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
    key.check()?;
    let (algorithm, bytes): (&'static dyn VerificationAlgorithm, _) = match key {
        PublicKey::Rsa { n, e } => return Ok(Arc::new(RsaVerifier::new(key.kind(), n, e)?)),
        PublicKey::Ec { curve, x, y } => {
            let algorithm: &dyn VerificationAlgorithm = match curve {
                EcCurve::P256 => &lc::ECDSA_P256_SHA256_FIXED,
                EcCurve::P384 => &lc::ECDSA_P384_SHA384_FIXED,
                EcCurve::P521 => &lc::ECDSA_P521_SHA512_FIXED,
                EcCurve::Secp256k1 => &lc::ECDSA_P256K1_SHA256_FIXED,
            };
            (algorithm, Cow::Owned(uncompressed(x, y)))
        }
        PublicKey::Okp { curve, x } => match curve {
            OkpCurve::Ed25519 => (&lc::ED25519, Cow::Borrowed(x.as_slice())),
            OkpCurve::X25519 => return Err(OTHER_ALGORITHM),
        },
        PublicKey::Akp { algorithm, public } => {
            let algorithm: &dyn VerificationAlgorithm = match algorithm {
                Algorithm::MlDsa44 => &lc::ML_DSA_44,
                Algorithm::MlDsa65 => &lc::ML_DSA_65,
                Algorithm::MlDsa87 => &lc::ML_DSA_87,
                _ => return Err(NO_KEY),
            };
            (algorithm, Cow::Borrowed(public.as_slice()))
        }
    };
    let key = Verifier {
        kind: key.kind(),
        key: ParsedPublicKey::new(algorithm, bytes).map_err(|_| NO_KEY)?,
    };
    Ok(Arc::new(key))
}

/// A key that verifies in one way only.
#[derive(Debug)]
struct Verifier {
    kind: KeyKind,
    key: ParsedPublicKey,
}

impl VerifyingKey for Verifier {
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify(self.kind, algorithm, &self.key, message, signature)
    }
}

/// An RSA key, parsed once for each of the six algorithms that it is asked for.
#[derive(Debug)]
struct RsaVerifier {
    kind: KeyKind,
    components: RsaPublicKeyComponents<Vec<u8>>,
    parsed: [OnceLock<ParsedPublicKey>; 6],
}

impl RsaVerifier {
    fn new(kind: KeyKind, n: &[u8], e: &[u8]) -> Result<Self, CryptoError> {
        let (n, e) = (n.to_vec(), e.to_vec());
        let key = Self {
            kind,
            components: RsaPublicKeyComponents { n, e },
            parsed: Default::default(),
        };
        key.parsed(Algorithm::Rs256)?;
        Ok(key)
    }

    fn parsed(&self, algorithm: Algorithm) -> Result<&ParsedPublicKey, CryptoError> {
        let [rs256, rs384, rs512, ps256, ps384, ps512] = &self.parsed;
        let (slot, parameters): (_, &'static RsaParameters) = match algorithm {
            Algorithm::Rs256 => (rs256, &lc::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => (rs384, &lc::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => (rs512, &lc::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => (ps256, &lc::RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => (ps384, &lc::RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => (ps512, &lc::RSA_PSS_2048_8192_SHA512),
            _ => return Err(OTHER_ALGORITHM),
        };
        if let Some(key) = slot.get() {
            return Ok(key);
        }
        let key = self.components.to_parsed_public_key(parameters);
        let key = key.map_err(|_| NO_KEY)?;
        Ok(slot.get_or_init(|| key))
    }
}

impl VerifyingKey for RsaVerifier {
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let key = self.parsed(algorithm)?;
        verify(self.kind, algorithm, key, message, signature)
    }

    fn verify_rsa_sha1(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let algorithm = &lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
        let verified = self.components.verify(algorithm, message, signature);
        verified.map_err(|_| CryptoError::Rejected)
    }
}

fn verify(
    kind: KeyKind,
    algorithm: Algorithm,
    key: &ParsedPublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    if !kind.signs(algorithm) {
        return Err(OTHER_ALGORITHM);
    }
    if kind.signature_len() != Some(signature.len()) {
        return Err(CryptoError::Rejected);
    }
    let verified = key.verify_sig(message, signature);
    verified.map_err(|_| CryptoError::Rejected)
}

pub(super) fn signing_key(key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
    key.public.check()?;
    let pair = match (&key.public, &key.private) {
        (PublicKey::Rsa { .. }, PrivatePart::Rsa { .. }) => Pair::Rsa(rsa_key_pair(key)?),
        (PublicKey::Ec { curve, x, y }, PrivatePart::Octets(d)) if d.len() == curve.len() => {
            let algorithm = ecdsa(*curve);
            let point = uncompressed(x, y);
            let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, d, &point);
            Pair::Ec(pair.map_err(|_| NO_KEY_PAIR)?)
        }
        (PublicKey::Okp { curve, x }, PrivatePart::Octets(d)) if d.len() == 32 => {
            if *curve != OkpCurve::Ed25519 {
                return Err(OTHER_ALGORITHM);
            }
            let pair = Ed25519KeyPair::from_seed_and_public_key(d, x);
            Pair::Ed25519(pair.map_err(|_| NO_KEY_PAIR)?)
        }
        (PublicKey::Akp { algorithm, public }, PrivatePart::Octets(seed)) => {
            let pair = PqdsaKeyPair::from_seed(ml_dsa(*algorithm)?, seed);
            let pair = pair.map_err(|_| NO_KEY_PAIR)?;
            if pair.public_key().as_ref() != public.as_slice() {
                return Err(NO_KEY_PAIR);
            }
            Pair::MlDsa(pair)
        }
        _ => return Err(NO_KEY_PAIR),
    };
    let kind = key.public.kind();
    Ok(Arc::new(Signer { kind, pair }))
}

/// The halves of an RSA key, which the library compares with each other.
pub(super) fn rsa_key_pair(key: &PrivateKey) -> Result<RsaKeyPair, CryptoError> {
    let (
        PublicKey::Rsa { n, e },
        PrivatePart::Rsa {
            d,
            p,
            q,
            dp,
            dq,
            qi,
        },
    ) = (&key.public, &key.private)
    else {
        return Err(NO_KEY_PAIR);
    };
    let components = RsaKeyPairComponents {
        public_key: RsaPublicKeyComponents { n, e },
        d: d.as_slice(),
        p: p.as_slice(),
        q: q.as_slice(),
        dP: dp.as_slice(),
        dQ: dq.as_slice(),
        qInv: qi.as_slice(),
    };
    RsaKeyPair::from_components(&components).map_err(|_| NO_KEY_PAIR)
}

pub(super) fn ecdsa(curve: EcCurve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        EcCurve::P256 => &lc::ECDSA_P256_SHA256_FIXED_SIGNING,
        EcCurve::P384 => &lc::ECDSA_P384_SHA384_FIXED_SIGNING,
        EcCurve::P521 => &lc::ECDSA_P521_SHA512_FIXED_SIGNING,
        EcCurve::Secp256k1 => &lc::ECDSA_P256K1_SHA256_FIXED_SIGNING,
    }
}

pub(super) fn ml_dsa(algorithm: Algorithm) -> Result<&'static PqdsaSigningAlgorithm, CryptoError> {
    match algorithm {
        Algorithm::MlDsa44 => Ok(&lc::ML_DSA_44_SIGNING),
        Algorithm::MlDsa65 => Ok(&lc::ML_DSA_65_SIGNING),
        Algorithm::MlDsa87 => Ok(&lc::ML_DSA_87_SIGNING),
        _ => Err(CryptoError::Key("not an algorithm with keys of its own")),
    }
}

/// A point in the uncompressed form of SEC 1 §2.3.3.
pub(super) fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

struct Signer {
    kind: KeyKind,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl SigningKey for Signer {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !self.kind.signs(algorithm) {
            return Err(OTHER_ALGORITHM);
        }
        // AWS-LC draws from its own generator, whatever it is handed.
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding = rsa_encoding(algorithm)?;
                let signed = pair.sign(encoding, &random, message, &mut signature);
                signed.map(|()| signature)
            }
            Pair::Ec(pair) => pair.sign(&random, message).map(|it| it.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.try_sign(message).map(|it| it.as_ref().to_vec()),
            Pair::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                let signed = pair.sign(message, &mut signature);
                signed.map(|_| signature)
            }
        };
        // The key was checked when it was prepared; what can still be missing is entropy.
        signature.map_err(|_| NoEntropy::new().into())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding, CryptoError> {
    match algorithm {
        Algorithm::Ps256 => Ok(&lc::RSA_PSS_SHA256),
        Algorithm::Ps384 => Ok(&lc::RSA_PSS_SHA384),
        Algorithm::Ps512 => Ok(&lc::RSA_PSS_SHA512),
        Algorithm::Rs256 => Ok(&lc::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Ok(&lc::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Ok(&lc::RSA_PKCS1_SHA512),
        _ => Err(OTHER_ALGORITHM),
    }
}
