//! Codes, tokens and ids that are opaque to a client and the same in every run.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest as _;
use sha2::Sha256;

/// A source of opaque strings: SHA-256 over a seed and a counter. Nothing for production.
#[derive(Clone, Debug)]
pub(crate) struct Mint {
    seed: String,
    count: u64,
}

impl Mint {
    pub(crate) fn new(seed: &str) -> Self {
        let seed = seed.to_owned();
        Self { seed, count: 0 }
    }

    /// The next string: 43 characters of base64url, never the same twice.
    pub(crate) fn next(&mut self) -> String {
        self.count += 1;
        base64url_sha256(format!("{}#{}", self.seed, self.count).as_bytes())
    }
}

/// base64url of SHA-256, without padding: also the S256 transformation of RFC 7636 §4.2.
pub(crate) fn base64url_sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_is_that_of_rfc_7636_appendix_b() {
        let verifier = b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(base64url_sha256(verifier), challenge);
    }

    #[test]
    fn strings_differ_within_a_mint_and_repeat_between_runs() {
        let (mut one, mut same, mut other) = (Mint::new("a"), Mint::new("a"), Mint::new("b"));
        let first = one.next();
        assert_eq!(first.len(), 43);
        assert_eq!(first, same.next());
        assert_ne!(first, one.next());
        assert_ne!(first, other.next());
    }
}
