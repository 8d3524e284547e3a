//! The client and the server of the RFCs' examples, by hand.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;

/// The client of the examples of RFC 6749, at a server with every endpoint.
pub(crate) fn example() -> Client {
    let mut metadata = Metadata::new("https://server.example.com", UriPolicy::default()).unwrap();
    for (endpoint, path) in [
        (Endpoint::Token, "token"),
        (Endpoint::Revocation, "revoke"),
        (Endpoint::Introspection, "introspect"),
        (Endpoint::Userinfo, "userinfo"),
    ] {
        let address = format!("https://server.example.com/{path}");
        metadata = metadata.with_endpoint(endpoint, &address).unwrap();
    }
    let authentication = Authentication::client_secret_basic("7Fjfp0ZBr1KtDRbnfVdmIw");
    Client::new(metadata, "s6BhdRkqt3", authentication).unwrap()
}
