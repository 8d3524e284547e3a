//! RSA (RFC 7518 §3.3, §3.5, §4.3): every operation with a private key is blinded with fresh entropy.

use std::fmt;
use std::sync::Arc;

use rsa::BoxedUint;
use rsa::errors::Error;
use rsa::traits::PrivateKeyParts;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha384;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::crypto::CryptoError;
use crate::crypto::NoEntropy;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;
use crate::crypto::key::DecryptionKey;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;
use crate::crypto::key::SigningKey;
use crate::crypto::key::VerifyingKey;
use crate::crypto::provider_rust_crypto::Entropy;
use crate::crypto::provider_rust_crypto::signatures::NO_KEY;
use crate::crypto::provider_rust_crypto::signatures::NO_KEY_PAIR;
use crate::crypto::provider_rust_crypto::signatures::OTHER_ALGORITHM;

pub(super) fn verifying_key(key: &PublicKey) -> Result<Arc<dyn VerifyingKey>, CryptoError> {
    Ok(Arc::new(Verifier(public(key)?)))
}

pub(super) fn signing_key(key: &PrivateKey) -> Result<Arc<dyn SigningKey>, CryptoError> {
    Ok(Arc::new(Own(private(key)?)))
}

pub(super) fn decryption_key(key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
    Ok(Arc::new(Own(private(key)?)))
}

pub(super) fn encrypt(
    key: &PublicKey,
    hash: Hash,
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let key = public(key)?;
    let ciphertext = match hash {
        Hash::Sha1 => key.oaep_encrypt_with_rng::<Sha1, _>(&mut Entropy, plaintext),
        Hash::Sha256 => key.oaep_encrypt_with_rng::<Sha256, _>(&mut Entropy, plaintext),
        Hash::Sha384 => key.oaep_encrypt_with_rng::<Sha384, _>(&mut Entropy, plaintext),
        Hash::Sha512 => key.oaep_encrypt_with_rng::<Sha512, _>(&mut Entropy, plaintext),
    };
    ciphertext.map_err(|error| match error {
        Error::Rng => NoEntropy::new().into(),
        _ => CryptoError::Key("an RSA key too short for the plaintext"),
    })
}

/// A new key of as many bits as the other capability knows, too.
pub(super) fn generate(bits: usize) -> Result<PrivateKey, CryptoError> {
    if !matches!(bits, 2048 | 3072 | 4096 | 8192) {
        return Err(CryptoError::Unsupported("an RSA key of this length"));
    }
    let key = rsa::PrivateKey::new(&mut Entropy, bits).map_err(|_| NoEntropy::new())?;
    let [p, q] = key.primes() else {
        return Err(NO_KEY_PAIR);
    };
    let (Some(dp), Some(dq), Some(qi)) = (key.dp(), key.dq(), key.crt_coefficient()) else {
        return Err(NO_KEY_PAIR);
    };
    let private = PrivatePart::Rsa {
        d: octets(key.d()),
        p: octets(p),
        q: octets(q),
        dp: octets(dp),
        dq: octets(dq),
        qi: octets(&qi),
    };
    let (n, e) = (key.n_bytes().into_vec(), key.e_bytes().into_vec());
    Ok(PrivateKey::new(PublicKey::Rsa { n, e }, private))
}

fn public(key: &PublicKey) -> Result<rsa::PublicKey, CryptoError> {
    key.check()?;
    let PublicKey::Rsa { n, e } = key else {
        return Err(CryptoError::Unsupported("RSA with such a key"));
    };
    rsa::PublicKey::new(integer(n), integer(e)).map_err(|_| NO_KEY)
}

/// The library compares modulus, exponents and primes with each other; the three numbers that speed
/// it up it computes itself, and they are compared here.
fn private(key: &PrivateKey) -> Result<rsa::PrivateKey, CryptoError> {
    key.public.check()?;
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
    let primes = vec![integer(p), integer(q)];
    let key = rsa::PrivateKey::from_components(integer(n), integer(e), integer(d), primes);
    let key = key.map_err(|_| NO_KEY_PAIR)?;
    let fits = |given: &[u8], computed: Option<&BoxedUint>| {
        computed.is_some_and(|computed| octets(computed).ct_eq(significant(given)).into())
    };
    if fits(dp, key.dp()) && fits(dq, key.dq()) && fits(qi, key.crt_coefficient().as_ref()) {
        Ok(key)
    } else {
        Err(NO_KEY_PAIR)
    }
}

