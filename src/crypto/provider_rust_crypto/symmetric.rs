//! AES: key wrap (RFC 3394), GCM (NIST SP 800-38D), CBC with PKCS #7 padding (RFC 7518 §5.2).

use aes::Aes128;
use aes::Aes192;
use aes::Aes256;
use aes_gcm::AeadInOut;
use aes_gcm::Aes128Gcm;
use aes_gcm::Aes256Gcm;
use aes_gcm::AesGcm;
use aes_gcm::KeyInit;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::consts::U16;
use aes_kw::AesKw;
use aes_kw::Error;
use cbc::Decryptor;
use cbc::Encryptor;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::BlockModeEncrypt;
use cbc::cipher::KeyIvInit;
use cbc::cipher::block_padding::Pkcs7;
use zeroize::Zeroizing;

use crate::crypto::CryptoError;

const KEY_LENGTH: CryptoError = CryptoError::Key("an AES key has 16, 24 or 32 bytes");

pub(super) fn wrap(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    // RFC 3394 §2.2.1: at least two blocks of 64 bits.
    if key.len() < 16 || !key.len().is_multiple_of(8) {
        return Err(CryptoError::Key(
            "only whole 64-bit blocks can be wrapped, two at least",
        ));
    }
    let mut wrapped = vec![0; key.len() + 8];
    let out = &mut wrapped;
    let done = match wrapping_key.len() {
        16 => kek::<AesKw<Aes128>>(wrapping_key)?
            .wrap_key(key, out)
            .map(drop),
        24 => kek::<AesKw<Aes192>>(wrapping_key)?
            .wrap_key(key, out)
            .map(drop),
        32 => kek::<AesKw<Aes256>>(wrapping_key)?
            .wrap_key(key, out)
            .map(drop),
        _ => return Err(KEY_LENGTH),
    };
    done.map_err(|_: Error| CryptoError::Key("not a key that AES wraps"))?;
    Ok(wrapped)
}

pub(super) fn unwrap(
    wrapping_key: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if !matches!(wrapping_key.len(), 16 | 24 | 32) {
        return Err(KEY_LENGTH);
    }
    if wrapped.len() < 24 || !wrapped.len().is_multiple_of(8) {
        return Err(CryptoError::Rejected);
    }
    let mut key = Zeroizing::new(vec![0; wrapped.len() - 8]);
    let out = &mut key;
    let done = match wrapping_key.len() {
        16 => kek::<AesKw<Aes128>>(wrapping_key)?
            .unwrap_key(wrapped, out)
            .map(drop),
        24 => kek::<AesKw<Aes192>>(wrapping_key)?
            .unwrap_key(wrapped, out)
            .map(drop),
        _ => kek::<AesKw<Aes256>>(wrapping_key)?
            .unwrap_key(wrapped, out)
            .map(drop),
    };
    done.map_err(|_: Error| CryptoError::Rejected)?;
    Ok(key)
}

fn kek<C: KeyInit>(key: &[u8]) -> Result<C, CryptoError> {
    C::new_from_slice(key).map_err(|_| KEY_LENGTH)
}

pub(super) fn gcm_seal(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    match key.len() {
        16 => seal::<Aes128Gcm>(key, nonce, aad, plaintext),
        24 => seal::<AesGcm<Aes192, U12>>(key, nonce, aad, plaintext),
        32 => seal::<Aes256Gcm>(key, nonce, aad, plaintext),
        _ => Err(KEY_LENGTH),
    }
}

fn seal<C>(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError>
where
    C: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit,
{
    let cipher = kek::<C>(key)?;
    // Room for the tag: the buffer holds the plaintext and must not be moved.
    let mut sealed = Vec::with_capacity(plaintext.len() + 16);
    sealed.extend_from_slice(plaintext);
    let text = sealed.as_mut_slice().into();
    let tag = cipher.encrypt_inout_detached(&(*nonce).into(), aad, text);
    let tag = tag.map_err(|_| CryptoError::Key("a plaintext too long for AES-GCM"))?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

pub(super) fn gcm_open(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    match key.len() {
        16 => open::<Aes128Gcm>(key, nonce, aad, sealed),
        24 => open::<AesGcm<Aes192, U12>>(key, nonce, aad, sealed),
        32 => open::<Aes256Gcm>(key, nonce, aad, sealed),
        _ => Err(KEY_LENGTH),
    }
}

fn open<C>(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError>
where
    C: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit,
{
    let cipher = kek::<C>(key)?;
    let (text, tag) = sealed
        .split_last_chunk::<16>()
        .ok_or(CryptoError::Rejected)?;
    let mut plaintext = Zeroizing::new(text.to_vec());
    let buffer = plaintext.as_mut_slice().into();
    let opened = cipher.decrypt_inout_detached(&(*nonce).into(), aad, buffer, &(*tag).into());
    opened.map_err(|_| CryptoError::Rejected)?;
    Ok(plaintext)
}

pub(super) fn cbc_encrypt(
    key: &[u8],
    iv: &[u8; 16],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    match key.len() {
        16 => encrypt::<Encryptor<Aes128>>(key, iv, plaintext),
        24 => encrypt::<Encryptor<Aes192>>(key, iv, plaintext),
        32 => encrypt::<Encryptor<Aes256>>(key, iv, plaintext),
        _ => Err(KEY_LENGTH),
    }
}

fn encrypt<C>(key: &[u8], iv: &[u8; 16], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError>
where
    C: BlockModeEncrypt<BlockSize = U16> + KeyIvInit,
{
    let cipher = C::new_from_slices(key, iv).map_err(|_| KEY_LENGTH)?;
    let mut text = vec![0; (plaintext.len() / 16 + 1) * 16];
    let encrypted = cipher.encrypt_padded_b2b::<Pkcs7>(plaintext, &mut text);
    encrypted.map_err(|_| CryptoError::Key("a plaintext too long for AES-CBC"))?;
    Ok(text)
}

pub(super) fn cbc_decrypt(
    key: &[u8],
    iv: &[u8; 16],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    match key.len() {
        16 => decrypt::<Decryptor<Aes128>>(key, iv, ciphertext),
        24 => decrypt::<Decryptor<Aes192>>(key, iv, ciphertext),
        32 => decrypt::<Decryptor<Aes256>>(key, iv, ciphertext),
        _ => Err(KEY_LENGTH),
    }
}

fn decrypt<C>(
    key: &[u8],
    iv: &[u8; 16],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError>
where
    C: BlockModeDecrypt<BlockSize = U16> + KeyIvInit,
{
    let cipher = C::new_from_slices(key, iv).map_err(|_| KEY_LENGTH)?;
    let mut text = Zeroizing::new(ciphertext.to_vec());
    let decrypted = cipher.decrypt_padded::<Pkcs7>(&mut text);
    let length = decrypted.map_err(|_| CryptoError::Rejected)?.len();
    text.truncate(length);
    Ok(text)
}
