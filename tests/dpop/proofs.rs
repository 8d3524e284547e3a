//! What a proof says (RFC 9449 §4.2), and where its key's thumbprint goes (§10).

use http::Request;
use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::verifier::Verifier;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::endpoint::response_type::ResponseType;
use serde_json::json;

use crate::bound::key;
use crate::bound::stored;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::dpop::proof;
use crate::fixed::JTI;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::keys::RSA;
use crate::keys::SECRET;

/// RFC 8037 appendix A.3.
pub(crate) const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

pub(crate) fn client() -> Client {
    let pushed = format!("{ISSUER}/par");
    let metadata = metadata()
        .with_endpoint(Endpoint::PushedAuthorizationRequest, &pushed)
        .unwrap();
    client_at(metadata, Authentication::None).with_dpop(key(ED25519, Algorithm::EdDsa))
}

/// A client with this key at a server that lists these algorithms for proofs.
fn at_a_server_with(algorithms: &str, key: DpopKey) -> Client {
    let document = format!(
        r#"{{"issuer":"{ISSUER}","authorization_endpoint":"{ISSUER}/authorize","token_endpoint":"{ISSUER}/token",
            "device_authorization_endpoint":"{ISSUER}/device","introspection_endpoint":"{ISSUER}/introspect",
            "backchannel_authentication_endpoint":"{ISSUER}/ciba",
            "pushed_authorization_request_endpoint":"{ISSUER}/par",
            "dpop_signing_alg_values_supported":{algorithms}}}"#
    );
    let metadata = Metadata::parse(document.as_bytes(), UriPolicy::default()).unwrap();
    client_at(metadata, Authentication::None).with_dpop(key)
}

