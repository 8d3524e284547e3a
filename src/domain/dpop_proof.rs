//! A DPoP proof as a resource server reads it (RFC 9449 §4.3 and §7): every check, in one call.

use std::time::Duration;

use http::HeaderMap;
use http::Method;
use http::Uri;
use url::Url;

use crate::base::secret::constant_time_eq;
use crate::base::time::UnixTime;
use crate::crypto::Crypto;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::Jwk;
use crate::crypto::jws::Jws;
use crate::crypto::jwt::Claims;
use crate::crypto::verifier::Verifier;
use crate::domain::clocks;
use crate::domain::dpop;
use crate::domain::dpop::DPOP;
use crate::domain::error::Misuse;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// What a proof is held to: the request that it came with, and what is known of its sender.
///
/// ```
/// # #[cfg(feature = "aws-lc-rs")] {
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::crypto;
/// use oauth_proto::domain::dpop_proof::ExpectedProof;
///
/// // RFC 9449 §7.1.
/// let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtM\
///              zR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSm\
///              FqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIi\
///              wiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJ\
///              jZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NB\
///              cWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-j\
///              fxSYoMxhAJpLjA";
/// let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
/// let request = http::Request::get("https://resource.example.org/protectedresource")
///     .header("dpop", proof)
///     .body(())
///     .unwrap();
///
/// let crypto = crypto::default_provider();
/// let now = UnixTime::from_secs(1_562_262_620);
/// let proof = ExpectedProof::new(request.method(), request.uri())
///     .access_token(token, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
///     .validate(&*crypto, now, request.headers())?;
/// // To be kept until `proof.expires_at()`, by a `ReplayWindow` for one: a second proof with it is a replay.
/// assert_eq!(proof.jti(), "e1j3V_bKic8-LAEB");
/// # }
/// # Ok::<(), oauth_proto::domain::verdict::Violation>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExpectedProof<'a> {
    method: &'a Method,
    address: &'a Uri,
    token: Option<Token<'a>>,
    nonce: Option<&'a str>,
    algorithms: &'a [Algorithm],
    window: Duration,
}

/// The access token that came with a proof.
#[derive(Clone)]
struct Token<'a> {
    text: &'a str,
    jkt: &'a str,
}

/// How old a proof may be, and how far in the future, unless said otherwise. RFC 9449 §11.1: "on the
/// order of seconds or minutes".
const WINDOW: Duration = Duration::from_secs(60);

/// The longest `jti` that is handed out to be kept, in bytes. A bound of this crate.
const LONGEST_JTI: usize = 512;

/// What is taken unless said otherwise: every asymmetric algorithm that the crate knows.
const ALGORITHMS: [Algorithm; 15] = [
    Algorithm::Es256,
    Algorithm::Es256k,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Ed25519,
    Algorithm::EdDsa,
    Algorithm::MlDsa44,
    Algorithm::MlDsa65,
    Algorithm::MlDsa87,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
];

impl<'a> ExpectedProof<'a> {
    /// For a request by this method to this absolute address: the one that the client used, where a
    /// proxy stands between.
    #[must_use]
    pub fn new(method: &'a Method, address: &'a Uri) -> Self {
        Self {
            method,
            address,
            token: None,
            nonce: None,
            algorithms: &ALGORITHMS,
            window: WINDOW,
        }
    }

    /// The access token of the request, and the thumbprint that it is bound to: its `cnf.jkt`
    /// (RFC 9449 §6.1), verified or from introspection.
    #[must_use]
    pub fn access_token(mut self, token: &'a str, jkt: &'a str) -> Self {
        let text = token;
        self.token = Some(Token { text, jkt });
        self
    }

    /// The nonce that was given to this client (RFC 9449 §9).
    #[must_use]
    pub fn nonce(mut self, nonce: &'a str) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The algorithms that are taken; MACs never are.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &'a [Algorithm]) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// How old a proof may be, and how far in the future: 60 seconds unless said, and five minutes at most.
    ///
    /// # Errors
    ///
    /// [`Misuse::ClocksApart`] where it is more.
    pub fn window(mut self, window: Duration) -> Result<Self, Misuse> {
        clocks::check(window)?;
        self.window = window;
        Ok(self)
    }

    /// Validates the proof among the headers of the request.
    ///
    /// What is left to the caller is to refuse a proof whose [`jti`](DpopProof::jti) was seen before: that
    /// takes a store, such as a `ReplayWindow` and its `take_proof`.
    ///
    /// # Errors
    ///
    /// One of the `DPOP-PROOF-…` checks.
    pub fn validate(
        &self,
        crypto: &dyn Crypto,
        now: UnixTime,
        headers: &HeaderMap,
    ) -> Result<DpopProof, Violation> {
        let jws = Jws::parse(only(headers)?).map_err(|fault| unreadable(&fault))?;
        let (claims, key) = self.verify(crypto, jws)?;
        let issued_at = self.check_time(now, &claims)?;
        let jti = identifier(&claims)?;
        self.check_request(&claims)?;
        self.check_nonce(&claims)?;
        let thumbprint = key.thumbprint();
        self.check_token(crypto, &claims, &thumbprint)?;
        Ok(DpopProof {
            jti,
            thumbprint,
            issued_at,
            expires_at: self.end(issued_at),
        })
    }

