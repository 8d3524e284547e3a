//! Decryption and key agreement by AWS-LC (RFC 7518 §4.3, §4.6).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa;
use aws_lc_rs::rsa::OaepAlgorithm;
use aws_lc_rs::rsa::OaepPrivateDecryptingKey;
use aws_lc_rs::rsa::OaepPublicEncryptingKey;
use aws_lc_rs::rsa::PrivateDecryptingKey;
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::RsaPublicKeyComponents;
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
use crate::crypto::provider_aws_lc::signatures::NO_KEY;
use crate::crypto::provider_aws_lc::signatures::NO_KEY_PAIR;
use crate::crypto::provider_aws_lc::signatures::rsa_key_pair;
use crate::crypto::provider_aws_lc::signatures::uncompressed;

pub(super) fn rsa_oaep(
    key: &PublicKey,
    hash: Hash,
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    key.check()?;
    let PublicKey::Rsa { n, e } = key else {
        return Err(CryptoError::Unsupported("RSA-OAEP with such a key"));
    };
    let components = RsaPublicKeyComponents { n, e };
    let key: PublicEncryptingKey = components.try_into().map_err(|_| NO_KEY)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| NO_KEY)?;
    let mut ciphertext = vec![0; key.ciphertext_size()];
    let written = key.encrypt(oaep(hash), plaintext, &mut ciphertext, None);
    let written =
        written.map_err(|_| CryptoError::Key("an RSA key too short for the plaintext"))?;
    let length = written.len();
    ciphertext.truncate(length);
    Ok(ciphertext)
}

pub(super) fn decryption_key(key: &PrivateKey) -> Result<Arc<dyn DecryptionKey>, CryptoError> {
    key.public.check()?;
    if let PublicKey::Rsa { .. } = key.public {
        let der: Pkcs8V1Der<'_> = rsa_key_pair(key)?.as_der().map_err(|_| NO_KEY_PAIR)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| NO_KEY_PAIR)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| NO_KEY_PAIR)?;
        return Ok(Arc::new(Decrypter(key)));
    }
    let kind = key.public.kind();
    let algorithm = agreement_by(kind)?;
    let PrivatePart::Octets(octets) = &key.private else {
        return Err(NO_KEY_PAIR);
    };
    let own = agreement::PrivateKey::from_private_key(algorithm, octets);
    let own = own.map_err(|_| NO_KEY_PAIR)?;
    let public = own.compute_public_key().map_err(|_| NO_KEY_PAIR)?;
    if public.as_ref() != point(&key.public).ok_or(NO_KEY_PAIR)? {
        return Err(NO_KEY_PAIR);
    }
    Ok(Arc::new(Agreement { kind, own }))
}

struct Decrypter(OaepPrivateDecryptingKey);

impl DecryptionKey for Decrypter {
    fn rsa_oaep(&self, hash: Hash, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut plaintext = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let written = self.0.decrypt(oaep(hash), ciphertext, &mut plaintext, None);
        let length = written.map_err(|_| CryptoError::Rejected)?.len();
        plaintext.truncate(length);
        Ok(plaintext)
    }

    fn agree(&self, _: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(CryptoError::Unsupported("key agreement with such a key"))
    }
}

impl fmt::Debug for Decrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decrypter(RSA)")
    }
}

struct Agreement {
    kind: KeyKind,
    own: agreement::PrivateKey,
}

impl DecryptionKey for Agreement {
    fn rsa_oaep(&self, _: Hash, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(CryptoError::Unsupported("RSA-OAEP with such a key"))
    }

    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if peer.kind() != self.kind || peer.check().is_err() {
            return Err(CryptoError::Rejected);
        }
        let point = point(peer).ok_or(CryptoError::Rejected)?;
        let peer = agreement::UnparsedPublicKey::new(self.own.algorithm(), point);
        // RFC 7748 §6.1: a zero from X25519 tells that the peer chose a point of small order. The
        // library gives an error then.
        agreement::agree(&self.own, peer, CryptoError::Rejected, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}

impl fmt::Debug for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agreement")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// How AWS-LC takes the public half of a key that agrees.
fn point(key: &PublicKey) -> Option<Vec<u8>> {
    match key {
        PublicKey::Ec { x, y, .. } => Some(uncompressed(x, y)),
        PublicKey::Okp { x, .. } => Some(x.clone()),
        PublicKey::Rsa { .. } | PublicKey::Akp { .. } => None,
    }
}

pub(super) fn agreement_by(kind: KeyKind) -> Result<&'static agreement::Algorithm, CryptoError> {
    match kind {
        KeyKind::Ec(EcCurve::P256) => Ok(&agreement::ECDH_P256),
        KeyKind::Ec(EcCurve::P384) => Ok(&agreement::ECDH_P384),
        KeyKind::Ec(EcCurve::P521) => Ok(&agreement::ECDH_P521),
        KeyKind::Okp(OkpCurve::X25519) => Ok(&agreement::X25519),
        // RFC 8812 §3.1 registers secp256k1 for signatures only.
        KeyKind::Ec(EcCurve::Secp256k1)
        | KeyKind::Okp(OkpCurve::Ed25519)
        | KeyKind::Rsa(_)
        | KeyKind::MlDsa(_) => Err(CryptoError::Unsupported("decryption with such a key")),
    }
}

fn oaep(hash: Hash) -> &'static OaepAlgorithm {
    match hash {
        Hash::Sha1 => &rsa::OAEP_SHA1_MGF1SHA1,
        Hash::Sha256 => &rsa::OAEP_SHA256_MGF1SHA256,
        Hash::Sha384 => &rsa::OAEP_SHA384_MGF1SHA384,
        Hash::Sha512 => &rsa::OAEP_SHA512_MGF1SHA512,
    }
}
