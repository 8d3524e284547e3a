//! A user who came back.

use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::callback::AuthorizationResponse;

use crate::cast::NOW;

/// Sends the user away with this request, and lets the user come back with this code.
pub(crate) fn returned(
    client: &Client,
    request: AuthorizationRequest<'_>,
    code: &str,
) -> AuthorizationResponse {
    let (_, pending) = client.authorize(NOW, request).unwrap();
    let callback = format!("code={code}&state={}", pending.state());
    client
        .authorization_response(NOW, pending, &callback)
        .unwrap()
}
