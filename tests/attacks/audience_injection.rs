//! Audience injection (draft-ietf-oauth-rfc7523bis-11 §1): a client with one key at two servers, of
//! which one is the attacker's, is made to sign an assertion that is good at the honest one.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;

use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;

const EVIL: &str = "https://evil.example";

/// The attacker's metadata: an endpoint of its own for pushed requests, and the token endpoint of the
/// honest server.
fn metadata() -> Metadata {
    Metadata::new(EVIL, UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Authorization, &format!("{EVIL}/authorize")))
        .and_then(|it| {
            let own = format!("{EVIL}/par");
            it.with_endpoint(Endpoint::PushedAuthorizationRequest, &own)
        })
        .and_then(|it| it.with_endpoint(Endpoint::Token, &format!("{ISSUER}/token")))
        .unwrap()
}

/// The audience of what the client sends to the attacker.
fn audience(assertion: ClientAssertion) -> String {
    let client = Client::new(
        metadata(),
        "app",
        Authentication::private_key_jwt(assertion),
    )
    .and_then(|client| client.with_redirect_uri(CALLBACK))
    .unwrap();
    let request = AuthorizationRequest::new("mail");
    let (pushed, _) = client.pushed_authorization_request(NOW, request).unwrap();
    let draft = pushed.request(NOW).unwrap();
    let input = draft.signing_input().unwrap().compact(b"signature");
    let claims = Jws::parse(&input)
        .unwrap()
        .danger_unverified_payload()
        .to_vec();
    let claims = Claims::parse(claims).unwrap();
    claims.audience().unwrap().names().join(" ")
}

#[test]
fn an_assertion_names_the_server_that_it_is_made_for() {
    let assertion = || ClientAssertion::new(Signer::remote("key", Algorithm::Es256));
    assert_eq!(audience(assertion()), EVIL);
    // What the weaker audiences are named for.
    let weak = assertion().danger_with_token_endpoint_audience();
    assert_eq!(audience(weak), format!("{ISSUER}/token"));
}
