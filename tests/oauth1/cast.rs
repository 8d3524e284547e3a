//! The cast of the example in RFC 5849 §1.2: its server, its client, and when it happens.

use std::sync::Arc;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::pending::Pending;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;

use crate::macs::Macs;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(137_131_200);
pub(crate) const SERVER: &str = "https://photos.example.net";
pub(crate) const CALLBACK: &str = "https://printer.example.com/ready";
/// The first nonce of [`Macs`].
pub(crate) const NONCE: &str = "000000000000000000000000";
pub(crate) const TEMPORARY: &str = "oauth_token=hh5s93j4hdidpola&oauth_token_secret=hdhd0244k9j7ao03&oauth_callback_confirmed=true";
pub(crate) const RETURNED: &str = "https://printer.example.com/ready?oauth_token=hh5s93j4hdidpola&oauth_verifier=hfdp7dh39dks9884";

pub(crate) fn metadata() -> Metadata {
    [
        (Endpoint::TemporaryCredential, "initiate"),
        (Endpoint::Authorization, "authorize"),
        (Endpoint::Token, "token"),
    ]
    .into_iter()
    .try_fold(
        Metadata::without_issuer(UriPolicy::default()),
        |metadata, (endpoint, path)| metadata.with_endpoint(endpoint, &format!("{SERVER}/{path}")),
    )
    .unwrap()
}

/// The client with another method than that of the example.
pub(crate) fn client_by(method: SignatureMethod) -> Client {
    Client::new(metadata(), "dpf43f3p2l4k3l03", method)
        .and_then(|client| client.with_callback(CALLBACK))
        .unwrap()
        .with_crypto(Arc::new(Macs::default()))
}

pub(crate) fn client() -> Client {
    client_by(SignatureMethod::hmac_sha1("kd94hf93k423kf44"))
}

/// Any client, its server unknown.
pub(crate) fn stranger(consumer_key: &str, method: SignatureMethod) -> Client {
    Client::new(Metadata::default(), consumer_key, method)
        .unwrap()
        .with_crypto(Arc::new(Macs::default()))
}

/// A good answer in form encoding.
pub(crate) fn form(body: &str) -> http::Response<Vec<u8>> {
    http::Response::builder()
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

/// What `client` keeps after [`TEMPORARY`].
pub(crate) fn pending(client: &Client) -> Pending {
    let asked = TemporaryCredentialRequest::new(client).unwrap();
    asked.response(NOW, &form(TEMPORARY)).unwrap().1
}

/// Token credentials of any client at an unknown server.
pub(crate) fn token(consumer_key: &str, token: &str, secret: &str) -> TokenCredentials {
    serde_json::from_value(serde_json::json!({
        "v": 1,
        "token": token,
        "secret": secret,
        "received_at": 1,
        "consumer_key": consumer_key,
    }))
    .unwrap()
}

/// The request of a draft without holes.
pub(crate) fn made(draft: Draft) -> http::Request<Vec<u8>> {
    draft.into_request().unwrap().into_http()
}
