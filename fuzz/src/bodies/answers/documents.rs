//! What hosts publish: of a resource (RFC 9728 §2), of a user (OpenID Connect Discovery 1.0 §2).

use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::scope::Scope;
use oauth_proto::endpoint::resource_metadata::ResourceMetadata;

use super::RESOURCE;
use super::Said;
use crate::bodies::metadata::check_address;

pub(super) const PUBLIC: [&str; 9] = [
    "error",
    "error_description",
    "error_uri",
    "authorization_servers",
    "bearer_methods_supported",
    "href",
    "rel",
    "resource",
    "scopes_supported",
];

pub(super) fn resource(metadata: &ResourceMetadata, said: &Said) {
    assert_eq!(metadata.resource().as_str(), RESOURCE);
    assert_eq!(said.text("resource"), Some(RESOURCE));
    let servers = metadata.authorization_servers();
    for server in servers {
        check_address(server, false);
        assert_eq!(server.query(), None);
    }
    let servers: Vec<&str> = servers.iter().map(WebUri::as_str).collect();
    let named = said.texts("authorization_servers");
    assert_eq!(servers, named.unwrap_or_default());
    let scope = said.texts("scopes_supported");
    let scope = scope.map(|texts| texts.into_iter().collect::<Scope>());
    assert_eq!(metadata.scopes_supported(), scope.as_ref());
    let methods = metadata.bearer_methods_supported();
    let methods = methods.map(|texts| texts.iter().map(String::as_str).collect());
    assert_eq!(methods, said.texts("bearer_methods_supported"));
    let known = [
        "resource",
        "authorization_servers",
        "scopes_supported",
        "bearer_methods_supported",
    ];
    assert_eq!(metadata.members().to_value(), said.rest(&known));
}

/// The first link that is an issuer's is the one.
pub(super) fn issuer(issuer: Option<&WebUri>, said: &Said) {
    let Some(issuer) = issuer else {
        return;
    };
    check_address(issuer, false);
    assert_eq!(issuer.query(), None);
    let links = said.of("links").and_then(|links| links.as_array());
    let rel = "http://openid.net/specs/connect/1.0/issuer";
    let mut links = links.into_iter().flatten();
    let link = links.find(|link| link["rel"] == rel).expect("a link");
    assert_eq!(link["href"], issuer.as_str());
}
