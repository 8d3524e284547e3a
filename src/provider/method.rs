//! How the application proves who it is, as far as a record can say it.

use serde::Deserialize;
use serde::Serialize;
use serde::de::IntoDeserializer;
use serde::de::value;
use serde::de::value::StrDeserializer;

use crate::base::secret::Secret;
use crate::domain::authentication::Authentication;
use crate::oauth1::method::SignatureMethod;

/// A method of client authentication (OAuth 2) or of signature (OAuth 1.0a) that takes nothing but a
/// secret, by the name that it is registered under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Method {
    /// A public client of OAuth 2.
    #[serde(rename = "none")]
    None,
    /// Basic credentials: the default of OAuth 2 where there is a secret.
    #[serde(rename = "client_secret_basic")]
    ClientSecretBasic,
    /// Identifier and secret in the body.
    #[serde(rename = "client_secret_post")]
    ClientSecretPost,
    /// The default of OAuth 1.0a.
    #[serde(rename = "HMAC-SHA1")]
    HmacSha1,
    /// HMAC with SHA-256.
    #[serde(rename = "HMAC-SHA256")]
    HmacSha256,
    /// HMAC with SHA-512.
    #[serde(rename = "HMAC-SHA512")]
    HmacSha512,
    /// No signature, but the secrets themselves.
    #[serde(rename = "PLAINTEXT")]
    Plaintext,
}

impl Method {
    /// The method of this name, where a record can say it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// The method of OAuth 2 with this secret, or what is missing.
    pub(crate) fn authentication(
        method: Option<Self>,
        secret: Option<&Secret>,
    ) -> Result<Authentication, &'static str> {
        let own = match (method, secret) {
            (Some(Self::None), _) | (None, None) => return Ok(Authentication::None),
            (None | Some(Self::ClientSecretBasic), Some(secret)) => {
                Authentication::client_secret_basic(secret.clone())
            }
            (Some(Self::ClientSecretPost), Some(secret)) => {
                Authentication::client_secret_post(secret.clone())
            }
            (Some(Self::ClientSecretBasic | Self::ClientSecretPost), None) => {
                return Err("a secret");
            }
            (Some(Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512 | Self::Plaintext), _) => {
                return Err("an authentication method of OAuth 2");
            }
        };
        Ok(own)
    }

    /// The method of OAuth 1.0a with this secret, or what is missing.
    pub(crate) fn signature(
        method: Option<Self>,
        secret: Option<&Secret>,
    ) -> Result<SignatureMethod, &'static str> {
        let make = match method {
            None | Some(Self::HmacSha1) => SignatureMethod::hmac_sha1,
            Some(Self::HmacSha256) => SignatureMethod::hmac_sha256,
            Some(Self::HmacSha512) => SignatureMethod::hmac_sha512,
            Some(Self::Plaintext) => SignatureMethod::plaintext,
            Some(Self::None | Self::ClientSecretBasic | Self::ClientSecretPost) => {
                return Err("a signature method of OAuth 1.0a");
            }
        };
        secret.cloned().map(make).ok_or("a secret")
    }
}
