//! Credential leak by redirect (RFC 9700 §4.12): an endpoint answers with a redirect, so that the
//! client posts its secret, its code or its token to an address of the attacker's choice.

use http::Request;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;
use crate::requests;
use crate::stopped_by;

/// Each with the body of a good answer or without.
const STATUSES: [u16; 6] = [301, 302, 303, 307, 308, 300];

fn confidential() -> Vec<(Provider, Client)> {
    vec![
        parties(
            ISSUER,
            ClientRecord::basic("app", "hush"),
            Authentication::client_secret_basic("hush"),
        ),
        parties(
            ISSUER,
            ClientRecord::post("app", "hush"),
            Authentication::client_secret_post("hush"),
        ),
    ]
}

fn redirecting(endpoint: Endpoint, status: u16, to: &str) -> Mutation {
    Mutation::new(endpoint, Change::Status(status)).and(Change::header("location", to))
}

/// To another origin, to the same one, and to plain http: none is followed.
const TARGETS: [&str; 3] = [
    "https://evil.example/token",
    "https://id.example/token2",
    "http://id.example/token",
];

#[test]
fn no_code_follows_a_redirect() {
    for status in STATUSES {
        for to in TARGETS {
            for (mut provider, client) in confidential() {
                let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
                provider.mutate(redirecting(Endpoint::Token, status, to));
                let flow = client.resume(NOW, pending, &landing.url).unwrap();
                // `run` answers every request by this provider: one to another origin would be a 421.
                let error = run(&mut provider, NOW, flow).unwrap_err();
                assert_eq!(stopped_by(&error), "RESPONSE-REDIRECT", "{status} {to}");
                assert_eq!(requests(&provider, Endpoint::Token), 1);
                assert!(provider.complaints().is_empty());
                assert!(!format!("{error} {error:?}").contains("evil.example"));
            }
        }
    }
}

#[test]
fn no_refresh_token_follows_a_redirect() {
    for status in STATUSES {
        for (mut provider, client) in confidential() {
            let tokens = tokens(&mut provider, &client, ["mail"]);
            let before = provider.log().len();
            provider.mutate(redirecting(Endpoint::Token, status, TARGETS[0]));
            let flow = client.refresh(&tokens).unwrap();
            let error = run(&mut provider, NOW, flow).unwrap_err();
            assert_eq!(stopped_by(&error), "RESPONSE-REDIRECT", "{status}");
            assert_eq!(provider.log().len(), before + 1);
        }
    }
}

/// A redirect of the metadata could lead to another server's.
#[test]
fn no_discovery_follows_a_redirect() {
    for status in STATUSES {
        let mut provider = Provider::new(ISSUER);
        let to = "https://evil.example/.well-known/openid-configuration";
        provider.mutate(redirecting(Endpoint::Metadata, status, to));
        let flow = Discover::new(ISSUER).unwrap();
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(stopped_by(&error), "RESPONSE-REDIRECT", "{status}");
        // The other well-known address is asked, and no other host.
        let exchanges = provider.log().exchanges();
        assert_eq!(exchanges.len(), 2);
        for exchange in exchanges {
            assert_eq!(exchange.request.uri().host(), Some("id.example"));
        }
    }
}

/// An API's redirect is handed back: whoever follows it does so without the token.
#[test]
fn no_access_token_follows_a_redirect() {
    for status in STATUSES {
        let (mut provider, client) = confidential().remove(0);
        let tokens = tokens(&mut provider, &client, ["mail"]);
        let before = provider.log().len();
        provider.mutate(redirecting(Endpoint::Api, status, TARGETS[0]));
        let request = Request::get(format!("{ISSUER}/api/mail")).body(Vec::new());
        let call = client.call(&tokens, request.unwrap());
        let response = run(&mut provider, NOW, call).unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["location"], TARGETS[0]);
        assert_eq!(provider.log().len(), before + 1);
    }
}
