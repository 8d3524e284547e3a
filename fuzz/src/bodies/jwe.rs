//! Invariant: whatever text is read as an encrypted token, reading does not panic and takes time linear
//! in its length. What is read is the one text of its five parts. A plaintext comes out only by the two
//! algorithms that were pinned and only where the tag was made with the key; a text that was altered
//! anywhere has none, and the fault does not say where. `zip` and what is critical never pass.
//!
//! Input: a digit. `0`: the text. `1`: a digit for the key management, a digit for the content
//! encryption, then the plaintext: it is encrypted with the key, and one byte of the text, at a place
//! that its length says, is altered to see it refused.

use std::sync::Arc;

use oauth_proto::base::base64url;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwe::JweFault;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::bodies::bytes::Bytes;
use crate::bodies::toy::Toy;

/// Beyond the 256 KiB that are read, so that the bound is met.
const LIMIT: usize = 300_000;

/// Whether a plaintext came out.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    if input.choice([false, true]) {
        let algorithm = input.choice([
            KeyManagement::Dir,
            KeyManagement::A128Kw,
            KeyManagement::A256Kw,
            KeyManagement::A128GcmKw,
        ]);
        let encryption = input.choice([
            ContentEncryption::A128Gcm,
            ContentEncryption::A256Gcm,
            ContentEncryption::A128CbcHs256,
            ContentEncryption::A256CbcHs512,
        ]);
        return there_and_back(algorithm, encryption, &input.text(LIMIT));
    }
    let text = String::from_utf8_lossy(&input.text(LIMIT)).into_owned();
    let jwe = match Jwe::parse(&text) {
        Ok(jwe) => jwe,
        Err(fault) => {
            assert!(!format!("{fault} {fault:?}").is_empty());
            return false;
        }
    };
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 5);
    for part in &parts {
        let bytes = base64url::decode(part).expect("every part was read");
        assert_eq!(base64url::encode(&bytes), **part);
    }
    let header = base64url::decode(parts[0]).expect("the header was read");
    let header: Map<String, Value> = serde_json::from_slice(&header).expect("it was read");
    assert_eq!(header["alg"], jwe.algorithm().as_str());
    assert_eq!(header["enc"], jwe.encryption().as_str());
    assert!(!header.contains_key("zip") && !header.contains_key("crit"));

    let (algorithm, encryption) = (jwe.algorithm(), jwe.encryption());
    let decrypter = decrypter(algorithm, encryption);
    check_pins(&jwe, &decrypter);
    match jwe.decrypt(algorithm, encryption, &decrypter) {
        Ok(_) => true,
        Err(fault) => {
            assert!(matches!(fault, JweFault::Decryption | JweFault::Crypto(_)));
            false
        }
    }
}

fn there_and_back(
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    plaintext: &[u8],
) -> bool {
    let key = key(algorithm, encryption);
    let crypto: Arc<dyn Crypto> = Arc::new(Toy);
    let encrypter = Encrypter::symmetric(crypto, &key, algorithm, encryption);
    let encrypter = encrypter.expect("the key fits");
    let text = encrypter.encrypt(plaintext, None).expect("all is there");
    let decrypter = decrypter(algorithm, encryption);
    let jwe = match Jwe::parse(&text) {
        Ok(jwe) => jwe,
        Err(fault) => {
            assert_eq!(fault, JweFault::TooLong);
            return false;
        }
    };
    let decrypted = jwe.decrypt(algorithm, encryption, &decrypter);
    assert_eq!(decrypted.expect("it is as it was").plaintext(), plaintext);

    let at = plaintext.len() % text.len();
    let mut altered = text.into_bytes();
    altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("ASCII");
    let outcome = Jwe::parse(&altered);
    let outcome = outcome.and_then(|jwe| jwe.decrypt(algorithm, encryption, &decrypter));
    assert!(outcome.is_err());
    true
}

fn check_pins(jwe: &Jwe<'_>, decrypter: &Decrypter) {
    let (algorithm, encryption) = (jwe.algorithm(), jwe.encryption());
    for other in KeyManagement::ALL {
        if other != algorithm {
            let outcome = jwe.clone().decrypt(other, encryption, decrypter);
            assert!(matches!(outcome, Err(JweFault::Algorithm { .. })));
        }
    }
    for other in ContentEncryption::ALL {
        if other != encryption {
            let outcome = jwe.clone().decrypt(algorithm, other, decrypter);
            assert!(matches!(outcome, Err(JweFault::Encryption { .. })));
        }
    }
}

/// A key that fits, or one of 32 bytes that does not.
fn key(algorithm: KeyManagement, encryption: ContentEncryption) -> PrivateJwk {
    let length = match algorithm {
        KeyManagement::Dir => encryption.key_len(),
        KeyManagement::A128Kw | KeyManagement::A128GcmKw => 16,
        KeyManagement::A192Kw | KeyManagement::A192GcmKw => 24,
        _ => 32,
    };
    PrivateJwk::symmetric(Zeroizing::new(vec![7; length]))
}

fn decrypter(algorithm: KeyManagement, encryption: ContentEncryption) -> Decrypter {
    let key = key(algorithm, encryption);
    Decrypter::new(Arc::new(Toy), &key).expect("the key is for something")
}
