//! Issuer confusion (RFC 8414 §6.2, RFC 9207 §2.4): a server that is nearly the one asked for. Issuers
//! are compared byte for byte; nothing is normalised.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Document;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Place;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::requests;
use crate::stopped_by;

/// Texts that some reader takes for `https://id.example`.
const NEARLY: [&str; 10] = [
    "https://id.example/",
    "https://ID.example",
    "HTTPS://id.example",
    "https://id.example:443",
    "https://id.example.",
    "https://id.example/.",
    "https://id.example/%20",
    "https://%69d.example",
    "https://id.example1",
    "https://evil.example",
];

#[test]
fn metadata_of_another_issuer_end_the_discovery() {
    for issuer in NEARLY {
        let mut provider = Provider::new(ISSUER);
        provider.mutate(Mutation::new(
            Endpoint::Metadata,
            Change::member("issuer", Edit::set(issuer)),
        ));
        let error = run(&mut provider, NOW, Discover::new(ISSUER).unwrap()).unwrap_err();
        assert!(
            ["METADATA-ISSUER", "METADATA-ENDPOINT"].contains(&stopped_by(&error)),
            "{issuer}: {error}"
        );
        assert_eq!(provider.log().len(), 1, "no other address is asked");
    }
}

#[test]
fn a_callback_of_another_issuer_is_refused() {
    for issuer in NEARLY {
        let (mut provider, client) = public(ISSUER);
        provider.mutate(Mutation::new(
            Endpoint::Authorization,
            Change::member("iss", Edit::set(issuer)),
        ));
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        let error = client.resume(NOW, pending, &landing.url).unwrap_err();
        assert_eq!(stopped_by(&error), "CALLBACK-ISS", "{issuer}");
        assert_eq!(requests(&provider, Endpoint::Token), 0);
    }
}

/// One tenant of a server answers for another, or for the server itself.
#[test]
fn a_tenant_speaks_for_itself() {
    let tenant = "https://id.example/tenant";
    for other in [
        "https://id.example",
        "https://id.example/other",
        "https://id.example/tenant/",
    ] {
        let mut provider = Provider::new(tenant);
        provider.settings.documents = vec![Document::at(Place::OauthInserted)];
        provider.mutate(Mutation::new(
            Endpoint::Metadata,
            Change::member("issuer", Edit::set(other)),
        ));
        let error = run(&mut provider, NOW, Discover::new(tenant).unwrap()).unwrap_err();
        assert_eq!(stopped_by(&error), "METADATA-ISSUER", "{other}");
    }
}

/// The second of two documents that are merged is held to the issuer as the first is.
#[test]
fn a_merged_document_is_of_the_same_issuer() {
    let mut provider = Provider::new(ISSUER);
    provider.mutate(Mutation::new(
        Endpoint::OauthMetadata,
        Change::member("issuer", Edit::set("https://evil.example")),
    ));
    let discover = Discover::new(ISSUER).unwrap().merged();
    let error = run(&mut provider, NOW, discover).unwrap_err();
    assert_eq!(stopped_by(&error), "METADATA-ISSUER");
}

/// What belongs to `https://id.example` does not belong to `https://id.example/`.
#[test]
fn what_is_kept_is_bound_to_the_exact_issuer() {
    let (mut provider, client) = public(ISSUER);
    let with_slash = Metadata::new("https://id.example/", UriPolicy::default()).unwrap();
    let nearly = Client::new(with_slash, "app", Authentication::None)
        .and_then(|client| client.with_redirect_uri(CALLBACK))
        .unwrap();
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let error = nearly.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(stopped_by(&error), "misuse");
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}
