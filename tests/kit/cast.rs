//! The cast of the examples in RFC 6749: its server, its client, and when it happens.

use std::sync::Arc;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;

use crate::fixed::Fixed;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const ISSUER: &str = "https://server.example.com";
pub(crate) const REDIRECT_URI: &str = "https://client.example.com/cb";

/// The server, with an authorization and a token endpoint.
pub(crate) fn metadata() -> Metadata {
    Metadata::new(ISSUER, UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Authorization, &format!("{ISSUER}/authorize")))
        .and_then(|it| it.with_endpoint(Endpoint::Token, &format!("{ISSUER}/token")))
        .unwrap()
}

/// The client at a server, with known entropy and a redirect URI.
pub(crate) fn client_at(metadata: Metadata, authentication: Authentication) -> Client {
    Client::new(metadata, "s6BhdRkqt3", authentication)
        .and_then(|client| client.with_redirect_uri(REDIRECT_URI))
        .unwrap()
        .with_crypto(Arc::new(Fixed))
}

/// The public client at the server.
pub(crate) fn client() -> Client {
    client_at(metadata(), Authentication::None)
}
