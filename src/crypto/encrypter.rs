//! Who is encrypted to, and how (RFC 7516 §5.1, RFC 7518 §4).

use std::fmt;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::base::base64url;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::decrypter::oaep_hash;
use crate::crypto::jwe::agreement;
use crate::crypto::jwe::content;
use crate::crypto::jwe::content::Content;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jwk::Operation;
use crate::crypto::key::KeyKind;
use crate::crypto::key::PublicKey;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;
use crate::crypto::private_jwk::Material;
use crate::crypto::private_jwk::PrivateJwk;

/// A recipient's key, with the algorithms to use. Cheap to clone; `Debug` shows no secret.
#[derive(Clone)]
pub struct Encrypter {
    crypto: Arc<dyn Crypto>,
    recipient: Recipient,
    kid: Option<Arc<str>>,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
}

#[derive(Clone)]
enum Recipient {
    Public(Arc<PublicKey>),
    Shared(Arc<Zeroizing<Vec<u8>>>),
}

/// A content encryption key, and what the recipient needs to find it.
struct Wrapped {
    key: Zeroizing<Vec<u8>>,
    encrypted: Vec<u8>,
    parameters: Map<String, Value>,
}

impl Encrypter {
    /// Encrypts to a public key. `kid` is the key's own.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the key is not for `algorithm`.
    #[expect(clippy::needless_pass_by_value, reason = "the key is kept")]
    pub fn new(
        crypto: Arc<dyn Crypto>,
        recipient: Jwk,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
    ) -> Result<Self, KeyFault> {
        if !recipient.can_encrypt(algorithm) {
            return Err(KeyFault::Unfit);
        }
        Ok(Self {
            crypto,
            kid: recipient.kid().map(Arc::from),
            recipient: Recipient::Public(Arc::new(recipient.key().clone())),
            algorithm,
            encryption,
        })
    }

    /// Encrypts with a symmetric key that both sides have. `kid` is the key's own.
    ///
    /// Initialization vectors are random: encrypt fewer than 2^32 texts with one key and AES-GCM
    /// (NIST SP 800-38D §8.3).
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the key is not symmetric or not for these algorithms.
    pub fn symmetric(
        crypto: Arc<dyn Crypto>,
        key: &PrivateJwk,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
    ) -> Result<Self, KeyFault> {
        let fits = key.manages(algorithm, encryption)
            && (key.attributes).permit_management(algorithm, Some(encryption), Operation::Encrypt);
        match &key.material {
            Material::Symmetric(secret) if fits => Ok(Self {
                crypto,
                kid: key.kid().map(Arc::from),
                recipient: Recipient::Shared(Arc::new(secret.clone())),
                algorithm,
                encryption,
            }),
            _ => Err(KeyFault::Unfit),
        }
    }

    /// How the key is managed.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// How the content is encrypted.
    #[must_use]
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// Encrypts `plaintext` into the compact serialisation (RFC 7516 §7.1), with its media type as
    /// `cty`: `JWT` where it is a token (RFC 7519 §5.2).
    ///
    /// # Errors
    ///
    /// [`CryptoError::Entropy`]; [`CryptoError::Unsupported`]; [`CryptoError::Key`] where the
    /// capability refuses the recipient's key.
    pub fn encrypt(
        &self,
        plaintext: &[u8],
        content_type: Option<&str>,
    ) -> Result<String, CryptoError> {
        let wrapped = self.content_key()?;
        let mut header = wrapped.parameters;
        header.insert("alg".to_owned(), self.algorithm.as_str().into());
        header.insert("enc".to_owned(), self.encryption.as_str().into());
        if let Some(content_type) = content_type {
            header.insert("cty".to_owned(), content_type.into());
        }
        if let Some(kid) = &self.kid {
            header.insert("kid".to_owned(), (**kid).into());
        }
        let protected = base64url::encode(Value::Object(header).to_string().as_bytes());

        let mut iv = [0; 16];
        let iv = iv.split_at_mut(content::iv_len(self.encryption)).0;
        self.crypto.fill(iv)?;
        let sealed = Content {
            encryption: self.encryption,
            key: &wrapped.key,
            iv,
            aad: protected.as_bytes(),
        };
        let (ciphertext, tag) = sealed.seal(&*self.crypto, plaintext)?;
        let mut text = protected;
        for part in [wrapped.encrypted.as_slice(), iv, &ciphertext, &tag] {
            text.push('.');
            base64url::encode_into(part, &mut text);
        }
        Ok(text)
    }

