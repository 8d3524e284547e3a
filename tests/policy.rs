//! Named policies: what each refuses, at the client and at its requests, one demand after the other.

#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#![cfg(test)]

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::hooks::Hooks;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::policy::Demand;
use oauth_proto::domain::policy::Policy;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::relaxation::Relaxation;
use oauth_proto::domain::request_objects::RequestObjects;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::response_type::ResponseType;
use oauth_proto::oauth1;
use oauth_proto::oauth1::method::SignatureMethod;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The key of RFC 8037 appendix A.1.
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"2027",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn signer() -> Signer {
    let key = PrivateJwk::parse(KEY).unwrap();
    Signer::new(&default_provider(), &key, Algorithm::EdDsa).unwrap()
}

fn by(authentication: Authentication) -> Client {
    let metadata = [
        (Endpoint::Authorization, "authorize"),
        (Endpoint::Token, "token"),
        (Endpoint::PushedAuthorizationRequest, "par"),
    ]
    .into_iter()
    .try_fold(
        Metadata::new("https://id.example", UriPolicy::default()).unwrap(),
        |metadata, (endpoint, path)| {
            metadata.with_endpoint(endpoint, &format!("https://id.example/{path}"))
        },
    )
    .unwrap();
    Client::new(metadata, "s6BhdRkqt3", authentication)
        .and_then(|client| client.with_redirect_uri("https://app.example/callback"))
        .unwrap()
}

/// A client that meets every demand that is met by a client.
fn able() -> Client {
    by(Authentication::private_key_jwt(signer()))
        .with_certificate_bound_access_tokens()
        .with_request_objects(signer())
        .unwrap()
}

#[track_caller]
fn demanded<T>(outcome: Result<T, Error>) -> Demand {
    match outcome {
        Err(Error::Misuse(Misuse::Policy { demand, .. })) => demand,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is allowed"),
    }
}

#[test]
fn a_secret_is_no_key() {
    for authentication in [
        Authentication::None,
        Authentication::client_secret_basic("s3cret"),
        Authentication::client_secret_post("s3cret"),
    ] {
        let outcome = by(authentication).with_policy(Policy::fapi2_security());
        assert_eq!(demanded(outcome), Demand::KeyAuthentication);
    }
    for authentication in [
        Authentication::private_key_jwt(signer()),
        Authentication::TlsClientAuth,
        Authentication::SelfSignedTlsClientAuth,
    ] {
        assert!(
            by(authentication)
                .with_policy(Policy::fapi2_security())
                .is_ok()
        );
    }
}

#[test]
fn a_weaker_algorithm_is_refused_whoever_signs_by_it() {
    let agreed = ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::Rs256);
    let client = able().with_response_algorithms(agreed);
    let outcome = client.clone().with_policy(Policy::fapi2_security());
    assert_eq!(demanded(outcome), Demand::StrongAlgorithms);
    let policy = Policy::fapi2_security().danger_without(Demand::StrongAlgorithms);
    assert!(client.with_policy(policy).is_ok());

    // Said after the policy was, it is refused at the first request.
    let client = able().with_policy(Policy::fapi2_security()).unwrap();
    let client = client.with_response_algorithms(agreed);
    let grant = Grant::client_credentials(&client);
    assert_eq!(demanded(grant.request(NOW)), Demand::StrongAlgorithms);
}

#[test]
fn the_server_is_named_by_its_issuer_in_what_is_signed_for_it() {
    let assertion = || ClientAssertion::new(signer());
    for (assertion, is_issuer) in [
        (assertion(), true),
        (assertion().with_audience("https://id.example"), true),
        (assertion().with_audience("https://id.example/"), false),
        (assertion().danger_with_token_endpoint_audience(), false),
        (assertion().danger_with_endpoint_audience(), false),
    ] {
        let client = by(Authentication::private_key_jwt(assertion));
        let outcome = client.clone().with_policy(Policy::fapi2_security());
        if is_issuer {
            assert!(outcome.is_ok());
            continue;
        }
        assert_eq!(demanded(outcome), Demand::IssuerAudience);
        let policy = Policy::fapi2_security().danger_without(Demand::IssuerAudience);
        assert!(client.with_policy(policy).is_ok());
    }
    let objects = RequestObjects::new(signer()).with_audience("https://id.example/par");
    let client = able().with_request_objects(objects).unwrap();
    let outcome = client.with_policy(Policy::fapi2_message_signing());
    assert_eq!(demanded(outcome), Demand::IssuerAudience);
}