/// RFC 9449 §5.1: what the server does not take is not sent, and no user is sent away for it.
#[test]
fn a_key_that_the_server_takes_no_proofs_by_is_refused_early() {
    let client = at_a_server_with(r#"["PS256","ES384"]"#, key(P256, Algorithm::Es256));
    let listed = client.metadata().dpop_signing_alg_values_supported();
    assert_eq!(listed.unwrap(), ["PS256", "ES384"]);
    let ciba = || BackchannelAuthenticationRequest::new("mail").login_hint("ada");
    let errors = [
        client.authorize(NOW, "mail").map(drop),
        client.push(NOW, "mail").map(drop),
        client.device("mail").map(drop),
        client.backchannel(ciba()).map(drop),
        Grant::client_credentials(&client).request(NOW).map(drop),
        Grant::refresh_token(&client, "R").request(NOW).map(drop),
    ];
    for error in errors.map(Result::unwrap_err) {
        assert_eq!(
            error.to_string(),
            "the DPoP key signs by ES256, and the server takes proofs by PS256, ES384"
        );
        assert_eq!(error.remedy(), Remedy::FixConfiguration);
        let refused = matches!(
            error,
            Error::Unsupported(Unsupported::DpopAlgorithm {
                algorithm: Algorithm::Es256,
                ..
            })
        );
        assert!(refused, "{error}");
    }
    // Where no proof goes, nothing is refused; what a resource takes is its own to say.
    let introspection = IntrospectionRequest::token(&client, "t");
    assert!(introspection.request(NOW).is_ok());
    let call = ResourceRequest::new(
        &at_a_server_with(r#"["PS256"]"#, key(ED25519, Algorithm::EdDsa)),
        &stored(),
        Request::get("https://rs.example/")
            .body(Vec::new())
            .unwrap(),
    );
    assert!(call.request(NOW).is_ok());
}

#[test]
fn a_key_that_is_listed_or_a_server_without_a_list_is_taken() {
    for algorithms in [r#"["ES256"]"#, r#"["PS256","ES256"]"#, "[]", "null", "7"] {
        let client = at_a_server_with(algorithms, key(P256, Algorithm::Es256));
        assert!(client.authorize(NOW, "mail").is_ok(), "{algorithms}");
        assert!(Grant::client_credentials(&client).request(NOW).is_ok());
    }
    // A name is compared as it is: `EdDSA` in a header is not `Ed25519`.
    let client = at_a_server_with(r#"["Ed25519"]"#, key(ED25519, Algorithm::EdDsa));
    assert!(client.authorize(NOW, "mail").is_err());
    let client = at_a_server_with(r#"["Ed25519"]"#, key(ED25519, Algorithm::Ed25519));
    assert!(client.authorize(NOW, "mail").is_ok());
}

fn made(operation: &impl Operation) -> Request<Vec<u8>> {
    let request = operation.request(NOW).and_then(Draft::into_request);
    request.unwrap().into_http()
}

fn header() -> serde_json::Value {
    json!({
        "typ": "dpop+jwt",
        "alg": "EdDSA",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    })
}

#[test]
fn a_proof_for_the_token_endpoint_says_this_and_no_more() {
    let request = made(&Grant::refresh_token(&client(), "R"));
    let claims = json!({
        "jti": JTI,
        "htm": "POST",
        "htu": "https://server.example.com/token",
        "iat": 1_800_000_000,
    });
    assert_eq!(proof(&request), (header(), claims));
    assert!(request.headers()["dpop"].is_sensitive());
}

#[test]
fn a_proof_for_a_resource_has_the_hash_of_the_token() {
    let address = "https://resource.example.org/protectedresource?q=1";
    let request = Request::get(address).body(Vec::new()).unwrap();
    let request = made(&ResourceRequest::new(&client(), &stored(), request));
    let claims = json!({
        "jti": JTI,
        "htm": "GET",
        "htu": "https://resource.example.org/protectedresource",
        "iat": 1_800_000_000,
        "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
    });
    assert_eq!(proof(&request), (header(), claims));
    let credentials = "DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(request.headers()["authorization"], credentials);
    assert!(request.headers()["authorization"].is_sensitive());
}

#[test]
fn the_signature_is_of_the_key_in_the_header() {
    let client = client().with_dpop(key(P256, Algorithm::Es256));
    let request = made(&Grant::refresh_token(&client, "R"));
    let text = request.headers()["dpop"].to_str().unwrap();
    let jws = Jws::parse(text).unwrap();
    let own = jws.header().jwk().unwrap().unwrap();
    assert_eq!(own.thumbprint(), client.dpop_key().unwrap().thumbprint());
    let verifier = Verifier::new(&*crypto::default_provider(), own).unwrap();
    assert!(jws.verify(Algorithm::Es256, &verifier).is_ok());
}

#[test]
fn every_try_has_another_identifier_of_128_bits() {
    let client = client().with_crypto(crypto::default_provider());
    let grant = Grant::refresh_token(&client, "R");
    let id = || proof(&made(&grant)).1["jti"].as_str().unwrap().to_owned();
    let (one, other) = (id(), id());
    assert_ne!(one, other);
    assert_eq!(base64url::decode(&one).unwrap().len(), 16);
}

/// RFC 9449 §6.1 and RFC 8037 appendix A.3.
#[test]
fn thumbprints_are_those_of_the_examples() {
    let example = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
    let public = Jwk::parse(example).unwrap();
    let remote = DpopKey::remote("kms", Algorithm::Es256, public).unwrap();
    assert_eq!(
        remote.thumbprint(),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
    assert!(remote.is_remote() && remote.to_private_json().is_none());
    assert_eq!(key(ED25519, Algorithm::EdDsa).thumbprint(), THUMBPRINT);
}

#[test]
fn authorization_requests_name_the_key_where_a_code_comes_of_them() {
    let client = client();
    let (url, pending) = client.authorize(NOW, "mail").unwrap();
    let named = format!("&dpop_jkt={THUMBPRINT}");
    assert_eq!(url.as_str().matches(&named).count(), 1, "{}", url.as_str());
    assert_eq!(pending.dpop_jkt(), Some(THUMBPRINT));

    let (pushed, pending) = client.pushed_authorization_request(NOW, "mail").unwrap();
    let request = made(&pushed);
    let body = String::from_utf8(request.body().clone()).unwrap();
    assert!(body.contains(&named), "{body}");
    assert_eq!(pending.dpop_jkt(), Some(THUMBPRINT));
    assert_eq!(proof(&request).1["htu"], "https://server.example.com/par");

    let request = AuthorizationRequest::new("mail").danger_response_type(ResponseType::Token);
    let (url, pending) = client.authorize(NOW, request).unwrap();
    assert!(!url.as_str().contains("dpop_jkt"));
    assert_eq!(pending.dpop_jkt(), None);
}

#[test]
fn a_key_is_asymmetric_and_fits_its_algorithm() {
    let crypto = crypto::default_provider();
    let ed25519 = PrivateJwk::parse(ED25519).unwrap();
    let rsa = PrivateJwk::parse(RSA).unwrap();
    let secret = PrivateJwk::symmetric(SECRET.as_bytes().to_vec().into());
    for (key, algorithm) in [
        (&ed25519, Algorithm::Es256),
        (&rsa, Algorithm::Es256),
        (&ed25519, Algorithm::Hs256),
        (&secret, Algorithm::Hs256),
    ] {
        let fault = DpopKey::new(&crypto, key, algorithm).unwrap_err();
        assert_eq!(fault, KeyFault::Unfit, "{algorithm}");
    }
    let made = DpopKey::generate(&crypto, Algorithm::Hs256);
    assert_eq!(made.unwrap_err(), KeyFault::Unfit);
    let public = ed25519.public().unwrap();
    assert!(DpopKey::remote("kms", Algorithm::Es256, public).is_err());
}

/// The sign that a clock is an argument: the moment of the proof is the one that was said.
#[test]
fn a_proof_is_of_its_moment() {
    let moment = UnixTime::from_secs(7);
    let grant = Grant::refresh_token(&client(), "R");
    let request = grant.request(moment).and_then(Draft::into_request).unwrap();
    assert_eq!(proof(&request).1["iat"], 7);
}
