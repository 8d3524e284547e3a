//! Client authentication (RFC 6749 §2.3, RFC 7617, OpenID Connect Core 1.0 §9, RFC 8705 §2): how a
//! client proves who it is.

use crate::base::base64url;
use crate::base::percent;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::domain::client::Client;
use crate::domain::client_assertion::ClientAssertion;
use crate::domain::client_attestation::ClientAttestation;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;

/// The one method by which a client authenticates, at every endpoint that wants it.
///
/// It is said, never guessed: two methods in one request are refused by servers
/// ("The client MUST NOT use more than one authentication method in each request",
/// RFC 6749 §2.3), and trying one after the other would spend a single-use code twice.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authentication {
    /// A public client: `client_id` in the body, and no proof.
    None,
    /// `client_secret_basic`: HTTP Basic over the form-encoded identifier and secret.
    ClientSecretBasic(Secret),
    /// `client_secret_post`: identifier and secret in the body.
    ClientSecretPost(Secret),
    /// `client_secret_jwt`: an assertion under an HMAC of the secret (OpenID Connect Core 1.0 §9).
    ClientSecretJwt(ClientAssertion),
    /// `private_key_jwt`: an assertion that the client's own key signs (OpenID Connect Core 1.0 §9).
    PrivateKeyJwt(ClientAssertion),
    /// `attest_jwt_client_auth`: an attestation of this instance of the client, and a proof of its key.
    Attestation(ClientAttestation),
    /// `tls_client_auth`: a TLS certificate of an authority that the server trusts, and `client_id` in
    /// the body (RFC 8705 §2.1).
    ///
    /// Which certificate it is, the adapter is told (`Options::client_certificate_pem`); the requests
    /// carry the mark `MutualTls` and go to the server's `mtls_endpoint_aliases`.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a TLS certificate that the server knows by registration, and
    /// `client_id` in the body (RFC 8705 §2.2). Otherwise as [`TlsClientAuth`](Self::TlsClientAuth).
    SelfSignedTlsClientAuth,
}

impl Authentication {
    /// `client_secret_basic` with this secret (RFC 6749 §2.3.1).
    #[must_use]
    pub fn client_secret_basic(secret: impl Into<Secret>) -> Self {
        Self::ClientSecretBasic(secret.into())
    }

    /// `client_secret_post` with this secret (RFC 6749 §2.3.1).
    #[must_use]
    pub fn client_secret_post(secret: impl Into<Secret>) -> Self {
        Self::ClientSecretPost(secret.into())
    }

    /// `client_secret_jwt` by an HMAC: [`ClientAssertion::of_secret`].
    #[must_use]
    pub fn client_secret_jwt(assertion: impl Into<ClientAssertion>) -> Self {
        Self::ClientSecretJwt(assertion.into())
    }

    /// `private_key_jwt` by a key here or elsewhere.
    #[must_use]
    pub fn private_key_jwt(assertion: impl Into<ClientAssertion>) -> Self {
        Self::PrivateKeyJwt(assertion.into())
    }

    /// `attest_jwt_client_auth` with this attestation.
    #[must_use]
    pub fn attestation(attestation: ClientAttestation) -> Self {
        Self::Attestation(attestation)
    }

    /// The secret that client and server share, where it is known; none where they share none.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::ClientSecretBasic(secret) | Self::ClientSecretPost(secret) => Some(secret),
            Self::ClientSecretJwt(assertion) => assertion.secret(),
            Self::None
            | Self::PrivateKeyJwt(_)
            | Self::Attestation(_)
            | Self::TlsClientAuth
            | Self::SelfSignedTlsClientAuth => None,
        }
    }

    /// The method's name in the registry of token endpoint authentication methods
    /// (RFC 7591 §2).
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic(_) => "client_secret_basic",
            Self::ClientSecretPost(_) => "client_secret_post",
            Self::ClientSecretJwt(_) => "client_secret_jwt",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::Attestation(_) => "attest_jwt_client_auth",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }
}

/// An [`Authentication`] made ready: what is the same in every request is made once.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    /// Only `client_id` in the body.
    Public,
    /// This `Authorization` header, and nothing in the body.
    Basic(http::HeaderValue),
    /// `client_id` and this `client_secret` in the body.
    Post(Secret),
    /// `client_id` in the body, and an assertion that is made afresh.
    Assertion(ClientAssertion),
    /// `client_id` in the body, and two headers.
    Attestation(ClientAttestation),
    /// `client_id` in the body; the proof is the TLS certificate.
    Certificate,
}