#[test]
fn a_signed_request_lasts_an_hour_at_most() {
    let outcome = |seconds| {
        let objects = RequestObjects::new(signer()).with_lifetime(Duration::from_secs(seconds));
        let client = able().with_request_objects(objects).unwrap();
        let client = client.with_policy(Policy::fapi2_message_signing()).unwrap();
        let request = AuthorizationRequest::new("mail").response_mode(ResponseMode::Jwt);
        client
            .pushed_authorization_request(NOW, request)
            .map(|_| ())
    };
    assert!(outcome(3_600).is_ok());
    assert_eq!(demanded(outcome(3_601)), Demand::SignedRequests);
}

#[test]
fn a_bearer_token_is_not_asked_for() {
    let client = by(Authentication::private_key_jwt(signer()))
        .with_policy(Policy::fapi2_security())
        .unwrap();
    let outcome = Grant::client_credentials(&client).request(NOW);
    assert_eq!(demanded(outcome), Demand::BoundTokens);
    let bound = client.clone().with_certificate_bound_access_tokens();
    assert!(Grant::client_credentials(&bound).request(NOW).is_ok());
    let key = |algorithm| DpopKey::generate(&default_provider(), algorithm).unwrap();
    let bound = client.clone().with_dpop(key(Algorithm::Es256));
    assert!(Grant::client_credentials(&bound).request(NOW).is_ok());
    let bound = client.with_dpop(key(Algorithm::Es384));
    let outcome = Grant::client_credentials(&bound).request(NOW);
    assert_eq!(demanded(outcome), Demand::StrongAlgorithms);
}

#[test]
fn a_request_meets_every_demand_or_is_not_made() {
    let client = able().with_policy(Policy::fapi2_message_signing()).unwrap();
    let good = || AuthorizationRequest::new("mail").response_mode(ResponseMode::Jwt);
    assert_eq!(
        demanded(client.authorize(NOW, good())),
        Demand::PushedRequests
    );
    let push = |request| client.pushed_authorization_request(NOW, request);
    assert!(push(good()).is_ok());
    for (request, demand) in [
        (
            good().danger_response_type(ResponseType::CodeToken),
            Demand::CodeOnly,
        ),
        (good().danger_plain_challenge(), Demand::ProofKey),
        (good().danger_without_challenge(), Demand::ProofKey),
        (AuthorizationRequest::new("mail"), Demand::SignedResponses),
    ] {
        assert_eq!(demanded(push(request)), demand);
    }
    let unsigned = by(Authentication::private_key_jwt(signer()))
        .with_certificate_bound_access_tokens()
        .with_policy(Policy::fapi2_message_signing())
        .unwrap();
    let outcome = unsigned.pushed_authorization_request(NOW, good());
    assert_eq!(demanded(outcome), Demand::SignedRequests);
}

#[test]
fn a_response_names_its_issuer_where_that_is_demanded() {
    for policy in [Policy::strict(), Policy::strict().with(Demand::IssuerNamed)] {
        let client = able().with_policy(policy).unwrap();
        let (_, pending) = client.authorize(NOW, "mail").unwrap();
        let callback = format!("code=c0de&state={}", pending.state());
        let outcome = client.authorization_response(NOW, pending, &callback);
        let check = outcome.err().and_then(|error| error.check());
        let is_demanded = policy.has(Demand::IssuerNamed);
        assert_eq!(check, is_demanded.then_some(Check::CallbackIssMissing));
    }
}

#[test]
fn the_default_demands_nothing_more_and_what_is_tolerated_adds_up() {
    let client = by(Authentication::None);
    assert_eq!(client.policy(), Policy::strict());
    let client = client
        .with_quirks([Quirk::RawBasicCredentials])
        .and_then(|client| client.with_policy(Policy::compat()))
        .unwrap();
    let expected = Policy::compat().quirks().iter();
    let expected = expected.chain([Quirk::RawBasicCredentials]).collect();
    assert_eq!(client.quirks(), expected);
    assert!(client.authorize(NOW, "mail").is_ok());
}