    /// Type, algorithm, key and signature.
    fn verify(&self, crypto: &dyn Crypto, jws: Jws<'_>) -> Result<(Claims, Jwk), Violation> {
        let refused = Violation::new;
        if !jws.header().has_type(dpop::TYPE) {
            let refused = refused(Check::DpopProofTyp).expected(dpop::TYPE);
            return Err(match jws.header().typ() {
                Some(typ) => refused.received(typ),
                None => refused.received_nothing(),
            });
        }
        let algorithm = jws.algorithm();
        if algorithm.is_mac() || !self.algorithms.contains(&algorithm) {
            return Err(refused(Check::DpopProofAlg).received(algorithm.as_str()));
        }
        // "The JWT signature verifies with the public key contained in the jwk", which "does not
        // contain a private key".
        let unusable = |fault: &dyn std::fmt::Display| {
            refused(Check::DpopProofJwk)
                .expected("a public key")
                .received(fault.to_string())
        };
        let key = match jws.header().jwk() {
            Ok(Some(key)) => key,
            Ok(None) => return Err(refused(Check::DpopProofJwk).received_nothing()),
            Err(fault) => return Err(unusable(&fault)),
        };
        let verifier = Verifier::new(crypto, key.clone()).map_err(|fault| unusable(&fault))?;
        if !verifier.fits(algorithm) {
            return Err(unusable(&"a key of another kind"));
        }
        let verified = jws.verify(algorithm, &verifier).map_err(|fault| {
            refused(Check::DpopProofSignature)
                .expected("a proof that its own key signed")
                .received(fault.to_string())
        })?;
        let claims = verified.into_claims().map_err(|fault| unreadable(&fault))?;
        Ok((claims, key))
    }

    /// "The creation time of the JWT, as determined by either the iat claim or a server managed
    /// timestamp via the nonce claim, is within an acceptable window".
    fn check_time(&self, now: UnixTime, claims: &Claims) -> Result<UnixTime, Violation> {
        let refused = Violation::new(Check::DpopProofIat)
            .expected(format!("within {} s of {now}", self.window.as_secs()));
        let Some(issued_at) = claims.issued_at() else {
            return Err(refused.received_nothing());
        };
        if issued_at.since(now) > self.window || now.since(issued_at) > self.window {
            return Err(refused.received(issued_at.to_string()));
        }
        Ok(issued_at)
    }

    /// The first second at which [`check_time`](Self::check_time) refuses what was made at `issued_at`.
    fn end(&self, issued_at: UnixTime) -> UnixTime {
        let age = self.window.as_secs().saturating_add(1);
        issued_at.saturating_add(Duration::from_secs(age))
    }

    /// "The htm claim matches the HTTP method of the current request", and "the htu claim matches the
    /// HTTP URI value for the HTTP request [...] ignoring any query and fragment parts".
    fn check_request(&self, claims: &Claims) -> Result<(), Violation> {
        let method = required(claims, "htm", Check::DpopProofHtm)?;
        if method != self.method.as_str() {
            return Err(Violation::new(Check::DpopProofHtm)
                .expected(self.method.as_str())
                .received(method));
        }
        let address = required(claims, "htu", Check::DpopProofHtu)?;
        let (own, its) = (self.address.to_string(), normal(&address));
        if its.is_none() || its != normal(&own) {
            return Err(Violation::new(Check::DpopProofHtu)
                .expected(normal(&own).unwrap_or_default())
                .received(address));
        }
        Ok(())
    }

    /// "If the server provided a nonce value to the client, the nonce claim matches".
    fn check_nonce(&self, claims: &Claims) -> Result<(), Violation> {
        let Some(expected) = self.nonce else {
            return Ok(());
        };
        let nonce = required(claims, "nonce", Check::DpopProofNonce)?;
        if !constant_time_eq(nonce.as_bytes(), expected.as_bytes()) {
            return Err(Violation::new(Check::DpopProofNonce).secrets_differ());
        }
        Ok(())
    }

