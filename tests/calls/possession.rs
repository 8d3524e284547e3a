//! Tokens that are bound to a key: proofs for every request, nonces, and renewals among them.

use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::lease::lease::Lease;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Endpoint;

use crate::Api;
use crate::cast::BASE;
use crate::cast::at;
use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::session::tokens;
use crate::requests;
use crate::run;

#[test]
fn bound_tokens_are_proved_and_renewed() {
    let record = ClientRecord::public("app");
    let (mut provider, client) = parties(ISSUER, record, Authentication::None);
    provider.jose = Some(JOSE);
    provider.settings.dpop = DpopSettings {
        taken: true,
        required: true,
        server_nonces: true,
        api_nonces: true,
        odd_challenges: true,
    };
    let key = DpopKey::generate(&crypto::default_provider(), Algorithm::Es256).unwrap();
    let client = client.with_dpop(key);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let api = Api::new(&client, BASE, Lease::new(tokens)).unwrap();

    // Once more with a nonce.
    run(&mut provider, NOW, api.call(api.get("mail"))).unwrap();
    assert_eq!(requests(&provider, Endpoint::Api), 2);
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
    assert_eq!(requests(&provider, Endpoint::Api), 3);
    // A demand for a nonce says that nothing was done.
    let once = api.post("mail").query(&[("a", 1)]).once();
    run(&mut provider, at(4_000), api.call(once)).unwrap();
    provider.end_access_tokens();
    run(&mut provider, at(4_000), api.call(api.get("mail"))).unwrap();
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}
