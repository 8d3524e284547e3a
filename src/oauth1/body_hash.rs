//! `oauth_body_hash`: a body that is no form, covered by the signature.
//!
//! It is an extension of 2009 that never became a standard. Some servers demand it (LTI), some refuse
//! requests with a parameter that they do not know, and so it is off unless it is asked for.

use http::Request;

use crate::crypto::Crypto;
use crate::crypto::CryptoError;
use crate::crypto::hash::Hash;
use crate::oauth1::base_string::form_of;
use crate::oauth1::method::SignatureMethod;
use crate::oauth1::method::encoded;

/// Whether a body is hashed into the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyHash {
    /// It is not.
    #[default]
    Off,
    /// By the hash of the signature method; by SHA-1 for a method without one.
    OfMethod,
    /// By this hash.
    Of(Hash),
}

impl BodyHash {
    /// `oauth_body_hash` for `request`; none where it is off. A form has none either: its parameters are
    /// signed one by one.
    pub(crate) fn of(
        self,
        crypto: &dyn Crypto,
        method: &SignatureMethod,
        request: &Request<Vec<u8>>,
    ) -> Result<Option<String>, CryptoError> {
        let hash = match self {
            Self::Off => return Ok(None),
            Self::OfMethod => method.hash(),
            Self::Of(hash) => hash,
        };
        if form_of(request).is_some() {
            return Ok(None);
        }
        let digest = crypto.digest(hash, request.body())?;
        Ok(Some(encoded(&digest).expose().to_owned()))
    }
}
