//! The parties of a conversation.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::run::run;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// A client that found the provider by discovery.
pub(crate) fn discovered(
    provider: &mut Provider,
    client_id: &str,
    authentication: Authentication,
) -> Client {
    let discover = Discover::new(provider.issuer()).unwrap();
    let metadata = run(provider, NOW, discover).unwrap();
    Client::new(metadata, client_id, authentication)
        .and_then(|client| client.with_redirect_uri(CALLBACK))
        .unwrap()
}

/// A provider that knows one client, and that client after discovery.
pub(crate) fn parties(
    issuer: &str,
    record: ClientRecord,
    authentication: Authentication,
) -> (Provider, Client) {
    let client_id = record.id.clone();
    let mut provider = Provider::new(issuer).with(record.redirect(CALLBACK));
    let client = discovered(&mut provider, &client_id, authentication);
    (provider, client)
}
