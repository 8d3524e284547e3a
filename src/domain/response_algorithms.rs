//! How a server's answers to this client are signed and encrypted, as the client is registered
//! (OpenID Connect Dynamic Client Registration 1.0 §2, RFC 9701 §6, JARM §3).

use std::fmt;

use crate::crypto::algorithm::Algorithm;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;

/// What the client is registered for, answer by answer.
///
/// An algorithm is pinned here before any key is chosen: a token that says another is refused,
/// whatever it is signed with. What is not said has the default of the specifications: ID tokens,
/// authorization responses and introspection responses are signed by one of the algorithms that the
/// server's metadata name, or by `RS256` where they name none; userinfo is plain JSON; nothing is
/// encrypted.
///
/// ```
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::key_management::{ContentEncryption, KeyManagement};
/// use oauth_proto::domain::response_algorithms::{Answer, ResponseAlgorithms};
///
/// let algorithms = ResponseAlgorithms::new()
///     // id_token_signed_response_alg
///     .signed(Answer::IdToken, Algorithm::Es256)
///     // userinfo_encrypted_response_alg, userinfo_encrypted_response_enc
///     .encrypted(Answer::Userinfo, KeyManagement::EcdhEs, ContentEncryption::A128CbcHs256);
/// assert_eq!(algorithms.signature(Answer::IdToken), Some(Algorithm::Es256));
/// assert_eq!(algorithms.signature(Answer::Userinfo), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResponseAlgorithms {
    protections: [Protection; Answer::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Protection {
    signed: Option<Algorithm>,
    encrypted: Option<(KeyManagement, ContentEncryption)>,
}

impl ResponseAlgorithms {
    /// The defaults of the specifications.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `…_signed_response_alg`: the answer is signed by this algorithm and no other.
    ///
    /// An `HS…` algorithm takes the client secret for its key.
    #[must_use]
    pub fn signed(mut self, answer: Answer, algorithm: Algorithm) -> Self {
        self.protections[answer as usize].signed = Some(algorithm);
        self
    }

    /// `…_encrypted_response_alg` and `…_encrypted_response_enc`: the answer is encrypted so, and in
    /// clear it is refused.
    #[must_use]
    pub fn encrypted(
        mut self,
        answer: Answer,
        algorithm: KeyManagement,
        encryption: ContentEncryption,
    ) -> Self {
        self.protections[answer as usize].encrypted = Some((algorithm, encryption));
        self
    }

    /// The algorithm that the answer is signed by, where it was said.
    #[must_use]
    pub fn signature(&self, answer: Answer) -> Option<Algorithm> {
        self.protections[answer as usize].signed
    }

    /// How the answer is encrypted, where it is.
    #[must_use]
    pub fn encryption(&self, answer: Answer) -> Option<(KeyManagement, ContentEncryption)> {
        self.protections[answer as usize].encrypted
    }

    /// Whether the answer is a JWT.
    #[must_use]
    pub fn is_jwt(&self, answer: Answer) -> bool {
        self.protections[answer as usize] != Protection::default()
    }
}

/// An answer that may be a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// An ID token (OpenID Connect Core 1.0 §2).
    IdToken,
    /// A userinfo response (OpenID Connect Core 1.0 §5.3.2).
    Userinfo,
    /// An introspection response (RFC 9701).
    Introspection,
    /// An authorization response (JARM).
    Authorization,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 4] = [
        Self::IdToken,
        Self::Userinfo,
        Self::Introspection,
        Self::Authorization,
    ];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "ID token",
            Self::Userinfo => "userinfo response",
            Self::Introspection => "introspection response",
            Self::Authorization => "authorization response",
        }
    }

    /// The member of the server's metadata that lists the algorithms it signs this answer by.
    pub(crate) const fn signing_algorithms_member(self) -> &'static str {
        match self {
            Self::IdToken => "id_token_signing_alg_values_supported",
            Self::Userinfo => "userinfo_signing_alg_values_supported",
            Self::Introspection => "introspection_signing_alg_values_supported",
            Self::Authorization => "authorization_signing_alg_values_supported",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_own() {
        for answer in Answer::ALL {
            let algorithms = ResponseAlgorithms::new()
                .signed(answer, Algorithm::Ps256)
                .encrypted(answer, KeyManagement::Dir, ContentEncryption::A256Gcm);
            for other in Answer::ALL {
                assert_eq!(algorithms.is_jwt(other), other == answer);
                assert_eq!(algorithms.signature(other).is_some(), other == answer);
                assert_eq!(algorithms.encryption(other).is_some(), other == answer);
            }
        }
        assert_eq!(ResponseAlgorithms::new(), ResponseAlgorithms::default());
    }
}
