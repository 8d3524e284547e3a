//! Assertions as grants (RFC 7521 §4.1, RFC 7522 §2.1, RFC 7523 §2.1): what another party
//! says of a subject, ready-made, becomes tokens.

use crate::base::base64url;
use crate::base::secret::Secret;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::grant;
use crate::endpoint::grant::Grant;

impl Grant {
    /// Trades a JWT for tokens (RFC 7523 §2.1).
    ///
    /// The assertion goes as it is: a compact JWS or JWE, or whatever else the server reads. Nothing in
    /// it is looked at here.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it is empty.
    pub fn jwt_bearer(client: &Client, assertion: impl Into<Secret>) -> Result<Self, Error> {
        let assertion = assertion.into();
        Self::assertion(
            client,
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            assertion.expose(),
        )
    }

    /// Trades a SAML 2.0 assertion for tokens (RFC 7522 §2.1).
    ///
    /// `xml` is the assertion itself, byte for byte as it was signed; it is encoded here.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it is empty.
    pub fn saml2_bearer(client: &Client, xml: impl AsRef<[u8]>) -> Result<Self, Error> {
        // "The SAML Assertion XML data MUST be encoded using base64url"; "pad characters ("=")
        // MUST NOT be included" (RFC 7522 §2.1).
        let assertion = Secret::from(base64url::encode(xml.as_ref()));
        Self::assertion(
            client,
            "urn:ietf:params:oauth:grant-type:saml2-bearer",
            assertion.expose(),
        )
    }

    /// "assertion REQUIRED. The assertion being used as an authorization grant" (RFC 7521 §4.1).
    fn assertion(client: &Client, grant_type: &str, assertion: &str) -> Result<Self, Error> {
        if assertion.is_empty() {
            return Err(Misuse::Parameter {
                name: "assertion",
                reason: "is empty",
            }
            .into());
        }
        let mut own = grant::form(grant_type, assertion.len());
        own.push("assertion", assertion);
        Ok(Self::of(client, own))
    }
}
