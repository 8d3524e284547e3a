//! Signature methods (RFC 5849 §3.4): how a client proves that a request is its own, and by what.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::percent;
use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::hash::Hash;
use crate::crypto::key::SigningKey;
use crate::crypto::signing::Scheme;
use crate::crypto::signing::SigningInput;

/// A signature method, with the client's own half of what it takes: the shared secret, or the RSA key.
///
/// `Debug` prints the name alone.
#[derive(Clone)]
pub struct SignatureMethod(Kind);

#[derive(Clone)]
enum Kind {
    Hmac(HmacHash, Secret),
    Rsa(RsaHash, RsaKey),
    Plaintext(Secret),
    Own(Arc<dyn OwnMethod>),
}

#[derive(Clone, Copy)]
enum HmacHash {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Copy)]
enum RsaHash {
    Sha1,
    Sha256,
    Sha512,
}

impl SignatureMethod {
    /// `HMAC-SHA1` (RFC 5849 §3.4.2) with the client's shared secret.
    ///
    /// The collisions of SHA-1 do no harm to HMAC, which is what RFC 5849 §4.11 says of it too.
    #[must_use]
    pub fn hmac_sha1(secret: impl Into<Secret>) -> Self {
        Self(Kind::Hmac(HmacHash::Sha1, secret.into()))
    }

    /// `HMAC-SHA256`: as HMAC-SHA1 with another hash, at servers that say so.
    #[must_use]
    pub fn hmac_sha256(secret: impl Into<Secret>) -> Self {
        Self(Kind::Hmac(HmacHash::Sha256, secret.into()))
    }

    /// `HMAC-SHA512`: as HMAC-SHA1 with another hash, at servers that say so.
    #[must_use]
    pub fn hmac_sha512(secret: impl Into<Secret>) -> Self {
        Self(Kind::Hmac(HmacHash::Sha512, secret.into()))
    }

    /// `RSA-SHA1` (RFC 5849 §3.4.3). A local key signs so only where the crypto capability does.
    #[must_use]
    pub fn rsa_sha1(key: impl Into<RsaKey>) -> Self {
        Self(Kind::Rsa(RsaHash::Sha1, key.into()))
    }

    /// `RSA-SHA256`: as RSA-SHA1 with another hash, at servers that say so.
    #[must_use]
    pub fn rsa_sha256(key: impl Into<RsaKey>) -> Self {
        Self(Kind::Rsa(RsaHash::Sha256, key.into()))
    }

    /// `RSA-SHA512`: as RSA-SHA1 with another hash, at servers that say so.
    #[must_use]
    pub fn rsa_sha512(key: impl Into<RsaKey>) -> Self {
        Self(Kind::Rsa(RsaHash::Sha512, key.into()))
    }

    /// `PLAINTEXT` (RFC 5849 §3.4.4): both secrets themselves are sent. It is never sent by http, nor in the
    /// query unless [`danger_secrets_in_query`](crate::oauth1::client::Client::danger_secrets_in_query) says
    /// so.
    #[must_use]
    pub fn plaintext(secret: impl Into<Secret>) -> Self {
        Self(Kind::Plaintext(secret.into()))
    }

    /// A method of the server's own: "Servers are free to implement and document their own custom methods"
    /// (RFC 5849 §3.4).
    #[must_use]
    pub fn own(method: Arc<dyn OwnMethod>) -> Self {
        Self(Kind::Own(method))
    }

    /// `oauth_signature_method`.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Hmac(HmacHash::Sha1, _) => "HMAC-SHA1",
            Kind::Hmac(HmacHash::Sha256, _) => "HMAC-SHA256",
            Kind::Hmac(HmacHash::Sha512, _) => "HMAC-SHA512",
            Kind::Rsa(RsaHash::Sha1, _) => "RSA-SHA1",
            Kind::Rsa(RsaHash::Sha256, _) => "RSA-SHA256",
            Kind::Rsa(RsaHash::Sha512, _) => "RSA-SHA512",
            Kind::Plaintext(_) => "PLAINTEXT",
            Kind::Own(method) => method.name(),
        }
    }

    /// The hash that the method is named after; SHA-1 for those that are named after none.
    pub(crate) fn hash(&self) -> Hash {
        match &self.0 {
            Kind::Hmac(HmacHash::Sha256, _) | Kind::Rsa(RsaHash::Sha256, _) => Hash::Sha256,
            Kind::Hmac(HmacHash::Sha512, _) | Kind::Rsa(RsaHash::Sha512, _) => Hash::Sha512,
            _ => Hash::Sha1,
        }
    }

    /// Whether the method sends the secrets themselves.
    pub(crate) fn sends_secrets(&self) -> bool {
        matches!(self.0, Kind::Plaintext(_))
    }

    /// The client's shared secret; none where there is a key.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match &self.0 {
            Kind::Hmac(_, secret) | Kind::Plaintext(secret) => Some(secret),
            Kind::Rsa(..) | Kind::Own(_) => None,
        }
    }

    pub(crate) fn is_rsa(&self) -> bool {
        matches!(self.0, Kind::Rsa(..))
    }

    /// Signs `base_string`, or says what a remote key is to sign. `token_secret` is empty where there is no
    /// token.
    ///
    /// To sign a request, take a [`SignedRequest`](crate::oauth1::signed::SignedRequest).
    ///
    /// # Errors
    ///
    /// [`CryptoError`] where the capability lacks what the method takes.
    pub fn sign(
        &self,
        crypto: &dyn Crypto,
        base_string: &str,
        token_secret: &str,
    ) -> Result<Signature, CryptoError> {
        match &self.0 {
            Kind::Hmac(hash, secret) => {
                let hash = match hash {
                    HmacHash::Sha1 => Hash::Sha1,
                    HmacHash::Sha256 => Hash::Sha256,
                    HmacHash::Sha512 => Hash::Sha512,
                };
                let key = both(secret, token_secret);
                let digest = crypto.hmac(hash, key.as_bytes(), base_string.as_bytes())?;
                Ok(Signature::Ready(encoded(&digest)))
            }
            Kind::Rsa(hash, key) => {
                let scheme = match hash {
                    RsaHash::Sha1 => Scheme::RsaSha1,
                    RsaHash::Sha256 => Scheme::from(Algorithm::Rs256),
                    RsaHash::Sha512 => Scheme::from(Algorithm::Rs512),
                };
                key.sign(scheme, base_string)
            }
            Kind::Plaintext(secret) => {
                let mut text = both(secret, token_secret);
                Ok(Signature::Ready(Secret::from(std::mem::take(&mut *text))))
            }
            Kind::Own(method) => method
                .sign(base_string, token_secret)
                .map(|signature| Signature::Ready(Secret::from(signature))),
        }
    }
}