    /// Determines the content encryption key (RFC 7516 §5.1, steps 1 to 5).
    fn content_key(&self) -> Result<Wrapped, CryptoError> {
        let direct = |key, parameters| Wrapped {
            key,
            encrypted: Vec::new(),
            parameters,
        };
        match (&self.recipient, self.algorithm) {
            (Recipient::Shared(secret), KeyManagement::Dir) => {
                Ok(direct((**secret).clone(), Map::new()))
            }
            (Recipient::Public(key), KeyManagement::EcdhEs) => {
                let (derived, ephemeral) = self.agree(key)?;
                Ok(direct(derived, epk(&ephemeral)))
            }
            _ => self.wrapped_key(),
        }
    }

    /// A fresh key, encrypted to the recipient.
    fn wrapped_key(&self) -> Result<Wrapped, CryptoError> {
        let mut key = Zeroizing::new(vec![0; self.encryption.key_len()]);
        self.crypto.fill(&mut key)?;
        let mut parameters = Map::new();
        let encrypted = match (&self.recipient, self.algorithm) {
            (
                Recipient::Shared(secret),
                KeyManagement::A128GcmKw | KeyManagement::A192GcmKw | KeyManagement::A256GcmKw,
            ) => {
                let mut iv = [0; 12];
                self.crypto.fill(&mut iv)?;
                let mut sealed = self.crypto.aes_gcm_seal(secret, &iv, b"", &key)?;
                let tag = sealed.split_off(sealed.len().saturating_sub(16));
                parameters.insert("iv".to_owned(), base64url::encode(&iv).into());
                parameters.insert("tag".to_owned(), base64url::encode(&tag).into());
                sealed
            }
            (Recipient::Shared(secret), _) => self.crypto.aes_wrap(secret, &key)?,
            (Recipient::Public(recipient), algorithm) => match &**recipient {
                PublicKey::Rsa { .. } => {
                    let hash = oaep_hash(algorithm);
                    self.crypto.rsa_oaep_encrypt(recipient, hash, &key)?
                }
                _ => {
                    let (wrapping, ephemeral) = self.agree(recipient)?;
                    parameters = epk(&ephemeral);
                    self.crypto.aes_wrap(&wrapping, &key)?
                }
            },
        };
        Ok(Wrapped {
            key,
            encrypted,
            parameters,
        })
    }

    /// Agrees with the recipient by a key pair of one use (RFC 7518 §4.6): the derived key, and
    /// the public half for `epk`.
    fn agree(&self, recipient: &PublicKey) -> Result<(Zeroizing<Vec<u8>>, PublicKey), CryptoError> {
        let kind = match recipient {
            PublicKey::Ec { curve, .. } => KeyKind::Ec(*curve),
            PublicKey::Okp { curve, .. } => KeyKind::Okp(*curve),
            PublicKey::Rsa { .. } | PublicKey::Akp { .. } => {
                return Err(CryptoError::Unsupported("key agreement with this key"));
            }
        };
        let pair = self.crypto.generate(kind)?;
        let shared = self.crypto.decryption_key(&pair)?.agree(recipient)?;
        let purpose = agreement::purpose(self.algorithm, self.encryption);
        let derived = agreement::derive(&*self.crypto, &shared, purpose, b"", b"");
        Ok((derived, pair.public))
    }
}

impl fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypter")
            .field("algorithm", &self.algorithm)
            .field("encryption", &self.encryption)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// RFC 7518 §4.6.1.1.
fn epk(ephemeral: &PublicKey) -> Map<String, Value> {
    Map::from_iter([("epk".to_owned(), ephemeral.to_value())])
}