impl Credentials {
    /// # Errors
    ///
    /// [`Misuse::ClientSecret`] where the secret is empty or holds a control character,
    /// [`Misuse::ColonInClientId`] where a raw client identifier would end too soon,
    /// [`Misuse::SigningAlgorithm`], [`Misuse::Lifetime`] or [`Misuse::Parameter`] where an assertion
    /// or a proof cannot be made so.
    pub(crate) fn prepare(
        authentication: &Authentication,
        client_id: &str,
        quirks: Quirks,
    ) -> Result<Self, Error> {
        match authentication {
            Authentication::None => Ok(Self::Public),
            Authentication::ClientSecretBasic(secret) => {
                check(secret)?;
                basic(client_id, secret, quirks).map(Self::Basic)
            }
            Authentication::ClientSecretPost(secret) => {
                check(secret)?;
                Ok(Self::Post(secret.clone()))
            }
            Authentication::ClientSecretJwt(assertion) => {
                assertion.check(authentication.method(), true)?;
                Ok(Self::Assertion(assertion.clone()))
            }
            Authentication::PrivateKeyJwt(assertion) => {
                assertion.check(authentication.method(), false)?;
                Ok(Self::Assertion(assertion.clone()))
            }
            Authentication::Attestation(attestation) => {
                attestation.check(authentication.method())?;
                Ok(Self::Attestation(attestation.clone()))
            }
            Authentication::TlsClientAuth | Authentication::SelfSignedTlsClientAuth => {
                Ok(Self::Certificate)
            }
        }
    }
}

fn check(secret: &Secret) -> Result<(), Misuse> {
    if secret.is_empty() || secret.expose().chars().any(char::is_control) {
        return Err(Misuse::ClientSecret);
    }
    Ok(())
}

/// "The client identifier is encoded using the "application/x-www-form-urlencoded" encoding
/// algorithm [...] and the encoded value is used as the username" (RFC 6749 §2.3.1).
///
/// A space becomes `%20`, which every form decoder reads, while `+` is read by some only.
fn basic(client_id: &str, secret: &Secret, quirks: Quirks) -> Result<http::HeaderValue, Error> {
    let mut pair = zeroize::Zeroizing::new(String::with_capacity(64));
    if quirks.has(Quirk::RawBasicCredentials) {
        // RFC 7617 §2: "a user-id containing a colon character is invalid".
        if client_id.contains(':') {
            return Err(Misuse::ColonInClientId.into());
        }
        pair.push_str(client_id);
        pair.push(':');
        pair.push_str(secret.expose());
    } else {
        percent::encode_into(client_id, &mut pair);
        pair.push(':');
        percent::encode_into(secret.expose(), &mut pair);
    }
    let text = zeroize::Zeroizing::new(format!("Basic {}", base64url::standard(pair.as_bytes())));
    secret::header_value(&text).map_err(|_| Misuse::ClientSecret.into())
}

impl Client {
    /// Whether raw Basic credentials are other ones than those of RFC 6749 §2.3.1.
    pub(crate) fn has_other_raw_credentials(&self) -> bool {
        let Authentication::ClientSecretBasic(secret) = self.authentication() else {
            return false;
        };
        !percent::is_unreserved(self.client_id()) || !percent::is_unreserved(secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(client_id: &str, secret: &str, quirks: Quirks) -> String {
        match Credentials::prepare(
            &Authentication::client_secret_basic(secret),
            client_id,
            quirks,
        )
        .unwrap()
        {
            Credentials::Basic(value) => value.to_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn basic_of_rfc_6749_section_2_3_1() {
        assert_eq!(
            header("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", Quirks::none()),
            "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
        );
    }

    #[test]
    fn both_halves_are_form_encoded() {
        let expected = format!(
            "Basic {}",
            base64url::standard(b"a%3Ab%20c:%25%3A%2B%C3%A9%20%2F")
        );
        assert_eq!(header("a:b c", "%:+é /", Quirks::none()), expected);
    }

    #[test]
    fn the_raw_form_is_a_quirk() {
        let expected = format!("Basic {}", base64url::standard("a:%:+é /".as_bytes()));
        assert_eq!(
            header("a", "%:+é /", Quirks::from([Quirk::RawBasicCredentials])),
            expected
        );
    }

    #[test]
    fn a_colon_in_a_raw_client_identifier_is_refused() {
        let raw = Quirks::from([Quirk::RawBasicCredentials]);
        for client_id in [":", "urn:client:1", "a:"] {
            let basic = Authentication::client_secret_basic("s");
            let error = Credentials::prepare(&basic, client_id, raw).unwrap_err();
            assert!(matches!(error, Error::Misuse(Misuse::ColonInClientId)));
            assert!(Credentials::prepare(&basic, client_id, Quirks::none()).is_ok());
            for other in [
                Authentication::None,
                Authentication::client_secret_post("s"),
            ] {
                assert!(Credentials::prepare(&other, client_id, raw).is_ok());
            }
        }
    }

    #[test]
    fn an_empty_secret_is_refused() {
        for authentication in [
            Authentication::client_secret_basic(""),
            Authentication::client_secret_post(""),
            Authentication::client_secret_post("a\nb"),
        ] {
            let error = Credentials::prepare(&authentication, "id", Quirks::none()).unwrap_err();
            assert!(matches!(error, Error::Misuse(Misuse::ClientSecret)));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let authentication = Authentication::client_secret_basic("tops3cret");
        let ready = Credentials::prepare(&authentication, "id", Quirks::none()).unwrap();
        for text in [format!("{authentication:?}"), format!("{ready:?}")] {
            assert!(!text.contains("tops3cret"), "{text}");
            assert!(!text.contains("aWQ6dG9wczNjcmV0"), "{text}");
        }
    }
}
