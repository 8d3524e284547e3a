//! Signatures on curves and by ML-DSA: keys parsed once, ECDSA in the fixed form of RFC 7518 §3.4.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ed25519_dalek::ed25519;
use k256::ecdsa as k256_ecdsa;
use ml_dsa::ExpandedSigningKey;
use ml_dsa::MlDsa44;
use ml_dsa::MlDsa65;
use ml_dsa::MlDsa87;
use ml_dsa::MlDsaParams;
use p256::ecdsa as p256_ecdsa;
use p256::ecdsa::signature;
use p384::ecdsa as p384_ecdsa;
use p521::ecdsa as p521_ecdsa;
use rsa::signature::SignatureEncoding;
use rsa::signature::Signer;
use rsa::signature::Verifier;

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
use crate::crypto::provider_rust_crypto::Entropy;
use crate::crypto::provider_rust_crypto::agreement::secret_key;
use crate::crypto::provider_rust_crypto::agreement::uncompressed;

/// What is said of a key that the library refuses.
pub(super) const NO_KEY: CryptoError = CryptoError::Key("not a public key of its kind");

/// What is said of a private key that the library refuses.
pub(super) const NO_KEY_PAIR: CryptoError =
    CryptoError::Key("not a private key of its kind, or not of this public key");

/// What is said where a key is asked for what it cannot do.
pub(super) const OTHER_ALGORITHM: CryptoError =
    CryptoError::Unsupported("this algorithm for such a key");

pub(super) fn verifying_key(key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
    key.check()?;
    match key {
        PublicKey::Ec { curve, x, y } => ec_verifier(key.kind(), *curve, &uncompressed(x, y)),
        PublicKey::Okp { curve, x } => match curve {
            OkpCurve::Ed25519 => {
                let x = x.as_slice().try_into().map_err(|_| NO_KEY)?;
                let parsed = ed25519_dalek::VerifyingKey::from_bytes(x);
                verifier::<_, ed25519::Signature>(key.kind(), parsed)
            }
            OkpCurve::X25519 => Err(OTHER_ALGORITHM),
        },
        PublicKey::Akp { algorithm, public } => match algorithm {
            Algorithm::MlDsa44 => akp_verifier::<MlDsa44>(key.kind(), public),
            Algorithm::MlDsa65 => akp_verifier::<MlDsa65>(key.kind(), public),
            Algorithm::MlDsa87 => akp_verifier::<MlDsa87>(key.kind(), public),
            _ => Err(NO_KEY),
        },
        PublicKey::Rsa { .. } => Err(OTHER_ALGORITHM),
    }
}

fn ec_verifier(
    kind: KeyKind,
    curve: EcCurve,
    point: &[u8],
) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
    match curve {
        EcCurve::P256 => {
            let key = p256_ecdsa::VerifyingKey::from_sec1_bytes(point);
            verifier::<_, p256_ecdsa::Signature>(kind, key)
        }
        EcCurve::P384 => {
            let key = p384_ecdsa::VerifyingKey::from_sec1_bytes(point);
            verifier::<_, p384_ecdsa::Signature>(kind, key)
        }
        EcCurve::P521 => {
            let key = p521_ecdsa::VerifyingKey::from_sec1_bytes(point);
            verifier::<_, p521_ecdsa::Signature>(kind, key)
        }
        EcCurve::Secp256k1 => {
            let key = k256_ecdsa::VerifyingKey::from_sec1_bytes(point);
            verifier::<_, k256_ecdsa::Signature>(kind, key.map(EitherS))
        }
    }
}

fn akp_verifier<P>(kind: KeyKind, public: &[u8]) -> Result<Arc<dyn VerifyingKey>, CryptoError>
where
    P: MlDsaParams + 'static,
{
    let encoded = public.try_into().map_err(|_| NO_KEY)?;
    let key = ml_dsa::VerifyingKey::<P>::decode(&encoded);
    verifier::<_, ml_dsa::Signature<P>>(kind, Ok(key))
}

/// Accepts both signatures that differ in the sign of `s`, as on the other curves: nothing in
/// RFC 8812 asks for the lower one, which is all that the library takes.
struct EitherS(k256_ecdsa::VerifyingKey);

impl Verifier<k256_ecdsa::Signature> for EitherS {
    fn verify(
        &self,
        message: &[u8],
        signature: &k256_ecdsa::Signature,
    ) -> Result<(), signature::Error> {
        self.0.verify(message, &signature.normalize_s())
    }
}

fn verifier<K, S>(
    kind: KeyKind,
    key: Result<K, signature::Error>,
) -> Result<Arc<dyn VerifyingKey>, CryptoError>
where
    K: Verifier<S> + Send + Sync + 'static,
    S: SignatureEncoding + 'static,
{
    Ok(Arc::new(Prepared {
        kind,
        key: key.map_err(|_| NO_KEY)?,
        signature: PhantomData::<fn() -> S>,
    }))
}

