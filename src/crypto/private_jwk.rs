//! One private or symmetric key as JSON (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use std::fmt;
use std::fmt::Write as _;

use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::json;
use crate::base::json::Object;
use crate::base::secret::Secret;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::Attributes;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jwk::Operation;
use crate::crypto::jwk::octets;
use crate::crypto::jwk::public_key;
use crate::crypto::jwk::text;
use crate::crypto::jwk::without_leading_zeros;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;

/// A key to keep, private or symmetric, with what is said of its use.
///
/// Wiped when dropped; `Debug` shows the public half. It is serialised by one named act alone,
/// [`to_private_json`](Self::to_private_json).
///
/// ```
/// use oauth_proto::crypto::private_jwk::PrivateJwk;
///
/// let key = PrivateJwk::parse(
///     r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
///         "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"2026"}"#,
/// )?;
/// let public = key.public().unwrap();
/// assert_eq!(public.kid(), Some("2026"));
/// assert!(!format!("{key:?}").contains("nWGx") && !public.to_json().contains("\"d\""));
/// # Ok::<(), oauth_proto::crypto::jwk::KeyFault>(())
/// ```
#[derive(Clone)]
pub struct PrivateJwk {
    pub(super) material: Material,
    pub(super) attributes: Attributes,
}

/// What the key is made of.
#[derive(Clone)]
pub(super) enum Material {
    Pair(PrivateKey),
    Symmetric(Zeroizing<Vec<u8>>),
}

impl PrivateJwk {
    /// A private key of which nothing more is said.
    #[must_use]
    pub fn new(key: PrivateKey) -> Self {
        Self {
            material: Material::Pair(key),
            attributes: Attributes::default(),
        }
    }

    /// A symmetric key of which nothing more is said.
    #[must_use]
    pub fn symmetric(key: Zeroizing<Vec<u8>>) -> Self {
        Self {
            material: Material::Symmetric(key),
            attributes: Attributes::default(),
        }
    }

    /// Reads a private or symmetric key from JSON.
    ///
    /// An RSA key must have its Chinese remainder parameters (RFC 7518 §6.3.2 wants them beside `d`).
    ///
    /// # Errors
    ///
    /// [`KeyFault`]; [`KeyFault::Public`] where the key is a public one.
    pub fn parse(json: &str) -> Result<Self, KeyFault> {
        let object = json::object(json.as_bytes())?;
        let attributes = Attributes::read(&object)?;
        let material = if text(&object, "kty")? == "oct" {
            Material::Symmetric(secret(&object, "k")?)
        } else {
            let public = public_key(&object)?;
            let private = private_part(&public, &object)?;
            Material::Pair(PrivateKey::new(public, private))
        };
        Ok(Self {
            material,
            attributes,
        })
    }

    /// The public half with what is said of its use; none of a symmetric key.
    #[must_use]
    pub fn public(&self) -> Option<Jwk> {
        let key = self.private_key()?.public.clone();
        Some(Jwk::with_attributes(key, self.attributes.of_public_half()))
    }

    /// The key pair; none where the key is symmetric.
    #[must_use]
    pub fn private_key(&self) -> Option<&PrivateKey> {
        match &self.material {
            Material::Pair(pair) => Some(pair),
            Material::Symmetric(_) => None,
        }
    }

