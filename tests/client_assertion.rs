//! Client assertions, byte for byte (RFC 7523 §3, OpenID Connect Core 1.0 §9): `client_secret_jwt` and
//! `private_key_jwt`, by keys here and elsewhere, at every endpoint that wants to know the client.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use std::time::Duration;

use oauth_proto::base::base64url;
use oauth_proto::base::secret::Secret;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::revocation::Revocation;
use url::form_urlencoded;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::JTI;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::keys::RSA;
use crate::keys::SECRET;
use crate::keys::secret;
use crate::keys::signer;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/keys.rs"]
mod keys;

/// A client at a server with every endpoint that wants to know it.
fn client_with(authentication: Authentication) -> Client {
    let metadata = [
        (Endpoint::BackchannelAuthentication, "bc"),
        (Endpoint::DeviceAuthorization, "device"),
        (Endpoint::Introspection, "introspect"),
        (Endpoint::PushedAuthorizationRequest, "par"),
        (Endpoint::Revocation, "revoke"),
    ]
    .into_iter()
    .try_fold(metadata(), |metadata, (endpoint, path)| {
        metadata.with_endpoint(endpoint, &format!("{ISSUER}/{path}"))
    });
    client_at(metadata.unwrap(), authentication)
}

fn body(operation: &impl Operation) -> String {
    let request = operation
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    String::from_utf8(request.body().clone()).unwrap()
}

/// The one parameter of this name, as an independent reader sees it.
fn value(body: &str, name: &str) -> String {
    let pairs = form_urlencoded::parse(body.as_bytes()).into_owned();
    let mut values = pairs.filter(|(own, _)| own == name).map(|(_, value)| value);
    let value = values.next().unwrap();
    assert_eq!(values.next(), None, "{name} stands twice in {body}");
    value
}

fn assertion(client: &Client) -> String {
    value(
        &body(&Grant::client_credentials(client)),
        "client_assertion",
    )
}

/// The claims, by a reader that verifies nothing: other tests do.
fn claims(assertion: &str) -> Claims {
    let jws = Jws::parse(assertion).unwrap();
    Claims::parse(jws.danger_unverified_payload().to_vec()).unwrap()
}

