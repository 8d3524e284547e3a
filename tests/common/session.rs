//! A user who signed in.

use oauth_proto::domain::client::Client;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::user::send_user;

/// The tokens of a user who agrees to the request.
pub(crate) fn tokens<'a>(
    provider: &mut Provider,
    client: &Client,
    request: impl Into<AuthorizationRequest<'a>>,
) -> Tokens {
    let (pending, landing) = send_user(provider, client, request);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    run(provider, NOW, flow).unwrap().into_tokens()
}
