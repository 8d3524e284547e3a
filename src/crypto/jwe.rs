//! JSON Web Encryption in its compact form (RFC 7516).
//!
//! Key management and content encryption are pinned by the caller before a key is used. Of what is
//! decrypted nothing comes out but the whole plaintext, in memory that is wiped; of what fails
//! nothing but that it failed (RFC 7516 §11.5). `RSA1_5`, `PBES2-…` and `zip` are refused.

use std::fmt;

use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::json::Object;
use crate::crypto::CryptoError;
use crate::crypto::compact;
use crate::crypto::compact::Header;
use crate::crypto::compact::HeaderFault;
use crate::crypto::compact::MAX_LEN;
use crate::crypto::decrypter::Decrypter;
use crate::crypto::jwk::Jwk;
use crate::crypto::key::PublicKey;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;

pub(super) mod agreement;
pub(super) mod content;

/// An encrypted text that has been read and not yet decrypted.
#[derive(Clone)]
pub struct Jwe<'a> {
    header: Header,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    pub(super) parameters: Parameters,
    pub(super) protected: &'a str,
    pub(super) encrypted_key: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// The header parameters of single key management algorithms (RFC 7518 §4.6.1, §4.7.1).
#[derive(Clone)]
pub(super) enum Parameters {
    None,
    Agreement {
        ephemeral: PublicKey,
        party_u: Vec<u8>,
        party_v: Vec<u8>,
    },
    GcmWrap {
        iv: [u8; 12],
        tag: [u8; 16],
    },
}

impl<'a> Jwe<'a> {
    /// Reads the compact serialisation (RFC 7516 §7.1). Nothing is decrypted.
    ///
    /// # Errors
    ///
    /// Every fault of form; names that are not known are [`HeaderFault::Algorithm`].
    pub fn parse(text: &'a str) -> Result<Self, JweFault> {
        if text.len() > MAX_LEN {
            return Err(JweFault::TooLong);
        }
        let [protected, encrypted_key, iv, ciphertext, tag] =
            compact::split(text).ok_or(JweFault::Parts)?;
        let (header, (algorithm, encryption, parameters)) = Header::read(protected, special)?;
        let octets = |part| base64url::decode(part).map_err(|_| JweFault::Encoding);
        let jwe = Self {
            header,
            algorithm,
            encryption,
            parameters,
            protected,
            encrypted_key: octets(encrypted_key)?,
            iv: octets(iv)?,
            ciphertext: octets(ciphertext)?,
            tag: octets(tag)?,
        };
        jwe.check_lengths()?;
        Ok(jwe)
    }

    fn check_lengths(&self) -> Result<(), JweFault> {
        // RFC 7516 §5.2, step 10: the encrypted key is empty where the key is used directly.
        let is_direct = matches!(self.algorithm, KeyManagement::Dir | KeyManagement::EcdhEs);
        if self.encrypted_key.is_empty() != is_direct
            || self.iv.len() != content::iv_len(self.encryption)
            || self.tag.len() != content::tag_len(self.encryption)
        {
            return Err(JweFault::Length);
        }
        Ok(())
    }

    /// The header. It is what chooses among keys.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How the header says that the key is managed.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// How the header says that the content is encrypted.
    #[must_use]
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// Decrypts by `algorithm` and `encryption`, pinned by the caller, with `key`.
    ///
    /// # Errors
    ///
    /// [`JweFault::Algorithm`] or [`JweFault::Encryption`] where the header says another,
    /// [`JweFault::Decryption`] whatever did not fit, [`JweFault::Crypto`] where the key is not for
    /// this or the capability has it not.
    pub fn decrypt(
        self,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
        key: &Decrypter,
    ) -> Result<Decrypted, JweFault> {
        if self.algorithm != algorithm {
            return Err(JweFault::Algorithm {
                expected: algorithm,
                received: self.algorithm,
            });
        }
        if self.encryption != encryption {
            return Err(JweFault::Encryption {
                expected: encryption,
                received: self.encryption,
            });
        }
        let plaintext = key.decrypt(&self)?;
        Ok(Decrypted {
            header: self.header,
            plaintext,
        })
    }
}

