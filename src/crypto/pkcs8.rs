//! Private keys in PEM (RFC 7468) and DER: PKCS #8 (RFC 5958), and the older forms of one kind of key,
//! PKCS #1 for RSA (RFC 8017 §A.1.2) and SEC 1 for elliptic curves (RFC 5915).

use pkcs1::RsaPrivateKey;
use pkcs8::AlgorithmIdentifierRef;
use pkcs8::ObjectIdentifier;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::SecretDocument;
use pkcs8::der::Decode;
use pkcs8::der::Encode;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::asn1::UintRef;
use pkcs8::der::pem::LineEnding;
use sec1::EcParameters;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::jwk::KeyFault;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PrivateKey;
use crate::crypto::key::PrivatePart;
use crate::crypto::key::PublicKey;

/// RFC 8017 §C.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// RFC 5480 §2.1.1.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// RFC 5480 §2.1.1.1, and SEC 2 §A.2.1 for secp256k1.
const CURVES: [(EcCurve, ObjectIdentifier); 4] = [
    (
        EcCurve::P256,
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ),
    (EcCurve::P384, ObjectIdentifier::new_unwrap("1.3.132.0.34")),
    (EcCurve::P521, ObjectIdentifier::new_unwrap("1.3.132.0.35")),
    (
        EcCurve::Secp256k1,
        ObjectIdentifier::new_unwrap("1.3.132.0.10"),
    ),
];

/// RFC 8410 §3.
const OCTET_KEY_PAIRS: [(OkpCurve, ObjectIdentifier); 2] = [
    (
        OkpCurve::Ed25519,
        ObjectIdentifier::new_unwrap("1.3.101.112"),
    ),
    (
        OkpCurve::X25519,
        ObjectIdentifier::new_unwrap("1.3.101.110"),
    ),
];

/// Reads a private key from PEM: the first block whose label is of one.
///
/// A key that is stored without its public half gets it from `crypto`.
///
/// # Errors
///
/// [`KeyFault::Pem`] where no block is of a private key, [`KeyFault::Encrypted`],
/// [`KeyFault::Kind`] or [`KeyFault::Curve`] where the kind of key is not known here,
/// [`KeyFault::Der`] where it is malformed, [`KeyFault::Crypto`].
///
/// ```
/// # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))] {
/// use oauth_proto::crypto::pkcs8;
/// use oauth_proto::crypto::private_jwk::PrivateJwk;
///
/// // RFC 8410 §10.3.
/// let pem = "-----BEGIN PRIVATE KEY-----\n\
///     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
///     -----END PRIVATE KEY-----\n";
/// let crypto = oauth_proto::crypto::default_provider();
/// let key = PrivateJwk::new(pkcs8::from_pem(&*crypto, pem)?);
/// assert!(key.public().is_some());
/// # }
/// # Ok::<(), oauth_proto::crypto::jwk::KeyFault>(())
/// ```
pub fn from_pem(crypto: &dyn Crypto, pem: &str) -> Result<PrivateKey, KeyFault> {
    let block = private_block(pem).ok_or(KeyFault::Pem)?;
    let (label, document) = SecretDocument::from_pem(block).map_err(|_| KeyFault::Pem)?;
    match label {
        "PRIVATE KEY" => from_der(crypto, document.as_bytes()),
        "RSA PRIVATE KEY" => rsa(document.as_bytes()),
        "EC PRIVATE KEY" => ec(crypto, document.as_bytes(), None),
        "ENCRYPTED PRIVATE KEY" => Err(KeyFault::Encrypted),
        _ => Err(KeyFault::Pem),
    }
}

/// Reads a private key from DER: PKCS #8, PKCS #1 or SEC 1.
///
/// # Errors
///
/// As [`from_pem`], but for those of PEM.
pub fn from_der(crypto: &dyn Crypto, der: &[u8]) -> Result<PrivateKey, KeyFault> {
    let Ok(info) = PrivateKeyInfoRef::try_from(der) else {
        return match rsa(der) {
            Err(KeyFault::Der) => ec(crypto, der, None),
            read => read,
        };
    };
    let private = info.private_key.as_bytes();
    let oid = info.algorithm.oid;
    if oid == RSA {
        return rsa(private);
    }
    if oid == EC {
        let named = info.algorithm.parameters_oid();
        return ec(crypto, private, Some(named.map_err(|_| KeyFault::Curve)?));
    }
    let known = OCTET_KEY_PAIRS.into_iter().find(|(_, known)| *known == oid);
    let (curve, _) = known.ok_or(KeyFault::Kind)?;
    // RFC 8410 §7: the key is an octet string within the octet string.
    let octets = <&OctetStringRef>::from_der(private).map_err(|_| KeyFault::Der)?;
    let octets = Zeroizing::new(octets.as_bytes().to_vec());
    if octets.len() != 32 {
        return Err(KeyFault::Der);
    }
    let public = match info.public_key.and_then(|bits| bits.as_bytes()) {
        Some(x) if x.len() == 32 => PublicKey::Okp {
            curve,
            x: x.to_vec(),
        },
        Some(_) => return Err(KeyFault::Der),
        None => crypto.public_half(KeyKind::Okp(curve), &octets)?,
    };
    Ok(PrivateKey::new(public, PrivatePart::Octets(octets)))
}

/// Writes a private key as PKCS #8 in PEM, **its private half in clear**. Whoever stores it seals it.
///
/// # Errors
///
/// [`KeyFault::Kind`] for ML-DSA.
pub fn to_pem(key: &PrivateKey) -> Result<Secret, KeyFault> {
    let document = document(key)?;
    let pem = document.to_pem("PRIVATE KEY", LineEnding::LF);
    let mut pem = pem.map_err(|_| KeyFault::Der)?;
    Ok(Secret::new(std::mem::take(&mut *pem)))
}

