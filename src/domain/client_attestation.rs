//! Attestation-based client authentication
//! ([draft-ietf-oauth-attestation-based-client-auth-10](https://datatracker.ietf.org/doc/draft-ietf-oauth-attestation-based-client-auth/10/)):
//! somebody else vouches for this instance of the client and its key, and the instance proves with
//! every request that it has the key.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::HeaderMap;
use http::HeaderName;
use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::crypto::jwt::Builder;
use crate::crypto::signer::Signed;
use crate::crypto::signer::Signer;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::statement;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// An attestation of this instance of the client, and the key that it names.
///
/// The attestation comes from the client's attester, which is not for this crate to talk to; it is
/// sent as it is, until it expires. Clones share the challenge that the server gave last.
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::signer::Signer;
/// use oauth_proto::domain::authentication::Authentication;
/// use oauth_proto::domain::client_attestation::ClientAttestation;
///
/// let instance_key = Signer::remote("secure-enclave", Algorithm::Es256);
/// let attestation = ClientAttestation::new("eyJ0eXAiOiJ…", instance_key);
/// let authentication = Authentication::attestation(attestation);
/// assert_eq!(authentication.method(), "attest_jwt_client_auth");
/// ```
#[derive(Clone, Debug)]
pub struct ClientAttestation {
    attestation: Secret,
    signer: Signer,
    challenge: Arc<Mutex<Option<Secret>>>,
}

/// The attestation (section 4).
pub(crate) const ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");
/// The proof of the key (section 5.1).
pub(crate) const PROOF: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");
/// A challenge for the next proof (section 6.2).
pub(crate) const CHALLENGE: HeaderName =
    HeaderName::from_static("oauth-client-attestation-challenge");

/// The media type of the proof (section 5.1).
const TYPE: &str = "oauth-client-attestation-pop+jwt";

/// The longest challenge that is kept, in bytes. A bound of this crate: it travels in a header.
const LONGEST_CHALLENGE: usize = 1024;

/// A proof for one request.
pub(crate) struct Proof {
    pub(crate) signed: Signed,
    pub(crate) sent: Challenged,
}

/// What is remembered of a request that a proof went with.
#[derive(Clone)]
pub(crate) struct Challenged {
    /// The challenge of the proof.
    challenge: Option<Secret>,
}

impl ClientAttestation {
    /// A Client Attestation JWT, and who signs with the key in its `cnf`.
    #[must_use]
    pub fn new(attestation: impl Into<Secret>, signer: Signer) -> Self {
        Self {
            attestation: attestation.into(),
            signer,
            challenge: Arc::default(),
        }
    }

    /// Proves the next time with this challenge, as the server's challenge endpoint gave it
    /// (section 6.1). Challenges in answers of the server take its place by themselves. Empty, or of
    /// more than 1024 bytes, it is none.
    #[must_use]
    pub fn with_challenge(self, challenge: impl Into<Secret>) -> Self {
        self.keep(challenge.into());
        self
    }

    pub(crate) fn keep(&self, challenge: Secret) {
        if !(1..=LONGEST_CHALLENGE).contains(&challenge.len()) {
            return;
        }
        let mut held = self
            .challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *held = Some(challenge);
    }

    fn challenge(&self) -> Option<Secret> {
        let held = self
            .challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    pub(crate) fn attestation(&self) -> &Secret {
        &self.attestation
    }

    /// Who signs the proofs.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// # Errors
    ///
    /// [`Misuse::SigningAlgorithm`] where the algorithm is a MAC: "The JWT MUST be digitally signed
    /// using an asymmetric cryptographic algorithm" (section 5.1). [`Misuse::Parameter`] where the
    /// attestation is no compact JWT.
    pub(crate) fn check(&self, method: &'static str) -> Result<(), Error> {
        let algorithm = self.signer.algorithm();
        if algorithm.is_mac() {
            let what = method;
            return Err(Misuse::SigningAlgorithm { what, algorithm }.into());
        }
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if self.attestation.is_empty() || !self.attestation.expose().bytes().all(is_token) {
            return Err(Misuse::Parameter {
                name: "OAuth-Client-Attestation",
                reason: "is no compact JWT",
            }
            .into());
        }
        Ok(())
    }

    /// A proof for one request: `aud`, `jti`, `iat`, and the newest challenge where there is one
    /// (section 5.1). "The Client MUST use this new Challenge for the next" (section 6.2).
    ///
    /// # Errors
    ///
    /// [`Misuse::NoAudience`], [`Error::Crypto`].
    pub(crate) fn prove(&self, client: &Client, now: UnixTime) -> Result<Proof, Error> {
        let mut claims = Builder::new()
            .with("aud", statement::audience(client, None)?)
            .with("jti", statement::jti(client.crypto())?)
            .with_time("iat", now);
        let challenge = self.challenge();
        if let Some(challenge) = &challenge {
            claims = claims.with("challenge", challenge.expose());
        }
        Ok(Proof {
            signed: self.signer.sign(&claims.into_unsigned(TYPE))?,
            sent: Challenged { challenge },
        })
    }

    /// Keeps the challenge of an answer, where it has one.
    pub(crate) fn learn(&self, headers: &HeaderMap) {
        if let Some(challenge) = challenge(headers) {
            self.keep(Secret::from(challenge));
        }
    }
}

/// The one challenge of an answer that can be used.
fn challenge(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(CHALLENGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let text = value.to_str().ok()?;
    (1..=LONGEST_CHALLENGE)
        .contains(&text.len())
        .then_some(text)
}

/// Whether a refusal demands a proof with the challenge that came (section 7.4).
///
/// No request is sent twice where the first may have been carried out: a demand is a 4xx.
pub(crate) fn is_demanded(refusal: &Refusal, response: &Response<Vec<u8>>) -> bool {
    response.status().is_client_error()
        && refusal.code() == Some(&ErrorCode::UseAttestationChallenge)
}

/// Holds a demand to what it has to say: a challenge, which comes with it (section 7.4), and another one than
/// was `sent`.
pub(crate) fn check_demand(headers: &HeaderMap, sent: &Challenged) -> Result<(), Violation> {
    let violation = || {
        Violation::new(Check::AttestationChallenge)
            .expected(format!("a new challenge of 1 to {LONGEST_CHALLENGE} bytes"))
    };
    let challenge = challenge(headers).ok_or_else(|| match headers.contains_key(CHALLENGE) {
        true => violation().received("none that can be used"),
        false => violation().received_nothing(),
    })?;
    match &sent.challenge {
        Some(sent) if sent.eq_text(challenge) => Err(violation().received("the one that was sent")),
        _ => Ok(()),
    }
}