impl fmt::Debug for SignatureMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `oauth_signature`, or what is missing to make it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Signature {
    /// The value of `oauth_signature`, not yet percent-encoded.
    Ready(Secret),
    /// What a remote key is to sign. The value is the base64 of its answer.
    Remote(SigningInput),
}

/// The value of `oauth_signature` for a signature of bytes: base64 (RFC 5849 §3.4.2).
pub(crate) fn encoded(signature: &[u8]) -> Secret {
    Secret::from(base64url::standard(signature))
}

/// RFC 5849 §3.4.2: both secrets encoded, and "An "&" character [...] which MUST be included even when either
/// secret is empty".
fn both(secret: &Secret, token_secret: &str) -> Zeroizing<String> {
    let room = 1 + 3 * (secret.len() + token_secret.len());
    let mut both = Zeroizing::new(String::with_capacity(room));
    percent::encode_into(secret.expose(), &mut both);
    both.push('&');
    percent::encode_into(token_secret, &mut both);
    both
}

/// An RSA key of the client: one that a crypto capability has prepared, or one outside this process.
#[derive(Clone)]
pub struct RsaKey(Place);

#[derive(Clone)]
enum Place {
    Local(Arc<dyn SigningKey>),
    Remote(Arc<str>),
}

impl RsaKey {
    /// A key of this process, as [`Crypto::signing_key`] gives it.
    #[must_use]
    pub fn local(key: Arc<dyn SigningKey>) -> Self {
        Self(Place::Local(key))
    }

    /// A key that the caller knows as `key`: a flow asks it by
    /// [`Step::Sign`](crate::flow::Step::Sign) for the bare signature.
    #[must_use]
    pub fn remote(key: &str) -> Self {
        Self(Place::Remote(Arc::from(key)))
    }

    fn sign(&self, scheme: Scheme, base_string: &str) -> Result<Signature, CryptoError> {
        match &self.0 {
            Place::Local(key) => scheme
                .sign(&**key, base_string.as_bytes())
                .map(|signature| Signature::Ready(encoded(&signature))),
            Place::Remote(key) => Ok(Signature::Remote(SigningInput::new(
                &**key,
                scheme,
                base_string,
            ))),
        }
    }
}

impl From<Arc<dyn SigningKey>> for RsaKey {
    fn from(key: Arc<dyn SigningKey>) -> Self {
        Self::local(key)
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Local(_) => f.write_str("RsaKey(local)"),
            Place::Remote(key) => write!(f, "RsaKey({key:?})"),
        }
    }
}

/// A signature method that RFC 5849 does not know.
///
/// ```
/// use std::sync::Arc;
/// use oauth_proto::crypto::CryptoError;
/// use oauth_proto::oauth1::method::{OwnMethod, SignatureMethod};
///
/// #[derive(Debug)]
/// struct Length;
///
/// impl OwnMethod for Length {
///     fn name(&self) -> &str {
///         "LENGTH"
///     }
///
///     fn sign(&self, base_string: &str, _token_secret: &str) -> Result<String, CryptoError> {
///         Ok(base_string.len().to_string())
///     }
/// }
///
/// assert_eq!(SignatureMethod::own(Arc::new(Length)).name(), "LENGTH");
/// ```
pub trait OwnMethod: fmt::Debug + Send + Sync {
    /// `oauth_signature_method`.
    fn name(&self) -> &str;

    /// `oauth_signature` over the signature base string (RFC 5849 §3.4.1), not yet percent-encoded. The
    /// token's secret is empty where there is no token.
    ///
    /// # Errors
    ///
    /// Where it cannot be made. Nothing is sent then.
    fn sign(&self, base_string: &str, token_secret: &str) -> Result<String, CryptoError>;
}
