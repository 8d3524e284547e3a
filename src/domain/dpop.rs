//! DPoP (RFC 9449 §4, §5 and §6): the key of a client, and a proof with every request that a token is
//! bound by.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use http::HeaderMap;
use http::HeaderName;
use http::Method;
use http::Uri;

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::uri::origin_of;
use crate::crypto::Crypto;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::Jwk;
use crate::crypto::jwk::KeyFault;
use crate::crypto::jwt::Builder;
use crate::crypto::key::KeyKind;
use crate::crypto::private_jwk::PrivateJwk;
use crate::crypto::signer::Signed;
use crate::crypto::signer::Signer;
use crate::domain::client::Client;
use crate::domain::dpop_nonces;
use crate::domain::dpop_nonces::Nonces;
use crate::domain::dpop_nonces::Role;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Metadata;
use crate::domain::statement;

/// A key that tokens are bound to: whoever has such a token and not the key has nothing.
///
/// One key for one user's tokens, or one for the whole client: both work. Cheap to clone. `Debug` shows
/// the public half's thumbprint.
///
/// ```
/// # #[cfg(feature = "aws-lc-rs")]
/// # {
/// use oauth_proto::crypto;
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::domain::dpop::DpopKey;
///
/// let crypto = crypto::default_provider();
/// let key = DpopKey::generate(&crypto, Algorithm::Es256)?;
/// let kept = key.to_private_json().unwrap();
/// let again = DpopKey::parse(&crypto, kept.expose())?;
/// assert_eq!(again.thumbprint(), key.thumbprint());
/// # }
/// # Ok::<(), oauth_proto::crypto::jwk::KeyFault>(())
/// ```
#[derive(Clone)]
pub struct DpopKey {
    signer: Signer,
    public: Arc<Jwk>,
    thumbprint: Arc<str>,
    /// None where the key is elsewhere.
    private: Option<Arc<PrivateJwk>>,
}

impl DpopKey {
    /// A new key for this algorithm, in this process.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the algorithm is a MAC, [`KeyFault::Crypto`] where the capability makes
    /// no such keys.
    pub fn generate(crypto: &Arc<dyn Crypto>, algorithm: Algorithm) -> Result<Self, KeyFault> {
        let kind = KeyKind::of(algorithm).ok_or(KeyFault::Unfit)?;
        Self::new(crypto, &PrivateJwk::new(crypto.generate(kind)?), algorithm)
    }

    /// A private key in this process.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the key is not for the algorithm, or the algorithm is a MAC: a proof is
    /// signed by a "registered asymmetric digital signature algorithm" (RFC 9449 §4.3).
    pub fn new(
        crypto: &Arc<dyn Crypto>,
        key: &PrivateJwk,
        algorithm: Algorithm,
    ) -> Result<Self, KeyFault> {
        let public = key.public().ok_or(KeyFault::Unfit)?;
        let signer = Signer::new(crypto, key, algorithm)?;
        let private = key.clone().with_algorithm(algorithm.as_str());
        Ok(Self {
            private: Some(Arc::new(private)),
            ..Self::of(signer, public)
        })
    }

    /// A key elsewhere that the caller knows as `key`, and its public half: each proof is then a
    /// `Step::Sign`.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Unfit`] where the public half is not for the algorithm.
    pub fn remote(
        key: impl Into<Arc<str>>,
        algorithm: Algorithm,
        public: Jwk,
    ) -> Result<Self, KeyFault> {
        let signer = Signer::remote(key, algorithm).with_public(public.clone())?;
        Ok(Self::of(signer, public))
    }

    /// The key itself stands in the header: its name would add nothing.
    fn of(signer: Signer, public: Jwk) -> Self {
        Self {
            thumbprint: Arc::from(public.thumbprint()),
            signer: signer.without_kid(),
            public: Arc::new(public),
            private: None,
        }
    }

    /// Reads what [`to_private_json`](Self::to_private_json) wrote: a private JWK that says its `alg`.
    ///
    /// # Errors
    ///
    /// [`KeyFault`]; [`KeyFault::Missing`] where it says no `alg`.
    pub fn parse(crypto: &Arc<dyn Crypto>, json: &str) -> Result<Self, KeyFault> {
        let key = PrivateJwk::parse(json)?;
        let name = key.algorithm().ok_or(KeyFault::Missing("alg"))?;
        let algorithm = name.parse().map_err(|_| KeyFault::Member("alg"))?;
        Self::new(crypto, &key, algorithm)
    }

