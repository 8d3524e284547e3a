//! A user who is sent to the provider and comes back.

use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto_world::Browser;
use oauth_proto_world::Landing;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;

/// Sends the user to the provider: what is pending meanwhile, and where the browser comes out.
pub(crate) fn send_user<'a>(
    provider: &mut Provider,
    client: &Client,
    request: impl Into<AuthorizationRequest<'a>>,
) -> (Pending, Landing) {
    let (url, pending) = client.authorize(NOW, request).unwrap();
    let landing = Browser::new().visit(provider, NOW.as_secs(), url.as_str());
    (pending, landing)
}
