//! One public key as JSON (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) and its thumbprint (RFC 7638).
//!
//! A key to keep is another type, [`PrivateJwk`](crate::crypto::private_jwk::PrivateJwk), so that what
//! a peer publishes can neither sign nor be a shared secret here.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;
use sha2::Digest;
use sha2::Sha256;

use crate::base::base64url;
use crate::base::json;
use crate::base::json::JsonFault;
use crate::base::json::Object;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::key::EcCurve;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PublicKey;
use crate::crypto::key_check::ml_dsa_lengths;
use crate::crypto::key_management::KeyManagement;

mod attributes;

pub(in crate::crypto) use attributes::Attributes;
pub(in crate::crypto) use attributes::Operation;

/// The largest RSA modulus that is read, in bytes: 8192 bits. A larger one only costs time.
const MAX_MODULUS: usize = 1024;

/// The largest RSA exponent that is read, in bytes. Time grows with it; everyone has 65537.
const MAX_EXPONENT: usize = 8;

/// A public key with what its owner says of its use.
///
/// Members that are not known are ignored (RFC 7517 §4: "MUST be ignored").
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::jwk::Jwk;
///
/// let key = Jwk::parse(
///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// assert!(key.can_verify(Algorithm::EdDsa));
/// assert!(!key.can_verify(Algorithm::Es256));
/// # Ok::<(), oauth_proto::crypto::jwk::KeyFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    attributes: Attributes,
}

impl Jwk {
    /// A key of which nothing more is said.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self {
            key,
            attributes: Attributes::default(),
        }
    }

    /// Reads a key from JSON.
    ///
    /// An RSA modulus with leading zeros is read as the number it is; everything else has one form
    /// (RFC 7518 §6.2.1.2: the length "MUST be the full size of a coordinate").
    ///
    /// # Errors
    ///
    /// [`KeyFault`]; [`KeyFault::Private`] where a private member is there, or the key is symmetric.
    pub fn parse(json: &str) -> Result<Self, KeyFault> {
        Self::read(&json::object(json.as_bytes())?)
    }

    pub(super) fn read(object: &Object<'_>) -> Result<Self, KeyFault> {
        // RFC 7518 §6.3.2, §6.2.2, §6.4.1; the `priv` of an algorithm key pair.
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
        if private.iter().any(|name| object.member(name).is_some()) {
            return Err(KeyFault::Private);
        }
        Ok(Self {
            key: public_key(object)?,
            attributes: Attributes::read(object)?,
        })
    }

    pub(super) fn with_attributes(key: PublicKey, attributes: Attributes) -> Self {
        Self { key, attributes }
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
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

    /// `issuer`: for whose tokens alone it is, where it says so, as in the sets of Microsoft Entra ID. It may
    /// be a template, with `{tenantid}` for the tenant. Tokens are held to it where users of every tenant are
    /// let in (`Client::danger_tenant_issuer`).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.attributes.issuer.as_deref()
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

    /// The key for signatures alone: `"use": "sig"` (RFC 7517 §4.2).
    #[must_use]
    pub fn for_signatures(mut self) -> Self {
        self.attributes.usage = Some("sig".to_owned());
        self
    }

    /// The key for encryption alone: `"use": "enc"` (RFC 7517 §4.2).
    #[must_use]
    pub fn for_encryption(mut self) -> Self {
        self.attributes.usage = Some("enc".to_owned());
        self
    }

    /// Whether `kty`, curve, `use`, `key_ops` and `alg` let it verify with `algorithm`.
    #[must_use]
    pub fn can_verify(&self, algorithm: Algorithm) -> bool {
        self.key.kind().signs(algorithm) && self.attributes.permit(algorithm, Operation::Verify)
    }

    /// Whether `kty`, curve, `use`, `key_ops` and `alg` let one encrypt to it with `algorithm`.
    #[must_use]
    pub fn can_encrypt(&self, algorithm: KeyManagement) -> bool {
        self.key.manages(algorithm)
            && (self.attributes).permit_management(algorithm, None, Operation::Encrypt)
    }

    /// The thumbprint by SHA-256 in base64url (RFC 7638 §3).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.key.thumbprint()
    }

    /// The key as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A map of names to strings cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// As a JWK, with the members that are known here.
impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.key.members() {
            map.serialize_entry(name, &value)?;
        }
        for (name, value) in self.attributes.members(Some(&self.key)) {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl PublicKey {
    /// The thumbprint by SHA-256 in base64url (RFC 7638 §3).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // RFC 7638 §3.2: the required members alone, §3.3: in lexicographic order, no whitespace.
        let mut members = self.members();
        members.sort_unstable_by_key(|(name, _)| *name);
        let mut json = String::with_capacity(512);
        for (at, (name, value)) in members.iter().enumerate() {
            let separator = if at == 0 { '{' } else { ',' };
            // No value has a character that is escaped; writing to a string cannot fail.
            let _ = write!(json, "{separator}\"{name}\":\"{value}\"");
        }
        json.push('}');
        base64url::encode(&Sha256::digest(json.as_bytes()))
    }

    /// Whether a key of this kind and curve is for key management by `algorithm`.
    #[must_use]
    pub fn manages(&self, algorithm: KeyManagement) -> bool {
        match algorithm {
            KeyManagement::RsaOaep
            | KeyManagement::RsaOaep256
            | KeyManagement::RsaOaep384
            | KeyManagement::RsaOaep512 => matches!(self, Self::Rsa { .. }),
            KeyManagement::EcdhEs
            | KeyManagement::EcdhEsA128Kw
            | KeyManagement::EcdhEsA192Kw
            | KeyManagement::EcdhEsA256Kw => match self {
                Self::Ec { curve, .. } => *curve != EcCurve::Secp256k1,
                Self::Okp { curve, .. } => *curve == OkpCurve::X25519,
                Self::Rsa { .. } | Self::Akp { .. } => false,
            },
            _ => false,
        }
    }

    /// The members that every key of this kind has, as JSON.
    pub(super) fn to_value(&self) -> serde_json::Value {
        let members = self.members().into_iter();
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// The members that every key of this kind has, `kty` first.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        let text = str::to_owned;
        match self {
            Self::Rsa { n, e } => vec![
                ("kty", text("RSA")),
                ("n", base64url::encode(n)),
                ("e", base64url::encode(e)),
            ],
            Self::Ec { curve, x, y } => vec![
                ("kty", text("EC")),
                ("crv", text(curve.as_str())),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ],
            Self::Okp { curve, x } => vec![
                ("kty", text("OKP")),
                ("crv", text(curve.as_str())),
                ("x", base64url::encode(x)),
            ],
            Self::Akp { algorithm, public } => vec![
                ("kty", text("AKP")),
                ("alg", text(algorithm.as_str())),
                ("pub", base64url::encode(public)),
            ],
        }
    }
}

