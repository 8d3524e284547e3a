//! A token of another type than was asked for (RFC 9449 §5): one that is bound to nothing, where the
//! client proved its key, or one that claims to be bound, where it has none.

use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto_world::Change;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;

use crate::common::app::public;
use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::requests;
use crate::stopped_by;

fn said(token_type: &str) -> Mutation {
    let change = Change::member("token_type", Edit::set(token_type));
    Mutation::new(Endpoint::Token, change)
}

#[test]
fn a_bearer_token_for_a_proof_is_not_used() {
    let (mut provider, client) = public(ISSUER);
    provider.jose = Some(JOSE);
    provider.settings.dpop = DpopSettings {
        taken: true,
        ..DpopSettings::default()
    };
    let key = DpopKey::generate(&crypto::default_provider(), Algorithm::Es256).unwrap();
    let client = client.with_dpop(key);
    let granted = tokens(&mut provider, &client, "mail");
    provider.mutate(said("Bearer"));
    let refresh = client.refresh(&granted).unwrap();
    let error = run(&mut provider, NOW, refresh).unwrap_err();
    assert_eq!(stopped_by(&error), "DPOP-TOKEN-TYPE");
    assert_eq!(requests(&provider, Endpoint::Api), 0);
}

#[test]
fn a_bound_token_without_a_key_is_not_used() {
    let (mut provider, client) = public(ISSUER);
    let granted = tokens(&mut provider, &client, "mail");
    provider.mutate(said("DPoP"));
    let refresh = client.refresh(&granted).unwrap();
    let error = run(&mut provider, NOW, refresh).unwrap_err();
    assert_eq!(stopped_by(&error), "TOKEN-TYPE");
}
