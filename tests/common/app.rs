//! The usual parties: a provider and the public client called `app`.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;

use crate::common::parties::parties;

/// A provider that knows one public client, and that client after discovery.
pub(crate) fn public(issuer: &str) -> (Provider, Client) {
    parties(issuer, ClientRecord::public("app"), Authentication::None)
}
