//! AES by AWS-LC: key wrap (RFC 3394), GCM (NIST SP 800-38D), CBC with PKCS #7 padding (RFC 7518 §5.2).

use aws_lc_rs::aead::AES_128_GCM;
use aws_lc_rs::aead::AES_192_GCM;
use aws_lc_rs::aead::AES_256_GCM;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::cipher;
use aws_lc_rs::cipher::DecryptingKey;
use aws_lc_rs::cipher::DecryptionContext;
use aws_lc_rs::cipher::EncryptingKey;
use aws_lc_rs::cipher::EncryptionContext;
use aws_lc_rs::cipher::PaddedBlockDecryptingKey;
use aws_lc_rs::cipher::PaddedBlockEncryptingKey;
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap;
use aws_lc_rs::key_wrap::AesKek;
use aws_lc_rs::key_wrap::KeyWrap;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::crypto::CryptoError;

const KEY_LENGTH: CryptoError = CryptoError::Key("an AES key has 16, 24 or 32 bytes");

/// The initial value of RFC 3394 §2.2.3.1.
const WRAP_IV: [u8; 8] = [0xa6; 8];

pub(super) fn wrap(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    // RFC 3394 §2.2.1: at least two blocks of 64 bits.
    if key.len() < 16 || !key.len().is_multiple_of(8) {
        return Err(CryptoError::Key(
            "only whole 64-bit blocks can be wrapped, two at least",
        ));
    }
    let mut wrapped = vec![0; key.len() + 8];
    let done = match wrapping_key.len() {
        16 => AesKek::new(&key_wrap::AES_128, wrapping_key)
            .and_then(|kek| kek.wrap(key, &mut wrapped).map(drop)),
        24 => wrap_192(wrapping_key, key, &mut wrapped),
        32 => AesKek::new(&key_wrap::AES_256, wrapping_key)
            .and_then(|kek| kek.wrap(key, &mut wrapped).map(drop)),
        _ => return Err(KEY_LENGTH),
    };
    done.map_err(|_| CryptoError::Key("not a key that AES wraps"))?;
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
    let done = match wrapping_key.len() {
        16 => AesKek::new(&key_wrap::AES_128, wrapping_key)
            .and_then(|kek| kek.unwrap(wrapped, &mut key).map(drop)),
        32 => AesKek::new(&key_wrap::AES_256, wrapping_key)
            .and_then(|kek| kek.unwrap(wrapped, &mut key).map(drop)),
        _ => unwrap_192(wrapping_key, wrapped, &mut key),
    };
    done.map_err(|_| CryptoError::Rejected)?;
    Ok(key)
}

/// The index-based wrapping of RFC 3394 §2.2.1 for AES-192, for which the library has the block cipher
/// but no key wrap.
fn wrap_192(wrapping_key: &[u8], key: &[u8], wrapped: &mut [u8]) -> Result<(), Unspecified> {
    let cipher = UnboundCipherKey::new(&cipher::AES_192, wrapping_key)?;
    let cipher = EncryptingKey::ecb(cipher)?;
    let (integrity, registers) = wrapped.split_first_chunk_mut::<8>().ok_or(Unspecified)?;
    *integrity = WRAP_IV;
    registers.copy_from_slice(key);
    let mut block = Zeroizing::new([0; 16]);
    let mut step = 0_u64;
    for _ in 0..6 {
        for register in registers.chunks_exact_mut(8) {
            step += 1;
            let (left, right) = block.split_at_mut(8);
            left.copy_from_slice(integrity);
            right.copy_from_slice(register);
            cipher.encrypt(&mut *block)?;
            let (left, right) = block.split_at(8);
            integrity.copy_from_slice(left);
            register.copy_from_slice(right);
            count(integrity, step);
        }
    }
    Ok(())
}