/// The public members of any key that has some.
pub(super) fn public_key(object: &Object<'_>) -> Result<PublicKey, KeyFault> {
    match &*text(object, "kty")? {
        "RSA" => {
            let n = without_leading_zeros(octets(object, "n")?);
            let e = without_leading_zeros(octets(object, "e")?);
            if n.is_empty() || n.len() > MAX_MODULUS {
                return Err(KeyFault::Member("n"));
            }
            if e.is_empty() || e.len() > MAX_EXPONENT {
                return Err(KeyFault::Member("e"));
            }
            Ok(PublicKey::Rsa { n, e })
        }
        "EC" => {
            let curve = match &*text(object, "crv")? {
                "P-256" => EcCurve::P256,
                "P-384" => EcCurve::P384,
                "P-521" => EcCurve::P521,
                "secp256k1" => EcCurve::Secp256k1,
                _ => return Err(KeyFault::Curve),
            };
            let x = octets_of(object, "x", curve.len())?;
            let y = octets_of(object, "y", curve.len())?;
            Ok(PublicKey::Ec { curve, x, y })
        }
        "OKP" => {
            let curve = match &*text(object, "crv")? {
                "Ed25519" => OkpCurve::Ed25519,
                "X25519" => OkpCurve::X25519,
                _ => return Err(KeyFault::Curve),
            };
            // RFC 8032 §5.1.5 and RFC 7748 §5: 32 octets.
            let x = octets_of(object, "x", 32)?;
            Ok(PublicKey::Okp { curve, x })
        }
        "AKP" => {
            let algorithm = text(object, "alg")?.parse().ok();
            let algorithm: Algorithm = algorithm.ok_or(KeyFault::Member("alg"))?;
            let lengths = ml_dsa_lengths(algorithm).ok_or(KeyFault::Member("alg"))?;
            let public = octets_of(object, "pub", lengths.public_key)?;
            Ok(PublicKey::Akp { algorithm, public })
        }
        "oct" => Err(KeyFault::Private),
        _ => Err(KeyFault::Kind),
    }
}

pub(super) fn text<'a>(object: &Object<'a>, name: &'static str) -> Result<Cow<'a, str>, KeyFault> {
    let value = object.member(name).ok_or(KeyFault::Missing(name))?;
    value.string().map_err(|_| KeyFault::Member(name))
}

pub(super) fn octets(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, KeyFault> {
    base64url::decode(&text(object, name)?).map_err(|_| KeyFault::Member(name))
}

fn octets_of(object: &Object<'_>, name: &'static str, length: usize) -> Result<Vec<u8>, KeyFault> {
    let octets = octets(object, name)?;
    if octets.len() != length {
        return Err(KeyFault::Member(name));
    }
    Ok(octets)
}

/// Some libraries write one zero before a modulus (RFC 7518 §6.3.1.1 warns of it).
pub(super) fn without_leading_zeros(mut octets: Vec<u8>) -> Vec<u8> {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    octets.drain(..zeros);
    octets
}

/// Why a key is refused. It tells nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// Not a strict JSON object.
    #[error("the key: {0}")]
    Json(#[from] JsonFault),
    /// A member that must be there is not.
    #[error("the key has no `{0}`")]
    Missing(&'static str),
    /// A member is of another type, form or length.
    #[error("the key's `{0}` is malformed")]
    Member(&'static str),
    /// The kind of key, `kty`, is not known.
    #[error("the kind of key is not known")]
    Kind,
    /// The curve, `crv`, is not known.
    #[error("the curve of the key is not known")]
    Curve,
    /// A public key was expected, and this is a private or symmetric one.
    #[error("a public key was expected, and this one is not")]
    Private,
    /// A private or symmetric key was expected, and this is a public one.
    #[error("a private key was expected, and this one is not")]
    Public,
    /// An RSA key of more than two primes (RFC 7518 §6.3.2.7).
    #[error("the RSA key has more than two primes")]
    OtherPrimes,
    /// A symmetric key is shorter than its MAC demands (RFC 7518 §3.2).
    #[error("the symmetric key is shorter than its algorithm demands")]
    Length,
    /// Kind, curve, `use`, `key_ops` or `alg` of the key do not let it be used so.
    #[error("the key is not for this use or algorithm")]
    Unfit,
    /// The text is not PEM, or its label is of no private key (RFC 7468).
    #[error("not a private key in PEM")]
    Pem,
    /// The private key is encrypted.
    #[error("the private key is encrypted: decrypt it first")]
    Encrypted,
    /// The bytes are no private key in DER that is known here.
    #[error("not a private key in DER")]
    Der,
    /// The cryptography refused it.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

#[cfg(test)]
mod tests;