fn listed(client: &Client) -> Vec<String> {
    let names = client.relaxations();
    names.map(|one| one.to_string()).collect()
}

/// Each relaxation has a name of its own, and all that are in force are listed.
#[test]
fn what_is_relaxed_is_listed() {
    assert_eq!(listed(&by(Authentication::None)), [""; 0]);

    let crypto = default_provider();
    let secret = "short".into();
    let short = Signer::danger_short_secret(crypto, &secret, Algorithm::Hs256).unwrap();
    let assertion = ClientAssertion::new(short).danger_with_token_endpoint_audience();
    let metadata = Metadata::new("http://[::1]:8080", UriPolicy::danger_http_on_loopback());
    let client = Client::new(
        metadata.unwrap(),
        "app",
        Authentication::client_secret_jwt(assertion),
    );
    let demand = Demand::ProofKey;
    let policy = Policy::strict().with(demand).danger_without(demand);
    let client = client
        .and_then(|client| client.with_quirks([Quirk::CommaScope]))
        .and_then(|client| client.with_policy(policy))
        .and_then(|client| client.danger_tenant_issuer("https://id.example/{tenantid}/"))
        .unwrap()
        .danger_with_hooks(
            Hooks::new()
                .danger_on_protected_request(|_| ())
                .danger_on_access_token_request(|_| ())
                .danger_on_refresh_token_request(|_| ())
                .danger_on_refresh_token_response(|_| ())
                .danger_on_access_token_response(|_| ())
                .danger_on_access_token_response(|_| ()),
        );
    let expected = [
        "quirk:comma-scope",
        "http-on-loopback",
        "tenant-issuer",
        "token-endpoint-audience",
        "short-secret",
        "hook:access-token-request",
        "hook:access-token-response",
        "hook:refresh-token-request",
        "hook:refresh-token-response",
        "hook:protected-request",
    ];
    assert_eq!(listed(&client), expected);

    let assertion = ClientAssertion::new(Signer::remote("kms", Algorithm::Es256));
    let client = by(Authentication::private_key_jwt(
        assertion.danger_with_endpoint_audience(),
    ));
    assert_eq!(listed(&client), ["endpoint-audience"]);
}

#[test]
fn what_a_client_of_oauth_1_relaxes_is_listed() {
    let on = |policy| {
        let method = SignatureMethod::plaintext("s3cret");
        oauth1::client::Client::new(Metadata::without_issuer(policy), "app", method).unwrap()
    };
    assert_eq!(on(UriPolicy::default()).relaxations().count(), 0);
    let client = on(UriPolicy::danger_http_on_loopback())
        .with_quirks([Quirk::CallbackConfirmedCase])
        .danger_secrets_in_query();
    let names: Vec<_> = client.relaxations().map(|one| one.to_string()).collect();
    let expected = [
        "quirk:callback-confirmed-case",
        "http-on-loopback",
        "secrets-in-query",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_is_taken_out_of_a_policy_is_a_relaxation_of_it() {
    for demand in Policy::fapi2_message_signing().demands() {
        let policy = Policy::fapi2_message_signing().danger_without(demand);
        let relaxations: Vec<_> = policy.relaxations().collect();
        assert_eq!(relaxations, [Relaxation::Without(demand)]);
        let text = format!("{policy:?}");
        assert!(text.contains(&format!("[Without({demand:?})]")), "{text}");
        assert_eq!(policy.with(demand).relaxations().count(), 0);
    }
    let client = by(Authentication::TlsClientAuth);
    let policy = Policy::fapi2_security().danger_without(Demand::PushedRequests);
    let client = client.with_policy(policy).unwrap();
    assert_eq!(listed(&client), ["without:pushed-requests"]);
    let client = by(Authentication::None)
        .with_policy(Policy::compat())
        .unwrap();
    let own: Vec<_> = client.relaxations().collect();
    assert_eq!(own, Policy::compat().relaxations().collect::<Vec<_>>());
    assert!(own.contains(&Relaxation::Quirk(Quirk::CommaScope)));
}

#[test]
fn what_is_demanded_is_said() {
    let outcome = by(Authentication::None).with_policy(Policy::fapi2_security());
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "the policy `fapi2_security` demands private_key_jwt or mutual TLS as the client's \
         authentication"
    );
}
