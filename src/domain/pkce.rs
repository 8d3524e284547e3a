//! Proof Key for Code Exchange (RFC 7636): the code verifier and its challenge.

use crate::base::base64url;
use crate::base::percent;
use crate::crypto::Crypto;

/// How the challenge is made from the verifier (RFC 7636 §4.2).
///
/// `S256` unless a request says otherwise with one of its `danger_…` methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Challenge {
    #[default]
    S256,
    /// The verifier itself travels through the browser.
    Plain,
    /// No proof key: a stolen code can be redeemed by whoever stole it.
    Absent,
}

/// "code-verifier = 43*128unreserved" (RFC 7636 §4.1).
pub(crate) fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && percent::is_unreserved(text)
}

/// SHA-256 in base64url, in characters.
pub(crate) const S256_LENGTH: usize = 43;

/// `code_challenge = BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 §4.2).
pub(crate) fn s256<'b>(
    crypto: &dyn Crypto,
    verifier: &str,
    buffer: &'b mut [u8; S256_LENGTH],
) -> &'b str {
    base64url::encode_to_slice(&crypto.sha256(verifier.as_bytes()), buffer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::provider_system::System;

    #[test]
    fn s256_of_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let mut buffer = [0; S256_LENGTH];
        let challenge = s256(&System::new(), verifier, &mut buffer);
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        assert!(!is_verifier(&"a".repeat(42)));
        assert!(is_verifier(&"a".repeat(43)));
        assert!(is_verifier(&"~".repeat(128)));
        assert!(!is_verifier(&"a".repeat(129)));
        assert!(!is_verifier(&format!("{}\n", "a".repeat(43))));
        assert!(!is_verifier(&format!("{}+", "a".repeat(43))));
        assert!(!is_verifier(&"é".repeat(30)));
    }
}