    /// The key as a JWK **with its private members**, and its `alg`; none where the key is elsewhere.
    /// Whoever stores it seals it.
    ///
    /// Nothing else here writes a key but what is named for it:
    /// [`StoredDpopKey`](crate::domain::stored_dpop_key::StoredDpopKey), the same in a versioned form, and
    /// [`BoundTokens`](crate::domain::bound_tokens::BoundTokens). Tokens are stored without the one that
    /// they are bound to.
    #[must_use]
    pub fn to_private_json(&self) -> Option<Secret> {
        self.private.as_ref().map(|key| key.to_private_json())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The JWK Thumbprint of the public half by SHA-256 (RFC 7638): `jkt` in tokens, `dpop_jkt` in
    /// authorization requests.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// Whether the signatures are made elsewhere.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.signer.is_remote()
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey")
            .field("algorithm", &self.algorithm())
            .field("thumbprint", &self.thumbprint)
            .field("is_remote", &self.is_remote())
            .finish()
    }
}

/// The key of a client, and the nonces that it was given. Clones share the nonces.
#[derive(Clone)]
pub(crate) struct Dpop {
    key: DpopKey,
    nonces: Arc<Mutex<Nonces>>,
    /// The algorithms of the authorization server, where that of the key is none of them.
    others: Option<Arc<str>>,
}

/// A proof for one request.
pub(crate) struct Proof {
    pub(crate) signed: Signed,
    pub(crate) sent: Proved,
}

/// What is remembered of a request that a proof went with.
#[derive(Clone)]
pub(crate) struct Proved {
    /// The nonce of the proof.
    pub(crate) nonce: Option<Arc<str>>,
}

/// Where the proof stands (RFC 9449 §4.1).
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The media type of a proof (RFC 9449 §4.2).
pub(crate) const TYPE: &str = "dpop+jwt";

/// The length of a thumbprint by SHA-256, in characters.
const THUMBPRINT: usize = 43;

/// Whether `text` is a JWK Thumbprint by SHA-256: "the base64url encoding [...] of the JWK SHA-256
/// Thumbprint" (RFC 9449 §6.1).
pub(crate) fn is_thumbprint(text: &str) -> bool {
    text.len() == THUMBPRINT && base64url::decode(text).is_ok()
}

/// The claim `ath`: "Hash of the access token", by SHA-256 of its ASCII, in base64url
/// (RFC 9449 §4.2).
pub(crate) fn ath(crypto: &dyn Crypto, access_token: &str) -> String {
    base64url::encode(&crypto.sha256(access_token.as_bytes()))
}

impl Dpop {
    fn new(key: DpopKey, metadata: &Metadata) -> Self {
        let own = key.algorithm().as_str();
        let listed = metadata.dpop_signing_alg_values_supported();
        let others = listed.filter(|listed| !listed.iter().any(|one| one == own));
        Self {
            key,
            nonces: Arc::default(),
            others: others.map(|others| Arc::from(others.join(", "))),
        }
    }

    pub(crate) fn key(&self) -> &DpopKey {
        &self.key
    }

    pub(crate) fn shared_thumbprint(&self) -> Arc<str> {
        Arc::clone(&self.key.thumbprint)
    }

    /// A proof for one request: `jti`, `htm`, `htu`, `iat`, with an access token its `ath`, and the
    /// newest nonce where the server gave one (RFC 9449 §4.2).
    ///
    /// # Errors
    ///
    /// [`Error::Crypto`].
    pub(crate) fn prove(
        &self,
        crypto: &dyn Crypto,
        now: UnixTime,
        role: Role,
        request: (&Method, &Uri),
        access_token: Option<&Secret>,
    ) -> Result<Proof, Error> {
        let (method, address) = request;
        let origin = origin_of(address);
        let nonce = origin.and_then(|origin| self.nonces().newest(role, &origin));
        let mut claims = Builder::new()
            .with("jti", statement::jti(crypto)?)
            .with("htm", method.as_str())
            .with("htu", htu(address))
            .with_time("iat", now);
        if let Some(token) = access_token {
            claims = claims.with("ath", ath(crypto, token.expose()));
        }
        if let Some(nonce) = &nonce {
            claims = claims.with("nonce", &**nonce);
        }
        let unsigned = claims.into_unsigned(TYPE).with_jwk(&self.key.public);
        Ok(Proof {
            signed: self.key.signer.sign(&unsigned)?,
            sent: Proved { nonce },
        })
    }

