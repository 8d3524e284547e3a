//! The client that a registration makes at its server, and what it authenticates by.

use serde_json::Map;

use crate::base::secret::Secret;
use crate::crypto::default_provider;
use crate::crypto::jwk::KeyFault;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::client_assertion::ClientAssertion;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Metadata;
use crate::domain::server::Server;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::registration::Registration;

impl Registration {
    /// The client, authenticating as it was registered to. No redirect URI is set: name one that is
    /// your own, whatever the server registered.
    ///
    /// Where the server does not say how the client authenticates, it is by `client_secret_basic` with
    /// a secret (RFC 7591 §2: the default is `client_secret_basic`), and by nothing without one.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] for another server; [`Unsupported::AuthenticationMethod`] where it takes a
    /// key, which a registration does not hold: see [`client_with`](Self::client_with);
    /// [`Error::Violation`] (`REGISTRATION-SECRET`) where the method needs a secret and none was given.
    pub fn client(&self, server: Metadata) -> Result<Client, Error> {
        self.check_server(&server)?;
        let method = self.method();
        let secret = || {
            self.client_secret.clone().ok_or_else(|| {
                Violation::new(Check::RegistrationSecret)
                    .expected(format!("a client_secret for `{method}`"))
                    .received_nothing()
            })
        };
        let authentication = match method {
            "none" => Authentication::None,
            "client_secret_basic" => Authentication::ClientSecretBasic(secret()?),
            "client_secret_post" => Authentication::ClientSecretPost(secret()?),
            "client_secret_jwt" => client_secret_jwt(secret()?, self.metadata.members())?,
            "tls_client_auth" => Authentication::TlsClientAuth,
            "self_signed_tls_client_auth" => Authentication::SelfSignedTlsClientAuth,
            other => return Err(Unsupported::AuthenticationMethod(other.to_owned()).into()),
        };
        Client::new(server, self.client_id.as_str(), authentication)
    }

    /// As [`client`](Self::client), for a method whose key or attestation is the client's own:
    /// `private_key_jwt`, `attest_jwt_client_auth`.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherClient`] for another server; [`Unsupported::AuthenticationMethod`] where
    /// `authentication` is not the method that is registered.
    pub fn client_with(
        &self,
        server: Metadata,
        authentication: Authentication,
    ) -> Result<Client, Error> {
        self.check_server(&server)?;
        let method = self.method();
        if authentication.method() != method {
            return Err(Unsupported::AuthenticationMethod(method.to_owned()).into());
        }
        Client::new(server, self.client_id.as_str(), authentication)
    }

    /// How the client authenticates.
    pub(crate) fn method(&self) -> &str {
        match self.metadata.token_endpoint_auth_method() {
            Some(method) => method,
            None if self.client_secret.is_some() => "client_secret_basic",
            None => "none",
        }
    }

    /// A registration of one server means nothing to another (RFC 9700 §4.4).
    pub(crate) fn check_server(&self, server: &Metadata) -> Result<(), Misuse> {
        let server = Server::of(server);
        if server == self.server {
            return Ok(());
        }
        Err(Misuse::OtherClient {
            what: "the registration",
            owner: self.server.to_string(),
            client: server.to_string(),
        })
    }
}

/// The algorithm is `token_endpoint_auth_signing_alg` (OpenID Connect Dynamic Client Registration 1.0
/// §2), or the one that every server with this method has.
fn client_secret_jwt(
    secret: Secret,
    metadata: &Map<String, serde_json::Value>,
) -> Result<Authentication, Error> {
    let named = metadata.get("token_endpoint_auth_signing_alg");
    let named = named.map_or(Some("HS256"), serde_json::Value::as_str);
    let algorithm = named.and_then(|name| name.parse().ok());
    let unsupported = || Unsupported::AuthenticationMethod("client_secret_jwt".to_owned());
    let algorithm = algorithm.ok_or_else(unsupported)?;
    match ClientAssertion::of_secret(default_provider(), secret, algorithm) {
        Ok(assertion) => Ok(Authentication::client_secret_jwt(assertion)),
        Err(KeyFault::Length) => Err(Violation::new(Check::RegistrationSecret)
            .expected(format!("a client_secret as long as {algorithm} demands"))
            .received("a shorter one")
            .into()),
        Err(_) => Err(unsupported().into()),
    }
}