    /// Its name (RFC 7517 §4.5).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.attributes.kid.as_deref()
    }

    /// The algorithm it is for, by its registered name (RFC 7517 §4.4).
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.attributes.algorithm.as_deref()
    }

    /// The key with this name.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.attributes.kid = Some(kid.into());
        self
    }

    /// The key for this algorithm alone.
    #[must_use]
    pub fn with_algorithm(mut self, name: impl Into<String>) -> Self {
        self.attributes.algorithm = Some(name.into());
        self
    }

    /// Whether kind, curve, length, `use`, `key_ops` and `alg` let it sign with `algorithm`.
    #[must_use]
    pub fn can_sign(&self, algorithm: Algorithm) -> bool {
        self.is_for(algorithm) && self.attributes.permit(algorithm, Operation::Sign)
    }

    /// Whether it may verify: a symmetric key with HMAC. Of a key pair, the public half verifies.
    pub(super) fn can_verify_mac(&self, algorithm: Algorithm) -> bool {
        algorithm.is_mac()
            && self.is_for(algorithm)
            && self.attributes.permit(algorithm, Operation::Verify)
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        match &self.material {
            Material::Pair(pair) => pair.public.kind().signs(algorithm),
            // RFC 7518 §3.2: "A key of the same size as the hash output […] or larger MUST be used".
            Material::Symmetric(key) => algorithm.is_mac() && key.len() >= mac_key_len(algorithm),
        }
    }

    /// Whether kind, curve, length, `use`, `key_ops` and `alg` let it decrypt what was encrypted with
    /// `algorithm` and `encryption`.
    #[must_use]
    pub fn can_decrypt(&self, algorithm: KeyManagement, encryption: ContentEncryption) -> bool {
        self.manages(algorithm, encryption)
            && (self.attributes).permit_management(algorithm, Some(encryption), Operation::Decrypt)
    }

    pub(super) fn manages(&self, algorithm: KeyManagement, encryption: ContentEncryption) -> bool {
        match &self.material {
            Material::Pair(pair) => pair.public.manages(algorithm),
            Material::Symmetric(key) => match algorithm {
                KeyManagement::Dir => key.len() == encryption.key_len(),
                KeyManagement::A128Kw | KeyManagement::A128GcmKw => key.len() == 16,
                KeyManagement::A192Kw | KeyManagement::A192GcmKw => key.len() == 24,
                KeyManagement::A256Kw | KeyManagement::A256GcmKw => key.len() == 32,
                _ => false,
            },
        }
    }

    /// The key as JSON **with its private members**. Whoever stores it seals it.
    #[must_use]
    pub fn to_private_json(&self) -> Secret {
        let (kind, private) = match &self.material {
            Material::Symmetric(key) => {
                let kind = vec![("kty", "oct".to_owned())];
                (kind, vec![("k", key.as_slice())])
            }
            Material::Pair(pair) => (pair.public.members(), private_members(pair)),
        };
        let said = self
            .attributes
            .members(self.private_key().map(|key| &key.public));
        let mut public = String::new();
        // Nothing in the values of `kind` is escaped; writing to a string cannot fail.
        for (name, value) in kind {
            let _ = write!(public, ",\"{name}\":\"{value}\"");
        }
        for (name, value) in said {
            let _ = write!(public, ",\"{name}\":{value}");
        }
        // Wide enough for everything, so that no copy is left behind where it grew.
        let octets: usize = private
            .iter()
            .map(|(_, octets)| 2 * octets.len() + 12)
            .sum();
        let mut json = String::with_capacity(public.len() + octets);
        json.push('{');
        json.push_str(public.get(1..).unwrap_or_default());
        for (name, octets) in private {
            let _ = write!(json, ",\"{name}\":\"");
            base64url::encode_into(octets, &mut json);
            json.push('"');
        }
        json.push('}');
        Secret::new(json)
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PrivateJwk");
        match &self.material {
            Material::Pair(pair) => debug.field("key", pair),
            Material::Symmetric(_) => debug.field("key", &"symmetric"),
        };
        debug
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

/// How long an HMAC key is at least, in bytes (RFC 7518 §3.2).
pub(super) const fn mac_key_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs384 => 48,
        Algorithm::Hs512 => 64,
        _ => 32,
    }
}

fn private_members(pair: &PrivateKey) -> Vec<(&'static str, &[u8])> {
    match (&pair.private, &pair.public) {
        (
            PrivatePart::Rsa {
                d,
                p,
                q,
                dp,
                dq,
                qi,
            },
            _,
        ) => vec![
            ("d", &**d),
            ("p", &**p),
            ("q", &**q),
            ("dp", &**dp),
            ("dq", &**dq),
            ("qi", &**qi),
        ],
        (PrivatePart::Octets(octets), PublicKey::Akp { .. }) => vec![("priv", &**octets)],
        (PrivatePart::Octets(octets), _) => vec![("d", &**octets)],
    }
}

fn private_part(public: &PublicKey, object: &Object<'_>) -> Result<PrivatePart, KeyFault> {
    let (name, length) = match public {
        PublicKey::Rsa { .. } => return rsa_part(object),
        // RFC 7518 §6.2.2.1: "The length of this octet string MUST be ceiling(log-base-2(n)/8) octets".
        PublicKey::Ec { curve, .. } => ("d", curve.len()),
        PublicKey::Okp { .. } => ("d", 32),
        // FIPS 204 §5.1: a seed of 32 bytes.
        PublicKey::Akp { .. } => ("priv", 32),
    };
    if object.member(name).is_none() {
        return Err(KeyFault::Public);
    }
    let octets = secret(object, name)?;
    if octets.len() != length {
        return Err(KeyFault::Member(name));
    }
    Ok(PrivatePart::Octets(octets))
}