/// The index-based unwrapping of RFC 3394 §2.2.2 for AES-192.
fn unwrap_192(wrapping_key: &[u8], wrapped: &[u8], key: &mut [u8]) -> Result<(), Unspecified> {
    let cipher = UnboundCipherKey::new(&cipher::AES_192, wrapping_key)?;
    let cipher = DecryptingKey::ecb(cipher)?;
    let (integrity, registers) = wrapped.split_first_chunk::<8>().ok_or(Unspecified)?;
    let mut integrity = *integrity;
    key.copy_from_slice(registers);
    let mut block = Zeroizing::new([0; 16]);
    let mut step = u64::try_from(6 * (key.len() / 8)).map_err(|_| Unspecified)?;
    for _ in 0..6 {
        for register in key.rchunks_exact_mut(8) {
            count(&mut integrity, step);
            step -= 1;
            let (left, right) = block.split_at_mut(8);
            left.copy_from_slice(&integrity);
            right.copy_from_slice(register);
            cipher.decrypt(&mut *block, DecryptionContext::None)?;
            let (left, right) = block.split_at(8);
            integrity.copy_from_slice(left);
            register.copy_from_slice(right);
        }
    }
    // RFC 3394 §2.2.3: what does not come back to the initial value was altered.
    if bool::from(integrity.ct_eq(&WRAP_IV)) {
        Ok(())
    } else {
        Err(Unspecified)
    }
}

/// Folds the number of the step into the integrity register.
fn count(integrity: &mut [u8; 8], step: u64) {
    *integrity = (u64::from_be_bytes(*integrity) ^ step).to_be_bytes();
}

pub(super) fn gcm_seal(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let key = gcm(key)?;
    let mut sealed = Vec::with_capacity(plaintext.len() + 16);
    sealed.extend_from_slice(plaintext);
    let done = key.seal_in_place_append_tag(Nonce::from(nonce), Aad::from(aad), &mut sealed);
    done.map_err(|_| CryptoError::Key("a plaintext too long for AES-GCM"))?;
    Ok(sealed)
}

pub(super) fn gcm_open(
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let key = gcm(key)?;
    let mut plaintext = Zeroizing::new(sealed.to_vec());
    let opened = key.open_in_place(Nonce::from(nonce), Aad::from(aad), &mut plaintext);
    let length = opened.map_err(|_| CryptoError::Rejected)?.len();
    plaintext.truncate(length);
    Ok(plaintext)
}

fn gcm(key: &[u8]) -> Result<LessSafeKey, CryptoError> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        24 => &AES_192_GCM,
        32 => &AES_256_GCM,
        _ => return Err(KEY_LENGTH),
    };
    let key = UnboundKey::new(algorithm, key).map_err(|_| KEY_LENGTH)?;
    Ok(LessSafeKey::new(key))
}

pub(super) fn cbc_encrypt(
    key: &[u8],
    iv: &[u8; 16],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(cbc(key)?).map_err(|_| KEY_LENGTH)?;
    // Room for the padding: the buffer holds the plaintext and must not be moved.
    let mut text = Vec::with_capacity(plaintext.len() + 16);
    text.extend_from_slice(plaintext);
    let iv = EncryptionContext::Iv128(FixedLength::from(iv));
    let done = key.less_safe_encrypt(&mut text, iv);
    done.map_err(|_| CryptoError::Key("a plaintext too long for AES-CBC"))?;
    Ok(text)
}

pub(super) fn cbc_decrypt(
    key: &[u8],
    iv: &[u8; 16],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(cbc(key)?).map_err(|_| KEY_LENGTH)?;
    let mut text = Zeroizing::new(ciphertext.to_vec());
    let iv = DecryptionContext::Iv128(FixedLength::from(iv));
    let length = key
        .decrypt(&mut text, iv)
        .map_err(|_| CryptoError::Rejected)?
        .len();
    text.truncate(length);
    Ok(text)
}

fn cbc(key: &[u8]) -> Result<UnboundCipherKey, CryptoError> {
    let algorithm = match key.len() {
        16 => &cipher::AES_128,
        24 => &cipher::AES_192,
        32 => &cipher::AES_256,
        _ => return Err(KEY_LENGTH),
    };
    UnboundCipherKey::new(algorithm, key).map_err(|_| KEY_LENGTH)
}
