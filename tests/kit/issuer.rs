//! The server of the cast, as one that signs: its keys, what it says, and a user who comes back.

use http::Response;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::keys::KeysRequest;
use oauth_proto::endpoint::pending::Pending;
use serde_json::Value;
use serde_json::json;

use crate::answer;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::cast::metadata;

/// The key of RFC 8037 appendix A.1, with a name.
pub(crate) const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"2027",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

pub(crate) const CLIENT_ID: &str = "s6BhdRkqt3";
pub(crate) const SECRET: &str = "a client secret of thirty-two bytes, at least";

/// What an ID token of this sign-in says.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "24400320",
        "aud": CLIENT_ID,
        "exp": NOW.as_secs() + 300,
        "iat": NOW.as_secs(),
    })
}

/// The same, with these members in place of its own; null takes one out.
pub(crate) fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// Signed by the server's key.
pub(crate) fn signed(claims: &Value) -> String {
    signed_by(&signer(KEY, Algorithm::EdDsa), "JWT", claims)
}

pub(crate) fn signed_by(signer: &Signer, typ: &str, claims: &Value) -> String {
    let unsigned = Unsigned::new(claims.to_string()).with_type(typ);
    match signer.sign(&unsigned).unwrap() {
        Signed::Compact(text) => text,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn signer(key: &str, algorithm: Algorithm) -> Signer {
    let key = PrivateJwk::parse(key).unwrap();
    Signer::new(&default_provider(), &key, algorithm).unwrap()
}

/// The keys as the server publishes them.
pub(crate) fn published(keys: &[&str]) -> Response<Vec<u8>> {
    let public = |key: &&str| PrivateJwk::parse(key).unwrap().public().unwrap();
    let keys: Vec<_> = keys.iter().map(public).collect();
    answer::json(200, &json!({ "keys": keys }).to_string())
}

/// A client of the server, without its keys.
pub(crate) fn stranger() -> Client {
    let metadata = [
        (Endpoint::Jwks, "jwks"),
        (Endpoint::Userinfo, "userinfo"),
        (Endpoint::Introspection, "introspect"),
    ]
    .into_iter()
    .try_fold(metadata(), |metadata, (endpoint, path)| {
        metadata.with_endpoint(endpoint, &format!("{ISSUER}/{path}"))
    })
    .unwrap();
    Client::new(
        metadata,
        CLIENT_ID,
        Authentication::client_secret_basic(SECRET),
    )
    .and_then(|client| client.with_redirect_uri(REDIRECT_URI))
    .unwrap()
    .with_response_algorithms(
        ResponseAlgorithms::new()
            .signed(Answer::IdToken, Algorithm::EdDsa)
            .signed(Answer::Authorization, Algorithm::EdDsa),
    )
}

/// A client that knows the server's keys.
pub(crate) fn client() -> Client {
    knowing(stranger())
}

/// The client, once it has fetched the server's keys.
pub(crate) fn knowing(client: Client) -> Client {
    KeysRequest::new(&client)
        .response(NOW, &published(&[KEY]))
        .unwrap();
    client
}

/// Sends the user away with `request`.
pub(crate) fn away(client: &Client, request: AuthorizationRequest<'_>) -> Pending {
    client.authorize(NOW, request).unwrap().1
}

/// A request for an identity, whose nonce is known.
pub(crate) fn openid() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("openid").nonce("n-0S6_WzA2Mj")
}

/// The claims of an ID token that answers [`openid`].
pub(crate) fn answering(changes: &Value) -> Value {
    let mut claims = claims_with(&json!({"nonce": "n-0S6_WzA2Mj"}));
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// The user comes back, and the code becomes tokens with this ID token beside them.
pub(crate) fn redeemed(
    client: &Client,
    request: AuthorizationRequest<'_>,
    id_token: &str,
) -> Result<Tokens, Error> {
    let pending = away(client, request);
    let callback = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
    let authorized = client.authorization_response(NOW, pending, &callback)?;
    let answer = token_response(id_token);
    Grant::authorization_code(client, authorized).response(NOW, &answer)
}

/// That of [`token_response`], of OpenID Connect Core 1.0 appendix A.6.
pub(crate) const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

/// A token response with this ID token.
pub(crate) fn token_response(id_token: &str) -> Response<Vec<u8>> {
    let body = json!({
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "8xLOxBtZp8",
        "id_token": id_token,
    });
    answer::json(200, &body.to_string())
}