fn integer(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

fn octets(integer: &BoxedUint) -> Zeroizing<Vec<u8>> {
    let padded = Zeroizing::new(integer.to_be_bytes());
    Zeroizing::new(significant(&padded).to_vec())
}

/// A big-endian integer without its leading zeros.
fn significant(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

#[derive(Debug)]
struct Verifier(rsa::PublicKey);

impl VerifyingKey for Verifier {
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let verified = match algorithm {
            Algorithm::Rs256 => self.0.pkcs1v15_verify::<Sha256>(message, signature),
            Algorithm::Rs384 => self.0.pkcs1v15_verify::<Sha384>(message, signature),
            Algorithm::Rs512 => self.0.pkcs1v15_verify::<Sha512>(message, signature),
            Algorithm::Ps256 => self.0.pss_verify::<Sha256>(message, signature),
            Algorithm::Ps384 => self.0.pss_verify::<Sha384>(message, signature),
            Algorithm::Ps512 => self.0.pss_verify::<Sha512>(message, signature),
            _ => return Err(OTHER_ALGORITHM),
        };
        verified.map_err(|_| CryptoError::Rejected)
    }

    fn verify_rsa_sha1(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let verified = self.0.pkcs1v15_verify::<Sha1>(message, signature);
        verified.map_err(|_| CryptoError::Rejected)
    }
}

/// A private key.
struct Own(rsa::PrivateKey);

impl SigningKey for Own {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let entropy = &mut Entropy;
        let signature = match algorithm {
            Algorithm::Rs256 => self.0.pkcs1v15_sign_with_rng::<Sha256, _>(entropy, message),
            Algorithm::Rs384 => self.0.pkcs1v15_sign_with_rng::<Sha384, _>(entropy, message),
            Algorithm::Rs512 => self.0.pkcs1v15_sign_with_rng::<Sha512, _>(entropy, message),
            Algorithm::Ps256 => self.0.pss_sign_with_rng::<Sha256, _>(entropy, message),
            Algorithm::Ps384 => self.0.pss_sign_with_rng::<Sha384, _>(entropy, message),
            Algorithm::Ps512 => self.0.pss_sign_with_rng::<Sha512, _>(entropy, message),
            _ => return Err(OTHER_ALGORITHM),
        };
        signature.map_err(|error| not_signed(&error))
    }

    fn sign_rsa_sha1(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self
            .0
            .pkcs1v15_sign_with_rng::<Sha1, _>(&mut Entropy, message);
        signature.map_err(|error| not_signed(&error))
    }
}

fn not_signed(error: &Error) -> CryptoError {
    match error {
        Error::Rng => NoEntropy::new().into(),
        _ => NO_KEY_PAIR,
    }
}

impl DecryptionKey for Own {
    fn rsa_oaep(&self, hash: Hash, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let entropy = &mut Entropy;
        let plaintext = match hash {
            Hash::Sha1 => self.0.oaep_decrypt_with_rng::<Sha1, _>(entropy, ciphertext),
            Hash::Sha256 => self
                .0
                .oaep_decrypt_with_rng::<Sha256, _>(entropy, ciphertext),
            Hash::Sha384 => self
                .0
                .oaep_decrypt_with_rng::<Sha384, _>(entropy, ciphertext),
            Hash::Sha512 => self
                .0
                .oaep_decrypt_with_rng::<Sha512, _>(entropy, ciphertext),
        };
        match plaintext {
            Ok(plaintext) => Ok(Zeroizing::new(plaintext)),
            Err(Error::Rng) => Err(NoEntropy::new().into()),
            Err(_) => Err(CryptoError::Rejected),
        }
    }

    fn agree(&self, _: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(CryptoError::Unsupported("key agreement with such a key"))
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Own(RSA)")
    }
}
