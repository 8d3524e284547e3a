//! A device that waits for its user, at the provider in memory.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::PollAnswer;
use oauth_proto_world::Provider;

use crate::common::patience::Patience;
use crate::common::patience::START;

pub(crate) const ISSUER: &str = "https://id.example";

pub(crate) fn provider() -> Provider {
    Provider::new(ISSUER)
        .with(ClientRecord::public("tv"))
        .with(ClientRecord::public("radio"))
}

pub(crate) fn client(provider: &mut Provider, client_id: &str) -> Client {
    let discover = Discover::new(ISSUER).unwrap();
    let metadata = Patience::new(provider).run(discover).unwrap();
    Client::new(metadata, client_id, Authentication::None).unwrap()
}

pub(crate) fn ask(provider: &mut Provider, client: &Client) -> PendingDevice {
    let call = client.device(["mail", "profile"]).unwrap();
    Patience::new(provider).run(call).unwrap()
}

/// A provider, its client, and a device that waits. `polls` are answered first.
pub(crate) fn waiting(polls: &[PollAnswer]) -> (Provider, Client, PendingDevice) {
    let mut provider = provider();
    provider.settings.device.polls = polls.to_vec();
    let client = client(&mut provider, "tv");
    let pending = ask(&mut provider, &client);
    (provider, client, pending)
}

/// When polls came, in seconds after the start.
pub(crate) fn polls(provider: &Provider) -> Vec<u64> {
    let polls = provider.log().with(Endpoint::Token);
    polls.iter().map(|poll| poll.at - START).collect()
}
