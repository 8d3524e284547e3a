//! A key that is ready to decrypt, bound to what it says of its use (RFC 7516 §5.2, RFC 7518 §4).

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::hash::Hash;
use crate::crypto::jwe::Jwe;
use crate::crypto::jwe::JweFault;
use crate::crypto::jwe::Parameters;
use crate::crypto::jwe::agreement;
use crate::crypto::jwe::content::Content;
use crate::crypto::jwk::KeyFault;
use crate::crypto::key::DecryptionKey;
use crate::crypto::key::EcCurve;
use crate::crypto::key::PublicKey;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;
use crate::crypto::private_jwk::Material;
use crate::crypto::private_jwk::PrivateJwk;

/// A private or symmetric key that decrypts. Cheap to clone; `Debug` shows no secret.
///
/// ```
/// # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))] {
/// use oauth_proto::crypto::decrypter::Decrypter;
/// use oauth_proto::crypto::encrypter::Encrypter;
/// use oauth_proto::crypto::jwe::Jwe;
/// use oauth_proto::crypto::key::{KeyKind, OkpCurve};
/// use oauth_proto::crypto::key_management::{ContentEncryption, KeyManagement};
/// use oauth_proto::crypto::private_jwk::PrivateJwk;
///
/// let crypto = oauth_proto::crypto::default_provider();
/// let key = PrivateJwk::new(crypto.generate(KeyKind::Okp(OkpCurve::X25519))?);
/// let (alg, enc) = (KeyManagement::EcdhEs, ContentEncryption::A256Gcm);
///
/// let public = key.public().expect("not symmetric");
/// let text = Encrypter::new(crypto.clone(), public, alg, enc)?.encrypt(b"hello", None)?;
/// let decrypted = Jwe::parse(&text)?.decrypt(alg, enc, &Decrypter::new(crypto, &key)?)?;
/// assert_eq!(decrypted.plaintext(), b"hello");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Decrypter {
    crypto: Arc<dyn Crypto>,
    jwk: Arc<PrivateJwk>,
    /// None where the key is symmetric.
    key: Option<Arc<dyn DecryptionKey>>,
}