/// What is signed, in clear.
fn compact(header: &str, signature: &str) -> String {
    let claims =
        format!(r#"{{"iss":"s6BhdRkqt3","sub":"s6BhdRkqt3","aud":"{ISSUER}","iat":1800000000,"#)
            + &format!(r#""exp":1800000060,"jti":"{JTI}"}}"#);
    let [header, claims] = [header, &claims].map(|text| base64url::encode(text.as_bytes()));
    format!("{header}.{claims}.{signature}")
}

#[test]
fn known_answers() {
    for (authentication, header, signature) in [
        (
            Authentication::client_secret_jwt(secret(Algorithm::Hs256)),
            r#"{"alg":"HS256","typ":"client-authentication+jwt"}"#,
            HS256,
        ),
        (
            Authentication::private_key_jwt(signer(RSA, Algorithm::Rs256)),
            r#"{"alg":"RS256","typ":"client-authentication+jwt","kid":"rsa"}"#,
            RS256,
        ),
        (
            Authentication::private_key_jwt(signer(ED25519, Algorithm::EdDsa)),
            r#"{"alg":"EdDSA","typ":"client-authentication+jwt","kid":"ed"}"#,
            EDDSA,
        ),
    ] {
        let method = authentication.method();
        let body = body(&Grant::client_credentials(&client_with(authentication)));
        let expected = format!(
            "grant_type=client_credentials&client_id=s6BhdRkqt3\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
             &client_assertion={}",
            compact(header, signature)
        );
        assert_eq!(body, expected, "{method}");
    }
}

const HS256: &str = "tFZ2L2XLv9stQ-roNBnOWTw_jCnja1GfMrjAB-itYeo";
const RS256: &str = "\
    B8AK7uLp_NTKh3mQmr9kKvy6Rqv7G03PrPQ2ZPji-nGouDErblCsGg2Q4fU1PyBij5lYGa4VWM2n2aeZvIiGfEU2pO\
    VJolPBNduW0tydHIR0yFXrt7iRVsI7bHctYqN48wJJ88I5l4qNQUD6eJYn4SXG7ZjYISCfnVfTxMOe02U8wse5n-jY\
    N2T_YN6b0S_AbnsUgegxxRyGKPwg3dpBV1GPe6XIueMNyNovKQFcOLL7ITebv-QxQLC8kZKgK1Yl8XVTWkSHFcGpQ2\
    Hd1qRpeDId4Rh3oGdl2B1kfRy8RvP4vOej2Hk9CiSLop-N5msyQ-Q3M-EyxNu88n0OsVdb_Q";
const EDDSA: &str = "\
    _NC9uO9YAgXNd33OvS9gL1lOMIkNX4e8VvNqGpQo4X42GmSC-zsHmMLSbmb_BCqJ35_p3Jme9OOWPCC6BjgxCQ";

#[test]
fn every_algorithm_verifies_with_the_public_key() {
    for (key, algorithm) in [
        (RSA, Algorithm::Rs256),
        (RSA, Algorithm::Rs384),
        (RSA, Algorithm::Rs512),
        (RSA, Algorithm::Ps256),
        (RSA, Algorithm::Ps384),
        (RSA, Algorithm::Ps512),
        (P256, Algorithm::Es256),
        (ED25519, Algorithm::EdDsa),
        (ED25519, Algorithm::Ed25519),
    ] {
        let signer = signer(key, algorithm);
        let public = signer.public().unwrap().clone();
        let verifier = Verifier::new(&*crypto::default_provider(), public).unwrap();
        let assertion = assertion(&client_with(Authentication::private_key_jwt(signer)));
        let jws = Jws::parse(&assertion).unwrap();
        assert_eq!(jws.algorithm(), algorithm);
        let verified = jws.verify(algorithm, &verifier).unwrap();
        assert_eq!(
            verified.into_claims().unwrap().subject(),
            Some("s6BhdRkqt3")
        );
    }
}

#[test]
fn every_hmac_verifies_with_the_secret() {
    let long = Secret::from(SECRET.repeat(2));
    let crypto = crypto::default_provider();
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let signer = Signer::secret(crypto.clone(), &long, algorithm).unwrap();
        let assertion = assertion(&client_with(Authentication::client_secret_jwt(signer)));
        let verifier = Verifier::secret(crypto.clone(), &long);
        let jws = Jws::parse(&assertion).unwrap();
        assert!(jws.verify(algorithm, &verifier).is_ok(), "{algorithm}");
    }
}

#[test]
fn the_issuer_is_the_only_audience_unless_another_is_said() {
    let made = |own: fn(ClientAssertion) -> ClientAssertion| {
        let signer = Signer::remote("key", Algorithm::Es256);
        let client = client_with(Authentication::private_key_jwt(own(ClientAssertion::new(
            signer,
        ))));
        let draft = Revocation::token(&client, "t0ken").request(NOW).unwrap();
        let input = draft.signing_input().unwrap().compact(b"signature");
        let audience = claims(&input).audience().unwrap().clone();
        audience.names().join(" ")
    };
    assert_eq!(made(|own| own), ISSUER);
    assert_eq!(
        made(|own| own.with_audience("urn:example:as")),
        "urn:example:as"
    );
    assert_eq!(
        made(ClientAssertion::danger_with_token_endpoint_audience),
        format!("{ISSUER}/token")
    );
    assert_eq!(
        made(ClientAssertion::danger_with_endpoint_audience),
        format!("{ISSUER}/revoke")
    );
}

#[test]
fn a_server_without_issuer_needs_an_audience() {
    let anonymous = Metadata::without_issuer(UriPolicy::default())
        .with_endpoint(Endpoint::Token, "https://id.example/token")
        .unwrap();
    let assertion = ClientAssertion::new(signer(ED25519, Algorithm::EdDsa));
    let authentication = Authentication::private_key_jwt(assertion.clone());
    let client = client_at(anonymous.clone(), authentication);
    let error = Grant::client_credentials(&client).request(NOW).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::NoAudience)),
        "{error}"
    );

    let assertion = assertion.with_audience("https://id.example");
    let client = client_at(anonymous, Authentication::private_key_jwt(assertion));
    assert!(Grant::client_credentials(&client).request(NOW).is_ok());
}

