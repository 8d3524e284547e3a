//! Deriving a key from an agreed secret (RFC 7518 §4.6.2): the Concat KDF of NIST SP 800-56A with
//! SHA-256.

use zeroize::Zeroizing;

use crate::crypto::Crypto;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;

/// What the derived key is for: `AlgorithmID` and `keydatalen` in bytes.
pub(in crate::crypto) fn purpose(
    algorithm: KeyManagement,
    encryption: ContentEncryption,
) -> (&'static str, usize) {
    match algorithm {
        KeyManagement::EcdhEsA128Kw => (algorithm.as_str(), 16),
        KeyManagement::EcdhEsA192Kw => (algorithm.as_str(), 24),
        KeyManagement::EcdhEsA256Kw => (algorithm.as_str(), 32),
        // RFC 7518 §4.6.2: with direct key agreement the identifier is that of `enc`.
        _ => (encryption.as_str(), encryption.key_len()),
    }
}

/// Derives `length` bytes from the shared secret Z.
pub(in crate::crypto) fn derive(
    crypto: &dyn Crypto,
    shared: &[u8],
    (identifier, length): (&str, usize),
    party_u: &[u8],
    party_v: &[u8],
) -> Zeroizing<Vec<u8>> {
    let [bits] = [length * 8].map(word);
    let mut derived = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(32)));
    let mut round = 1_u32;
    while derived.len() < length {
        let counter = round.to_be_bytes();
        let parts: [&[u8]; 9] = [
            &counter,
            shared,
            &word(identifier.len()),
            identifier.as_bytes(),
            &word(party_u.len()),
            party_u,
            &word(party_v.len()),
            party_v,
            &bits,
        ];
        let input = Zeroizing::new(parts.concat());
        let digest = Zeroizing::new(crypto.sha256(&input));
        derived.extend_from_slice(&*digest);
        round += 1;
    }
    derived.truncate(length);
    derived
}

/// A length as 32 bits, big-endian. Nothing here is near the limit.
fn word(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::base64url;
    use crate::crypto::provider_system::System;

    /// RFC 7518 §C, from Z on.
    #[test]
    fn rfc_7518_appendix_c() {
        let shared = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49,
            110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let purpose = purpose(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
        assert_eq!(purpose, ("A128GCM", 16));
        let derived = derive(&System::new(), &shared, purpose, b"Alice", b"Bob");
        assert_eq!(base64url::encode(&derived), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn a_long_key_takes_two_rounds() {
        let purpose = ("A256CBC-HS512", 64);
        let derived = derive(&System::new(), b"z", purpose, b"", b"");
        assert_eq!(derived.len(), 64);
        assert_ne!(derived[..32], derived[32..]);
    }
}