    /// Keeps the nonce of an answer from `address`, where it has one.
    pub(crate) fn learn(&self, role: Role, address: &Uri, headers: &HeaderMap) {
        if let (Some(nonce), Some(origin)) = (dpop_nonces::of(headers), origin_of(address)) {
            self.nonces().keep(role, origin, nonce);
        }
    }

    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// "The HTTP target URI [...] of the request to which the JWT is attached, without query and fragment
/// parts" (RFC 9449 §4.2).
fn htu(address: &Uri) -> String {
    let scheme = address.scheme_str().unwrap_or_default();
    let authority = address
        .authority()
        .map_or("", |authority| authority.as_str());
    [scheme, "://", authority, address.path()].concat()
}

impl Client {
    /// Binds tokens to this key (RFC 9449): a proof of it goes with every request to the token endpoint,
    /// with pushed requests and with calls of resources, and its thumbprint (`dpop_jkt`) with
    /// authorization requests, so that nobody else can redeem their codes (§10).
    ///
    /// Where the server lists the algorithms that it takes proofs by and that of the key is none of them,
    /// every request for tokens, and every one that leads to tokens, is
    /// [`Unsupported::DpopAlgorithm`]: nothing is sent, and no user is sent away.
    ///
    /// The server's tokens have to be bound then: an answer with another `token_type` than `DPoP` is
    /// refused. The nonces that servers give are kept here, apart for each origin and role.
    ///
    /// For a key for each user, clone the client and give each clone its own.
    #[must_use]
    pub fn with_dpop(self, key: DpopKey) -> Self {
        let dpop = Dpop::new(key, self.metadata());
        self.with_possession(dpop)
    }

    /// Refuses to ask for tokens by proofs that the server does not take (RFC 9449 §5.1).
    ///
    /// # Errors
    ///
    /// [`Unsupported::DpopAlgorithm`].
    pub(crate) fn check_proofs(&self) -> Result<(), Unsupported> {
        let dpop = self.dpop();
        let others = dpop.and_then(|dpop| Some((dpop, dpop.others.as_deref()?)));
        others.map_or(Ok(()), |(dpop, others)| {
            Err(Unsupported::DpopAlgorithm {
                algorithm: dpop.key.algorithm(),
                supported: others.to_owned(),
            })
        })
    }

    /// The key that tokens are bound to, where there is one.
    #[must_use]
    pub fn dpop_key(&self) -> Option<&DpopKey> {
        self.dpop().map(Dpop::key)
    }

    /// Refuses what is bound to another key than the client's.
    pub(crate) fn check_key(
        &self,
        what: &'static str,
        thumbprint: Option<&str>,
    ) -> Result<(), Misuse> {
        let own = self.dpop_key().map(DpopKey::thumbprint);
        match thumbprint {
            Some(bound) if own != Some(bound) => Err(Misuse::OtherKey {
                what,
                bound: bound.to_owned(),
                own: own.unwrap_or("none").to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn htu_is_the_address_as_it_is_without_query() {
        for (address, expected) in [
            ("https://rs.example/a/b?c=d", "https://rs.example/a/b"),
            (
                "https://RS.example:443/%7ea//b",
                "https://RS.example:443/%7ea//b",
            ),
            ("https://rs.example", "https://rs.example/"),
            ("https://rs.example?x", "https://rs.example/"),
        ] {
            assert_eq!(htu(&address.parse().unwrap()), expected);
        }
    }

    /// RFC 9449 §7.1.
    #[test]
    fn ath_of_the_example() {
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let crypto = crate::crypto::default_provider();
        assert_eq!(
            ath(&*crypto, token),
            "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
        );
    }

    #[test]
    fn a_thumbprint_is_43_characters_of_base64url() {
        assert!(is_thumbprint("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
        for other in [
            "",
            "k",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4=",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4IA",
        ] {
            assert!(!is_thumbprint(other), "{other}");
        }
    }
}
