//! Clients whose tokens are bound to a key (RFC 9449), on the provider in memory, which verifies each
//! proof, binds codes and tokens, and wants another nonce each time. The messages alone are in
//! `dpop.rs`.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use http::Request;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::TokenType;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Endpoint;
use oauth_proto_world::PollAnswer;
use oauth_proto_world::Provider;

use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::patience::Patience;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::dpop::nonce;

#[cfg(test)]
mod common {
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod patience;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}
#[path = "kit/dpop.rs"]
mod dpop;

/// Every demand that the provider can make of proofs.
fn strict() -> DpopSettings {
    DpopSettings {
        taken: true,
        required: true,
        server_nonces: true,
        api_nonces: true,
        odd_challenges: true,
    }
}

fn key(algorithm: Algorithm) -> DpopKey {
    DpopKey::generate(&crypto::default_provider(), algorithm).unwrap()
}

fn bound(settings: DpopSettings) -> (Provider, Client) {
    let record = ClientRecord::public("app");
    let (mut provider, client) = parties(ISSUER, record, Authentication::None);
    provider.jose = Some(JOSE);
    provider.settings.dpop = settings;
    let client = client.with_dpop(key(Algorithm::Es256));
    (provider, client)
}

fn api() -> Request<Vec<u8>> {
    let address = format!("{ISSUER}/api/mail?folder=inbox");
    Request::get(address).body(Vec::new()).unwrap()
}

fn requests(provider: &Provider, endpoint: Endpoint) -> usize {
    provider.log().with(endpoint).len()
}

