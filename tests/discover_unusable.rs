//! Answers that are no document and do not end the search: a redirect, and whatever fails once a
//! document was found.

use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::run::run;

#[cfg(test)]
mod common {
    pub(crate) mod moment;
    pub(crate) mod run;
}

const ROOT: &str = "https://id.example";

/// The addresses of the issuer, in the order in which they are asked.
const ROOT_PLACES: [&str; 2] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

fn redirects() -> [(&'static str, Change); 3] {
    [
        ("elsewhere", Change::redirect("https://evil.example/")),
        ("home", Change::redirect(ROOT)),
        ("not modified", Change::Status(304)),
    ]
}

#[test]
fn a_redirect_sends_the_search_on_and_is_not_followed() {
    for (name, change) in redirects() {
        let mut provider = Provider::new(ROOT);
        provider.mutate(Mutation::new(At::OpenidMetadata, change));
        let metadata = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap();
        assert!(metadata.endpoint(Endpoint::Token).is_ok(), "{name}");
        assert_eq!(asked_places(&provider), ROOT_PLACES, "{name}");
        let [Finding::UnusedMetadata { address, reason }] = metadata.findings() else {
            panic!("{name}: {:?}", metadata.findings());
        };
        assert_eq!(*address, format!("{ROOT}{}", ROOT_PLACES[0]), "{name}");
        assert!(reason.starts_with("RESPONSE-REDIRECT"), "{name}: {reason}");
    }
}

#[test]
fn a_redirect_is_the_error_where_there_is_no_document() {
    for (name, change) in redirects() {
        for nothing in [At::OpenidMetadata, At::OauthMetadata] {
            let mut provider = Provider::new(ROOT);
            provider.mutate(Mutation::new(At::Metadata, change.clone()));
            provider.mutate(Mutation::new(nothing, Change::Status(404)));
            let error = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap_err();
            assert_eq!(error.check().unwrap().id(), "RESPONSE-REDIRECT", "{name}");
            assert_eq!(asked_places(&provider), ROOT_PLACES, "{name}");
        }
    }
}

#[test]
fn what_was_found_stands_whatever_a_further_document_is() {
    let http = Edit::set("http://id.example/token");
    for (name, change, reason) in [
        ("redirect", Change::redirect(ROOT), "RESPONSE-REDIRECT"),
        (
            "out of order",
            Change::Status(503),
            "the metadata document refused",
        ),
        ("no JSON", Change::body("{"), "the answer of the metadata"),
        (
            "a bad endpoint",
            Change::member("token_endpoint", http),
            "METADATA-ENDPOINT",
        ),
        (
            "no issuer",
            Change::member("issuer", Edit::Remove),
            "METADATA-ISSUER-MISSING",
        ),
    ] {
        // Merged on demand, and because the first document lacks an endpoint.
        let lacking = Change::member("authorization_endpoint", Edit::Remove);
        for (discover, first) in [
            (Discover::new(ROOT).unwrap().merged(), None),
            (Discover::new(ROOT).unwrap(), Some(lacking)),
        ] {
            let mut provider = Provider::new(ROOT);
            provider.mutate(Mutation::new(At::OauthMetadata, change.clone()));
            if let Some(change) = first {
                provider.mutate(Mutation::new(At::OpenidMetadata, change));
            }
            let metadata = run(&mut provider, NOW, discover).unwrap();
            assert_eq!(asked_places(&provider), ROOT_PLACES, "{name}");
            let token = metadata.endpoint(Endpoint::Token).unwrap();
            assert_eq!(token.as_str(), format!("{ROOT}/token"), "{name}");
            let [finding @ Finding::UnusedMetadata { address, .. }] = metadata.findings() else {
                panic!("{name}: {:?}", metadata.findings());
            };
            assert_eq!(*address, format!("{ROOT}{}", ROOT_PLACES[1]), "{name}");
            let told = format!("the metadata at {address} is not used: {reason}");
            assert!(finding.to_string().starts_with(&told), "{finding}");
        }
    }
}

/// "A rejected artefact is never followed by a request", be it a document that could be spared.
#[test]
fn a_rejected_document_ends_the_search() {
    const TENANT: &str = "https://id.example/tenant";
    let mut provider = Provider::new(TENANT);
    provider.mutate(Mutation::new(At::OauthMetadata, Change::body("{")));
    let discover = Discover::new(TENANT).unwrap().merged();
    let metadata = run(&mut provider, NOW, discover).unwrap();
    assert_eq!(metadata.findings().len(), 1);
    assert_eq!(
        asked_places(&provider),
        [
            "/tenant/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/tenant",
        ]
    );
}

fn asked_places(provider: &Provider) -> Vec<&str> {
    let exchanges = provider.log().exchanges().iter();
    exchanges
        .map(|exchange| exchange.request.uri().path())
        .collect()
}