fn document(key: &PrivateKey) -> Result<SecretDocument, KeyFault> {
    let (oid, parameters, private) = match (&key.public, &key.private) {
        (PublicKey::Rsa { n, e }, PrivatePart::Rsa { .. }) => {
            let private = rsa_der(n, e, &key.private)?;
            (RSA, Some(AnyRef::NULL), private)
        }
        (PublicKey::Ec { curve, x, y }, PrivatePart::Octets(scalar)) => {
            let point = [&[4], x.as_slice(), y].concat();
            let private = EcPrivateKey {
                private_key: scalar,
                parameters: None,
                public_key: Some(&point),
            };
            let named = CURVES.iter().find(|(known, _)| known == curve);
            let (_, named) = named.ok_or(KeyFault::Curve)?;
            let private = private.to_der().map_err(|_| KeyFault::Der)?;
            (EC, Some(AnyRef::from(named)), private)
        }
        (PublicKey::Okp { curve, .. }, PrivatePart::Octets(octets)) => {
            let octets = OctetStringRef::new(octets).map_err(|_| KeyFault::Der)?;
            let named = OCTET_KEY_PAIRS.iter().find(|(known, _)| known == curve);
            let (_, oid) = named.ok_or(KeyFault::Curve)?;
            let private = octets.to_der().map_err(|_| KeyFault::Der)?;
            (*oid, None, private)
        }
        _ => return Err(KeyFault::Kind),
    };
    let private = Zeroizing::new(private);
    let algorithm = AlgorithmIdentifierRef { oid, parameters };
    let private = OctetStringRef::new(&private).map_err(|_| KeyFault::Der)?;
    let info = PrivateKeyInfoRef::new(algorithm, private);
    SecretDocument::encode_msg(&info).map_err(|_| KeyFault::Der)
}

fn rsa_der(n: &[u8], e: &[u8], private: &PrivatePart) -> Result<Vec<u8>, KeyFault> {
    let PrivatePart::Rsa {
        d,
        p,
        q,
        dp,
        dq,
        qi,
    } = private
    else {
        return Err(KeyFault::Kind);
    };
    let number = |octets| UintRef::new(octets).map_err(|_| KeyFault::Der);
    let key = RsaPrivateKey {
        modulus: number(n)?,
        public_exponent: number(e)?,
        private_exponent: number(d)?,
        prime1: number(p)?,
        prime2: number(q)?,
        exponent1: number(dp)?,
        exponent2: number(dq)?,
        coefficient: number(qi)?,
        other_prime_infos: None,
    };
    key.to_der().map_err(|_| KeyFault::Der)
}

fn rsa(der: &[u8]) -> Result<PrivateKey, KeyFault> {
    let key = RsaPrivateKey::<UintRef<'_>>::from_der(der).map_err(|_| KeyFault::Der)?;
    if key.other_prime_infos.is_some() {
        return Err(KeyFault::OtherPrimes);
    }
    let secret = |number: UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    let public = PublicKey::Rsa {
        n: key.modulus.as_bytes().to_vec(),
        e: key.public_exponent.as_bytes().to_vec(),
    };
    let private = PrivatePart::Rsa {
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    };
    Ok(PrivateKey::new(public, private))
}

/// `named` is the curve that PKCS #8 says around the key.
fn ec(
    crypto: &dyn Crypto,
    der: &[u8],
    named: Option<ObjectIdentifier>,
) -> Result<PrivateKey, KeyFault> {
    let key = EcPrivateKey::from_der(der).map_err(|_| KeyFault::Der)?;
    let own = key.parameters.and_then(EcParameters::named_curve);
    let oid = match (named, own) {
        (Some(named), Some(own)) if named != own => return Err(KeyFault::Der),
        (Some(named), _) => named,
        (None, own) => own.ok_or(KeyFault::Curve)?,
    };
    let curve = CURVES.into_iter().find(|(_, known)| *known == oid);
    let (curve, _) = curve.ok_or(KeyFault::Curve)?;
    // RFC 5915 §3: "an octet string of length ceiling (log2(n)/8)".
    if key.private_key.len() != curve.len() {
        return Err(KeyFault::Der);
    }
    let public = match key.public_key {
        Some(point) => PublicKey::from_point(curve, point).ok_or(KeyFault::Der)?,
        None => crypto.public_half(KeyKind::Ec(curve), key.private_key)?,
    };
    let octets = Zeroizing::new(key.private_key.to_vec());
    Ok(PrivateKey::new(public, PrivatePart::Octets(octets)))
}

impl PublicKey {
    /// The EC key at an uncompressed point (SEC 1 §2.3.3); none where it is in another form or length.
    pub(super) fn from_point(curve: EcCurve, point: &[u8]) -> Option<Self> {
        let (&4, coordinates) = point.split_first()? else {
            return None;
        };
        let (x, y) = coordinates.split_at_checked(curve.len())?;
        let (x, y) = (x.to_vec(), y.to_vec());
        (y.len() == curve.len()).then_some(Self::Ec { curve, x, y })
    }
}

/// The first block of PEM whose label ends as those of private keys do. Tools write the parameters of
/// a curve, or a certificate, before the key.
fn private_block(pem: &str) -> Option<&str> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut rest = pem;
    loop {
        rest = rest.get(rest.find(BEGIN)?..)?;
        let (label, _) = rest.get(BEGIN.len()..)?.split_once("-----")?;
        let end = rest.find(END)?;
        let tail = rest.get(end + END.len()..)?;
        let (_, after) = tail.split_once("-----")?;
        if label.ends_with("PRIVATE KEY") {
            return rest.get(..rest.len() - after.len());
        }
        rest = after;
    }
}