pub(super) fn signing_key(key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
    key.public.check()?;
    let kind = key.public.kind();
    let PrivatePart::Octets(octets) = &key.private else {
        return Err(NO_KEY_PAIR);
    };
    match &key.public {
        PublicKey::Ec { curve, x, y } => ec_signer(kind, *curve, octets, &uncompressed(x, y)),
        PublicKey::Okp { curve, x } => match curve {
            OkpCurve::Ed25519 => {
                let seed = octets.as_slice().try_into().map_err(|_| NO_KEY_PAIR)?;
                let pair = ed25519_dalek::SigningKey::from_bytes(seed);
                if pair.verifying_key().as_bytes() != x.as_slice() {
                    return Err(NO_KEY_PAIR);
                }
                Ok(signer::<_, ed25519::Signature>(kind, pair))
            }
            OkpCurve::X25519 => Err(OTHER_ALGORITHM),
        },
        PublicKey::Akp { algorithm, public } => match algorithm {
            Algorithm::MlDsa44 => akp_signer::<MlDsa44>(kind, octets, public),
            Algorithm::MlDsa65 => akp_signer::<MlDsa65>(kind, octets, public),
            Algorithm::MlDsa87 => akp_signer::<MlDsa87>(kind, octets, public),
            _ => Err(NO_KEY_PAIR),
        },
        PublicKey::Rsa { .. } => Err(OTHER_ALGORITHM),
    }
}

fn ec_signer(
    kind: KeyKind,
    curve: EcCurve,
    scalar: &[u8],
    point: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    Ok(match curve {
        EcCurve::P256 => {
            let key = p256_ecdsa::SigningKey::from(secret_key(scalar, point)?);
            signer::<_, p256_ecdsa::Signature>(kind, key)
        }
        EcCurve::P384 => {
            let key = p384_ecdsa::SigningKey::from(secret_key(scalar, point)?);
            signer::<_, p384_ecdsa::Signature>(kind, key)
        }
        EcCurve::P521 => {
            let key = p521_ecdsa::SigningKey::from(secret_key(scalar, point)?);
            signer::<_, p521_ecdsa::Signature>(kind, key)
        }
        EcCurve::Secp256k1 => {
            let key = k256_ecdsa::SigningKey::from(secret_key(scalar, point)?);
            signer::<_, k256_ecdsa::Signature>(kind, key)
        }
    })
}

fn akp_signer<P>(
    kind: KeyKind,
    seed: &[u8],
    public: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError>
where
    P: MlDsaParams + 'static,
{
    let seed = seed.try_into().map_err(|_| NO_KEY_PAIR)?;
    let key = ExpandedSigningKey::<P>::from_seed(&seed);
    if key.verifying_key().encode().as_slice() != public {
        return Err(NO_KEY_PAIR);
    }
    Ok(signer::<_, ml_dsa::Signature<P>>(kind, Hedged(key)))
}

/// ML-DSA with entropy in each signature (FIPS 204 §3.4).
struct Hedged<P: MlDsaParams>(ExpandedSigningKey<P>);

impl<P: MlDsaParams> Signer<ml_dsa::Signature<P>> for Hedged<P> {
    fn try_sign(&self, message: &[u8]) -> Result<ml_dsa::Signature<P>, signature::Error> {
        self.0.sign_randomized(message, &[], &mut Entropy)
    }
}

fn signer<K, S>(kind: KeyKind, key: K) -> Arc<dyn SigningKey>
where
    K: Signer<S> + Send + Sync + 'static,
    S: SignatureEncoding + 'static,
{
    Arc::new(Prepared {
        kind,
        key,
        signature: PhantomData::<fn() -> S>,
    })
}

/// A key, public or private, whose signatures are of one type.
struct Prepared<K, S> {
    kind: KeyKind,
    key: K,
    signature: PhantomData<fn() -> S>,
}

impl<K, S> VerifyingKey for Prepared<K, S>
where
    K: Verifier<S> + Send + Sync,
    S: SignatureEncoding,
{
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if !self.kind.signs(algorithm) {
            return Err(OTHER_ALGORITHM);
        }
        if self.kind.signature_len() != Some(signature.len()) {
            return Err(CryptoError::Rejected);
        }
        let signature = S::try_from(signature).map_err(|_| CryptoError::Rejected)?;
        let verified = self.key.verify(message, &signature);
        verified.map_err(|_| CryptoError::Rejected)
    }
}

impl<K, S> SigningKey for Prepared<K, S>
where
    K: Signer<S> + Send + Sync,
    S: SignatureEncoding,
{
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !self.kind.signs(algorithm) {
            return Err(OTHER_ALGORITHM);
        }
        // The key was checked when it was prepared; what can still be missing is entropy.
        let signature = self.key.try_sign(message).map_err(|_| NoEntropy::new())?;
        Ok(signature.to_vec())
    }
}

impl<K, S> fmt::Debug for Prepared<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
