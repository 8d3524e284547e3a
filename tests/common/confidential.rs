//! A confidential client on the world.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::run::run;

/// A provider, and the client `app` that found it by discovery.
pub(crate) fn confidential() -> (Provider, Client) {
    let callback = "https://app.example/callback";
    let record = ClientRecord::basic("app", "s3cret").redirect(callback);
    let mut provider = Provider::new("https://id.example").with(record);
    let discover = Discover::new(provider.issuer()).unwrap();
    let metadata = run(&mut provider, NOW, discover).unwrap();
    let authentication = Authentication::client_secret_basic("s3cret");
    let client = Client::new(metadata, "app", authentication)
        .and_then(|client| client.with_redirect_uri(callback))
        .unwrap();
    (provider, client)
}