impl Decrypter {
    /// Prepares a key.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where it is for no decryption at all, [`KeyFault::Crypto`] where the
    /// capability refuses it.
    pub fn new(crypto: Arc<dyn Crypto>, jwk: &PrivateJwk) -> Result<Self, KeyFault> {
        let mut all = KeyManagement::ALL.into_iter();
        let decrypts = |algorithm| {
            let mut all = ContentEncryption::ALL.into_iter();
            all.any(|encryption| jwk.can_decrypt(algorithm, encryption))
        };
        if !all.any(decrypts) {
            return Err(KeyFault::Unfit);
        }
        let key = match &jwk.material {
            Material::Pair(pair) => Some(crypto.decryption_key(pair)?),
            Material::Symmetric(_) => None,
        };
        Ok(Self {
            crypto,
            jwk: Arc::new(jwk.clone()),
            key,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.jwk.kid()
    }

    /// Whether the key may decrypt by these algorithms, by all that is said of it.
    #[must_use]
    pub fn fits(&self, algorithm: KeyManagement, encryption: ContentEncryption) -> bool {
        self.jwk.can_decrypt(algorithm, encryption)
    }

    pub(super) fn decrypt(&self, jwe: &Jwe<'_>) -> Result<Zeroizing<Vec<u8>>, JweFault> {
        let encryption = jwe.encryption();
        if !self.fits(jwe.algorithm(), encryption) {
            let lacking = CryptoError::Unsupported("a key for this algorithm");
            return Err(JweFault::Crypto(lacking));
        }
        // RFC 7516 §11.5: "the recipient MUST NOT distinguish between format, padding, and length
        // errors of encrypted keys": a random key takes the place of one that cannot be had, and it
        // is drawn whatever comes.
        let mut random = Zeroizing::new(vec![0; encryption.key_len()]);
        let drawn = self.crypto.fill(&mut random);
        drawn.map_err(|none| JweFault::Crypto(none.into()))?;
        let key = match self.content_key(jwe) {
            Ok(key) if key.len() == random.len() => key,
            Ok(_) | Err(CryptoError::Rejected | CryptoError::Key(_)) => random,
            Err(other) => return Err(JweFault::Crypto(other)),
        };
        let content = Content {
            encryption,
            key: &key,
            iv: &jwe.iv,
            aad: jwe.protected.as_bytes(),
        };
        let opened = content.open(&*self.crypto, &jwe.ciphertext, &jwe.tag);
        opened.map_err(|fault| match fault {
            CryptoError::Rejected => JweFault::Decryption,
            other => JweFault::Crypto(other),
        })
    }

    /// The content encryption key (RFC 7516 §5.2, steps 8 to 12).
    fn content_key(&self, jwe: &Jwe<'_>) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let wrapped = jwe.encrypted_key.as_slice();
        match (&self.key, &self.jwk.material) {
            (Some(key), Material::Pair(pair)) => match (&jwe.parameters, jwe.algorithm()) {
                (parameters @ Parameters::Agreement { .. }, KeyManagement::EcdhEs) => {
                    self.agreed(&**key, &pair.public, parameters, jwe)
                }
                (parameters @ Parameters::Agreement { .. }, _) => {
                    let wrapping = self.agreed(&**key, &pair.public, parameters, jwe)?;
                    self.crypto.aes_unwrap(&wrapping, wrapped)
                }
                (_, algorithm) => key.rsa_oaep(oaep_hash(algorithm), wrapped),
            },
            (_, Material::Symmetric(secret)) => match (&jwe.parameters, jwe.algorithm()) {
                (_, KeyManagement::Dir) => Ok(secret.clone()),
                (Parameters::GcmWrap { iv, tag }, _) => {
                    let sealed = [wrapped, tag].concat();
                    self.crypto.aes_gcm_open(secret, iv, b"", &sealed)
                }
                _ => self.crypto.aes_unwrap(secret, wrapped),
            },
            (None, Material::Pair(_)) => Err(CryptoError::Rejected),
        }
    }

    fn agreed(
        &self,
        key: &dyn DecryptionKey,
        own: &PublicKey,
        parameters: &Parameters,
        jwe: &Jwe<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Parameters::Agreement {
            ephemeral,
            party_u,
            party_v,
        } = parameters
        else {
            return Err(CryptoError::Rejected);
        };
        if !are_of_one_curve(own, ephemeral) {
            return Err(CryptoError::Rejected);
        }
        let shared = key.agree(ephemeral)?;
        let purpose = agreement::purpose(jwe.algorithm(), jwe.encryption());
        Ok(agreement::derive(
            &*self.crypto,
            &shared,
            purpose,
            party_u,
            party_v,
        ))
    }
}

impl fmt::Debug for Decrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decrypter").field(&self.jwk).finish()
    }
}

fn are_of_one_curve(own: &PublicKey, other: &PublicKey) -> bool {
    match (own, other) {
        (PublicKey::Ec { curve: own, .. }, PublicKey::Ec { curve, .. }) => {
            own == curve && *own != EcCurve::Secp256k1
        }
        (PublicKey::Okp { curve: own, .. }, PublicKey::Okp { curve, .. }) => own == curve,
        _ => false,
    }
}

/// The hash of RSAES-OAEP and of its MGF1 (RFC 7518 §4.3).
pub(super) const fn oaep_hash(algorithm: KeyManagement) -> Hash {
    match algorithm {
        KeyManagement::RsaOaep256 => Hash::Sha256,
        KeyManagement::RsaOaep384 => Hash::Sha384,
        KeyManagement::RsaOaep512 => Hash::Sha512,
        _ => Hash::Sha1,
    }
}