#[test]
fn a_remote_key_leaves_a_place_at_every_endpoint() {
    let signer = Signer::remote("kms", Algorithm::Es256).with_kid("2026-11");
    let client = client_with(Authentication::private_key_jwt(signer));
    let asked = BackchannelAuthenticationRequest::new("mail").login_hint("ada");
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    let drafts = [
        Grant::client_credentials(&client).request(NOW),
        Grant::refresh_token(&client, "t0ken").request(NOW),
        Revocation::token(&client, "t0ken").request(NOW),
        IntrospectionRequest::token(&client, "t0ken").request(NOW),
        BackchannelAuthentication::new(&client, asked).and_then(|operation| operation.request(NOW)),
        DeviceAuthorization::new(&client, "mail").and_then(|operation| operation.request(NOW)),
        pushed.request(NOW),
    ];
    for draft in drafts {
        let draft = draft.unwrap();
        let input = draft.signing_input().unwrap();
        assert_eq!(input.key(), "kms");
        assert_eq!(input.scheme(), Algorithm::Es256);
        let expected = input.compact(b"signature");
        let draft = draft.signed(b"signature").unwrap();
        assert!(draft.signing_input().is_none());
        let request = draft.into_request().unwrap();
        let body = std::str::from_utf8(request.body()).unwrap();
        assert_eq!(value(body, "client_assertion"), expected);
        assert_eq!(value(body, "client_id"), "s6BhdRkqt3");
        assert!(!request.headers().contains_key("authorization"));
        let jws = Jws::parse(&expected).unwrap();
        assert_eq!(jws.header().kid(), Some("2026-11"));
        assert_eq!(jws.header().typ(), Some("client-authentication+jwt"));
    }
}

#[test]
fn each_try_has_an_identifier_and_a_time_of_its_own() {
    let client = Client::new(
        metadata(),
        "app",
        Authentication::private_key_jwt(signer(ED25519, Algorithm::EdDsa)),
    )
    .unwrap();
    let grant = Grant::client_credentials(&client);
    let made = |now| {
        let request = grant.request(now).and_then(Draft::into_request).unwrap();
        let body = String::from_utf8(request.body().clone()).unwrap();
        claims(&value(&body, "client_assertion"))
    };
    let later = NOW.saturating_add(Duration::from_secs(5));
    let (first, second) = (made(NOW), made(later));
    assert_ne!(first.jti(), second.jti());
    // 128 bits.
    assert_eq!(base64url::decode(first.jti().unwrap()).unwrap().len(), 16);
    assert_eq!(first.issued_at(), Some(NOW));
    assert_eq!(second.issued_at(), Some(later));
    let lifetime = Duration::from_secs(60);
    assert_eq!(second.expires_at(), Some(later.saturating_add(lifetime)));
    assert_eq!(second.not_before(), None);
}

#[test]
fn lifetime_and_type_are_options() {
    let own = ClientAssertion::new(signer(ED25519, Algorithm::EdDsa))
        .with_lifetime(Duration::from_secs(300))
        .with_type("JWT");
    let assertion = assertion(&client_with(Authentication::private_key_jwt(own.clone())));
    assert_eq!(Jws::parse(&assertion).unwrap().header().typ(), Some("JWT"));
    let end = NOW.saturating_add(Duration::from_secs(300));
    assert_eq!(claims(&assertion).expires_at(), Some(end));

    for lifetime in [0, 24 * 60 * 60 + 1] {
        let own = own.clone().with_lifetime(Duration::from_secs(lifetime));
        let client = Client::new(metadata(), "app", Authentication::private_key_jwt(own));
        let error = client.unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Lifetime(_))),
            "{error}"
        );
    }
}

#[test]
fn a_public_client_asserts_nothing() {
    let body = body(&Grant::client_credentials(&client()));
    assert_eq!(body, "grant_type=client_credentials&client_id=s6BhdRkqt3");
}

#[test]
fn the_method_and_the_algorithm_must_agree() {
    for authentication in [
        Authentication::client_secret_jwt(signer(RSA, Algorithm::Rs256)),
        Authentication::private_key_jwt(secret(Algorithm::Hs256)),
    ] {
        let error = Client::new(metadata(), "app", authentication).unwrap_err();
        let expected = matches!(error, Error::Misuse(Misuse::SigningAlgorithm { .. }));
        assert!(expected, "{error}");
    }
}

#[test]
fn a_client_prints_no_key() {
    for (authentication, key) in [
        (
            Authentication::client_secret_jwt(secret(Algorithm::Hs256)),
            SECRET,
        ),
        (
            Authentication::private_key_jwt(signer(ED25519, Algorithm::EdDsa)),
            "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        ),
    ] {
        let client = client_with(authentication);
        let grant = Grant::client_credentials(&client);
        let draft = grant.request(NOW).unwrap();
        for text in [
            format!("{client:?}"),
            format!("{grant:?}"),
            format!("{draft:?}"),
        ] {
            assert!(!text.contains(key), "{text}");
            assert!(!text.contains("eyJhbGc"), "{text}");
        }
    }
}