/// The header alone.
impl fmt::Debug for Jwe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwe")
            .field("algorithm", &self.algorithm)
            .field("encryption", &self.encryption)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What was decrypted. Wiped when dropped.
#[derive(Clone)]
pub struct Decrypted {
    header: Header,
    plaintext: Zeroizing<Vec<u8>>,
}

impl Decrypted {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The plaintext. That it could be decrypted says nothing of who wrote it, but for a shared key.
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The plaintext as text, a nested token for instance; none where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.plaintext).ok()
    }
}

/// The header alone.
impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What is special to the header of an encrypted text.
fn special(
    object: &Object<'_>,
) -> Result<(KeyManagement, ContentEncryption, Parameters), HeaderFault> {
    let algorithm = compact::text(object, "alg")?;
    let algorithm = algorithm
        .parse()
        .map_err(|_| HeaderFault::Algorithm("alg"))?;
    let encryption = compact::text(object, "enc")?;
    let encryption = encryption
        .parse()
        .map_err(|_| HeaderFault::Algorithm("enc"))?;
    let parameters = match algorithm {
        KeyManagement::EcdhEs
        | KeyManagement::EcdhEsA128Kw
        | KeyManagement::EcdhEsA192Kw
        | KeyManagement::EcdhEsA256Kw => Parameters::Agreement {
            ephemeral: ephemeral(object)?,
            party_u: party(object, "apu")?,
            party_v: party(object, "apv")?,
        },
        KeyManagement::A128GcmKw | KeyManagement::A192GcmKw | KeyManagement::A256GcmKw => {
            Parameters::GcmWrap {
                iv: array(object, "iv")?,
                tag: array(object, "tag")?,
            }
        }
        _ => Parameters::None,
    };
    Ok((algorithm, encryption, parameters))
}

/// The ephemeral public key (RFC 7518 §4.6.1.1): a bare public key.
fn ephemeral(object: &Object<'_>) -> Result<PublicKey, HeaderFault> {
    let value = object.member("epk").ok_or(HeaderFault::Missing("epk"))?;
    let jwk = Jwk::parse(value.raw()).map_err(|_| HeaderFault::Member("epk"))?;
    Ok(jwk.key().clone())
}

/// `apu` or `apv` (RFC 7518 §4.6.1.2, §4.6.1.3); nothing where it is absent.
fn party(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, HeaderFault> {
    match object.member(name) {
        Some(_) => octets(object, name),
        None => Ok(Vec::new()),
    }
}

fn array<const N: usize>(object: &Object<'_>, name: &'static str) -> Result<[u8; N], HeaderFault> {
    let octets = octets(object, name)?;
    octets.try_into().map_err(|_| HeaderFault::Member(name))
}

fn octets(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, HeaderFault> {
    let text = compact::text(object, name)?;
    base64url::decode(&text).map_err(|_| HeaderFault::Member(name))
}

/// Why an encrypted text is refused. It tells nothing of keys and plaintexts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweFault {
    /// Longer than [`MAX_LEN`].
    #[error("longer than {MAX_LEN} bytes")]
    TooLong,
    /// Not five parts (RFC 7516 §7.1).
    #[error("not five parts with dots between them")]
    Parts,
    /// A part is not base64url.
    #[error("a part is not base64url")]
    Encoding,
    /// Encrypted key, initialization vector or tag are not as long as the algorithms have them.
    #[error("a part is not as long as its algorithm has it")]
    Length,
    /// The header is refused.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// The key is managed by another algorithm than the one that was agreed upon.
    #[error("encrypted to a key by {received}, not by {expected}")]
    Algorithm {
        /// What was agreed upon.
        expected: KeyManagement,
        /// What the header says.
        received: KeyManagement,
    },
    /// The content is encrypted by another algorithm than the one that was agreed upon.
    #[error("encrypted by {received}, not by {expected}")]
    Encryption {
        /// What was agreed upon.
        expected: ContentEncryption,
        /// What the header says.
        received: ContentEncryption,
    },
    /// Anything at all did not fit: one fault, so that nobody learns which (RFC 7516 §11.5).
    #[error("it cannot be decrypted with this key")]
    Decryption,
    /// The key or the capability cannot decrypt it.
    #[error(transparent)]
    Crypto(CryptoError),
}

#[cfg(test)]
mod tests;
