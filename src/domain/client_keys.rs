//! The public keys of a client, for its registration (RFC 7591 §2, `jwks`).

use serde_json::Value;
use serde_json::json;

use crate::crypto::signer::Signer;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::client_assertion::ClientAssertion;
use crate::domain::request_objects::RequestObjects;

impl Client {
    /// The public keys that the client signs with, as a JWK Set: what the server must know to
    /// verify its assertions and request objects.
    ///
    /// Each says its `alg`, its `use`, and its `kid` where it has one. A key stands once, whatever it
    /// signs. The key of a remote signer is there where its public half was given; secrets never are.
    ///
    /// ```
    /// # use oauth_proto::base::uri::UriPolicy;
    /// # use oauth_proto::domain::metadata::Metadata;
    /// use oauth_proto::crypto::algorithm::Algorithm;
    /// use oauth_proto::crypto::jwk::Jwk;
    /// use oauth_proto::crypto::signer::Signer;
    /// use oauth_proto::domain::authentication::Authentication;
    /// use oauth_proto::domain::client::Client;
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
    /// let public = Jwk::parse(
    ///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// ).unwrap();
    /// let signer = Signer::remote("kms", Algorithm::EdDsa).with_kid("1").with_public(public).unwrap();
    /// let client = Client::new(metadata, "my-app", Authentication::private_key_jwt(signer))?;
    /// assert_eq!(client.jwks()["keys"][0]["kid"], "1");
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    #[must_use]
    pub fn jwks(&self) -> Value {
        let assertion = match self.authentication() {
            Authentication::ClientSecretJwt(own) | Authentication::PrivateKeyJwt(own) => Some(own),
            _ => None,
        };
        let objects = [self.request_objects(), self.backchannel_objects()];
        let objects = objects.into_iter().flatten().map(RequestObjects::signer);
        let signers = assertion
            .map(ClientAssertion::signer)
            .into_iter()
            .chain(objects);
        let mut keys: Vec<Value> = Vec::new();
        for key in signers.filter_map(public) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        json!({ "keys": keys })
    }
}

fn public(signer: &Signer) -> Option<Value> {
    let mut jwk = signer.public()?.clone().for_signatures();
    jwk = jwk.with_algorithm(signer.algorithm().as_str());
    if let Some(kid) = signer.kid() {
        jwk = jwk.with_kid(kid);
    }
    serde_json::to_value(jwk).ok()
}