    /// "the value of the ath claim equals the hash of that access token", and "the public key to which
    /// the access token is bound matches the public key from the DPoP proof".
    fn check_token(
        &self,
        crypto: &dyn Crypto,
        claims: &Claims,
        thumbprint: &str,
    ) -> Result<(), Violation> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let ath = required(claims, "ath", Check::DpopProofAth)?;
        if !constant_time_eq(ath.as_bytes(), dpop::ath(crypto, token.text).as_bytes()) {
            return Err(Violation::new(Check::DpopProofAth).secrets_differ());
        }
        if !constant_time_eq(thumbprint.as_bytes(), token.jkt.as_bytes()) {
            return Err(Violation::new(Check::DpopProofJkt)
                .expected(token.jkt)
                .received(thumbprint));
        }
        Ok(())
    }
}

/// The thumbprint alone.
impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({})", self.jkt)
    }
}

/// A proof that passed every check but the one for replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    jti: String,
    thumbprint: String,
    issued_at: UnixTime,
    expires_at: UnixTime,
}

impl DpopProof {
    /// `jti`: to be kept until [`expires_at`](Self::expires_at), so that the proof is taken once
    /// (RFC 9449 §11.1).
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// The JWK Thumbprint of the key, by SHA-256.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// `iat`: when it was made.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The first moment at which the check of its age refuses it by itself.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

/// "There is not more than one DPoP HTTP request header field", and "the DPoP HTTP request header field
/// value is a single and well-formed JWT".
fn only(headers: &HeaderMap) -> Result<&str, Violation> {
    let mut values = headers.get_all(DPOP).iter();
    let refused = || Violation::new(Check::DpopProofHeader).expected("one proof");
    match (values.next(), values.next()) {
        (Some(value), None) => value
            .to_str()
            .map_err(|_| refused().received("bytes that are not ASCII")),
        (None, _) => Err(refused().received_nothing()),
        (Some(_), Some(_)) => Err(refused().received("several")),
    }
}

fn unreadable(fault: &dyn std::fmt::Display) -> Violation {
    Violation::new(Check::DpopProofForm)
        .expected("a JWT")
        .received(fault.to_string())
}

/// RFC 9449 §4.2: "jti: Unique identifier for the DPoP proof JWT."
fn identifier(claims: &Claims) -> Result<String, Violation> {
    let refused = Violation::new(Check::DpopProofJti);
    match claims.jti() {
        None => Err(refused.received_nothing()),
        Some(jti) if (1..=LONGEST_JTI).contains(&jti.len()) => Ok(jti.to_owned()),
        Some(_) => Err(refused.expected(format!("1 to {LONGEST_JTI} bytes"))),
    }
}

/// A claim that has to be there, as text.
fn required(claims: &Claims, name: &str, check: Check) -> Result<String, Violation> {
    match claims.member::<String>(name) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(Violation::new(check).received_nothing()),
        Err(fault) => Err(unreadable(&fault)),
    }
}

/// An address to compare: "servers SHOULD employ syntax-based normalization (Section 6.2.2 of
/// \[RFC3986\]) and scheme-based normalization (Section 6.2.3 of \[RFC3986\])", without query and
/// fragment. None where it is no http or https address.
fn normal(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(unescaped(url.as_str()))
}

/// RFC 3986 §6.2.2.1 and §6.2.2.2: octets that need no escape stand for themselves, and the others are
/// escaped in capitals.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octet = part
            .get(..2)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (octet, part.get(2..)) {
            (Some(octet), Some(rest)) => {
                if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
                    normal.push(char::from(octet));
                } else {
                    normal.push_str(&format!("%{octet:02X}"));
                }
                normal.push_str(rest);
            }
            _ => {
                normal.push('%');
                normal.push_str(part);
            }
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_after_normalization() {
        for (one, other) in [
            ("https://rs.example/a", "HTTPS://RS.example:443/a?b#c"),
            ("https://rs.example", "https://rs.example/"),
            ("https://rs.example/~a", "https://rs.example/%7ea"),
            ("https://rs.example/%2fa", "https://rs.example/%2Fa"),
            ("https://rs.example/a/../b", "https://rs.example/b"),
        ] {
            assert_eq!(normal(one), normal(other), "{one}");
            assert!(normal(one).is_some());
        }
        for (one, other) in [
            ("https://rs.example/a", "http://rs.example/a"),
            ("https://rs.example/a", "https://rs.example/A"),
            ("https://rs.example/a", "https://rs.example/a/"),
            ("https://rs.example/a", "https://rs.example:8443/a"),
            ("https://rs.example/%2Fa", "https://rs.example//a"),
        ] {
            assert_ne!(normal(one), normal(other), "{one}");
        }
        for none in ["", "/a", "urn:a:b", "rs.example/a"] {
            assert_eq!(normal(none), None, "{none}");
        }
    }

    #[test]
    fn every_asymmetric_algorithm_is_taken() {
        let known = Algorithm::ALL.into_iter().filter(|known| !known.is_mac());
        assert!(known.eq(ALGORITHMS));
    }
}
