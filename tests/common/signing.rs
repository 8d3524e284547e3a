//! A provider that signs, and a client that has none of its keys yet.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DeliveryMode;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::jose::JOSE;
use crate::common::parties;
use crate::common::parties::ISSUER;
use crate::common::parties::discovered;
use crate::common::patience::Patience;

/// The provider's key.
pub(crate) fn key() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2027",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

/// The provider, and its client `shop`.
pub(crate) fn parties() -> (Provider, Client) {
    let authentication = Authentication::client_secret_basic("s3cret");
    let record = ClientRecord::basic("shop", "s3cret");
    let (mut provider, _) = parties::parties(ISSUER, record, authentication.clone());
    provider.jose = Some(JOSE);
    provider.settings.identity.keys = vec![key()];
    let client = discovered(&mut provider, "shop", authentication);
    (provider, client)
}

/// A request that a user was asked by, elsewhere.
pub(crate) fn asked(
    provider: &mut Provider,
    client: &Client,
    mode: DeliveryMode,
) -> PendingBackchannel {
    provider.settings.backchannel.mode = mode;
    let request = BackchannelAuthenticationRequest::new("openid profile")
        .login_hint("ada@id.example")
        .with_notification();
    Patience::new(provider)
        .run(client.backchannel(request).unwrap())
        .unwrap()
}