fn rsa_part(object: &Object<'_>) -> Result<PrivatePart, KeyFault> {
    if object.member("d").is_none() {
        return Err(KeyFault::Public);
    }
    // RFC 7518 §6.3.2.7: who does not support more than two primes "MUST NOT" use such a key.
    if object.member("oth").is_some() {
        return Err(KeyFault::OtherPrimes);
    }
    let number = |name| {
        let mut octets = secret(object, name)?;
        *octets = without_leading_zeros(std::mem::take(&mut *octets));
        Ok::<_, KeyFault>(octets)
    };
    Ok(PrivatePart::Rsa {
        d: number("d")?,
        p: number("p")?,
        q: number("q")?,
        dp: number("dp")?,
        dq: number("dq")?,
        qi: number("qi")?,
    })
}

fn secret(object: &Object<'_>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    octets(object, name).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 §A.1.
    const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    /// RFC 7515 §A.1.1.
    const OCT: &str = r#"{"kty":"oct",
        "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;

    #[test]
    fn what_was_written_is_read_again() {
        for json in [OKP, OCT] {
            for key in [
                PrivateJwk::parse(json).unwrap(),
                PrivateJwk::parse(json)
                    .unwrap()
                    .with_kid("a\"b")
                    .with_algorithm("x"),
            ] {
                let written = key.to_private_json();
                let again = PrivateJwk::parse(written.expose()).unwrap();
                assert_eq!(again.to_private_json(), written);
                assert_eq!(again.attributes, key.attributes);
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        for json in [OKP, OCT] {
            let key = PrivateJwk::parse(json).unwrap();
            let shown = format!("{key:?}");
            assert!(!shown.contains("157, 97"), "{shown}");
            assert!(!shown.contains("3, 35, 53"), "{shown}");
        }
    }

    #[test]
    fn the_public_half_does_what_the_other_side_does() {
        let json = OKP.replace(
            r#""kty":"OKP""#,
            r#""kty":"OKP","key_ops":["sign","x"],"kid":"k""#,
        );
        let key = PrivateJwk::parse(&json).unwrap();
        assert!(key.can_sign(Algorithm::EdDsa));
        let public = key.public().unwrap();
        assert!(public.can_verify(Algorithm::EdDsa));
        assert_eq!(public.kid(), Some("k"));
        assert!(Jwk::parse(&public.to_json()).is_ok());
        assert!(PrivateJwk::parse(OCT).unwrap().public().is_none());
    }

    #[test]
    fn a_symmetric_key_is_as_long_as_its_algorithm_demands() {
        let key = |length: usize| PrivateJwk::symmetric(Zeroizing::new(vec![7; length]));
        for (length, algorithms) in [(31, 0), (32, 1), (47, 1), (48, 2), (64, 3), (100, 3)] {
            let fit = Algorithm::ALL
                .iter()
                .filter(|algorithm| key(length).can_sign(**algorithm));
            assert_eq!(fit.count(), algorithms, "{length}");
        }
        let encryption = ContentEncryption::A256Gcm;
        assert!(key(32).can_decrypt(KeyManagement::Dir, encryption));
        assert!(key(32).can_decrypt(KeyManagement::A256Kw, encryption));
        assert!(!key(32).can_decrypt(KeyManagement::A128Kw, encryption));
        assert!(!key(16).can_decrypt(KeyManagement::Dir, encryption));
    }

    #[test]
    fn a_malformed_key_is_refused() {
        let parse = |json: &str| PrivateJwk::parse(json).map(|_| ()).unwrap_err();
        let public =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        assert_eq!(parse(public), KeyFault::Public);
        assert_eq!(parse(&OKP.replace("uf2A", "uf2")), KeyFault::Member("d"));
        assert_eq!(parse(&OKP.replace("yuf2A", "yu")), KeyFault::Member("d"));
        assert_eq!(parse(r#"{"kty":"oct"}"#), KeyFault::Missing("k"));
        let rsa = r#"{"kty":"RSA","n":"____","e":"AQAB""#;
        assert_eq!(parse(&format!("{rsa}}}")), KeyFault::Public);
        let bare = format!(r#"{rsa},"d":"AQAB"}}"#);
        assert_eq!(parse(&bare), KeyFault::Missing("p"));
        let more = format!(r#"{rsa},"d":"AQAB","oth":[]}}"#);
        assert_eq!(parse(&more), KeyFault::OtherPrimes);
    }
}