#[test]
fn a_user_signs_in_and_every_token_is_bound() {
    for settings in [
        DpopSettings {
            taken: true,
            required: true,
            ..DpopSettings::default()
        },
        DpopSettings {
            odd_challenges: false,
            ..strict()
        },
        strict(),
    ] {
        let retries = usize::from(settings.server_nonces);
        let (mut provider, client) = bound(settings);
        let first = tokens(&mut provider, &client, ["mail", "profile"]);
        let thumbprint = client.dpop_key().unwrap().thumbprint();
        assert_eq!(first.token_type(), TokenType::Dpop);
        assert_eq!(first.dpop_jkt(), Some(thumbprint));
        assert_eq!(requests(&provider, Endpoint::Token), 1 + retries);

        // The nonce of the last answer, a 200, serves the next proof.
        let second = run(&mut provider, NOW, client.refresh(&first).unwrap()).unwrap();
        assert_eq!(second.dpop_jkt(), Some(thumbprint));
        assert_eq!(requests(&provider, Endpoint::Token), 2 + retries);

        for calls in 1..=3 {
            let call = client.call(&second, api());
            assert_eq!(run(&mut provider, NOW, call).unwrap().status(), 200);
            assert_eq!(requests(&provider, Endpoint::Api), calls + retries);
        }
        let userinfo = run(&mut provider, NOW, client.userinfo(&second).unwrap()).unwrap();
        assert_eq!(userinfo.sub(), "248289761001");
        // The API and userinfo are one resource server here.
        assert_eq!(requests(&provider, Endpoint::Userinfo), 1);
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

/// "a code is not spent twice": the demand for a nonce did not spend it.
#[test]
fn the_code_goes_once_more_with_the_nonce_and_no_nonce_goes_before_one_was_given() {
    let (mut provider, client) = bound(strict());
    tokens(&mut provider, &client, "mail");
    let exchanges = provider.log().with(Endpoint::Token);
    let [refused, granted] = exchanges[..] else {
        panic!("{}", provider.log());
    };
    assert_eq!(refused.response.status(), 400);
    assert_eq!(nonce(&refused.request), None);
    let given = refused.response.headers()["dpop-nonce"].to_str().unwrap();
    assert_eq!(nonce(&granted.request).as_deref(), Some(given));
    assert_eq!(granted.request.body(), refused.request.body());
    let id = |request| dpop::proof(request).1["jti"].clone();
    assert_ne!(id(&granted.request), id(&refused.request));
}

/// One origin is both: its nonces as an authorization server are none of the API's.
#[test]
fn the_nonces_of_server_and_api_on_one_origin_are_kept_apart() {
    let (mut provider, client) = bound(strict());
    let granted = tokens(&mut provider, &client, "mail");
    run(&mut provider, NOW, client.call(&granted, api())).unwrap();
    let [first, second] = provider.log().with(Endpoint::Api)[..] else {
        panic!("{}", provider.log());
    };
    assert_eq!(nonce(&first.request), None);
    let given = first.response.headers()["dpop-nonce"].to_str().unwrap();
    assert_eq!(nonce(&second.request).as_deref(), Some(given));
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_pushed_request_proves_the_key_and_binds_the_code() {
    let (mut provider, client) = bound(strict());
    let flow = client.push(NOW, "mail").unwrap();
    let (url, pending) = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(requests(&provider, Endpoint::Pushed), 2);
    let pushed = provider.log().with(Endpoint::Pushed)[1];
    let thumbprint = client.dpop_key().unwrap().thumbprint();
    let body = String::from_utf8(pushed.request.body().clone()).unwrap();
    assert!(body.contains(&format!("&dpop_jkt={thumbprint}")), "{body}");
    assert_eq!(pending.dpop_jkt(), Some(thumbprint));
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let signed_in = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(signed_in.tokens().token_type(), TokenType::Dpop);
    // The nonce of the pushed request's answer was the newest of the server.
    assert_eq!(requests(&provider, Endpoint::Token), 1);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_device_polls_with_proofs() {
    let (mut provider, client) = bound(strict());
    provider.settings.device.polls = vec![PollAnswer::Pending, PollAnswer::SlowDown];
    let pending = run(&mut provider, NOW, client.device("mail").unwrap()).unwrap();
    let flow = client.poll(pending).unwrap();
    let granted = Patience::new(&mut provider).run(flow).unwrap();
    assert_eq!(granted.token_type(), TokenType::Dpop);
    // Three polls, and the first once more with a nonce.
    assert_eq!(requests(&provider, Endpoint::Token), 4);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn tokens_are_exchanged_for_bound_ones_by_every_kind_of_key() {
    for algorithm in [
        Algorithm::Ps256,
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Ed25519,
    ] {
        let (mut provider, client) = bound(strict());
        let client = client.with_dpop(key(algorithm));
        let granted = tokens(&mut provider, &client, "mail");
        let issued = run(&mut provider, NOW, client.exchange(&granted)).unwrap();
        assert_eq!(issued.token_type(), Some(TokenType::Dpop), "{algorithm}");
        let granted = issued.into_tokens().unwrap();
        run(&mut provider, NOW, client.call(&granted, api())).unwrap();
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

/// A server that speaks of no proofs gives bearer tokens: that is a downgrade, and they are not used.
#[test]
fn a_server_without_proofs_is_refused() {
    let (mut provider, client) = bound(DpopSettings::default());
    let request = AuthorizationRequest::new("mail");
    let (url, pending) = client.authorize(NOW, request).unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    assert_eq!(error.check().unwrap().id(), "DPOP-TOKEN-TYPE");
}

/// A server that wants proofs says so to a client that has no key, once.
#[test]
fn a_client_without_a_key_is_told() {
    let (mut provider, client) = bound(strict());
    let (_, keyless) = parties(ISSUER, ClientRecord::public("app"), Authentication::None);
    let granted = tokens(&mut provider, &client, "mail");
    let call = keyless.call(&granted, api());
    let error = run(&mut provider, NOW, call).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::OtherKey { .. })),
        "{error}"
    );
    assert_eq!(requests(&provider, Endpoint::Api), 0);

    let before = requests(&provider, Endpoint::Token);
    let call = keyless.client_credentials("mail");
    let Error::Refused(refusal) = run(&mut provider, NOW, call).unwrap_err() else {
        panic!("the server takes requests without proofs");
    };
    assert_eq!(refusal.code(), Some(&ErrorCode::InvalidDpopProof));
    assert_eq!(requests(&provider, Endpoint::Token), before + 1);
}

/// Clones of a client share what servers said.
#[test]
fn clones_share_the_nonces() {
    let (mut provider, client) = bound(strict());
    let granted = tokens(&mut provider, &client, "mail");
    let clone = client.clone();
    run(&mut provider, NOW, clone.call(&granted, api())).unwrap();
    run(&mut provider, NOW, client.call(&granted, api())).unwrap();
    assert_eq!(requests(&provider, Endpoint::Api), 3);
    let call: Call<_> = client.refresh(&granted).unwrap();
    run(&mut provider, NOW, call).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 3);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}
