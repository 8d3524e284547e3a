//! What a server signs with the client's secret, by a capability without cryptography.

use std::sync::Arc;
use std::sync::LazyLock;

use oauth_proto::base::base64url;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture::CLIENT_ID;
use crate::bodies::fixture::ISSUER;
use crate::bodies::fixture::REDIRECT_URI;
use crate::bodies::toy::Toy;

const SECRET: &str = "a client secret of thirty-two bytes, at least";

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = 300_000;

/// A client whose ID tokens are signed with its secret.
pub(crate) fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        let metadata = Metadata::new(ISSUER, UriPolicy::default())
            .and_then(|it| it.with_endpoint(Endpoint::Authorization, "https://id.example/a"))
            .and_then(|it| it.with_endpoint(Endpoint::Token, "https://id.example/token"))
            .expect("metadata");
        let authentication = Authentication::client_secret_basic(SECRET);
        let algorithms = ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::Hs256);
        Client::new(metadata, CLIENT_ID, authentication)
            .and_then(|client| client.with_redirect_uri(REDIRECT_URI))
            .expect("a client")
            .with_crypto(Arc::new(Toy))
            .with_response_algorithms(algorithms)
    });
    &CLIENT
}

/// A token of the input: a digit for its `typ`, one for whether its signature is right, and the claims.
pub(crate) struct Token {
    pub(crate) typ: Option<&'static str>,
    pub(crate) is_signed: bool,
    pub(crate) text: String,
    claims: Vec<u8>,
}

impl Token {
    pub(crate) fn read(mut input: Bytes<'_>) -> Self {
        let typ = input.choice([
            None,
            Some("JWT"),
            Some("logout+jwt"),
            Some("application/logout+jwt"),
            Some("at+jwt"),
            Some("jwt"),
        ]);
        let is_signed = input.choice([false, true]);
        let claims = input.text(LIMIT).into_owned();
        let typ_member = typ.map_or_else(String::new, |typ| format!(r#","typ":"{typ}""#));
        let header = format!(r#"{{"alg":"HS256"{typ_member}}}"#);
        let signed = format!(
            "{}.{}",
            base64url::encode(header.as_bytes()),
            base64url::encode(&claims)
        );
        let key: &[u8] = if is_signed { SECRET.as_bytes() } else { b"" };
        let mac = Toy
            .hmac(Hash::Sha256, key, signed.as_bytes())
            .expect("the toy makes every MAC");
        let text = format!("{signed}.{}", base64url::encode(&mac));
        Self {
            typ,
            is_signed,
            text,
            claims,
        }
    }

    /// The claims, as another reader reads them.
    pub(crate) fn claims(&self) -> Value {
        serde_json::from_slice(&self.claims).expect("what was taken is JSON")
    }
}

/// Whether `aud` names the client.
pub(crate) fn is_for_client(aud: &Value) -> bool {
    aud == CLIENT_ID
        || aud
            .as_array()
            .is_some_and(|names| names.iter().any(|it| it == CLIENT_ID))
}
